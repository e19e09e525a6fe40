//! Stability regions |R(z)| ≤ 1: classical Runge–Kutta and SSP(10,4) over 2000² pixels, a rational R beside a polynomial of
//! its total degree, a region of 4000² pixels, and the values of |R|.
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_methods::Method;
use shadowflow_numerics::{Amplification, Window};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let amplification = |name: &str| -> Result<Amplification, shadowflow_methods::MethodError> {
        Ok(Amplification::new(Method::named(name)?.tableau().stability_function()))
    };
    let near = Window::new((-5.0, 2.0), (-4.0, 4.0))?;
    let wide = Window::new((-20.0, 4.0), (-12.0, 12.0))?;
    for (name, method, window, side) in [
        ("1a", "rk4", near, 2000),
        ("1b", "ssp104", wide, 2000),
        // Degrees 2 + 3 against 5.
        ("1-rational", "radau-iia-5", wide, 2000),
        ("1-polynomial", "nystrom5", wide, 2000),
        ("region-4000", "rk4", near, 4000),
    ] {
        let r = amplification(method)?;
        let size = format!("{method} on {side}x{side} pixels");
        let work = (side * side) as f64 / 1e6;
        let kernel = Kernel { name, size: &size, work, unit: "Mpixel/s", threads };
        println!("{}", measure(&kernel, || r.region(window, side, side)));
    }
    let r = amplification("rk4")?;
    let kernel =
        Kernel { name: "1a-values", size: "rk4 on 2000x2000 pixels", work: 4.0, unit: "Mpixel/s", threads };
    println!("{}", measure(&kernel, || r.raster(near, 2000, 2000)));
    Ok(())
}
