//! Any objective of two variables beside the one that gradient descent really descends, f + (h/4)|∇f|².

mod picture;
mod trace;

use std::fmt;

use serde_json::{Value, json};

use crate::canvas::geometry::Point;
use crate::data::{Data, Table};
use crate::error::FigureError;
use crate::figure::{Check, Drawing, Figure, Progress};
use crate::page::Page;

pub(crate) use trace::Traces;
use trace::{Ending, trace};

/// A function of two variables; NaN or ±∞ where it is undefined.
pub type Surface<'a> = &'a (dyn Fn(f64, f64) -> f64 + Sync);
/// A vector field of two variables; NaN or ±∞ where it is undefined.
pub type Slopes<'a> = &'a (dyn Fn(f64, f64) -> (f64, f64) + Sync);

/// An objective f with everything that its picture needs: level lines of f and of f + (h/4)|∇f|², gradient descent from a
/// start, the gradient flows of both, and how far the iterates are from either.
///
/// It is a [`Figure`], to be drawn by [`draw`](crate::draw()). Where f is undefined or has a pole the maps are grey, and
/// the checks count the nodes. Gradient descent that leaves the finite numbers, and a flow that ends, end there in the
/// picture and are said to.
///
/// ```
/// use shadowflow_figures::{Figure, Landscape, Silent};
/// let bowl = Landscape {
///     id: "bowl".to_owned(),
///     title: "Gradient descent on a bowl".to_owned(),
///     source: "this project".to_owned(),
///     formula: "x^2+\\frac{1}{2}y^2".to_owned(),
///     axes: ["x".to_owned(), "y".to_owned()],
///     window: [(-1.0, 2.0), (-1.0, 2.0)],
///     start: [1.8, 1.5],
///     h: 0.2,
///     steps: 20,
///     value: &|x, y| x * x + 0.5 * y * y,
///     gradient: &|x, y| (2.0 * x, y),
///     correction: &|x, y| (-2.0 * x, -0.5 * y),
///     highlight: None,
/// };
/// let drawing = bowl.make(&Silent)?;
/// assert!(drawing.checks.iter().all(|check| check.passed));
/// # Ok::<(), shadowflow_figures::FigureError>(())
/// ```
#[derive(Clone)]
pub struct Landscape<'a> {
    /// The name of the files: lower-case words joined by hyphens.
    pub id: String,
    /// What it shows, in one line of plain text.
    pub title: String,
    /// Whom it follows.
    pub source: String,
    /// f as TeX, without dollars.
    pub formula: String,
    /// The variables as TeX, without dollars.
    pub axes: [String; 2],
    /// The interval of each variable, low end first.
    pub window: [(f64, f64); 2],
    /// The start x₀.
    pub start: [f64; 2],
    /// The learning rate h.
    pub h: f64,
    /// The number of steps, 1 to [`Landscape::MAX_STEPS`].
    pub steps: usize,
    /// f.
    pub value: Surface<'a>,
    /// ∇f.
    pub gradient: Slopes<'a>,
    /// -½∇²f∇f, the coefficient of h in the modified equation of gradient descent.
    pub correction: Slopes<'a>,
    /// A curve to be pointed out, such as the minima where they are known.
    pub highlight: Option<Highlight>,
}

/// A curve with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// The points of the curve.
    pub points: Vec<Point>,
    /// Its label, words with `$mathematics$`.
    pub label: String,
    /// The point of the plane at whose upper right the label stands.
    pub at: Point,
}

/// Why a landscape cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LandscapeError {
    /// An interval that is none.
    #[error(
        "the window cannot run from {low} to {high} in {variable}: both ends must be finite, the first below the second"
    )]
    Window {
        /// The variable, as TeX.
        variable: String,
        /// The low end given.
        low: f64,
        /// The high end given.
        high: f64,
    },
    /// A learning rate that is none.
    #[error("the step h = {h} cannot be used; give a positive, finite number")]
    Step {
        /// The step given.
        h: f64,
    },
    /// Too few or too many steps.
    #[error("{found} steps cannot be drawn; 1 to {most} are possible")]
    Steps {
        /// The number given.
        found: usize,
        /// The largest accepted.
        most: usize,
    },
    /// Neither picture has a point.
    #[error(
        "the objective has no finite value at any of {nodes} points of the window from {x:?} to {y:?}; \
         choose another window"
    )]
    NowhereDefined {
        /// The number of points tried.
        nodes: usize,
        /// The low corner.
        x: (f64, f64),
        /// The high corner.
        y: (f64, f64),
    },
    /// No step can be taken.
    #[error(
        "the objective or its gradient is undefined or infinite at the start {at:?}; choose another start"
    )]
    Start {
        /// The start.
        at: [f64; 2],
    },
}

impl fmt::Debug for Landscape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Landscape").field(&self.parameters()).finish()
    }
}

