//! One step of a method is the flow of its modified equation over the time h: an identity of power series in h, for every method
//! of the catalogue on three objectives. Steps are taken by the tableau, flows by Picard iteration, both in exact numbers.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use shadowflow_methods::{Exact, Method, Tableau};
use shadowflow_symbolic::{Expr, Objective, Request, SymbolicError, System};

/// A power series in h, truncated, whose coefficient of hⁿ is a polynomial in the time τ of degree n at most.
#[derive(Clone, Debug, PartialEq)]
struct Series(Vec<Vec<Exact>>);

impl Series {
    fn number(value: Exact, order: usize) -> Series {
        let mut powers: Vec<Vec<Exact>> = (0..=order).map(|n| vec![Exact::ZERO; n + 1]).collect();
        powers[0][0] = value;
        Series(powers)
    }

    fn order(&self) -> usize {
        self.0.len() - 1
    }

    fn plus(&self, other: &Series) -> Series {
        let row = |(x, y): (&Vec<Exact>, &Vec<Exact>)| x.iter().zip(y).map(|(x, y)| x + y).collect();
        Series(self.0.iter().zip(&other.0).map(row).collect())
    }

    fn times(&self, other: &Series) -> Series {
        let mut product = Series::number(Exact::ZERO, self.order());
        for (i, x) in self.0.iter().enumerate() {
            for (j, y) in other.0.iter().enumerate().take(self.order() + 1 - i) {
                for (k, a) in x.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
                    for (l, b) in y.iter().enumerate().filter(|(_, b)| !b.is_zero()) {
                        product.0[i + j][k + l] = &product.0[i + j][k + l] + &(a * b);
                    }
                }
            }
        }
        product
    }

    fn scaled(&self, factor: &Exact) -> Series {
        self.times(&Series::number(factor.clone(), self.order()))
    }

    /// 1/s = Σ (1 - s/s₀)ᵏ/s₀.
    fn inverse(&self) -> Series {
        let first = self.0[0][0].checked_div(&(&self.0[0][0] * &self.0[0][0])).unwrap();
        let rest = Series::number(Exact::ONE, self.order()).plus(&self.scaled(&-&first));
        let mut power = Series::number(Exact::ONE, self.order());
        let mut sum = power.clone();
        for _ in 0..self.order() {
            power = power.times(&rest);
            sum = sum.plus(&power);
        }
        sum.scaled(&first)
    }

    /// h s.
    fn times_h(&self) -> Series {
        let mut shifted = Series::number(Exact::ZERO, self.order());
        for n in 0..self.order() {
            for (k, c) in self.0[n].iter().enumerate() {
                shifted.0[n + 1][k] = c.clone();
            }
        }
        shifted
    }

    /// The integral over τ from 0; what grows beyond degree n at hⁿ was 0.
    fn integral(&self) -> Series {
        let mut integral = Series::number(Exact::ZERO, self.order());
        for (n, row) in self.0.iter().enumerate() {
            for (k, c) in row.iter().enumerate().filter(|(_, c)| !c.is_zero()) {
                integral.0[n][k + 1] = c * &Exact::ratio(1, k as i64 + 1);
            }
        }
        integral
    }

    /// The coefficients of powers of h at τ = 1.
    fn at_one(&self) -> Vec<Exact> {
        self.0.iter().map(|row| row.iter().fold(Exact::ZERO, |sum, c| &sum + c)).collect()
    }
}

fn eval(expr: &Expr, names: &[String], point: &[Series]) -> Series {
    let order = point[0].order();
    let number = |value: Exact| Series::number(value, order);
    match expr {
        Expr::Number(n) => number(n.clone().into()),
        Expr::Symbol(name) => point[names.iter().position(|n| **n == **name).unwrap()].clone(),
        Expr::Sum(terms) => {
            terms.iter().fold(number(Exact::ZERO), |sum, term| sum.plus(&eval(term, names, point)))
        }
        Expr::Product(factors) => {
            factors.iter().fold(number(Exact::ONE), |product, f| product.times(&eval(f, names, point)))
        }
        Expr::Power(base, exponent) => match (&**base, exponent.eval_exact(&|_| unreachable!()).unwrap()) {
            (Expr::Number(n), half) if !half.denominator().is_one() => {
                let radicand = u32::try_from(n.numerator().clone()).unwrap();
                number(Exact::with_root(0.into(), 1.into(), radicand))
            }
            (_, n) => {
                let n = i64::try_from(n.numerator().clone()).unwrap();
                let base = eval(base, names, point);
                let base = if n < 0 { base.inverse() } else { base };
                (0..n.abs()).fold(number(Exact::ONE), |power, _| power.times(&base))
            }
        },
        Expr::Call(..) => panic!("a rational objective has no functions"),
    }
}

