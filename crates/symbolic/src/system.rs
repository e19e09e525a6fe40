//! What is integrated: the gradient flow of an objective, or a vector field, read from text.

use shadowflow_methods::Rational;
use shadowflow_numerics::problems::{Definition, Given};

use crate::error::{Fault, FormulaError, SymbolicError};
use crate::expr::Expr;
use crate::parse::{MAX_BITS, bits, formula, formulas, is_name, is_reserved, shortened};

/// Most variables of a system.
pub const MAX_VARIABLES: usize = 8;

/// Most bits of the value of a parameter, which a formula may multiply by itself as often as its degree.
const MAX_VALUE_BITS: f64 = 1024.0;

/// An objective f, whose gradient flow is ẋ = -∇f.
///
/// ```
/// use shadowflow_symbolic::Objective;
/// let f = Objective::parse("mu*(1-x*y)^2/2", Some(&["x", "y"]))?;
/// assert_eq!((f.variables().join(","), f.parameters().join(",")), ("x,y".to_owned(), "mu".to_owned()));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    expr: Expr,
    variables: Vec<String>,
    parameters: Vec<String>,
}

impl Objective {
    /// Reads an objective. Without `variables` every name is one, in alphabetical order; with them, other names are
    /// parameters.
    ///
    /// # Errors
    /// If the text is no formula, or a declared variable is no name or does not occur.
    pub fn parse(text: &str, variables: Option<&[&str]>) -> Result<Objective, SymbolicError> {
        let expr = formula(text)?;
        let exprs = std::slice::from_ref(&expr);
        let (variables, parameters) = names(exprs, variables)?;
        check_defined(text, exprs)?;
        check_present(exprs, &variables)?;
        Ok(Objective { expr, variables, parameters })
    }

    /// The formula.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The variables, in the order of the components of the gradient.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// The other names.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }
}

/// A vector field ẋ = f(x), a formula for each component.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorField {
    components: Vec<Expr>,
    variables: Vec<String>,
    parameters: Vec<String>,
}

impl VectorField {
    /// Reads components separated by commas. Variables as for [`Objective::parse`]; there must be one for each component.
    ///
    /// # Errors
    /// If the text is no list of formulas, a declared variable is no name, or the numbers differ.
    pub fn parse(text: &str, variables: Option<&[&str]>) -> Result<VectorField, SymbolicError> {
        let components = formulas(text)?;
        let (variables, parameters) = names(&components, variables)?;
        if components.len() != variables.len() {
            return Err(SymbolicError::Dimension { components: components.len(), variables });
        }
        check_defined(text, &components)?;
        Ok(VectorField { components, variables, parameters })
    }

    /// The formulas of the components.
    pub fn components(&self) -> &[Expr] {
        &self.components
    }

    /// The variables, one for each component.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// The other names.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }
}

/// A field in parts, ẋ = f₁(x) + f₂(x) + …: what splitting methods take apart, and the batches of stochastic gradient descent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    parts: Vec<Vec<Expr>>,
    are_objectives: bool,
    variables: Vec<String>,
    parameters: Vec<String>,
}

impl Sum {
    /// Reads an objective for each part; variables as for [`Objective::parse`].
    ///
    /// # Errors
    /// If a text is no single formula, a declared variable is no name, or does not occur in any part.
    pub fn of_objectives(texts: &[&str], variables: Option<&[&str]>) -> Result<Sum, SymbolicError> {
        let parts =
            texts.iter().map(|text| Ok(vec![formula(text)?])).collect::<Result<Vec<_>, SymbolicError>>()?;
        let exprs: Vec<Expr> = parts.iter().flatten().cloned().collect();
        let (variables, parameters) = names(&exprs, variables)?;
        check_present(&exprs, &variables)?;
        for (text, part) in texts.iter().zip(&parts) {
            check_defined(text, part)?;
        }
        Ok(Sum { parts, are_objectives: true, variables, parameters })
    }

    /// Reads a vector field for each part; there must be one component for each variable in every part.
    ///
    /// # Errors
    /// As [`VectorField::parse`].
    pub fn of_fields(texts: &[&str], variables: Option<&[&str]>) -> Result<Sum, SymbolicError> {
        let parts =
            texts.iter().map(|text| Ok(formulas(text)?)).collect::<Result<Vec<_>, SymbolicError>>()?;
        let exprs: Vec<Expr> = parts.iter().flatten().cloned().collect();
        let (variables, parameters) = names(&exprs, variables)?;
        for (text, part) in texts.iter().zip(&parts) {
            if part.len() != variables.len() {
                return Err(SymbolicError::Dimension { components: part.len(), variables });
            }
            check_defined(text, part)?;
        }
        Ok(Sum { parts, are_objectives: false, variables, parameters })
    }

    /// The parts: an objective each, or the components of a field.
    pub fn parts(&self) -> &[Vec<Expr>] {
        &self.parts
    }

    /// Whether the parts are objectives.
    pub fn are_objectives(&self) -> bool {
        self.are_objectives
    }

