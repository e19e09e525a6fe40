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
    let mut ranked: Vec<_> = candidates
        .into_iter()
        .filter_map(|candidate| Some((rank(&wanted, &simplified(candidate))?, candidate)))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(4).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// The edits from one name to the other, any digit for any other counting nothing, then how far apart the numbers are;
/// `None` if the names are too different.
fn rank(wanted: &str, candidate: &str) -> Option<(usize, u64)> {
    let numbers = number(wanted).abs_diff(number(candidate));
    if wanted.len() >= 3 && candidate.contains(wanted) {
        return Some((0, numbers));
    }
    let masked = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "#");
    let edits = strsim::damerau_levenshtein(&masked(wanted), &masked(candidate));
    let near = edits == 0 || strsim::jaro_winkler(wanted, candidate) >= 0.75;
    (near && !wanted.is_empty()).then_some((edits, numbers))
}

/// The digits of a name as one number.
fn number(name: &str) -> u64 {
    let digits = name.chars().filter_map(|c| c.to_digit(10)).take(9);
    digits.fold(0, |number, digit| 10 * number + u64::from(digit))
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
        assert_eq!(nearest("eular", ["euler", "heun", "euler"]), ["euler"]);
    }

    #[test]
    fn the_next_number_comes_first() {
        let known = ["rk2", "rk38", "rk4", "rkc", "ros3", "radau-iia-3", "radau-iia-7", "gauss10"];
        assert_eq!(nearest("rk5", known)[0], "rk4");
        assert_eq!(nearest("radau-iia-9", known)[0], "radau-iia-7");
        assert_eq!(nearest("gauss12", known)[0], "gauss10");
    }
}
