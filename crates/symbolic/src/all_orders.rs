//! The modified equation to all orders at once, where it has a closed form: on linear fields, hence quadratic objectives.
//!
//! On ẋ = Ax a method multiplies by R(hA), so that it follows ẋ = (1/h) log R(hA) x exactly. For any other objective the same
//! function of the Hessian, ẋ = -φ(hH) ∇V with φ(z) = -log R(-z)/z, is the principal flow: the tall trees of the modified equation
//! (Rosca, Wu, Qin & Dherin 2023, for Euler's method). In one variable the series is printed with what is known of its radius.

use std::fmt::Write;

use nalgebra::{Complex, DMatrix};
use serde_json::{Value, json};
use shadowflow_methods::{Exact, Polynomial, Rational, StabilityFunction};

use crate::derive::Request;
use crate::error::SymbolicError;
use crate::expr::{Expr, Function};
use crate::report::lines::Lines;
use crate::scheme::{Rule, Scheme};
use crate::system::System;
use crate::tower::Tower;

/// All orders of one method, on a system if one is given.
///
/// ```
/// use shadowflow_symbolic::{AllOrders, Objective, Scheme, System};
/// let f = System::Gradient(Objective::parse("x^2/2", None)?);
/// let found = AllOrders::of(&Scheme::named("euler")?, Some(&f), 3)?;
/// let closed = found.closed.expect("f is quadratic");
/// assert_eq!(closed.field[0].to_string(), "log(1 - h)*x/h");
/// assert_eq!(found.radius, Some(1.0)); // of h times the curvature
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllOrders {
    scheme: Scheme,
    given: Option<String>,
    variables: Vec<String>,
    /// What a step multiplies by on ẏ = λy, a formula in z = hλ.
    pub amplification: Expr,
    /// The coefficients of log R(z) = z + c₂z² + …, as far as asked for; empty where they are no numbers.
    pub logarithm: Vec<Exact>,
    /// The radius of convergence of that series in |hλ|: the nearest zero, pole or branch point of R.
    pub radius: Option<f64>,
    /// The closed form on the system, if it is linear with uncoupled variables.
    pub closed: Option<Closed>,
    /// The series of a system in one variable that is not linear, by powers of h.
    pub series: Vec<Expr>,
    /// The matrix of a linear system with coupled variables, row by row.
    pub matrix: Vec<Vec<Expr>>,
    remark: Option<&'static str>,
}

/// A modified equation in closed form, in h and the names of the system.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// A formula for each variable.
    pub field: Vec<Expr>,
    /// The potential, if objectives were given.
    pub potential: Option<Expr>,
}

/// Fewer coefficients of a logarithm say little.
const LEAST_TERMS: usize = 6;

/// Facts about one series that has no closed form.
const PARABOLIC: &str = "Its coefficients grow like (n-1)!/(2 pi)^n as far as they were computed (n = 700), so that it converges for no \
                         h > 0 and is asymptotic; compare Baker (1964) on iterates of z + z^2. This is measured, not proved here.";

impl AllOrders {
    /// Everything that is known, with the first `terms` coefficients of the series.
    ///
    /// # Errors
    /// If the method has no single amplification factor, or the system cannot be derived.
    pub fn of(scheme: &Scheme, system: Option<&System>, terms: usize) -> Result<AllOrders, SymbolicError> {
        if terms == 0 {
            return Err(SymbolicError::OrderZero);
        }
        let (amplification, logarithm, radius) = match &scheme.rule {
            Rule::Tableau(method) => rational(method.tableau().stability_function(), terms)?,
            Rule::Simultaneous => {
                rational(shadowflow_methods::Method::named("euler")?.tableau().stability_function(), terms)?
            }
            Rule::Momentum { beta, gamma } => {
                use crate::coefficients::Coefficient;
                (momentum(&beta.formula()?, &gamma.formula()?), Vec::new(), None)
            }
            _ => {
                return Err(SymbolicError::WrongSystem {
                    method: scheme.name().to_owned(),
                    needs: "to be a Runge–Kutta method with numbers, heavy-ball or nesterov for all orders at once",
                });
            }
        };
        let mut found = AllOrders {
            scheme: scheme.clone(),
            given: None,
            variables: Vec::new(),
            amplification,
            logarithm,
            radius,
            closed: None,
            series: Vec::new(),
            matrix: Vec::new(),
            remark: None,
        };
        if let Some(system) = system {
            found.on(system, terms)?;
        }
        Ok(found)
    }

