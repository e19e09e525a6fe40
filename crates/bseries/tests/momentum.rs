//! Gradient descent with momentum: the underlying step against its equation, its linear part, and the optimizer itself.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::array;
use std::collections::BTreeMap;
use std::sync::Arc;

use shadowflow_bseries::{AlgebraError, BSeries, ColouredTrees, FreeClasses, TreeId, Trees};
use shadowflow_methods::{Exact, Method, Rational, RationalFunction, Ring};

fn plain(order: usize) -> Arc<Trees> {
    Arc::new(Trees::through(order).unwrap())
}

/// Momentum β and extrapolation γ: heavy ball, Nesterov's, opposite momentum, none, and any.
fn optimizers() -> [(Exact, Exact); 5] {
    let ratio = Exact::ratio;
    [
        (ratio(1, 2), ratio(0, 1)),
        (ratio(2, 3), ratio(2, 3)),
        (ratio(-1, 3), ratio(0, 1)),
        (ratio(0, 1), ratio(1, 2)),
        (ratio(9, 10), ratio(-5, 7)),
    ]
}

#[test]
fn every_iterate_is_the_step_of_the_one_before() {
    let trees = plain(7);
    let (identity, f) = (BSeries::identity(&trees), BSeries::vector_field(&trees));
    for (beta, gamma) in optimizers() {
        let step = BSeries::two_step(&trees, &beta, &gamma).unwrap();
        let motion = step.minus(&identity).unwrap();
        let ahead = step.plus(&motion.times(&gamma)).unwrap();
        let kept = step.plus(&motion.times(&beta)).unwrap();
        let next = kept.plus(&ahead.then(&f).unwrap()).unwrap();
        assert_eq!(step.then(&step).unwrap(), next, "β = {beta}, γ = {gamma}");
    }
}

#[test]
fn special_cases() {
    let trees = plain(6);
    let (zero, half) = (Exact::ZERO, Exact::ratio(1, 2));
    let euler = Method::named("euler").unwrap().tableau().coefficients();
    assert_eq!(BSeries::heavy_ball(&trees, &zero).unwrap(), BSeries::runge_kutta(&trees, &euler).unwrap());
    assert_eq!(BSeries::nesterov(&trees, &half), BSeries::two_step(&trees, &half, &half));
    assert_eq!(BSeries::heavy_ball(&trees, &Exact::ONE), Err(AlgebraError::MomentumIsOne));
    assert_eq!(BSeries::nesterov(&trees, &1.0), Err(AlgebraError::MomentumIsOne));
    // In the time h/(1-β) of a step γ = (1+β)/(2(1-β)) is of order 2; without momentum, f half a step ahead.
    let order = |beta: &Exact, gamma: &Exact| {
        let error = BSeries::two_step(&trees, beta, gamma).unwrap();
        let error = error.rescaled(&(&Exact::ONE - beta)).minus(&BSeries::exact_flow(&trees)).unwrap();
        (1..=6).take_while(|&n| trees.of_order(n).all(|t| error.coefficient(t).is_zero())).count()
    };
    assert_eq!((order(&zero, &half), order(&half, &Exact::ratio(3, 2)), order(&half, &zero)), (2, 2, 1));
    // Colours do not matter to a method that takes all parts at once.
    let coloured = Arc::new(ColouredTrees::through(5, 2).unwrap());
    let (step, forgetful) =
        (BSeries::nesterov(&coloured, &half).unwrap(), BSeries::nesterov(&trees, &half).unwrap());
    for (tree, a) in step.terms() {
        assert_eq!(a, forgetful.coefficient(trees.find(&coloured.levels(tree)).unwrap()));
    }
}

