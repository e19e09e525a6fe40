//! All figures, in the order of the paper.

use crate::error::FigureError;
use crate::figure::Figure;
use crate::gallery;

/// Every figure of the gallery.
pub static FIGURES: &[&dyn Figure] = gallery::ALL;

/// The figure with this id.
///
/// ```
/// use shadowflow_figures::find;
/// assert_eq!(find("regimes")?.id(), "regimes");
/// let message = find("regime").err().expect("there is none").to_string();
/// assert!(message.contains("did you mean regimes?"));
/// # Ok::<(), shadowflow_figures::FigureError>(())
/// ```
///
/// # Errors
/// [`FigureError::Unknown`] with the nearest ids.
pub fn find(id: &str) -> Result<&'static dyn Figure, FigureError> {
    FIGURES.iter().copied().find(|figure| figure.id() == id).ok_or_else(|| FigureError::Unknown {
        name: id.to_owned(),
        nearest: shadowflow_methods::nearest(id, FIGURES.iter().map(|figure| figure.id())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_file_names() {
        for (i, figure) in FIGURES.iter().enumerate() {
            assert!(figure.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", figure.id());
            assert!(FIGURES[..i].iter().all(|other| other.id() != figure.id()), "{} twice", figure.id());
            assert!(!figure.title().is_empty() && !figure.source().is_empty());
        }
    }

    #[test]
    fn an_unknown_figure_is_answered_with_near_ones() {
        let Err(FigureError::Unknown { nearest, .. }) = find("stability-region") else { panic!("found") };
        assert_eq!(nearest[0], "stability-regions");
    }
}
