//! The derivatives of an R with several poles: the first ones exactly, the later ones from the pole that outweighs the others.

use std::cmp::Ordering;

use dashu_int::IBig;
use num_complex::Complex64;

use crate::exact::{ComplexRoots, Exact, Rational};
use crate::polynomial::{Polynomial, eval_complex};

/// Derivatives that are looked at where it is not known how many suffice, and the most that are.
const MANY: usize = 120;
const MOST: usize = 400;
/// Poles are known to 10⁻⁹ of their size, and distances from -r, if equal, to four times that.
const MARGIN: f64 = 1e-8;

/// R = P/Q with simple poles zⱼ is a polynomial and Σ Aⱼ/(zⱼ - z), Aⱼ = -P(zⱼ)/Q'(zⱼ). Its Taylor coefficient number k at
/// -r is Σ Aⱼ/(zⱼ + r)ᵏ⁺¹ beyond the degree of the polynomial.
pub(super) struct SeveralPoles {
    p: Polynomial,
    q: Polynomial,
    /// zⱼ and Aⱼ, first those of the smallest positive pole; `None` if doubles do not tell them.
    poles: Option<Vec<(Complex64, Complex64)>>,
}

impl SeveralPoles {
    pub(super) fn of(p: &Polynomial, q: &Polynomial) -> SeveralPoles {
        let poles = poles(p, q);
        let (p, q) = p.over_common_denominator(q);
        SeveralPoles { p, q, poles }
    }

    /// Whether all derivatives at -r are ≥ 0; `None` if that is not known.
    pub(super) fn decide(&self, r: &Rational) -> Option<bool> {
        // A nearer pole elsewhere cannot be, by Pringsheim's theorem.
        if self.ratios(r).is_some_and(|ratios| ratios.iter().any(|(ratio, _)| *ratio > 1.0 + MARGIN)) {
            return Some(false);
        }
        let enough = self.enough(r);
        let Some(first) = self.coefficients(r, enough.unwrap_or(MANY)) else { return Some(false) };
        if first.iter().any(|c| c.sign() == Ordering::Less) { Some(false) } else { enough.map(|_| true) }
    }

    /// Whether a derivative that is 0 at -r falls below directly beyond, where the next one is its slope.
    pub(super) fn is_last(&self, r: &Rational) -> bool {
        let first = self.coefficients(r, MANY).unwrap_or_default();
        first.windows(2).any(|pair| pair[0].is_zero() && pair[1].sign() == Ordering::Greater)
    }

    /// A number of derivatives beyond which all are > 0, because the first pole outweighs the others by a thousandth or more:
    /// the rounding errors of the terms are below 10⁻⁴ of them, as [`poles`] has made sure.
    fn enough(&self, r: &Rational) -> Option<usize> {
        let ratios = self.ratios(r)?;
        let outweighs_more_and_more = ratios.iter().all(|(ratio, _)| *ratio < 1.0 - MARGIN);
        if self.poles.as_deref()?.first()?.1.re <= 0.0 || !outweighs_more_and_more {
            return None;
        }
        let polynomial = self.p.degree().unwrap_or(0);
        let outweighs = |k: usize| {
            // (1 + 4·10⁻⁹)ᵏ is below 1 + 10⁻⁵.
            1.001 * ratios.iter().map(|(ratio, a)| a * ratio.powi(k as i32 + 1)).sum::<f64>() < 1.0
        };
        (polynomial + 1..MOST).find(|&k| outweighs(k))
    }

    /// How much nearer to -r the first pole is than each other one, and how much less it weighs.
    fn ratios(&self, r: &Rational) -> Option<Vec<(f64, f64)>> {
        let r = r.to_f64().value();
        let [(first, weight), others @ ..] = self.poles.as_deref()? else { return None };
        let ratio = |(z, a): &(Complex64, Complex64)| ((first.re + r) / (z + r).norm(), a.norm() / weight.re);
        Some(others.iter().map(ratio).collect())
    }

