//! Rosenbrock methods: linearly implicit, with the Jacobian in the formula.
//!
//! A vertex with one child v sees β = α + Γ, because the Jacobian term adds to the argument of f there; a vertex with more
//! children sees α for each (Nørsett & Wolfbrandt 1979; Hairer & Wanner 1996, §IV.7). So Φ([v]) = βΦ(v) and
//! Φ([v₁,…,vₘ]) = Π αΦ(vᵢ) for m ≥ 2.

use std::sync::Arc;

use shadowflow_methods::{Ring, RosenbrockCoefficients};

use crate::algebra::{AlgebraError, BSeries, Stages, dot};
use crate::tree::Trees;

impl<R: Ring> BSeries<R> {
    /// The step of a Rosenbrock method.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use shadowflow_bseries::{BSeries, Trees};
    /// use shadowflow_methods::{Exact, RosenbrockCoefficients};
    /// // The linearly implicit Euler method, (1 - hJ)k = f(y).
    /// let (zero, one) = (vec![vec![Exact::ZERO]], vec![vec![Exact::ONE]]);
    /// let method = RosenbrockCoefficients { alpha: zero, gamma: one, b: vec![Exact::ONE] };
    /// let trees = Arc::new(Trees::through(3)?);
    /// let step = BSeries::rosenbrock(&trees, &method)?;
    /// let text: Vec<_> = step.terms().map(|(_, a)| a.to_string()).collect();
    /// assert_eq!(text, ["1", "1", "1", "0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no stage, or α or Γ is not square and as large as b is long.
    pub fn rosenbrock(trees: &Arc<Trees>, method: &RosenbrockCoefficients<R>) -> Result<Self, AlgebraError> {
        let expected = method.stages();
        if expected == 0 {
            return Err(AlgebraError::Nothing { missing: "stage" });
        }
        let columns = [("a column of α", &method.alpha), ("a column of Γ", &method.gamma)];
        let rows = [("a row of α", &method.alpha), ("a row of Γ", &method.gamma)];
        let rows =
            rows.into_iter().flat_map(|(vector, rows)| rows.iter().map(move |row| (vector, row.len())));
        for (vector, found) in columns.map(|(vector, rows)| (vector, rows.len())).into_iter().chain(rows) {
            if found != expected {
                return Err(AlgebraError::Length { vector, part: 1, expected, found });
            }
        }
        let stages = LinearlyImplicit { alpha: &method.alpha, beta: method.beta(), b: &method.b };
        Ok(BSeries::of_stages(trees, &stages))
    }
}

struct LinearlyImplicit<'a, R> {
    alpha: &'a [Vec<R>],
    beta: Vec<Vec<R>>,
    b: &'a [R],
}

/// What a tree gives at each stage, seen from f and seen from the stage itself.
#[derive(Clone)]
struct Values<R> {
    /// Π αΦ over the children; of an image, αΦ.
    inside: Vec<R>,
    /// Φ, in which a lone child counts with β; of an image, βΦ.
    whole: Vec<R>,
    /// Whether the tree is a single vertex.
    single: bool,
}

