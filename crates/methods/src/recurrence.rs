//! The three-term recurrence by which stabilised methods are run.

use crate::exact::Exact;

/// The stages of a stabilised method in the form that is run, one after another from Y₀ = y to Yₛ = y⁺:
/// Y₁ = Y₀ + μ̃₁ h f(Y₀) and
/// Yⱼ = (1 - μⱼ - νⱼ)Y₀ + μⱼYⱼ₋₁ + νⱼYⱼ₋₂ + μ̃ⱼ h f(Yⱼ₋₁) + γ̃ⱼ h f(Y₀) (van der Houwen & Sommeijer 1980).
///
/// In exact arithmetic the results are those of the tableau ([`Tableau::recurrence`](crate::Tableau::recurrence)); what
/// rounding errors do is not: along the recurrence they hardly grow, along the rows of the tableau they do.
///
/// ```
/// use shadowflow_methods::{Exact, Method};
/// let method = Method::named("rkl1(s=3)")?;
/// let recurrence = method.tableau().recurrence().ok_or("made by a recurrence")?;
/// assert_eq!(recurrence.stages(), 3);
/// assert_eq!(recurrence.mu_tilde[0], Exact::ratio(1, 6));
/// assert!(Method::named("rk4")?.tableau().recurrence().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    /// μⱼ, weights of Yⱼ₋₁, for j = 1, …, s; the first is 0.
    pub mu: Vec<Exact>,
    /// νⱼ, weights of Yⱼ₋₂; the first is 0.
    pub nu: Vec<Exact>,
    /// μ̃ⱼ, weights of h f(Yⱼ₋₁).
    pub mu_tilde: Vec<Exact>,
    /// γ̃ⱼ, weights of h f(Y₀); the first is 0.
    pub gamma_tilde: Vec<Exact>,
}

impl Recurrence {
    /// The number of stages s.
    pub fn stages(&self) -> usize {
        self.mu.len()
    }

    /// The rows of A from the second on and b: the weights of h f(Y₀), …, h f(Yₛ₋₁) in Y₁, …, Yₛ.
    pub(crate) fn rows(&self) -> Vec<Vec<Exact>> {
        let stages = self.stages();
        let mut rows: Vec<Vec<Exact>> = vec![vec![Exact::ZERO; stages]];
        for j in 1..=stages {
            let (mu, nu) = (&self.mu[j - 1], &self.nu[j - 1]);
            let mut row: Vec<Exact> = (0..stages)
                .map(|k| match j {
                    1 => Exact::ZERO,
                    _ => &(mu * &rows[j - 1][k]) + &(nu * &rows[j - 2][k]),
                })
                .collect();
            row[j - 1] = &row[j - 1] + &self.mu_tilde[j - 1];
            row[0] = &row[0] + &self.gamma_tilde[j - 1];
            rows.push(row);
        }
        rows.split_off(1)
    }
}
