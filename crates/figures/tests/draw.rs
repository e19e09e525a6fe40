//! Drawing to files: what is kept, what is made again, what never happens.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;
use shadowflow_figures::axis::Axis;
use shadowflow_figures::data::{Data, Table};
use shadowflow_figures::grid::Grid;
use shadowflow_figures::page::{Margins, Page};
use shadowflow_figures::style::{BLUE, Stroke, VERMILION};
use shadowflow_figures::{
    Check, Drawing, Figure, FigureError, Format, Progress, Silent, Status, draw, write_preview,
};

/// A parabola that counts how often it is computed.
struct Parabola {
    scale: f64,
    claim: f64,
    made: AtomicUsize,
}

impl Parabola {
    fn new(scale: f64) -> Parabola {
        Parabola { scale, claim: scale, made: AtomicUsize::new(0) }
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

impl Figure for Parabola {
    fn id(&self) -> &'static str {
        "parabola"
    }

    fn title(&self) -> &'static str {
        "A parabola"
    }

    fn source(&self) -> &'static str {
        "this project"
    }

    fn parameters(&self) -> serde_json::Value {
        json!({ "scale": self.scale })
    }

    fn make(&self, progress: &dyn Progress) -> Result<Drawing, FigureError> {
        self.made.fetch_add(1, Ordering::Relaxed);
        let points: Vec<(f64, f64)> =
            (0..=20).map(|i| f64::from(i) / 20.0).map(|x| (x, self.scale * x * x)).collect();
        progress.checkpoint(0.5)?;
        let mut table = Table::new(["x", "y"]);
        points.iter().for_each(|&(x, y)| table.push([x.into(), y.into()]));
        let mut page = Page::new(60.0, 40.0);
        let place = page.grid(1, 1, &Margins::default())[0];
        let mut panel = page.panel(place, Axis::linear(0.0, 1.0)?, Axis::linear(0.0, self.scale)?)?;
        panel.line(points.iter().copied(), &Stroke::new(BLUE))?;
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 3, 3, |x, y| x * y);
        let data = Data { table: Some(table), fields: vec![("product".to_owned(), grid)] };
        Ok(Drawing { data, checks: vec![Check::near("end", points[20].1, self.claim, 1e-12)], page })
    }
}

/// A fresh folder that is removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("shadowflow-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder exists");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn drawn(figure: &Parabola, folder: &Path, formats: &[Format]) -> Status {
    draw(figure, folder, formats, &Silent).expect("the parabola can be drawn").status
}

#[test]
fn all_files_are_written_and_the_second_time_nothing_is_computed() {
    let (folder, figure) = (Folder::new("twice"), Parabola::new(2.0));
    let outcome = draw(&figure, &folder.0, &Format::ALL, &Silent).unwrap();
    assert_eq!(outcome.status, Status::Drawn);
    let expected = ["csv", "json", "npz", "pdf", "png", "svg"].map(|ending| format!("parabola.{ending}"));
    assert_eq!(folder.names(), expected);
    assert_eq!(outcome.files.len(), expected.len());
    let again = draw(&figure, &folder.0, &Format::ALL, &Silent).unwrap();
    assert_eq!(again.status, Status::UpToDate);
    assert_eq!((again.files, again.checks), (outcome.files, outcome.checks));
    assert_eq!(figure.made(), 1);
    assert!(fs::read_to_string(folder.0.join("parabola.csv")).unwrap().ends_with("1,2\n"));
}

#[test]
fn the_sidecar_tells_where_the_picture_comes_from() {
    let (folder, figure) = (Folder::new("sidecar"), Parabola::new(2.0));
    drawn(&figure, &folder.0, &[Format::Svg]);
    let text = fs::read_to_string(folder.0.join("parabola.json")).unwrap();
    let sidecar: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(sidecar["parameters"], json!({ "scale": 2.0 }));
    assert_eq!(sidecar["seed"], serde_json::Value::Null);
    assert_eq!(sidecar["checks"][0]["passed"], true);
    assert_eq!(sidecar["checks"][0]["measured"], 2.0);
    assert_eq!(sidecar["files"][0]["name"], "parabola.csv");
    assert_eq!(sidecar["fingerprint"].as_str().unwrap().len(), 16);
}

#[test]
fn another_format_is_made_from_the_picture_without_computing() {
    let (folder, figure) = (Folder::new("format"), Parabola::new(2.0));
    drawn(&figure, &folder.0, &[Format::Svg]);
    assert_eq!(drawn(&figure, &folder.0, &[Format::Svg, Format::Png]), Status::Converted);
    assert_eq!(drawn(&figure, &folder.0, &[Format::Png]), Status::UpToDate);
    assert_eq!(figure.made(), 1);
}

