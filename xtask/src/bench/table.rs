//! The table of figures, for the terminal and for the document.

use super::figures::{Figure, Goal, short};

/// As Markdown that can also be read as it is.
pub fn of(figures: &[Figure]) -> String {
    let mut rows = vec![["What", "Measured", "Goal", "Verdict", "How"].map(str::to_owned)];
    rows.extend(figures.iter().map(row));
    let widths: [usize; 5] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default());
    rows.insert(1, widths.map(|width| "-".repeat(width)));
    let line = |row: &[String; 5]| {
        // The last column is not filled up.
        let cells: Vec<String> = row[..4]
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .chain([row[4].clone()])
            .collect();
        format!("| {} |", cells.join(" | "))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn row(figure: &Figure) -> [String; 5] {
    let unit = &figure.unit;
    let goal = match figure.goal {
        Some(Goal::Below(limit)) => format!("< {} {unit}", plain(limit)),
        Some(Goal::AtLeast(limit)) => format!(">= {} {unit}", plain(limit)),
        None => "-".to_owned(),
    };
    let measured = format!("{} {unit}", short(figure.value));
    [
        figure.name.clone(),
        measured,
        goal,
        figure.verdict(),
        figure.how.clone(),
    ]
}

/// A goal as it was written.
fn plain(limit: f64) -> String {
    limit.to_string()
}

/// The document with what stands between this part's marks replaced; `None` = it has no such marks.
pub fn replaced(document: &str, part: &str, contents: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {part}: begin -->"), format!("<!-- {part}: end -->"));
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{contents}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_that_was_measured_changes() {
        let document =
            "a\n<!-- store: begin -->\nold\n<!-- store: end -->\nb <!-- relay: begin --><!-- relay: end -->";
        let expected =
            "a\n<!-- store: begin -->\nnew\n<!-- store: end -->\nb <!-- relay: begin --><!-- relay: end -->";
        assert_eq!(replaced(document, "store", "new").as_deref(), Some(expected));
        assert_eq!(replaced("nothing", "store", "new"), None);
    }

    #[test]
    fn the_document_has_a_place_for_every_part() {
        let document =
            std::fs::read_to_string(crate::workspace::root().join(super::super::DOCUMENT)).unwrap();
        for part in ["store", "relay", "drivers", "access", "alarms", "ui", "vm"] {
            assert!(replaced(&document, part, "x").is_some(), "{part}");
        }
    }

    #[test]
    fn a_row_says_what_was_measured_what_was_wanted_and_the_verdict() {
        let figure = Figure {
            name: "bytes".to_owned(),
            value: 3.5,
            unit: "B".to_owned(),
            goal: Some(Goal::Below(3.0)),
            how: "counted".to_owned(),
        };
        assert!(of(&[figure]).ends_with("| bytes | 3.50 B   | < 3 B | missed by 0.50 B | counted |"));
    }
}
