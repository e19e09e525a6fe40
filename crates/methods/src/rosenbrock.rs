//! Rosenbrock methods by name: linearly implicit, one linear system with the Jacobian for each stage.

use crate::catalogue::{Citation, cite};
use crate::catalogue::{definitions, number};
use crate::error::MethodError;
use crate::exact::{Exact, Rational};
use crate::names::nearest;
use crate::ring::RosenbrockCoefficients;
use crate::stability_function::StabilityFunction;
use crate::tableau::Tableau;

/// A Rosenbrock method of the catalogue.
///
/// ```
/// use shadowflow_methods::RosenbrockMethod;
/// let ros3p = RosenbrockMethod::named("ros3p")?;
/// assert_eq!((ros3p.order(), ros3p.coefficients().stages()), (3, 3));
/// assert!(ros3p.stability_function().is_a_stable());
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RosenbrockMethod {
    name: &'static str,
    title: &'static str,
    citation: Citation,
    published_order: u32,
    coefficients: RosenbrockCoefficients<Exact>,
    digits: Option<u32>,
}

impl RosenbrockMethod {
    /// The method with this name; case and `_` for `-` do not matter.
    ///
    /// # Errors
    /// If there is no such method, with the nearest names.
    pub fn named(name: &str) -> Result<RosenbrockMethod, MethodError> {
        let canonical = name.trim().to_lowercase().replace('_', "-");
        let called = |entry: &&Entry| entry.name == canonical || entry.aliases.contains(&canonical.as_str());
        ENTRIES.iter().find(called).map(Entry::method).ok_or_else(|| MethodError::Unknown {
            name: name.trim().chars().take(80).collect(),
            nearest: nearest(&canonical, ENTRIES.iter().map(|entry| entry.name)),
        })
    }

    /// All of them.
    pub fn all() -> Vec<RosenbrockMethod> {
        ENTRIES.iter().map(Entry::method).collect()
    }

    /// The name under which it is found, such as `rodas3`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is called in print.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Its source.
    pub fn citation(&self) -> Citation {
        self.citation
    }

    /// The order its source states, to be compared with [`RosenbrockMethod::order`], which is computed.
    pub fn published_order(&self) -> u32 {
        self.published_order
    }

    /// α, Γ and b.
    pub fn coefficients(&self) -> &RosenbrockCoefficients<Exact> {
        &self.coefficients
    }

    /// How many digits behind the decimal point are known; `None` if the coefficients are exact.
    pub fn digits(&self) -> Option<u32> {
        self.digits
    }

    /// The order of accuracy on autonomous equations with the exact Jacobian (Hairer & Wanner 1996, Theorem IV.7.4), by
    /// the conditions of all trees.
    pub fn order(&self) -> u32 {
        let mut trees: Vec<Tree> = Vec::new();
        let mut first = vec![0];
        loop {
            let order = first.len();
            let newest = self.trees_of_order(order, &trees, &first);
            let condition = |tree: &Tree| {
                let weight = Exact::dot(&self.coefficients.b, &tree.stage_weights);
                &weight - &Exact::from(Rational::from_parts(1.into(), tree.density.into()))
            };
            if !newest.iter().map(condition).all(|residual| self.is_negligible(&residual)) {
                return order as u32 - 1;
            }
            trees.extend(newest);
            first.push(trees.len());
        }
    }

    /// Each tree once: from a smaller one by a last child that does not come after the one before.
    fn trees_of_order(&self, order: usize, trees: &[Tree], first: &[usize]) -> Vec<Tree> {
        if order == 1 {
            return vec![self.tree(Vec::new(), trees)];
        }
        let mut found = Vec::new();
        for (t, trunk) in trees.iter().enumerate() {
            let rest = order - trunk.vertices;
            let allowed = trunk.children.last().map_or(usize::MAX, |last| last + 1);
            for child in first[rest - 1]..first[rest].min(allowed) {
                let children = trees[t].children.iter().copied().chain([child]).collect();
                found.push(self.tree(children, trees));
            }
        }
        found
    }

    /// A vertex with one child takes β = α + Γ, one with several takes α.
    fn tree(&self, children: Vec<usize>, trees: &[Tree]) -> Tree {
        let matrix =
            if children.len() == 1 { self.coefficients.beta() } else { self.coefficients.alpha.clone() };
        let stage_weight = |row: &Vec<Exact>| {
            let factors = children.iter().map(|&child| Exact::dot(row, &trees[child].stage_weights));
            factors.fold(Exact::ONE, |product, factor| &product * &factor)
        };
        let vertices = 1 + children.iter().map(|&child| trees[child].vertices).sum::<usize>();
        let below: u64 = children.iter().map(|&child| trees[child].density).product();
        Tree {
            vertices,
            stage_weights: matrix.iter().map(stage_weight).collect(),
            density: below * vertices as u64,
            children,
        }
    }

