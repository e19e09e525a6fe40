//! A million orbits at a time: orbit diagrams, basins, Lyapunov exponents and descents with backtracking.
#![allow(clippy::print_stdout, missing_docs)]

use shadowflow_benches::{Kernel, measure};
use shadowflow_numerics::families::{Cubic, Factorization, Logistic, TiltedWell};
use shadowflow_numerics::{
    Backtracking, Basin, Case, Diagram, GradientFlow, Iteration, Optimizer, Regression, exponent_field,
};
use shadowflow_symbolic::{Objective, StepProgram};

/// Pixels on a side of a raster.
const SIDE: usize = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = |name: &str, size: &str, work: f64, unit: &str, run: &mut dyn FnMut()| {
        println!("{}", measure(&Kernel { name, size, work, unit, threads }, run));
    };

    let logistic = cases(2.5, 4.0);
    let cubic = cases(0.0, 2.0);
    let logistic = Diagram { family: &Logistic, cases: &logistic, transient: 99_900 };
    let cubic = Diagram { family: &Cubic, cases: &cubic, transient: 99_900 };
    let size = "2000 parameters, 100000 iterates";
    report("2a", size, 0.2, "Giterate/s", &mut || keep(logistic.points(100)));
    report("2b", size, 0.2, "Giterate/s", &mut || keep(cubic.points(100)));
    let size = "the same, 99000 of them counted in 1000 bins";
    let counted = Diagram { transient: 1000, ..logistic };
    report("2c", size, 0.2, "Giterate/s", &mut || keep(counted.density(99_000, (0.0, 1.0), 1000)));
    let counted = Diagram { transient: 1000, ..cubic };
    report("2c-cubic", size, 0.2, "Giterate/s", &mut || keep(counted.density(99_000, (-2.0, 2.0), 1000)));

    let starts = nodes(-2.5, 2.5, SIDE);
    for (name, h) in [("3a", 1.9), ("3b", 1.1), ("3-minima", 0.9)] {
        let size = format!("descent on (1 - xy)^2/2, h = {h}, 1000x1000 starts, 2000 iterates at most");
        let run = || Basin::default().labels(&Factorization, &[h, 1.0], &starts, &starts);
        report(name, &size, 1.0, "Mpixel/s", &mut || keep(run()));
    }

    // The same as 3a from a typed formula.
    let typed = Objective::parse("(1-x*y)^2/2", None)?.numeric()?;
    let descent = Iteration::optimizer(&Optimizer::gradient_descent(), GradientFlow(typed));
    let program = StepProgram::<2>::of(&descent).ok_or("not a map of two numbers")?;
    let size = "descent on the formula (1-x*y)^2/2, h = 1.9, as 3a";
    let run = || Basin::default().labels(&program, &[1.9], &starts, &starts);
    report("3a-typed", size, 1.0, "Mpixel/s", &mut || keep(run()));

    let size = "1000x1000 pixels, 200 + 1000 iterates";
    let (h, c, imbalance) = (nodes(0.5, 2.0, SIDE), nodes(-0.4, 0.4, SIDE), nodes(0.0, 1.0, SIDE));
    let tilted = |h, c| Case { parameters: [h, c], start: [0.1] };
    report("4a", size, 1.2, "Giterate/s", &mut || {
        keep(exponent_field(&TiltedWell, &h, &c, tilted, 200, 1000))
    });
    let planar = |h, e| Case { parameters: [h, 1.0], start: [0.6 + e, 0.6 - e] };
    let run = || exponent_field(&Factorization, &h, &imbalance, planar, 200, 1000);
    report("4b", size, 1.2, "Giterate/s", &mut || keep(run()));

    let line = line(1000)?;
    let rule = Backtracking::default();
    let iterations = f64::from(line.descend([-4.0, 4.0], &rule)?.iterations);
    let one = Kernel {
        name: "5a",
        size: "1000 points",
        work: iterations * 1000.0 / 1e3,
        unit: "kiterate/s",
        threads: 1,
    };
    // A thousand descents a run: one is shorter than the clock is fine.
    println!("{}", measure(&one, || (0..1000).for_each(|_| keep(line.descend([-4.0, 4.0], &rule)))));
    let starts = nodes(-5.0, 5.0, SIDE);
    report("5b", "1000x1000 starts", 1.0, "Mpixel/s", &mut || keep(line.iterations(&starts, &starts, &rule)));
    Ok(())
}

/// Computes something and forgets it.
fn keep<T>(value: T) {
    std::hint::black_box(value);
}

/// Equidistant numbers, both ends included.
fn nodes(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| from + (to - from) * k as f64 / (count - 1) as f64).collect()
}

fn cases(from: f64, to: f64) -> Vec<Case<1, 1>> {
    nodes(from, to, 2000)
        .into_iter()
        .map(|parameter| Case { parameters: [parameter], start: [0.3] })
        .collect()
}

/// Points about 2t - 1, by the generator of Knuth's MMIX.
fn line(points: usize) -> Result<Regression, shadowflow_numerics::InputError> {
    let mut state = 12345u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let t: Vec<(f64, f64)> = (0..points).map(|_| (-1.0 + 4.0 * uniform(), uniform())).collect();
    let (t, y): (Vec<f64>, Vec<f64>) =
        t.into_iter().map(|(t, u)| (t, 2.0 * t - 1.0 + 0.5 * (u - 0.5))).unzip();
    Regression::new(&t, &y)
}
