//! The figures, one file each.

mod balancing;
mod basin_ellipse;
mod complex_plane;
mod edge_of_stability;
mod escape;
mod gibbs;
mod gradient_order;
mod line_search;
mod modified_landscape;
mod momentum_stability;
mod obstruction;
mod optimal_truncation;
mod orbit_diagram;
mod order_slopes;
mod order_stars;
mod periodic_orbits;
mod regimes;
mod resnet_depth;
mod self_stabilization;
mod shadow_of_adam;
mod stability_regions;
mod stiff_work;
mod strange_attractor;
mod trainability;

use crate::figure::Figure;

/// In the order of the paper.
pub(crate) const ALL: &[&dyn Figure] = &[
    &regimes::Regimes,
    &modified_landscape::ModifiedLandscape,
    &obstruction::Obstruction,
    &order_slopes::OrderSlopes,
    &optimal_truncation::OptimalTruncation,
    &gradient_order::GradientOrder,
    &stability_regions::StabilityRegions,
    &order_stars::OrderStars,
    &momentum_stability::MomentumStability,
    &stiff_work::StiffWork,
    &orbit_diagram::OrbitDiagram,
    &periodic_orbits::PeriodicOrbits,
    &basin_ellipse::BasinEllipse,
    &strange_attractor::StrangeAttractor,
    &escape::Escape,
    &gibbs::GibbsLaw,
    &balancing::Balancing,
    &edge_of_stability::EdgeOfStability,
    &self_stabilization::SelfStabilizationLoop,
    &shadow_of_adam::ShadowOfAdam,
    &line_search::LineSearch,
    &resnet_depth::ResnetDepth,
    &trainability::Trainability,
];
