//! What is kept of an interrupted basin, beside the file that was asked for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow_numerics::{Attractor, Basins, Label};

use super::{decoded, encoded};
use crate::error::CliError;
use crate::terminal::say;

/// The first word of such a file; 16 hexadecimal digits, the checksum of all that follows their line, come after it.
const MAGIC: &[u8] = b"shadowflow-basin-part ";

/// Digits of a checksum.
const DIGITS: usize = 16;

/// A file of finished rows, and the question they belong to.
pub(super) struct Part {
    pub(super) file: PathBuf,
    key: Value,
}

impl Part {
    pub(super) fn of(out: &Path, key: Value) -> Part {
        let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Part { file: out.with_file_name(format!(".{name}.part")), key }
    }

    /// What was kept, if it belongs to the same question. What belongs to another one is said to be left out; what is damaged or from
    /// elsewhere is refused, and left where it is.
    pub(super) fn read(&self) -> Result<Option<Basins>, CliError> {
        let bytes = match fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CliError::Unreadable { path: self.file.clone(), source }),
        };
        let (key, basins) =
            parsed(&bytes).ok_or_else(|| CliError::DamagedPart { path: self.file.clone() })?;
        if key != self.key {
            say(&format!(
                "shadowflow: {} keeps rows of another question, which are of no use here; all are computed",
                self.file.display()
            ));
            return Ok(None);
        }
        Ok(Some(basins))
    }

    /// Under a temporary name first, so that there is never half of it.
    pub(super) fn write(&self, basins: &Basins) -> Result<(), CliError> {
        let mut temporary = self.file.clone().into_os_string();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let written = fs::write(&temporary, written(&self.key, basins))
            .and_then(|()| fs::rename(&temporary, &self.file));
        written.map_err(|source| {
            // Whatever is left of it is of no use.
            let _ = fs::remove_file(&temporary);
            CliError::Unwritable { path: self.file.clone(), source }
        })
    }

    /// Nothing is lost if it cannot be removed.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// A line of JSON, a byte for every label and four for every number, all of it under a checksum. Numbers of attractors are kept as their
/// bits: they come back as they were.
fn written(key: &Value, basins: &Basins) -> Vec<u8> {
    let bits = |x: f64| x.to_bits();
    let attractors: Vec<Value> = basins
        .attractors()
        .iter()
        .map(|one| {
            let points: Vec<Vec<u64>> =
                one.points().iter().map(|point| point.iter().copied().map(bits).collect()).collect();
            let multipliers: Vec<[u64; 2]> =
                one.multipliers().iter().map(|m| [bits(m.re), bits(m.im)]).collect();
            json!({ "period": one.period(), "points": points, "multipliers": multipliers })
        })
        .collect();
    let head = json!({ "question": key, "starts": basins.labels().len(), "attractors": attractors });
    let mut body = head.to_string().into_bytes();
    body.push(b'\n');
    body.extend(basins.labels().iter().map(|&label| encoded(label)));
    body.extend(basins.numbers().iter().flat_map(|number| number.to_le_bytes()));
    let mut bytes = MAGIC.to_vec();
    bytes.extend(format!("{:016x}\n", checksum(&body)).into_bytes());
    bytes.extend(body);
    bytes
}

/// The question and what was kept; `None` if a byte is not as it was written.
fn parsed(bytes: &[u8]) -> Option<(Value, Basins)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (sum, body) = (rest.get(..DIGITS)?, rest.get(DIGITS..)?.strip_prefix(b"\n")?);
    if u64::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()? != checksum(body) {
        return None;
    }
    let end = body.iter().position(|&byte| byte == b'\n')?;
    let (head, data) = (serde_json::from_slice::<Value>(&body[..end]).ok()?, &body[end + 1..]);
    let starts = usize::try_from(head["starts"].as_u64()?).ok()?;
    if data.len() != starts.checked_mul(5)? {
        return None;
    }
    let (labels, numbers) = data.split_at(starts);
    let labels: Vec<Label> = labels.iter().map(|&byte| decoded(byte)).collect();
    let numbers: Vec<u32> = numbers
        .chunks_exact(4)
        .map(|bytes| bytes.try_into().map(u32::from_le_bytes))
        .collect::<Result<_, _>>()
        .ok()?;
    let attractors = head["attractors"].as_array()?.iter().map(attractor).collect::<Option<Vec<_>>>()?;
    Some((head["question"].clone(), Basins::new(labels, numbers, attractors).ok()?))
}

fn attractor(stored: &Value) -> Option<Attractor> {
    let numbers = |value: &Value| -> Option<Vec<f64>> {
        value.as_array()?.iter().map(|bits| bits.as_u64().map(f64::from_bits)).collect()
    };
    let points = stored["points"].as_array()?.iter().map(numbers).collect::<Option<Vec<_>>>()?;
    if points.is_empty() {
        return Attractor::on_curves(usize::try_from(stored["period"].as_u64()?).ok()?).ok();
    }
    let multipliers = stored["multipliers"].as_array()?.iter().map(|pair| match numbers(pair)?[..] {
        [re, im] => Some(Complex64::new(re, im)),
        _ => None,
    });
    Attractor::new(points, multipliers.collect::<Option<Vec<_>>>()?).ok()
}

/// The hash FNV-1a of Fowler, Noll and Vo, in 64 bits: against accidents, not against forgers.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failed unwrap is a failed test
mod tests {
    use super::*;

    fn kept() -> (Value, Basins) {
        let one =
            Attractor::new(vec![vec![0.1, -3.0], vec![0.7, 1e-300]], vec![Complex64::new(0.3, -0.2); 2]);
        let attractors = vec![Attractor::on_curves(1).unwrap(), one.unwrap()];
        let labels = vec![Label::Period(1), Label::Diverged, Label::Period(2), Label::Undecided];
        (json!({ "h": 0.1 }), Basins::new(labels, vec![1, 0, 2, 0], attractors).unwrap())
    }

    #[test]
    fn what_is_written_comes_back() {
        let (key, basins) = kept();
        assert_eq!(parsed(&written(&key, &basins)), Some((key, basins)));
        // The published value of the empty text, and of "a".
        assert_eq!((checksum(b""), checksum(b"a")), (0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c));
    }

    #[test]
    fn no_byte_can_change_unnoticed() {
        let (key, basins) = kept();
        let bytes = written(&key, &basins);
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert_eq!(parsed(&damaged), None, "{place}");
            assert_eq!(parsed(&bytes[..place]), None, "{place}");
        }
    }
}