#[test]
fn a_deleted_or_damaged_file_is_made_again() {
    let (folder, figure) = (Folder::new("deleted"), Parabola::new(2.0));
    drawn(&figure, &folder.0, &[Format::Svg, Format::Pdf]);
    fs::remove_file(folder.0.join("parabola.csv")).unwrap();
    assert_eq!(drawn(&figure, &folder.0, &[Format::Svg]), Status::Drawn);
    fs::remove_file(folder.0.join("parabola.svg")).unwrap();
    assert_eq!(drawn(&figure, &folder.0, &[Format::Svg]), Status::Drawn);
    fs::write(folder.0.join("parabola.pdf"), "half").unwrap();
    assert_eq!(drawn(&figure, &folder.0, &[Format::Svg]), Status::Converted);
    fs::write(folder.0.join("parabola.json"), "{").unwrap();
    assert_eq!(drawn(&figure, &folder.0, &[Format::Svg]), Status::Drawn);
    assert_eq!(figure.made(), 4);
}

#[test]
fn other_parameters_are_drawn_anew_in_every_format_made_before() {
    let folder = Folder::new("parameters");
    drawn(&Parabola::new(2.0), &folder.0, &[Format::Svg, Format::Png]);
    let before = fs::read(folder.0.join("parabola.png")).unwrap();
    let outcome = draw(&Parabola::new(3.0), &folder.0, &[Format::Svg], &Silent).unwrap();
    assert_eq!(outcome.status, Status::Drawn);
    assert_ne!(before, fs::read(folder.0.join("parabola.png")).unwrap());
}

#[test]
fn a_false_claim_is_reported_stamped_and_never_taken_for_known() {
    let (folder, mut figure) = (Folder::new("claim"), Parabola::new(2.0));
    drawn(&figure, &folder.0, &[Format::Svg]);
    let honest = fs::read_to_string(folder.0.join("parabola.svg")).unwrap();
    fs::remove_file(folder.0.join("parabola.json")).unwrap();
    figure.claim = 2.5;
    for _ in 0..2 {
        let outcome = draw(&figure, &folder.0, &[Format::Svg, Format::Png], &Silent).unwrap();
        assert_eq!(outcome.status, Status::Drawn);
        assert_eq!(outcome.failed().map(|check| check.name.as_str()).collect::<Vec<_>>(), ["end"]);
    }
    let stamped = fs::read_to_string(folder.0.join("parabola.svg")).unwrap();
    // The notice is the only vermilion on a parabola in blue.
    let notice = VERMILION.to_string();
    assert!(stamped.contains(&notice) && !honest.contains(&notice));
}

#[test]
fn an_interruption_leaves_no_file_and_keeps_what_was_finished() {
    struct Impatient(AtomicBool);
    impl Progress for Impatient {
        fn advance(&self, share: f64) {
            self.0.fetch_or(share >= 0.5, Ordering::Relaxed);
        }
        fn is_cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }
    let folder = Folder::new("interrupted");
    let impatient = || Impatient(AtomicBool::new(false));
    let result = draw(&Parabola::new(2.0), &folder.0, &Format::ALL, &impatient());
    assert!(matches!(result, Err(FigureError::Interrupted)));
    assert_eq!(folder.names(), [""; 0]);
    let figure = Parabola::new(2.0);
    drawn(&figure, &folder.0, &Format::ALL);
    assert!(draw(&Parabola::new(3.0), &folder.0, &Format::ALL, &impatient()).is_err());
    assert_eq!(drawn(&figure, &folder.0, &Format::ALL), Status::UpToDate);
}

#[test]
fn a_folder_that_is_a_file_is_refused_by_name() {
    let folder = Folder::new("file");
    fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("occupied");
    fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = draw(&Parabola::new(2.0), &path, &[Format::Svg], &Silent).unwrap_err();
        assert!(matches!(error, FigureError::Unwritable { .. }), "{error:?}");
        assert!(error.to_string().contains("occupied") && error.to_string().contains("another folder"));
    }
}

#[test]
fn a_file_that_cannot_be_replaced_leaves_no_temporary_one() {
    let (folder, figure) = (Folder::new("occupied"), Parabola::new(2.0));
    fs::create_dir_all(folder.0.join("parabola.csv/inside")).unwrap();
    assert!(draw(&figure, &folder.0, &[Format::Svg], &Silent).is_err());
    assert_eq!(folder.names(), ["parabola.csv"]);
}

#[test]
fn a_preview_is_made_from_the_svg() {
    let (folder, figure) = (Folder::new("preview"), Parabola::new(2.0));
    drawn(&figure, &folder.0, &[Format::Svg]);
    let preview = folder.0.join("preview.png");
    write_preview(&folder.0.join("parabola.svg"), &preview, 600).unwrap();
    let bytes = fs::read(preview).unwrap();
    // Bytes 16 to 19 of a PNG are its width.
    assert_eq!(bytes[16..20], 600u32.to_be_bytes());
}
