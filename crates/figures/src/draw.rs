//! From a figure to files: what is still true is kept, the rest is made anew and checked, and nothing is left half done.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::canvas::export;
use crate::data;
use crate::error::{DrawError, FigureError};
use crate::figure::{Check, Drawing, Figure, Format, Progress};
use crate::provenance::{FileRecord, Sidecar, fingerprint};

/// Resolution of PNG pictures, in dots per inch.
const DPI: f32 = 300.0;

/// What [`draw`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything was there and still true; nothing was computed.
    UpToDate,
    /// The data and the picture were there and still true; missing formats were made from the picture.
    Converted,
    /// The figure was computed, checked and drawn.
    Drawn,
}

/// What came of drawing a figure.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was done.
    pub status: Status,
    /// All files of the figure, data first, the sidecar last.
    pub files: Vec<PathBuf>,
    /// What the picture claims, measured. A picture with a failed check carries a notice across it.
    pub checks: Vec<Check>,
}

impl Outcome {
    /// The claims that turned out false.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}

/// Makes the files of a figure in `folder`: pictures in the given formats, data, and the sidecar `<id>.json`.
///
/// Nothing is recomputed while the sidecar's fingerprint (parameters, version, program code) matches and the files are
/// as they were written. When something is, every format made earlier is made again, so that no stale picture stands
/// beside new data. Files are written under a temporary name and renamed, the sidecar last.
///
/// # Errors
/// Those of [`Figure::make`], and [`FigureError::Unwritable`], [`FigureError::DiskFull`] or [`FigureError::Io`] for the
/// folder. A failed check is not an error: see [`Outcome::failed`].
pub fn draw(
    figure: &dyn Figure,
    folder: &Path,
    formats: &[Format],
    progress: &dyn Progress,
) -> Result<Outcome, FigureError> {
    fs::create_dir_all(folder).map_err(|error| FigureError::io(folder, error))?;
    let fingerprint = fingerprint(figure);
    let previous = Sidecar::read(folder, figure.id());
    if let Some(sidecar) =
        previous.as_ref().filter(|sidecar| is_still_true(sidecar, folder, fingerprint.as_ref()))
        && let Some(outcome) = reuse(sidecar, folder, formats, progress)?
    {
        progress.advance(1.0);
        return Ok(outcome);
    }

    progress.checkpoint(0.0)?;
    let Drawing { data, checks, page } = figure.make(progress)?;
    progress.checkpoint(1.0)?;
    let svg = match checks.iter().filter(|check| !check.passed).count() {
        0 => page.finish()?,
        1 => page.finish_with_notice("not to be trusted: a check of this figure failed")?,
        n => page.finish_with_notice(&format!("not to be trusted: {n} checks of this figure failed"))?,
    };

    let mut contents: Vec<(String, Vec<u8>)> = Vec::new();
    if let Some(table) = &data.table {
        contents.push((format!("{}.csv", figure.id()), table.csv().as_bytes().to_vec()));
    }
    if !data.fields.is_empty() {
        contents.push((format!("{}.npz", figure.id()), data::npz(&data.fields)?));
    }
    let made_before =
        |format: &Format| folder.join(file_name(figure.id(), *format)).exists() && previous.is_some();
    for format in Format::ALL.into_iter().filter(|format| formats.contains(format) || made_before(format)) {
        contents.push((file_name(figure.id(), format), encode(&svg, format)?));
        progress.checkpoint(1.0)?;
    }
    let sidecar = Sidecar {
        id: figure.id().to_owned(),
        title: figure.title().to_owned(),
        source: figure.source().to_owned(),
        parameters: figure.parameters(),
        seed: figure.seed(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        fingerprint: fingerprint.unwrap_or_default(),
        checks,
        files: contents.iter().map(|(name, bytes)| FileRecord::new(name.clone(), bytes)).collect(),
    };
    write_all(folder, &contents, &sidecar)?;
    Ok(outcome(Status::Drawn, folder, sidecar))
}

/// Whether a sidecar describes what this program would make now: a failed check never counts as known.
fn is_still_true(sidecar: &Sidecar, folder: &Path, fingerprint: Option<&String>) -> bool {
    let is_picture =
        |file: &FileRecord| Format::ALL.iter().any(|format| file.name == file_name(&sidecar.id, *format));
    fingerprint == Some(&sidecar.fingerprint)
        && sidecar.checks.iter().all(|check| check.passed)
        && sidecar.files.iter().filter(|file| !is_picture(file)).all(|file| file.is_intact(folder))
}

/// Uses the files of a true sidecar, making missing formats from the SVG. `None` when there is no SVG to make them from.
fn reuse(
    sidecar: &Sidecar,
    folder: &Path,
    formats: &[Format],
    progress: &dyn Progress,
) -> Result<Option<Outcome>, FigureError> {
    let is_intact = |format: Format| {
        let name = file_name(&sidecar.id, format);
        sidecar.files.iter().any(|file| file.name == name && file.is_intact(folder))
    };
    // A picture made earlier and damaged since is mended even if it is not asked for; one that was deleted is not.
    let is_wanted = |format: &Format| {
        formats.contains(format) || {
            let name = file_name(&sidecar.id, *format);
            folder.join(&name).exists() && sidecar.files.iter().any(|file| file.name == name)
        }
    };
    let missing: Vec<Format> =
        Format::ALL.into_iter().filter(|format| is_wanted(format) && !is_intact(*format)).collect();
    if missing.is_empty() {
        return Ok(Some(outcome(Status::UpToDate, folder, sidecar.clone())));
    }
    if !is_intact(Format::Svg) {
        return Ok(None);
    }
    let path = folder.join(file_name(&sidecar.id, Format::Svg));
    let svg = fs::read_to_string(&path).map_err(|error| FigureError::io(&path, error))?;
    let mut contents = Vec::new();
    let mut updated = sidecar.clone();
    for format in missing {
        progress.checkpoint(0.5)?;
        let (name, bytes) = (file_name(&sidecar.id, format), encode(&svg, format)?);
        updated.files.retain(|file| file.name != name);
        updated.files.push(FileRecord::new(name.clone(), &bytes));
        contents.push((name, bytes));
    }
    write_all(folder, &contents, &updated)?;
    Ok(Some(outcome(Status::Converted, folder, updated)))
}

fn outcome(status: Status, folder: &Path, sidecar: Sidecar) -> Outcome {
    let names = sidecar.files.into_iter().map(|file| file.name);
    let files = names.map(|name| folder.join(name)).filter(|path| path.exists());
    let record = folder.join(format!("{}.json", sidecar.id));
    Outcome { status, files: files.chain([record]).collect(), checks: sidecar.checks }
}

fn file_name(id: &str, format: Format) -> String {
    format!("{id}.{}", format.extension())
}

fn encode(svg: &str, format: Format) -> Result<Vec<u8>, DrawError> {
    Ok(match format {
        Format::Svg => svg.as_bytes().to_vec(),
        Format::Pdf => export::pdf(svg)?,
        Format::Png => export::png(svg, DPI)?,
    })
}

fn write_all(folder: &Path, contents: &[(String, Vec<u8>)], sidecar: &Sidecar) -> Result<(), FigureError> {
    let record = sidecar.to_json()?;
    for (name, bytes) in contents {
        write_whole(&folder.join(name), bytes)?;
    }
    // Last: until it is there, the hashes of the old one tell that the files are not its own.
    write_whole(&folder.join(format!("{}.json", sidecar.id)), &record)
}

/// Writes a file under a temporary name and renames it, so that nobody ever sees half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FigureError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // Whatever is left of the temporary file is of no use; that removing it fails too would be no news.
        let _ = fs::remove_file(&temporary);
        FigureError::io(path, error)
    })
}

