//! The table of `docs/gradient-order.md`, row by row, found again.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use shadowflow_bseries::search::{Search, Shape, Solution, Verdict};

const PAGE: &str = include_str!("../../../docs/gradient-order.md");

#[test]
fn every_row_is_found_again() {
    let mut rows = 0;
    for line in PAGE.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [shape, stages, accuracy, order, freedom, _] = cells[..] else { panic!("six columns: {line}") };
        let Some(shape) = Shape::named(shape) else { continue };
        let (stages, accuracy) = (stages.parse().unwrap(), accuracy.parse().unwrap());
        let (order, is_bound) = match order.strip_prefix("≥ ") {
            Some(order) => (order.parse().unwrap(), true),
            None => (order.parse::<usize>().unwrap(), false),
        };
        let ask = |order| Search::new(shape, stages, accuracy, order).unwrap().run(None, &|| false).unwrap();
        let found = ask(order);
        assert_eq!(found.verdict(), Verdict::Found, "{line}");
        let most = found.solutions().map(Solution::dimension).max().unwrap();
        assert_eq!(most.to_string(), freedom, "{line}");
        let beyond = ask(order + 1).verdict();
        assert_eq!(beyond, if is_bound { Verdict::Undecided } else { Verdict::NoneExists }, "{line}");
        rows += 1;
    }
    assert!(rows >= 15, "{rows} rows");
}
