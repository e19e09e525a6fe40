//! Steps made of the parts of a split equation, one part at a time: flows in a row, and stochastic gradient descent on average.
//!
//! For ẏ = f₁(y) + … + f_N(y) the flow of one part has the weight of the exact flow on trees in its colour and 0 elsewhere.
//! Compositions of such flows are splitting methods (Trotter 1959; Strang 1968; GNI, §II.5). Gradient descent over
//! mini-batches takes explicit Euler steps with one part after the other, in an order drawn at random for every epoch; what an
//! epoch does on average over all orders is again a series (Smith, Dherin, Barrett & De 2021).

use std::collections::BTreeSet;
use std::sync::Arc;

use shadowflow_methods::{Rational, Ring};

use crate::algebra::{AlgebraError, BSeries};
use crate::coloured::{ColouredTreeId, ColouredTrees};
use crate::rooted_tree::parents;

impl<R: Ring> BSeries<R, ColouredTrees> {
    /// Exact flows of single parts in a row, each given by its colour, from 0, and the fraction of the step it takes; the first
    /// of the list goes first.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, ColouredTrees};
    /// use shadowflow_methods::Exact;
    /// let trees = Arc::new(ColouredTrees::through(3, 2)?);
    /// // Ruth (1983), order 3.
    /// let ratio = Exact::ratio;
    /// let flows = [(0, ratio(7, 24)), (1, ratio(2, 3)), (0, ratio(3, 4)), (1, ratio(-2, 3)), (0, ratio(-1, 24)), (1, ratio(1, 1))];
    /// assert_eq!(BSeries::splitting(&trees, &flows)?, BSeries::exact_flow(&trees));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the trees lack one of the colours.
    pub fn splitting(trees: &Arc<ColouredTrees>, flows: &[(usize, R)]) -> Result<Self, AlgebraError> {
        let flow = BSeries::exact_flow(trees);
        flows.iter().try_fold(BSeries::identity(trees), |so_far, (colour, fraction)| {
            let (colour, colours) = (*colour, trees.colours());
            if colour >= colours {
                return Err(AlgebraError::NoSuchColour { colour, colours });
            }
            so_far.then(&flow.restricted_to(colour).rescaled(fraction))
        })
    }

    /// The series in which every part but one is 0.
    fn restricted_to(&self, colour: usize) -> Self {
        let trees = self.trees();
        BSeries::from_fn(trees, self.empty().clone(), |trees, tree| {
            let alike = trees.vertex_colours(tree).iter().all(|&other| usize::from(other) == colour);
            if alike { self.coefficient(tree).clone() } else { R::zero() }
        })
    }

    /// The Lie–Trotter splitting: the flow of every part over the step, in the order of the colours (Trotter 1959).
    pub fn lie_trotter(trees: &Arc<ColouredTrees>) -> Self {
        let flows: Vec<_> = (0..trees.colours()).map(|colour| (colour, R::one())).collect();
        BSeries::splitting(trees, &flows).expect("the colours are those of the trees")
    }

    /// The symmetric splitting: half a step of every part but the last, the last over the step, and the halves again in
    /// opposite order (Strang 1968; Marchuk 1968).
    pub fn strang(trees: &Arc<ColouredTrees>) -> Self {
        let last = trees.colours() - 1;
        let halves = |colour| (colour, R::ratio(1, 2));
        let flows: Vec<_> =
            (0..last).map(halves).chain([(last, R::one())]).chain((0..last).rev().map(halves)).collect();
        BSeries::splitting(trees, &flows).expect("the colours are those of the trees")
    }

    /// Stochastic gradient descent without replacement, an epoch on average: the mean over all orders of the parts of
    /// explicit Euler steps with step h, one with each part (Smith, Dherin, Barrett & De 2021).
    ///
    /// With f_k = -∇C_k for m mini-batches of mean loss C its logarithm begins h Σ f_k - h²/2 Σ f_k'f_k, which over the time
    /// mh of an epoch is the gradient flow of C + (h/4m) Σ |∇C_k|².
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, ColouredTrees};
    /// use shadowflow_methods::Exact;
    /// let trees = Arc::new(ColouredTrees::through(2, 5)?);
    /// let epoch = BSeries::<Exact, _>::shuffled(&trees).logarithm()?;
    /// assert_eq!(epoch.coefficient(trees.find(&[1, 2], &[3, 3])?), &Exact::ratio(-1, 2));
    /// assert_eq!(epoch.coefficient(trees.find(&[1, 2], &[3, 4])?), &Exact::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shuffled(trees: &Arc<ColouredTrees>) -> Self {
        BSeries::from_fn(trees, R::one(), |trees, tree| R::from_rational(&share_of_orders(trees, tree)))
    }
}

/// The share of the orders of the parts in which every vertex is evaluated after its children. An order of all parts is one of
/// the parts that occur in the tree, each as often as any other.
fn share_of_orders(trees: &ColouredTrees, tree: ColouredTreeId) -> Rational {
    let colours = trees.vertex_colours(tree);
    let occurring: Vec<u8> = colours.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let place = |vertex: usize| occurring.partition_point(|&colour| colour < colours[vertex]);
    // By place: the colours of the children of vertices in this colour.
    let mut earlier = vec![0usize; occurring.len()];
    for (child, parent) in parents(&trees.levels(tree)).into_iter().enumerate().skip(1) {
        earlier[place(parent)] |= 1 << place(child);
    }
    let total: u64 = (1..=occurring.len() as u64).product();
    Rational::from_parts(linear_extensions(&earlier).into(), total.into())
}

/// How many orders put every element after those whose bits are set for it; a subset of the first ones is built up from
/// smaller ones by its last element.
fn linear_extensions(earlier: &[usize]) -> u64 {
    let mut ways = vec![0u64; 1 << earlier.len()];
    ways[0] = 1;
    for subset in 1..ways.len() {
        let may_be_last = |&last: &usize| {
            let rest = subset & !(1 << last);
            rest != subset && earlier[last] & !rest == 0
        };
        ways[subset] = (0..earlier.len()).filter(may_be_last).map(|last| ways[subset & !(1 << last)]).sum();
    }
    ways[ways.len() - 1]
}
