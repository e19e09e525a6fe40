//! |R(z)| ≤ 1 over 2000² pixels: classical Runge–Kutta and SSP(10,4).
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_methods::Method;
use shadowflow_numerics::{Amplification, Window};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const SIDE: usize = 2000;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for (name, method, window) in [
        ("1a", "rk4", Window::new((-5.0, 2.0), (-4.0, 4.0))?),
        ("1b", "ssp104", Window::new((-20.0, 4.0), (-12.0, 12.0))?),
    ] {
        let method = Method::named(method)?;
        let amplification = Amplification::new(method.tableau().stability_function());
        let size = format!("{} on {SIDE}x{SIDE} pixels", method.name());
        let work = (SIDE * SIDE) as f64 / 1e6;
        let kernel = Kernel { name, size: &size, work, unit: "Mpixel/s", threads };
        println!("{}", measure(&kernel, || amplification.raster(window, SIDE, SIDE)));
    }
    Ok(())
}
