//! What methods are known to preserve.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use proptest::prelude::*;
use shadowflow_bseries::{
    AlgebraError, BSeries, ColouredTrees, ContinuousStage, PartitionedCoefficients, Structure, Through, Trees,
};
use shadowflow_methods::{Exact, Method};

fn plain(order: usize) -> Arc<Trees> {
    Arc::new(Trees::through(order).unwrap())
}

fn named(trees: &Arc<Trees>, name: &str) -> BSeries<Exact> {
    let method = Method::named(name).unwrap();
    BSeries::runge_kutta(trees, &method.tableau().coefficients()).unwrap()
}

fn exactly(order: usize) -> Through {
    Through { order, examined: 8 }
}

const ALL: Through = Through { order: 8, examined: 8 };

#[test]
fn classics() {
    // (name, symplectic, conjugate to symplectic, energy-preserving, symmetric, volume-preserving)
    let expected = [
        ("euler", exactly(1), exactly(1), exactly(1), exactly(1), exactly(1)),
        ("implicit-euler", exactly(1), exactly(1), exactly(1), exactly(1), exactly(1)),
        ("rk4", exactly(4), exactly(4), exactly(4), exactly(5), exactly(4)),
        ("implicit-midpoint", ALL, ALL, exactly(2), ALL, exactly(2)),
        // Conjugate to the midpoint rule by half an Euler step (GNI, §VI.8).
        ("trapezoidal", exactly(2), ALL, exactly(2), ALL, exactly(2)),
        ("gauss4", ALL, ALL, exactly(4), ALL, exactly(4)),
        ("gauss6", ALL, ALL, exactly(6), ALL, exactly(6)),
        ("lobatto-iiib-4", exactly(4), exactly(4), exactly(4), ALL, exactly(4)),
    ];
    let trees = plain(8);
    for (name, symplectic, conjugate_symplectic, energy_preserving, symmetric, volume) in expected {
        let expected = Structure {
            symplectic,
            conjugate_symplectic,
            energy_preserving,
            symmetric,
            volume_preserving_quadratic: volume,
        };
        assert_eq!(Structure::of(&named(&trees, name)), Ok(expected), "{name}");
    }
}

#[test]
fn what_tableaus_say_series_confirm() {
    // The conditions on A and b are sufficient; a reducible tableau can be symplectic without them.
    let trees = plain(7);
    // Roots of high degree take seconds here and show nothing new.
    let quick = |method: &Method| method.tableau().field().is_none_or(|field| field.degree() <= 2);
    for method in Method::exact().into_iter().filter(quick).filter(|method| method.tableau().stages() <= 6) {
        let properties = method.tableau().properties();
        let step = BSeries::runge_kutta(&trees, &method.tableau().coefficients()).unwrap();
        let (symplectic, symmetric) = (step.symplectic().unwrap(), step.symmetric().unwrap());
        assert!(!(properties.symplectic && symplectic.is_decided()), "{}", method.name());
        assert!(!(properties.symmetric && symmetric.is_decided()), "{}", method.name());
        assert!(symplectic.order >= 7.min(method.tableau().order() as usize), "{}", method.name());
    }
}

#[test]
fn energy_preserving_collocation() {
    // Order 2s and energy kept (Hairer 2010).
    let trees = plain(8);
    for s in 1..=3 {
        let method = ContinuousStage::<Exact>::energy_preserving_collocation(s);
        let structure = Structure::of(&BSeries::continuous_stage(&trees, &method)).unwrap();
        assert_eq!(structure.energy_preserving, ALL);
        assert_eq!(structure.symmetric, ALL);
        assert_eq!(structure.symplectic, exactly(2 * s));
        assert_eq!(structure.conjugate_symplectic.order, 2 * s + 2);
    }
}

#[test]
fn exact_flows_have_every_structure() {
    let all = Structure {
        symplectic: ALL,
        conjugate_symplectic: ALL,
        energy_preserving: ALL,
        symmetric: ALL,
        volume_preserving_quadratic: ALL,
    };
    assert_eq!(Structure::of(&BSeries::<Exact>::exact_flow(&plain(8))), Ok(all));
}

