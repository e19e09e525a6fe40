//! What gradient descent does at a minimizer when the learning rate passes 2/sharpness.
//!
//! There the multiplier 1 - hλ of the sharpest direction q passes -1, a flip. On the centre manifold, in a coordinate u
//! along q, the map is u ↦ -(hλ - 1)u + c u³ + …, with
//! c = h (½ Σᵢ D³f(q,q,vᵢ)²/λᵢ - D⁴f(q,q,q,q)/6), vᵢ the eigenvectors of the Hessian (Kuznetsov 2004, *Elements of Applied
//! Bifurcation Theory*, §5.4, applied to x - h∇f). In one variable 6c f''/h = 3f'''² - f''f'''' (Chen & Bruna 2023).

use crate::error::InputError;
use crate::{Curvature, Jet, Objective};

/// What happens just beyond the largest stable learning rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Beyond {
    /// c > 0: an attracting oscillation of period 2 is born, at distance √((hλ - 2)/c) on either side.
    Oscillates,
    /// c < 0: there is none nearby; iterates leave the neighbourhood.
    Leaves,
    /// The minimizer lies on a valley of minimizers, and an oscillation across the valley pushes the iterates along it,
    /// where the sharpness falls (Damian, Nichani & Lee 2023).
    Slides {
        /// The unit direction along the valley in which the sharpness falls fastest.
        direction: Vec<f64>,
        /// The derivative of the sharpness in that direction, negative.
        slope: f64,
    },
    /// c = 0 up to rounding, or several directions are equally sharp: higher derivatives decide.
    Undecided,
    /// f is a quadratic along the sharpest direction, or all of them: iterates grow without bound.
    Diverges,
}

/// The edge of stability of gradient descent at a minimizer.
///
/// ```
/// use shadowflow_numerics::{Beyond, Curvature, Edge, problems::ScalarFactorization};
/// // (1 - xy)²/2 at the balanced minimizer: along x = y, 3f'''² - f''f'''' = 3·18 - 2·6 > 0.
/// let f = ScalarFactorization { target: 1.0 };
/// let edge = Edge::of(&f, &Curvature::at(&f, &[1.0, 1.0])?)?.expect("a minimizer");
/// assert!((edge.h - 1.0).abs() < 1e-15);
/// assert_eq!(edge.beyond, Beyond::Oscillates);
/// # Ok::<(), shadowflow_numerics::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The largest stable learning rate, 2/λ.
    pub h: f64,
    /// The unit direction q in which stability is lost.
    pub direction: Vec<f64>,
    /// The coefficient c of the flip, in units of 1/length².
    pub coefficient: f64,
    /// What happens beyond.
    pub beyond: Beyond,
}

/// Derivatives smaller than this share of what they could be are 0: sums of some tens of rounded terms.
const ROUNDING: f64 = 1e-11;

impl Edge {
    /// Of an objective at the point of its `curvature`; `None` where there is no edge to pass: the point is not critical, a
    /// curvature is negative, or none is positive.
    ///
    /// # Errors
    /// If derivatives of order three or four are not finite there.
    pub fn of<V: Objective>(objective: &V, curvature: &Curvature) -> Result<Option<Edge>, InputError> {
        let d = curvature.eigenvalues().len();
        if !curvature.is_critical() || curvature.descending() > 0 || curvature.positive().next().is_none() {
            return Ok(None);
        }
        let (sharpness, q) = (curvature.sharpness(), &curvature.directions()[d - 1]);
        let h = 2.0 / sharpness;
        // ∇f(x + tq) = Hq t + ½ D³f(q,q,·) t² + ⅙ D⁴f(q,q,q,·) t³ + …
        let along: Vec<Jet> =
            curvature.point().iter().zip(q).map(|(&x, &q)| Jet::variable(0.0, 3) * q + x).collect();
        let mut gradient = vec![Jet::constant(0.0, 3); d];
        objective.gradient(&along, &mut gradient);
        if !gradient.iter().all(Jet::is_finite) {
            return Err(InputError::Undefined { at: curvature.point().to_vec() });
        }
        let third: Vec<f64> = gradient.iter().map(|g| 2.0 * g.coefficient(2)).collect();
        let fourth: f64 = gradient.iter().zip(q).map(|(g, q)| 6.0 * g.coefficient(3) * q).sum();
        let share = |v: &[f64]| third.iter().zip(v).map(|(t, v)| t * v).sum::<f64>();
        let size = share(&third).sqrt();

        let (mut sum, mut valley) = (0.0, vec![0.0; d]);
        for (i, v) in curvature.directions().iter().enumerate() {
            let c = share(v);
            if curvature.is_flat(i) {
                valley.iter_mut().zip(v).for_each(|(valley, v)| *valley -= c * v);
            } else {
                sum += c * c / curvature.eigenvalues()[i];
            }
        }
        let coefficient = h * (sum / 2.0 - fourth / 6.0);
        let slope = valley.iter().map(|v| v * v).sum::<f64>().sqrt();
        let scale = h * (sum / 2.0 + fourth.abs() / 6.0);
        let is_simple = d == 1 || sharpness - curvature.eigenvalues()[d - 2] > 1e-9 * sharpness;
        let beyond = match () {
            () if !is_simple => {
                // Of several equally sharp directions none is special; a line off all axes tells of them all.
                let generic: Vec<f64> = (0..d)
                    .map(|j| {
                        let parts = curvature.directions().iter().enumerate();
                        parts.map(|(i, v)| v[j] / (1.0 + i as f64)).sum()
                    })
                    .collect();
                match is_quadratic(objective, curvature.point(), &generic) {
                    true => Beyond::Diverges,
                    false => Beyond::Undecided,
                }
            }
            () if slope > ROUNDING * size.max(sharpness) => {
                Beyond::Slides { direction: valley.iter().map(|v| v / slope).collect(), slope: -slope }
            }
            () if scale <= ROUNDING * sharpness => match is_quadratic(objective, curvature.point(), q) {
                true => Beyond::Diverges,
                false => Beyond::Undecided,
            },
            () if coefficient.abs() <= ROUNDING * scale => Beyond::Undecided,
            () if coefficient > 0.0 => Beyond::Oscillates,
            () => Beyond::Leaves,
        };
        Ok(Some(Edge { h, direction: q.clone(), coefficient, beyond }))
    }
}

