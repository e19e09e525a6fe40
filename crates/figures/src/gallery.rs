//! The figures, one file each.

mod gradient_order;
mod regimes;
mod stability_regions;

use crate::figure::Figure;

/// In the order of the paper.
pub(crate) const ALL: &[&dyn Figure] =
    &[&regimes::Regimes, &gradient_order::GradientOrder, &stability_regions::StabilityRegions];