#[test]
fn modified_equations_begin_as_published() {
    let trees = plain(3);
    let function = |text: &str| text.parse::<RationalFunction>().unwrap();
    let beta = RationalFunction::parameter("beta");
    let potential = |step: BSeries<RationalFunction>| {
        let classes = FreeClasses::of(&step.logarithm().unwrap()).unwrap();
        classes.potential().into_iter().map(|term| term.coefficient).collect::<Vec<_>>()
    };
    // Kovachki & Stuart (2021); Ghosh et al. (2023).
    let expected = [function("1/(1-beta)"), function("(1+beta)/(4*(1-beta)^3)")];
    assert_eq!(potential(BSeries::heavy_ball(&trees, &beta).unwrap()), expected);
    // f/(1-β) - h(1 - β + 2β²)/(2(1-β)³) f'f, by hand from Φ∘Φ = Φ + β(Φ - id) + h f∘(Φ + β(Φ - id)).
    let expected = [function("1/(1-beta)"), function("(1-beta+2*beta^2)/(4*(1-beta)^3)")];
    assert_eq!(potential(BSeries::nesterov(&trees, &beta).unwrap()), expected);
}

#[test]
fn a_glance_ahead_keeps_the_gradient() {
    // b(tall) - b(cherry) = (1-β-6γ)/(6(1-β)⁴): at γ = (1-β)/6 the modified equation is a gradient flow through h², for every
    // momentum, at one gradient a step.
    let trees = plain(4);
    let [beta, gamma] = ["beta", "gamma"].map(RationalFunction::parameter);
    let classes = |gamma: &RationalFunction| {
        let step = BSeries::two_step(&trees, &beta, gamma).unwrap();
        FreeClasses::of(&step.logarithm().unwrap()).unwrap()
    };
    let generic = classes(&gamma);
    let [tall, cherry] = [&[1, 2, 3], &[1, 2, 2]].map(|levels| trees.find(levels).unwrap());
    let difference = generic.field().coefficient(tall).minus(generic.field().coefficient(cherry));
    assert_eq!(difference, "(1-beta-6*gamma)/(6*(1-beta)^4)".parse().unwrap());
    assert_eq!(generic.gradient_order(), 2);
    assert_eq!(classes(&"(1-beta)/6".parse().unwrap()).gradient_order(), 3);
}

/// The tall trees with 1, 2, … vertices.
fn tall(trees: &Trees) -> Vec<TreeId> {
    (1..=trees.order()).map(|n| trees.find(&(1..=n as u8).collect::<Vec<_>>()).unwrap()).collect()
}

#[test]
fn on_linear_equations_it_is_a_root_of_the_characteristic_polynomial() {
    // z² - z - β(z - 1) = x(z + γ(z - 1)) with x = hλ and z = 1 + Σ a(tall) xⁿ.
    let trees = plain(8);
    for (beta, gamma) in optimizers() {
        let step = BSeries::two_step(&trees, &beta, &gamma).unwrap();
        let mut z = vec![Exact::ONE];
        z.extend(tall(&trees).into_iter().map(|t| step.coefficient(t).clone()));
        for n in 0..z.len() {
            let square = (0..=n).fold(Exact::ZERO, |sum, k| &sum + &(&z[k] * &z[n - k]));
            let motion = |n: usize| if n == 0 { Exact::ZERO } else { z[n].clone() };
            let left = &(&square - &z[n]) - &(&beta * &motion(n));
            let right = if n == 0 { Exact::ZERO } else { &z[n - 1] + &(&gamma * &motion(n - 1)) };
            assert_eq!(left, right);
        }
    }
}

