//! Between the crate's formulas and the atoms of the algebra system.

use std::cmp::Ordering;
use std::sync::Arc;

use dashu_int::IBig;
use shadowflow_methods::Rational;
use symbolica::atom::{Atom, AtomCore, AtomView, EvaluationInfo, NamespacedSymbol, Symbol, SymbolBuilder};
use symbolica::domains::rational::Rational as SymbolicaRational;

use crate::error::{Fault, FormulaError, SymbolicError};
use crate::expr::{Expr, Function};

/// The names of a derivation as symbols of the algebra system, under numbered names that clash with nothing it knows.
pub(crate) struct Vocabulary {
    names: Vec<Arc<str>>,
    symbols: Vec<Symbol>,
}

impl Vocabulary {
    /// `names` in the order in which monomials are sorted.
    pub(crate) fn new(names: impl IntoIterator<Item = Arc<str>>) -> Vocabulary {
        let names: Vec<Arc<str>> = names.into_iter().collect();
        let symbols = (0..names.len()).map(|k| symbol(&format!("v{k}"))).collect();
        Vocabulary { names, symbols }
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

    /// The atom as a formula, in the order in which it is to be read: sums by ascending degree and then by the order of
    /// the names, products as number, names, brackets, functions; a bracket's first term is positive.
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
                Expr::Symbol(known.map(|k| self.names[k].clone()).ok_or_else(|| foreign(view))?)
            }
            AtomView::Add(sum) => {
                let mut terms = all(sum.iter().collect())?;
                terms.sort_by_cached_key(|term| self.sum_key(term));
                Expr::sum(terms)
            }
            AtomView::Mul(product) => self.sorted_product(all(product.iter().collect())?),
            AtomView::Pow(power) => {
                let (base, exponent) = power.get_base_exp();
                match base {
                    AtomView::Var(v) if v.get_symbol() == Symbol::E => exponential(self.expr(exponent)?),
                    _ => self.sorted_product(vec![Expr::Power(
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

    fn sorted_product(&self, factors: Vec<Expr>) -> Expr {
        let mut sign = Rational::ONE;
        let mut factors: Vec<Expr> =
            factors.into_iter().map(|factor| with_positive_lead(factor, &mut sign)).collect();
        factors.sort_by_cached_key(|factor| self.product_key(factor));
        factors.insert(0, Expr::Number(sign));
        Expr::product(factors)
    }

    /// Ascending degree, then descending powers name by name, then by text.
    fn sum_key(&self, term: &Expr) -> (bool, u64, Vec<std::cmp::Reverse<i64>>, String) {
        let mut powers = vec![0i64; self.names.len()];
        let plain = self.add_powers(term, &mut powers);
        let degree = powers.iter().map(|p| p.unsigned_abs()).sum();
        (!plain, degree, powers.into_iter().map(std::cmp::Reverse).collect(), term.to_string())
    }

    /// Adds the powers of names in a term; whether that is all the term consists of, but for a number.
    fn add_powers(&self, term: &Expr, powers: &mut [i64]) -> bool {
        match term {
            Expr::Number(_) => true,
            Expr::Symbol(name) => self.position(name).map(|k| powers[k] += 1).is_ok(),
            Expr::Product(factors) => {
                // Every factor is visited, also after the first that is not plain.
                let plain: Vec<bool> = factors.iter().map(|f| self.add_powers(f, powers)).collect();
                !plain.contains(&false)
            }
            Expr::Power(base, exponent) => match (&**base, &**exponent) {
                (Expr::Symbol(name), Expr::Number(n)) => {
                    match (self.position(name), i64::try_from(n.numerator().clone())) {
                        (Ok(k), Ok(p)) if n.denominator().is_one() => {
                            powers[k] += p;
                            true
                        }
                        _ => false,
                    }
                }
                _ => false,
            },
            Expr::Sum(_) | Expr::Call(..) => false,
        }
    }

    /// Numbers, names, brackets, functions; within a class first powers come before higher ones.
    fn product_key(&self, factor: &Expr) -> (u8, usize, bool, String) {
        let (base, is_power) = match factor {
            Expr::Power(base, _) => (&**base, true),
            other => (other, false),
        };
        let (class, position) = match base {
            Expr::Number(_) => (0, 0),
            Expr::Symbol(name) => (1, self.position(name).unwrap_or(usize::MAX)),
            Expr::Sum(_) => (2, 0),
            _ => (3, 0),
        };
        (class, position, is_power, factor.to_string())
    }

    fn position(&self, name: &str) -> Result<usize, SymbolicError> {
        let unknown = || SymbolicError::Internal { message: format!("`{name}` was not declared") };
        self.names.iter().position(|n| &**n == name).ok_or_else(unknown)
    }
}

/// Turns the signs of a bracket so that its first term is positive, and gives the sign to the product.
fn with_positive_lead(factor: Expr, sign: &mut Rational) -> Expr {
    let turn = |terms: Vec<Expr>| Expr::Sum(terms.into_iter().map(Expr::negated).collect());
    match factor {
        Expr::Sum(terms) if terms.first().is_some_and(is_negative) => {
            *sign = -sign.clone();
            turn(terms)
        }
        Expr::Power(base, exponent) => match (*base, &*exponent) {
            (Expr::Sum(terms), Expr::Number(n))
                if n.denominator().is_one() && terms.first().is_some_and(is_negative) =>
            {
                if n.numerator() % IBig::from(2) != IBig::ZERO {
                    *sign = -sign.clone();
                }
                Expr::Power(Box::new(turn(terms)), exponent)
            }
            (base, _) => Expr::Power(Box::new(base), exponent),
        },
        other => other,
    }
}

fn is_negative(term: &Expr) -> bool {
    let number = match term {
        Expr::Product(factors) => factors.first(),
        other => Some(other),
    };
    matches!(number, Some(Expr::Number(n)) if n.cmp(&Rational::ZERO) == Ordering::Less)
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
