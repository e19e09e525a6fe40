//! Series that are too long to keep: computed a piece at a time, in the order of tables.

use std::ops::ControlFlow;

use shadowflow_methods::{Exact, Tableau};

use crate::engine::{Engine, Quantity, WAVE};
use crate::error::SeriesError;
use crate::ranking::Counts;
use crate::rooted_tree::MAX_VERTICES;
use crate::series::{Fractions, Series, SeriesKind};
use crate::tree::{Trees, check_order, tree_count};

/// The largest order of a streamed series: 10¹⁴ trees, beyond all patience.
pub const MAX_STREAM_ORDER: usize = MAX_VERTICES;

/// Most memory that kept coefficients may take, in GiB, and most time, in seconds on one core.
const MAX_GIBIBYTES: f64 = 6.0;
const MAX_SECONDS: f64 = 600.0;

/// What a series will take, estimated before it is begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many trees there are.
    pub trees: f64,
    /// Time on one core.
    pub seconds: f64,
    /// Memory in GiB when all coefficients are kept, as [`Series`] does.
    pub gibibytes: f64,
    /// Memory in GiB of a [`stream`], which keeps a few pieces only.
    pub stream_gibibytes: f64,
}

impl Estimate {
    /// The estimate for a series through `order`. It knows lengths of numbers, not the speed of this machine: the true time
    /// may be several times as long or as short.
    pub fn of(kind: SeriesKind, tableau: &Tableau, order: usize) -> Estimate {
        let trees = tree_count(order);
        let order = order.min(MAX_VERTICES);
        let engine = Engine::new(kind.quantity().unwrap_or(Quantity::Modified), tableau);
        let (mut seconds, mut kept, mut streamed) = (0.0, 0.0, 0.0f64);
        for n in 1..=order {
            let trees = tree_count(n) - tree_count(n - 1);
            let (primes, degree) = (engine.expected_primes(n) as f64, engine.entries().degree() as f64);
            // As measured: a product 0.6 ns, a reduction 4 ns, a lift 2 ns times the square of its length.
            let reductions = degree * (4.0 * primes + 2.0 * primes * primes);
            seconds += trees * (0.6 * engine.work(n) + reductions) * 1e-9;
            let integer = match primes as usize {
                0..=2 => 8.0,
                3 => 16.0,
                _ => 24.0 + 8.0 * primes,
            };
            kept += trees * (12.0 + degree * integer);
            // Half the trees with their vectors, and a wave of residues and integers.
            let half = tree_count(n.div_ceil(2)) * engine.work(n) * 16.0;
            streamed = streamed.max(half + trees.min(WAVE as f64) * degree * (8.0 * primes + integer));
        }
        if kind == SeriesKind::Modifying {
            // No steps, but pairs of rooted subtrees, some 1.35ⁿ of them a tree; and numbers twice as long.
            seconds *= 10.0 * 1.35f64.powi(order as i32) / order as f64;
            let cuts = trees * 1.35f64.powi(order as i32) * engine.work(order) / order as f64 * 8.0;
            (kept, streamed) = (kept + cuts, kept + cuts);
        }
        let gibibytes = |bytes: f64| bytes / f64::from(1u32 << 30);
        Estimate { trees, seconds, gibibytes: gibibytes(kept), stream_gibibytes: gibibytes(streamed) }
    }

    /// Refuses what is too much to keep.
    pub(crate) fn check(&self, tableau: &Tableau, order: usize) -> Result<(), SeriesError> {
        if self.gibibytes <= MAX_GIBIBYTES && self.seconds <= MAX_SECONDS {
            return Ok(());
        }
        Err(SeriesError::TooCostly {
            requested: order,
            stages: tableau.stages(),
            gibibytes: self.gibibytes,
            minutes: self.seconds / 60.0,
            max_gibibytes: MAX_GIBIBYTES,
            max_minutes: MAX_SECONDS / 60.0,
        })
    }
}

/// Coefficients of consecutive trees of one order.
#[derive(Debug)]
pub struct Chunk {
    order: usize,
    first_rank: u64,
    fractions: Fractions,
}

impl Chunk {
    /// The number of vertices of its trees.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The rank of its first tree, see [`RootedTree::rank`](crate::RootedTree::rank).
    pub fn first_rank(&self) -> u64 {
        self.first_rank
    }

    /// How many trees it holds.
    pub fn len(&self) -> usize {
        self.fractions.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The coefficient of its tree number `index`, from 0, in lowest terms.
    ///
    /// # Panics
    /// If there is no such tree.
    pub fn coefficient(&self, index: usize) -> Exact {
        self.fractions.get(index)
    }
}

/// Computes a series and hands it to `sink` piece by piece, by order and rank; `Break` ends it. Only trees of half the order
/// and a few pieces are in memory.
///
/// ```
/// use shadowflow_bseries::{SeriesKind, stream};
/// use shadowflow_methods::Method;
/// use std::ops::ControlFlow;
///
/// let euler = Method::named("euler")?;
/// let mut zeros = 0;
/// let _ = stream(SeriesKind::Modified, euler.tableau(), 12, |chunk| {
///     zeros += (0..chunk.len()).filter(|&i| chunk.coefficient(i).is_zero()).count();
///     ControlFlow::Continue(())
/// })?;
/// assert!(zeros > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the order is 0 or beyond [`MAX_STREAM_ORDER`]; for modifying integrators, which are kept, as [`Series::new`].
pub fn stream(
    kind: SeriesKind,
    tableau: &Tableau,
    order: usize,
    mut sink: impl FnMut(&Chunk) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, SeriesError> {
    let engine = kind.quantity().map(|quantity| Engine::new(quantity, tableau));
    let Some(engine) = engine.filter(|engine| engine.covers(order.min(MAX_STREAM_ORDER))) else {
        let kept = Series::new(kind, tableau, order)?.into_orders().into_iter().enumerate();
        return Ok(kept
            .map(|(k, fractions)| Chunk { order: k + 1, first_rank: 0, fractions })
            .try_for_each(|chunk| sink(&chunk)));
    };
    check_order(order, MAX_STREAM_ORDER)?;
    let half = Trees::through(order.div_ceil(2))?;
    let counts = Counts::through(order);
    for n in 1..=order {
        let mut first_rank = 0;
        let flow = engine.order(n, &half, &counts, |numerators| {
            let chunk = Chunk {
                order: n,
                first_rank,
                fractions: Fractions::new(engine.entries(), engine.denominator(n), numerators),
            };
            first_rank += chunk.len() as u64;
            sink(&chunk)
        })?;
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}
