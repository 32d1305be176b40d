//! No file longer than a person reads in one sitting. Functions are limited by Clippy (`too_many_lines`).

use super::Finding;
use super::source::Source;

const LINES_MAX: usize = 500;
const EXTENSIONS: [&str; 5] = ["rs", "ts", "svelte", "css", "mjs"];

/// Finds files that are too long.
pub fn files(sources: &[Source]) -> Vec<Finding> {
    let limited = sources
        .iter()
        .filter(|source| EXTENSIONS.iter().any(|extension| source.is(extension)));
    limited
        .filter_map(|source| {
            let lines = source.text.lines().count();
            let what = format!("{lines} lines, at most {LINES_MAX}: split it by what its parts own");
            (lines > LINES_MAX).then(|| Finding::at(&source.path, LINES_MAX + 1, what))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

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
                source("package-lock.json", &text(9000))
            ])
            .len(),
            0
        );
    }
}
