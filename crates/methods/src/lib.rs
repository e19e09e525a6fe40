//! Exact Runge-Kutta tableaus: a catalogue with citations, order of accuracy, stability function.
