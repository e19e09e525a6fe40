//! Discrete methods of every kind, by name: what a system is integrated, or an objective minimised, with.

use std::sync::Arc;

use shadowflow_bseries::{
    BSeries, ColouredTrees, ContinuousStage, Gradient, ParametricSeries, PartitionedCoefficients, Series,
    SeriesKind, Trees,
};
use shadowflow_methods::{
    Coefficients as Tableau, Exact, Method, MethodError, ParametricMethod, RationalFunction, Ring,
    RosenbrockMethod, nearest,
};

use crate::adaptive::Adaptive;
use crate::coefficients::{Coefficient, TreeSeries};
use crate::error::SymbolicError;
use crate::expr::Expr;
use crate::system::System;

/// Which equation is sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The one that the method follows.
    #[default]
    Modified,
    /// The one for which the method follows the given equation.
    Modifying,
}

/// A method of the catalogue, a family with symbols, a splitting, or an optimizer.
///
/// ```
/// use shadowflow_symbolic::Scheme;
/// assert_eq!(Scheme::named("heavy-ball")?.parameters(), ["beta"]);
/// assert_eq!(Scheme::named("rk2(c2)")?.parameters(), ["c2"]);
/// assert!(Scheme::named("heavy-bal").unwrap_err().to_string().contains("heavy-ball"));
/// # Ok::<(), shadowflow_symbolic::SymbolicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scheme {
    name: String,
    title: String,
    parameters: Vec<String>,
    pub(crate) rule: Rule,
}

/// How a method steps.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// A Runge–Kutta method.
    Tableau(Box<Method>),
    /// A family with symbols.
    Parametric(Box<ParametricMethod>),
    /// A Rosenbrock method.
    Rosenbrock(Box<RosenbrockMethod>),
    /// Stages over an interval.
    Continuous(ContinuousStage<Exact>),
    /// x₊ = x + β(x - x₋) + h f(x + γ(x - x₋)).
    Momentum { beta: RationalFunction, gamma: RationalFunction },
    /// A method for each part of the field.
    Partitioned(PartitionedCoefficients<Exact>),
    /// The exact flows of the parts, one after the other.
    LieTrotter,
    /// The exact flows of the parts, there and back.
    Strang,
    /// One Euler step on each part, the mean over all orders.
    Shuffled,
    /// Steps scaled by running means of the gradient and of its square.
    Adaptive(Box<Adaptive>),
    /// Random batches: drift and noise.
    Stochastic,
    /// Both players of a game at once.
    Simultaneous,
    /// One player of a game after the other.
    Alternating,
}

/// The weights of the trees of a method.
pub(crate) enum Weights {
    Plain(TreeSeries<Trees>),
    Coloured(TreeSeries<ColouredTrees>),
}

/// Methods beyond the catalogue: name, title.
pub const OPTIMIZERS: [(&str, &str); 11] = [
    ("heavy-ball", "gradient descent with momentum (Polyak 1964)"),
    ("nesterov", "Nesterov's accelerated gradient with constant momentum (Nesterov 1983)"),
    (
        "momentum",
        "x + beta (x - x-) - h grad f(x + gamma (x - x-)): heavy ball for gamma = 0, Nesterov for gamma = beta",
    ),
    ("sgd", "stochastic gradient descent, the mean over all orders of the batches (Smith et al. 2021)"),
    (
        "sme",
        "stochastic gradient descent on random batches, as a stochastic modified equation (Li, Tai & E 2019)",
    ),
    ("rmsprop", "RMSProp, after its transient (Tieleman & Hinton 2012; Cattaneo et al. 2024)"),
    ("adam", "Adam without bias correction, after its transient (Kingma & Ba 2015; Cattaneo et al. 2024)"),
    ("gda", "simultaneous gradient descent-ascent (Rosca et al. 2021)"),
    (
        "alternating-gda",
        "alternating gradient descent-ascent, the descending player first (Rosca et al. 2021)",
    ),
    ("lie-trotter", "the exact flows of the parts, one after the other (Trotter 1959)"),
    ("strang", "the exact flows of the parts, there and back (Strang 1968)"),
];

/// The largest numbers of vertices for series over coloured trees, by the number of colours, and by the general algebra.
const MAX_GENERAL_ORDER: usize = 9;
const MAX_COLOURED_ORDER: usize = 6;

