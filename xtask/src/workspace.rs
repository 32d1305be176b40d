//! What Cargo knows about this repository, and the files in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// Folders that are made, not written: never searched, never checked.
const MADE: [&str; 5] = ["target", "node_modules", "dist", ".git", "demo-data"];

/// The answer of `cargo metadata`, as far as it is used here.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// Members of the workspace.
    pub packages: Vec<Package>,
    /// Where Cargo builds.
    pub target_directory: PathBuf,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What its manifest asks for, all kinds.
    pub dependencies: Vec<Dependency>,
}

/// One line of a manifest.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The crate's own name.
    pub name: String,
    /// What this crate calls it, when that is something else.
    pub rename: Option<String>,
    /// `dev` for tests, `build` for build scripts; nothing for what is always there.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Builds the programs a person or a test starts. Of the whole workspace, as the tests are built: Cargo chooses features of
/// shared crates by what is built together, and would else build half of them twice. This very program is not built anew.
pub const BUILD_PROGRAMS: [&str; 6] = ["build", "--locked", "--bins", "--workspace", "--exclude", "xtask"];

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let here = PathBuf::from(here);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// Cargo as it was called for this program.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// Asks Cargo for the members and their manifests. Needs no network.
pub fn metadata() -> Result<Metadata> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata wrote something unexpected")
}

/// Every file under `folder` that a person wrote, sorted.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let kind = entry
                .file_type()
                .with_context(|| format!("cannot look at {}", entry.path().display()))?;
            let name = entry.file_name();
            if kind.is_dir() && !MADE.iter().any(|made| name == *made) {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
