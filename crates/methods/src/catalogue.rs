//! The catalogue: methods by name, each with its citation.
//!
//! A method is one [`entry`] of data (in [`explicit`], [`embedded`], [`stability_preserving`], [`implicit`], [`additive`]),
//! a member of a collocation family in [`collocation`], or an instance of a parametrised family in [`families`]. Names are lower case with hyphens, `rk4`, `radau-iia-5`;
//! families take parameters, `rk2(c2=1/3)`, `rkc(s=10,damping=0.05)`.

mod additive;
mod collocation;
mod embedded;
mod entry;
mod explicit;
mod families;
mod implicit;
mod parametric;
mod sequences;
mod stabilised;
mod stability_preserving;

use std::fmt;

use crate::error::MethodError;
use crate::names::nearest;
use crate::tableau::Tableau;

use entry::Entry;
pub(crate) use entry::{definitions, number};
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

/// Where methods are described that `shadowflow search` found.
const FOUND_HERE: &str = "found by this project, docs/gradient-order.md";

pub(crate) const fn cite(authors: &'static str, year: u16, place: &'static str) -> Citation {
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

    /// Every method of the catalogue that needs no parameter, in the order of the catalogue. Some are known only to a
    /// number of digits ([`Tableau::digits`]).
    pub fn all() -> Vec<Method> {
        entries()
            .map(Entry::method)
            .chain(collocation::MEMBERS.iter().map(collocation::Member::method))
            .collect()
    }

    /// Those of [`Method::all`] whose coefficients are known exactly, not only to a number of digits.
    pub fn exact() -> Vec<Method> {
        Method::all().into_iter().filter(|method| method.tableau().digits().is_none()).collect()
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

/// Every method given by its entries.
fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        explicit::ENTRIES,
        stability_preserving::ENTRIES,
        embedded::ENTRIES,
        implicit::ENTRIES,
        additive::ENTRIES,
    ]
    .into_iter()
    .flatten()
}

fn fixed(name: &str) -> Option<Method> {
    let called = |own: &str, aliases: &[&str]| own == name || aliases.contains(&name);
    let entry = entries().find(|entry| called(entry.name, entry.aliases)).map(Entry::method);
    let member = || collocation::MEMBERS.iter().find(|member| called(member.name, member.aliases));
    entry.or_else(|| member().map(collocation::Member::method))
}

fn is_known(name: &str) -> bool {
    known_names().any(|known| known == name)
}

/// Every name and alias.
fn known_names() -> impl Iterator<Item = &'static str> {
    let entries = entries().map(|entry| (entry.name, entry.aliases));
    let members = collocation::MEMBERS.iter().map(|member| (member.name, member.aliases));
    let fixed = entries
        .chain(members)
        .flat_map(|(name, aliases)| std::iter::once(name).chain(aliases.iter().copied()));
    fixed.chain(FAMILIES.iter().map(|family| family.name))
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
    fn every_entry_prints_and_parses_back() {
        for method in Method::all() {
            let coefficients = method.tableau().coefficients();
            for entry in coefficients.a.iter().flatten().chain(&coefficients.b) {
                assert_eq!(entry.to_string().parse().as_ref(), Ok(entry), "{}", method.name());
            }
        }
    }

    #[test]
    fn the_catalogue_is_large() {
        assert!(Method::all().len() >= 90);
    }

    #[test]
    fn every_method_of_nodepy_has_its_counterpart() {
        // The names of nodepy's loadRKM (Ketcheson et al. 2020) and the orders it documents.
        for (name, order) in [
            ("FE", 1),
            ("BE", 1),
            ("SSP22", 2),
            ("Heun22", 2),
            ("MTE22", 2),
            ("Mid22", 2),
            ("SSP22star", 2),
            ("NSSP32", 2),
            ("NSSP33", 3),
            ("SSP33", 3),
            ("SSP43", 3),
            ("SSP53", 3),
            ("SSP63", 3),
            ("Heun33", 3),
            ("BS3", 3),
            ("SS3", 3),
            ("RK44", 4),
            ("SSP54", 4),
            ("SSP104", 4),
            ("Merson43", 4),
            ("Soderlind43", 4),
            ("Söderlind43", 4),
            ("Zonneveld43", 4),
            ("Fehlberg43", 4),
            ("Fehlberg45", 4),
            ("NystrL5", 5),
            ("BuRK65", 5),
            ("Lambert65", 5),
            ("CK5", 5),
            ("DP5", 5),
            ("HH5", 5),
            ("HH5S", 5),
            ("BS5", 5),
            ("Tsit5", 5),
            ("SSP75", 5),
            ("SSP85", 5),
            ("SSP95", 5),
            ("CMR6", 6),
            ("PD8", 8),
            ("SDIRK23", 3),
            ("SDIRK34", 4),
            ("SDIRK54", 4),
            ("tr-bdf2-half", 2),
            ("GL2", 4),
            ("GL3", 6),
            ("LobattoIIIA2", 2),
            ("LobattoIIIA3", 4),
            ("LobattoIIIC2", 2),
            ("LobattoIIIC3", 4),
            ("LobattoIIIC4", 6),
            ("RadauIIA2", 3),
            ("RadauIIA3", 5),
        ] {
            // Its Fehlberg45 steps with the fifth-order weights, which are the embedded ones here; its TR-BDF2 is the half split.
            assert_eq!(Method::named(name).unwrap().tableau().order(), order, "{name}");
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
            let embedded = tableau.embedded_tableau().unwrap();
            assert_eq!(embedded.b(), weights);
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
        assert!(nearest("radau-iia-9").contains(&"radau-iia-7".to_owned()));
        assert!(matches!(Method::named("heun(c2=1)"), Err(MethodError::UnknownParameter { .. })));
        assert!(matches!(Method::named(""), Err(MethodError::BadName { .. })));
        assert!(matches!(Method::named("rk2(c2"), Err(MethodError::BadName { .. })));
    }
}
