//! Pictures of trees: the root below, its children above, as SVG and as LaTeX.
//!
//! ```
//! use shadowflow_bseries::{RootedTree, drawing};
//! let cherry: RootedTree = "[1,2,2]".parse()?;
//! assert!(drawing::svg(&cherry).starts_with("<svg"));
//! assert!(drawing::forest(&cherry).contains("[[][]]"));
//! # Ok::<(), shadowflow_bseries::SeriesError>(())
//! ```

use crate::rooted_tree::{RootedTree, parents};

/// Places of the vertices of a level sequence, in units: across from the leftmost, 0, and upwards from the root, 0.
///
/// Parents stand amid their first and last child, subtrees are one unit apart where they come closest, and mirrored trees
/// have mirrored places (after Reingold & Tilford 1981). What is no level sequence has places of no meaning.
pub fn layout(levels: &[u8]) -> Vec<(f64, f64)> {
    if levels.is_empty() {
        return Vec::new();
    }
    let from_left = packed(levels, false);
    let from_right = packed(levels, true);
    // Subtrees packed to the left keep their distances when averaged with the same packed to the right.
    let across: Vec<f64> = from_left.iter().zip(&from_right).map(|(x, y)| (x - y) / 2.0).collect();
    let leftmost = across.iter().copied().fold(f64::INFINITY, f64::min);
    let upwards = levels.iter().map(|&level| f64::from(level) - f64::from(levels[0]));
    across.iter().map(|x| x - leftmost).zip(upwards).collect()
}

/// Places across, the root at 0, every subtree as near to its left neighbours as they allow; or of the mirrored tree.
fn packed(levels: &[u8], mirrored: bool) -> Vec<f64> {
    let parents = parents(levels);
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); levels.len()];
    for (child, &parent) in parents.iter().enumerate().skip(1) {
        children[parent].push(child);
    }
    if mirrored {
        children.iter_mut().for_each(|children| children.reverse());
    }
    let mut offsets = vec![0.0; levels.len()];
    // From the last vertex back, all descendants of a vertex come before it. An outline holds the least and the largest
    // place on every height of a subtree, relative to its root.
    let mut outlines: Vec<Vec<(f64, f64)>> = vec![Vec::new(); levels.len()];
    for i in (0..levels.len()).rev() {
        let mut outline: Vec<(f64, f64)> = Vec::new();
        for &child in &children[i] {
            let branch = std::mem::take(&mut outlines[child]);
            let gaps = outline.iter().zip(&branch).map(|(left, right)| left.1 - right.0 + 1.0);
            let offset = gaps.reduce(f64::max).unwrap_or(0.0);
            offsets[child] = offset;
            for (height, (low, high)) in branch.into_iter().enumerate() {
                let (low, high) = (low + offset, high + offset);
                match outline.get_mut(height) {
                    // A branch further left may be wider lower down and narrower here.
                    Some(span) => *span = (span.0.min(low), span.1.max(high)),
                    None => outline.push((low, high)),
                }
            }
        }
        if let (Some(&first), Some(&last)) = (children[i].first(), children[i].last()) {
            let middle = (offsets[first] + offsets[last]) / 2.0;
            children[i].iter().for_each(|&child| offsets[child] -= middle);
            outline.iter_mut().for_each(|span| *span = (span.0 - middle, span.1 - middle));
        }
        outline.insert(0, (0.0, 0.0));
        outlines[i] = outline;
    }
    // Parents come before their children.
    let mut places = vec![0.0; levels.len()];
    for i in 1..levels.len() {
        places[i] = places[parents[i]] + offsets[i];
    }
    places
}

/// Lengths of an SVG drawing, in pixels.
const UNIT: f64 = 24.0;
const RADIUS: f64 = 5.0;
const LINE: f64 = 1.5;

/// Fills of the colours 0, 1, 2, …: black and white as bicoloured trees are printed, then the palette of Okabe and Ito (2008).
const FILLS: [&str; 8] =
    ["#000000", "#ffffff", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

fn fill(colour: u8) -> &'static str {
    FILLS[usize::from(colour) % FILLS.len()]
}

/// The tree as an SVG document, neighbouring vertices 24 pixels apart.
pub fn svg(tree: &RootedTree) -> String {
    let levels = tree.levels();
    let places = layout(levels);
    let extent = |of: fn(&(f64, f64)) -> f64| places.iter().map(of).fold(0.0, f64::max);
    let margin = RADIUS + LINE;
    let (width, height) = (UNIT * extent(|p| p.0) + 2.0 * margin, UNIT * extent(|p| p.1) + 2.0 * margin);
    let place = |i: usize| (margin + UNIT * places[i].0, height - margin - UNIT * places[i].1);

    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\">\n\
         <title>{tree}</title>\n<g stroke=\"#000000\" stroke-width=\"{LINE}\">\n",
        short(width),
        short(height)
    );
    for (child, &parent) in parents(levels).iter().enumerate().skip(1) {
        let (from, to) = (place(parent), place(child));
        text.push_str(&format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
            short(from.0),
            short(from.1),
            short(to.0),
            short(to.1)
        ));
    }
    for (i, &colour) in tree.colours().iter().enumerate() {
        let (x, y) = place(i);
        text.push_str(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{RADIUS}\" fill=\"{}\"/>\n",
            short(x),
            short(y),
            fill(colour)
        ));
    }
    text.push_str("</g>\n</svg>\n");
    text
}

