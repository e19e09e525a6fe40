//! The house has floors: no crate depends on one above its own, Symbolica lives on floor 3 and plotting on floor 4 only.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::collections::{BTreeMap, BTreeSet};

const FLOORS: [(&str, u8); 7] = [
    ("shadowflow-methods", 1),
    ("shadowflow-bseries", 2),
    ("shadowflow-numerics", 2),
    ("shadowflow-symbolic", 3),
    ("shadowflow-figures", 4),
    ("shadowflow-claims", 4),
    ("shadowflow", 5),
];

/// Every package of the lock file with the packages it needs, for any platform and feature, development included.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn read() -> Graph {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
        let lock: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in lock["package"].as_array().unwrap() {
            let needs = graph.entry(package["name"].as_str().unwrap().to_owned()).or_default();
            // An entry is a name, followed by a version where there are several.
            let entries = package.get("dependencies").and_then(|d| d.as_array()).into_iter().flatten();
            needs.extend(entries.map(|entry| entry.as_str().unwrap().split(' ').next().unwrap().to_owned()));
        }
        Graph(graph)
    }

    fn everything_below(&self, package: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut pending = vec![package.to_owned()];
        while let Some(next) = pending.pop() {
            for need in self.0.get(&next).into_iter().flatten() {
                if found.insert(need.clone()) {
                    pending.push(need.clone());
                }
            }
        }
        found
    }
}

fn floor(package: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == package).map(|(_, floor)| *floor)
}

#[test]
fn every_crate_has_a_floor() {
    let graph = Graph::read();
    let ours = graph.0.keys().filter(|name| name.starts_with("shadowflow") && *name != "shadowflow-benches");
    for name in ours {
        assert!(floor(name).is_some(), "{name} has no floor");
    }
    for (name, _) in FLOORS {
        assert!(graph.0.contains_key(name), "{name} is gone");
    }
}

#[test]
fn dependencies_point_downwards() {
    let graph = Graph::read();
    for (package, own) in FLOORS {
        for need in &graph.0[package] {
            if let Some(below) = floor(need) {
                assert!(below < own, "{package} on floor {own} depends on {need} on floor {below}");
            }
        }
    }
}

#[test]
fn symbolica_and_plotting_keep_to_their_floors() {
    let graph = Graph::read();
    for (package, own) in FLOORS {
        let below = graph.everything_below(package);
        if own < 3 || package == "shadowflow-figures" {
            assert!(!below.contains("symbolica"), "{package} needs Symbolica");
        }
        if own < 4 || package == "shadowflow-claims" {
            assert!(!below.contains("plotters") && !below.contains("resvg"), "{package} needs plotting");
        }
    }
    // The test would see them where they belong.
    assert!(graph.everything_below("shadowflow-symbolic").contains("symbolica"));
    assert!(graph.everything_below("shadowflow-figures").contains("plotters"));
}
