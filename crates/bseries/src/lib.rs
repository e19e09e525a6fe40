//! Rooted trees, B-series, modified equations and gradient order of Runge-Kutta methods, in exact arithmetic.
