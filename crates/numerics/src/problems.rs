//! Problems with their exact answers.

mod blowup;
mod double_well;
mod lotka_volterra;
mod oscillator;
mod pendulum;
mod quadratic;
mod scalar_factorization;

pub use blowup::Blowup;
pub use double_well::DoubleWell;
pub use lotka_volterra::LotkaVolterra;
pub use oscillator::Oscillator;
pub use pendulum::Pendulum;
pub use quadratic::Quadratic;
pub use scalar_factorization::ScalarFactorization;