impl From<Method> for Scheme {
    fn from(method: Method) -> Scheme {
        Scheme {
            name: method.name().to_owned(),
            title: method.title().to_owned(),
            parameters: Vec::new(),
            rule: Rule::Tableau(Box::new(method)),
        }
    }
}

impl Scheme {
    /// The method with this name: of the catalogue, a family with parameters given or left as symbols (`rk2(c2)`), a
    /// Rosenbrock, partitioned or continuous-stage method, a splitting, or an optimizer (`heavy-ball(beta=9/10)`).
    ///
    /// # Errors
    /// If there is none, with the nearest names, or a parameter has no such value.
    pub fn named(name: &str) -> Result<Scheme, SymbolicError> {
        let name = name.trim();
        let plain = name.to_lowercase().replace('_', "-");
        if let Some(optimizer) = optimizer(&plain)? {
            return Ok(optimizer);
        }
        if let Some(pair) = PartitionedCoefficients::named(&plain) {
            return Ok(Scheme::of(&plain, "a pair of methods, one for each part", Rule::Partitioned(pair)));
        }
        if let Some(stages) = ContinuousStage::named(&plain) {
            return Ok(Scheme::of(&plain, "a method with continuous stages", Rule::Continuous(stages)));
        }
        if let Ok(method) = RosenbrockMethod::named(&plain) {
            let title = method.title().to_owned();
            return Ok(Scheme::of(&plain, &title, Rule::Rosenbrock(Box::new(method))));
        }
        if ParametricMethod::leaves_symbols(name) {
            let method = ParametricMethod::named(name)?;
            return Ok(Scheme {
                name: method.name().to_owned(),
                title: method.family().title.to_owned(),
                parameters: method.symbols().iter().map(|s| (*s).to_owned()).collect(),
                rule: Rule::Parametric(Box::new(method)),
            });
        }
        match Method::named(name) {
            Ok(method) => Ok(method.into()),
            Err(MethodError::Unknown { name, nearest: mut near }) => {
                let more = nearest(&plain, OPTIMIZERS.iter().map(|(known, _)| *known));
                near.splice(0..0, more);
                near.truncate(5);
                Err(MethodError::Unknown { name, nearest: near }.into())
            }
            Err(other) => Err(other.into()),
        }
    }

    fn of(name: &str, title: &str, rule: Rule) -> Scheme {
        Scheme { name: name.to_owned(), title: title.to_owned(), parameters: Vec::new(), rule }
    }

    /// The name, with its parameters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The parameters that are symbols.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }

    /// The Runge–Kutta method, if it is one with numbers for its entries.
    pub fn method(&self) -> Option<&Method> {
        match &self.rule {
            Rule::Tableau(method) => Some(method),
            _ => None,
        }
    }

    /// The order of accuracy, if it is known beforehand.
    pub fn accuracy(&self) -> Option<usize> {
        match &self.rule {
            Rule::Tableau(method) => Some(method.tableau().order() as usize),
            Rule::Rosenbrock(method) => Some(method.order() as usize),
            _ => None,
        }
    }

    /// The power of h through which to derive unless another is asked for: as far as people read.
    pub fn natural_order(&self) -> usize {
        if matches!(self.rule, Rule::Adaptive(_) | Rule::Stochastic) { 1 } else { 2 }
    }

    /// The last power of h that the literature known to us has, for optimizers whose modified equation goes on beyond it.
    pub fn published_power(&self) -> Option<usize> {
        match &self.rule {
            Rule::Momentum { .. }
            | Rule::Shuffled
            | Rule::Adaptive(_)
            | Rule::Simultaneous
            | Rule::Alternating => Some(1),
            _ => None,
        }
    }

