//! Explicit methods of many stages for parabolic problems: Runge–Kutta–Chebyshev, –Legendre and –Gegenbauer.
//!
//! All of them have Rⱼ(z) = aⱼ + bⱼPⱼ(w₀ + w₁z) after stage j, with orthogonal polynomials Pⱼ = pⱼxPⱼ₋₁ - qⱼPⱼ₋₂. Their
//! recurrence turns into stages
//! Yⱼ = (1 - μⱼ - νⱼ)Y₀ + μⱼYⱼ₋₁ + νⱼYⱼ₋₂ + μ̃ⱼ h f(Yⱼ₋₁) + γ̃ⱼ h f(Y₀), where μⱼ = pⱼw₀bⱼ/bⱼ₋₁, νⱼ = -qⱼbⱼ/bⱼ₋₂,
//! μ̃ⱼ = pⱼw₁bⱼ/bⱼ₋₁, γ̃ⱼ = -aⱼ₋₁μ̃ⱼ (van der Houwen & Sommeijer 1980), along which rounding errors do not grow.

use super::families::{SINGULAR, Singular, whole_number};
use crate::exact::{Exact, Rational};
use crate::polynomial::Polynomial;
use crate::recurrence::Recurrence;
use crate::stability_function::StabilityFunction;
use crate::tableau::{MAX_STAGES, Tableau};

/// What distinguishes the families: orders j = 0, 1, …, s, and the argument w₀ + w₁z.
struct Scheme {
    /// pⱼ and qⱼ of Pⱼ = pⱼxPⱼ₋₁ - qⱼPⱼ₋₂; those of j = 0 are not used.
    recurrence: Vec<(Exact, Exact)>,
    a: Vec<Exact>,
    b: Vec<Exact>,
    w0: Exact,
    w1: Exact,
}

const STAGES: &str = "s must be a whole number from 1 to 64, the most stages that a tableau has";
const STAGES_2: &str =
    "s must be a whole number from 2 to 64: one stage has no order 2, and a tableau has 64 stages at most";
const DAMPING: &str = "the damping must be a fraction between 0 and 1";

fn ratio(numerator: usize, denominator: usize) -> Exact {
    Exact::ratio(numerator as i64, denominator as i64)
}

impl Scheme {
    fn tableau(&self) -> Result<Tableau, Singular> {
        let recurrence = self.recurrence()?;
        let mut rows = recurrence.rows();
        let Some(b) = rows.pop() else { return Err((0, SINGULAR)) };
        rows.insert(0, vec![Exact::ZERO; rows.len() + 1]);
        let tableau = Tableau::new(rows, b).map_err(|_| (0, SINGULAR))?.with_recurrence(recurrence);
        Ok(match self.w1.as_rational() {
            Some(unit) => tableau.with_stability_function(self.stability_function(unit.clone())),
            None => tableau,
        })
    }

    fn recurrence(&self) -> Result<Recurrence, Singular> {
        let quotient = |x: &Exact, y: &Exact| x.checked_div(y).ok_or((0, SINGULAR));
        let first = &(&self.recurrence[1].0 * &self.w1) * &self.b[1];
        let (mut mu, mut nu) = (vec![Exact::ZERO], vec![Exact::ZERO]);
        let (mut mu_tilde, mut gamma_tilde) = (vec![first], vec![Exact::ZERO]);
        for j in 2..self.b.len() {
            let (p, q) = &self.recurrence[j];
            let step = p * &quotient(&self.b[j], &self.b[j - 1])?;
            let weight = &step * &self.w1;
            mu.push(&step * &self.w0);
            nu.push(-&(q * &quotient(&self.b[j], &self.b[j - 2])?));
            gamma_tilde.push(-&(&self.a[j - 1] * &weight));
            mu_tilde.push(weight);
        }
        Ok(Recurrence { mu, nu, mu_tilde, gamma_tilde })
    }

    /// aₛ + bₛPₛ(w₀ + w) in w = w₁z, where the coefficients are short.
    fn stability_function(&self, unit: Rational) -> StabilityFunction {
        let argument = Polynomial::new(vec![self.w0.clone(), Exact::ONE]);
        let stages = self.b.len() - 1;
        let mut values = [Polynomial::one(), argument.scaled(&self.recurrence[1].0)];
        for (p, q) in &self.recurrence[2..] {
            let next = argument.times(&values[1]).scaled(p).minus(&values[0].scaled(q));
            values = [std::mem::replace(&mut values[1], next.clone()), next];
        }
        let constant = Polynomial::new(vec![self.a[stages].clone()]);
        let numerator = constant.plus(&values[1].scaled(&self.b[stages]));
        StabilityFunction::in_units(numerator, Polynomial::one(), unit, None)
    }
}

