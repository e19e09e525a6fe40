//! Rooted trees as they are printed: the root below, its children above.

use crate::canvas::geometry::Point;
use crate::canvas::svg::Layer;
use crate::page::Page;
use crate::style::{BLACK, Fill, Stroke};

impl Page {
    /// Draws the rooted tree with this level sequence, its root resting on the height of `at` and its left end there;
    /// neighbouring vertices are `unit` points apart. Returns the width.
    pub fn tree(&mut self, at: Point, levels: &[u8], unit: f64) -> f64 {
        let radius = 0.27 * unit;
        let (places, width) = vertices(levels);
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

/// Places of the vertices in units, the root at height 0, and the distance from the leftmost to the rightmost.
fn vertices(levels: &[u8]) -> (Vec<Point>, f64) {
    let mut places = vec![(0.0, 0.0); levels.len()];
    let mut leaves = 0.0;
    // From the last vertex back, all descendants of a vertex are placed before it.
    for i in (0..levels.len()).rev() {
        let descendants = i + 1 + levels[i + 1..].iter().take_while(|&&level| level > levels[i]).count();
        let children: Vec<f64> =
            (i + 1..descendants).filter(|&j| levels[j] == levels[i] + 1).map(|j| places[j].0).collect();
        let x = if children.is_empty() {
            leaves += 1.0;
            -leaves
        } else {
            children.iter().sum::<f64>() / children.len() as f64
        };
        places[i] = (x, f64::from(levels[i] - levels[0]));
    }
    places.iter_mut().for_each(|place| place.0 += leaves);
    (places, (leaves - 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cherry_spreads_and_the_tall_tree_stands() {
        assert_eq!(vertices(&[1, 2, 2]), (vec![(0.5, 0.0), (0.0, 1.0), (1.0, 1.0)], 1.0));
        assert_eq!(vertices(&[1, 2, 3]), (vec![(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)], 0.0));
    }

    #[test]
    fn a_subtree_stands_on_its_own_root() {
        let (places, width) = vertices(&[1, 2, 3, 3, 2]);
        assert_eq!(places[1], (0.5, 1.0));
        assert_eq!(places[4], (2.0, 1.0));
        assert_eq!(width, 2.0);
    }
}
