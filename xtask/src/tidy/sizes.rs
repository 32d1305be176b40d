//! No file longer than a person reads in one sitting, and no function that does not fit on one screen.

use super::Finding;
use super::source::Source;

const LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const EXTENSIONS: [&str; 5] = ["rs", "ts", "svelte", "css", "mjs"];

/// Finds files that are too long.
pub fn files(sources: &[Source]) -> Vec<Finding> {
    let limited = sources
        .iter()
        .filter(|source| EXTENSIONS.iter().any(|extension| source.is(extension)))
        // Types that a program writes out of a document: nobody reads them from begin to end.
        .filter(|source| !source.path.ends_with(".d.ts"));
    limited
        .filter_map(|source| {
            let lines = source.text.lines().count();
            let what = format!("{lines} lines, at most {LINES_MAX}: split it by what its parts own");
            (lines > LINES_MAX).then(|| Finding::at(&source.path, LINES_MAX + 1, what))
        })
        .collect()
}

/// Finds functions that are too long, from the line of their name to their last brace. (Clippy's `too_many_lines`, which
/// shows it in an editor, counts neither of the two, and no comments.)
pub fn functions(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is("rs")) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let indent = &line[..line.len() - line.trim_start().len()];
            // rustfmt puts the last brace, or the end of a signature without a body, below the first letter.
            let ends = |line: &&str| {
                let rest = line.strip_prefix(indent);
                rest.is_some_and(|rest| rest == "}" || (rest.starts_with(')') && rest.ends_with(';')))
            };
            let Some(more) = lines[start..].iter().position(ends) else {
                continue;
            };
            let length = more + 1;
            if length > FUNCTION_LINES_MAX {
                let what =
                    format!("a function of {length} lines, at most {FUNCTION_LINES_MAX}: name its parts");
                found.push(Finding::at(&source.path, start + 1, what));
            }
        }
    }
    found
}

/// A function begins here and does not end on the same line.
fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let qualifiers = |word: &&str| {
        word.starts_with("pub") || matches!(*word, "const" | "async" | "unsafe" | "extern" | "\"C\"")
    };
    words.find(|word| !qualifiers(word)) == Some("fn") && !line.ends_with('}') && !line.ends_with(';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    #[test]
    fn a_function_of_71_lines_is_too_long_wherever_it_stands_and_one_of_70_is_not() {
        let text = |head: &str, lines: usize| {
            let body = "        let x = 1;\n".repeat(lines - 2);
            format!("impl X {{\n    {head}\n{body}    }}\n}}\n")
        };
        for head in ["fn a() {", "pub(super) async fn a(", "pub const fn a() -> X {"] {
            let long = functions(&[source("a.rs", &text(head, 71))]);
            assert_eq!(
                long.iter().map(|found| found.line).collect::<Vec<_>>(),
                [2],
                "{head}"
            );
            assert_eq!(functions(&[source("a.rs", &text(head, 70))]), []);
        }
        let signatures = "    fn a(\n        x: u8,\n    );\n".repeat(40) + "    fn b();\n";
        assert_eq!(
            functions(&[source("a.rs", &format!("trait X {{\n{signatures}}}\n"))]),
            []
        );
        assert_eq!(functions(&[source("a.ts", &text("fn a() {", 200))]), []);
    }

    #[test]
    fn a_file_of_501_lines_is_too_long_and_one_of_500_is_not() {
        let text = |lines| "x\n".repeat(lines);
        assert_eq!(
            files(&[source("a.rs", &text(501)), source("b.svelte", &text(501))]).len(),
            2
        );
        assert_eq!(
            files(&[
                source("a.rs", &text(500)),
                source("package-lock.json", &text(9000)),
                source("api/post.d.ts", &text(9000))
            ])
            .len(),
            0
        );
    }
}
