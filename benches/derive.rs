//! Formulas of modified equations and modifying integrators of concrete systems.
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_symbolic::{Kind, Objective, Request, Scheme, System};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let oscillator = System::known("oscillator")?.ok_or("a built-in problem")?;
    let hyperbola = System::Gradient(Objective::parse("(1-x*y)^2/2", None)?);
    for (name, method, kind, order, system) in [
        ("oscillator-modifying-8", "midpoint", Kind::Modifying, 8, &oscillator),
        ("oscillator-modified-8", "midpoint", Kind::Modified, 8, &oscillator),
        ("hyperbola-modified-6", "euler", Kind::Modified, 7, &hyperbola),
    ] {
        // Orders count vertices, as in BSeries.jl: through h^(order - 1).
        let request = Request { kind, ..Request::new(Scheme::named(method)?, order - 1) };
        let size = format!("trees with up to {order} vertices");
        let kernel = Kernel { name, size: &size, work: 1.0, unit: "derivation/s", threads: 1 };
        println!("{}", measure(&kernel, || request.on(system).expect("it was derived before")));
    }
    Ok(())
}
