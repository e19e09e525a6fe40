//! Between the crate's formulas and the atoms of the algebra system.

use std::sync::Arc;

use shadowflow_methods::Rational;
use symbolica::atom::{Atom, AtomCore, AtomView, EvaluationInfo, NamespacedSymbol, Symbol, SymbolBuilder};
use symbolica::domains::rational::Rational as SymbolicaRational;

use crate::arrange::Arrangement;
use crate::error::{Fault, FormulaError, SymbolicError};
use crate::expr::{Expr, Function};

/// The names of a derivation as symbols of the algebra system, under numbered names that clash with nothing it knows.
pub(crate) struct Vocabulary {
    names: Arrangement,
    symbols: Vec<Symbol>,
}

impl Vocabulary {
    /// `names` in the order in which monomials are sorted.
    pub(crate) fn new(names: impl IntoIterator<Item = Arc<str>>) -> Vocabulary {
        let names: Vec<Arc<str>> = names.into_iter().collect();
        let symbols = (0..names.len()).map(|k| symbol(&format!("v{k}"))).collect();
        Vocabulary { names: Arrangement(names), symbols }
    }

    /// The symbol of the `k`-th name.
    pub(crate) fn symbol(&self, k: usize) -> Symbol {
        self.symbols[k]
    }

    /// The formula as an atom.
    ///
    /// # Errors
    /// If it divides by something that is 0 everywhere, or has no real value.
    pub(crate) fn to_atom(&self, expr: &Expr) -> Result<Atom, SymbolicError> {
        Ok(match expr {
            Expr::Number(n) => Atom::num(to_symbolica(n)),
            Expr::Symbol(name) => Atom::var(self.symbols[self.position(name)?]),
            Expr::Sum(terms) => {
                let terms = terms.iter().map(|t| self.to_atom(t)).collect::<Result<Vec<_>, _>>()?;
                terms.into_iter().fold(Atom::Zero, |sum, term| sum + term)
            }
            Expr::Product(factors) => {
                let factors = factors.iter().map(|f| self.to_atom(f)).collect::<Result<Vec<_>, _>>()?;
                factors.into_iter().fold(Atom::num(1), |product, factor| product * factor)
            }
            Expr::Power(base, exponent) => {
                let (base, exponent) = (self.to_atom(base)?, self.to_atom(exponent)?);
                if base.expand().is_zero() {
                    let positive = SymbolicaRational::try_from(&exponent)
                        .is_ok_and(|e| !e.is_negative() && !e.is_zero());
                    return if positive { Ok(Atom::Zero) } else { Err(fault(expr, Fault::DivisionByZero)) };
                }
                base.pow(exponent)
            }
            Expr::Call(function, argument) => {
                let argument = self.to_atom(argument)?;
                if *function == Function::Log && argument.expand().is_zero() {
                    return Err(fault(expr, Fault::NotReal));
                }
                symbol_of(*function).call((argument,))
            }
        })
    }

    /// The atom as a formula, [arranged](Arrangement).
    ///
    /// # Errors
    /// If the atom is not real and finite.
    pub(crate) fn to_expr(&self, atom: &Atom) -> Result<Expr, SymbolicError> {
        self.expr(atom.as_view())
    }