    fn on(&mut self, system: &System, terms: usize) -> Result<(), SymbolicError> {
        self.variables = system.variables().to_vec();
        let texts: Vec<String> = system.formulas().iter().map(|expr| expr.to_string()).collect();
        self.given = Some(match system.is_gradient() {
            true => format!("the gradient flow of f = {}", texts.join(", ")),
            false => format!("the vector field ({})", texts.join(", ")),
        });
        let Some((matrix, constant)) = linear(system)? else {
            if system.variables().len() > 1 {
                return Ok(());
            }
            let order = terms.min(crate::derive::MAX_H_POWER);
            let derived = Request::new(self.scheme.clone(), order).on(system)?;
            self.series = derived.field.into_iter().map(|mut coefficient| coefficient.remove(0)).collect();
            let is_square = matches!(system, System::Field(f) if matches!(&f.components()[0],
                Expr::Power(base, e) if matches!(**base, Expr::Symbol(_)) && **e == Expr::Number(Rational::from(2))));
            self.remark = (is_square && self.scheme.name() == "euler").then_some(PARABOLIC);
            return Ok(());
        };
        let uncoupled =
            (0..matrix.len()).all(|i| (0..matrix.len()).all(|j| i == j || matrix[i][j].is_zero()));
        if !uncoupled {
            self.matrix = matrix;
            return Ok(());
        }
        let h = || Expr::symbol("h");
        let (mut field, mut potential) = (Vec::new(), Vec::new());
        for (i, name) in system.variables().iter().enumerate() {
            let (slope, shift) = (&matrix[i][i], &constant[i]);
            if slope.is_zero() {
                // A constant field is followed exactly.
                field.push(shift.clone());
                potential.push(Expr::product(vec![shift.clone().negated(), Expr::symbol(name)]));
                continue;
            }
            let z = Expr::product(vec![h(), slope.clone()]);
            let factor = self.amplification.substituted(&|symbol| (symbol == "z").then(|| z.clone()));
            let rate = Expr::product(vec![
                Expr::Call(Function::Log, Box::new(tidy(&factor, system)?)),
                Expr::Power(Box::new(h()), Box::new(Expr::Number(-Rational::ONE))),
            ]);
            // Measured from the point of rest.
            let rest = Expr::product(vec![
                shift.clone(),
                Expr::Power(Box::new(slope.clone()), Box::new(Expr::Number(-Rational::ONE))),
            ]);
            let distance = tidy(&Expr::sum(vec![Expr::symbol(name), rest]), system)?;
            field.push(Expr::product(vec![rate.clone(), distance.clone()]));
            let square = Expr::Power(Box::new(distance), Box::new(Expr::Number(Rational::from(2))));
            let half = Rational::from_parts((-1).into(), 2u8.into());
            potential.push(Expr::product(vec![Expr::Number(half), rate, square]));
        }
        let potential = system.is_gradient().then(|| Expr::sum(potential));
        self.closed = Some(Closed { field, potential });
        Ok(())
    }