impl Figure for Landscape<'_> {
    fn id(&self) -> &str {
        &self.id
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn source(&self) -> &str {
        &self.source
    }

    fn parameters(&self) -> Value {
        json!({
            "formula": self.formula, "variables": self.axes, "window": self.window,
            "start": self.start, "h": self.h, "steps": self.steps,
        })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        let traces = self.trace(progress)?;
        Ok(Drawing { data: self.data(&traces), checks: self.checks(&traces), page: self.page(&traces)? })
    }
}

impl Landscape<'_> {
    /// The most steps of gradient descent in a picture.
    pub const MAX_STEPS: usize = 10_000;

    /// The orbit, both flows, and both surfaces.
    pub(crate) fn trace(&self, progress: &dyn Progress) -> Result<Traces, FigureError> {
        self.check()?;
        trace(self, progress)
    }

    pub(crate) fn page(&self, traces: &Traces) -> Result<Page, FigureError> {
        Ok(picture::page(self, traces)?)
    }

    /// The modified field -∇f + h·correction.
    pub(crate) fn modified_slope(&self, x: f64, y: f64) -> (f64, f64) {
        let (gradient, correction) = ((self.gradient)(x, y), (self.correction)(x, y));
        (self.h * correction.0 - gradient.0, self.h * correction.1 - gradient.1)
    }

    /// f + (h/4)|∇f|².
    pub(crate) fn modified_value(&self, x: f64, y: f64) -> f64 {
        let (along_x, along_y) = (self.gradient)(x, y);
        (self.value)(x, y) + 0.25 * self.h * (along_x * along_x + along_y * along_y)
    }

    /// Distances of the iterates from a flow at the same times, as far as both go: (t, distance).
    pub(crate) fn distances(&self, traces: &Traces, flow: &[Point]) -> impl Iterator<Item = (f64, f64)> {
        let at_iterates = flow.iter().step_by(traces.fine);
        let pairs = traces.descent.iter().zip(at_iterates).zip(0..);
        let h = self.h;
        pairs.map(move |((p, q), k)| (f64::from(k) * h, (p.0 - q.0).hypot(p.1 - q.1)))
    }

    fn check(&self) -> Result<(), LandscapeError> {
        for (&(low, high), variable) in self.window.iter().zip(&self.axes) {
            if !(low.is_finite() && high.is_finite() && low < high) {
                return Err(LandscapeError::Window { variable: variable.clone(), low, high });
            }
        }
        if !(self.h > 0.0 && self.h.is_finite()) {
            return Err(LandscapeError::Step { h: self.h });
        }
        if !(1..=Self::MAX_STEPS).contains(&self.steps) {
            return Err(LandscapeError::Steps { found: self.steps, most: Self::MAX_STEPS });
        }
        let [x, y] = self.start;
        let slope = (self.gradient)(x, y);
        if [x, y, (self.value)(x, y), slope.0, slope.1].iter().all(|number| number.is_finite()) {
            Ok(())
        } else {
            Err(LandscapeError::Start { at: self.start })
        }
    }

    pub(crate) fn data(&self, traces: &Traces) -> Data {
        let mut table = Table::new(["series", "t", "x", "y"]);
        let spacing = self.h / traces.fine as f64;
        for (series, points, spacing) in [
            ("gradient descent", &traces.descent, self.h),
            ("gradient flow", &traces.flow.points, spacing),
            ("modified flow", &traces.modified_flow.points, spacing),
        ] {
            for (i, &(x, y)) in points.iter().enumerate() {
                table.push([series.into(), (i as f64 * spacing).into(), x.into(), y.into()]);
            }
        }
        if let Ending::NotFinite { step } = traces.ending {
            let time = step as f64 * self.h;
            table.push(["gradient descent leaves the finite numbers".into(), time.into()]);
        }
        for (series, flow) in
            [("gradient flow ends", &traces.flow), ("modified flow ends", &traces.modified_flow)]
        {
            if let Some(time) = flow.ends {
                table.push([series.into(), time.into()]);
            }
        }
        let fields =
            vec![("f".to_owned(), traces.f.clone()), ("modified_f".to_owned(), traces.modified.clone())];
        Data { table: Some(table), fields }
    }

    pub(crate) fn checks(&self, traces: &Traces) -> Vec<Check> {
        let nodes = traces.f.values().len();
        let undefined = |name: &str, count: usize| {
            let name =
                format!("points of {nodes} in the window at which {name} is undefined or passes a pole");
            Check::at_most(name, count as f64, (nodes - 1) as f64)
        };
        vec![
            // Differences have some nine digits where the window resolves the surface, and none at a singularity.
            Check::at_most(
                "median relative distance of the modified field from -∇(f + (h/4)|∇f|²) by differences",
                traces.gap,
                1e-4,
            ),
            undefined("f", traces.undefined),
            undefined("f + (h/4)|∇f|²", traces.modified_undefined),
            Check::at_least(
                format!("steps of gradient descent, of {}, within the finite numbers", self.steps),
                (traces.descent.len() - 1) as f64,
                0.0,
            ),
        ]
    }
}

#[cfg(test)]
mod tests;