    fn expr(&self, view: AtomView<'_>) -> Result<Expr, SymbolicError> {
        let all = |parts: Vec<AtomView<'_>>| {
            parts.into_iter().map(|part| self.expr(part)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match view {
            AtomView::Num(_) => Expr::Number(from_symbolica(view)?),
            AtomView::Var(v) if v.get_symbol() == Symbol::E => exponential(Expr::Number(Rational::ONE)),
            AtomView::Var(v) => {
                let known = self.symbols.iter().position(|s| *s == v.get_symbol());
                Expr::Symbol(known.map(|k| self.names.0[k].clone()).ok_or_else(|| foreign(view))?)
            }
            AtomView::Add(sum) => {
                let terms = all(sum.iter().collect())?;
                self.names.sum(terms)
            }
            AtomView::Mul(product) => self.names.product(all(product.iter().collect())?),
            AtomView::Pow(power) => {
                let (base, exponent) = power.get_base_exp();
                match base {
                    AtomView::Var(v) if v.get_symbol() == Symbol::E => exponential(self.expr(exponent)?),
                    _ => self.names.product(vec![Expr::Power(
                        Box::new(self.expr(base)?),
                        Box::new(self.expr(exponent)?),
                    )]),
                }
            }
            AtomView::Fun(call) => {
                let function = Function::ALL.into_iter().find(|f| symbol_of(*f) == call.get_symbol());
                match (function, call.iter().next()) {
                    (Some(function), Some(argument)) if call.get_nargs() == 1 => {
                        Expr::Call(function, Box::new(self.expr(argument)?))
                    }
                    _ => return Err(foreign(view)),
                }
            }
        })
    }

    fn position(&self, name: &str) -> Result<usize, SymbolicError> {
        let unknown = || SymbolicError::Internal { message: format!("`{name}` was not declared") };
        self.names.position(name).ok_or_else(unknown)
    }
}

fn exponential(argument: Expr) -> Expr {
    Expr::Call(Function::Exp, Box::new(argument))
}

fn fault(expr: &Expr, fault: Fault) -> SymbolicError {
    let text = expr.to_string();
    FormulaError { text, position: Some(0), fault }.into()
}

/// The result holds something that no formula of ours can say: an infinity, a complex number.
fn foreign(view: AtomView<'_>) -> SymbolicError {
    let text = view.to_plain_string();
    FormulaError { text, position: None, fault: Fault::NotReal }.into()
}

fn symbol(name: &str) -> Symbol {
    Symbol::get_symbol(qualified(name)).unwrap_or_else(|| build(SymbolBuilder::new(qualified(name))))
}

fn qualified(name: &str) -> NamespacedSymbol {
    NamespacedSymbol::parse(&format!("shadowflow::{name}"))
}

fn build(builder: SymbolBuilder) -> Symbol {
    builder.build().expect("a name of our own namespace is well formed and defined in one way only")
}

fn symbol_of(function: Function) -> Symbol {
    match function {
        Function::Exp => Symbol::EXP,
        Function::Log => Symbol::LOG,
        Function::Sin => Symbol::SIN,
        Function::Cos => Symbol::COS,
        Function::Tan => self_derived("tan", 1, f64::tan),
        Function::Tanh => self_derived("tanh", -1, f64::tanh),
    }
}

/// A function whose derivative is 1 + sign·(itself)², so that tan and tanh need no secants.
fn self_derived(name: &'static str, sign: i64, value: fn(f64) -> f64) -> Symbol {
    if let Some(known) = Symbol::get_symbol(qualified(name)) {
        return known;
    }
    let builder = SymbolBuilder::new(qualified(name))
        .with_derivative_function(move |call, _, out| {
            **out = Atom::num(1) + call.to_owned().pow(Atom::num(2)) * Atom::num(sign);
        })
        .with_evaluation_info(EvaluationInfo::new().register(move |arguments: &[f64]| value(arguments[0])));
    build(builder)
}

fn to_symbolica(n: &Rational) -> SymbolicaRational {
    let part = |text: String| {
        text.parse::<symbolica::domains::integer::Integer>()
            .expect("the decimal digits of an integer are an integer")
    };
    SymbolicaRational::from((part(n.numerator().to_string()), part(n.denominator().to_string())))
}

fn from_symbolica(view: AtomView<'_>) -> Result<Rational, SymbolicError> {
    let rational = SymbolicaRational::try_from(view).map_err(|_| foreign(view))?;
    let text = format!("{}/{}", rational.numerator_ref(), rational.denominator_ref());
    text.parse().map_err(|_| foreign(view))
}