    /// The weights of the modified equation, or of the modifying integrator, for trees with at most `vertices` vertices in as
    /// many colours as the system has parts; with the free trees if a potential is sought.
    pub(crate) fn weights(
        &self,
        kind: Kind,
        vertices: usize,
        parts: usize,
        with_classes: bool,
    ) -> Result<Weights, SymbolicError> {
        match &self.rule {
            Rule::Tableau(method) => self.of_tableau(method, kind, vertices, with_classes),
            Rule::Simultaneous => {
                let euler = Method::named("euler")?;
                self.of_tableau(&euler, kind, vertices, with_classes)
            }
            Rule::Parametric(method) => {
                let kind = match kind {
                    Kind::Modified => SeriesKind::Modified,
                    Kind::Modifying => SeriesKind::Modifying,
                };
                let series = ParametricSeries::new(kind, method.coefficients(), vertices)?;
                let zero = RationalFunction::zero();
                let field =
                    BSeries::from_fn(series.trees(), zero, |_, tree| series.coefficient(tree).clone());
                Ok(Weights::Plain(TreeSeries::of(&field, &RationalFunction::one(), with_classes)?))
            }
            Rule::Rosenbrock(method) => {
                let step = BSeries::rosenbrock(&self.trees(vertices)?, method.coefficients())?;
                self.of_step(&step, kind, with_classes)
            }
            Rule::Continuous(stages) => {
                self.of_step(&BSeries::continuous_stage(&self.trees(vertices)?, stages), kind, with_classes)
            }
            Rule::Momentum { beta, gamma } => {
                let step = BSeries::two_step(&self.trees(vertices)?, beta, gamma)?;
                self.of_step(&step, kind, with_classes)
            }
            Rule::Adaptive(_) | Rule::Stochastic => {
                Err(SymbolicError::NotOverTrees { method: self.name.clone() })
            }
            Rule::Partitioned(_) | Rule::Alternating | Rule::LieTrotter | Rule::Strang | Rule::Shuffled => {
                if kind == Kind::Modifying {
                    return Err(SymbolicError::NoModifying { method: self.name.clone() });
                }
                let trees =
                    Arc::new(ColouredTrees::through(self.checked(vertices, MAX_COLOURED_ORDER)?, parts)?);
                let (step, scale) = match &self.rule {
                    Rule::Partitioned(pair) => (BSeries::partitioned(&trees, pair)?, Exact::ONE),
                    Rule::Alternating => (BSeries::partitioned(&trees, &alternating())?, Exact::ONE),
                    Rule::LieTrotter => (BSeries::lie_trotter(&trees), Exact::ONE),
                    Rule::Strang => (BSeries::strang(&trees), Exact::ONE),
                    // An epoch of m steps: the field of the mean loss per step.
                    _ => (BSeries::shuffled(&trees), Exact::ratio(1, parts as i64)),
                };
                Ok(Weights::Coloured(TreeSeries::of(&step.logarithm()?, &scale, with_classes)?))
            }
        }
    }

    fn of_tableau(
        &self,
        method: &Method,
        kind: Kind,
        vertices: usize,
        with_classes: bool,
    ) -> Result<Weights, SymbolicError> {
        let tableau = method.tableau();
        Ok(Weights::Plain(match (kind, with_classes) {
            (Kind::Modified, true) => TreeSeries::of_gradient(&Gradient::of(tableau, vertices)?)?,
            (Kind::Modified, false) => {
                let series = Series::modified(tableau, vertices)?;
                TreeSeries::of(&BSeries::from(&series), &Exact::ONE, false)?
            }
            (Kind::Modifying, _) => {
                let series = Series::modifying(tableau, vertices)?;
                TreeSeries::of(&BSeries::from(&series), &Exact::ONE, with_classes)?
            }
        }))
    }

    fn of_step<R: Coefficient + shadowflow_methods::Field>(
        &self,
        step: &BSeries<R>,
        kind: Kind,
        with_classes: bool,
    ) -> Result<Weights, SymbolicError> {
        let field = match kind {
            Kind::Modified => step.logarithm()?,
            Kind::Modifying => BSeries::exact_flow(step.trees()).field_under(step)?,
        };
        Ok(Weights::Plain(TreeSeries::of(&field, &R::one(), with_classes)?))
    }

    fn trees(&self, vertices: usize) -> Result<Arc<Trees>, SymbolicError> {
        Ok(Arc::new(Trees::through(self.checked(vertices, MAX_GENERAL_ORDER)?)?))
    }

    fn checked(&self, vertices: usize, limit: usize) -> Result<usize, SymbolicError> {
        if vertices > limit {
            let trees = shadowflow_bseries::tree_count(vertices);
            return Err(SymbolicError::OrderTooLarge { requested: vertices - 1, limit: limit - 1, trees });
        }
        Ok(vertices)
    }

