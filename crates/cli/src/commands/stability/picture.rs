//! `shadowflow stability NAME --out FILE`: the region as a picture or as data.

use num_complex::Complex64;
use shadowflow_figures::{RegionPicture, Silent, write_file};
use shadowflow_methods::Method;
use shadowflow_numerics::Window;

use crate::args::StabilityArgs;
use crate::error::CliError;
use crate::terminal::say;

/// Draws what `--out` asks for, if it does, with points hλ marked.
pub(super) fn write(args: &StabilityArgs, method: &Method, points: &[Complex64]) -> Result<(), CliError> {
    let Some(file) = &args.out else { return Ok(()) };
    let mut picture =
        RegionPicture::new(method.name(), method.tableau()).columns(usize::from(args.resolution));
    if let Some(window) = &args.window {
        let [x0, x1, y0, y1] = window[..] else {
            return Err(CliError::Count { argument: "--window", found: window.len(), expected: 4 });
        };
        for (axis, side) in [("x", x1 - x0), ("y", y1 - y0)] {
            if side > 0.0 && !(1e-9..=1e12).contains(&side) {
                return Err(CliError::WindowSize { reason: format!("its side in {axis} is {side:e}") });
            }
        }
        picture = picture.over(Window::new((x0, x1), (y0, y1)).map_err(CliError::Window)?);
    }
    if args.order_star {
        picture = picture.order_star();
    }
    // Without a step all of them would lie at 0.
    if args.h.is_some() {
        picture = picture.marking(points.to_vec());
    }
    write_file(&picture, file, &Silent)?;
    say(&format!("shadowflow: wrote {}", file.display()));
    Ok(())
}
