//! The figures, one file each.

mod gradient_order;
mod modified_landscape;
mod order_slopes;
mod regimes;
mod shadow_of_adam;
mod stability_regions;

use crate::figure::Figure;

/// In the order of the paper.
pub(crate) const ALL: &[&dyn Figure] = &[
    &regimes::Regimes,
    &modified_landscape::ModifiedLandscape,
    &order_slopes::OrderSlopes,
    &gradient_order::GradientOrder,
    &stability_regions::StabilityRegions,
    &shadow_of_adam::ShadowOfAdam,
];