    /// Whether the method takes the system apart, and into how many parts.
    pub(crate) fn parts_of(&self, system: &System) -> Result<usize, SymbolicError> {
        let needs = |needs| Err(SymbolicError::WrongSystem { method: self.name.clone(), needs });
        let given = match system {
            System::Sum(sum) => sum.parts().len(),
            System::Gradient(_) | System::Field(_) => 1,
        };
        match &self.rule {
            Rule::Shuffled | Rule::Stochastic if !system.is_gradient() || given < 2 => {
                needs("the losses of two or more batches: give --objective more than once")
            }
            Rule::LieTrotter | Rule::Strang if given < 2 => {
                needs("a field in two or more parts: give --objective or --field more than once")
            }
            Rule::Simultaneous | Rule::Alternating if !matches!(system, System::Gradient(_)) => {
                needs("one --objective, that the first player descends and the second ascends")
            }
            Rule::Adaptive(_) if !matches!(system, System::Gradient(_)) => needs("one --objective"),
            Rule::Partitioned(_) if given > 2 => needs("two parts at most"),
            Rule::Partitioned(_) | Rule::Alternating => Ok(2),
            Rule::Shuffled | Rule::Stochastic | Rule::LieTrotter | Rule::Strang => Ok(given),
            _ if given > 1 => needs("one objective or field, not several parts"),
            _ => Ok(1),
        }
    }

    /// Whether its trees have colours.
    pub(crate) fn takes_parts(&self) -> bool {
        matches!(
            self.rule,
            Rule::Partitioned(_) | Rule::Alternating | Rule::LieTrotter | Rule::Strang | Rule::Shuffled
        )
    }

    /// Whether it plays a game, so that some variables ascend.
    pub(crate) fn plays(&self) -> bool {
        matches!(self.rule, Rule::Simultaneous | Rule::Alternating)
    }

    /// Whether its parts are groups of variables unless parts are given.
    pub(crate) fn splits_variables(&self) -> bool {
        matches!(self.rule, Rule::Partitioned(_) | Rule::Alternating)
    }
}

/// x⁺ = x + h f(x, y), then y⁺ = y + h g(x⁺, y).
fn alternating() -> PartitionedCoefficients<Exact> {
    let (zero, one) = (|| Exact::ZERO, || Exact::ONE);
    let first = Tableau { a: vec![vec![zero(), zero()], vec![one(), zero()]], b: vec![one(), zero()] };
    let second = Tableau { a: vec![vec![zero(), zero()], vec![zero(), zero()]], b: vec![zero(), one()] };
    PartitionedCoefficients::new(vec![first, second]).expect("both parts have two stages")
}

/// The optimizer or splitting with this name, if it is one.
fn optimizer(name: &str) -> Result<Option<Scheme>, SymbolicError> {
    let (base, arguments) = match name.split_once('(') {
        Some((base, rest)) => (base.trim(), rest.trim_end().strip_suffix(')').unwrap_or(rest)),
        None => (name, ""),
    };
    let Some((_, title)) = OPTIMIZERS.iter().find(|(known, _)| *known == base) else { return Ok(None) };
    let mut values = Arguments::read(base, arguments)?;
    let mut parameters = Vec::new();
    let rule = match base {
        "heavy-ball" | "nesterov" | "momentum" => {
            let beta = values.momentum("beta", &mut parameters)?;
            let gamma = match base {
                "heavy-ball" => RationalFunction::zero(),
                "nesterov" => beta.clone(),
                _ => values.any("gamma", &mut parameters)?,
            };
            Rule::Momentum { beta, gamma }
        }
        "rmsprop" | "adam" => {
            let beta1 = match base {
                "adam" => values.momentum("beta1", &mut parameters)?.formula()?,
                _ => Expr::zero(),
            };
            let beta2 = values.momentum("beta2", &mut parameters)?.formula()?;
            let epsilon = values.positive("epsilon", &mut parameters)?;
            Rule::Adaptive(Box::new(Adaptive { beta1, beta2, epsilon }))
        }
        "sme" => Rule::Stochastic,
        "sgd" => Rule::Shuffled,
        "gda" => Rule::Simultaneous,
        "alternating-gda" => Rule::Alternating,
        "lie-trotter" => Rule::LieTrotter,
        "strang" => Rule::Strang,
        _ => return Ok(None),
    };
    let name = values.finish()?;
    Ok(Some(Scheme { name, title: (*title).to_owned(), parameters, rule }))
}