/// One step, its stages by as many iterations as there are powers of h.
fn step(
    tableau: &Tableau,
    field: &[Expr],
    names: &[String],
    start: &[Exact],
    order: usize,
) -> Vec<Vec<Exact>> {
    let start: Vec<Series> = start.iter().map(|x| Series::number(x.clone(), order)).collect();
    let slopes = |point: &[Series]| field.iter().map(|f| eval(f, names, point).times_h()).collect::<Vec<_>>();
    let moved = |weights: &[Exact], slopes: &[Vec<Series>]| -> Vec<Series> {
        let mut point = start.clone();
        for (weight, slope) in weights.iter().zip(slopes).filter(|(w, _)| !w.is_zero()) {
            for (x, s) in point.iter_mut().zip(slope) {
                *x = x.plus(&s.scaled(weight));
            }
        }
        point
    };
    let mut stages = vec![slopes(&start); tableau.stages()];
    for _ in 0..order {
        stages = (0..tableau.stages()).map(|i| slopes(&moved(tableau.row(i), &stages))).collect();
    }
    moved(tableau.b(), &stages).iter().map(Series::at_one).collect()
}

/// The flow of ẏ = Σ hᵏ Fₖ(y) over the time h.
fn flow(field: &[Vec<Expr>], names: &[String], start: &[Exact], order: usize) -> Vec<Vec<Exact>> {
    let start: Vec<Series> = start.iter().map(|x| Series::number(x.clone(), order)).collect();
    let mut point = start.clone();
    for _ in 0..order {
        let slope = |v: usize| {
            let mut sum = Series::number(Exact::ZERO, order);
            for (k, power) in field.iter().enumerate() {
                let mut term = eval(&power[v], names, &point);
                for _ in 0..=k {
                    term = term.times_h();
                }
                sum = sum.plus(&term);
            }
            sum.integral()
        };
        point = start.iter().enumerate().map(|(v, x)| x.plus(&slope(v))).collect();
    }
    point.iter().map(Series::at_one).collect()
}

#[test]
fn a_step_is_the_flow_of_the_modified_equation() {
    let systems: Vec<System> = ["(1-x*y)^2/2", "x^4/4 - x^2/2", "x*y/(1+x^2)"]
        .iter()
        .map(|text| System::Gradient(Objective::parse(text, None).unwrap()))
        .collect();
    let start = [Exact::ratio(2, 3), Exact::ratio(-1, 2)];
    let (mut compared, mut refused) = (0, Vec::new());
    for method in Method::exact() {
        let tableau = method.tableau();
        // The first correction and the one after it, where that is within reach.
        let order = (tableau.order() as usize + 1).min(if tableau.stages() > 7 { 3 } else { 4 });
        // In fields of high degree exact numbers are slow, and many stages take many products.
        if tableau.field().is_some_and(|field| field.degree() > 2) || tableau.stages() > 16 {
            continue;
        }
        for system in &systems {
            let found = match Request::new(method.clone(), order).on(system) {
                Ok(found) => found,
                Err(SymbolicError::NoClosedForm { .. }) => {
                    refused.push(method.name().to_owned());
                    continue;
                }
                Err(other) => panic!("{}: {other}", method.name()),
            };
            let names = system.variables();
            let start = &start[..names.len()];
            let stepped = step(tableau, &found.field[0], names, start, order + 1);
            let flowed = flow(&found.field, names, start, order + 1);
            assert_eq!(stepped, flowed, "{} through h^{order}", method.name());
            compared += 1;
        }
    }
    assert!(compared > 240, "{compared} compared, refused {refused:?}");
}

#[test]
fn the_identity_fails_one_power_further() {
    let system = System::Gradient(Objective::parse("(1-x*y)^2/2", None).unwrap());
    let euler = Method::named("euler").unwrap();
    let found = Request::new(euler.clone(), 2).on(&system).unwrap();
    let start = [Exact::ratio(2, 3), Exact::ratio(-1, 2)];
    let names = system.variables();
    let stepped = step(euler.tableau(), &found.field[0], names, &start, 4);
    let flowed = flow(&found.field, names, &start, 4);
    assert_eq!(stepped[0][..4], flowed[0][..4]);
    assert_ne!(stepped[0][4], flowed[0][4]);
}