/// Chebyshev polynomials of the first kind at w₀ with two derivatives.
fn chebyshev(stages: usize, w0: &Exact) -> Vec<[Exact; 3]> {
    let two = Exact::from(2);
    let mut values = vec![[Exact::ONE, Exact::ZERO, Exact::ZERO], [w0.clone(), Exact::ONE, Exact::ZERO]];
    for j in 2..=stages {
        let [t, dt, ddt] = &values[j - 1];
        let [before, dbefore, ddbefore] = &values[j - 2];
        let times_x = |x: &Exact| &(&two * w0) * x;
        values.push([
            &times_x(t) - before,
            &(&(&two * t) + &times_x(dt)) - dbefore,
            &(&(&Exact::from(4) * dt) + &times_x(ddt)) - ddbefore,
        ]);
    }
    values.truncate(stages + 1);
    values
}

fn chebyshev_recurrence(stages: usize) -> Vec<(Exact, Exact)> {
    (0..=stages).map(|j| (Exact::from(if j == 1 { 1 } else { 2 }), Exact::ONE)).collect()
}

/// Stages and w₀ = 1 + ε/s².
fn damped(values: &[Exact], least: i64, limits: &'static str) -> Result<(usize, Exact), Singular> {
    let stages = whole_number(&values[0], least, MAX_STAGES as i64).ok_or((0, limits))?;
    // Roots in w₀ would make the powers of it intractable.
    if values[1].field().is_some() || values[1] < Exact::ZERO || values[1] > Exact::ONE {
        return Err((1, DAMPING));
    }
    Ok((stages, &Exact::ONE + &(&values[1] * &ratio(1, stages * stages))))
}

/// R(z) = T_s(w₀ + w₁z)/T_s(w₀), w₁ = T_s(w₀)/T_s'(w₀).
pub(super) fn rkc(values: &[Exact]) -> Result<Tableau, Singular> {
    let (stages, w0) = damped(values, 1, STAGES)?;
    let t = chebyshev(stages, &w0);
    let w1 = t[stages][0].checked_div(&t[stages][1]).ok_or((1, SINGULAR))?;
    let b = t.iter().map(|[t, ..]| t.inverse().ok_or((1, SINGULAR))).collect::<Result<_, _>>()?;
    Scheme { recurrence: chebyshev_recurrence(stages), a: vec![Exact::ZERO; stages + 1], b, w0, w1 }.tableau()
}

/// bⱼ = Tⱼ''(w₀)/Tⱼ'(w₀)², aⱼ = 1 - bⱼTⱼ(w₀), w₁ = T_s'(w₀)/T_s''(w₀) (Sommeijer, Shampine & Verwer 1998).
pub(super) fn rkc2(values: &[Exact]) -> Result<Tableau, Singular> {
    let (stages, w0) = damped(values, 2, STAGES_2)?;
    let t = chebyshev(stages, &w0);
    let quotient = |x: &Exact, y: &Exact| x.checked_div(y).ok_or((1, SINGULAR));
    let w1 = quotient(&t[stages][1], &t[stages][2])?;
    let mut b = t[2..].iter().map(|[_, dt, ddt]| quotient(ddt, &(dt * dt))).collect::<Result<Vec<_>, _>>()?;
    b.splice(0..0, [b[0].clone(), b[0].clone()]);
    let a = b.iter().zip(&t).map(|(b, [t, ..])| &Exact::ONE - &(b * t)).collect();
    Scheme { recurrence: chebyshev_recurrence(stages), a, b, w0, w1 }.tableau()
}

/// R(z) = P_s(1 + w₁z) with Legendre polynomials, w₁ = 2/(s² + s).
pub(super) fn rkl1(values: &[Exact]) -> Result<Tableau, Singular> {
    let stages = whole_number(&values[0], 1, MAX_STAGES as i64).ok_or((0, STAGES))?;
    let scheme = Scheme {
        recurrence: legendre_recurrence(stages),
        a: vec![Exact::ZERO; stages + 1],
        b: vec![Exact::ONE; stages + 1],
        w0: Exact::ONE,
        w1: ratio(2, stages * stages + stages),
    };
    scheme.tableau()
}

/// bⱼ = (j² + j - 2)/(2j(j + 1)), aⱼ = 1 - bⱼ, w₁ = 4/(s² + s - 2).
pub(super) fn rkl2(values: &[Exact]) -> Result<Tableau, Singular> {
    let stages = whole_number(&values[0], 2, MAX_STAGES as i64).ok_or((0, STAGES_2))?;
    let weight = |j: usize| if j < 2 { ratio(1, 3) } else { ratio(j * j + j - 2, 2 * j * (j + 1)) };
    let b: Vec<_> = (0..=stages).map(weight).collect();
    let scheme = Scheme {
        recurrence: legendre_recurrence(stages),
        a: b.iter().map(|b| &Exact::ONE - b).collect(),
        b,
        w0: Exact::ONE,
        w1: ratio(4, stages * stages + stages - 2),
    };
    scheme.tableau()
}