    fn is_negligible(&self, value: &Exact) -> bool {
        match self.digits {
            None => value.is_zero(),
            // Sums of products of entries lose a few digits.
            Some(digits) => value.to_f64().abs() <= 10f64.powi(2 - digits as i32),
        }
    }

    /// R(z) = 1 + zbᵀ(I - zβ)⁻¹𝟙: on linear equations the method is the Runge–Kutta method with A = β.
    pub fn stability_function(&self) -> StabilityFunction {
        let (beta, b) = (self.coefficients.beta(), self.coefficients.b.clone());
        let tableau = match self.digits {
            None => Tableau::new(beta, b),
            Some(digits) => Tableau::approximate(beta, b, digits),
        };
        tableau.expect("every entry is built by a test").stability_function().clone()
    }
}

struct Tree {
    vertices: usize,
    children: Vec<usize>,
    stage_weights: Vec<Exact>,
    density: u64,
}

/// A method as a line of data. Rows are separated by `;`; zeros at the end of a row are left out.
struct Entry {
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    citation: Citation,
    order: u32,
    numbers: &'static [(&'static str, &'static str)],
    form: Form,
    digits: Option<u32>,
}

enum Form {
    /// The rows of α, the rows of Γ with its diagonal, b.
    Plain(&'static str, &'static str, &'static str),
    /// γ, and the A, C and m with which programs avoid products with the Jacobian: α = AΓ, Γ⁻¹ = I/γ - C, bᵀ = mᵀΓ
    /// (Hairer & Wanner 1996, (IV.7.25)).
    Program(&'static str, &'static str, &'static str, &'static str),
}

impl Entry {
    fn method(&self) -> RosenbrockMethod {
        RosenbrockMethod {
            name: self.name,
            title: self.title,
            citation: self.citation,
            published_order: self.order,
            coefficients: self.coefficients(),
            digits: self.digits,
        }
    }

    fn coefficients(&self) -> RosenbrockCoefficients<Exact> {
        let names = definitions(self.numbers);
        let read =
            |text: &str| -> Vec<Exact> { text.split_whitespace().map(|x| number(x, &names)).collect() };
        let square = |text: &str| -> Vec<Vec<Exact>> {
            let mut rows: Vec<_> = text.split(';').map(read).collect();
            let stages = rows.len();
            rows.iter_mut().for_each(|row| row.resize(stages, Exact::ZERO));
            rows
        };
        match self.form {
            Form::Plain(alpha, gamma, b) => {
                RosenbrockCoefficients { alpha: square(alpha), gamma: square(gamma), b: read(b) }
            }
            Form::Program(diagonal, a, c, m) => {
                let gamma = inverse_of_lower(&number(diagonal, &names), &square(c));
                let alpha = square(a).iter().map(|row| row_times(row, &gamma)).collect();
                RosenbrockCoefficients { alpha, b: row_times(&read(m), &gamma), gamma }
            }
        }
    }
}

fn row_times(row: &[Exact], matrix: &[Vec<Exact>]) -> Vec<Exact> {
    let column = |j: usize| matrix.iter().map(|row| row[j].clone()).collect::<Vec<_>>();
    (0..matrix.len()).map(|j| Exact::dot(row, &column(j))).collect()
}

/// The Γ with Γ⁻¹ = I/γ - C, row by row: Γ = γ(I + CΓ).
fn inverse_of_lower(diagonal: &Exact, c: &[Vec<Exact>]) -> Vec<Vec<Exact>> {
    let stages = c.len();
    let mut gamma = vec![vec![Exact::ZERO; stages]; stages];
    for (i, c) in c.iter().enumerate() {
        let mut row = row_times(c, &gamma);
        row[i] = &row[i] + &Exact::ONE;
        gamma[i] = row.iter().map(|x| diagonal * x).collect();
    }
    gamma
}

const fn entry(name: &'static str, title: &'static str, citation: Citation, order: u32, form: Form) -> Entry {
    Entry { name, aliases: &[], title, citation, order, numbers: &[], form, digits: None }
}

impl Entry {
    const fn also(self, aliases: &'static [&'static str]) -> Entry {
        Entry { aliases, ..self }
    }
    const fn with(self, numbers: &'static [(&'static str, &'static str)]) -> Entry {
        Entry { numbers, ..self }
    }
    const fn digits(self, digits: u32) -> Entry {
        Entry { digits: Some(digits), ..self }
    }
}

