//! Rooted trees as they are printed: the root below, its children above.

use shadowflow_bseries::drawing::layout;

use crate::canvas::geometry::Point;
use crate::canvas::svg::Layer;
use crate::page::Page;
use crate::style::{BLACK, Fill, Stroke};

impl Page {
    /// Draws the rooted tree with this level sequence, its root resting on the height of `at` and its left end there;
    /// neighbouring vertices are `unit` points apart. Returns the width.
    pub fn tree(&mut self, at: Point, levels: &[u8], unit: f64) -> f64 {
        let radius = 0.27 * unit;
        let places = layout(levels);
        let width = places.iter().map(|place| place.0).fold(0.0, f64::max);
        let place = |i: usize| {
            let (x, y) = places[i];
            (at.0 + radius + unit * x, at.1 - radius - 0.95 * unit * y)
        };
        for (child, &level) in levels.iter().enumerate() {
            // The parent is the last vertex before it one level below.
            if let Some(parent) = levels[..child].iter().rposition(|&other| other + 1 == level) {
                self.svg.polyline(
                    Layer::Frame,
                    &[place(parent), place(child)],
                    &Stroke::thin(BLACK).width(0.11 * unit),
                );
            }
        }
        for i in 0..levels.len() {
            self.svg.circle(Layer::Frame, place(i), radius, Some(&Fill::new(BLACK)), None);
        }
        2.0 * radius + unit * width
    }
}