/// Makes a figure and writes one file of it, in the format that the name ends in: svg, pdf or png for the picture, npz for
/// fields or, without any, the columns of the table, csv for tables. It is written under a temporary name and renamed.
///
/// # Errors
/// Those of [`Figure::make`]; [`FigureError::UnknownEnding`] for another ending, or [`FigureError::UnknownFormat`] for data that the figure does not have, and
/// as [`draw`] for the file.
pub fn write_file(
    figure: &dyn Figure,
    file: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Check>, FigureError> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let unknown = || FigureError::UnknownFormat { name: ending.clone() };
    // Before any work is done.
    let picture = match ending.as_str() {
        "npz" | "csv" => None,
        other => {
            Some(other.parse::<Format>().map_err(|_| FigureError::UnknownEnding { file: file.to_owned() })?)
        }
    };
    let Drawing { data, checks, page } = figure.make(progress)?;
    let bytes = match (picture, ending.as_str()) {
        (Some(format), _) => encode(&page.finish()?, format)?,
        (None, "npz") if !data.fields.is_empty() => data::npz(&data.fields)?,
        (None, "npz") => data.table.as_ref().ok_or_else(unknown)?.npz()?,
        (None, "csv") => data.table.as_ref().ok_or_else(unknown)?.csv().as_bytes().to_vec(),
        _ => return Err(unknown()),
    };
    write_whole(file, &bytes)?;
    Ok(checks)
}

/// Writes a small PNG, `width` pixels wide, of a picture drawn earlier as SVG.
///
/// # Errors
/// When the picture cannot be read or the preview not written.
pub fn write_preview(svg: &Path, png: &Path, width: u32) -> Result<(), FigureError> {
    let text = fs::read_to_string(svg).map_err(|error| FigureError::io(svg, error))?;
    write_whole(png, &export::preview(&text, width).map_err(DrawError::from)?)
}