#[test]
fn rates_are_those_of_the_optimizer() {
    let trees = plain(8);
    let half = Exact::ratio(1, 2);
    // Σ b(tall) xⁿ, x = hλ: h times the rate of the modified equation.
    let rate = |gamma: &Exact, x: f64| -> f64 {
        let modified = BSeries::two_step(&trees, &half, gamma).unwrap().logarithm().unwrap();
        let terms = tall(&trees).into_iter().zip(1..);
        terms.map(|(t, n)| modified.coefficient(t).to_f64() * x.powi(n)).sum()
    };
    for gamma in [Exact::ZERO, half.clone()] {
        for x in [-0.0025, 0.001, -0.0005] {
            let of = gamma.to_f64();
            let (sum, product) = (1.5 + (1.0 + of) * x, 0.5 + of * x);
            let root: f64 = (sum + (sum * sum - 4.0 * product).sqrt()) / 2.0;
            // The two roots meet at |x| = (1 - √β)² > 0.085 at the nearest: eight orders leave (0.0025/0.085)⁹ < 2e-14.
            assert!((rate(&gamma, x) - root.ln()).abs() < 1e-13);
        }
    }
    // Heavy ball on ẋ = -x with h = 0.0025, to the digits noted.
    assert!((rate(&Exact::ZERO, -0.0025) / 0.0025 + 2.0152207).abs() < 5e-8);
}

/// A power series in h through h^(N-1).
#[derive(Clone, Debug, PartialEq)]
struct Jet<const N: usize>([Exact; N]);

impl<const N: usize> Jet<N> {
    fn h() -> Self {
        Jet(array::from_fn(|n| if n == 1 { Exact::ONE } else { Exact::ZERO }))
    }
}

impl<const N: usize> Ring for Jet<N> {
    fn from_rational(value: &Rational) -> Self {
        Jet(array::from_fn(|n| if n == 0 { Exact::from(value.clone()) } else { Exact::ZERO }))
    }
    fn is_zero(&self) -> bool {
        self.0.iter().all(Exact::is_zero)
    }
    fn plus(&self, other: &Self) -> Self {
        Jet(array::from_fn(|n| &self.0[n] + &other.0[n]))
    }
    fn minus(&self, other: &Self) -> Self {
        Jet(array::from_fn(|n| &self.0[n] - &other.0[n]))
    }
    fn times(&self, other: &Self) -> Self {
        let product = |n: usize| (0..=n).map(move |k| &self.0[k] * &other.0[n - k]);
        Jet(array::from_fn(|n| product(n).fold(Exact::ZERO, |sum, term| &sum + &term)))
    }
}

/// A polynomial in x and y: coefficients by exponents.
type Polynomial = BTreeMap<(u32, u32), i64>;

fn derivative(p: &Polynomial, variable: usize) -> Polynomial {
    let lowered = |(&(i, j), &c): (&(u32, u32), &i64)| match variable {
        0 if i > 0 => Some(((i - 1, j), c * i64::from(i))),
        1 if j > 0 => Some(((i, j - 1), c * i64::from(j))),
        _ => None,
    };
    p.iter().filter_map(lowered).collect()
}

fn value<R: Ring>(p: &Polynomial, y: &[R; 2]) -> R {
    let power = |x: &R, n: u32| (0..n).fold(R::one(), |product, _| product.times(x));
    p.iter().fold(R::zero(), |sum, (&(i, j), &c)| {
        sum.plus(&R::ratio(c, 1).times(&power(&y[0], i)).times(&power(&y[1], j)))
    })
}

/// F(t)(y), by its definition.
fn differential<R: Ring>(trees: &Trees, t: TreeId, f: &[Polynomial; 2], y: &[R; 2]) -> [R; 2] {
    let vectors: Vec<[R; 2]> =
        trees.children(t).into_iter().map(|child| differential(trees, child, f, y)).collect();
    f.each_ref().map(|component| {
        (0..1usize << vectors.len()).fold(R::zero(), |sum, choice| {
            let along = |k: usize| choice >> k & 1;
            let slope = (0..vectors.len()).fold(component.clone(), |p, k| derivative(&p, along(k)));
            let factors = vectors.iter().enumerate().map(|(k, vector)| &vector[along(k)]);
            sum.plus(&factors.fold(value(&slope, y), |product, factor| product.times(factor)))
        })
    })
}

