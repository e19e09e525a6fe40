//! Series of tableaus over any ring, and of families whose parameters stay symbols.
//!
//! N steps once more, as in [`Series::modified`](crate::Series::modified), but written once for every [`Ring`]: simple, and
//! quick enough for the orders at which functions of parameters can still be read.

use std::sync::Arc;

use shadowflow_methods::{Coefficients, MultivariatePolynomial, RationalFunction, Ring};

use crate::algebra::dot;
use crate::error::SeriesError;
use crate::free_tree::{FreeTree, free_trees};
use crate::series::SeriesKind;
use crate::tree::{TreeId, Trees, check_order};

/// The largest order of a series with symbols.
pub const MAX_PARAMETRIC_ORDER: usize = 8;

/// The coefficients b(t) of the modified equation, in the order of the table.
///
/// ```
/// use shadowflow_bseries::{Trees, modified_over};
/// use shadowflow_methods::Method;
/// let trees = Trees::through(3)?;
/// let b = modified_over(&Method::named("euler")?.tableau().coefficients().map(|x| x.to_f64()), &trees);
/// assert_eq!(b[trees.find(&[1, 2])?.index()], -0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn modified_over<R: Ring>(tableau: &Coefficients<R>, trees: &Trees) -> Vec<R> {
    let linear_coefficient = |n: usize, after: &[R]| {
        // The derivative at 0 of the interpolating polynomial through 0, after₁, …, afterₙ.
        let mut binomial = 1;
        (1..=n).fold(R::zero(), |sum, j| {
            binomial = binomial * (n - j + 1) as i64 / j as i64;
            let sign = if j % 2 == 1 { 1 } else { -1 };
            sum.plus(&after[j - 1].times(&R::ratio(sign * binomial, j as i64)))
        })
    };
    let after = weights_after_steps(tableau, trees, trees.order());
    trees.iter().zip(&after).map(|(tree, after)| linear_coefficient(trees.vertices(tree), after)).collect()
}

/// The elementary weights a(t) of one step, in the order of the table.
pub fn weights_over<R: Ring>(tableau: &Coefficients<R>, trees: &Trees) -> Vec<R> {
    weights_after_steps(tableau, trees, 1).into_iter().map(|mut after| after.remove(0)).collect()
}

/// For every tree its weights after 1, 2, …, `steps` steps.
fn weights_after_steps<R: Ring>(tableau: &Coefficients<R>, trees: &Trees, steps: usize) -> Vec<Vec<R>> {
    // Stage by stage within a step, step after step: the weights at the stages, and what the tree contributes as a branch.
    let mut stages: Vec<Vec<R>> = Vec::new();
    let mut branches: Vec<Vec<R>> = Vec::new();
    let mut after = Vec::new();
    for tree in trees.iter() {
        let at_stages: Vec<R> = match trees.split(tree) {
            None => vec![R::one(); tableau.stages() * steps],
            Some((trunk, branch)) => {
                let (u, v) = (&stages[trunk.index()], &branches[branch.index()]);
                u.iter().zip(v).map(|(x, y)| x.times(y)).collect()
            }
        };
        let mut weight = R::zero();
        let (mut as_branch, mut weights) = (Vec::new(), Vec::new());
        for step in at_stages.chunks(tableau.stages()) {
            as_branch.extend(tableau.a.iter().map(|row| dot(row, step).plus(&weight)));
            weight = weight.plus(&dot(&tableau.b, step));
            weights.push(weight.clone());
        }
        stages.push(at_stages);
        branches.push(as_branch);
        after.push(weights);
    }
    after
}

/// A B-series whose coefficients are functions of parameters.
///
/// ```
/// use shadowflow_bseries::{ParametricSeries, SeriesKind};
/// use shadowflow_methods::ParametricMethod;
/// let rk2 = ParametricMethod::named("rk2(c2)")?;
/// let series = ParametricSeries::new(SeriesKind::Modified, rk2.coefficients(), 4)?;
/// assert_eq!(series.coefficient(series.trees().find(&[1, 2, 2])?).to_string(), "(3*c2 - 2)/6");
/// assert_eq!(series.gradient_order(), 2);
/// assert_eq!(series.gradient_conditions(3)[0].to_string(), "3*c2 - 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParametricSeries {
    kind: SeriesKind,
    trees: Arc<Trees>,
    coefficients: Vec<RationalFunction>,
}

