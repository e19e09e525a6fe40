use super::*;
use crate::figure::Silent;
use shadowflow_numerics::Objective;
use shadowflow_numerics::problems::Rosenbrock;

/// A landscape with everything but the functions.
fn over<'a>(
    window: [(f64, f64); 2],
    start: [f64; 2],
    h: f64,
    functions: (Surface<'a>, Slopes<'a>, Slopes<'a>),
) -> Landscape<'a> {
    Landscape {
        id: "test".to_owned(),
        title: "A test".to_owned(),
        source: "this project".to_owned(),
        formula: "f(x,y)".to_owned(),
        axes: ["x".to_owned(), "y".to_owned()],
        window,
        start,
        h,
        steps: 40,
        value: functions.0,
        gradient: functions.1,
        correction: functions.2,
        highlight: None,
    }
}

fn measured(drawing: &Drawing, part: &str) -> f64 {
    let check = drawing.checks.iter().find(|check| check.name.contains(part)).unwrap();
    assert!(check.passed, "{check:?}");
    check.measured.unwrap()
}

/// Draws it as a document, so that labels are seen to fit.
fn drawn(landscape: &Landscape<'_>) -> Drawing {
    let drawing = landscape.make(&Silent).unwrap();
    landscape.make(&Silent).unwrap().page.finish().unwrap();
    drawing
}

#[test]
fn a_double_well_in_the_plane() {
    // f = (x² - 1)²/4 + (y - x/2)²/2 with ∇f = (x³ - x - (y - x/2)/2, y - x/2).
    let gradient = |x: f64, y: f64| (x * x * x - x - 0.5 * (y - 0.5 * x), y - 0.5 * x);
    let correction = |x: f64, y: f64| {
        let (g, q) = gradient(x, y);
        (-0.5 * ((3.0 * x * x - 0.75) * g - 0.5 * q), -0.5 * (-0.5 * g + q))
    };
    let value = |x: f64, y: f64| 0.25 * (x * x - 1.0).powi(2) + 0.5 * (y - 0.5 * x).powi(2);
    let well = over([(-1.8, 1.8), (-1.5, 1.5)], [0.1, 1.4], 0.3, (&value, &gradient, &correction));
    let drawing = drawn(&well);
    assert!(measured(&drawing, "median") < 1e-8);
    assert_eq!(measured(&drawing, "which f is undefined"), 0.0);
    let traces = well.trace(&Silent).unwrap();
    let end = traces.descent[40];
    assert!((end.0 - 1.0).hypot(end.1 - 0.5) < 0.05, "{end:?} is near the minimum (1, 1/2)");
}

#[test]
fn a_steep_valley() {
    let problem = Rosenbrock::default();
    let gradient = |x: f64, y: f64| {
        let mut slope = [0.0; 2];
        problem.gradient(&[x, y], &mut slope);
        (slope[0], slope[1])
    };
    let correction = |x: f64, y: f64| {
        let (mut hessian, (g, q)) = ([0.0; 4], gradient(x, y));
        problem.hessian(&[x, y], &mut hessian);
        (-0.5 * (hessian[0] * g + hessian[1] * q), -0.5 * (hessian[2] * g + hessian[3] * q))
    };
    let value = |x: f64, y: f64| problem.value(&[x, y]);
    let mut valley = over([(-1.6, 1.6), (-0.6, 2.2)], [-1.2, 1.0], 5e-4, (&value, &gradient, &correction));
    valley.steps = 400;
    assert!(measured(&drawn(&valley), "median") < 1e-6);

    // The same with h beyond 2/L: the iterates run away at once, and the picture says where they end.
    valley.h = 0.05;
    let drawing = drawn(&valley);
    let taken = measured(&drawing, "within the finite numbers");
    assert!(taken < 20.0, "{taken} steps");
    let table = drawing.data.table.unwrap();
    assert!(table.csv().contains("gradient descent leaves the finite numbers,"), "{}", table.csv());
}

#[test]
fn what_is_undefined_is_masked_and_counted() {
    // f = y log x, undefined on the half plane x ≤ 0; descent from (1, 1/2) drifts towards it.
    let gradient = |x: f64, y: f64| (if x > 0.0 { y / x } else { f64::NAN }, x.ln());
    let correction = |x: f64, y: f64| {
        let (g, q) = gradient(x, y);
        (-0.5 * (-y / (x * x) * g + q / x), -0.5 * (g / x))
    };
    let value = |x: f64, y: f64| y * x.ln();
    let half = over([(-1.0, 2.0), (-1.0, 2.0)], [1.0, 0.5], 0.1, (&value, &gradient, &correction));
    let drawing = drawn(&half);
    // A third of the window, and its border x = 0.
    let nodes = 265.0 * 265.0;
    let share = measured(&drawing, "which f is undefined") / nodes;
    assert!((share - 1.0 / 3.0).abs() < 0.01, "{share}");
    let f = &drawing.data.fields[0].1;
    assert!(f.value(10, 100).is_nan() && f.value(200, 100).is_finite());
    assert!(measured(&drawing, "within the finite numbers") < 40.0);
    let table = drawing.data.table.unwrap();
    assert!(table.csv().contains("gradient flow ends,"), "{}", table.csv());

    let nowhere = Landscape { window: [(-2.0, -1.0), (0.0, 1.0)], ..half.clone() };
    let error = nowhere.make(&Silent).err().unwrap();
    assert!(matches!(error, FigureError::Landscape(LandscapeError::NowhereDefined { .. })), "{error}");
    let outside = Landscape { start: [-1.0, 0.0], ..half };
    let error = outside.make(&Silent).err().unwrap().to_string();
    assert!(error.contains("start [-1.0, 0.0]"), "{error}");
}

