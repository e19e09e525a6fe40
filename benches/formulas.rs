//! Formulas compiled at run time, at 10⁵ points, beside the same formulas written in Rust.
//!
//! The kernels `…-by-hand` are plain loops over slices, which the compiler of Rust vectorises, with the formulas as
//! somebody would write them down who minds the cost; the others get nothing but the text of an objective.
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_methods::Method;
use shadowflow_symbolic::{Compiled, Evaluator, Objective, Part, System, derive};

const POINTS: usize = 100_000;

const FACTORIZATION: &str = "(1-x*y)^2/2 + x^4/4";
const ROSENBROCK: &str = "(1-x)^2 + 100*(y-x^2)^2";
const TRANSCENDENTAL: &str = "tanh(x)*exp(-y^2) + sin(x*y)";
const STEP: f64 = 0.1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut data = Data::new();
    let step = std::hint::black_box(STEP);

    let size = |what: &str, f: &str| format!("{what} of {f}");
    let gradient = size("gradient", FACTORIZATION);
    data.batch("formula-poly-batch", &gradient, part(FACTORIZATION, Part::Gradient)?)?;
    data.by_hand("formula-poly-batch-by-hand", &gradient, factorization);
    let rosenbrock_size = size("gradient", ROSENBROCK);
    data.batch("formula-rosenbrock-batch", &rosenbrock_size, part(ROSENBROCK, Part::Gradient)?)?;
    data.by_hand("formula-rosenbrock-batch-by-hand", &rosenbrock_size, rosenbrock);
    let modified = size("modified field through h of gradient descent", FACTORIZATION);
    data.batch("formula-modified-batch", &modified, through_h(FACTORIZATION)?)?;
    data.by_hand("formula-modified-batch-by-hand", &modified, |x, y| modified_factorization(x, y, step));
    let modified = size("modified field through h of gradient descent", ROSENBROCK);
    data.batch("formula-modified-rosenbrock-batch", &modified, through_h(ROSENBROCK)?)?;
    data.by_hand("formula-modified-rosenbrock-batch-by-hand", &modified, |x, y| {
        modified_rosenbrock(x, y, step)
    });
    let hessian = size("Hessian", FACTORIZATION);
    data.batch("formula-hessian-batch", &hessian, part(FACTORIZATION, Part::Hessian)?)?;
    data.by_hand("formula-hessian-batch-by-hand", &hessian, factorization_hessian);
    let transcendental_size = size("gradient", TRANSCENDENTAL);
    data.batch("formula-transcendental-batch", &transcendental_size, part(TRANSCENDENTAL, Part::Gradient)?)?;
    data.by_hand("formula-transcendental-batch-by-hand", &transcendental_size, transcendental);

    data.one_by_one("formula-poly-scalar", &gradient, part(FACTORIZATION, Part::Gradient)?);
    data.one_by_one(
        "formula-transcendental-scalar",
        &transcendental_size,
        part(TRANSCENDENTAL, Part::Gradient)?,
    );
    Ok(())
}

fn part(text: &str, part: Part) -> Result<Evaluator, Box<dyn std::error::Error>> {
    Ok(Compiled::objective(&Objective::parse(text, None)?, &[])?.part(part)?)
}

/// The modified field through h of gradient descent, with h fixed.
fn through_h(text: &str) -> Result<Evaluator, Box<dyn std::error::Error>> {
    let found =
        derive(&System::Gradient(Objective::parse(text, None)?), Method::named("euler")?.tableau(), 1)?;
    Ok(Compiled::derivation(&found, &[("h", STEP)])?.part(Part::ModifiedField(1))?)
}

/// Points, and room for what is computed there.
struct Data {
    x: Vec<f64>,
    y: Vec<f64>,
    out: [Vec<f64>; 4],
}

impl Data {
    fn new() -> Data {
        let column = |factor: usize, scale: f64| -> Vec<f64> {
            (0..POINTS).map(|i| scale * ((i * factor % POINTS) as f64 / POINTS as f64 - 0.5)).collect()
        };
        Data { x: column(1, 3.0), y: column(7919, 2.8), out: std::array::from_fn(|_| vec![0.0; POINTS]) }
    }

