//! Factors of polynomials in several unknowns, as far as greatest common divisors and square roots find them.
//!
//! Contents in every unknown, repeated factors, and what is quadratic in some unknown with a square for a discriminant.
//! A polynomial in one unknown is factored completely, if its degree is small or completeness is asked for.

use dashu_base::{Signed, SquareRootRem, UnsignedAbs};
use dashu_int::IBig;
use shadowflow_methods::MultivariatePolynomial;

use super::univariate;

/// The degree in one unknown through which complete factorisation costs next to nothing.
const SMALL_DEGREE: u32 = 6;

/// The distinct factors found, without numerical content; a nonconstant polynomial gives at least one.
pub(super) fn of(polynomial: &MultivariatePolynomial) -> Vec<MultivariatePolynomial> {
    found(polynomial, SMALL_DEGREE)
}

/// The same with polynomials in one unknown factored completely, whatever their degree.
pub(super) fn complete(polynomial: &MultivariatePolynomial) -> Vec<MultivariatePolynomial> {
    found(polynomial, u32::MAX)
}

fn found(polynomial: &MultivariatePolynomial, most_degree: u32) -> Vec<MultivariatePolynomial> {
    let mut found: Vec<MultivariatePolynomial> = Vec::new();
    let mut pending = vec![polynomial.primitive()];
    while let Some(next) = pending.pop() {
        if next.as_constant().is_some() {
            continue;
        }
        match split(&next, most_degree) {
            Some((x, y)) => pending.extend([x, y]),
            None if found.contains(&next) => {}
            None => found.push(next),
        }
    }
    found.sort_by_key(|p| (p.degree(), p.len()));
    found
}

/// Two proper factors, up to repetition.
fn split(
    p: &MultivariatePolynomial,
    most_degree: u32,
) -> Option<(MultivariatePolynomial, MultivariatePolynomial)> {
    let by = |factor: MultivariatePolynomial| {
        let proper = factor.as_constant().is_none() && factor.degree() < p.degree();
        proper.then(|| p.divided_by(&factor).map(|rest| (factor.primitive(), rest.primitive()))).flatten()
    };
    let variables = p.variables();
    if let [only] = variables[..]
        && p.degree() <= most_degree
    {
        return univariate::proper_factor(p, only).and_then(by);
    }
    variables
        .iter()
        .find_map(|v| by(p.content_in(v)))
        .or_else(|| variables.iter().find_map(|v| by(p.gcd(&p.derivative(v)))))
        .or_else(|| {
            variables.iter().filter(|v| p.degree_in(v) == 2).find_map(|v| by(quadratic_factor(p, v)?))
        })
}

/// A factor of p₂x² + p₁x + p₀ whose discriminant is a square.
fn quadratic_factor(p: &MultivariatePolynomial, variable: &str) -> Option<MultivariatePolynomial> {
    let coefficients = p.coefficients_in(variable);
    let [p0, p1, p2] = &coefficients[..] else { return None };
    let root = square_root(&p1.times(p1).minus(&p2.times(p0).scaled(&4.into())))?;
    let x = MultivariatePolynomial::variable(variable);
    let linear = p2.scaled(&2.into()).times(&x).plus(p1).plus(&root);
    Some(p.gcd(&linear))
}

/// The polynomial whose square this is.
pub(super) fn square_root(p: &MultivariatePolynomial) -> Option<MultivariatePolynomial> {
    if let Some(number) = p.as_constant() {
        return integer_root(&number).map(MultivariatePolynomial::from);
    }
    let variable = p.variables().first().copied()?.to_owned();
    let coefficients = p.coefficients_in(&variable);
    let degree = coefficients.len() - 1;
    if degree % 2 == 1 {
        return None;
    }
    // Coefficient by coefficient from the top; the last ones must agree by themselves.
    let half = degree / 2;
    let lead = square_root(&coefficients[degree])?;
    let twice = lead.scaled(&2.into());
    let mut root = vec![MultivariatePolynomial::from(0); half + 1];
    root[half] = lead;
    for k in (0..half).rev() {
        let known = (k + 1..half).fold(coefficients[half + k].clone(), |rest, i| {
            let j = half + k - i;
            if j > k && j <= half { rest.minus(&root[i].times(&root[j])) } else { rest }
        });
        root[k] = known.divided_by(&twice)?;
    }
    let x = MultivariatePolynomial::variable(&variable);
    let root = root.iter().rev().fold(MultivariatePolynomial::from(0), |sum, c| sum.times(&x).plus(c));
    (root.times(&root) == *p).then_some(root)
}

fn integer_root(number: &IBig) -> Option<IBig> {
    if number.is_negative() {
        return None;
    }
    let (root, rest) = number.clone().unsigned_abs().sqrt_rem();
    rest.is_zero().then(|| root.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::RationalFunction;

    fn polynomial(text: &str) -> MultivariatePolynomial {
        text.parse::<RationalFunction>().unwrap().numerator().clone()
    }

    fn factors(text: &str) -> Vec<String> {
        let mut texts: Vec<String> = of(&polynomial(text)).iter().map(ToString::to_string).collect();
        texts.sort();
        texts
    }

    #[test]
    fn products_come_apart() {
        assert_eq!(factors("x*y^2*(x + y)^2"), ["x", "x + y", "y"]);
        assert_eq!(factors("(x^2 - y^2)*(3*z - 1)"), ["3*z - 1", "x + y", "x - y"]);
        assert_eq!(factors("(x*y - 1)*(x + y*z)"), ["x + y*z", "x*y - 1"]);
        assert_eq!(factors("x^2 + y^2 - 1"), ["x^2 + y^2 - 1"]);
    }

    #[test]
    fn square_roots_of_squares_only() {
        for text in ["x + y - 3*x*y^2", "2", "x^2*z - y + 1"] {
            let p = polynomial(text);
            let root = square_root(&p.times(&p)).unwrap();
            assert!(root == p || root == p.negated(), "{text}");
        }
        for text in ["x", "2*x^2", "x^2 + 1", "-x^2", "x^2 + 2*x*y + y^2 + 1"] {
            assert_eq!(square_root(&polynomial(text)), None, "{text}");
        }
    }
}
