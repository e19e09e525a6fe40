//! Steps of a map written down once, and repeated by machine code.

use shadowflow_numerics::{Family, Map, Scalar};

use crate::native::repeat::Repeat;
use crate::tape::{Tape, trace};

/// A map of D numbers and its learning rate as a list of operations, and as machine code where all of them are arithmetic: for
/// kernels that follow many orbits, such as [`Basin`](shadowflow_numerics::Basin).
///
/// Both ways give the same numbers to the last bit on processors with fused multiplication and addition.
///
/// ```
/// use shadowflow_methods::Method;
/// use shadowflow_numerics::{Basin, GradientFlow, Iteration, Label};
/// use shadowflow_symbolic::{Objective, StepProgram};
/// let f = Objective::parse("(1-x*y)^2/2", None)?.numeric()?;
/// let descent = Iteration::method(Method::named("euler")?.tableau(), GradientFlow(f));
/// let program = StepProgram::<2>::of(&descent).ok_or("no map of two numbers")?;
/// let labels = Basin::default().labels(&program, &[1.1], &[0.5, 2.0], &[0.5, 2.0])?;
/// assert_eq!((labels[0], labels[3]), (Label::Period(2), Label::Diverged));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StepProgram<const D: usize> {
    tape: Tape,
    code: Option<Repeat>,
}

impl<const D: usize> StepProgram<D> {
    /// The program of a map; `None` if its state has not D numbers, or it is no formula all through.
    pub fn of<M: Map>(map: &M) -> Option<StepProgram<D>> {
        if map.dim() != D || !map.is_formula() {
            return None;
        }
        let tape = trace(D + 1, |x| {
            let mut next = x[..D].to_vec();
            map.step(x[D], &x[..D], &mut next);
            next
        });
        let code = tape.listing(D + 1).and_then(|listing| Repeat::compile(&listing));
        Some(StepProgram { tape, code })
    }
}

impl<const D: usize> Family<D, 1> for StepProgram<D> {
    #[inline(always)]
    fn step<S: Scalar>(&self, &[h]: &[S; 1], x: &[S; D]) -> [S; D] {
        let mut next = [S::from(0.0); D];
        self.tape.run_at(|k| if k < D { x[k] } else { h }, &mut next);
        next
    }

    fn advance(&self, parameters: [&[f64]; 1], mut points: [&mut [f64]; D], steps: usize) -> bool {
        let Some(code) = &self.code else { return false };
        code.run(&parameters, &mut points, steps);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Objective;
    use shadowflow_methods::Method;
    use shadowflow_numerics::{GradientFlow, Iteration, Optimizer};

    fn steps<const D: usize>(map: &impl Map, tolerance: f64) {
        let program = StepProgram::<D>::of(map).unwrap();
        let (h, count) = (0.05, 300);
        let starts: Vec<[f64; D]> = (0..count)
            .map(|i| std::array::from_fn(|k| 1.1 + 0.2 * (k as f64) - 0.0043 * f64::from(i)))
            .collect();
        let mut columns: [Vec<f64>; D] =
            std::array::from_fn(|k| starts.iter().map(|start| start[k]).collect());
        let slices = columns.each_mut().map(Vec::as_mut_slice);
        let advanced = program.advance([&[h]], slices, 7);
        assert_eq!(advanced, program.code.is_some());
        for (i, &start) in starts.iter().enumerate() {
            let (mut x, mut y, mut next) = (start, start.to_vec(), vec![0.0; D]);
            for _ in 0..7 {
                x = program.step(&[h], &x);
                map.step(h, &y, &mut next);
                y.copy_from_slice(&next);
            }
            for ((x, y), column) in x.iter().zip(&y).zip(&columns) {
                assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{x} {y}");
                assert!(!advanced || column[i].to_bits() == x.to_bits(), "{} {x}", column[i]);
            }
        }
    }

    #[test]
    fn machine_code_takes_the_steps_of_the_list_and_the_list_those_of_the_map() {
        let f = Objective::parse("(1-x*y)^2/2 + x^4/4 - y/(2+x^2) + sqrt(1+y^2)", None).unwrap();
        let field = GradientFlow(f.numeric().unwrap());
        for name in ["euler", "heun", "rk4"] {
            // Some hundred operations in another order.
            steps::<2>(&Iteration::method(Method::named(name).unwrap().tableau(), &field), 1e-13);
        }
        let heavy_ball = Optimizer::named("heavy-ball(beta=0.5)").unwrap();
        steps::<4>(&Iteration::optimizer(&heavy_ball, &field), 1e-13);
    }

    #[test]
    fn functions_are_left_to_the_list() {
        let f = Objective::parse("sin(x)*exp(y)", None).unwrap();
        let field = GradientFlow(f.numeric().unwrap());
        let descent = Iteration::optimizer(&Optimizer::gradient_descent(), field);
        assert!(StepProgram::<2>::of(&descent).unwrap().code.is_none());
        steps::<2>(&descent, 1e-13);
    }

    #[test]
    fn what_is_no_formula_of_so_many_numbers_is_no_program() {
        let field = GradientFlow(Objective::parse("x^2*y^2", None).unwrap().numeric().unwrap());
        let euler = Iteration::method(Method::named("euler").unwrap().tableau(), &field);
        let implicit = Iteration::method(Method::named("implicit-euler").unwrap().tableau(), &field);
        assert!(StepProgram::<3>::of(&euler).is_none() && StepProgram::<2>::of(&implicit).is_none());
    }
}
