//! "Did you mean": the nearest known names to a mistyped one.

/// The candidates nearest to `name` in spelling, best first, at most four, none if nothing comes near.
///
/// ```
/// let known = ["euler", "heun", "rk4"];
/// assert_eq!(shadowflow_methods::nearest("eular", known), ["euler"]);
/// assert!(shadowflow_methods::nearest("xyzzy", known).is_empty());
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = simplified(name);
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (score(&wanted, &simplified(candidate)), candidate))
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(y.1)));
    scored.into_iter().take(4).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// Between 0 and 1: Jaro–Winkler similarity, and full marks for one name inside the other.
fn score(wanted: &str, candidate: &str) -> f64 {
    if wanted.len() >= 3 && candidate.contains(wanted) {
        return 1.0;
    }
    strsim::jaro_winkler(wanted, candidate)
}

/// Case, hyphens and underscores do not count.
fn simplified(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn spelling_variants_are_found() {
        let known = ["radau-iia-5", "radau-iia-3", "implicit-midpoint", "euler"];
        assert_eq!(nearest("RadauIIA5", known)[0], "radau-iia-5");
        assert_eq!(nearest("implicit_midpont", known)[0], "implicit-midpoint");
        assert!(nearest("", known).is_empty());
    }
}
