//! Modified equations, modifying integrators and gradient order over all trees, in exact rationals.
#![allow(clippy::print_stdout, missing_docs)]

use std::ops::ControlFlow;

use shadowflow_benches::{Kernel, measure};
use shadowflow_bseries::{Gradient, Series, SeriesKind, stream, tree_count};
use shadowflow_methods::{Method, Tableau};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // From half a million trees of one order on, a series uses all cores.
    let all = std::thread::available_parallelism()?.get();
    for (name, method, order, threads, run) in [
        ("modified-midpoint-9", "midpoint", 9, 1, modified as fn(&Tableau, usize)),
        ("modified-rk4-12", "rk4", 12, 1, modified),
        ("modified-rk4-15", "rk4", 15, 1, modified),
        ("modified-gauss8-9", "gauss8", 9, 1, modified),
        ("modified-euler-18", "euler", 18, all, modified),
        ("modified-euler-20", "euler", 20, all, modified),
        ("streamed-euler-22", "euler", 22, all, streamed),
        ("modifying-midpoint-9", "midpoint", 9, 1, modifying),
        ("gradient-rk4-12", "rk4", 12, 1, gradient),
    ] {
        let tableau = Method::named(method)?.tableau().clone();
        let trees = tree_count(order);
        let size = format!("{trees} trees through order {order}");
        let kernel = Kernel { name, size: &size, work: trees, unit: "tree/s", threads };
        println!("{}", measure(&kernel, || run(&tableau, order)));
    }
    Ok(())
}

/// The limits of every kernel admit its order.
const ADMITTED: &str = "an order within the limits";

fn modified(tableau: &Tableau, order: usize) {
    std::hint::black_box(Series::modified(tableau, order).expect(ADMITTED));
}

fn modifying(tableau: &Tableau, order: usize) {
    std::hint::black_box(Series::modifying(tableau, order).expect(ADMITTED));
}

fn gradient(tableau: &Tableau, order: usize) {
    let gradient = Gradient::of(tableau, order).expect(ADMITTED);
    std::hint::black_box(gradient.potential());
}

fn streamed(tableau: &Tableau, order: usize) {
    let sink = |chunk: &_| {
        std::hint::black_box(chunk);
        ControlFlow::Continue(())
    };
    assert!(stream(SeriesKind::Modified, tableau, order, sink).expect(ADMITTED).is_continue());
}
