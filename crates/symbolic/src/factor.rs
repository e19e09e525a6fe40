//! Factoring polynomials, by the algebra system where there is one.

use std::time::Duration;

use crate::error::SymbolicError;
use crate::expr::Expr;

/// A polynomial in the names g0, g1, … as a product; `None` if that was not found in time.
///
/// # Errors
/// If the algebra system cannot start, or fails.
#[cfg(feature = "symbolica")]
pub(crate) fn factored(
    polynomial: Expr,
    generators: usize,
    time: Duration,
) -> Result<Option<Expr>, SymbolicError> {
    use std::sync::Arc;
    use symbolica::atom::AtomCore;

    let job = move || {
        let names = (0..generators).map(|g| Arc::from(format!("g{g}")));
        let vocabulary = crate::atoms::Vocabulary::new(names);
        let atom = vocabulary.to_atom(&polynomial)?;
        vocabulary.to_expr(&atom.factor())
    };
    crate::algebra::run_within(job, Some(time))?.transpose()
}

/// Without an algebra system a polynomial stays the sum it is.
#[cfg(not(feature = "symbolica"))]
pub(crate) fn factored(polynomial: Expr, _: usize, _: Duration) -> Result<Option<Expr>, SymbolicError> {
    Ok(Some(polynomial))
}
