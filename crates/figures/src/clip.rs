//! Lines cut off at the edges of a panel (Liang & Barsky 1984), so that what leaves it costs no ink and no bytes.

use crate::canvas::geometry::Point;

/// The pieces of a line that lie in the unit square. A point that is not finite interrupts the line.
pub(crate) fn clip_to_unit_square(line: impl IntoIterator<Item = Point>) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    // The piece under construction goes on only from the point where the last segment ended inside.
    let mut open = false;
    let mut previous: Option<Point> = None;
    for here in line {
        if !(here.0.is_finite() && here.1.is_finite()) {
            previous = None;
            open = false;
            continue;
        }
        if let Some(from) = previous {
            match clip_segment(from, here) {
                Some((start, end)) => {
                    match pieces.last_mut() {
                        Some(piece) if open => piece.push(end),
                        _ => pieces.push(vec![start, end]),
                    }
                    open = end == here;
                }
                None => open = false,
            }
        }
        previous = Some(here);
    }
    pieces
}

fn clip_segment(from: Point, to: Point) -> Option<(Point, Point)> {
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (start, delta) in [(from.0, to.0 - from.0), (from.1, to.1 - from.1)] {
        if delta == 0.0 {
            if !(0.0..=1.0).contains(&start) {
                return None;
            }
            continue;
        }
        let (a, b) = (-start / delta, (1.0 - start) / delta);
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    if enter > leave {
        return None;
    }
    let at = |t: f64| (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
    // The given ends are kept as they are, so that a line inside comes out unchanged.
    Some((if enter == 0.0 { from } else { at(enter) }, if leave == 1.0 { to } else { at(leave) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_inside_is_kept_and_one_outside_dropped() {
        let inside = vec![(0.1, 0.2), (0.5, 0.9), (1.0, 0.0)];
        assert_eq!(clip_to_unit_square(inside.clone()), vec![inside]);
        assert!(clip_to_unit_square([(-1.0, 0.5), (-0.1, 3.0)]).is_empty());
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let pieces = clip_to_unit_square([(0.5, 0.5), (0.5, 1.5), (0.75, 1.5), (0.75, 0.5)]);
        assert_eq!(pieces, vec![vec![(0.5, 0.5), (0.5, 1.0)], vec![(0.75, 1.0), (0.75, 0.5)]]);
    }

    #[test]
    fn what_is_not_finite_interrupts() {
        let pieces = clip_to_unit_square([(0.0, 0.0), (0.1, 0.1), (f64::NAN, 0.2), (0.3, 0.3), (0.4, 0.4)]);
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn a_steep_rise_out_of_the_panel_keeps_its_direction() {
        let pieces = clip_to_unit_square([(0.5, 0.5), (0.6, 1e30)]);
        assert_eq!(pieces.len(), 1);
        let end = pieces[0][1];
        assert!((end.0 - 0.5).abs() < 1e-15 && (end.1 - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn pieces_stay_inside_and_on_the_line(
            line in prop::collection::vec((-2.0..3.0f64, -2.0..3.0f64), 2..12)
        ) {
            for (x, y) in clip_to_unit_square(line.clone()).into_iter().flatten() {
                // One rounding of a product of numbers below 5.
                prop_assert!((-1e-14..=1.0 + 1e-14).contains(&x) && (-1e-14..=1.0 + 1e-14).contains(&y));
                let near = line.windows(2).map(|w| distance((x, y), w[0], w[1])).fold(f64::MAX, f64::min);
                prop_assert!(near < 1e-12);
            }
        }
    }

    fn distance(p: Point, a: Point, b: Point) -> f64 {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let t = (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy).max(1e-300)).clamp(0.0, 1.0);
        (a.0 + t * dx - p.0).hypot(a.1 + t * dy - p.1)
    }
}
