//! The entries of a tableau, ready for arithmetic modulo primes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};
use shadowflow_methods::{Exact, NumberField, Rational, Tableau};

use crate::place::Place;

/// A and b, their field and their common denominator.
pub(crate) struct Entries {
    rows: Vec<Vec<Exact>>,
    b: Vec<Exact>,
    field: Option<NumberField>,
    denominator: UBig,
    found: Mutex<Found>,
}

/// The residues found so far, and where to look for more.
struct Found {
    residues: Vec<Arc<Residues>>,
    places: Box<dyn Iterator<Item = Place> + Send>,
}

/// A and b modulo a prime, one residue for each root of the minimal polynomial.
#[derive(Clone, Debug)]
pub(crate) struct Residues {
    pub(crate) place: Place,
    rows: Vec<Vec<Vec<u64>>>,
    b: Vec<Vec<u64>>,
}

impl Entries {
    pub(crate) fn of(tableau: &Tableau) -> Entries {
        let rows: Vec<Vec<Exact>> = (0..tableau.stages()).map(|i| tableau.row(i).to_vec()).collect();
        let field = tableau.field().cloned();
        // ℚ itself is the field of the root of x.
        let minimal_polynomial = match &field {
            None => vec![IBig::ZERO, IBig::ONE],
            Some(field) => field.minimal_polynomial().to_vec(),
        };
        let places = Box::new(Place::all(minimal_polynomial));
        let found = Mutex::new(Found { residues: Vec::new(), places });
        let denominator = tableau.denominator();
        Entries { rows, b: tableau.b().to_vec(), field, denominator, found }
    }

    pub(crate) fn stages(&self) -> usize {
        self.b.len()
    }

    /// The degree of their field.
    pub(crate) fn degree(&self) -> usize {
        self.field.as_ref().map_or(1, NumberField::degree)
    }

    /// The least D for which all coordinates of D·A and D·b are integers.
    pub(crate) fn denominator(&self) -> &UBig {
        &self.denominator
    }

    /// The entries modulo one prime after the other, but for primes that divide a denominator. Each is found once. `None` when
    /// no more primes are at hand: there are thousands for rational numbers, but few that split the polynomial of a large field.
    pub(crate) fn residues(&self, index: usize) -> Option<Arc<Residues>> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        while found.residues.len() <= index {
            let next = found.places.by_ref().find_map(|place| self.modulo(place))?;
            found.residues.push(Arc::new(next));
        }
        found.residues.get(index).cloned()
    }

    /// Whether there are primes for numbers over this denominator, with some to spare for long ones.
    pub(crate) fn cover(&self, denominator: &UBig) -> bool {
        const SPARE: usize = 4;
        let needed = Entries::expected_primes(denominator);
        // Rational numbers have thousands; others are looked at.
        (self.field.is_none() && needed < 1000) || self.residues(needed + SPARE).is_some()
    }

    /// `None` if the prime divides a denominator.
    fn modulo(&self, place: Place) -> Option<Residues> {
        let residues = |row: &Vec<Exact>| row.iter().map(|x| place.residues(x)).collect::<Option<Vec<_>>>();
        let rows = self.rows.iter().map(residues).collect::<Option<Vec<_>>>()?;
        Some(Residues { b: residues(&self.b)?, rows, place })
    }

    /// How many primes numbers of about size 1 over this denominator are expected to take, the confirming one included.
    pub(crate) fn expected_primes(denominator: &UBig) -> usize {
        denominator.bit_len().div_ceil(60) + 1
    }

    /// The number with these coordinates.
    pub(crate) fn exact(&self, coordinates: Vec<Rational>) -> Exact {
        match &self.field {
            Some(field) => Exact::in_field(field, coordinates),
            None => coordinates.into_iter().next().unwrap_or(Rational::ZERO).into(),
        }
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").field("rows", &self.rows).field("b", &self.b).finish_non_exhaustive()
    }
}

impl Residues {
    /// A and b at one root.
    pub(crate) fn at(&self, root: usize) -> (Vec<Vec<u64>>, Vec<u64>) {
        let row = |row: &Vec<Vec<u64>>| row.iter().map(|x| x[root]).collect::<Vec<_>>();
        (self.rows.iter().map(row).collect(), row(&self.b))
    }
}
