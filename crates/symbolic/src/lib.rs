//! Modified equations and potentials of a concrete objective or vector field, as formulas and as compiled evaluators.