impl ParametricSeries {
    /// The modified equation or the elementary weights of a method with symbols.
    ///
    /// # Errors
    /// If the order is 0 or beyond [`MAX_PARAMETRIC_ORDER`], or the modifying integrator is asked for.
    pub fn new(
        kind: SeriesKind,
        tableau: &Coefficients<RationalFunction>,
        order: usize,
    ) -> Result<ParametricSeries, SeriesError> {
        check_order(order, MAX_PARAMETRIC_ORDER)?;
        let trees = Arc::new(Trees::through(order)?);
        // Over a common denominator the sums are sums of polynomials; b(t) is homogeneous of degree |t| in the tableau.
        let denominator: RationalFunction =
            RationalFunction::common_denominator(tableau.a.iter().flatten().chain(&tableau.b)).into();
        let scaled = tableau.map(|entry| entry.times(&denominator));
        let scaled = match kind {
            SeriesKind::Modified => modified_over(&scaled, &trees),
            SeriesKind::Weights => weights_over(&scaled, &trees),
            SeriesKind::Modifying => return Err(SeriesError::NoSymbols),
        };
        let powers: Vec<MultivariatePolynomial> =
            (0..=order as u32).map(|n| denominator.numerator().pow(n)).collect();
        let unscaled = |(tree, value): (TreeId, RationalFunction)| {
            let power = &powers[trees.vertices(tree)];
            RationalFunction::quotient(value.numerator(), &value.denominator().times(power))
                .expect("a power of a denominator is not 0")
        };
        let coefficients = trees.iter().zip(scaled).map(unscaled).collect();
        Ok(ParametricSeries { kind, trees, coefficients })
    }

    /// Which series this is.
    pub fn kind(&self) -> SeriesKind {
        self.kind
    }

    /// The trees it runs over.
    pub fn trees(&self) -> &Arc<Trees> {
        &self.trees
    }

    /// The coefficient of a tree of [`ParametricSeries::trees`].
    pub fn coefficient(&self, tree: TreeId) -> &RationalFunction {
        &self.coefficients[tree.index()]
    }

    /// Trees with their coefficients, by order.
    pub fn terms(&self) -> impl Iterator<Item = (TreeId, &RationalFunction)> {
        self.trees.iter().zip(&self.coefficients)
    }

    /// The largest order, within that of the series, through which b vanishes beyond the first tree for all parameters: the
    /// order of accuracy of a consistent method.
    pub fn accuracy(&self) -> usize {
        let exact =
            |n: &usize| *n == 1 || self.trees.of_order(*n).all(|tree| self.coefficient(tree).is_zero());
        (1..=self.trees.order()).take_while(exact).count()
    }

    /// The terms of the modified potential through the gradient order, as
    /// [`Gradient::potential`](crate::Gradient::potential): the free tree, the power of h, and the coefficient of h^k E_V(τ).
    pub fn potential(&self) -> Vec<(TreeId, usize, RationalFunction)> {
        let term = |n: usize, tau: &FreeTree| {
            let sign = if n % 2 == 1 { 1 } else { -1 };
            let factor = RationalFunction::ratio(sign, tau.automorphisms() as i64);
            (tau.name(), n - 1, self.coefficient(tau.name()).times(&factor))
        };
        (1..=self.gradient_order())
            .flat_map(|n| free_trees(&self.trees, n).iter().map(|tau| term(n, tau)).collect::<Vec<_>>())
            .filter(|(_, _, coefficient)| !coefficient.is_zero())
            .collect()
    }