/// Whether the gradient along a line has no power beyond the first, as far as series go.
fn is_quadratic<V: Objective>(objective: &V, x: &[f64], q: &[f64]) -> bool {
    let along: Vec<Jet> =
        x.iter().zip(q).map(|(&x, &q)| Jet::variable(0.0, Jet::MAX_ORDER) * q + x).collect();
    let mut gradient = vec![Jet::from(0.0); x.len()];
    objective.gradient(&along, &mut gradient);
    gradient.iter().all(|g| {
        let linear = g.coefficient(0).abs().max(g.coefficient(1).abs()).max(f64::MIN_POSITIVE);
        (2..=g.order()).all(|k| g.coefficient(k).abs() <= ROUNDING * linear)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scalar;
    use crate::problems::{Quadratic, ScalarFactorization};

    /// λ(x²/2 + a x³ + b x⁴) in one variable.
    struct Quartic {
        a: f64,
        b: f64,
    }

    impl Objective for Quartic {
        fn variables(&self) -> usize {
            1
        }

        fn value<S: Scalar>(&self, x: &[S]) -> S {
            let x = x[0];
            x * x * 0.5 + x * x * x * self.a + x * x * x * x * self.b
        }

        fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
            let x = x[0];
            out[0] = x + x * x * (3.0 * self.a) + x * x * x * (4.0 * self.b);
        }
    }

    fn edge<V: Objective>(objective: &V, at: &[f64]) -> Edge {
        Edge::of(objective, &Curvature::at(objective, at).unwrap()).unwrap().unwrap()
    }

    #[test]
    fn in_one_variable_it_is_the_criterion_of_chen_and_bruna() {
        for (a, b) in [(1.0, 1.0), (0.3, 2.0), (0.0, -1.0), (0.0, 1.0), (-2.0, 3.0)] {
            let found = edge(&Quartic { a, b }, &[0.0]);
            let (second, third, fourth) = (1.0, 6.0 * a, 24.0 * b);
            let criterion: f64 = 3.0 * third * third - second * fourth;
            assert!((found.coefficient - found.h / (6.0 * second) * criterion).abs() < 1e-12);
            assert_eq!(found.beyond, if criterion > 0.0 { Beyond::Oscillates } else { Beyond::Leaves });
        }
        assert_eq!(edge(&Quartic { a: 1.0, b: 4.5 }, &[0.0]).beyond, Beyond::Undecided);
    }

    /// The oscillation has the distance that the coefficient says: an orbit as the independent oracle.
    #[test]
    fn the_oscillation_beyond_has_the_amplitude_foretold() {
        let f = Quartic { a: 0.6, b: 0.2 };
        let found = edge(&f, &[0.0]);
        let (h, mut x) = (found.h * 1.001, [0.01]);
        let mut orbit = Vec::new();
        for k in 0..200_000 {
            let mut gradient = [0.0];
            f.gradient(&x, &mut gradient);
            x[0] -= h * gradient[0];
            if k >= 199_998 {
                orbit.push(x[0]);
            }
        }
        let amplitude = (orbit[0] - orbit[1]).abs() / 2.0;
        let foretold = ((h - 2.0) / found.coefficient).sqrt();
        // The next term of the normal form is of relative size hλ - 2 = 0.002.
        assert!((amplitude / foretold - 1.0).abs() < 0.01, "{amplitude} {foretold}");
    }

    #[test]
    fn quadratics_diverge_and_valleys_slide() {
        assert_eq!(edge(&Quadratic::new(&[1.0, 3.0]), &[0.0, 0.0]).beyond, Beyond::Diverges);
        assert_eq!(edge(&Quadratic::new(&[3.0, 3.0]), &[0.0, 0.0]).beyond, Beyond::Diverges);
        // Sharpness x² + y² along xy = 1, with s = arc length: at (2, 1/2) it falls towards (1, 1), by
        // (2x, 2y)·(-x, y)/√(x² + y²) = -7.5/√4.25.
        let found = edge(&ScalarFactorization { target: 1.0 }, &[2.0, 0.5]);
        let Beyond::Slides { direction, slope } = found.beyond else { panic!("{found:?}") };
        assert!((slope + 7.5 / 4.25f64.sqrt()).abs() < 1e-12, "{slope}");
        assert!(direction[0] < 0.0 && direction[1] > 0.0);
    }

    #[test]
    fn there_is_no_edge_away_from_minimizers() {
        let f = ScalarFactorization { target: 1.0 };
        for at in [[0.0, 0.0], [2.0, 1.0]] {
            assert_eq!(Edge::of(&f, &Curvature::at(&f, &at).unwrap()).unwrap(), None);
        }
    }
}