    fn batch(
        &mut self,
        name: &str,
        size: &str,
        mut evaluator: Evaluator,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let mut out: Vec<&mut [f64]> =
            self.out.iter_mut().take(evaluator.outputs()).map(Vec::as_mut_slice).collect();
        let inputs = [&self.x[..], &self.y[..]];
        evaluator.eval_batch(&inputs, &mut out)?;
        println!("{}", measure(&kernel(name, size), || evaluator.eval_batch(&inputs, &mut out)));
        Ok(())
    }

    fn by_hand<const M: usize>(&mut self, name: &str, size: &str, f: impl Fn(f64, f64) -> [f64; M]) {
        let Data { x, y, out } = self;
        println!("{}", measure(&kernel(name, size), || over_all(x, y, out, &f)));
    }

    fn one_by_one(&mut self, name: &str, size: &str, mut evaluator: Evaluator) {
        let mut values = [0.0; 4];
        let values = &mut values[..evaluator.outputs()];
        let run = || {
            for (i, (x, y)) in self.x.iter().zip(&self.y).enumerate() {
                evaluator.eval(&[*x, *y], values).expect("two inputs");
                for (out, value) in self.out.iter_mut().zip(&*values) {
                    out[i] = *value;
                }
            }
        };
        println!("{}", measure(&kernel(name, size), run));
    }
}

fn kernel<'a>(name: &'a str, size: &'a str) -> Kernel<'a> {
    Kernel { name, size, work: POINTS as f64 / 1e6, unit: "Mpoint/s", threads: 1 }
}

/// Slices of equal length, so that the loop needs no checks and becomes vector instructions.
fn over_all<const M: usize>(x: &[f64], y: &[f64], out: &mut [Vec<f64>; 4], f: impl Fn(f64, f64) -> [f64; M]) {
    let n = x.len();
    let y = &y[..n];
    match (M, out) {
        (2, [a, b, ..]) => {
            let (a, b) = (&mut a[..n], &mut b[..n]);
            for i in 0..n {
                let value = f(x[i], y[i]);
                (a[i], b[i]) = (value[0], value[1]);
            }
        }
        (4, [a, b, c, d]) => {
            let (a, b, c, d) = (&mut a[..n], &mut b[..n], &mut c[..n], &mut d[..n]);
            for i in 0..n {
                let value = f(x[i], y[i]);
                (a[i], b[i], c[i], d[i]) = (value[0], value[1], value[2], value[3]);
            }
        }
        _ => unreachable!("two or four values"),
    }
}

fn factorization(x: f64, y: f64) -> [f64; 2] {
    let r = 1.0 - x * y;
    [x * x * x - y * r, -x * r]
}

fn factorization_hessian(x: f64, y: f64) -> [f64; 4] {
    let mixed = 2.0 * x * y - 1.0;
    let square = x * x;
    [y * y + 3.0 * square, mixed, mixed, square]
}

fn rosenbrock(x: f64, y: f64) -> [f64; 2] {
    let r = y - x * x;
    [2.0 * (x - 1.0) - 400.0 * x * r, 200.0 * r]
}

/// -∇f - h/2 f″ ∇f.
fn modified_factorization(x: f64, y: f64, h: f64) -> [f64; 2] {
    modified(factorization(x, y), factorization_hessian(x, y), h)
}

fn modified_rosenbrock(x: f64, y: f64, h: f64) -> [f64; 2] {
    let mixed = -400.0 * x;
    modified(rosenbrock(x, y), [2.0 - 400.0 * y + 1200.0 * x * x, mixed, mixed, 200.0], h)
}

fn modified([u, v]: [f64; 2], [a, b, _, d]: [f64; 4], h: f64) -> [f64; 2] {
    let half = -0.5 * h;
    [half * (a * u + b * v) - u, half * (b * u + d * v) - v]
}

fn transcendental(x: f64, y: f64) -> [f64; 2] {
    let (t, e, c) = (x.tanh(), (-y * y).exp(), (x * y).cos());
    [(1.0 - t * t) * e + y * c, x * c - 2.0 * y * t * e]
}
