//! B-series of a method: a coefficient for every rooted tree.

use std::ops::ControlFlow;
use std::sync::Arc;

use dashu_base::Gcd;
use dashu_int::{IBig, UBig};
use shadowflow_methods::{Exact, Rational, Tableau};

use crate::algebra::BSeries;
use crate::engine::{Engine, Quantity};
use crate::entries::Entries;
use crate::error::SeriesError;
use crate::lift::Integers;
use crate::modifying::{MAX_MODIFYING_ORDER, modifying_integrator};
use crate::parametric::{MAX_PARAMETRIC_ORDER, modified_over, weights_over};
use crate::ranking::Counts;
use crate::stream::Estimate;
use crate::tree::{MAX_ORDER, TreeId, Trees, check_order};

/// Which series of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesKind {
    /// b(t): the modified equation ẏ = Σ h^(|t|-1) b(t)/σ(t) F(t)(y), which the method follows.
    Modified,
    /// c(t): the modifying integrator, the field for which the method follows the given equation.
    Modifying,
    /// a(t): the elementary weights of one step y + Σ h^|t| a(t)/σ(t) F(t)(y).
    Weights,
}

impl SeriesKind {
    /// What is asked of every tree, for the series that single trees can be asked for.
    pub(crate) fn quantity(self) -> Option<Quantity> {
        match self {
            SeriesKind::Modified => Some(Quantity::Modified),
            SeriesKind::Weights => Some(Quantity::Weight),
            SeriesKind::Modifying => None,
        }
    }

    /// The largest order that is computed at all when everything is kept.
    fn max_order(self) -> usize {
        match self {
            SeriesKind::Modifying => MAX_MODIFYING_ORDER,
            SeriesKind::Modified | SeriesKind::Weights => MAX_ORDER,
        }
    }
}

/// A B-series truncated at some order; σ(t) is not part of the coefficients (GNI, Definition III.1.8).
///
/// ```
/// use shadowflow_bseries::Series;
/// use shadowflow_methods::Method;
/// let euler = Method::named("euler")?;
/// let b = Series::modified(euler.tableau(), 3)?;
/// let text: Vec<_> = b.terms().map(|(_, b)| b.to_string()).collect();
/// assert_eq!(text, ["1", "-1/2", "1/3", "1/6"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Series {
    kind: SeriesKind,
    trees: Arc<Trees>,
    /// By order, from 1.
    orders: Vec<Fractions>,
}

impl Series {
    /// The series of this kind.
    ///
    /// # Errors
    /// If the order is 0 or beyond the limit, [`MAX_ORDER`] or [`MAX_MODIFYING_ORDER`], or the tableau has so many stages or
    /// such long coefficients that this order would take too much memory or time.
    pub fn new(kind: SeriesKind, tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        check_order(order, kind.max_order())?;
        Estimate::of(kind, tableau, order).check(tableau, order)?;
        let trees = Arc::new(Trees::through(order)?);
        let orders = match kind.quantity() {
            Some(quantity) => {
                let engine = Engine::new(quantity, tableau);
                if engine.covers(order) {
                    fractions(&engine, &trees)?
                } else {
                    in_the_field(kind, tableau, &trees)?
                }
            }
            None => match modifying_integrator(tableau, &trees) {
                Some(orders) => orders,
                None => in_the_field(kind, tableau, &trees)?,
            },
        };
        Ok(Series { kind, trees, orders })
    }

    /// The modified equation.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn modified(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Modified, tableau, order)
    }

    /// The modifying integrator.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn modifying(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Modifying, tableau, order)
    }

    /// The elementary weights.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn weights(tableau: &Tableau, order: usize) -> Result<Series, SeriesError> {
        Series::new(SeriesKind::Weights, tableau, order)
    }

    /// Which series this is.
    pub fn kind(&self) -> SeriesKind {
        self.kind
    }

    /// The order at which it is truncated.
    pub fn order(&self) -> usize {
        self.trees.order()
    }

    /// The trees it runs over.
    pub fn trees(&self) -> &Arc<Trees> {
        &self.trees
    }

    /// The coefficient of a tree of [`Series::trees`], in lowest terms.
    pub fn coefficient(&self, tree: TreeId) -> Exact {
        let n = self.trees.vertices(tree);
        self.orders[n - 1].get(tree.index() - self.trees.first_of_order(n))
    }

    /// Whether two trees of one order have the same coefficient.
    pub(crate) fn agrees_on(&self, s: TreeId, t: TreeId) -> bool {
        let n = self.trees.vertices(s);
        let first = self.trees.first_of_order(n);
        self.orders[n - 1].agree(s.index() - first, t.index() - first)
    }

    /// The coefficients alone, by order.
    pub(crate) fn into_orders(self) -> Vec<Fractions> {
        self.orders
    }

    /// Trees with their coefficients, by order.
    pub fn terms(&self) -> impl Iterator<Item = (TreeId, Exact)> {
        self.trees.iter().map(|tree| (tree, self.coefficient(tree)))
    }
}

/// All orders of the table, kept.
fn fractions(engine: &Engine, trees: &Trees) -> Result<Vec<Fractions>, SeriesError> {
    let counts = Counts::through(trees.order());
    let half = trees.through_half();
    let order = |n: usize| {
        let mut all: Option<Vec<Integers>> = None;
        let kept = engine.order(n, &half, &counts, |piece| {
            match &mut all {
                None => all = Some(piece),
                Some(all) => all.iter_mut().zip(piece).for_each(|(all, piece)| all.append(piece)),
            }
            ControlFlow::Continue(())
        });
        kept.map(|_| Fractions::new(engine.entries(), engine.denominator(n), all.unwrap_or_default()))
    };
    (1..=trees.order()).map(order).collect()
}

