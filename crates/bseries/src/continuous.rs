//! Continuous-stage Runge–Kutta methods: an integral over stages in place of a sum.
//!
//! Y(τ) = y + h ∫₀¹ A(τ,σ) f(Y(σ)) dσ and y⁺ = y + h ∫₀¹ B(σ) f(Y(σ)) dσ (Hairer 2010; Miyatake & Butcher 2016). With
//! polynomials A and B the elementary weights are integrals of polynomials, so they are exact.

use std::sync::Arc;

use shadowflow_methods::{Rational, Ring};

use crate::algebra::{BSeries, Stages};
use crate::tree::Trees;

/// The polynomials A(τ,σ) and B(σ) of a continuous-stage method.
///
/// ```
/// use std::sync::Arc;
/// use shadowflow_bseries::{BSeries, ContinuousStage, Trees};
/// use shadowflow_methods::Exact;
/// let trees = Arc::new(Trees::through(3)?);
/// let average = BSeries::<Exact>::continuous_stage(&trees, &ContinuousStage::average_vector_field());
/// assert_eq!(average.coefficient(trees.find(&[1, 2, 2])?).to_string(), "1/3");
/// # Ok::<(), shadowflow_bseries::SeriesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ContinuousStage<R> {
    /// `a[k][l]` multiplies τᵏσˡ in A; rows may have any lengths.
    pub a: Vec<Vec<R>>,
    /// `b[l]` multiplies σˡ in B.
    pub b: Vec<R>,
}

impl<R: Ring> ContinuousStage<R> {
    /// The average vector field method y⁺ = y + h ∫₀¹ f(y + τ(y⁺ - y)) dτ, which keeps the energy of every Hamiltonian system
    /// (Quispel & McLaren 2008).
    pub fn average_vector_field() -> Self {
        Self::energy_preserving_collocation(1)
    }

    /// The energy-preserving collocation method of order 2s on Gauss nodes:
    /// A(τ,σ) = Σ_{j<s} (2j+1) Pⱼ(σ) ∫₀^τ Pⱼ with the Legendre polynomials of [0, 1], and B = 1 (Hairer 2010).
    pub fn energy_preserving_collocation(s: usize) -> Self {
        let mut a = vec![vec![R::zero(); s]; s + 1];
        for j in 0..s {
            let legendre = shifted_legendre(j);
            for (k, p) in legendre.iter().enumerate() {
                // The term of degree k + 1 in ∫₀^τ Pⱼ.
                let integral = R::from_rational(p).times(&R::ratio(2 * j as i64 + 1, k as i64 + 1));
                for (l, q) in legendre.iter().enumerate() {
                    a[k + 1][l] = a[k + 1][l].plus(&integral.times(&R::from_rational(q)));
                }
            }
        }
        ContinuousStage { a, b: vec![R::one()] }
    }
}

/// The names of the built-in methods: the average vector field method, and energy-preserving collocation of orders 4 and 6.
pub const CONTINUOUS: [&str; 3] = ["avf", "energy-collocation-4", "energy-collocation-6"];

impl<R: Ring> ContinuousStage<R> {
    /// The built-in method with this name, one of [`CONTINUOUS`].
    pub fn named(name: &str) -> Option<Self> {
        let s = CONTINUOUS.iter().position(|known| *known == name)?;
        Some(Self::energy_preserving_collocation(s + 1))
    }
}

/// The coefficients (-1)^(j+k) C(j,k) C(j+k,k) of the Legendre polynomial of degree j on [0, 1], by their quotients.
fn shifted_legendre(j: usize) -> Vec<Rational> {
    let mut coefficients = vec![Rational::from(if j.is_multiple_of(2) { 1 } else { -1 })];
    for k in 0..j {
        let quotient = Rational::from_parts(((j - k) * (j + k + 1)).into(), ((k + 1) * (k + 1)).into());
        coefficients.push(-(&coefficients[k] * quotient));
    }
    coefficients
}

impl<R: Ring> BSeries<R> {
    /// The step of a continuous-stage Runge–Kutta method.
    pub fn continuous_stage(trees: &Arc<Trees>, method: &ContinuousStage<R>) -> Self {
        BSeries::of_stages(trees, method)
    }
}

/// The values at all stages are a polynomial in τ, by ascending powers.
impl<R: Ring> Stages<R> for ContinuousStage<R> {
    type Values = Vec<R>;

    fn ones(&self) -> Vec<R> {
        vec![R::one()]
    }
    fn product(&self, x: &Vec<R>, y: &Vec<R>) -> Vec<R> {
        let mut product = vec![R::zero(); (x.len() + y.len()).saturating_sub(1)];
        for (i, x) in x.iter().enumerate() {
            for (j, y) in y.iter().enumerate() {
                product[i + j] = product[i + j].plus(&x.times(y));
            }
        }
        product
    }
    fn images(&self, _: usize, values: &Vec<R>) -> Vec<R> {
        self.a.iter().map(|row| integral(row, values)).collect()
    }
    fn weight(&self, _: usize, values: &Vec<R>) -> R {
        integral(&self.b, values)
    }
}

/// ∫₀¹ pq.
fn integral<R: Ring>(p: &[R], q: &[R]) -> R {
    let mut sum = R::zero();
    for (i, x) in p.iter().enumerate().filter(|(_, x)| !x.is_zero()) {
        for (j, y) in q.iter().enumerate() {
            sum = sum.plus(&x.times(y).times(&R::ratio(1, (i + j + 1) as i64)));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::Exact;

    #[test]
    fn orders_are_two_for_each_degree() {
        let trees = Arc::new(Trees::through(7).unwrap());
        let flow = BSeries::exact_flow(&trees);
        for s in 1..=3 {
            let method = ContinuousStage::<Exact>::energy_preserving_collocation(s);
            let step = BSeries::continuous_stage(&trees, &method);
            let agrees = |n| trees.of_order(n).all(|t| step.coefficient(t) == flow.coefficient(t));
            assert_eq!((1..=7).take_while(|&n| agrees(n)).count(), 2 * s);
            assert_eq!(step.adjoint().unwrap(), step);
        }
    }

    #[test]
    fn the_average_vector_field_weighs_by_children() {
        // Y(τ) = y + τ(y⁺ - y): a root with m children gives ∫τᵐ = 1/(m+1) times their weights.
        let trees = Arc::new(Trees::through(6).unwrap());
        let step = BSeries::<Exact>::continuous_stage(&trees, &ContinuousStage::average_vector_field());
        for tree in trees.iter() {
            let children = trees.children(tree);
            let share = Exact::ratio(1, children.len() as i64 + 1);
            let expected = children.iter().fold(share, |product, &v| &product * step.coefficient(v));
            assert_eq!(step.coefficient(tree), &expected);
        }
    }

    #[test]
    fn legendre_polynomials_are_orthogonal() {
        let polynomial = |j| shifted_legendre(j).into_iter().map(Exact::from).collect::<Vec<_>>();
        for j in 0..=15 {
            for k in 0..=j {
                let expected = if j == k { Exact::ratio(1, 2 * j as i64 + 1) } else { Exact::ZERO };
                assert_eq!(integral(&polynomial(j), &polynomial(k)), expected);
            }
        }
    }
}
