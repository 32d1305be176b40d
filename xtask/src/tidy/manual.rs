//! The manual says what the programs do: the messages it quotes are said, the keys that are read stand in it.

use super::Finding;
use super::source::Source;

/// Quotes what the programs say.
const MESSAGES: &str = "docs/operate/troubleshooting.md";
/// The manual of all keys, and where they are declared.
const KEYS: &str = "docs/operate/configure.md";
const CONFIGURATIONS: [&str; 3] = [
    "appliance/src/config.rs",
    "appliance/src/config/line.rs",
    "central/src/config.rs",
];

/// Finds messages in the troubleshooting page that no program says any more: the first column of its tables, in
/// backticks, with `...` where a name stands.
pub fn messages(sources: &[Source]) -> Vec<Finding> {
    let programs = sources
        .iter()
        .filter(|source| source.is("rs") && !source.path.starts_with("xtask/"));
    let said: String = programs.map(|source| source.text.as_str()).collect();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path == MESSAGES) {
        for (number, line) in source.text.lines().enumerate() {
            let quoted = line
                .strip_prefix("| ")
                .and_then(|rest| rest.split(" | ").next())
                .unwrap_or_default();
            let quotes = quoted.split('`').skip(1).step_by(2);
            for part in quotes
                .flat_map(|quote| quote.split("..."))
                .map(str::trim)
                .filter(|part| !part.is_empty())
            {
                if !said.contains(part) {
                    found.push(Finding::at(
                        &source.path,
                        number + 1,
                        format!("no program says {part:?}"),
                    ));
                }
            }
        }
    }
    found
}

/// Finds configuration keys that the manual does not have.
pub fn keys(sources: &[Source]) -> Vec<Finding> {
    let manual = sources.iter().find(|source| source.path == KEYS);
    let manual = manual.map_or("", |source| &source.text);
    let mut found = Vec::new();
    for source in sources {
        if !CONFIGURATIONS.contains(&source.path.as_str()) {
            continue;
        }
        for (line, key) in declared(&source.text) {
            let spellings = [
                format!("`{key}`"),
                format!("[{key}]"),
                format!(".{key}]"),
                format!("] {key}`"),
            ];
            if !spellings.iter().any(|spelling| manual.contains(spelling)) {
                found.push(Finding::at(
                    &source.path,
                    line,
                    format!("the key `{key}` is not in {KEYS}"),
                ));
            }
        }
    }
    found
}

/// Public fields that a file may set, by their name in the file, with their lines.
fn declared(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut renamed, mut skipped) = (None, false);
    for (number, line) in code.lines().map(str::trim).enumerate() {
        skipped |= line == "#[serde(skip)]";
        if let Some((_, rest)) = line.split_once("rename = \"") {
            renamed = rest.split('"').next();
        }
        let field = line.strip_prefix("pub ").and_then(|rest| rest.split_once(": "));
        let Some((name, _)) = field else { continue };
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let key = renamed.take().unwrap_or(name);
        if is_name && !std::mem::take(&mut skipped) {
            found.push((number + 1, key));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    #[test]
    fn a_message_that_no_program_says_any_more_is_found() {
        let page = "| It says | Do |\n|---|---|\n| `the folder ... is gone` | make `it` |\n";
        let check = |code: &str| messages(&[source(MESSAGES, page), source("appliance/src/x.rs", code)]);
        assert_eq!(check("#[error(\"the folder {} is gone\")]"), []);
        assert_eq!(check("#[error(\"the folder {} was removed\")]").len(), 1);
    }

    #[test]
    fn a_key_that_is_not_in_the_manual_is_found() {
        let code = "pub struct Web {\n    pub listen: Addr,\n    #[serde(rename = \"bed\", default)]\n    pub beds: V,\n}\n";
        let check = |manual: &str| keys(&[source(KEYS, manual), source(CONFIGURATIONS[0], code)]).len();
        assert_eq!(check("| `listen` | x |\n`[[bed]]`"), 0);
        assert_eq!(check("| `listen` | x |\n`[[beds]]`"), 1);
        assert_eq!(check("`[[bed]]`"), 1);
    }
}