    /// Each part as an objective of all variables; none if the parts are fields.
    pub fn objectives(&self) -> Vec<Objective> {
        let parts = self.parts.iter().filter(|_| self.are_objectives).flatten();
        let objective = |expr: &Expr| Objective {
            expr: expr.clone(),
            variables: self.variables.clone(),
            parameters: self.parameters.clone(),
        };
        parts.map(objective).collect()
    }
}

/// A system whose modified equation can be derived.
#[derive(Clone, Debug, PartialEq)]
pub enum System {
    /// The gradient flow of an objective.
    Gradient(Objective),
    /// A vector field.
    Field(VectorField),
    /// A field in parts.
    Sum(Sum),
}

impl System {
    /// The variables.
    pub fn variables(&self) -> &[String] {
        match self {
            System::Gradient(objective) => objective.variables(),
            System::Field(field) => field.variables(),
            System::Sum(sum) => &sum.variables,
        }
    }

    /// The names that are no variables.
    pub fn parameters(&self) -> &[String] {
        match self {
            System::Gradient(objective) => objective.parameters(),
            System::Field(field) => field.parameters(),
            System::Sum(sum) => &sum.parameters,
        }
    }

    /// The built-in problem of this name, with its parameters as symbols; `None` if there is none.
    ///
    /// ```
    /// use shadowflow_symbolic::System;
    /// let rosenbrock = System::known("rosenbrock")?.expect("it is built in");
    /// assert_eq!(rosenbrock.parameters(), ["a", "b"]);
    /// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
    /// ```
    ///
    /// # Errors
    /// If its formula cannot be read.
    pub fn known(name: &str) -> Result<Option<System>, SymbolicError> {
        let Ok(definition) = Definition::named(name.trim()) else { return Ok(None) };
        let variables = Some(definition.variables);
        Ok(Some(match definition.formula {
            Given::Objective(text) => System::Gradient(Objective::parse(text, variables)?),
            Given::Field(components) => System::Field(VectorField::parse(&components.join(","), variables)?),
        }))
    }

    /// The system with values for some of its parameters.
    ///
    /// # Errors
    /// If a name is no parameter, a value is too long, or the formula has no value with it.
    pub fn with_values(&self, values: &[(String, Rational)]) -> Result<System, SymbolicError> {
        if let Some((name, _)) = values.iter().find(|(name, _)| !self.parameters().contains(name)) {
            let present = self.parameters().to_vec();
            return Err(SymbolicError::UnknownParameter { parameter: name.clone(), present });
        }
        if let Some((name, value)) = values.iter().find(|(_, value)| bits(value) > MAX_VALUE_BITS) {
            let parameter = name.clone();
            return Err(SymbolicError::ValueTooLong { parameter, bits: bits(value), limit: MAX_VALUE_BITS });
        }
        let place = |expr: &Expr| {
            expr.substituted(&|name| {
                values.iter().find(|(n, _)| *n == *name).map(|(_, value)| Expr::Number(value.clone()))
            })
        };
        let mut system = self.clone();
        let parameters = match &mut system {
            System::Gradient(f) => {
                f.expr = place(&f.expr);
                &mut f.parameters
            }
            System::Field(field) => {
                field.components = field.components.iter().map(place).collect();
                &mut field.parameters
            }
            System::Sum(sum) => {
                sum.parts = sum.parts.iter().map(|part| part.iter().map(place).collect()).collect();
                &mut sum.parameters
            }
        };
        parameters.retain(|name| !values.iter().any(|(n, _)| n == name));
        for expr in system.formulas() {
            let bits = expr.growth().bits;
            if bits > MAX_BITS {
                let text = shortened(&expr.to_string());
                let fault = Fault::NumbersTooLarge { bits };
                return Err(FormulaError { text, position: None, fault }.into());
            }
            check_defined(&expr.to_string(), std::slice::from_ref(expr))?;
        }
        Ok(system)
    }

    /// The formulas that were given: an objective, the components of a field, or those of all parts.
    pub fn formulas(&self) -> Vec<&Expr> {
        match self {
            System::Gradient(objective) => vec![objective.expr()],
            System::Field(field) => field.components().iter().collect(),
            System::Sum(sum) => sum.parts.iter().flatten().collect(),
        }
    }

    /// Whether objectives were given, so that the field is a gradient.
    pub fn is_gradient(&self) -> bool {
        match self {
            System::Gradient(_) => true,
            System::Field(_) => false,
            System::Sum(sum) => sum.are_objectives,
        }
    }
}

fn check_present(exprs: &[Expr], variables: &[String]) -> Result<(), SymbolicError> {
    let mut present: Vec<String> =
        exprs.iter().flat_map(Expr::symbols).map(|name| name.to_string()).collect();
    present.sort();
    present.dedup();
    match variables.iter().find(|v| !present.contains(v)) {
        Some(absent) => Err(SymbolicError::UnknownVariable { variable: absent.clone(), present }),
        None => Ok(()),
    }
}