#[test]
fn partitioned_pairs() {
    type Pair = PartitionedCoefficients<Exact>;
    let trees = Arc::new(ColouredTrees::through(6, 2).unwrap());
    let through = |order| Ok(Through { order, examined: 6 });
    for pair in [Pair::symplectic_euler(), Pair::stormer_verlet(), Pair::lobatto_4()] {
        let step = BSeries::partitioned(&trees, &pair).unwrap();
        assert_eq!(step.symplectic_pair(), through(6));
        assert_eq!(step.logarithm().unwrap().symplectic_pair(), through(6));
    }
    // The implicit midpoint rule is symplectic with any splitting, symplectic Euler only with one into q and p.
    let midpoint = Method::named("implicit-midpoint").unwrap().tableau().coefficients();
    let both = PartitionedCoefficients::new(vec![midpoint.clone(), midpoint]).unwrap();
    let both = BSeries::partitioned(&trees, &both).unwrap();
    assert_eq!((both.symplectic(), both.symplectic_pair()), (through(6), through(6)));
    let euler = BSeries::partitioned(&trees, &Pair::symplectic_euler()).unwrap();
    assert_eq!(euler.symplectic(), through(1));
    let imex = BSeries::partitioned(&trees, &Pair::imex_euler()).unwrap();
    assert_eq!(imex.symplectic_pair(), through(1));
}

#[test]
fn what_has_no_structure_is_refused() {
    let trees = plain(3);
    let twice = BSeries::<Exact>::exact_flow(&trees).times(&Exact::from(2));
    assert_eq!(twice.symplectic(), Err(AlgebraError::NeitherStepNorField));
    assert_eq!(Structure::of(&twice), Err(AlgebraError::NeitherStepNorField));
    let identity = BSeries::<Exact>::identity(&trees);
    assert!(matches!(identity.conjugate_symplectic(), Err(AlgebraError::Inconsistent { .. })));
    let three = Arc::new(ColouredTrees::through(3, 3).unwrap());
    let flow = BSeries::<Exact, _>::exact_flow(&three);
    assert_eq!(flow.symplectic_pair(), Err(AlgebraError::PartsAndColours { parts: 2, colours: 3 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_change_of_variables_does_not_change_conjugate_symplecticity(
        numbers in prop::collection::vec((-4i64..=4, 1i64..=3), 31),
    ) {
        let trees = plain(7);
        let change = BSeries::from_fn(&trees, Exact::ONE, |_, tree| {
            let (n, d) = numbers[tree.index() % numbers.len()];
            Exact::ratio(n, d)
        });
        let back = change.inverse().unwrap();
        for name in ["implicit-midpoint", "gauss4", "rk4", "heun", "lobatto-iiia-4"] {
            let step = named(&trees, name);
            let conjugated = back.then(&step).unwrap().then(&change).unwrap();
            prop_assert_eq!(conjugated.conjugate_symplectic(), step.conjugate_symplectic(), "{}", name);
        }
    }

    #[test]
    fn continuous_stages_keep_energy_when_the_kernel_is_symmetric(
        numbers in prop::collection::vec((-4i64..=4, 1i64..=3), 6),
    ) {
        // ∂A/∂τ symmetric in τ and σ, A(0,σ) = 0 and A(1,σ) = B(σ) (Miyatake & Butcher 2016).
        let number = |k: usize| Exact::ratio(numbers[k].0, numbers[k].1);
        let kernel = [[0, 1, 2], [1, 3, 4], [2, 4, 5]].map(|row| row.map(number));
        let integrated = kernel.iter().enumerate().map(|(k, row)| {
            row.iter().map(|x| x * &Exact::ratio(1, k as i64 + 1)).collect::<Vec<_>>()
        });
        let a: Vec<Vec<Exact>> = std::iter::once(vec![Exact::ZERO; 3]).chain(integrated).collect();
        let b = (0..3).map(|l| a.iter().fold(Exact::ZERO, |sum, row| &sum + &row[l])).collect();
        let step = BSeries::continuous_stage(&plain(6), &ContinuousStage { a, b });
        prop_assert!(!step.energy_preserving().unwrap().is_decided());
    }
}