    /// The first Taylor coefficients at -r in y = b(w + r), r = a/b, times positive numbers: integers, if P and Q have
    /// integer coefficients. `None` at or beyond a pole.
    fn coefficients(&self, r: &Rational, count: usize) -> Option<Vec<Exact>> {
        let n = self.p.degree().max(self.q.degree())?;
        let (p, q) = (self.p.around(r, n), self.q.around(r, n));
        let lead = q.coefficients().first().filter(|c| c.sign() == Ordering::Greater)?;
        // Cₖ = q₀ᵏ⁺¹cₖ: from Σ qⱼcₖ₋ⱼ = pₖ that is q₀ᵏpₖ - Σ qⱼq₀ʲ⁻¹Cₖ₋ⱼ.
        let mut power = Exact::ONE;
        let mut weights = Vec::new();
        for c in q.coefficients().iter().skip(1) {
            weights.push(c * &power);
            power = &power * lead;
        }
        let mut power = Exact::ONE;
        let mut found: Vec<Exact> = Vec::with_capacity(count);
        for k in 0..count {
            let own = p.coefficients().get(k).map_or(Exact::ZERO, |c| c * &power);
            let rest = weights.iter().zip(found.iter().rev());
            found.push(&own - &rest.fold(Exact::ZERO, |sum, (w, c)| &sum + &(w * c)));
            if found[k].sign() == Ordering::Less {
                break;
            }
            power = &power * lead;
        }
        Some(found)
    }
}

/// The poles, simple ones, with what stands above them; with weights to seven digits and places to nine or better.
fn poles(p: &Polynomial, q: &Polynomial) -> Option<Vec<(Complex64, Complex64)>> {
    // Qʳ(v) = vⁿQ(D/v) with integer coefficients, the first of them 1.
    let (scale, reversed) = monic_reversal(q)?;
    let roots = ComplexRoots::of(&reversed)?;
    let (p, slope, second) = (p.to_f64(), q.derivative().to_f64(), q.derivative().derivative().to_f64());
    let sizes = |f: &[f64]| f.iter().map(|c| c.abs()).collect::<Vec<f64>>();
    let derivative: Vec<f64> = p.iter().enumerate().skip(1).map(|(k, c)| k as f64 * c).collect();
    let mut found = Vec::new();
    for v in &roots.centres {
        let z = scale / v;
        // |D/v - D/v'| for |v - v'| ≤ radius, and rounding.
        let error =
            scale * roots.radius / (v.norm() * (v.norm() - roots.radius)) + 4.0 * f64::EPSILON * z.norm();
        let value = |f: &[f64], slope: &[f64]| {
            let size = |f: &[f64]| eval_complex(&sizes(f), z.norm().into()).re;
            let value = eval_complex(f, z);
            let bound = 8.0 * f.len() as f64 * f64::EPSILON * size(f) + error * size(slope);
            (bound < 1e-7 * value.norm()).then_some(value)
        };
        let is_exact_enough = v.norm() > roots.radius && error < 1e-9 * z.norm();
        if !is_exact_enough {
            return None;
        }
        let weight = -value(&p, &derivative)? / value(&slope, &second)?;
        // A disc that meets the real line holds a real root.
        let is_real = v.im.abs() <= roots.radius;
        found.push(if is_real { (z.re.into(), weight.re.into()) } else { (z, weight) });
    }
    let first = (0..found.len())
        .filter(|&j| found[j].0.im == 0.0 && found[j].0.re > 0.0)
        .min_by(|&i, &j| found[i].0.re.total_cmp(&found[j].0.re))?;
    found.swap(0, first);
    Some(found)
}

/// The smallest D for which the coefficients qₖDᵏ of vⁿ⁻ᵏ are integers, with these by ascending power.
fn monic_reversal(q: &Polynomial) -> Option<(f64, Vec<IBig>)> {
    let coefficients = q.coefficients().iter().map(Exact::as_rational).collect::<Option<Vec<_>>>()?;
    (1u32..=10_000).find_map(|scale| {
        let mut power = Rational::ONE;
        let mut integers = Vec::new();
        for c in &coefficients {
            let (n, d) = (*c * &power).into_parts();
            if !d.is_one() {
                return None;
            }
            integers.push(n);
            power *= Rational::from(scale);
        }
        integers.reverse();
        Some((f64::from(scale), integers))
    })
}