    /// As text to be read at a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("All orders of {}, {}\n\n", self.scheme.name(), self.scheme.title());
        let _ = writeln!(
            text,
            "On y' = lambda y a step multiplies by R(z), z = h lambda,\n  R(z) = {}",
            self.amplification
        );
        if !self.logarithm.is_empty() {
            let _ = writeln!(text, "  log R(z) = {} + ...", power_series(&self.logarithm, "z"));
        }
        if let Some(radius) = self.radius {
            let _ = match radius.is_finite() {
                true => {
                    writeln!(text, "  which converges for |z| < {radius:.12}, the nearest zero or pole of R")
                }
                false => writeln!(text, "  which converges for every z"),
            };
        }
        match &self.given {
            None => text.push_str(
                "\nOn a quadratic f = x^T H x/2 the method follows exactly\n  x' = 1/h log R(-h H) x, the gradient flow of V = -x^T log R(-h H) x/(2 h).\n\
                 On any f the principal flow is x' = 1/h log R(-h H) H^-1 grad f, H the Hessian at x:\n\
                 the part of the modified equation on tall trees, exact on quadratics only.\n",
            ),
            Some(given) => {
                let _ = writeln!(text, "\nOn {given}");
                self.result(&mut text);
            }
        }
        text
    }

    fn result(&self, text: &mut String) {
        let outcome = if let Some(closed) = &self.closed {
            for (name, expr) in self.variables.iter().zip(&closed.field) {
                let _ = writeln!(text, "  {name}' = {expr}");
            }
            match &closed.potential {
                Some(potential) => writeln!(text, "  V = {potential}"),
                None => Ok(()),
            }
        } else if !self.matrix.is_empty() {
            let rows: Vec<String> = self
                .matrix
                .iter()
                .map(|row| format!("[{}]", row.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ")))
                .collect();
            writeln!(text, "  x' = 1/h log R(h A) (x - x*), A = [{}], x* the point of rest", rows.join(", "))
        } else if !self.series.is_empty() {
            let terms: Vec<String> = self
                .series
                .iter()
                .enumerate()
                .filter(|(_, c)| !c.is_zero())
                .map(|(k, c)| if k == 0 { c.to_string() } else { format!("h^{k}*({c})") })
                .collect();
            let _ = writeln!(
                text,
                "  no closed form is known; the series begins\n  {}' = {} + ...",
                self.variables[0],
                terms.join(" + ")
            );
            writeln!(
                text,
                "{}",
                self.remark
                    .map_or("  Its radius of convergence is not known.".to_owned(), |r| format!("  {r}"))
            )
        } else {
            writeln!(
                text,
                "  no closed form is known: the field is not linear and has several variables. Its principal flow is\n\
                 \x20 x' = 1/h log R(-h H) H^-1 grad f with the Hessian H at x, exact on quadratics only."
            )
        };
        outcome.expect("writing to a string does not fail");
    }

    /// As LaTeX paragraphs (amsmath).
    pub fn latex(&self) -> String {
        let row = |left: &str, expr: &Expr| {
            let mut lines = Lines::after(6);
            lines.formula(expr, 0);
            format!("{left} &= {}", lines.finish())
        };
        let display =
            |rows: &[String]| format!("\\begin{{align*}}\n  {}\n\\end{{align*}}\n", rows.join(" \\\\\n  "));
        let mut text = format!(
            "% shadowflow derive {} --all-orders\nOn $\\dot y = \\lambda y$ a step multiplies by $R(z)$, $z = h\\lambda$,\n{}",
            self.scheme.name(),
            display(&[row("R(z)", &self.amplification)])
        );
        match &self.closed {
            Some(closed) => {
                let dotted = |name: &str| format!("\\dot{{{}}}", Expr::symbol(name).to_latex());
                let named = self.variables.iter().zip(&closed.field);
                let rows: Vec<String> = named.map(|(name, expr)| row(&dotted(name), expr)).collect();
                let _ = write!(text, "so that the method follows\n{}", display(&rows));
                if let Some(potential) = &closed.potential {
                    let _ = write!(text, "the gradient flow of\n{}", display(&[row("\\tilde V", potential)]));
                }
            }
            None => text.push_str(
                "so that on $V = \\frac{1}{2} x^{\\mathsf T} H x$ the method follows $\\dot x = \\frac{1}{h} \\log R(-hH)\\, x$.\n",
            ),
        }
        text
    }

    /// As JSON: `method`, `amplification`, `logarithm`, `radius`, and what is known on the system.
    pub fn json(&self) -> Value {
        let strings = |exprs: &[Expr]| exprs.iter().map(Expr::to_string).collect::<Vec<_>>();
        json!({
            "method": self.scheme.name(),
            "amplification": self.amplification.to_string(),
            "logarithm": self.logarithm.iter().map(Exact::to_string).collect::<Vec<_>>(),
            "radius": self.radius.filter(|r| r.is_finite()),
            "field": self.closed.as_ref().map(|closed| strings(&closed.field)),
            "potential": self.closed.as_ref().and_then(|closed| closed.potential.as_ref()).map(Expr::to_string),
            "series": (!self.series.is_empty()).then(|| strings(&self.series)),
            "matrix": (!self.matrix.is_empty()).then(|| self.matrix.iter().map(|row| strings(row)).collect::<Vec<_>>()),
            "note": self.remark,
        })
    }
}

/// A formula brought into order.
fn tidy(expr: &Expr, system: &System) -> Result<Expr, SymbolicError> {
    let mut parameters = system.parameters().to_vec();
    parameters.extend(expr.symbols().iter().map(|name| name.to_string()));
    parameters.retain(|name| !system.variables().contains(name));
    parameters.sort();
    parameters.dedup();
    let mut tower = Tower::new(system.variables(), &parameters, None)?;
    let p = tower.read(expr)?;
    tower.shown(&p)
}

/// The matrix and the constant of a field that is linear in the variables; `None` if it is not.
type Linear = Option<(Vec<Vec<Expr>>, Vec<Expr>)>;

fn linear(system: &System) -> Result<Linear, SymbolicError> {
    let mut tower = Tower::new(system.variables(), system.parameters(), None)?;
    let dimension = system.variables().len();
    let mut field = Vec::new();
    match system {
        System::Gradient(f) => {
            let f = tower.read(f.expr())?;
            for v in 0..dimension {
                field.push(tower.derivative(&f, v)?.negated());
            }
        }
        System::Field(given) => {
            for component in given.components() {
                field.push(tower.read(component)?);
            }
        }
        System::Sum(_) => return Ok(None),
    }
    let (mut matrix, mut constant) = (Vec::new(), Vec::new());
    for component in &field {
        let mut row = Vec::new();
        for v in 0..dimension {
            let slope = tower.derivative(component, v)?;
            if slope.terms().iter().any(|(monomial, _)| !tower.is_constant(monomial)) {
                return Ok(None);
            }
            row.push(tower.shown(&slope)?);
        }
        matrix.push(row);
        let at_origin = component.terms().iter().filter(|(m, _)| tower.is_constant(m));
        let mut sum = crate::polynomial::Sum::default();
        for (monomial, coefficient) in at_origin {
            sum.add(&crate::polynomial::Polynomial::term(*monomial, &component.coefficient(coefficient)));
        }
        constant.push(tower.shown(&tower.finish(sum)?)?);
    }
    Ok(Some((matrix, constant)))
}

/// R as a formula in z, the coefficients of its logarithm, and the distance from 0 to the nearest zero or pole.
fn rational(r: &StabilityFunction, terms: usize) -> Result<(Expr, Vec<Exact>, Option<f64>), SymbolicError> {
    use crate::coefficients::Coefficient;
    let formula = |p: &Polynomial| -> Result<Expr, SymbolicError> {
        let mut sum = Vec::new();
        for (k, c) in p.coefficients().iter().enumerate().filter(|(_, c)| !c.is_zero()) {
            let power = match k {
                0 => Expr::Number(Rational::ONE),
                1 => Expr::symbol("z"),
                _ => Expr::Power(Box::new(Expr::symbol("z")), Box::new(Expr::Number(Rational::from(k)))),
            };
            sum.push(Expr::product(vec![c.formula()?, power]));
        }
        Ok(Expr::sum(sum))
    };
    let below = Expr::Power(Box::new(formula(r.denominator())?), Box::new(Expr::Number(-Rational::ONE)));
    let amplification = match r.denominator().degree() {
        Some(0) | None => formula(r.numerator())?,
        Some(_) => Expr::product(vec![formula(r.numerator())?, below]),
    };
    let nearest =
        singularities(r.numerator()).chain(singularities(r.denominator())).fold(f64::INFINITY, f64::min);
    Ok((amplification, logarithm(r, terms), Some(nearest)))
}

/// The sizes of the zeros of a polynomial, the eigenvalues of its companion matrix.
fn singularities(p: &Polynomial) -> impl Iterator<Item = f64> {
    let coefficients: Vec<f64> = p.coefficients().iter().map(Exact::to_f64).collect();
    let degree = coefficients.len().saturating_sub(1);
    let zeros: Vec<Complex<f64>> = match degree {
        0 => Vec::new(),
        _ => {
            // In 1/z, whose polynomial begins with the constant 1: the largest eigenvalue is the nearest zero.
            let companion = DMatrix::from_fn(degree, degree, |i, j| match (i, j) {
                (0, j) => -coefficients[j + 1] / coefficients[0],
                (i, j) if i == j + 1 => 1.0,
                _ => 0.0,
            });
            companion.complex_eigenvalues().iter().copied().collect()
        }
    };
    zeros.into_iter().map(|z| z.norm()).filter(|size| *size > 0.0).map(|size| 1.0 / size)
}

/// c₁, …, c_n of log R = log P - log Q, by n·c_n·p₀ = n·p_n - Σ k·c_k·p_(n-k).
fn logarithm(r: &StabilityFunction, terms: usize) -> Vec<Exact> {
    let terms = terms.max(LEAST_TERMS);
    let series = |p: &Polynomial| -> Vec<Exact> {
        let at = |k: usize| p.coefficients().get(k).cloned().unwrap_or(Exact::ZERO);
        let mut c: Vec<Exact> = vec![Exact::ZERO];
        for n in 1..=terms {
            let mut sum = &at(n) * &Exact::from(n as i64);
            for (k, known) in c.iter().enumerate().skip(1) {
                sum = &sum - &(&(known * &Exact::from(k as i64)) * &at(n - k));
            }
            let scaled = &sum * &Exact::ratio(1, n as i64);
            c.push(scaled.checked_div(&at(0)).unwrap_or(Exact::ZERO));
        }
        c.split_off(1)
    };
    let (above, below) = (series(r.numerator()), series(r.denominator()));
    above.iter().zip(&below).map(|(p, q)| p - q).collect()
}

/// The root near 1 of μ² = (1 + β + z(1 + γ))μ - (β + zγ).
fn momentum(beta: &Expr, gamma: &Expr) -> Expr {
    let (one, z) = (|| Expr::Number(Rational::ONE), || Expr::symbol("z"));
    let sum =
        Expr::sum(vec![one(), beta.clone(), Expr::product(vec![z(), Expr::sum(vec![one(), gamma.clone()])])]);
    let last = Expr::sum(vec![beta.clone(), Expr::product(vec![z(), gamma.clone()])]);
    let square = Expr::Power(Box::new(sum.clone()), Box::new(Expr::Number(Rational::from(2))));
    let discriminant = Expr::sum(vec![square, Expr::product(vec![Expr::Number(Rational::from(-4)), last])]);
    let root = Expr::Power(Box::new(discriminant), Box::new(Expr::half()));
    Expr::product(vec![Expr::half(), Expr::sum(vec![sum, root])])
}

fn power_series(coefficients: &[Exact], name: &str) -> String {
    let mut text = String::new();
    for (k, c) in (1..).zip(coefficients).filter(|(_, c)| !c.is_zero()) {
        let printed = c.to_string();
        let (negative, size) = match printed.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, &printed[..]),
        };
        text.push_str(match (text.is_empty(), negative) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        });
        let power = if k == 1 { name.to_owned() } else { format!("{name}^{k}") };
        text.push_str(&if size == "1" { power } else { format!("{size}*{power}") });
    }
    text
}