/// The same in the arithmetic of the number field, for fields that have too few primes.
fn in_the_field(
    kind: SeriesKind,
    tableau: &Tableau,
    trees: &Arc<Trees>,
) -> Result<Vec<Fractions>, SeriesError> {
    let entries = Arc::new(Entries::of(tableau));
    check_order(trees.order(), MAX_PARAMETRIC_ORDER)?;
    let coefficients = tableau.coefficients();
    let all: Vec<Exact> = match kind {
        SeriesKind::Modified => modified_over(&coefficients, trees),
        SeriesKind::Weights => weights_over(&coefficients, trees),
        SeriesKind::Modifying => {
            let step =
                BSeries::runge_kutta(trees, &coefficients).expect("a tableau is a square and its weights");
            let field = BSeries::exact_flow(trees)
                .field_under(&step)
                .expect("both are steps over one table of trees");
            field.terms().map(|(_, coefficient)| coefficient.clone()).collect()
        }
    };
    let orders = (1..=trees.order()).map(|n| {
        let own = trees.of_order(n).map(|tree| &all[tree.index()]);
        Fractions::of(&entries, &own.collect::<Vec<_>>())
    });
    Ok(orders.collect())
}

/// Numbers over one denominator, as coordinates in a field.
#[derive(Clone, Debug)]
pub(crate) struct Fractions {
    entries: Arc<Entries>,
    denominator: UBig,
    /// By coordinate.
    numerators: Vec<Integers>,
}

impl Fractions {
    pub(crate) fn new(entries: &Arc<Entries>, denominator: UBig, numerators: Vec<Integers>) -> Fractions {
        Fractions { entries: entries.clone(), denominator, numerators }
    }

    fn of(entries: &Arc<Entries>, numbers: &[&Exact]) -> Fractions {
        let denominator = numbers.iter().fold(UBig::ONE, |multiple, x| {
            let own = x.denominator();
            &multiple / (&multiple).gcd(&own) * own
        });
        let numerator = |x: &Exact, k: usize| match x.coordinates().get(k) {
            None => IBig::ZERO,
            Some(c) => c.numerator() * IBig::from(&denominator / c.denominator()),
        };
        let coordinate = |k: usize| Integers::Long(numbers.iter().map(|x| numerator(x, k)).collect());
        let numerators = (0..entries.degree()).map(coordinate).collect();
        Fractions { entries: entries.clone(), numerators, denominator }
    }

    pub(crate) fn len(&self) -> usize {
        self.numerators.first().map_or(0, Integers::len)
    }

    pub(crate) fn get(&self, index: usize) -> Exact {
        let coordinate = |numerators: &Integers| match numerators.is_zero(index) {
            true => Rational::ZERO,
            false => Rational::from_parts(numerators.get(index), self.denominator.clone()),
        };
        self.entries.exact(self.numerators.iter().map(coordinate).collect())
    }

    fn agree(&self, i: usize, j: usize) -> bool {
        self.numerators.iter().all(|numerators| numerators.equal(i, j))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::Method;

    const KINDS: [SeriesKind; 3] = [SeriesKind::Modified, SeriesKind::Modifying, SeriesKind::Weights];

    #[test]
    fn primes_and_the_field_itself_agree() {
        let trees = Arc::new(Trees::through(6).unwrap());
        for name in ["heun", "gauss4", "crouzeix4", "gauss8"] {
            let method = Method::named(name).unwrap();
            for kind in KINDS {
                let series = Series::new(kind, method.tableau(), 6).unwrap();
                let orders = in_the_field(kind, method.tableau(), &trees).unwrap();
                let slow = orders.iter().flat_map(|order| (0..order.len()).map(|k| order.get(k)));
                assert!(series.terms().map(|(_, fast)| fast).eq(slow), "{name} {kind:?}");
            }
        }
    }

    #[test]
    fn fields_with_few_primes_are_served_through_small_orders() {
        // x⁷ - x - 1 has the full symmetric group, so it splits modulo one prime of 5040.
        let theta: Exact = "root(x^7-x-1, 1.1)".parse().unwrap();
        let half = Exact::ratio(1, 2);
        let rows = vec![vec![Exact::ZERO, Exact::ZERO], vec![theta.clone(), Exact::ZERO]];
        let tableau = Tableau::new(rows, vec![half.clone(), half.clone()]).unwrap();
        for kind in KINDS {
            let series = Series::new(kind, &tableau, 3).unwrap();
            let edge = series.coefficient(series.trees().find(&[1, 2]).unwrap());
            // a = Σ bᵢcᵢ = θ/2, and b = a - 1/2 = -c.
            let weight = &half * &theta;
            let expected = match kind {
                SeriesKind::Weights => weight,
                SeriesKind::Modified => &weight - &half,
                SeriesKind::Modifying => &half - &weight,
            };
            assert_eq!(edge, expected);
            let error = Series::new(kind, &tableau, 9).unwrap_err();
            assert!(matches!(error, SeriesError::OrderTooLarge { limit: MAX_PARAMETRIC_ORDER, .. }));
        }
    }
}
