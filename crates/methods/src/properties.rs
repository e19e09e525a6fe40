//! What a tableau says of its method beyond order and stability: stage order, leading error, structure.

use std::cmp::Ordering;

use crate::exact::{Exact, Rational};
use crate::order::{self, OrderCondition};
use crate::tableau::{Kind, Tableau};

/// The facts of a tableau, from [`Tableau::properties`]. For an approximate tableau ([`Tableau::digits`]) equalities hold
/// to its precision.
#[derive(Clone, Debug)]
pub struct Properties {
    /// The order of accuracy.
    pub order: u32,
    /// That of the embedded method.
    pub embedded_order: Option<u32>,
    /// The largest q with B(q) and C(q) (Hairer & Wanner 1996, §IV.5 and §IV.15).
    pub stage_order: u32,
    /// The conditions of the first order that is not reached, tree by tree; empty beyond order 13, where there are more
    /// than 30 000 trees.
    pub residuals: Vec<OrderCondition>,
    /// √Σ (residual/σ(t))² over those trees, the size of the leading error term
    /// (Prince & Dormand 1981; Hairer, Nørsett & Wanner 1993, §II.5).
    pub principal_error_norm: Option<f64>,
    /// bᵢaᵢⱼ + bⱼaⱼᵢ = bᵢbⱼ: quadratic invariants are kept (Cooper 1987), Hamiltonian flows stay symplectic
    /// (Sanz-Serna 1988; Lasagni 1988).
    pub symplectic: bool,
    /// The method is its own adjoint: for some order of the stages a_(s+1-i,s+1-j) + aᵢⱼ = bⱼ
    /// (Stetter 1973; Hairer, Lubich & Wanner 2006, Theorem V.2.3). Stages that count twice may hide it.
    pub symmetric: bool,
    /// The last stage is the result: aₛⱼ = bⱼ (Prothero & Robinson 1974).
    pub stiffly_accurate: bool,
    /// The last stage is the first of the next step: stiffly accurate with an explicit first stage
    /// (Dormand & Prince 1980).
    pub first_same_as_last: bool,
}

/// Trees with more vertices are not asked for their residuals.
const LARGEST_TREES: u32 = 13;

impl Tableau {
    /// The order conditions of all trees with `order` vertices, met or not.
    ///
    /// There are 286 of them for order 9 and three times as many for each order more.
    pub fn order_conditions(&self, order: u32) -> Vec<OrderCondition> {
        order::conditions(self, order)
    }

    /// Order, error, structure: everything that follows from the coefficients by algebra; computed on first use.
    ///
    /// ```
    /// use shadowflow_methods::Method;
    /// let method = Method::named("implicit-midpoint")?;
    /// let midpoint = method.tableau().properties();
    /// assert!(midpoint.symplectic && midpoint.symmetric && !midpoint.stiffly_accurate);
    /// assert_eq!((midpoint.order, midpoint.stage_order), (2, 1));
    /// // Residuals 1/4 - 1/3 and 1/4 - 1/6, over the symmetries 2 and 1.
    /// let norm = midpoint.principal_error_norm.unwrap_or_default();
    /// assert!((norm - (1.0 / 24.0f64).hypot(1.0 / 12.0)).abs() < 1e-16);
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    pub fn properties(&self) -> &Properties {
        self.cached_properties().get_or_init(|| self.derived())
    }

    fn derived(&self) -> Properties {
        let first_missed = self.order() + 1;
        let residuals =
            if first_missed <= LARGEST_TREES { self.order_conditions(first_missed) } else { Vec::new() };
        let stiffly_accurate = self.is_stiffly_accurate();
        Properties {
            order: self.order(),
            embedded_order: self.embedded_tableau().map(|embedded| embedded.order()),
            stage_order: self.stage_order(),
            principal_error_norm: (!residuals.is_empty()).then(|| norm(&residuals)),
            residuals,
            symplectic: self.is_symplectic(),
            symmetric: self.is_symmetric(),
            stiffly_accurate,
            first_same_as_last: stiffly_accurate
                && self.stages() > 1
                && self.row(0).iter().all(Exact::is_zero),
        }
    }

    /// The largest q with B(q) and C(q); at least 1.
    pub fn stage_order(&self) -> u32 {
        let limit = match self.kind() {
            // The second stage of an explicit method is a step of Euler's.
            Kind::Explicit if self.stages() > 1 => 2,
            _ => order::quadrature_order(self),
        };
        order::collocation_order(self, limit.min(order::quadrature_order(self))).max(1)
    }

    fn is_symplectic(&self) -> bool {
        // The condition for i = j asks for bᵢ = 2aᵢᵢ or bᵢ = 0: not of an explicit method, with weights of sum 1.
        if self.kind() == Kind::Explicit {
            return false;
        }
        let (b, stages) = (self.b(), self.stages());
        (0..stages).all(|i| {
            (0..=i).all(|j| {
                let left = &(&b[i] * &self.row(i)[j]) + &(&b[j] * &self.row(j)[i]);
                self.is_negligible(&(&left - &(&b[i] * &b[j])))
            })
        })
    }

    fn is_stiffly_accurate(&self) -> bool {
        let last = self.row(self.stages() - 1);
        last.iter().zip(self.b()).all(|(a, b)| self.is_negligible(&(a - b)))
    }

