//! The figures, one file each.

mod basin_ellipse;
mod complex_plane;
mod gradient_order;
mod modified_landscape;
mod momentum_stability;
mod obstruction;
mod optimal_truncation;
mod orbit_diagram;
mod order_slopes;
mod order_stars;
mod regimes;
mod resnet_depth;
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
    &basin_ellipse::BasinEllipse,
    &strange_attractor::StrangeAttractor,
    &trainability::Trainability,
    &resnet_depth::ResnetDepth,
    &shadow_of_adam::ShadowOfAdam,
];