    /// The polynomials in the parameters that must vanish for b to be constant on the free trees with `n` vertices; none if
    /// it is for all parameters. A constant other than 0 among them means that it is for none.
    pub fn gradient_conditions(&self, n: usize) -> Vec<MultivariatePolynomial> {
        let mut conditions: Vec<MultivariatePolynomial> = Vec::new();
        for (first, other) in gradient_pairs(&self.trees, n) {
            let difference = self.coefficient(other).minus(self.coefficient(first));
            let condition = difference.numerator().primitive();
            if !condition.is_zero() && !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        conditions
    }

    /// The largest order, within that of the series, through which b is constant on all free trees for all parameters.
    pub fn gradient_order(&self) -> usize {
        (1..=self.trees.order()).take_while(|&n| self.gradient_conditions(n).is_empty()).count()
    }
}

/// The pairs of trees with `n` vertices on which b must agree for the modified equation to have a potential: every rooting
/// of a free tree with its first.
pub(crate) fn gradient_pairs(trees: &Trees, n: usize) -> Vec<(TreeId, TreeId)> {
    let pairs = |tau: &FreeTree| {
        let first = tau.name();
        tau.rootings().iter().skip(1).map(|&other| (first, other)).collect::<Vec<_>>()
    };
    free_trees(trees, n).iter().flat_map(pairs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient::Gradient;
    use crate::series::Series;
    use shadowflow_methods::{Exact, Method, ParametricMethod};

    #[test]
    fn generic_steps_agree_with_the_engine() {
        for name in ["euler", "rk4", "gauss4", "lobatto-iiic-4"] {
            let method = Method::named(name).unwrap();
            let series = Series::modified(method.tableau(), 6).unwrap();
            let generic = modified_over(&method.tableau().coefficients(), series.trees());
            assert!(series.terms().zip(&generic).all(|((_, b), g)| b == *g), "{name}");
            let weights = Series::weights(method.tableau(), 6).unwrap();
            let generic = weights_over(&method.tableau().coefficients(), weights.trees());
            assert!(weights.terms().zip(&generic).all(|((_, a), g)| a == *g), "{name}");
        }
    }

    #[test]
    fn symbols_specialise_to_numbers() {
        let at = [("c2", Exact::ratio(2, 5)), ("c3", Exact::ratio(3, 4)), ("theta", Exact::ratio(1, 3))];
        for (symbolic, numeric) in [
            ("rk2(c2)", "rk2(c2=2/5)"),
            ("rk3(c2,c3)", "rk3(c2=2/5,c3=3/4)"),
            ("theta(theta)", "theta(theta=1/3)"),
        ] {
            let parametric = ParametricMethod::named(symbolic).unwrap();
            let symbolic = ParametricSeries::new(SeriesKind::Modified, parametric.coefficients(), 6).unwrap();
            let numeric = Series::modified(Method::named(numeric).unwrap().tableau(), 6).unwrap();
            for (tree, b) in symbolic.terms() {
                let same = numeric.trees().find(&symbolic.trees().levels(tree)).unwrap();
                assert_eq!(b.evaluate(&at).unwrap(), numeric.coefficient(same));
            }
        }
    }

    #[test]
    fn the_condition_on_theta_methods() {
        // θ = 1/2 is the trapezoidal rule, of order 2; its b at order 3 still differs between the two rooted trees.
        let theta = ParametricMethod::named("theta").unwrap();
        let series = ParametricSeries::new(SeriesKind::Modified, theta.coefficients(), 4).unwrap();
        let conditions = series.gradient_conditions(3);
        for value in [Exact::ratio(1, 2), Exact::ratio(1, 5), Exact::ZERO] {
            let method = Method::named(&format!("theta(theta={value})")).unwrap();
            let holds = conditions.iter().all(|p| p.evaluate(&|_| Some(value.clone())).unwrap().is_zero());
            let gradient = Gradient::of(method.tableau(), 4).unwrap();
            assert_eq!(gradient.gradient_order() >= 3, holds, "{value}");
        }
    }

    #[test]
    fn limits_are_errors() {
        let rk2 = ParametricMethod::named("rk2").unwrap();
        let new = |kind, order| ParametricSeries::new(kind, rk2.coefficients(), order).unwrap_err();
        assert_eq!(new(SeriesKind::Modified, 0), SeriesError::OrderZero);
        assert!(matches!(new(SeriesKind::Weights, 9), SeriesError::OrderTooLarge { .. }));
        assert_eq!(new(SeriesKind::Modifying, 3), SeriesError::NoSymbols);
    }
}
