//! Families of fixed pattern and growing length: extrapolation, and optimal strong stability preserving methods.

use super::families::{SINGULAR, Singular, whole_number};
use crate::exact::Exact;
use crate::tableau::Tableau;

/// Explicit Euler with 1, 2, …, k steps, extrapolated to order k (Aitken & Neville).
pub(super) fn extrapolated_euler(values: &[Exact]) -> Result<Tableau, Singular> {
    let columns = whole_number(&values[0], 1, 10)
        .ok_or((0, "k must be a whole number from 1 to 10: order 10 takes 46 stages"))?;
    extrapolated((1..=columns).collect(), 1, |steps| Basic { steps, leapfrog: false })
}

/// The explicit midpoint rule with 2, 4, …, 2k steps after one of Euler's, extrapolated in h² to order 2k (Gragg 1965).
pub(super) fn extrapolated_midpoint(values: &[Exact]) -> Result<Tableau, Singular> {
    let columns = whole_number(&values[0], 1, 6)
        .ok_or((0, "k must be a whole number from 1 to 6: order 12 takes 37 stages"))?;
    extrapolated((1..=columns).map(|j| 2 * j).collect(), 2, |steps| Basic { steps, leapfrog: true })
}

/// A chain of short steps within one.
struct Basic {
    steps: usize,
    leapfrog: bool,
}

/// Every chain starts from the stage at y₀; the others have stages of their own.
fn extrapolated(steps: Vec<usize>, power: u32, basic: impl Fn(usize) -> Basic) -> Result<Tableau, Singular> {
    let stages = 1 + steps.iter().map(|n| n - 1).sum::<usize>();
    let mut rows = vec![vec![Exact::ZERO; stages]];
    let mut b = vec![Exact::ZERO; stages];
    for &n in &steps {
        let (first, own) = (rows.len(), basic(n));
        let stage = |i: usize| if i == 0 { 0 } else { first + i - 1 };
        let mut points = vec![vec![Exact::ZERO; stages]];
        for i in 0..own.steps {
            let (from, length) = if own.leapfrog && i > 0 { (i - 1, 2) } else { (i, 1) };
            let mut next = points[from].clone();
            next[stage(i)] = &next[stage(i)] + &Exact::ratio(length, n as i64);
            points.push(next);
        }
        // The weight of n in the polynomial through all results, at step 0.
        let node = |n: usize| Exact::from(n as i64).pow(power);
        let weight = steps.iter().filter(|&&m| m != n).try_fold(Exact::ONE, |product, &m| {
            node(n).checked_div(&(&node(n) - &node(m))).map(|factor| &product * &factor)
        });
        let weight = weight.ok_or((0, SINGULAR))?;
        for (total, x) in b.iter_mut().zip(&points[n]) {
            *total = &*total + &(&weight * x);
        }
        rows.extend(points.drain(1..n));
    }
    Tableau::new(rows, b).map_err(|_| (0, SINGULAR))
}

/// s stages of order 2: s - 1 Euler steps of length h/(s - 1) and a last one, averaged.
pub(super) fn strong_stability_2(values: &[Exact]) -> Result<Tableau, Singular> {
    let stages = whole_number(&values[0], 2, 64)
        .ok_or((0, "s must be a whole number from 2 to 64, the most stages handled"))?;
    let step = Exact::ratio(1, stages as i64 - 1);
    let rows =
        (0..stages).map(|i| (0..stages).map(|j| if j < i { step.clone() } else { Exact::ZERO }).collect());
    Tableau::new(rows.collect(), vec![Exact::ratio(1, stages as i64); stages]).map_err(|_| (0, SINGULAR))
}

/// n² stages of order 3: Euler steps of length h/(n² - n), one of which starts from the mean (n - 1)/(2n - 1) of the stage
/// before and n/(2n - 1) of an earlier one.
pub(super) fn strong_stability_3(values: &[Exact]) -> Result<Tableau, Singular> {
    let n = whole_number(&values[0], 2, 8)
        .ok_or((0, "n must be a whole number from 2 to 8: there are n² stages"))?;
    let (stages, step) = (n * n, Exact::ratio(1, (n * n - n) as i64));
    let (own, early) =
        (Exact::ratio(n as i64 - 1, 2 * n as i64 - 1), Exact::ratio(n as i64, 2 * n as i64 - 1));
    let (joined, from) = (n * (n + 1) / 2, (n - 1) * (n - 2) / 2);
    let mut points = vec![vec![Exact::ZERO; stages]];
    for i in 1..=stages {
        let mut next = points[i - 1].clone();
        next[i - 1] = step.clone();
        if i == joined {
            next = next.iter().zip(&points[from]).map(|(x, y)| &(&own * x) + &(&early * y)).collect();
        }
        points.push(next);
    }
    let b = points.split_off(stages).remove(0);
    Tableau::new(points, b).map_err(|_| (0, SINGULAR))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Method;

    #[test]
    fn orders_are_those_of_the_families() {
        for (name, order, stages) in [
            ("extrapolation-euler(k=1)", 1, 1),
            ("extrapolation-euler(k=4)", 4, 7),
            ("extrapolation-midpoint(k=1)", 2, 2),
            ("extrapolation-midpoint(k=3)", 6, 10),
            ("ssp2(s=2)", 2, 2),
            ("ssp2(s=9)", 2, 9),
            ("ssp3(n=2)", 3, 4),
            ("ssp3(n=3)", 3, 9),
        ] {
            let method = Method::named(name).unwrap();
            assert_eq!((method.tableau().order(), method.tableau().stages()), (order, stages), "{name}");
        }
    }

    #[test]
    fn members_meet_the_catalogue() {
        for (member, name) in [
            ("extrapolation-euler(k=2)", "midpoint"),
            ("extrapolation-midpoint(k=1)", "midpoint"),
            ("ssp2(s=2)", "heun"),
            ("ssp3(n=2)", "ssp43"),
        ] {
            let (member, fixed) = (Method::named(member).unwrap(), Method::named(name).unwrap());
            assert_eq!(member.tableau().coefficients(), fixed.tableau().coefficients(), "{name}");
        }
    }
}
