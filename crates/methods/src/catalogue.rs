//! The catalogue: methods by name, each with its citation.
//!
//! A method is one entry of data in [`explicit`] or [`implicit`], a member of a collocation family in [`collocation`],
//! or an instance of a parametrised family in [`families`]. Names are lower case with hyphens, `rk4`, `radau-iia-5`;
//! families take parameters, `rk2(c2=1/3)`, `rkc(s=10,damping=0.05)`.

mod collocation;
mod explicit;
mod families;
mod implicit;
mod parametric;

use std::fmt;

use crate::error::{MethodError, TableauError};
use crate::exact::Exact;
use crate::names::nearest;
use crate::tableau::Tableau;

pub use families::{FAMILIES, Family, Parameter};
pub use parametric::ParametricMethod;

/// Where a method was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Family names of the authors.
    pub authors: &'static str,
    /// The year.
    pub year: u16,
    /// Where to find it in the work, or the work itself.
    pub place: &'static str,
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}), {}", self.authors, self.year, self.place)
    }
}

const fn cite(authors: &'static str, year: u16, place: &'static str) -> Citation {
    Citation { authors, year, place }
}

/// A named method: a tableau with a title and, for those of the catalogue, its source.
///
/// ```
/// use shadowflow_methods::Method;
/// let heun = Method::named("heun")?;
/// assert_eq!(heun.tableau().order(), 2);
/// let special = Method::named("rk2(c2=1/3)")?;
/// assert_eq!(special.tableau().b()[1].to_string(), "3/2");
/// # Ok::<(), shadowflow_methods::MethodError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Method {
    name: String,
    title: String,
    citation: Option<Citation>,
    published_order: Option<u32>,
    tableau: Tableau,
}

impl Method {
    /// The method of the catalogue with this name; case, `_` for `-`, and common other names are accepted.
    ///
    /// # Errors
    /// If there is no such method (with the nearest names), or parameters are unknown, missing or out of range.
    pub fn named(name: &str) -> Result<Method, MethodError> {
        let (base, arguments) = families::split(name)?;
        // `rk4` is a method, and with parameters a family.
        let named = fixed(&base);
        if let Some(family) = FAMILIES.iter().find(|family| family.name == base)
            && (named.is_none() || !arguments.is_empty())
        {
            return family.instance(&arguments);
        }
        let Some(method) = named else {
            return Err(MethodError::Unknown {
                name: name.trim().chars().take(80).collect(),
                nearest: nearest(&base, known_names()),
            });
        };
        match arguments.first() {
            None => Ok(method),
            Some((parameter, _)) => Err(MethodError::UnknownParameter {
                method: base,
                parameter: parameter.clone(),
                accepted: Vec::new(),
            }),
        }
    }

    /// Every method of the catalogue that needs no parameter, in the order of the catalogue.
    pub fn all() -> Vec<Method> {
        let entries = explicit::ENTRIES.iter().chain(implicit::ENTRIES).map(Entry::method);
        entries.chain(collocation::MEMBERS.iter().map(collocation::Member::method)).collect()
    }

    /// A method of the catalogue.
    fn published(name: &str, title: &str, citation: Citation, order: u32, tableau: Tableau) -> Method {
        Method {
            citation: Some(citation),
            published_order: Some(order),
            ..Method::custom(name, title, tableau)
        }
    }

    /// A method of one's own.
    pub fn custom(name: impl Into<String>, title: impl Into<String>, tableau: Tableau) -> Method {
        Method { name: name.into(), title: title.into(), citation: None, published_order: None, tableau }
    }

    /// The name under which it is found, such as `rk4`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is called in print.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its source, for methods of the catalogue.
    pub fn citation(&self) -> Option<Citation> {
        self.citation
    }

    /// The order its source states, to be compared with [`Tableau::order`], which is computed.
    pub fn published_order(&self) -> Option<u32> {
        self.published_order
    }

    /// Its coefficients.
    pub fn tableau(&self) -> &Tableau {
        &self.tableau
    }
}

/// One method as a line of data. Rows of A are separated by `;`, entries by spaces; zeros at the end of a row are left out.
struct Entry {
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    citation: Citation,
    order: u32,
    a: &'static str,
    b: &'static str,
    embedded: &'static str,
}

impl Entry {
    fn method(&self) -> Method {
        let tableau = self.tableau().expect("every entry of the catalogue is built by a test");
        Method::published(self.name, self.title, self.citation, self.order, tableau)
    }

    fn tableau(&self) -> Result<Tableau, TableauError> {
        let numbers = |text: &str| -> Vec<Exact> {
            text.split_whitespace()
                .map(|entry| entry.parse().expect("every entry of the catalogue is parsed by a test"))
                .collect()
        };
        let mut rows: Vec<Vec<Exact>> = self.a.split(';').map(numbers).collect();
        let stages = rows.len();
        for row in &mut rows {
            row.resize(stages.max(row.len()), Exact::ZERO);
        }
        let tableau = Tableau::new(rows, numbers(self.b))?;
        match self.embedded {
            "" => Ok(tableau),
            weights => tableau.with_embedded(numbers(weights)),
        }
    }
}

fn fixed(name: &str) -> Option<Method> {
    let entries = explicit::ENTRIES.iter().chain(implicit::ENTRIES);
    entries
        .clone()
        .find(|entry| entry.name == name || entry.aliases.contains(&name))
        .map(Entry::method)
        .or_else(|| {
            collocation::MEMBERS.iter().find(|member| member.name == name).map(collocation::Member::method)
        })
}

fn is_known(name: &str) -> bool {
    known_names().any(|known| known == name)
}

/// Every name and alias.
fn known_names() -> impl Iterator<Item = &'static str> {
    let entries = explicit::ENTRIES.iter().chain(implicit::ENTRIES);
    entries
        .flat_map(|entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied()))
        .chain(collocation::MEMBERS.iter().map(|member| member.name))
        .chain(FAMILIES.iter().map(|family| family.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_exactly_its_published_order() {
        for method in Method::all() {
            assert_eq!(Some(method.tableau().order()), method.published_order, "{}", method.name());
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        let is_also_a_family = |name: &str| FAMILIES.iter().any(|f| f.name == name) && fixed(name).is_some();
        let mut names: Vec<_> = known_names().filter(|name| !is_also_a_family(name)).collect();
        for name in &names {
            assert!(Method::named(name).is_ok() || FAMILIES.iter().any(|f| f.name == *name), "{name}");
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn embedded_weights_have_a_neighbouring_order() {
        for method in Method::all() {
            let tableau = method.tableau();
            let Some(weights) = tableau.embedded() else { continue };
            let rows = (0..tableau.stages()).map(|i| tableau.row(i).to_vec()).collect();
            let embedded = Tableau::new(rows, weights.to_vec()).unwrap();
            assert_eq!(embedded.order().abs_diff(tableau.order()), 1, "{}", method.name());
        }
    }

    #[test]
    fn unknown_names_meet_suggestions() {
        let nearest = |name: &str| match Method::named(name).unwrap_err() {
            MethodError::Unknown { nearest, .. } => nearest,
            other => panic!("{other}"),
        };
        assert_eq!(nearest("eular")[0], "euler");
        assert!(nearest("radau-iia-7").contains(&"radau-iia-5".to_owned()));
        assert!(matches!(Method::named("heun(c2=1)"), Err(MethodError::UnknownParameter { .. })));
        assert!(matches!(Method::named(""), Err(MethodError::BadName { .. })));
        assert!(matches!(Method::named("rk2(c2"), Err(MethodError::BadName { .. })));
    }
}