#[test]
fn no_level_line_runs_along_a_pole() {
    // 1/x + y²: every level lies between the two sides of x = 0, and none may cross there.
    let gradient = |x: f64, y: f64| (-1.0 / (x * x), 2.0 * y);
    let correction = |x: f64, y: f64| (1.0 / x.powi(5), -2.0 * y);
    let value = |x: f64, y: f64| 1.0 / x + y * y;
    let pole = over([(-1.0, 1.03), (-1.0, 1.0)], [0.5, 0.8], 0.05, (&value, &gradient, &correction));
    let traces = pole.trace(&Silent).unwrap();
    assert!(traces.undefined > 200, "{} nodes beside the pole", traces.undefined);
    for &level in &traces.levels {
        for (x, y) in crate::contour::level_lines(&traces.f, level).into_iter().flatten() {
            // Linear interpolation between nodes near a pole is coarse; a line along the pole would be off by everything.
            let exact = value(x, y);
            assert!((exact - level).abs() < 0.1 * (1.0 + level.abs()), "{exact} for {level} at ({x}, {y})");
        }
    }
}

#[test]
fn wrong_derivatives_are_noticed_and_bad_numbers_refused() {
    let value = |x: f64, y: f64| x * x + y * y;
    let gradient = |x: f64, y: f64| (2.0 * x, 2.0 * y);
    let wrong = |x: f64, y: f64| (2.0 * x, 2.0 * y);
    let bowl = over([(-1.0, 1.0), (-1.0, 1.0)], [0.5, 0.5], 0.1, (&value, &gradient, &wrong));
    assert!(!bowl.make(&Silent).unwrap().checks[0].passed);

    let refused = |landscape: Landscape<'_>| match landscape.make(&Silent) {
        Err(FigureError::Landscape(error)) => error,
        _ => panic!("accepted"),
    };
    let error = refused(Landscape { window: [(1.0, 1.0), (0.0, 1.0)], ..bowl.clone() });
    assert!(matches!(error, LandscapeError::Window { .. }));
    assert!(matches!(refused(Landscape { h: f64::NAN, ..bowl.clone() }), LandscapeError::Step { .. }));
    let error = refused(Landscape { steps: 0, ..bowl });
    assert_eq!(error, LandscapeError::Steps { found: 0, most: Landscape::MAX_STEPS });
}

#[test]
fn flat_ground_is_no_contradiction() {
    // Most of the window is flat to the last bit.
    let bump = |x: f64, y: f64| (-50.0 * (x * x + y * y)).exp();
    let value = |x: f64, y: f64| 5.0 - bump(x, y);
    let gradient = |x: f64, y: f64| (100.0 * x * bump(x, y), 100.0 * y * bump(x, y));
    let correction = |x: f64, y: f64| {
        let (g, q) = gradient(x, y);
        let along = 100.0 * (x * g + y * q);
        let b = 100.0 * bump(x, y);
        (-0.5 * (b * g - x * along * b), -0.5 * (b * q - y * along * b))
    };
    let hole = over([(-4.0, 4.0), (-4.0, 4.0)], [0.1, 0.05], 0.005, (&value, &gradient, &correction));
    assert!(measured(&drawn(&hole), "median") < 1e-4);
}

#[test]
fn long_formulas_and_a_start_at_rest_still_make_a_page() {
    let value = |x: f64, y: f64| x * x + y * y;
    let gradient = |x: f64, y: f64| (2.0 * x, 2.0 * y);
    let correction = |x: f64, y: f64| (-2.0 * x, -2.0 * y);
    let mut bowl = over([(-1.0, 1.0), (-9.0, 1.0)], [0.0, 0.0], 1e-7, (&value, &gradient, &correction));
    for terms in [1, 8, 60] {
        bowl.formula = vec!["(x-y)^2\\sin(x)"; terms].join("+");
        drawn(&bowl);
    }
    for size in [1e-7, 1e7] {
        bowl.window = [(-1.2 * size, size), (-size, 1.5 * size)];
        drawn(&bowl);
    }
}
