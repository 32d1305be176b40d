//! `cargo xtask tidy`: the rules of the tree that a compiler does not check. Plain `cargo test` runs it too.
//!
//! Each rule is a pure function from sources to findings, so that a small fixture can prove that it is able to fail.

mod arrows;
mod dependencies;
mod documents;
mod drivers;
mod manual;
mod modules;
mod sizes;
mod source;
mod words;
mod yocto;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: usize,
    what: String,
}

impl Finding {
    /// In `file`, at `line` (counted from 1), with what is wrong and what to do.
    fn at(file: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            file: file.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Checks the tree and prints every finding.
pub fn run() -> Result<()> {
    let findings = findings()?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("tidy: 1 finding"),
        many => bail!("tidy: {many} findings"),
    }
}

fn findings() -> Result<Vec<Finding>> {
    let root = workspace::root();
    let metadata = workspace::metadata()?;
    let sources = source::load(&root)?;
    let paths: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    let mut all = arrows::crates(&metadata.packages);
    all.extend(dependencies::reasons(&sources));
    all.extend(dependencies::stale_rows(&sources));
    all.extend(modules::arrows(&sources, &external_crates(&metadata)));
    all.extend(drivers::folders(&paths));
    all.extend(sizes::files(&sources));
    all.extend(sizes::functions(&sources));
    all.extend(words::check(&sources, &words::machine_paths(&root)));
    all.extend(words::lints(&sources));
    all.extend(documents::decisions(&sources));
    all.extend(documents::links(&sources, &|path| root.join(path).exists()));
    all.extend(documents::commands(&sources));
    all.extend(manual::keys(&sources));
    all.extend(manual::messages(&sources));
    all.extend(yocto::crates(&sources));
    all.extend(yocto::agreements(&sources));
    all.sort();
    Ok(all)
}

/// What the appliance depends on, as it is spelled in Rust.
fn external_crates(metadata: &workspace::Metadata) -> Vec<String> {
    let appliance = metadata
        .packages
        .iter()
        .filter(|package| package.name == "appliance");
    appliance
        .flat_map(|package| &package.dependencies)
        .map(|dependency| {
            dependency
                .rename
                .as_ref()
                .unwrap_or(&dependency.name)
                .replace('-', "_")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_rules_see_the_files_they_are_about() {
        let sources = super::source::load(&crate::workspace::root()).unwrap();
        for path in [
            "appliance/src/store/mod.rs",
            "drivers/src/nonin/mod.rs",
            "README.md",
            ".ci/run",
        ] {
            assert!(sources.iter().any(|source| source.path == path), "{path}");
        }
    }

    #[test]
    fn this_tree_is_tidy() {
        let findings = super::findings().unwrap();
        let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "\n{}", text.join("\n"));
    }
}
