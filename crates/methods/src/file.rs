//! Methods from a TOML file:
//!
//! ```toml
//! name = "my-method"            # optional
//! title = "a method of mine"    # optional
//! a = [[0, 0], ["2/3", 0]]      # rows of A: integers, or exact numbers in quotes
//! b = ["1/4", "3/4"]
//! c = [0, "2/3"]                # optional, checked against the row sums
//! embedded = [1, 0]             # optional weights of an embedded method
//! digits = 15                   # optional: the entries are decimals, known to so many digits behind the point
//! ```

use serde::Deserialize;

use crate::catalogue::Method;
use crate::error::MethodError;
use crate::exact::Exact;
use crate::tableau::Tableau;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableauFile {
    name: Option<String>,
    title: Option<String>,
    a: Vec<Vec<Entry>>,
    b: Vec<Entry>,
    c: Option<Vec<Entry>>,
    embedded: Option<Vec<Entry>>,
    digits: Option<u32>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "an entry is an integer like 1 or a text like \"1/3\", \"0.05\", \"(3-sqrt(3))/6\" (a bare 0.05 would not be exact)"
)]
enum Entry {
    Integer(i64),
    Text(String),
}

impl Method {
    /// Reads a method from the text of a TOML file with the keys `a`, `b` and, optionally, `c`, `embedded`, `digits`,
    /// `name`, `title`.
    ///
    /// ```
    /// let method = shadowflow_methods::Method::from_toml(r#"
    ///     a = [[0, 0], ["2/3", 0]]
    ///     b = ["1/4", "3/4"]
    /// "#)?;
    /// assert_eq!(method.tableau().order(), 2);
    /// # Ok::<(), shadowflow_methods::MethodError>(())
    /// ```
    ///
    /// # Errors
    /// If the text is no such file, an entry is no exact number, or the numbers form no tableau.
    pub fn from_toml(text: &str) -> Result<Method, MethodError> {
        let file: TableauFile = toml::from_str(text)
            .map_err(|e| MethodError::File { message: shortened(e.to_string().trim_end()) })?;
        let name = label("name", file.name)?.unwrap_or_else(|| "custom".to_owned());
        let rows = file
            .a
            .iter()
            .enumerate()
            .map(|(i, row)| exact(row, |j| format!("row {}, column {} of a", i + 1, j + 1)))
            .collect::<Result<Vec<_>, _>>()?;
        let vector =
            |name: &'static str, entries: &[Entry]| exact(entries, |j| format!("entry {} of {name}", j + 1));
        let invalid = |source| MethodError::Tableau { method: name.clone(), source: Box::new(source) };

        let b = vector("b", &file.b)?;
        let mut tableau = match file.digits {
            None => Tableau::new(rows, b),
            Some(digits) => Tableau::approximate(rows, b, digits),
        }
        .map_err(invalid)?;
        if let Some(nodes) = &file.c {
            tableau.check_nodes(&vector("c", nodes)?).map_err(invalid)?;
        }
        if let Some(weights) = &file.embedded {
            tableau = tableau.with_embedded(vector("embedded", weights)?).map_err(invalid)?;
        }
        let title = label("title", file.title)?.unwrap_or_else(|| format!("{name}, from a file"));
        Ok(Method::custom(name, title, tableau))
    }
}

/// The message of the reader without the rest of a long line.
fn shortened(message: &str) -> String {
    let line = |line: &str| line.chars().take(160).collect::<String>();
    message.lines().take(8).map(line).collect::<Vec<_>>().join("\n")
}

/// Names and titles go to terminals and documents as they are, so they hold nothing but one short printable line.
fn label(key: &'static str, text: Option<String>) -> Result<Option<String>, MethodError> {
    const LIMIT: usize = 80;
    match &text {
        Some(text) if text.chars().count() > LIMIT || text.chars().any(char::is_control) => {
            Err(MethodError::Label { key, limit: LIMIT })
        }
        _ => Ok(text),
    }
}

fn exact(entries: &[Entry], place: impl Fn(usize) -> String) -> Result<Vec<Exact>, MethodError> {
    let read = |(j, entry): (usize, &Entry)| match entry {
        Entry::Integer(n) => Ok(Exact::from(*n)),
        Entry::Text(text) => text.parse().map_err(|source| MethodError::Entry { place: place(j), source }),
    };
    entries.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::TableauError;

    fn invalid(text: &str) -> TableauError {
        match Method::from_toml(text).unwrap_err() {
            MethodError::Tableau { source, .. } => *source,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn decimals_are_marked_as_such() {
        let thirds = r#"
            a = [[0, 0], ["0.666667", 0]]
            b = ["0.25", "0.75"]
            c = [0, "0.666667"]
            digits = 6
        "#;
        let tableau = Method::from_toml(thirds).unwrap();
        assert_eq!((tableau.tableau().digits(), tableau.tableau().order()), (Some(6), 2));
        // Taken at its word it is of order 1.
        let exact = Method::from_toml(&thirds.replace("digits = 6", "")).unwrap();
        assert_eq!(exact.tableau().order(), 1);
    }

    #[test]
    fn wrong_files_say_what_is_wrong() {
        assert!(matches!(
            invalid("a = [[0, 0], [1, 0], [1, 1]]\nb = [1, 0, 0]"),
            TableauError::RowLength { row: 1, expected: 3, found: 2 }
        ));
        assert!(matches!(invalid("a = [[0]]\nb = [1, 0]"), TableauError::VectorLength { .. }));
        assert!(matches!(invalid("a = [[0]]\nb = [1]\nc = [\"1/2\"]"), TableauError::RowSum { row: 1, .. }));
        let other_root = "a = [[\"sqrt(2)\"]]\nb = [1]\nc = [\"sqrt(3)\"]";
        assert!(matches!(invalid(other_root), TableauError::RowSum { row: 1, .. }));
        assert!(matches!(invalid("a = [[0]]\nb = [2]"), TableauError::WeightSum { .. }));
        assert_eq!(
            invalid("a = [[0]]\nb = [1]\ndigits = 1000000000"),
            TableauError::Digits { digits: 1_000_000_000, limit: 100 }
        );
        assert!(matches!(
            invalid("a = [[\"sqrt(2)\"]]\nb = [1]\ndigits = 15"),
            TableauError::IrrationalDecimal { .. }
        ));
        let entry = Method::from_toml("a = [[0, 0], [\"x\", 0]]\nb = [1, 0]").unwrap_err();
        assert!(entry.to_string().starts_with("row 2, column 1 of a: `x` is no exact number"), "{entry}");
        let float = Method::from_toml("a = [[0.5]]\nb = [1]").unwrap_err();
        assert!(float.to_string().contains("would not be exact"), "{float}");
        let escape = Method::from_toml("name = \"\\u001b[31m\"\na = [[0]]\nb = [1]").unwrap_err();
        assert!(matches!(escape, MethodError::Label { key: "name", .. }));
        let missing = Method::from_toml("a = [[0]]").unwrap_err();
        assert!(missing.to_string().contains("missing field `b`"), "{missing}");
    }
}