/// jPⱼ = (2j - 1)xPⱼ₋₁ - (j - 1)Pⱼ₋₂
fn legendre_recurrence(stages: usize) -> Vec<(Exact, Exact)> {
    let coefficients = |j: usize| (ratio(2 * j - 1, j), ratio(j - 1, j));
    std::iter::once((Exact::ONE, Exact::ZERO)).chain((1..=stages).map(coefficients)).collect()
}

/// R(z) = b_sC_s(1 + w₁z) with Gegenbauer polynomials of parameter 3/2, bⱼ = 2/((j + 1)(j + 2)), w₁ = 4/(s(s + 3)).
pub(super) fn rkg1(values: &[Exact]) -> Result<Tableau, Singular> {
    let stages = whole_number(&values[0], 1, MAX_STAGES as i64).ok_or((0, STAGES))?;
    let scheme = Scheme {
        recurrence: gegenbauer_recurrence(stages),
        a: vec![Exact::ZERO; stages + 1],
        b: (0..=stages).map(|j| ratio(2, (j + 1) * (j + 2))).collect(),
        w0: Exact::ONE,
        w1: ratio(4, stages * (stages + 3)),
    };
    scheme.tableau()
}

/// bⱼ = 4(j - 1)(j + 4)/(3j(j + 1)(j + 2)(j + 3)), aⱼ = 1 - bⱼ(j + 1)(j + 2)/2, w₁ = 6/((s + 4)(s - 1)).
pub(super) fn rkg2(values: &[Exact]) -> Result<Tableau, Singular> {
    let stages = whole_number(&values[0], 2, MAX_STAGES as i64).ok_or((0, STAGES_2))?;
    let weight = |j: usize| match j {
        0 => Exact::ONE,
        1 => ratio(1, 3),
        _ => ratio(4 * (j - 1) * (j + 4), 3 * j * (j + 1) * (j + 2) * (j + 3)),
    };
    let b: Vec<_> = (0..=stages).map(weight).collect();
    let at_one = |j: usize| ratio((j + 1) * (j + 2), 2);
    let scheme = Scheme {
        recurrence: gegenbauer_recurrence(stages),
        a: b.iter().enumerate().map(|(j, b)| &Exact::ONE - &(b * &at_one(j))).collect(),
        b,
        w0: Exact::ONE,
        w1: ratio(6, (stages + 4) * (stages - 1)),
    };
    scheme.tableau()
}

