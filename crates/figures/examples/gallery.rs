//! Draws the gallery: `cargo run --release -p shadowflow-figures --example gallery -- <folder> <previews> [id …]`.
//!
//! Pictures, data and sidecars go to the first folder, small previews (600 pixels wide) to the second.

use std::error::Error;
use std::path::PathBuf;

use shadowflow_figures::{FIGURES, Figure, Format, Silent, draw, find, write_preview};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut folder =
        || arguments.next().map(PathBuf::from).ok_or("two folders are needed: pictures, previews");
    let (pictures, previews) = (folder()?, folder()?);
    let ids: Vec<String> = arguments.collect();
    let chosen: Vec<&dyn Figure> = match &ids[..] {
        [] => FIGURES.to_vec(),
        ids => ids.iter().map(|id| find(id)).collect::<Result<_, _>>()?,
    };
    std::fs::create_dir_all(&previews)?;
    for figure in chosen {
        let outcome = draw(figure, &pictures, &Format::ALL, &Silent)?;
        if let Some(check) = outcome.failed().next() {
            return Err(format!("{}: {check:?}", figure.id()).into());
        }
        let svg = pictures.join(format!("{}.svg", figure.id()));
        write_preview(&svg, &previews.join(format!("{}.png", figure.id())), 600)?;
    }
    Ok(())
}
