//! Typed formulas in plain numbers and in power series, without compiling anything.

use shadowflow_numerics::{Formula, Objective as Numeric, Scalar};

use crate::error::SymbolicError;
use crate::expr::{Expr, Function};
use crate::system::{Objective, VectorField};
use crate::tape::Tape;

/// A formula whose names are places in a point.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Number(f64),
    Variable(usize),
    Sum(Vec<Node>),
    Product(Vec<Node>),
    /// An integer power.
    Integer(Box<Node>, i32),
    /// A power k/2, by the root.
    Halves(Box<Node>, i32),
    /// exp(exponent · ln base).
    Power(Box<Node>, Box<Node>),
    Call(Function, Box<Node>),
}

impl Node {
    fn of(expr: &Expr, variables: &[String]) -> Result<Node, SymbolicError> {
        let all = |parts: &[Expr]| {
            parts.iter().map(|part| Node::of(part, variables)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match expr {
            Expr::Number(n) => Node::Number(n.to_f64().value()),
            Expr::Symbol(name) => match variables.iter().position(|variable| **variable == **name) {
                Some(index) => Node::Variable(index),
                None => return Err(SymbolicError::NoValue { parameter: name.to_string() }),
            },
            Expr::Sum(terms) => Node::Sum(all(terms)?),
            Expr::Product(factors) => Node::Product(all(factors)?),
            Expr::Power(base, exponent) => {
                let inner = Box::new(Node::of(base, variables)?);
                let number = match &**exponent {
                    Expr::Number(n) => n.to_f64().value(),
                    _ => f64::NAN,
                };
                // Whole and half exponents below the limit of the parser are exact in doubles.
                match number {
                    n if n.fract() == 0.0 && n.abs() < 1e6 => Node::Integer(inner, n as i32),
                    n if (2.0 * n).fract() == 0.0 && n.abs() < 1e6 => Node::Halves(inner, (2.0 * n) as i32),
                    _ => Node::Power(inner, Box::new(Node::of(exponent, variables)?)),
                }
            }
            Expr::Call(function, argument) => Node::Call(*function, Box::new(Node::of(argument, variables)?)),
        })
    }

    fn at<S: Scalar>(&self, x: &[S]) -> S {
        match self {
            Node::Number(n) => S::from(*n),
            Node::Variable(index) => x[*index],
            Node::Sum(terms) => terms.iter().fold(S::from(0.0), |sum, term| sum + term.at(x)),
            Node::Product(factors) => {
                factors.iter().fold(S::from(1.0), |product, factor| product * factor.at(x))
            }
            Node::Integer(base, exponent) => base.at(x).powi(*exponent),
            Node::Halves(base, exponent) => base.at(x).sqrt().powi(*exponent),
            Node::Power(base, exponent) => (base.at(x).ln() * exponent.at(x)).exp(),
            Node::Call(function, argument) => {
                let u = argument.at(x);
                match function {
                    Function::Exp => u.exp(),
                    Function::Log => u.ln(),
                    Function::Sin => u.sin(),
                    Function::Cos => u.cos(),
                    Function::Tan => u.tan(),
                    Function::Tanh => u.tanh(),
                }
            }
        }
    }
}

/// An objective in numbers: what every map, flow and measurement of `shadowflow_numerics` accepts.
///
/// Where the formula is undefined, values are NaN or infinite.
///
/// ```
/// use shadowflow_numerics::Objective as _;
/// use shadowflow_symbolic::Objective;
/// let f = Objective::parse("(1-x*y)^2/2", None)?.numeric()?;
/// let mut hessian = [0.0; 4];
/// f.hessian(&[2.0, 0.5], &mut hessian);
/// assert_eq!((f.value(&[2.0, 1.0]), hessian), (0.5, [0.25, 1.0, 1.0, 4.0]));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct NumericObjective {
    value: Node,
    gradient: Tape,
    variables: usize,
}

impl Objective {
    /// The objective in numbers.
    ///
    /// # Errors
    /// If a parameter has no value.
    pub fn numeric(&self) -> Result<NumericObjective, SymbolicError> {
        let value = Node::of(self.expr(), self.variables())?;
        let variables = self.variables().len();
        Ok(NumericObjective { gradient: Tape::gradient(&value, variables), value, variables })
    }
}