/// Refuses formulas without a finite real value at any of many points, small and large, of either sign.
fn check_defined(text: &str, exprs: &[Expr]) -> Result<(), FormulaError> {
    const COORDINATES: [f64; 7] = [2.0, 0.4, 3.25, -1.1, 0.7, -2.3, 1.6];
    const SCALES: [f64; 6] = [1.0, -1.0, 0.01, -0.01, 1e3, -1e3];
    let is_defined_somewhere = |expr: &Expr| {
        let names: Vec<_> = expr.symbols().into_iter().collect();
        SCALES.iter().any(|scale| {
            (0..COORDINATES.len()).any(|shift| {
                let position = |name: &str| names.iter().position(|n| **n == *name).unwrap_or(0);
                expr.eval_bounded(&|name| scale * COORDINATES[(position(name) + shift) % COORDINATES.len()])
                    .is_finite()
            })
        })
    };
    match exprs.iter().find(|expr| !is_defined_somewhere(expr)) {
        None => Ok(()),
        Some(_) => Err(FormulaError { text: text.to_owned(), position: None, fault: Fault::NowhereDefined }),
    }
}

/// Variables and parameters.
type Names = (Vec<String>, Vec<String>);

fn names(exprs: &[Expr], declared: Option<&[&str]>) -> Result<Names, SymbolicError> {
    let mut present: Vec<String> =
        exprs.iter().flat_map(Expr::symbols).map(|name| name.to_string()).collect();
    present.sort();
    present.dedup();
    let Some(declared) = declared else {
        return check_count(present).map(|variables| (variables, Vec::new()));
    };
    let mut variables: Vec<String> = Vec::new();
    for name in declared.iter().map(|name| name.trim()) {
        let bad =
            |reason| Err(SymbolicError::BadVariable { variable: name.chars().take(40).collect(), reason });
        match () {
            () if !is_name(name) => {
                return bad("a name is a letter followed by letters, digits or underscores");
            }
            () if name == "h" => return bad("h is the step"),
            () if is_reserved(name) => return bad("it is the name of a function"),
            () if variables.iter().any(|v| v == name) => return bad("it is declared twice"),
            () => variables.push(name.to_owned()),
        }
    }
    let parameters: Vec<String> = present.into_iter().filter(|name| !variables.contains(name)).collect();
    Ok((check_count(variables)?, parameters))
}

fn check_count(variables: Vec<String>) -> Result<Vec<String>, SymbolicError> {
    match variables.len() {
        0 => Err(SymbolicError::NoVariable),
        found if found > MAX_VARIABLES => {
            Err(SymbolicError::TooManyVariables { found, limit: MAX_VARIABLES })
        }
        _ => Ok(variables),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_or_declared() {
        assert_eq!(Objective::parse("y*x", None).unwrap().variables(), ["x", "y"]);
        let f = Objective::parse("a*x^2", Some(&["x"])).unwrap();
        assert_eq!((f.variables().len(), f.parameters()), (1, &["a".to_owned()][..]));
        let lotka = VectorField::parse("p*(2-q), q*(p-1)", Some(&["p", "q"])).unwrap();
        assert_eq!(lotka.components().len(), 2);
    }

    #[test]
    fn wrong_names_are_refused() {
        let fails = |text: &str, vars: Option<&[&str]>| Objective::parse(text, vars).unwrap_err();
        assert!(
            matches!(fails("x*y", Some(&["x", "z"])), SymbolicError::UnknownVariable { variable, .. } if variable == "z")
        );
        assert!(matches!(fails("x", Some(&["x", "x"])), SymbolicError::BadVariable { .. }));
        assert!(matches!(fails("x", Some(&["1"])), SymbolicError::BadVariable { .. }));
        assert!(matches!(fails("x", Some(&["sin"])), SymbolicError::BadVariable { .. }));
        assert!(matches!(fails("7", None), SymbolicError::NoVariable));
        for nowhere in ["sqrt(-1-x^2)", "log(-1-x^2)", "x/(sin(x)^2+cos(x)^2-1)", "1/(x-x)"] {
            assert!(
                matches!(
                    fails(nowhere, None),
                    SymbolicError::Formula(FormulaError { fault: Fault::NowhereDefined, .. })
                ),
                "{nowhere}"
            );
        }
        for somewhere in ["log(x-100)", "sqrt(-x)", "1/x", "log(1/100-x)*sqrt(x)"] {
            assert!(Objective::parse(somewhere, None).is_ok(), "{somewhere}");
        }
        assert!(matches!(
            fails("x,y", None),
            SymbolicError::Formula(FormulaError { fault: Fault::Comma, position: Some(1), .. })
        ));
        assert!(matches!(fails("a+b+c+d+e+f+g+i+j", None), SymbolicError::TooManyVariables { found: 9, .. }));
        assert!(matches!(VectorField::parse("x", Some(&["x", "y"])), Err(SymbolicError::Dimension { .. })));
    }
}
