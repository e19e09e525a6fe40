//! Problems with their exact answers.
//!
//! Each family is one file: a struct with the formulas as code, its exact answers as methods, and its [`Definition`] as
//! text. [`DEFINITIONS`] lists them, and [`Definition::named`] finds one. Families of any size, [`SmallNetwork`] and
//! [`MatrixFactorization`], are code only.

mod blowup;
mod cubic;
mod deep_product;
mod definition;
mod double_well;
mod harmonic_oscillator;
mod linear_regression;
mod logistic;
mod lotka_volterra;
mod matrix_factorization;
mod matyas;
mod multiscale;
mod oscillator;
mod pendulum;
mod quadratic;
mod rigid_body;
mod rippled;
mod rosenbrock;
mod scalar_factorization;
mod small_network;

pub use blowup::Blowup;
pub use cubic::{Cubic, Henon};
pub use deep_product::DeepProduct;
pub use definition::{DEFINITIONS, Definition, Given, UnknownProblem};
pub use double_well::DoubleWell;
pub use harmonic_oscillator::HarmonicOscillator;
pub use linear_regression::LinearRegression;
pub use logistic::Logistic;
pub use lotka_volterra::LotkaVolterra;
pub use matrix_factorization::MatrixFactorization;
pub use matyas::Matyas;
pub use multiscale::Multiscale;
pub use oscillator::Oscillator;
pub use pendulum::Pendulum;
pub use quadratic::Quadratic;
pub use rigid_body::RigidBody;
pub use rippled::Rippled;
pub use rosenbrock::Rosenbrock;
pub use scalar_factorization::ScalarFactorization;
pub use small_network::SmallNetwork;