/// A length to a thousandth of a pixel.
fn short(length: f64) -> String {
    let text = format!("{length:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The tree for the LaTeX package `forest`. Colours 0 and 1 are filled black and white, others in shades of grey.
pub fn forest(tree: &RootedTree) -> String {
    let (levels, colours) = (tree.levels(), tree.colours());
    let mut nodes = String::new();
    for (i, &level) in levels.iter().enumerate() {
        nodes.push('[');
        match colours[i] {
            0 => {}
            1 => nodes.push_str(",fill=white"),
            k => nodes.push_str(&format!(",fill=black!{}", 75 / u32::from(k))),
        }
        // Close this vertex, and those below it that end here too.
        let next = levels.get(i + 1).copied().unwrap_or(1);
        nodes.push_str(&"]".repeat(usize::from((level + 1).saturating_sub(next))));
    }
    format!(
        "\\begin{{forest}}\n  for tree={{grow'=north, circle, draw, fill, inner sep=1.4pt, l=4mm, l sep=0pt, s sep=2.4mm,\n    \
         parent anchor=center, child anchor=center}}\n  {nodes}\n\\end{{forest}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Trees;

    #[test]
    fn small_trees_stand_as_they_are_drawn_by_hand() {
        assert_eq!(layout(&[1]), [(0.0, 0.0)]);
        assert_eq!(layout(&[1, 2, 2]), [(0.5, 0.0), (0.0, 1.0), (1.0, 1.0)]);
        assert_eq!(layout(&[1, 2, 3]), [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)]);
        // The leaf stands a unit from the branch beside it, and not from the widest part of its crown.
        assert_eq!(layout(&[1, 2, 3, 3, 2]), [(1.0, 0.0), (0.5, 1.0), (0.0, 2.0), (1.0, 2.0), (1.5, 1.0)]);
    }

    #[test]
    fn vertices_keep_their_distance_and_parents_stand_amid_their_children() {
        let trees = Trees::through(9).unwrap();
        for t in trees.iter() {
            let levels = trees.levels(t).to_vec();
            let places = layout(&levels);
            let parents = parents(&levels);
            for i in 0..levels.len() {
                for j in 0..i {
                    if levels[i] == levels[j] {
                        // Vertices come in preorder, so from the left; sums of halves are exact.
                        assert!(places[i].0 - places[j].0 >= 1.0, "{levels:?}: {places:?}");
                    }
                }
                let across: Vec<f64> = (1..levels.len())
                    .filter(|&child| parents[child] == i)
                    .map(|child| places[child].0)
                    .collect();
                if let (Some(first), Some(last)) = (across.first(), across.last()) {
                    assert!((places[i].0 - (first + last) / 2.0).abs() < 1e-12, "{levels:?}: {places:?}");
                }
            }
            assert_eq!(places.iter().map(|place| place.0).fold(f64::INFINITY, f64::min), 0.0);
        }
    }

    #[test]
    fn a_mirrored_tree_has_a_mirrored_picture() {
        let mut places = layout(&[1, 2, 3, 3, 2, 2, 3]);
        let mut mirrored = layout(&[1, 2, 3, 2, 2, 3, 3]);
        let width = places.iter().map(|place| place.0).fold(0.0, f64::max);
        mirrored.iter_mut().for_each(|place| place.0 = width - place.0);
        places.sort_by(|x, y| x.partial_cmp(y).unwrap());
        mirrored.sort_by(|x, y| x.partial_cmp(y).unwrap());
        assert_eq!(places, mirrored);
    }

    #[test]
    fn an_svg_has_a_line_for_each_edge_and_a_disk_for_each_vertex() {
        let tree: RootedTree = "[1,2,3,2:1,2:2]".parse().unwrap();
        let svg = svg(&tree);
        assert_eq!((svg.matches("<line").count(), svg.matches("<circle").count()), (4, 5));
        assert_eq!((svg.matches("#ffffff").count(), svg.matches("#d55e00").count()), (1, 1));
        assert!(svg.contains("<title>[1,2,3,2:2,2:1]</title>") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn brackets_of_a_forest_nest_like_the_tree() {
        let nodes = |text: &str| {
            let picture = forest(&text.parse().unwrap());
            picture.lines().nth(3).unwrap().trim().to_owned()
        };
        assert_eq!(nodes("[1]"), "[]");
        assert_eq!(nodes("[1,2,3]"), "[[[]]]");
        assert_eq!(nodes("[1,2,3,3,2]"), "[[[][]][]]");
        assert_eq!(nodes("[1:1,2,2:1]"), "[,fill=white[,fill=white][]]");
    }
}
