//! The sharpness, the largest eigenvalue of the Hessian, from Hessian-vector products alone.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::Objective;
use crate::directional::{add, combined, dot, norm};
use crate::error::{InputError, check_dimension, check_field, check_finite};
use crate::hessian_vector;

/// Most products of the Lanczos process; each keeps a vector.
const MOST_PRODUCTS: usize = 300;

/// A residual this small compared with the Hessian ends the process. Eigenvalues then err by its square over
/// a gap, which is rounding, and directions by it over a gap.
const RESIDUAL: f64 = 1e-11;

/// The share of the start vector without pattern in a search near a guess: what the guess lacks must have a
/// part.
const FRESH: f64 = 1e-4;

/// Why the sharpness was not found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SharpnessError {
    /// The point cannot be used, or the Hessian is not finite there.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The process has not come to an end.
    #[error(
        "the sharpness was not found: after {products} Hessian-vector products the best estimate {value} \
         has a residual of {residual:e}"
    )]
    NotConverged {
        /// The products spent.
        products: usize,
        /// The best estimate, a lower bound but for rounding.
        value: f64,
        /// The norm of Hq - value·q.
        residual: f64,
    },
}

/// The largest eigenvalue of the Hessian of an objective at a point, with a unit eigenvector.
///
/// By the Lanczos process with full reorthogonalisation (Lanczos 1950; Golub & Van Loan 2013, §10.3) from a
/// fixed start vector, so that the same point gives the same digits. The estimates grow towards the
/// eigenvalue. For few variables [`Curvature`](crate::Curvature) has the whole spectrum.
///
/// ```
/// use shadowflow_numerics::{Sharpness, problems::Rosenbrock};
/// // Hessian [[802, -400], [-400, 200]] at the minimum: trace 1002, determinant 400.
/// let sharpness = Sharpness::at(&Rosenbrock::default(), &[1.0, 1.0])?;
/// assert!((sharpness.value() - (501.0 + (501.0f64 * 501.0 - 400.0).sqrt())).abs() <= sharpness.error());
/// # Ok::<(), shadowflow_numerics::SharpnessError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sharpness {
    value: f64,
    direction: Vec<f64>,
    error: f64,
    products: usize,
}

impl Sharpness {
    /// At the point `x`.
    ///
    /// # Errors
    /// If `x` has the wrong length or is not finite, a Hessian-vector product is not finite, or 300 products
    /// are not enough.
    pub fn at<V: Objective>(objective: &V, x: &[f64]) -> Result<Sharpness, SharpnessError> {
        check(objective, x)?;
        lanczos(x, patternless(x.len(), 0), RESIDUAL, 0.0, |v| hessian_vector(objective, x, v))
    }

    /// The same with a guess of the direction, for example that of a point nearby, which saves products. A
    /// wrong guess does no harm: what it lacks is mixed in.
    ///
    /// # Errors
    /// As for [`Sharpness::at`], and if the guess has the wrong length or is not finite.
    pub fn near<V: Objective>(objective: &V, x: &[f64], guess: &[f64]) -> Result<Sharpness, SharpnessError> {
        check(objective, x)?;
        check_dimension("the guess", x.len(), guess)?;
        check_finite("the guess", guess)?;
        lanczos(x, mixed(guess, 0), RESIDUAL, 0.0, |v| hessian_vector(objective, x, v))
    }

    /// The eigenvalue.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The unit eigenvector; of its two signs, the one with a positive largest component.
    pub fn direction(&self) -> &[f64] {
        &self.direction
    }

    /// A bound for the distance of the value to an eigenvalue: the norm of the residual Hq - λq, computed
    /// anew from the Hessian, and rounding.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// The Hessian-vector products spent.
    pub fn products(&self) -> usize {
        self.products
    }
}

/// The largest eigenvalues of the Hessian at a point, descending, with orthonormal eigenvectors.
#[derive(Clone, Debug)]
pub(crate) struct Leading {
    pub(crate) values: Vec<f64>,
    pub(crate) directions: Vec<Vec<f64>>,
}

