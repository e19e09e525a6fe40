//! Every figure of the gallery: its claims hold, its labels fit, its files are there.

use shadowflow_figures::{FIGURES, Format, Silent, draw};

#[test]
fn every_figure_is_true_and_well_formed() {
    let folder = std::env::temp_dir().join(format!("shadowflow-gallery-{}", std::process::id()));
    for figure in FIGURES {
        let outcome = draw(*figure, &folder, &[Format::Svg], &Silent)
            .unwrap_or_else(|e| panic!("{}: {e}", figure.id()));
        let failed: Vec<_> = outcome.failed().collect();
        assert!(failed.is_empty(), "{}: {failed:#?}", figure.id());
        assert!(!outcome.checks.is_empty(), "{} claims nothing", figure.id());
        let data =
            outcome.files.iter().filter(|file| file.extension().is_some_and(|e| e == "csv" || e == "npz"));
        assert!(data.count() > 0, "{} has no data", figure.id());
        let svg = std::fs::read_to_string(folder.join(format!("{}.svg", figure.id())))
            .expect("it was just written");
        let tree = resvg::usvg::Tree::from_str(&svg, &Default::default()).expect("a figure is valid SVG");
        assert!(tree.root().has_children());
    }
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
