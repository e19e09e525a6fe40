//! Where a picture comes from: the sidecar beside it, and the fingerprint that tells whether it is still true.

use std::hash::Hasher;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::FigureError;
use crate::figure::{Check, Figure};

/// The record beside a picture, `<id>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// The figure.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Whom it follows.
    pub source: String,
    /// Every number that determines it.
    pub parameters: serde_json::Value,
    /// The seed of its random numbers, if any.
    pub seed: Option<u64>,
    /// The version of this crate that made it.
    pub version: String,
    /// Hash of everything above and of the program's own code.
    pub fingerprint: String,
    /// What the picture claims, measured.
    pub checks: Vec<Check>,
    /// The files that belong to it, data first.
    pub files: Vec<FileRecord>,
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its name in the folder of the sidecar.
    pub name: String,
    /// FNV-1a hash of its bytes in hexadecimal, which shows a file edited or cut short since.
    pub fnv1a64: String,
}

impl FileRecord {
    /// Records a file with these bytes.
    pub(crate) fn new(name: String, bytes: &[u8]) -> FileRecord {
        FileRecord { name, fnv1a64: hexadecimal(fnv1a(bytes)) }
    }

    /// Whether the file is there as it was written.
    pub(crate) fn is_intact(&self, folder: &Path) -> bool {
        std::fs::read(folder.join(&self.name)).is_ok_and(|bytes| hexadecimal(fnv1a(&bytes)) == self.fnv1a64)
    }
}

impl Sidecar {
    /// The sidecar in a folder, or `None` when it is missing or not ours.
    pub(crate) fn read(folder: &Path, id: &str) -> Option<Sidecar> {
        let text = std::fs::read(folder.join(format!("{id}.json"))).ok()?;
        serde_json::from_slice(&text).ok().filter(|sidecar: &Sidecar| sidecar.id == id)
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, FigureError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| FigureError::Encoding { format: "JSON", reason: error.to_string() })?;
        text.push(b'\n');
        Ok(text)
    }
}

/// The fingerprint of a figure as this program would draw it, or `None` when the program cannot read its own code.
///
/// Besides id, parameters, seed and version it covers the bytes of the running executable: any change of the code that
/// computes or draws, down to a dependency, changes those, and nothing else has to be kept in step by hand.
pub(crate) fn fingerprint(figure: &dyn Figure) -> Option<String> {
    static CODE: OnceLock<Option<u64>> = OnceLock::new();
    let code = CODE.get_or_init(|| {
        let executable = std::env::current_exe().ok()?;
        std::fs::read(executable).ok().map(|bytes| fnv1a(&bytes))
    });
    let mut hash = Fnv1a::default();
    hash.write_u64((*code)?);
    let parameters = figure.parameters().to_string();
    for part in [figure.id(), figure.title(), figure.source(), &parameters, env!("CARGO_PKG_VERSION")] {
        hash.write(part.as_bytes());
        // A separator, so that moving a character from one part to the next changes the hash.
        hash.write(&[0]);
    }
    hash.write(format!("{:?}", figure.seed()).as_bytes());
    Some(hexadecimal(hash.finish()))
}

fn hexadecimal(hash: u64) -> String {
    format!("{hash:016x}")
}

fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = Fnv1a::default();
    hash.write(bytes);
    hash.finish()
}

/// The 64-bit FNV-1a hash (Fowler, Noll & Vo 1991). The standard library's hasher may change from one release to the
/// next, and nobody attacks a cache of pictures.
struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Fnv1a {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv1a {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        // Test vectors published with the hash (draft-eastlake-fnv, appendix C).
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
