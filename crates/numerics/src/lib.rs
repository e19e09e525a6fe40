//! The numbers behind shadowflow: steps of a method as maps, the fields they really follow, and how well they do.
//!
//! ```
//! use shadowflow_methods::Method;
//! use shadowflow_numerics::{GradientFlow, ModifiedEquation, RungeKutta, flow, problems::ScalarFactorization};
//!
//! // Gradient descent on (1 - xy)²/2 with learning rate h …
//! let h = 0.01;
//! let field = GradientFlow(ScalarFactorization { target: 1.0 });
//! let euler = Method::named("euler")?;
//! let mut next = [0.0; 2];
//! RungeKutta::new(euler.tableau()).step(&field, h, &[2.0, 0.3], &mut next)?;
//!
//! // … is off the gradient flow, and on the flow of its modified equation, here through h³.
//! let distance = |point: Vec<f64>| (point[0] - next[0]).hypot(point[1] - next[1]);
//! let modified = ModifiedEquation::new(&field, euler.tableau(), 3)?;
//! assert!(distance(flow(&field, &[2.0, 0.3], h)?) > 1e-5);
//! assert!(distance(flow(&modified.at_step(h)?, &[2.0, 0.3], h)?) < 1e-8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way through this crate:
//! 1. A problem: a [`VectorField`], given as a [`Formula`], by [`from_fn`] from a closure, or as the
//!    [`GradientFlow`] of an [`Objective`]. Formulas are written for any [`Scalar`], so that they take plain
//!    numbers and power series ([`Jet`]). [`problems`] holds some with their exact answers, defined as text too.
//! 2. A map: [`RungeKutta`] applied to a field with step h is a [`Stepper`].
//!    So is an [`Optimizer`] with momentum or adaptive steps, an [`Epoch`] over batches, a [`NoisyDescent`].
//! 3. Its orbits: [`orbit`] stores them, [`visit`] shows them point by point, [`Outcome`] tells how they ended.
//! 4. The exact flow to compare with: [`flow()`], [`flow_at`].
//! 5. The field a map follows: [`ModifiedEquation`] from formula and tableau, [`shadow()`] from the points of any
//!    orbit.
//! 6. Orders of convergence: [`observed_order`].
//! 7. Truncations to any order where the modified equation is known in closed form: [`power_law`].
//! 8. A network whose forward pass is Euler's method: [`ResidualNetwork`].
//! 9. Pictures of the plane: [`Grid`] over a [`Window`]; [`Amplification`], |R(z)| of a method, with its [`Region`]; the
//!    [`Boundary`] of the region as curves; [`zeros`] of polynomials.
//! 10. How large a step may be: [`largest_step`] along an eigenvalue of a [`Linearisation`], [`best_step`]; [`Curvature`] of an objective at a
//!     point and the [`Edge`] of stability there; [`Momentum`], [`MeanSquare`], [`Schedule`].
//! 11. What it costs to reach a minimum: [`work`]; line searches, [`Armijo`]'s and [`Wolfe`]'s, in [`SteepestDescent`]; how far
//!     f is above its [`Minimum`].
//! 12. Beyond the edge, a [`Map`] depends on its learning rate: [`Iteration`] makes one of any method or optimizer, [`Tangent`] its
//!     derivatives. [`PeriodicOrbit`], found by [`OrbitSearch`], followed by [`Continuation`] through every [`Bifurcation`], all of
//!     them in a [`BifurcationDiagram`],
//!     proved to exist by a [`Certificate`] on [`Interval`]s, with multipliers in a [`Spectrum`]; what an orbit comes to, its [`Destiny`], as a [`Judge`] sees it;
//!     [`Lyapunov`] exponents, the [`ZeroOne`] test, the [`Motion`] both tell.
//! 13. Training beside the edge: [`Sharpness`], [`Training`], the [`CentralFlow`], [`SelfStabilization`]; [`Balanced`] minimizers.
//! 14. Chance: numbers by their place from a [`Generator`], what a sample says in [`statistics`], the law of descent over fine
//!     ripples in [`LargeStep`], its [`Escapes`] from [`Wells`], [`Gibbs`]' law, [`Diffusion`] and the equation of stochastic
//!     gradient descent, [`StochasticModified`]; [`Transitions`] between the wells of any map, found as [`Extrema`], with
//!     [Kramers'](kramers_rate) prediction; [`Losses`] of which one is drawn in each step, and an [`Ensemble`] of paths.
//! 15. Maps with parameters, a million orbits at a time: a [`Family`], such as those in [`families`]; where its orbits go,
//!     [`Diagram`], which starts come to what, [`Basin`], and to which [`Attractor`], [`Basins`], with their [`BasinGeometry`], how fast neighbours part, [`exponent_field`] and [`ExponentPlane`]; descents on a
//!     [`Regression`]. An [`Iteration`] becomes one as [`SideBySide`].
//!
//! Errors are [`InputError`] for arguments, [`StepError`], [`OrbitError`], [`FlowError`], [`OrderError`] and
//! [`RasterError`] for what follows from them, [`StartsError`] for rasters of starts, [`OptimizerError`] for optimizers by name and orders of batches.

