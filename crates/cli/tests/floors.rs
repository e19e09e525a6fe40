//! The house has floors: no crate depends on one above its own, Symbolica lives on floor 3 and plotting on floor 4 only.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

const FLOORS: [(&str, u8); 7] = [
    ("shadowflow-methods", 1),
    ("shadowflow-bseries", 2),
    ("shadowflow-numerics", 2),
    ("shadowflow-symbolic", 3),
    ("shadowflow-figures", 4),
    ("shadowflow-claims", 4),
    ("shadowflow", 5),
];

/// Every package of the dependency graph with the packages it needs, development dependencies of the workspace included.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn read() -> Graph {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline", "--locked"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let names: BTreeMap<&str, &str> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
            .collect();
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let needs = graph.entry(names[node["id"].as_str().unwrap()].to_owned()).or_default();
            needs.extend(node["deps"].as_array().unwrap().iter().map(|d| names[d["pkg"].as_str().unwrap()].to_owned()));
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