/// The arguments of a name, `beta=9/10`.
struct Arguments {
    method: String,
    given: Vec<(String, String)>,
    used: Vec<String>,
}

impl Arguments {
    fn read(method: &str, text: &str) -> Result<Arguments, SymbolicError> {
        let mut given = Vec::new();
        for argument in text.split(',').map(str::trim).filter(|argument| !argument.is_empty()) {
            let (name, value) = argument.split_once('=').unwrap_or((argument, argument));
            given.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(Arguments { method: method.to_owned(), given, used: Vec::new() })
    }

    fn refusal(&self, parameter: &str, value: &str, accepted: &str) -> SymbolicError {
        SymbolicError::BadParameter {
            method: self.method.clone(),
            parameter: parameter.chars().take(40).collect(),
            value: value.chars().take(40).collect(),
            accepted: accepted.to_owned(),
        }
    }

    /// A momentum: a number in [0, 1), or a symbol.
    fn momentum(&mut self, name: &str, symbols: &mut Vec<String>) -> Result<RationalFunction, SymbolicError> {
        const ACCEPTED: &str = "accepted are a number from 0 up to but not 1, such as 9/10, or a symbol";
        let text = self.take(name);
        let text = text.as_deref().unwrap_or(name);
        let value = match text.parse::<RationalFunction>() {
            Ok(value) => value,
            Err(_) => return Err(self.refusal(name, text, ACCEPTED)),
        };
        match value.as_rational() {
            Some(number) if number < 0.into() || number >= 1.into() => {
                return Err(self.refusal(name, text, ACCEPTED));
            }
            Some(number) => self.used.push(format!("{name}={number}")),
            None => {
                symbols.extend(value.parameters().iter().map(|s| (*s).to_owned()));
                if text != name {
                    self.used.push(format!("{name}={text}"));
                }
            }
        }
        Ok(value)
    }

    /// A number, or a function of symbols.
    fn any(&mut self, name: &str, symbols: &mut Vec<String>) -> Result<RationalFunction, SymbolicError> {
        const ACCEPTED: &str = "accepted are a number, a symbol, or a function of symbols such as (1-beta)/6";
        let text = self.take(name);
        let text = text.as_deref().unwrap_or(name);
        let value: RationalFunction = text.parse().map_err(|_| self.refusal(name, text, ACCEPTED))?;
        for symbol in value.parameters() {
            if !symbols.iter().any(|known| known == symbol) {
                symbols.push(symbol.to_owned());
            }
        }
        if text != name {
            self.used.push(format!("{name}={text}"));
        }
        Ok(value)
    }

    /// A number above 0, or a symbol.
    fn positive(&mut self, name: &str, symbols: &mut Vec<String>) -> Result<Expr, SymbolicError> {
        const ACCEPTED: &str = "accepted are a number above 0, such as 1/1000, or a symbol";
        let text = self.take(name);
        let text = text.as_deref().unwrap_or(name);
        match text.parse::<RationalFunction>() {
            Ok(value) => match value.as_rational() {
                Some(number) if number <= 0.into() => Err(self.refusal(name, text, ACCEPTED)),
                Some(number) => {
                    self.used.push(format!("{name}={number}"));
                    value.formula()
                }
                None => {
                    symbols.extend(value.parameters().iter().map(|s| (*s).to_owned()));
                    if text != name {
                        self.used.push(format!("{name}={text}"));
                    }
                    value.formula()
                }
            },
            Err(_) => Err(self.refusal(name, text, ACCEPTED)),
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.given.iter().position(|(given, _)| given == name)?;
        Some(self.given.remove(at).1)
    }

    /// The name with its arguments, once all of them are used.
    fn finish(self) -> Result<String, SymbolicError> {
        if let Some((name, value)) = self.given.first() {
            let accepted = match &self.method[..] {
                "heavy-ball" | "nesterov" => "its parameter is beta",
                "momentum" => "its parameters are beta and gamma",
                "adam" => "its parameters are beta1, beta2 and epsilon",
                "rmsprop" => "its parameters are beta2 and epsilon",
                _ => "it has no parameters",
            };
            return Err(self.refusal(name, value, accepted));
        }
        let list = self.used.join(",");
        Ok(if list.is_empty() { self.method } else { format!("{}({list})", self.method) })
    }
}