impl Leading {
    /// As many as it takes until `is_enough` of the values, or all. The guesses are used in their order.
    ///
    /// One after the other, each on the complement of those before; together they are made eigenvectors by the
    /// small eigenproblem of their space, so that equal eigenvalues do no harm.
    pub(crate) fn at<V: Objective>(
        residual: f64,
        objective: &V,
        x: &[f64],
        guesses: &[Vec<f64>],
        is_enough: impl Fn(&[f64]) -> bool,
    ) -> Result<Leading, SharpnessError> {
        check(objective, x)?;
        let (mut values, mut directions): (Vec<f64>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        while values.len() < x.len() && (values.is_empty() || !is_enough(&values)) {
            // Of equal eigenvalues a start finds one direction: each search has a start of its own.
            let k = values.len();
            let guess = guesses.get(k).map(|guess| mixed(guess, k));
            let project = |mut v: Vec<f64>| {
                for q in &directions {
                    let along = dot(q, &v);
                    add(&mut v, -along, q);
                }
                v
            };
            // The vector without pattern may lie among the directions found; some axis does not.
            let axes = (0..x.len()).map(|k| (0..x.len()).map(|j| f64::from(u8::from(j == k))).collect());
            let starts = guess.into_iter().chain([patternless(x.len(), k)]).chain(axes);
            let Some(start) = starts.map(&project).find(|start| norm(start) > 1e-6) else { break };
            let size = values.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
            let found = lanczos(x, start, residual, size, |v| project(hessian_vector(objective, x, v)))?;
            // Rounding leaves a little of the others in it, which a second projection takes off.
            let direction = scaled(project(found.direction));
            values.push(found.value);
            directions.push(direction);
        }
        if values.len() < 2 {
            return Ok(Leading { values, directions });
        }
        let images: Vec<Vec<f64>> = directions.iter().map(|q| hessian_vector(objective, x, q)).collect();
        let k = values.len();
        let small = DMatrix::from_fn(k, k, |i, j| {
            0.5 * (dot(&directions[i], &images[j]) + dot(&directions[j], &images[i]))
        });
        let eigen = SymmetricEigen::new(small);
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
        let direction = |&column: &usize| {
            let shares = eigen.eigenvectors.column(column);
            crate::curvature::oriented(&combined(x.len(), shares.iter(), &directions))
        };
        Ok(Leading {
            values: order.iter().map(|&i| eigen.eigenvalues[i]).collect(),
            directions: order.iter().map(direction).collect(),
        })
    }
}

fn check<V: Objective>(objective: &V, x: &[f64]) -> Result<(), InputError> {
    check_dimension("the point", check_field(objective.variables())?, x)?;
    check_finite("the point", x)
}

/// A vector with a part in every direction one is likely to meet: multiples of the golden ratio modulo 1,
/// less ½, whose signs and sizes follow no pattern of the variables. Others are made with other square roots.
fn patternless(d: usize, which: usize) -> Vec<f64> {
    let golden = 0.618_033_988_749_894_8 * ((which + 1) as f64).sqrt();
    (1..=d).map(|k| (k as f64 * golden).fract() - 0.5).collect()
}

fn mixed(guess: &[f64], which: usize) -> Vec<f64> {
    let fresh = patternless(guess.len(), which);
    let size = norm(guess);
    if size == 0.0 || !size.is_finite() {
        return fresh;
    }
    let share = FRESH / norm(&fresh);
    guess.iter().zip(fresh).map(|(g, f)| g / size + share * f).collect()
}

/// `least_size` is a lower bound of the size of the whole Hessian where the product is with a part of it.
fn lanczos(
    x: &[f64],
    start: Vec<f64>,
    tolerance: f64,
    least_size: f64,
    product: impl Fn(&[f64]) -> Vec<f64>,
) -> Result<Sharpness, SharpnessError> {
    let d = start.len();
    let most = d.min(MOST_PRODUCTS);
    let undefined = || InputError::Undefined { at: x.to_vec() };
    let (mut diagonal, mut below) = (Vec::new(), Vec::new());
    let mut basis: Vec<Vec<f64>> = vec![scaled(start)];
    loop {
        let k = basis.len();
        let mut w = product(&basis[k - 1]);
        diagonal.push(dot(&w, &basis[k - 1]));
        // Twice is enough: what rounding leaves of the basis after the first time is gone after the second.
        for _ in 0..2 {
            for q in &basis {
                let along = dot(q, &w);
                add(&mut w, -along, q);
            }
        }
        let rest = norm(&w);
        if !rest.is_finite() || !diagonal[k - 1].is_finite() {
            return Err(undefined().into());
        }
        // The small eigenproblem costs more than a product of a small problem: not every time.
        if !(k.is_multiple_of(2) || k == most || rest == 0.0) && k > 1 {
            below.push(rest);
            basis.push(w.into_iter().map(|w| w / rest).collect());
            continue;
        }
        let ritz = Ritz::of(&diagonal, &below, least_size);
        let last = rest * ritz.coordinates[k - 1].abs();
        // An invariant subspace: of a start with a part in every direction it holds the largest eigenvalue.
        let is_invariant = rest <= f64::EPSILON * d as f64 * ritz.size;
        if k == most || is_invariant || last <= tolerance * ritz.size {
            let mut direction = vec![0.0; d];
            for (q, c) in basis.iter().zip(&ritz.coordinates) {
                add(&mut direction, *c, q);
            }
            let direction = crate::curvature::oriented(&scaled(direction));
            let mut residual = product(&direction);
            add(&mut residual, -ritz.value, &direction);
            let residual = norm(&residual);
            let rounding = f64::EPSILON * (8 * d) as f64 * ritz.size;
            // The full space needs no test: with d vectors the process is a change of basis.
            if k < d && residual > 10.0 * tolerance * ritz.size + rounding {
                return Err(SharpnessError::NotConverged { products: k, value: ritz.value, residual });
            }
            return Ok(Sharpness {
                value: ritz.value,
                direction,
                error: residual + rounding,
                products: k + 1,
            });
        }
        below.push(rest);
        basis.push(w.into_iter().map(|w| w / rest).collect());
    }
}

fn scaled(mut v: Vec<f64>) -> Vec<f64> {
    let size = norm(&v);
    v.iter_mut().for_each(|v| *v /= size);
    v
}

/// The largest eigenvalue of a tridiagonal matrix, with its unit eigenvector, and the size of the matrix.
struct Ritz {
    value: f64,
    coordinates: Vec<f64>,
    size: f64,
}

impl Ritz {
    fn of(diagonal: &[f64], below: &[f64], least_size: f64) -> Ritz {
        let k = diagonal.len();
        let matrix = DMatrix::from_fn(k, k, |i, j| match i.abs_diff(j) {
            0 => diagonal[i],
            1 => below[i.min(j)],
            _ => 0.0,
        });
        let eigen = SymmetricEigen::new(matrix);
        let largest = eigen.eigenvalues.imax();
        Ritz {
            value: eigen.eigenvalues[largest],
            coordinates: eigen.eigenvectors.column(largest).iter().copied().collect(),
            size: eigen.eigenvalues.amax().max(least_size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Curvature;
    use crate::problems::{Quadratic, Rosenbrock, SmallNetwork};
    use proptest::prelude::*;

    proptest! {
        // The spectra of 37 variables are what takes time here.
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// The whole spectrum by another algorithm as the oracle.
        #[test]
        fn it_is_the_largest_eigenvalue(seed in prop::collection::vec(-1.5..1.5f64, 37)) {
            let network = SmallNetwork::miniature();
            let found = Sharpness::at(&network, &seed).unwrap();
            let spectrum = Curvature::at(&network, &seed).unwrap();
            prop_assert!((found.value() - spectrum.sharpness()).abs() <= found.error());
            prop_assert!(found.error() < 1e-9 * spectrum.sharpness(), "{:e}", found.error());
            let leading = Leading::at(RESIDUAL, &network, &seed, &[], |values| values.len() == 4).unwrap();
            for (k, value) in leading.values.iter().enumerate() {
                prop_assert!((value - spectrum.eigenvalues()[36 - k]).abs() < 1e-9 * spectrum.sharpness());
                for (j, q) in leading.directions.iter().enumerate() {
                    let product = dot(q, &leading.directions[k]);
                    prop_assert!((product - f64::from(u8::from(j == k))).abs() < 1e-13);
                }
            }
        }

        #[test]
        fn any_guess_gives_the_same(guess in prop::collection::vec(-1.0..1.0f64, 37)) {
            let (network, x) = (SmallNetwork::miniature(), SmallNetwork::start(12));
            let cold = Sharpness::at(&network, &x).unwrap();
            let warm = Sharpness::near(&network, &x, &guess).unwrap();
            prop_assert!((cold.value() - warm.value()).abs() <= cold.error() + warm.error());
        }
    }

    #[test]
    fn a_good_guess_saves_products_and_the_worst_does_no_harm() {
        let (network, x) = (SmallNetwork::miniature(), SmallNetwork::start(12));
        let cold = Sharpness::at(&network, &x).unwrap();
        let nearby: Vec<f64> = x.iter().map(|x| x * 1.0001).collect();
        let warm = Sharpness::near(&network, &nearby, cold.direction()).unwrap();
        assert!(warm.products() < cold.products(), "{} {}", warm.products(), cold.products());
        // A guess that is an eigenvector, but not the one.
        let spectrum = Curvature::at(&network, &x).unwrap();
        let wrong = Sharpness::near(&network, &x, &spectrum.directions()[20]).unwrap();
        assert!((wrong.value() - cold.value()).abs() <= wrong.error() + cold.error());
    }

    /// 3(a·z)²/2 + (b·z)²/2 with a along the start vector of two variables and b across it.
    struct Slanted;

    impl Objective for Slanted {
        fn variables(&self) -> usize {
            2
        }

        fn value<S: crate::Scalar>(&self, z: &[S]) -> S {
            let [a, b] = Slanted::axes(z);
            a * a * 1.5 + b * b * 0.5
        }

        fn gradient<S: crate::Scalar>(&self, z: &[S], out: &mut [S]) {
            let [c, s] = Slanted::direction();
            let [a, b] = Slanted::axes(z);
            out[0] = a * (3.0 * c) - b * s;
            out[1] = a * (3.0 * s) + b * c;
        }
    }

    impl Slanted {
        fn direction() -> [f64; 2] {
            let start = scaled(patternless(2, 0));
            [start[0], start[1]]
        }

        fn axes<S: crate::Scalar>(z: &[S]) -> [S; 2] {
            let [c, s] = Slanted::direction();
            [z[0] * c + z[1] * s, z[1] * c - z[0] * s]
        }
    }

    #[test]
    fn the_second_eigenvalue_is_found_where_the_start_vector_is_the_first_direction() {
        let found = Sharpness::at(&Slanted, &[0.3, 0.1]).unwrap();
        assert!((found.value() - 3.0).abs() < 1e-14 && found.products() == 2);
        let both = Leading::at(RESIDUAL, &Slanted, &[0.3, 0.1], &[], |_| false).unwrap();
        assert_eq!(both.values.len(), 2);
        assert!((both.values[0] - 3.0).abs() < 1e-14 && (both.values[1] - 1.0).abs() < 1e-14);
    }

    #[test]
    fn equal_eigenvalues_are_all_found() {
        let f = Quadratic::new(&[1.0, 5.0, -2.0, 5.0, 5.0]);
        let above = |values: &[f64]| values.last().is_some_and(|value| *value < 4.0);
        let found = Leading::at(RESIDUAL, &f, &[0.0; 5], &[vec![0.0; 5]], above).unwrap();
        assert_eq!(found.values.len(), 4);
        for (value, expected) in found.values.iter().zip([5.0, 5.0, 5.0, 1.0]) {
            assert!((value - expected).abs() < 1e-13, "{:?}", found.values);
        }
    }

    #[test]
    fn simple_spectra_are_found() {
        for curvatures in [vec![5.0], vec![2.0; 7], vec![0.0; 4], vec![-3.0, -1.0, -2.0], vec![0.0, 0.0, 9.0]]
        {
            let found = Sharpness::at(&Quadratic::new(&curvatures), &vec![1.0; curvatures.len()]).unwrap();
            let largest = curvatures.iter().fold(f64::NEG_INFINITY, |l: f64, c| l.max(*c));
            assert!((found.value() - largest).abs() <= found.error(), "{curvatures:?}: {found:?}");
            assert!((norm(found.direction()) - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn what_does_not_converge_is_said_and_large_gaps_do() {
        // Eigenvalues 1 - 10⁻⁸k²: those at the end differ by 10⁻⁸, and no polynomial of degree 300 parts
        // them.
        let flat: Vec<f64> = (0..500).map(|k| 1.0 - 1e-8 * f64::from(k * k)).collect();
        let Err(SharpnessError::NotConverged { products, value, residual }) =
            Sharpness::at(&Quadratic::new(&flat), &vec![0.0; 500])
        else {
            panic!("no gap")
        };
        assert!(products == MOST_PRODUCTS && value < 1.0 && residual < 1e-3, "{value} {residual:e}");

        let apart: Vec<f64> = (0..2000).map(|k| if k == 900 { 2.0 } else { f64::from(k) / 2000.0 }).collect();
        let found = Sharpness::at(&Quadratic::new(&apart), &vec![0.0; 2000]).unwrap();
        assert!((found.value() - 2.0).abs() < 1e-12 && found.products() < 60, "{}", found.products());
    }

    #[test]
    fn bad_points_are_refused() {
        let f = Rosenbrock::default();
        assert!(matches!(
            Sharpness::at(&f, &[1.0]),
            Err(SharpnessError::Input(InputError::Dimension { .. }))
        ));
        assert!(matches!(
            Sharpness::at(&f, &[f64::NAN, 0.0]),
            Err(SharpnessError::Input(InputError::NotFinite { .. }))
        ));
        assert!(matches!(
            Sharpness::at(&f, &[1e200, 0.0]),
            Err(SharpnessError::Input(InputError::Undefined { .. }))
        ));
        assert!(Sharpness::near(&f, &[1.0, 1.0], &[1.0]).is_err());
    }
}
