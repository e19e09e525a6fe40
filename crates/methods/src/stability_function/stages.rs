//! What becomes of an error made in a stage.

use crate::exact::Exact;
use crate::polynomial::Polynomial;
use crate::tableau::{Kind, Tableau};

use super::resolvent;

/// The internal stability functions θⱼ(z) = z (bᵀ(I - zA)⁻¹)ⱼ: an error e in stage j of a step on ẏ = λy, z = hλ, is an
/// error θⱼ(z)·e of its result (Ketcheson, Lóczi & Parsani 2014). The form of the method is that of the tableau; for
/// others see [`Recurrence`](crate::Recurrence).
#[derive(Clone, Debug, PartialEq)]
pub struct InternalStability {
    /// The numerators of the θⱼ, one a stage.
    pub numerators: Vec<Polynomial>,
    /// The denominator det(I - zA) of all of them, 1 for explicit methods. Factors in common are not taken out.
    pub denominator: Polynomial,
}

impl Tableau {
    /// The internal stability functions, one a stage. Milliseconds for most methods; seconds for damped stabilised ones
    /// with 50 stages or more, whose coefficients have thousands of digits.
    ///
    /// ```
    /// use shadowflow_methods::{Exact, Method, Polynomial};
    /// let heun = Method::named("heun")?;
    /// let theta = heun.tableau().internal_stability();
    /// let half = Exact::ratio(1, 2);
    /// assert_eq!(theta.numerators[0], Polynomial::new(vec![Exact::ZERO, half.clone(), half]));
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn internal_stability(&self) -> InternalStability {
        let stages = self.stages();
        let times_a = |v: &[Exact]| -> Vec<Exact> {
            let entry = |j: usize| {
                let rows = v.iter().enumerate().filter(|(_, v)| !v.is_zero());
                rows.fold(Exact::ZERO, |sum, (i, v)| match &self.row(i)[j] {
                    a if a.is_zero() => sum,
                    a => &sum + &(v * a),
                })
            };
            (0..stages).map(entry).collect()
        };
        // bᵀNₖ in adj(I - zA) = Σ zᵏNₖ, Aᵏ for explicit methods.
        let (rows, denominator): (Vec<Vec<Exact>>, Polynomial) = match self.kind() {
            Kind::Explicit => {
                let powers = std::iter::successors(Some(self.b().to_vec()), |v| Some(times_a(v)));
                (powers.take(stages).collect(), Polynomial::one())
            }
            _ => {
                let (adjugate, denominator) = resolvent(&self.coefficients().a);
                let row = |n: &Vec<Vec<Exact>>| {
                    let column = |j: usize| n.iter().map(|row| row[j].clone()).collect::<Vec<_>>();
                    (0..stages).map(|j| Exact::dot(self.b(), &column(j))).collect()
                };
                (adjugate.iter().map(row).collect(), denominator)
            }
        };
        let numerator = |j: usize| {
            let coefficients = rows.iter().map(|row| row[j].clone());
            Polynomial::new(std::iter::once(Exact::ZERO).chain(coefficients).collect())
        };
        InternalStability { numerators: (0..stages).map(numerator).collect(), denominator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;

    #[test]
    fn errors_in_all_stages_alike_are_those_of_the_start() {
        // With the same error in y and in every stage equation nothing but y is moved: R = 1 + Σθⱼ.
        for method in Method::exact() {
            let tableau = method.tableau();
            let InternalStability { numerators, denominator } = tableau.internal_stability();
            let sum = numerators.iter().fold(denominator.clone(), |sum, theta| sum.plus(theta));
            let r = tableau.stability_function();
            assert_eq!(sum.times(r.denominator()), r.numerator().times(&denominator), "{}", method.name());
        }
    }

    #[test]
    fn stages_are_those_of_the_classics() {
        // RK4 by hand: θ₄ = z/6, θ₃ = z/3 + z²/6, θ₂ = z/3 + z²/6 + z³/12, θ₁ = R - 1 - the others.
        let rk4 = Method::named("rk4").unwrap();
        let theta = rk4.tableau().internal_stability().numerators;
        let coefficients =
            |j: usize| theta[j].coefficients().iter().map(Exact::to_string).collect::<Vec<_>>();
        assert_eq!(coefficients(3), ["0", "1/6"]);
        assert_eq!(coefficients(2), ["0", "1/3", "1/6"]);
        assert_eq!(coefficients(1), ["0", "1/3", "1/6", "1/12"]);
    }
}
