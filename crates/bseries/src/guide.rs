//! B-series from calculus: a walk through the ideas of this crate, with code that runs.
//!
//! # Derivatives are trees
//!
//! Differentiate the solution of ẏ = f(y) a few times by the chain rule:
//!
//! ```text
//! ẏ = f             ÿ = f'f             y⃛ = f''(f, f) + f'f'f
//! ```
//!
//! Here f' is the Jacobian and f''(u, v) the second derivative along two directions. Every term is a rooted tree: a vertex is an
//! f, and one of its children is a direction along which it is differentiated. So • is f, `[1,2]` is f'f, the cherry `[1,2,2]`
//! is f''(f,f), and the tall tree `[1,2,3]` is f'f'f. The numbers are levels: the root has 1, and each vertex follows its
//! parent. F(t) is the *elementary differential* of the tree t, and |t|, the number of vertices, is the power of h it comes with.
//!
//! # A step is a coefficient for each tree
//!
//! Expand anything made of f, evaluations and linear combinations in powers of h, and nothing but these F(t) can appear:
//!
//! ```text
//! y₁ = y₀ + Σ h^|t|/σ(t) · a(t) · F(t)(y₀)
//! ```
//!
//! σ(t) counts the symmetries of the tree, as k! does in a Taylor series; it is kept apart, so that a(t) is simple. The exact
//! solution has a(t) = 1/γ(t), with γ the product of the sizes of all subtrees. A Runge–Kutta method has the *elementary
//! weights*, sums of products of its coefficients. Two steps with equal a(t) through order p differ by O(h^(p+1)): that is all
//! there is to order conditions.
//!
//! ```
//! use std::sync::Arc;
//! use shadowflow_bseries::{BSeries, Trees};
//! use shadowflow_methods::Method;
//! let trees = Arc::new(Trees::through(3)?);
//! let midpoint = BSeries::runge_kutta(&trees, &Method::named("midpoint")?.tableau().coefficients())?;
//! let error = midpoint.minus(&BSeries::exact_flow(&trees))?;
//! let text: Vec<_> = error.terms().map(|(_, a)| a.to_string()).collect();
//! assert_eq!(text, ["0", "0", "-1/6", "-1/12"]); // order 2: it fails on the two trees with three vertices
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A method solves another equation exactly
//!
//! Take Euler's method on ẏ = y. A step multiplies by 1 + h = e^(h·λ) with λ = log(1 + h)/h = 1 - h/2 + h²/3 - …, so the method
//! follows ẏ = λy without any error. For every f there is such a *modified equation*,
//!
//! ```text
//! ẏ = Σ h^(|t|-1)/σ(t) · b(t) · F(t)(y),
//! ```
//!
//! whose flow over time h is the step, and b is the logarithm of a in a precise sense. On the tall trees it is the logarithm of
//! the stability function, as above. In general the series does not converge; cut off at a good place, it differs from the
//! method by an amount exponentially small in 1/h (GNI, §IX.7).
//!
//! ```
//! use std::sync::Arc;
//! use shadowflow_bseries::{BSeries, Trees};
//! use shadowflow_methods::Method;
//! let trees = Arc::new(Trees::through(4)?);
//! let euler = BSeries::runge_kutta(&trees, &Method::named("euler")?.tableau().coefficients())?;
//! let modified = euler.logarithm()?;
//! let tall = |n: u8| trees.find(&(1..=n).collect::<Vec<_>>());
//! assert_eq!(modified.coefficient(tall(2)?).to_string(), "-1/2");
//! assert_eq!(modified.coefficient(tall(3)?).to_string(), "1/3");
//! assert_eq!(modified.exponential()?, euler);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Series`](crate::Series) computes the same coefficients far faster, from the weights of several steps in a row: after N steps
//! they are polynomials in N, and b(t) is what they grow by at N = 0.
//!
//! # Series can be computed with
//!
//! One step after another is again a step ([`BSeries::then`](crate::BSeries::then)), and so is a step undone; a method applied to a
//! changed equation is again a series ([`BSeries::substituted_into`](crate::BSeries::substituted_into)). Substitution turns the
//! question around: which equation must the method be given, so that it solves the intended one? The answer is the *modifying
//! integrator*.
//!
//! ```
//! use std::sync::Arc;
//! use shadowflow_bseries::{BSeries, Trees};
//! use shadowflow_methods::Method;
//! let trees = Arc::new(Trees::through(5)?);
//! let heun = BSeries::runge_kutta(&trees, &Method::named("heun")?.tableau().coefficients())?;
//! let flow = BSeries::exact_flow(&trees);
//! let better = flow.field_under(&heun)?;
//! assert_eq!(better.substituted_into(&heun)?, flow);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Gradient flows, and free trees
//!
//! Gradient descent is Euler's method on ẋ = -∇V. Does its modified equation descend some other function? The first
//! correction does: -½f'f is the gradient of -¼|∇V|², so to first order gradient descent follows V + (h/4)|∇V|². In general ∇
//! of a product of derivatives of V, joined along a tree without a root, is the sum of the F(t) over its rootings. So the
//! modified equation is a gradient flow for every V exactly as long as b is the same on all rootings of each *free tree*:
//! [`Gradient`](crate::Gradient) finds how far that is.
//!
//! ```
//! use shadowflow_bseries::Gradient;
//! use shadowflow_methods::Method;
//! let descent = Gradient::of(Method::named("euler")?.tableau(), 4)?;
//! assert_eq!(descent.gradient_order(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Other structures, other conditions
//!
//! The same trees decide whether a method keeps the symplectic form, or energy, or volume, or is its own mirror image in time,
//! for all equations of a class at once: [`Structure`](crate::Structure). When the equation is split into parts that the method
//! treats differently, as in symplectic Euler or in implicit–explicit methods, vertices carry a colour for the part they come
//! from, and everything above holds again: [`ColouredTrees`](crate::ColouredTrees).
//!
//! # Optimizers with a memory
//!
//! Momentum makes an iterate depend on the two before it, which no step from one point can do. Yet after a while each iterate
//! follows from the last alone, by an *underlying* one-step method that is again a series, and so has a modified equation:
//! [`BSeries::heavy_ball`](crate::BSeries::heavy_ball), [`BSeries::nesterov`](crate::BSeries::nesterov). What stochastic
//! gradient descent does in an epoch, on average over the orders of its batches, is a series on coloured trees:
//! [`BSeries::shuffled`](crate::BSeries::shuffled).
//!
//! ```
//! use std::sync::Arc;
//! use shadowflow_bseries::{BSeries, FreeClasses, Trees};
//! use shadowflow_methods::Exact;
//! let trees = Arc::new(Trees::through(3)?);
//! // For heavy ball with β = 9/10 the potential ends where that of gradient descent does, at 10 V + 475 h |∇V|².
//! let modified = BSeries::heavy_ball(&trees, &Exact::ratio(9, 10))?.logarithm()?;
//! let classes = FreeClasses::of(&modified)?;
//! let text: Vec<_> = classes.potential().iter().map(|term| term.coefficient.to_string()).collect();
//! assert_eq!((classes.gradient_order(), text), (2, vec!["10".to_owned(), "475".to_owned()]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
