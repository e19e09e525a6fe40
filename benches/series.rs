//! Modified equations, modifying integrators and gradient order over all trees, in exact rationals, one thread.
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_bseries::{Gradient, Series, Trees};
use shadowflow_methods::Method;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (name, method, order) in [
        ("modified-midpoint-9", "midpoint", 9),
        ("modified-rk4-12", "rk4", 12),
        ("modified-rk4-15", "rk4", 15),
        ("modified-euler-18", "euler", 18),
        ("modified-euler-20", "euler", 20),
        ("modifying-midpoint-9", "midpoint", 9),
        ("gradient-rk4-12", "rk4", 12),
    ] {
        let tableau = Method::named(method)?.tableau().clone();
        let trees = Trees::through(order)?.len();
        let size = format!("{trees} trees through order {order}");
        let kernel = Kernel { name, size: &size, work: trees as f64, unit: "tree/s", threads: 1 };
        let line = match name.split_once('-').map_or(name, |(task, _)| task) {
            "modified" => measure(&kernel, || Series::modified(&tableau, order)),
            "modifying" => measure(&kernel, || Series::modifying(&tableau, order)),
            _ => measure(&kernel, || Gradient::of(&tableau, order)),
        };
        println!("{line}");
    }
    Ok(())
}
