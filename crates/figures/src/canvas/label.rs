//! Words and mathematics to outlines. RaTeX lives behind [`typeset`] and nowhere else.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ratex_layout::{LayoutOptions, layout, to_display_list};
use ratex_svg::{SvgColorSyntax, SvgOptions, render_to_svg_with_color_syntax};
use ratex_types::display_item::DisplayItem;
use ratex_types::math_style::MathStyle;
use resvg::usvg::tiny_skia_path::{Path, PathSegment, Transform};
use resvg::usvg::{Group, Node, Options, Tree};

/// A typeset line: its outline and the room it takes, in units of the font size.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// SVG path data in [`Label::UNITS_PER_EM`] units to the em, from the left end of the baseline, y downward.
    pub outline: String,
    /// Advance width in em.
    pub width: f64,
    /// Extent above the baseline in em.
    pub height: f64,
    /// Extent below the baseline in em.
    pub depth: f64,
}

impl Label {
    /// Path units in one em.
    pub const UNITS_PER_EM: f64 = 1000.0;
    /// Height of the digits of the face, in em.
    pub const DIGIT_HEIGHT: f64 = 0.644;
}

/// Why a text cannot be a label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A formula is opened and not closed.
    #[error(
        "the label \"{text}\" has {dollars} dollar signs; formulas stand between two, as in \"step $h$\""
    )]
    UnbalancedDollar {
        /// The label.
        text: String,
        /// How many dollar signs it has.
        dollars: usize,
    },
    /// A formula is not understood.
    #[error("the label \"{text}\" is not TeX: {reason}")]
    NotTex {
        /// The label.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// A character has no outline in the face.
    #[error(
        "the label \"{text}\" contains {character:?}, which the face does not have; write it as a TeX command"
    )]
    MissingGlyph {
        /// The label.
        text: String,
        /// The character.
        character: char,
    },
    /// The outlines could not be read back.
    #[error("the outlines of the label \"{text}\" are unusable: {reason}")]
    Outline {
        /// The label.
        text: String,
        /// What the reader says.
        reason: String,
    },
}

/// Typesets one line: words as they are, formulas between dollars, all in one serif face.
///
/// Results are kept, so that asking twice costs nothing.
///
/// ```
/// use shadowflow_figures::canvas::label::typeset;
/// let label = typeset("potential $V + \\frac{h}{4}|\\nabla V|^2$")?;
/// assert!(label.width > 5.0 && label.height > 0.6 && label.depth > 0.2);
/// # Ok::<(), shadowflow_figures::canvas::label::LabelError>(())
/// ```
///
/// # Errors
/// [`LabelError`] when dollars do not pair up, a formula is not TeX, or a character has no outline.
pub fn typeset(text: &str) -> Result<Arc<Label>, LabelError> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Arc<Label>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Default::default);
    // A poisoned lock only means that another thread died between two whole entries.
    if let Some(label) = known.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
        return Ok(Arc::clone(label));
    }
    let label = Arc::new(typeset_anew(text)?);
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), Arc::clone(&label));
    Ok(label)
}

fn typeset_anew(text: &str) -> Result<Label, LabelError> {
    let tex = to_tex(text)?;
    let nodes = ratex_parser::parse(&tex)
        .map_err(|error| LabelError::NotTex { text: text.to_owned(), reason: error.message })?;
    let options = LayoutOptions { style: MathStyle::Text, ..Default::default() };
    let list = to_display_list(&layout(&nodes, &options));
    for item in &list.items {
        // Faces outside KaTeX's own come from the machine, and a figure must not depend on what is installed.
        if let DisplayItem::GlyphPath { font, char_code, .. } = item
            && (font.starts_with("CJK") || font.starts_with("Emoji"))
        {
            let character = char::from_u32(*char_code).unwrap_or(char::REPLACEMENT_CHARACTER);
            return Err(LabelError::MissingGlyph { text: text.to_owned(), character });
        }
    }
    let options = SvgOptions {
        font_size: Label::UNITS_PER_EM,
        padding: 0.0,
        embed_glyphs: true,
        stroke_width: 40.0,
        ..Default::default()
    };
    let svg = render_to_svg_with_color_syntax(&list, &options, SvgColorSyntax::Rgb);
    if svg.contains("<text") {
        // What no face of RaTeX's has comes as text in a font of the reader's choice.
        let character = text.chars().find(|c| !c.is_ascii()).unwrap_or(char::REPLACEMENT_CHARACTER);
        return Err(LabelError::MissingGlyph { text: text.to_owned(), character });
    }
    let outline = if list.items.is_empty() { String::new() } else { outline(text, &svg, list.height)? };
    Ok(Label { outline, width: list.width, height: list.height, depth: list.depth })
}