impl Numeric for NumericObjective {
    fn variables(&self) -> usize {
        self.variables
    }

    fn value<S: Scalar>(&self, x: &[S]) -> S {
        self.value.at(x)
    }

    /// One pass, whatever the number of variables.
    fn gradient<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        self.gradient.run(x, out);
    }
}

/// A vector field in numbers, made by [`VectorField::numeric`].
#[derive(Clone, Debug)]
pub struct NumericField {
    components: Tape,
    variables: usize,
}

impl VectorField {
    /// The field in numbers.
    ///
    /// # Errors
    /// If a parameter has no value.
    pub fn numeric(&self) -> Result<NumericField, SymbolicError> {
        let component = |expr| Node::of(expr, self.variables());
        let components = self.components().iter().map(component).collect::<Result<Vec<_>, _>>()?;
        Ok(NumericField { components: Tape::values(&components), variables: components.len() })
    }
}

impl Formula for NumericField {
    fn variables(&self) -> usize {
        self.variables
    }

    fn at<S: Scalar>(&self, x: &[S], out: &mut [S]) {
        self.components.run(x, out);
    }
}

#[cfg(test)]
mod tests {
    use shadowflow_numerics::VectorField as _;
    use shadowflow_numerics::problems::{DEFINITIONS, Given};

    use super::*;
    use crate::system::System;

    /// Differences of the gradient have about ten digits.
    #[test]
    fn every_built_in_problem_has_the_value_of_its_formula_and_its_derivatives() {
        for definition in DEFINITIONS {
            let values: Vec<_> = definition
                .parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), crate::number(value).unwrap()))
                .collect();
            let system = System::known(definition.name).unwrap().unwrap().with_values(&values).unwrap();
            let x: Vec<f64> = [0.7, -0.4, 0.9][..system.variables().len()].to_vec();
            let name = |n: &str| x[system.variables().iter().position(|v| v == n).unwrap()];
            match (&system, definition.formula) {
                (System::Gradient(f), Given::Objective(_)) => {
                    let numeric = f.numeric().unwrap();
                    let exact = f.expr().eval(&name);
                    assert!(
                        (numeric.value(&x[..]) - exact).abs() < 1e-13 * (1.0 + exact.abs()),
                        "{}",
                        definition.name
                    );
                    let mut gradient = vec![0.0; x.len()];
                    numeric.gradient(&x, &mut gradient);
                    for j in 0..x.len() {
                        let beside = |d: f64| {
                            let mut y = x.clone();
                            y[j] += d;
                            numeric.value(&y[..])
                        };
                        let difference = (beside(1e-5) - beside(-1e-5)) / 2e-5;
                        let tolerance = 1e-6 * (1.0 + difference.abs());
                        assert!(
                            (gradient[j] - difference).abs() < tolerance,
                            "{}: {gradient:?}",
                            definition.name
                        );
                    }
                }
                (System::Field(field), Given::Field(_)) => {
                    let mut found = vec![0.0; x.len()];
                    field.numeric().unwrap().eval(&x, &mut found);
                    for (found, expr) in found.iter().zip(field.components()) {
                        let exact = expr.eval(&name);
                        assert!((found - exact).abs() < 1e-13 * (1.0 + exact.abs()), "{}", definition.name);
                    }
                }
                _ => panic!("{} is of two kinds", definition.name),
            }
        }
    }

    #[test]
    fn roots_powers_and_functions_are_all_there() {
        for text in [
            "sqrt(x^2+1)*tan(y)",
            "(2+x^2)^(-2/3)*exp(-y)",
            "x^y",
            "log(x)^3/2",
            "(x+y)^(3/2)",
            "tanh(x)*sin(y)/cos(x)",
        ] {
            let f = Objective::parse(&format!("{text}+0*x*y+x+y"), Some(&["x", "y"])).unwrap();
            let (x, y) = (0.8, 0.3);
            let exact = f.expr().eval(&|name| if name == "x" { x } else { y });
            let found = f.numeric().unwrap().value(&[x, y]);
            assert!((found - exact).abs() < 1e-14, "{text}: {found} {exact}");
        }
    }

    #[test]
    fn a_parameter_without_a_value_is_named() {
        let f = Objective::parse("a*x^2", Some(&["x"])).unwrap();
        assert!(f.numeric().unwrap_err().to_string().contains("`a`"));
    }
}