const KAPS_RENTROP: Citation = cite(
    "Kaps & Rentrop",
    1979,
    "Generalized Runge–Kutta methods of order four with stepsize control for stiff ordinary differential equations, Numer. Math. 33, 55–68",
);
const SANDU: Citation = cite(
    "Sandu et al.",
    1997,
    "Benchmarking stiff ODE solvers for atmospheric chemistry problems II: Rosenbrock solvers, Atmos. Environ. 31, 3459–3472",
);
const HAIRER_WANNER: &str = "Solving Ordinary Differential Equations II, §IV.7";

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    entry("rosenbrock-euler", "linearly implicit Euler",
        cite("Hairer & Wanner", 1996, HAIRER_WANNER), 1,
        Form::Plain("0", "1", "1")).also(&["linearly-implicit-euler"]),
    entry("rosenbrock-midpoint", "linearly implicit midpoint rule",
        cite("Hairer & Wanner", 1996, HAIRER_WANNER), 2,
        Form::Plain("0", "1/2", "1")).also(&["linearly-implicit-midpoint"]),
    entry("rosenbrock", "Rosenbrock of order 2, L-stable",
        cite("Rosenbrock", 1963, "Some general implicit processes for the numerical solution of differential equations, Comput. J. 5, 329–330"), 2,
        Form::Plain("; (sqrt(2)-1)/2", "g; 0 g", "0 1")).with(&[("g", "1-sqrt(2)/2")]),
    entry("ros2", "ROS2, L-stable",
        cite("Verwer, Spee, Blom & Hundsdorfer", 1999, "A second-order Rosenbrock method applied to photochemical dispersion problems, SIAM J. Sci. Comput. 20, 1456–1480"), 2,
        Form::Plain("; 1", "g; -2*g g", "1/2 1/2")).with(&[("g", "1+sqrt(2)/2")]),
    entry("ode23s", "second-order formula of ode23s, L-stable",
        cite("Shampine & Reichelt", 1997, "The MATLAB ODE suite, SIAM J. Sci. Comput. 18, 1–22"), 2,
        Form::Plain("; 1/2", "g; -g g", "0 1")).also(&["rosenbrock23"]).with(&[("g", "1-sqrt(2)/2")]),
    entry("ros3p", "ROS3P, without order reduction on parabolic problems",
        cite("Lang & Verwer", 2001, "ROS3P: an accurate third-order Rosenbrock solver designed for parabolic problems, BIT 41, 731–738"), 3,
        Form::Plain("; 1; 1 0", "g; -1 g; -g 1/2-2*g g", "2/3 0 1/3")).with(&[("g", "1/2+sqrt(3)/6")]),
    entry("ros3", "ROS3, L-stable", SANDU, 3,
        Form::Program("0.43586652150845899941601945119356", "; 1; 1 0",
            "; -1.0156171083877702091975600115545; 4.0759956452537699824805835358067 9.2076794298330791242156818474003",
            "1 6.1697947043828245592553615689730 -0.42772256543218573326238373806514")).digits(29),
    entry("rodas3", "Rodas3, stiffly accurate", SANDU, 3,
        Form::Plain("; 0; 1 0; 3/4 -1/4 1/2", "1/2; 1 1/2; -1/4 -1/4 1/2; 1/12 1/12 -2/3 1/2", "5/6 -1/6 -1/6 1/2")),
    entry("grk4t", "Kaps–Rentrop GRK4T", KAPS_RENTROP, 4,
        Form::Plain("; 0.462; -0.0815668168327 0.961775150166; -0.0815668168327 0.961775150166 0",
            "0.231; -0.270629667752 0.231; 0.311254483294 0.00852445628482 0.231; 0.282816832044 -0.457959483281 -0.111208333333 0.231",
            "0.217487371653 0.486229037990 0 0.296283590357")).also(&["kaps-rentrop"]).digits(11),
    entry("grk4a", "Kaps–Rentrop GRK4A", KAPS_RENTROP, 4,
        Form::Plain("; 0.438; 0.796920457938 0.0730795420615; 0.796920457938 0.0730795420615 0",
            "0.395; -0.767672395484 0.395; -0.851675323742 0.522967289188 0.395; 0.288463109545 0.0880214273381 -0.337389840627 0.395",
            "0.199293275701 0.482645235674 0.0680614886256 0.25")).digits(11),
    entry("shampine4", "Shampine of order 4",
        cite("Shampine", 1982, "Implementation of Rosenbrock methods, ACM TOMS 8, 93–113"), 4,
        Form::Program("1/2", "; 2; 48/25 6/25; 48/25 6/25 0", "; -8; 372/25 12/5; -112/125 -54/125 -2/5", "19/9 1/2 25/108 125/108")),
    entry("ros4", "ROS4 of Hairer and Wanner, L-stable",
        cite("Hairer & Wanner", 1996, HAIRER_WANNER), 4,
        Form::Program("0.57282", "; 2; 1.867943637803922 0.2344449711399156; 1.867943637803922 0.2344449711399156 0",
            "; -7.137615036412310; 2.580708087951457 0.6515950076447975; -2.137148994382534 -0.3214669691237626 -0.6949742501781779",
            "2.255570073418735 0.2870493262186792 0.4353179431840180 1.093502252409163")).digits(14),
    entry("rodas4", "Rodas of Hairer and Wanner, stiffly accurate",
        cite("Hairer & Wanner", 1996, "Solving Ordinary Differential Equations II, §VI.4"), 4,
        Form::Program("1/4",
            "; 1.544; 0.9466785280815826 0.2557011698983284; 3.314825187068521 2.896124015972201 0.9986419139977817; \
             1.221224509226641 6.019134481288629 12.53708332932087 -0.6878860361058950; 1.221224509226641 6.019134481288629 12.53708332932087 -0.6878860361058950 1",
            "; -5.6688; -2.430093356833875 -0.2063599157091915; -0.1073529058151375 -9.594562251023355 -20.47028614809616; \
             7.496443313967647 -10.24680431464352 -33.99990352819905 11.70890893206160; 8.083246795921522 -7.981132988064893 -31.52159432874371 16.31930543123136 -6.058818238834054",
            "1.221224509226641 6.019134481288629 12.53708332932087 -0.6878860361058950 1 1")).digits(12),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_exactly_its_published_order() {
        for method in RosenbrockMethod::all() {
            assert_eq!(method.order(), method.published_order(), "{}", method.name());
        }
    }

    #[test]
    fn without_gamma_the_conditions_are_those_of_runge_kutta() {
        let rk4 = crate::Method::named("rk4").unwrap().tableau().coefficients();
        let zero = vec![vec![Exact::ZERO; 4]; 4];
        let method = RosenbrockMethod {
            coefficients: RosenbrockCoefficients { alpha: rk4.a, gamma: zero, b: rk4.b },
            ..RosenbrockMethod::named("grk4t").unwrap()
        };
        assert_eq!(method.order(), 4);
    }

    #[test]
    fn stability_is_the_published_one() {
        for (name, a, l) in [
            ("rosenbrock-euler", true, true),
            ("rosenbrock-midpoint", true, false),
            ("rosenbrock", true, true),
            ("ros2", true, true),
            ("ode23s", true, true),
            ("ros3p", true, false),
            ("ros3", true, true),
            ("rodas3", true, true),
            // Its γ is rounded to five digits: R is small at infinity, but not 0.
            ("ros4", true, false),
            ("rodas4", true, true),
            ("grk4a", true, false),
        ] {
            let r = RosenbrockMethod::named(name).unwrap().stability_function();
            assert_eq!((r.is_a_stable(), r.is_l_stable()), (a, l), "{name}");
        }
    }

    #[test]
    fn names_are_found_or_suggested() {
        assert_eq!(RosenbrockMethod::named(" Kaps_Rentrop ").unwrap().name(), "grk4t");
        match RosenbrockMethod::named("rodos3").unwrap_err() {
            MethodError::Unknown { nearest, .. } => assert_eq!(nearest[0], "rodas3"),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_angle_of_kaps_and_rentrop_is_theirs() {
        // GRK4T is A(89.3°)-stable, GRK4A A-stable (Kaps & Rentrop 1979).
        let angle = |name: &str| {
            RosenbrockMethod::named(name).unwrap().stability_function().stability_angle().degrees()
        };
        assert!((angle("grk4t") - 89.3).abs() < 0.1);
        assert_eq!(angle("grk4a"), 90.0);
    }
}