impl<R: Ring> Stages<R> for LinearlyImplicit<'_, R> {
    type Values = Values<R>;

    fn ones(&self) -> Values<R> {
        let ones = vec![R::one(); self.b.len()];
        Values { inside: ones.clone(), whole: ones, single: true }
    }
    fn product(&self, u: &Values<R>, v: &Values<R>) -> Values<R> {
        let inside: Vec<R> = u.inside.iter().zip(&v.inside).map(|(x, y)| x.times(y)).collect();
        let whole = if u.single { v.whole.clone() } else { inside.clone() };
        Values { inside, whole, single: false }
    }
    fn images(&self, _: usize, values: &Values<R>) -> Values<R> {
        let times = |rows: &[Vec<R>]| rows.iter().map(|row| dot(row, &values.whole)).collect();
        Values { inside: times(self.alpha), whole: times(&self.beta), single: false }
    }
    fn weight(&self, _: usize, values: &Values<R>) -> R {
        dot(self.b, &values.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shadowflow_methods::{Exact, Method, RosenbrockMethod};

    #[test]
    fn without_gamma_it_is_a_runge_kutta_method() {
        let trees = Arc::new(Trees::through(6).unwrap());
        let rk4 = Method::named("rk4").unwrap().tableau().coefficients();
        let gamma = vec![vec![Exact::ZERO; 4]; 4];
        let method = RosenbrockCoefficients { alpha: rk4.a.clone(), gamma, b: rk4.b.clone() };
        assert_eq!(
            BSeries::rosenbrock(&trees, &method).unwrap(),
            BSeries::runge_kutta(&trees, &rk4).unwrap()
        );
    }

    #[test]
    fn on_tall_trees_it_is_the_runge_kutta_method_of_beta() {
        // For linear equations α and Γ act together.
        let trees = Arc::new(Trees::through(6).unwrap());
        let method = ros2();
        let linear = shadowflow_methods::Coefficients { a: method.beta(), b: method.b.clone() };
        let (x, y) =
            (BSeries::rosenbrock(&trees, &method).unwrap(), BSeries::runge_kutta(&trees, &linear).unwrap());
        for n in 1..=6u8 {
            let tall = trees.find(&(1..=n).collect::<Vec<_>>()).unwrap();
            assert_eq!(x.coefficient(tall), y.coefficient(tall));
        }
    }

    fn ros2() -> RosenbrockCoefficients<Exact> {
        RosenbrockMethod::named("ros2").unwrap().coefficients().clone()
    }

    #[test]
    fn the_catalogue_has_its_orders_and_stability_functions() {
        // Of two programs: the catalogue counts its order conditions without a series.
        for method in RosenbrockMethod::all().iter().filter(|method| method.digits().is_none()) {
            let order = method.order() as usize;
            let trees = Arc::new(Trees::through(order + 1).unwrap());
            let step = BSeries::rosenbrock(&trees, method.coefficients()).unwrap();
            let error = step.minus(&BSeries::exact_flow(&trees)).unwrap();
            let vanishes = |n: &usize| trees.of_order(*n).all(|t| error.coefficient(t).is_zero());
            assert_eq!((1..=order + 1).take_while(vanishes).count(), order, "{}", method.name());
            // On ẏ = λy the weights of tall trees are the Taylor coefficients of R = P/Q: P = R·Q.
            let stability = method.stability_function();
            let (p, q) = (stability.numerator().coefficients(), stability.denominator().coefficients());
            let at = |p: &[Exact], k: usize| p.get(k).cloned().unwrap_or(Exact::ZERO);
            let tall = |n: usize| match n {
                0 => Exact::ONE,
                _ => step.coefficient(trees.find(&(1..=n as u8).collect::<Vec<_>>()).unwrap()).clone(),
            };
            for n in 0..=order + 1 {
                let product = (0..=n).fold(Exact::ZERO, |sum, k| &sum + &(&tall(k) * &at(q, n - k)));
                assert_eq!(product, at(p, n), "{}", method.name());
            }
        }
    }

    #[test]
    fn wrong_shapes_are_refused() {
        let trees = Arc::new(Trees::through(2).unwrap());
        let mut method = ros2();
        method.gamma[1].pop();
        let expected = AlgebraError::Length { vector: "a row of Γ", part: 1, expected: 2, found: 1 };
        assert_eq!(BSeries::rosenbrock(&trees, &method), Err(expected));
        let empty = RosenbrockCoefficients::<Exact> { alpha: vec![], gamma: vec![], b: vec![] };
        assert_eq!(BSeries::rosenbrock(&trees, &empty), Err(AlgebraError::Nothing { missing: "stage" }));
    }
}
