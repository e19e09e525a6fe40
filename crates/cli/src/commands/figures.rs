//! `shadowflow figures`: draw, check, keep what is still true.

use std::fs;
use std::path::Path;

use shadowflow_figures::{FIGURES, Figure, FigureError, Format, Outcome, Status, draw, find, write_preview};

use super::table;
use crate::args::FiguresArgs;
use crate::error::CliError;
use crate::terminal::{Bar, is_cancelled, print, say, stop_by_myself};

/// Width of previews, in pixels.
const PREVIEW_WIDTH: u32 = 600;

pub(crate) fn run(args: &FiguresArgs) -> Result<(), CliError> {
    let figures: Vec<&dyn Figure> = match &args.ids[..] {
        [] => FIGURES.to_vec(),
        ids => ids.iter().map(|id| find(id)).collect::<Result<_, _>>()?,
    };
    if args.list {
        let rows: Vec<_> = figures
            .iter()
            .map(|f| vec![f.id().to_owned(), f.title().to_owned(), f.source().to_owned()])
            .collect();
        return print(&table(&rows));
    }
    let formats = args.formats.iter().map(|name| name.trim().parse()).collect::<Result<Vec<Format>, _>>()?;

    stop_by_myself();
    if args.landscape.objective.is_some() {
        return landscape(args, &formats);
    }
    let mut bar = Bar::new(figures.len());
    let mut fell_short = Vec::new();
    let mut up_to_date = 0;
    let result = figures.iter().enumerate().try_for_each(|(done, &figure)| {
        if is_cancelled() {
            return Err(CliError::Interrupted);
        }
        bar.begin(done, figure.id());
        let outcome = draw(figure, &args.out, &formats, &bar)?;
        if let Some(folder) = &args.previews {
            preview(figure, &args.out, folder)?;
        }
        up_to_date += usize::from(outcome.status == Status::UpToDate);
        if outcome.failed().next().is_some() {
            fell_short.push(figure.id().to_owned());
        }
        bar.print(&summary(figure, &outcome, &args.out, &formats))
    });
    bar.finish();
    result?;
    if up_to_date == figures.len() {
        say(&format!(
            "nothing to do: {}",
            if up_to_date == 1 {
                "the figure is up to date".to_owned()
            } else {
                format!("all {up_to_date} figures are up to date")
            }
        ));
    }
    if fell_short.is_empty() { Ok(()) } else { Err(CliError::FiguresFellShort { figures: fell_short }) }
}

/// The one figure that takes an objective.
fn landscape(args: &FiguresArgs, formats: &[Format]) -> Result<(), CliError> {
    if args.ids != ["modified-landscape"] {
        return Err(CliError::ObjectiveOfFigure);
    }
    let mut bar = Bar::new(1);
    bar.begin(0, "modified-landscape");
    let result = super::landscape::run(args, formats, &bar, |figure, outcome| {
        bar.print(&summary(figure, outcome, &args.out, formats))?;
        match outcome.failed().next() {
            None => Ok(()),
            Some(_) => Err(CliError::FiguresFellShort { figures: vec![figure.id().to_owned()] }),
        }
    });
    bar.finish();
    result
}

fn preview(figure: &dyn Figure, pictures: &Path, folder: &Path) -> Result<(), CliError> {
    fs::create_dir_all(folder)
        .map_err(|source| FigureError::Unwritable { path: folder.to_owned(), source })?;
    let file = |folder: &Path, extension: &str| folder.join(format!("{}.{extension}", figure.id()));
    Ok(write_preview(&file(pictures, "svg"), &file(folder, "png"), PREVIEW_WIDTH)?)
}

/// One line for each figure, and one for each check that failed.
fn summary(figure: &dyn Figure, outcome: &Outcome, folder: &Path, formats: &[Format]) -> String {
    let done = match outcome.status {
        Status::UpToDate => "up to date",
        Status::Converted => "converted",
        Status::Drawn => "drawn",
    };
    let passed = outcome.checks.iter().filter(|check| check.passed).count();
    let extensions: Vec<_> = formats.iter().map(|format| format.extension()).collect();
    let endings =
        if let [one] = &extensions[..] { (*one).to_owned() } else { format!("{{{}}}", extensions.join(",")) };
    let files = folder.join(format!("{}.{endings}", figure.id()));
    let mut text = format!(
        "{:20} {done:10} {passed} of {} checks passed  {}\n",
        figure.id(),
        outcome.checks.len(),
        files.display()
    );
    for check in outcome.failed() {
        let measured = check.measured.map_or("not a number".to_owned(), |x| format!("{x}"));
        text.push_str(&format!("  failed: {}: {measured}, expected {:?}\n", check.name, check.expected));
    }
    text
}
