//! Runge-Kutta steps as maps, reference flows, shadow fields, stability rasters: the numbers behind shadowflow.