    fn is_symmetric(&self) -> bool {
        // The condition for i = j asks for weights b that are sums of two diagonal entries of A.
        if self.kind() == Kind::Explicit {
            return false;
        }
        // A stage without any possible partner ends the search before stages that are alike are tried in every order.
        let sum = |row: &[Exact]| row.iter().fold(Exact::ZERO, |sum, a| &sum + &(a * a));
        let squares: Vec<Exact> = (0..self.stages()).map(|i| sum(self.row(i))).collect();
        let total = sum(self.b());
        let has_partner = |i: usize| {
            (0..self.stages()).any(|p| {
                // Σ(bⱼ - aᵢⱼ)² over j, in any order of the stages.
                let cross = Exact::dot(self.row(i), self.b());
                let expected = &(&total - &(&cross + &cross)) + &squares[i];
                let diagonal = &(&self.row(p)[p] + &self.row(i)[i]) - &self.b()[i];
                let differences = [&self.b()[p] - &self.b()[i], diagonal, &squares[p] - &expected];
                differences.iter().all(|difference| self.is_negligible(difference))
            })
        };
        (0..self.stages()).all(has_partner) && self.mirror(&mut Vec::with_capacity(self.stages()))
    }

    /// Extends a partial pairing of the stages i → π(i) with bπ₍ᵢ₎ = bᵢ and aπ₍ᵢ₎π₍ⱼ₎ + aᵢⱼ = bⱼ to all of them.
    fn mirror(&self, image: &mut Vec<usize>) -> bool {
        let i = image.len();
        if i == self.stages() {
            return true;
        }
        let equal = |x: &Exact, y: &Exact| self.is_negligible(&(x - y));
        let fits = |image: &[usize], p: usize| {
            equal(&self.b()[p], &self.b()[i])
                && equal(&(&self.c()[p] + &self.c()[i]), &Exact::ONE)
                && image.iter().chain([&p]).enumerate().all(|(j, &q)| {
                    equal(&(&self.row(p)[q] + &self.row(i)[j]), &self.b()[j])
                        && equal(&(&self.row(q)[p] + &self.row(j)[i]), &self.b()[i])
                })
        };
        (0..self.stages()).any(|p| {
            if image.contains(&p) || !fits(image, p) {
                return false;
            }
            image.push(p);
            let found = self.mirror(image);
            image.pop();
            found
        })
    }

    /// Whether a number is 0, or as near to 0 as the precision of an approximate tableau tells.
    pub(crate) fn is_negligible(&self, value: &Exact) -> bool {
        match (self.digits(), value.as_rational()) {
            (None, _) | (_, None) => value.is_zero(),
            // Sums of products of entries lose a few digits.
            (Some(digits), Some(_)) => {
                let size = if value.sign() == Ordering::Less { -value } else { value.clone() };
                size <= Exact::from(Rational::from_parts(
                    1000.into(),
                    dashu_int::UBig::from(10u8).pow(digits as usize),
                ))
            }
        }
    }
}

/// √Σ (residual/σ)², the sum exact.
fn norm(residuals: &[OrderCondition]) -> f64 {
    let square = |condition: &OrderCondition| {
        let share = &condition.residual * &Rational::from_parts(1.into(), condition.symmetry.into()).into();
        &share * &share
    };
    residuals.iter().fold(Exact::ZERO, |sum, condition| &sum + &square(condition)).to_f64().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Method;

    fn properties(name: &str) -> Properties {
        Method::named(name).unwrap().tableau().properties().clone()
    }

    #[test]
    fn structure_of_the_classics_is_known() {
        // Hairer, Lubich & Wanner 2006, §IV.2 and §V.2; Hairer & Wanner 1996, §IV.5.
        for (name, symplectic, symmetric, stiffly_accurate, first_same_as_last) in [
            ("euler", false, false, false, false),
            ("implicit-euler", false, false, true, false),
            ("implicit-midpoint", true, true, false, false),
            ("trapezoidal", false, true, true, true),
            ("rk4", false, false, false, false),
            ("gauss4", true, true, false, false),
            ("gauss6", true, true, false, false),
            ("radau-iia-5", false, false, true, false),
            ("lobatto-iiia-6", false, true, true, true),
            ("lobatto-iiib-6", false, true, false, false),
            ("lobatto-iiic-6", false, false, true, false),
            ("dormand-prince", false, false, true, true),
            ("bogacki-shampine", false, false, true, true),
        ] {
            let p = properties(name);
            let found = (p.symplectic, p.symmetric, p.stiffly_accurate, p.first_same_as_last);
            assert_eq!(found, (symplectic, symmetric, stiffly_accurate, first_same_as_last), "{name}");
        }
    }

    #[test]
    fn stage_orders_are_known() {
        // s for collocation, s - 1 for Radau IA and Lobatto IIIC, s - 2 for Lobatto IIIB.
        for (name, stage_order) in [
            ("euler", 1),
            ("rk4", 1),
            ("gauss6", 3),
            ("radau-iia-5", 3),
            ("radau-ia-5", 2),
            ("lobatto-iiia-6", 4),
            ("lobatto-iiib-6", 2),
            ("lobatto-iiic-6", 3),
        ] {
            assert_eq!(properties(name).stage_order, stage_order, "{name}");
        }
    }

    #[test]
    fn embedded_orders_are_computed() {
        assert_eq!(properties("dormand-prince").embedded_order, Some(4));
        assert_eq!(properties("rk4").embedded_order, None);
    }

    #[test]
    fn error_norms_agree_with_published_ones() {
        // Dormand & Prince 1980 print A₅ = 0.399e-3 for their pair.
        assert!((properties("dormand-prince").principal_error_norm.unwrap() - 3.99e-4).abs() < 1e-6);
        // Ralston's second-order method: residuals 0 (bushy) and -1/6 (tall).
        assert_eq!(properties("ralston").principal_error_norm, Some(1.0 / 6.0));
    }
}
