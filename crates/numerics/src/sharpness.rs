//! The sharpness, the largest eigenvalue of the Hessian, from Hessian-vector products alone.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::Objective;
use crate::directional::{add, dot, norm};
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
        lanczos(x, patternless(x.len()), RESIDUAL, |v| hessian_vector(objective, x, v))
    }

    /// The same with a guess of the direction, for example that of a point nearby, which saves products. A
    /// wrong guess does no harm: what it lacks is mixed in.
    ///
    /// # Errors
    /// As for [`Sharpness::at`], and if the guess has the wrong length or is not finite.
    pub fn near<V: Objective>(objective: &V, x: &[f64], guess: &[f64]) -> Result<Sharpness, SharpnessError> {
        Sharpness::within(RESIDUAL, objective, x, guess)
    }

    /// The same to another residual: the error of the direction is of its order, that of the value of the
    /// order of its square.
    pub(crate) fn within<V: Objective>(
        residual: f64,
        objective: &V,
        x: &[f64],
        guess: &[f64],
    ) -> Result<Sharpness, SharpnessError> {
        check(objective, x)?;
        check_dimension("the guess", x.len(), guess)?;
        check_finite("the guess", guess)?;
        lanczos(x, mixed(guess), residual, |v| hessian_vector(objective, x, v))
    }

    /// The largest eigenvalue of the Hessian on the complement of this direction: the second of the spectrum.
    pub(crate) fn second<V: Objective>(
        &self,
        objective: &V,
        x: &[f64],
    ) -> Result<Option<f64>, SharpnessError> {
        if x.len() < 2 {
            return Ok(None);
        }
        let q = &self.direction;
        let project = |mut v: Vec<f64>| {
            let along = dot(q, &v);
            add(&mut v, -along, q);
            v
        };
        let mut start = project(patternless(x.len()));
        if norm(&start) < 1e-6 {
            // In two dimensions the vector without pattern may be the direction itself; what is across it is
            // easy then.
            start = project(vec![1.0; x.len()]);
        }
        lanczos(x, start, RESIDUAL, |v| project(hessian_vector(objective, x, v)))
            .map(|found| Some(found.value))
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

fn check<V: Objective>(objective: &V, x: &[f64]) -> Result<(), InputError> {
    check_dimension("the point", check_field(objective.variables())?, x)?;
    check_finite("the point", x)
}

/// A vector with a part in every direction one is likely to meet: multiples of the golden ratio modulo 1,
/// less ½, whose signs and sizes follow no pattern of the variables.
fn patternless(d: usize) -> Vec<f64> {
    let golden = 0.618_033_988_749_894_8;
    (1..=d).map(|k| (k as f64 * golden).fract() - 0.5).collect()
}

fn mixed(guess: &[f64]) -> Vec<f64> {
    let fresh = patternless(guess.len());
    let size = norm(guess);
    if size == 0.0 || !size.is_finite() {
        return fresh;
    }
    let share = FRESH / norm(&fresh);
    guess.iter().zip(fresh).map(|(g, f)| g / size + share * f).collect()
}

fn lanczos(
    x: &[f64],
    start: Vec<f64>,
    tolerance: f64,
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
        let ritz = Ritz::of(&diagonal, &below);
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
    fn of(diagonal: &[f64], below: &[f64]) -> Ritz {
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
            size: eigen.eigenvalues.amax(),
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
            let second = found.second(&network, &seed).unwrap().unwrap();
            prop_assert!((second - spectrum.eigenvalues()[35]).abs() < 1e-9 * spectrum.sharpness());
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
            let start = scaled(patternless(2));
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
        assert!((found.second(&Slanted, &[0.3, 0.1]).unwrap().unwrap() - 1.0).abs() < 1e-14);
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
