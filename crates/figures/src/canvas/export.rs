//! A finished document to PNG and PDF.

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::raster::Image;

/// Why a document cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The document is not SVG.
    #[error("the picture is not valid SVG: {0}")]
    NotSvg(#[from] resvg::usvg::Error),
    /// The picture would have no pixels or too many.
    #[error(
        "a picture of {width:.0} by {height:.0} points at {dpi} dots per inch has no pixels or more than memory holds"
    )]
    Size {
        /// Width in points.
        width: f32,
        /// Height in points.
        height: f32,
        /// The resolution asked for.
        dpi: f32,
    },
    /// The document uses something that PDF conversion lacks.
    #[error("the picture cannot be written as PDF: {0}")]
    Pdf(String),
}

/// The picture as an opaque PNG at `dpi` dots to the inch.
///
/// # Errors
/// When `svg` does not parse, or the size in pixels is none or absurd.
pub fn png(svg: &str, dpi: f32) -> Result<Vec<u8>, ExportError> {
    let tree = parse(svg)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = dpi / 72.0;
    let size = || ExportError::Size { width, height, dpi };
    // The cast saturates, and the pixmap refuses what does not fit.
    let mut pixmap =
        Pixmap::new((width * scale).round() as u32, (height * scale).round() as u32).ok_or_else(size)?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let (columns, rows) = (pixmap.width(), pixmap.height());
    // On an opaque ground premultiplied colours are the colours.
    let image = Image::new(columns, rows, pixmap.take()).ok_or_else(size)?;
    Ok(image.png(Some((dpi / 0.0254).round() as u32)))
}

/// The picture as a PNG of the given width in pixels.
///
/// # Errors
/// As [`png()`].
pub fn preview(svg: &str, width: u32) -> Result<Vec<u8>, ExportError> {
    let tree = parse(svg)?;
    png(svg, 72.0 * width as f32 / tree.size().width())
}

/// The picture as a one-page PDF of its own size, without rasterising anything that is not a raster.
///
/// # Errors
/// When `svg` does not parse or uses what the conversion lacks.
pub fn pdf(svg: &str) -> Result<Vec<u8>, ExportError> {
    let page = svg2pdf::PageOptions { dpi: 72.0 };
    svg2pdf::to_pdf(&parse(svg)?, svg2pdf::ConversionOptions::default(), page)
        .map_err(|error| ExportError::Pdf(error.to_string()))
}

fn parse(svg: &str) -> Result<Tree, ExportError> {
    // At 72 dots to the inch one user unit is one point.
    let options = Options { dpi: 72.0, ..Default::default() };
    Ok(Tree::from_str(svg, &options)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::geometry::Rect;
    use crate::canvas::svg::{Layer, Svg};
    use crate::canvas::text::TextStyle;
    use crate::style::{BLUE, Fill};

    fn document() -> String {
        let mut svg = Svg::new(72.0, 36.0);
        svg.rectangle(Layer::Data, Rect::new(0.0, 0.0, 36.0, 36.0), &Fill::new(BLUE));
        svg.text((40.0, 20.0), "$h$", &TextStyle::new(8.0)).unwrap();
        svg.document()
    }

    #[test]
    fn a_picture_has_the_asked_resolution_and_colours() {
        let bytes = png(&document(), 144.0).unwrap();
        let mut reader = png::Decoder::new(&bytes[..]).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (144, 72));
        assert_eq!(reader.info().pixel_dims.unwrap().xppu, 5669);
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels[..3], [BLUE.0, BLUE.1, BLUE.2]);
        assert_eq!(pixels[3 * 143..3 * 144], [255, 255, 255]);
        assert!(pixels[3 * 72..].chunks(3).any(|p| p == [0, 0, 0]), "the label left no ink");
    }

    #[test]
    fn a_preview_has_the_asked_width() {
        let bytes = preview(&document(), 600).unwrap();
        assert_eq!(png::Decoder::new(&bytes[..]).read_info().unwrap().info().width, 600);
    }

    #[test]
    fn a_pdf_has_the_size_of_the_document_and_the_same_bytes_each_time() {
        let bytes = pdf(&document()).unwrap();
        assert!(bytes.starts_with(b"%PDF-1."));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/MediaBox [0 0 72 36]"), "no such media box");
        assert_eq!(bytes, pdf(&document()).unwrap());
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(matches!(png("<p>", 100.0), Err(ExportError::NotSvg(_))));
        assert!(matches!(png(&document(), 1e-6), Err(ExportError::Size { .. })));
        assert!(matches!(png(&document(), f32::INFINITY), Err(ExportError::Size { .. })));
    }
}