/// jCⱼ = (2j + 1)xCⱼ₋₁ - (j + 1)Cⱼ₋₂
fn gegenbauer_recurrence(stages: usize) -> Vec<(Exact, Exact)> {
    let coefficients = |j: usize| (ratio(2 * j + 1, j), ratio(j + 1, j));
    std::iter::once((Exact::ONE, Exact::ZERO)).chain((1..=stages).map(coefficients)).collect()
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Method;
    use crate::error::MethodError;
    use crate::exact::Exact;
    use crate::stability_function::Extent;
    use crate::tableau::Tableau;

    fn interval(name: &str) -> f64 {
        match Method::named(name).unwrap().tableau().stability_function().real_interval() {
            Extent::Bounded(x) => x,
            Extent::Unbounded => panic!("an explicit method has a bounded interval"),
        }
    }

    #[test]
    fn orders_are_those_of_the_families() {
        for (name, order) in [
            ("rkc(s=10)", 1),
            ("rkc(s=1)", 1),
            ("rkc2(s=2)", 2),
            ("rkc2(s=7,damping=0)", 2),
            ("rkl1(s=1)", 1),
            ("rkl1(s=6)", 1),
            ("rkl2(s=2)", 2),
            ("rkl2(s=7)", 2),
            ("rkg1(s=5)", 1),
            ("rkg2(s=2)", 2),
            ("rkg2(s=9)", 2),
        ] {
            assert_eq!(Method::named(name).unwrap().tableau().order(), order, "{name}");
        }
    }

    #[test]
    fn undamped_intervals_are_known() {
        // To the argument -1 of the polynomial, exactly: s odd or even as the sign there asks.
        for (name, expected) in [
            ("rkc(s=5,damping=0)", 50.0),
            ("rkc2(s=4,damping=0)", 10.0),
            ("rkl1(s=7)", 56.0),
            ("rkl2(s=4)", 9.0),
            ("rkg1(s=6)", 27.0),
            ("rkg2(s=4)", 8.0),
        ] {
            assert_eq!(interval(name), expected, "{name}");
        }
    }

    #[test]
    fn damped_intervals_are_known() {
        // (w₀ + 1)T_s'(w₀)/T_s(w₀) = 193.65 for s = 10, ε = 0.05 (Hairer & Wanner 1996, §IV.2).
        assert!((interval("rkc(s=10,damping=0.05)") - 193.65).abs() < 5e-3);
        // About 2/3 (s² - 1)(1 - 2ε/15) for order 2 (Sommeijer, Shampine & Verwer 1998).
        assert!((interval("rkc2(s=10)") - 66.0 * (1.0 - 4.0 / 195.0)).abs() < 0.6);
    }

    #[test]
    fn the_recurrence_is_the_tableau() {
        for name in ["rkc(s=6)", "rkc(s=1)", "rkc2(s=7)", "rkl1(s=5)", "rkl2(s=6)", "rkg1(s=4)", "rkg2(s=5)"]
        {
            let method = Method::named(name).unwrap();
            let tableau = method.tableau();
            let r = tableau.stability_function();
            // R from A and b alone.
            let rows = (0..tableau.stages()).map(|i| tableau.row(i).to_vec()).collect();
            let bare = Tableau::new(rows, tableau.b().to_vec()).unwrap();
            assert_eq!(r.numerator(), bare.stability_function().numerator(), "{name}");
            assert_eq!(r.real_interval(), bare.stability_function().real_interval(), "{name}");
            // The recurrence run on ẏ = λy with z = -3/2.
            let recurrence = tableau.recurrence().unwrap();
            let z = Exact::ratio(-3, 2);
            let mut y = vec![Exact::ONE, &Exact::ONE + &(&recurrence.mu_tilde[0] * &z)];
            for j in 1..recurrence.stages() {
                let (mu, nu) = (&recurrence.mu[j], &recurrence.nu[j]);
                let start = &(&(&Exact::ONE - mu) - nu) + &(&recurrence.gamma_tilde[j] * &z);
                let weight = mu + &(&recurrence.mu_tilde[j] * &z);
                y.push(&(&start + &(&weight * &y[j])) + &(nu * &y[j - 1]));
            }
            assert_eq!(y.last(), r.eval_exact(&z).as_ref(), "{name}");
        }
    }

    #[test]
    fn intervals_grow_with_the_square_of_the_stages() {
        for s in [1, 2, 3, 7, 20, 50, 64] {
            assert_eq!(interval(&format!("rkc(s={s},damping=0)")), 2.0 * f64::from(s * s));
        }
        // 2/3 (s² - 1) with damping 0 and even s; with 2/13 about 0.65 s² (Sommeijer, Shampine & Verwer 1998, eq. (2.3)
        // and below), for s not too small.
        for s in [4u32, 10, 30, 50] {
            let square = f64::from(s * s);
            assert!(
                (interval(&format!("rkc2(s={s},damping=0)")) - 2.0 / 3.0 * (square - 1.0)).abs()
                    < 1e-12 * square
            );
        }
        for s in [10u32, 30, 50] {
            let share = interval(&format!("rkc2(s={s})")) / f64::from(s * s);
            assert!((share - 0.65).abs() < 0.01, "{s}: {share}");
        }
    }

    #[test]
    fn any_damping_between_its_limits_works() {
        for damping in ["0", "1/1000", "0.05", "2/13", "1"] {
            for family in ["rkc", "rkc2"] {
                let method = Method::named(&format!("{family}(s=5,damping={damping})")).unwrap();
                assert!(method.tableau().order() >= 1);
                let text = format!("{family}(s=5,damping={damping})");
                // More damping, a shorter interval, by at most a third or so.
                assert!(interval(&text) > 10.0, "{text}");
            }
        }
        for damping in ["-1/20", "1.01", "sqrt(2)/10", "inf", "nan"] {
            let error = Method::named(&format!("rkc(s=5,damping={damping})")).unwrap_err();
            let is_clear = matches!(
                error,
                MethodError::BadParameter { parameter: "damping", .. } | MethodError::BadNumber { .. }
            );
            assert!(is_clear, "{damping}: {error}");
        }
    }

    #[test]
    fn ranges_are_kept() {
        for (name, parameter) in [
            ("rkl1(s=0)", "s"),
            ("rkc(s=0)", "s"),
            ("rkc(s=5/2)", "s"),
            ("rkc(s=-3)", "s"),
            ("rkl2(s=1)", "s"),
            ("rkg2(s=65)", "s"),
            ("rkc2(s=1)", "s"),
            ("rkc2(s=3,damping=2)", "damping"),
        ] {
            match Method::named(name).unwrap_err() {
                MethodError::BadParameter { parameter: found, .. } => assert_eq!(found, parameter, "{name}"),
                other => panic!("{name}: {other}"),
            }
        }
    }
}
