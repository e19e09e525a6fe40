//! Symmetries of a map that permute coordinates and change signs.

use crate::Map;

/// A matrix S with one entry ±1 in each row and column: (Sx)ᵢ = ±x_{σ(i)}.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symmetry {
    places: Vec<usize>,
    signs: Vec<i8>,
}

impl Symmetry {
    /// All such matrices in d dimensions, the identity first.
    pub(crate) fn all(d: usize) -> Vec<Symmetry> {
        let mut found = Vec::new();
        for places in permutations(d) {
            for bits in 0..1u32 << d {
                let signs = (0..d).map(|k| if bits >> k & 1 == 1 { -1 } else { 1 }).collect();
                found.push(Symmetry { places: places.clone(), signs });
            }
        }
        found
    }

    /// Those with which a map commutes, Φ(Sx) = SΦ(x), as far as some points tell, besides the identity; none are looked for in
    /// more than three dimensions.
    pub fn of<M: Map>(map: &M, h: f64) -> Vec<Symmetry> {
        let d = map.dim();
        if d > Symmetry::MOST {
            return Vec::new();
        }
        // Without pattern, every coordinate with both signs but for the second: some maps have images for one sign only.
        let probes: Vec<Vec<f64>> = (1..=5)
            .map(|k| {
                (0..d).map(|c| (f64::from(k) * (2.3 + 1.37 * c as f64).sqrt()).fract() * 1.5 - 0.6).collect()
            })
            .collect();
        // Steps rather than images: for small h all images are near their points.
        let step = |x: &[f64]| {
            let mut next = vec![0.0; d];
            map.step(h, x, &mut next);
            next.iter_mut().zip(x).for_each(|(next, x)| *next -= x);
            next
        };
        // Where there is no image there must be none at the mirrored point either; some probe must have one.
        let has_value = |x: &[f64]| x.iter().all(|x| x.is_finite());
        let commutes = |s: &Symmetry| {
            probes.iter().any(|x| has_value(&step(x)))
                && probes.iter().all(|x| {
                    let (first, second) = (step(&s.apply(x)), s.apply(&step(x)));
                    if !has_value(&first) && !has_value(&second) {
                        return true;
                    }
                    // Sums in another order: rounding, of the step and of numbers of the size of the probes.
                    let longest = first.iter().fold(0.0, |most: f64, a| most.max(a.abs()));
                    let rounding = 1e-11 * longest + 16.0 * f64::EPSILON;
                    first.iter().zip(&second).all(|(a, b)| (a - b).abs() <= rounding)
                })
        };
        Symmetry::all(d).into_iter().skip(1).filter(commutes).collect()
    }

    /// How many dimensions symmetries are looked for in at the most: there are 2ᵈ·d! candidates.
    pub const MOST: usize = 3;

    /// The map as it is written with these names of coordinates: (x, y) -> (-y, x).
    pub fn written(&self, names: &[String]) -> String {
        let name = |place: usize| names.get(place).map_or("?", String::as_str);
        let images: Vec<String> = self
            .places
            .iter()
            .zip(&self.signs)
            .map(|(&place, &sign)| format!("{}{}", if sign < 0 { "-" } else { "" }, name(place)))
            .collect();
        let all: Vec<&str> = (0..self.places.len()).map(name).collect();
        match &all[..] {
            [one] => format!("{one} -> {}", images[0]),
            _ => format!("({}) -> ({})", all.join(", "), images.join(", ")),
        }
    }

    /// Sx.
    pub fn apply(&self, x: &[f64]) -> Vec<f64> {
        self.places.iter().zip(&self.signs).map(|(&place, &sign)| f64::from(sign) * x[place]).collect()
    }
}

fn permutations(d: usize) -> Vec<Vec<usize>> {
    if d == 0 {
        return vec![Vec::new()];
    }
    let smaller = permutations(d - 1);
    // The last element in each place, from the last down, so that the identity comes first.
    let inserted = |p: &Vec<usize>, place: usize| {
        let mut p = p.clone();
        p.insert(place, d - 1);
        p
    };
    (0..d).rev().flat_map(|place| smaller.iter().map(move |p| inserted(p, place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::known::{Cubic, Logistic};
    use crate::problems::ScalarFactorization;
    use crate::{GradientFlow, Iteration};
    use shadowflow_methods::Method;

    #[test]
    fn groups_have_their_sizes_and_begin_with_the_identity() {
        for (d, count) in [(1, 2), (2, 8), (3, 48)] {
            let all = Symmetry::all(d);
            assert_eq!(all.len(), count);
            let x: Vec<f64> = (0..d).map(|k| k as f64 + 0.5).collect();
            assert_eq!(all[0].apply(&x), x);
        }
    }

    #[test]
    fn symmetries_of_known_maps() {
        assert!(Symmetry::of(&Logistic, 3.7).is_empty());
        assert_eq!(Symmetry::of(&Cubic, 1.3).len(), 1);
        // (1 - xy)²/2: x ↔ y, and both with -1.
        let euler = Method::named("euler").unwrap();
        let map = Iteration::method(euler.tableau(), GradientFlow(ScalarFactorization { target: 1.0 }));
        let found = Symmetry::of(&map, 1.9);
        assert_eq!(found.len(), 3);
        assert!(found.iter().any(|s| s.apply(&[1.0, 2.0]) == [2.0, 1.0]));
        let names = ["x".to_owned(), "y".to_owned()];
        let written: Vec<String> = found.iter().map(|s| s.written(&names)).collect();
        assert!(written.contains(&"(x, y) -> (-y, -x)".to_owned()), "{written:?}");
        assert_eq!(Symmetry::of(&Cubic, 1.3)[0].written(&names[..1]), "x -> -x");
        // Of RMSprop's state (x, m, v), which has no step for v below some bound.
        let optimizer = crate::Optimizer::named("rmsprop(epsilon=0.01)").unwrap();
        let map = Iteration::optimizer(&optimizer, GradientFlow(crate::problems::DoubleWell));
        let found = Symmetry::of(&map, 0.1);
        assert!(found.iter().any(|s| s.apply(&[1.0, 2.0, 3.0]) == [-1.0, -2.0, 3.0]), "{found:?}");
        assert!(found.iter().all(|s| s.apply(&[1.0, 2.0, 3.0])[2] == 3.0), "{found:?}");
        // No step is so short that all of them look alike.
        assert_eq!(Symmetry::of(&Cubic, 1e-13).len(), 1);
        struct Square;
        impl Map for Square {
            fn dim(&self) -> usize {
                1
            }
            fn step<S: crate::Scalar>(&self, h: S, x: &[S], next: &mut [S]) {
                next[0] = x[0] + h * x[0] * x[0];
            }
        }
        assert!(Symmetry::of(&Square, 1e-13).is_empty());
    }
}
