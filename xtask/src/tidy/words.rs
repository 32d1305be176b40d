//! Words that must not stand in the repository: promises to do it later, switched-off tests and gates, and paths of
//! somebody's machine.

use std::path::Path;

use super::Finding;
use super::source::Source;

/// Each word with what to do instead. Written in two halves, or this file would break its own rule.
const FORBIDDEN: [(&str, &str); 9] = [
    (concat!("TO", "DO"), "do it now, or open an issue"),
    (concat!("FIX", "ME"), "fix it now, or open an issue"),
    (
        concat!("#[", "ignore"),
        "a test that does not run proves nothing: run it or remove it",
    ),
    (concat!("dbg", "!("), "remove it"),
    (
        concat!("allow(clippy::", "unwrap_used"),
        "handle the error, or `expect` why it cannot happen",
    ),
    (
        concat!("expect(clippy::", "unwrap_used"),
        "handle the error, or `expect` why it cannot happen",
    ),
    (
        concat!("allow(clippy::", "too_many_lines"),
        "split the function; there is no exception list",
    ),
    (
        concat!("expect(clippy::", "too_many_lines"),
        "split the function; there is no exception list",
    ),
    (concat!("allow(", "unsafe_code"), "unsafe code is forbidden"),
];

/// Homes of people on any machine.
const HOMES: [&str; 3] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
];

/// Paths that mean something on this machine only: the checkout and the person's home.
pub fn machine_paths(root: &Path) -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let mut paths: Vec<String> = HOMES.map(str::to_owned).to_vec();
    for path in [root.display().to_string(), home] {
        // A single name such as `/src` says nothing about a machine.
        if path.matches('/').count() >= 2 {
            paths.push(path);
        }
    }
    paths
}

/// Finds forbidden words and machine paths in all text files.
pub fn check(sources: &[Source], machine_paths: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            for (word, advice) in FORBIDDEN.iter().filter(|(word, _)| stands_in(line, word)) {
                found.push(Finding::at(
                    &source.path,
                    number + 1,
                    format!("`{word}`: {advice}"),
                ));
            }
            for path in machine_paths.iter().filter(|path| stands_in(line, path)) {
                let what = format!("`{path}` exists on one machine only: use a relative path");
                found.push(Finding::at(&source.path, number + 1, what));
            }
        }
    }
    found
}

/// Every crate must inherit the workspace's lints, and those must keep forbidding `unwrap` and `unsafe`.
pub fn lints(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.path.ends_with("Cargo.toml"))
    {
        let wanted: &[&str] = match source.path.as_str() {
            "Cargo.toml" => &[
                "unwrap_used = \"deny\"",
                "unsafe_code = \"forbid\"",
                "too_many_lines = \"deny\"",
            ],
            _ => &["[lints]\nworkspace = true"],
        };
        for line in wanted.iter().filter(|line| !source.text.contains(**line)) {
            found.push(Finding::at(
                &source.path,
                1,
                format!("{line:?} is missing: put it back"),
            ));
        }
    }
    found
}

/// `word` stands in `line` and is not the tail of something longer (`METODO`, `web/home/`).
fn stands_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let bare = word.ends_with(char::is_alphanumeric);
        !joins(before) && before != Some('.') && !(bare && joins(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    fn check_line(line: &str) -> usize {
        check(
            &[source("a.rs", line)],
            &machine_paths(Path::new("/checkout/of/vitalpost")),
        )
        .len()
    }

    #[test]
    fn every_forbidden_word_is_found() {
        for (word, _) in FORBIDDEN {
            assert_eq!(check_line(&format!("    {word} x")), 1, "{word}");
        }
    }

    #[test]
    fn paths_of_a_machine_are_found_in_code_and_prose() {
        for path in HOMES {
            assert_eq!(check_line(&format!("see `{path}ann/x`")), 1, "{path}");
        }
        assert_eq!(check_line("cd /checkout/of/vitalpost && cargo test"), 1);
    }

    #[test]
    fn words_that_only_look_alike_are_left_alone() {
        assert_eq!(check_line(concat!("METO", "DO")), 0);
        assert_eq!(check_line(concat!("../ro", "ot/x and pages/ho", "me/x")), 0);
        assert_eq!(check_line("value.unwrap_or(0)"), 0);
    }

    #[test]
    fn a_crate_that_leaves_the_common_lints_is_found() {
        let good = "[package]\n\n[lints]\nworkspace = true\n";
        assert_eq!(lints(&[source("vitals/Cargo.toml", good)]), []);
        assert_eq!(lints(&[source("vitals/Cargo.toml", "[package]\n")]).len(), 1);
        assert_eq!(
            lints(&[source(
                "Cargo.toml",
                "unsafe_code = \"forbid\"\ntoo_many_lines = \"deny\""
            )])
            .len(),
            1
        );
    }
}