/// The TeX of a label: words wrapped as text, with the characters that TeX would take for commands made plain.
fn to_tex(text: &str) -> Result<String, LabelError> {
    let dollars = text.matches('$').count();
    if dollars % 2 == 1 {
        return Err(LabelError::UnbalancedDollar { text: text.to_owned(), dollars });
    }
    let mut tex = String::new();
    for (i, part) in text.split('$').enumerate() {
        if part.is_empty() {
            continue;
        }
        if i % 2 == 1 {
            // In braces a formula begins anew, so that a minus after a word is a sign and not a difference.
            tex.extend(["{", part, "}"]);
            continue;
        }
        tex.push_str("\\text{");
        for character in part.chars() {
            match character {
                '#' | '%' | '&' | '_' | '{' | '}' => tex.extend(['\\', character]),
                '\\' => tex.push_str("\\textbackslash{}"),
                '^' => tex.push_str("\\textasciicircum{}"),
                '~' => tex.push_str("\\textasciitilde{}"),
                _ => tex.push(character),
            }
        }
        tex.push('}');
    }
    Ok(tex)
}

/// Reads the drawing of a label back as one outline, its origin moved to the baseline.
fn outline(text: &str, svg: &str, height: f64) -> Result<String, LabelError> {
    let unusable = |reason: String| LabelError::Outline { text: text.to_owned(), reason };
    let options = Options { dpi: 72.0, ..Default::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| unusable(error.to_string()))?;
    let baseline = Transform::from_translate(0.0, -(height * Label::UNITS_PER_EM) as f32);
    let mut data = String::new();
    collect(tree.root(), baseline, &mut data).map_err(unusable)?;
    Ok(data)
}

fn collect(group: &Group, baseline: Transform, data: &mut String) -> Result<(), String> {
    for node in group.children() {
        match node {
            Node::Group(inner) => collect(inner, baseline, data)?,
            Node::Path(path) => {
                let place = path.abs_transform().post_concat(baseline);
                if path.fill().is_some() {
                    append(path.data(), place, data)?;
                }
                if let Some(stroke) = path.stroke() {
                    let area = path.data().stroke(&stroke.to_tiny_skia(), 1.0);
                    append(&area.ok_or("a line in it cannot be outlined")?, place, data)?;
                }
            }
            Node::Image(_) => return Err("it contains a picture".to_owned()),
            Node::Text(_) => return Err("a glyph has no outline".to_owned()),
        }
    }
    Ok(())
}

