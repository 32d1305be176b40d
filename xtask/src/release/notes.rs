//! Release notes out of `changes/`: one file per change, the first line says of what kind it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Kinds of change, as the first lines say them and as people read them.
const KINDS: [(&str, &str); 4] = [
    ("security", "Security"),
    ("added", "New"),
    ("changed", "Changed"),
    ("fixed", "Mended"),
];

/// Writes `RELEASE_NOTES.md`.
pub fn write(root: &Path, files: &Path) -> Result<()> {
    let mut changes = BTreeMap::new();
    for entry in fs::read_dir(root.join("changes")).context("changes/")? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name != "README.md" {
            changes.insert(name, fs::read_to_string(&path)?);
        }
    }
    fs::write(files.join("RELEASE_NOTES.md"), of(&changes)?)?;
    Ok(())
}

fn of(changes: &BTreeMap<String, String>) -> Result<String> {
    let mut of_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, text) in changes {
        let (kind, words) = text.split_once('\n').unwrap_or((text, ""));
        let Some((kind, _)) = KINDS.iter().find(|(key, _)| *key == kind.trim()) else {
            bail!(
                "changes/{name}: the first line must be one of added, changed, fixed, security; it is {kind:?}"
            );
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        if words.is_empty() {
            bail!("changes/{name}: it says nothing after its first line");
        }
        of_kind.entry(kind).or_default().push(words.join(" "));
    }
    let mut notes = String::from("# What is new\n");
    for (kind, heading) in KINDS {
        let Some(changes) = of_kind.get(kind) else {
            continue;
        };
        notes.push_str(&format!("\n## {heading}\n\n"));
        changes
            .iter()
            .for_each(|change| notes.push_str(&format!("- {change}\n")));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(changes: &[(&str, &str)]) -> Result<String> {
        of(&changes
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect())
    }

    #[test]
    fn changes_stand_under_their_kind_security_first() {
        let told = notes(&[
            ("a.md", "added\n\nA page\nfor nurses.\n"),
            ("b.md", "security\nKeys.\n"),
        ])
        .unwrap();
        assert_eq!(
            told,
            "# What is new\n\n## Security\n\n- Keys.\n\n## New\n\n- A page for nurses.\n"
        );
    }

    #[test]
    fn a_change_of_no_kind_or_without_words_is_named() {
        for (text, says) in [("A page.\n", "changes/a.md"), ("added\n", "says nothing")] {
            let error = notes(&[("a.md", text)]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