/// y + Σ h^|t|/σ(t) a(t) F(t)(y).
fn moved<R: Ring>(step: &BSeries<Exact>, f: &[Polynomial; 2], y: &[R; 2], h: &R) -> [R; 2] {
    let trees = step.trees();
    step.terms().fold(y.clone(), |sum, (t, a)| {
        let a = R::from_rational(a.as_rational().unwrap());
        let share = R::ratio(1, trees.symmetry(t) as i64).times(&a);
        let share = (0..trees.vertices(t)).fold(share, |product, _| product.times(h));
        let vector = differential(trees, t, f, y);
        array::from_fn(|i| sum[i].plus(&share.times(&vector[i])))
    })
}

/// The optimizer itself.
fn optimized<R: Ring>(
    [beta, gamma]: [&R; 2],
    f: &[Polynomial; 2],
    [before, now]: [&[R; 2]; 2],
    h: &R,
) -> [R; 2] {
    let motion: [R; 2] = array::from_fn(|i| now[i].minus(&before[i]));
    let ahead = array::from_fn(|i| now[i].plus(&gamma.times(&motion[i])));
    array::from_fn(|i| now[i].plus(&beta.times(&motion[i])).plus(&h.times(&value(&f[i], &ahead))))
}

/// -∇(x⁴/4 + x²y + y²), and a field without a potential.
fn fields() -> [[Polynomial; 2]; 2] {
    let gradient =
        [Polynomial::from([((3, 0), -1), ((1, 1), -2)]), Polynomial::from([((2, 0), -1), ((0, 1), -2)])];
    let other = [
        Polynomial::from([((0, 1), 2), ((2, 1), -1), ((0, 0), 1)]),
        Polynomial::from([((1, 0), -1), ((1, 2), 1), ((0, 2), -2)]),
    ];
    [gradient, other]
}

#[test]
fn the_optimizer_started_on_the_step_stays_on_it() {
    // As power series in h: two steps of the series truncated at h⁴ obey the recurrence through h⁴, and not through h⁵.
    const ORDER: usize = 4;
    const TERMS: usize = ORDER + 2;
    let trees = plain(ORDER);
    for (beta, gamma) in optimizers() {
        let step = BSeries::two_step(&trees, &beta, &gamma).unwrap();
        let [beta, gamma] = [beta, gamma].map(|x| Jet::<TERMS>::from_rational(x.as_rational().unwrap()));
        for f in fields() {
            let h = Jet::h();
            let start = [Jet::ratio(2, 3), Jet::ratio(-1, 2)];
            let first = moved(&step, &f, &start, &h);
            let second = moved(&step, &f, &first, &h);
            let expected = optimized([&beta, &gamma], &f, [&start, &first], &h);
            let defect: [_; 2] = array::from_fn(|i| second[i].minus(&expected[i]));
            assert!(defect.iter().all(|d| d.0[..=ORDER].iter().all(Exact::is_zero)));
            assert!(defect.iter().any(|d| !d.0[ORDER + 1].is_zero()));
        }
    }
}

#[test]
fn the_optimizer_started_at_rest_approaches_the_step() {
    // In plain numbers: once β^(T/h) is below rounding, each iterate is the truncated step of the one before up to h⁴.
    const ORDER: usize = 3;
    let trees = plain(ORDER);
    let [f, _] = fields();
    for (beta, gamma) in &optimizers()[..3] {
        let step = BSeries::two_step(&trees, beta, gamma).unwrap();
        let (beta, gamma) = (beta.to_f64(), gamma.to_f64());
        let defect = |steps: u32| {
            let h = (1.0 - beta) / f64::from(steps);
            let (mut before, mut now) = ([1.0, 0.5], [1.0, 0.5]);
            for _ in 0..steps {
                (before, now) = (now, optimized([&beta, &gamma], &f, [&before, &now], &h));
            }
            let predicted = moved(&step, &f, &before, &h);
            f64::hypot(predicted[0] - now[0], predicted[1] - now[1])
        };
        let slope = (defect(100) / defect(200)).log2();
        // The next power of h is smaller by h/(1-β)² < 0.04, times a constant.
        assert!((slope - (ORDER + 1) as f64).abs() < 0.2, "β = {beta}: {slope}");
    }
}
