//! `cargo xtask ui`: installs the front-end packages and builds the pages, each only when its input has changed.
//!
//! Stale is judged by content, not by time stamps alone: a checkout, a copy or a clock step changes times, not pages.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{command, test, workspace};

/// Files of `web-ui` that do not go into the pages.
const NOT_PAGES: [&str; 3] = ["tests", "src", "testcases"];

/// Installs and builds what is stale.
pub fn build_if_stale() -> Result<()> {
    let folder = workspace::root().join("web-ui");
    if !folder.join("package.json").is_file() {
        bail!(
            "{} has no package.json; is this a whole checkout?",
            folder.display()
        );
    }
    install_if_stale(&folder)?;
    let stamp = workspace::metadata()?.target_directory.join("xtask/ui.stamp");
    let dist = folder.join("dist");
    let sources = hash_of(&page_sources(&folder)?)?;
    if !dist.is_dir() || read(&stamp) != stamp_of(sources, &dist)? {
        command::run(&folder, "npm", &["run", "build"])?;
        if !dist.is_dir() {
            bail!("`npm run build` succeeded but made no {}", dist.display());
        }
        write(&stamp, &stamp_of(sources, &dist)?)
    } else {
        println!("web pages are up to date ({})", dist.display());
        Ok(())
    }
}

/// Runs a script of the pages' own tests with the browser that the person chose, or the one that is there.
pub fn run_in_browser(words: &[&str]) -> Result<()> {
    let found = test::browser().map(|path| path.display().to_string());
    let chosen = std::env::var_os("CHROMIUM").is_some();
    let env: Vec<(&str, &str)> = found
        .iter()
        .filter(|_| !chosen)
        .map(|path| ("CHROMIUM", path.as_str()))
        .collect();
    command::run_with(&workspace::root().join("web-ui"), "node", words, &env)
}

/// Runs `npm ci` unless `node_modules` was installed from exactly this lock file.
fn install_if_stale(folder: &Path) -> Result<()> {
    let modules = folder.join("node_modules");
    let stamp = modules.join(".vitalpost-installed");
    let wanted = format!("{:016x}\n", hash_of(&[folder.join("package-lock.json")])?);
    if read(&stamp) == wanted {
        return Ok(());
    }
    command::run(folder, "npm", &["ci", "--no-audit", "--no-fund"])?;
    write(&stamp, &wanted)
}

/// What was built from what: the stamp differs when the sources or the built pages have changed.
fn stamp_of(sources: u64, dist: &Path) -> Result<String> {
    Ok(format!(
        "{sources:016x} {:016x}\n",
        hash_of(&workspace::files(dist)?)?
    ))
}

fn page_sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = workspace::files(folder)?;
    sources.retain(|file| {
        let first = file.strip_prefix(folder).ok().and_then(|path| path.iter().next());
        !NOT_PAGES.iter().any(|skipped| first == Some(skipped.as_ref()))
    });
    Ok(sources)
}

/// One number for names and contents. Not for security: it only has to notice honest edits.
fn hash_of(files: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn read(stamp: &Path) -> String {
    std::fs::read_to_string(stamp).unwrap_or_default()
}

fn write(stamp: &Path, text: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(stamp, text).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_makes_the_pages_stale_and_a_new_time_stamp_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page.ts");
        let dist = folder.path().join("built");
        std::fs::create_dir(&dist).unwrap();
        std::fs::write(&page, "one").unwrap();
        std::fs::write(dist.join("page.js"), "built one").unwrap();
        let stamp = || stamp_of(hash_of(std::slice::from_ref(&page)).unwrap(), &dist).unwrap();
        let first = stamp();
        std::fs::write(&page, "one").unwrap();
        assert_eq!(stamp(), first);
        std::fs::write(&page, "two").unwrap();
        assert_ne!(stamp(), first);
    }

    #[test]
    fn a_hand_edited_page_is_built_again() {
        let dist = tempfile::tempdir().unwrap();
        std::fs::write(dist.path().join("page.js"), "built").unwrap();
        let first = stamp_of(1, dist.path()).unwrap();
        std::fs::write(dist.path().join("page.js"), "edited").unwrap();
        assert_ne!(stamp_of(1, dist.path()).unwrap(), first);
    }

    #[test]
    fn tests_and_rust_sources_do_not_go_into_the_pages() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["src/lib.rs", "tests/unit.ts", "pages/Ward.svelte", "package.json"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = page_sources(folder.path()).unwrap();
        let names: Vec<_> = found.iter().filter_map(|f| f.file_name()).collect();
        assert_eq!(names, ["package.json", "Ward.svelte"]);
    }
}