mod attractor;
mod balancing;
mod basin;
mod basin_geometry;
mod boundary;
mod central_flow;
mod certificate;
mod classify;
mod complementarity;
mod continuation;
mod curvature;
mod diagram;
mod directional;
mod dual;
mod edge;
mod error;
mod escape;
mod extrema;
pub mod families;
mod family;
mod field;
mod flow;
mod fma;
mod generator;
mod gibbs;
mod interval;
mod invariant_line;
mod jet;
mod kramers;
mod lanes;
mod langevin;
mod large_step;
mod largest_step;
mod line_search;
mod linearisation;
mod losses;
mod lyapunov;
mod lyapunov_field;
mod lyapunov_plane;
mod map;
mod mean_square;
mod minimum;
mod modified;
mod momentum_stability;
mod motion;
mod objective;
mod optimizers;
mod orbit;
mod periodic;
mod periodicity;
pub mod power_law;
pub mod problems;
mod quadrature;
mod quasi_potential;
mod raster;
mod recurrence;
mod region;
mod regression;
mod residual_network;
mod runge_kutta;
mod scalar;
mod schedule;
mod self_stabilization;
mod shadow;
mod sharpness;
mod slope;
mod spectrum;
mod stability;
pub mod statistics;
mod steepest;
mod stepper;
mod streams;
mod training;
mod transitions;
mod widest;
mod wolfe;
pub mod work;
mod zero_one;
mod zeros;

pub use attractor::{Attractor, Basins};
pub use balancing::{Balanced, BalancingError};
pub use basin::{Basin, Label};
pub use basin_geometry::BasinGeometry;
pub use boundary::{Boundary, Curve};
pub use central_flow::{CentralFlow, CentralFlowError, CentralMoment, Oscillation};
pub use certificate::{Attraction, Certificate, CertificateError};
pub use classify::{Approach, Destiny, Judge};
pub use continuation::{
    Bifurcation, BifurcationDiagram, Branch, Continuation, Criticality, End, Event, Origin, Traced,
};
pub use curvature::Curvature;
pub use diagram::{Density, Diagram};
pub use directional::hessian_vector;
pub use dual::Dual;
pub use edge::{Beyond, Edge};
pub use error::{InputError, StepError};
pub use escape::{Escapes, Wells};
pub use extrema::Extrema;
pub use family::{Case, Family, NormalForm};
pub use field::{Formula, FromFn, VectorField, from_fn};
pub use flow::{FlowError, flow, flow_at};
pub use fma::mul_add;
pub use generator::Generator;
pub use gibbs::Gibbs;
pub use interval::Interval;
pub use invariant_line::{InvariantLine, invariant_lines};
pub use jet::Jet;
pub use kramers::kramers_rate;
pub use langevin::{Diffusion, StochasticModified};
pub use large_step::{LargeStep, LargeStepLaw};
pub use largest_step::{best_step, largest_step};
pub use line_search::Armijo;
pub use linearisation::Linearisation;
pub use losses::{Ensemble, Losses, Model};
pub use lyapunov::Lyapunov;
pub use lyapunov_field::exponent_field;
pub use lyapunov_plane::{ExponentPlane, LargestExponent};
pub use map::{Iteration, Map, OrbitDiagram, SideBySide, Tangent};
pub use mean_square::MeanSquare;
pub use minimum::Minimum;
pub use modified::{ModifiedEquation, ModifiedField};
pub use momentum_stability::{Momentum, Tuning};
pub use motion::Motion;
pub use objective::{GradientFlow, Objective};
pub use optimizers::{
    Descent, Epoch, EpochField, NoisyDescent, Optimizer, OptimizerError, OptimizerField, seeded_order,
};
pub use orbit::{Orbit, OrbitError, Outcome, orbit, visit};
pub use periodic::{FoundOrbits, OrbitSearch, PeriodicOrbit, SearchError, Symmetry};
pub use raster::{Grid, RasterError, StartsError, Window};
pub use region::Region;
pub use regression::{Backtracking, Descended, Regression};
pub use residual_network::{ResidualNetwork, Skip};
pub use runge_kutta::RungeKutta;
pub use scalar::Scalar;
pub use schedule::Schedule;
pub use self_stabilization::SelfStabilization;
pub use shadow::{Shadow, shadow, shadow_of_orbit};
pub use sharpness::{Sharpness, SharpnessError};
pub use slope::{ObservedOrder, OrderError, observed_order};
pub use spectrum::{Disc, Spectrum};
pub use stability::Amplification;
pub use steepest::{DescentEnd, DescentIterate, SteepestDescent, StepRule};
pub use stepper::Stepper;
pub use training::{Record, Training, TrainingError, flow_records};
pub use transitions::Transitions;
pub use wolfe::Wolfe;
pub use zero_one::{ZeroOne, zero_one_test};
pub use zeros::zeros;