fn append(path: &Path, place: Transform, data: &mut String) -> Result<(), String> {
    let path = path.clone().transform(place).ok_or("a coordinate is not finite")?;
    for segment in path.segments() {
        // Whole units are a thousandth of the font size, far below what print resolves.
        match segment {
            PathSegment::MoveTo(p) => write!(data, "M{} {}", p.x.round(), p.y.round()),
            PathSegment::LineTo(p) => write!(data, "L{} {}", p.x.round(), p.y.round()),
            PathSegment::QuadTo(a, p) => {
                write!(data, "Q{} {} {} {}", a.x.round(), a.y.round(), p.x.round(), p.y.round())
            }
            PathSegment::CubicTo(a, b, p) => write!(
                data,
                "C{} {} {} {} {} {}",
                a.x.round(),
                a.y.round(),
                b.x.round(),
                b.y.round(),
                p.x.round(),
                p.y.round()
            ),
            PathSegment::Close => write!(data, "Z"),
        }
        .expect("writing to a String does not fail");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~éß–∇α\u{4e00}]{0,24}", formula in "[a-z0-9 {}_^\\\\&%#~+=(),-]{0,24}") {
            for label in [text, format!("${formula}$")] {
                if let Ok(label) = typeset(&label) {
                    prop_assert!(label.width.is_finite() && label.height.is_finite() && label.depth.is_finite());
                }
            }
        }
    }

    #[test]
    fn extents_grow_with_the_text_and_keep_one_baseline() {
        let (short, long) = (typeset("ab").unwrap(), typeset("abab").unwrap());
        assert!((long.width - 2.0 * short.width).abs() < 1e-9, "{} {}", long.width, short.width);
        let (flat, deep) = (typeset("$x$").unwrap(), typeset("$x_1^2$").unwrap());
        assert_eq!(flat.depth, 0.0);
        assert!(deep.depth > 0.1 && deep.height > flat.height);
        // An x begins at the baseline in both: no point of the first lies more than its overshoot below.
        let lowest = |label: &Label| numbers(&label.outline).chunks(2).map(|p| p[1]).fold(f64::MIN, f64::max);
        assert!(lowest(&flat) < 15.0, "{}", lowest(&flat));
        assert!(lowest(&deep) / 1000.0 <= deep.depth + 0.01);
    }

    #[test]
    fn digits_have_the_height_on_which_labels_are_centred() {
        let top = numbers(&typeset("$1$").unwrap().outline).chunks(2).map(|p| p[1]).fold(f64::MAX, f64::min);
        // Round digits overshoot and the face's metrics round up: a hundredth of an em is 0.08 pt.
        assert!((-top / 1000.0 - Label::DIGIT_HEIGHT).abs() < 0.025, "{top}");
    }

    #[test]
    fn outlines_stay_inside_their_extents() {
        for text in
            ["$\\frac{h^2}{12}$", "Poincaré, Runge–Kutta", "$\\sqrt{\\lambda_{\\max}}$", "50% & more_{}"]
        {
            let label = typeset(text).unwrap();
            for point in numbers(&label.outline).chunks(2) {
                assert!(point[0] >= -120.0 && point[0] <= 1000.0 * label.width + 120.0, "{text}: {point:?}");
                // Control points and overshoot may leave the box of the metrics by a few hundredths of an em.
                assert!(point[1] >= -1000.0 * label.height - 60.0, "{text}: {point:?}");
                assert!(point[1] <= 1000.0 * label.depth + 60.0, "{text}: {point:?}");
            }
        }
    }

    #[test]
    fn failures_are_errors_that_name_the_label() {
        assert!(matches!(typeset("cost $x"), Err(LabelError::UnbalancedDollar { dollars: 1, .. })));
        assert!(matches!(typeset("$\\frac{1}{$"), Err(LabelError::NotTex { .. })));
        let error = typeset("$\\nosuchcommand$").unwrap_err();
        assert!(error.to_string().contains("nosuchcommand"), "{error}");
        assert!(matches!(typeset("步"), Err(LabelError::MissingGlyph { character: '步', .. })));
    }

    #[test]
    fn nothing_is_a_label_too() {
        let label = typeset("").unwrap();
        assert_eq!((label.width, label.outline.as_str()), (0.0, ""));
    }

    /// Every number of a path, for paths made of points only.
    fn numbers(outline: &str) -> Vec<f64> {
        outline
            .split(|c: char| !(c.is_ascii_digit() || c == '-' || c == '.'))
            .filter(|s| !s.is_empty())
            .map(|s| s.parse().unwrap())
            .collect()
    }
}
