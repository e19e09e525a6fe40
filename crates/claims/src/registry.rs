//! Every claim, and how to find one.

use crate::claim::Claim;
use crate::error::UnknownClaim;
use crate::{
    balancing, basin, chaos, convergence, cost, descent, differentiation, edge, gradient_order,
    modified_potential, momentum, optimizers, period_doubling, periodic_orbits, radius, regression,
    residual_network, stability, stochastic, truncation,
};

/// All claims, from what gradient descent is to where its modified equation ends.
pub static CLAIMS: &[Claim] = &[
    descent::GD_IS_EULER,
    descent::QUADRATIC_REGIMES,
    convergence::DESCENT_LEMMA,
    convergence::GRADIENT_FLOW_RATE,
    convergence::OMEGA_LIMIT,
    convergence::RK_FORMULAS_AS_PRINTED,
    differentiation::RK_IS_DIFFERENTIATION,
    convergence::SILVER_STEPS,
    modified_potential::GD_MODIFIED_POTENTIAL,
    modified_potential::SECOND_ORDER_NOT_GRADIENT,
    gradient_order::GRADIENT_ORDER_TABLE,
    gradient_order::RK2_ONE_THIRD,
    momentum::MOMENTUM_GRADIENT_ORDER,
    radius::MODIFIED_SERIES_RADIUS,
    truncation::OPTIMAL_TRUNCATION,
    radius::PRINCIPAL_FLOW,
    stability::STEP_RESTRICTION,
    stability::RK4_ORDER_AND_STABILITY,
    cost::EXPLICIT_METHODS_EQUAL,
    cost::HIGHER_ORDER_NOT_FASTER,
    periodic_orbits::PERIODIC_ORBITS_EXIST,
    periodic_orbits::PERIODIC_ORBITS_ATTRACT,
    periodic_orbits::LI_YORKE,
    period_doubling::TWO_CYCLE_WINDOW,
    period_doubling::PERIOD_DOUBLING_CASCADE,
    period_doubling::FIVE_PHASES,
    period_doubling::CHEN_BRUNA,
    basin::BASIN_ELLIPSE,
    basin::BALANCING_CONVERGENCE,
    chaos::STRANGE_ATTRACTOR,
    chaos::ESCAPE,
    chaos::GIBBS,
    chaos::WEIGHT_BLOBS,
    balancing::LARGER_STEP_MORE_BALANCE,
    balancing::BALANCING_BOUND,
    balancing::BALANCING_REGIME,
    balancing::BALANCED_IS_FLAT,
    balancing::HOMOGENEITY,
    balancing::LOCAL_IS_GLOBAL,
    regression::REGRESSION_BLOW_UP,
    regression::ARMIJO_CONVERGES,
    optimizers::HEAVY_BALL_MODIFIED,
    optimizers::ADAM_MODIFIED,
    stochastic::SGD_MODIFIED_LOSS,
    stochastic::SME_VARIANCE,
    residual_network::RESNET_IS_EULER,
    edge::EDGE_OF_STABILITY,
    edge::SELF_STABILIZATION,
];

/// The claim with this id.
///
/// ```
/// use shadowflow_claims::find;
/// assert_eq!(find("rk2-one-third")?.source, "this project");
/// let message = find("rk2-one-thrid").err().expect("misspelt").to_string();
/// assert_eq!(message, "there is no claim `rk2-one-thrid`: did you mean rk2-one-third?");
/// # Ok::<(), shadowflow_claims::UnknownClaim>(())
/// ```
///
/// # Errors
/// [`UnknownClaim`] with the nearest ids.
pub fn find(id: &str) -> Result<&'static Claim, UnknownClaim> {
    CLAIMS.iter().find(|claim| claim.id == id).ok_or_else(|| UnknownClaim {
        id: id.chars().take(80).collect(),
        nearest: shadowflow_methods::nearest(id, CLAIMS.iter().map(|claim| claim.id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_stated_in_full() {
        for (i, claim) in CLAIMS.iter().enumerate() {
            assert!(
                claim.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                claim.id
            );
            assert!(CLAIMS[..i].iter().all(|other| other.id != claim.id), "{} twice", claim.id);
            assert!(claim.statement.ends_with('.') && !claim.source.is_empty(), "{}", claim.id);
            assert!(!claim.hypotheses.is_empty(), "{}", claim.id);
            for hypothesis in claim.hypotheses {
                assert!(!hypothesis.statement.is_empty() && !hypothesis.checked.is_empty(), "{}", claim.id);
            }
        }
    }

    #[test]
    fn what_is_nothing_like_a_claim_meets_no_suggestion() {
        let error = find("xyzzy").expect_err("no claim");
        assert!(error.nearest.is_empty() && error.to_string().contains("--list"));
    }
}
