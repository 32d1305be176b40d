//! Programs of Cargo's registry that a word needs: each in its pinned version, built once into `target/tools`.

use std::path::PathBuf;

use anyhow::Result;

use crate::{command, workspace};

/// A program that `cargo install` can build.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its crate, which is its program too.
    pub name: &'static str,
    /// The version that was tried.
    pub version: &'static str,
}

/// What may come in from outside.
pub const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};
/// Debian packages.
pub const DEB: Tool = Tool {
    name: "cargo-deb",
    version: "3.8.0",
};
/// Bills of materials.
pub const CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
};
/// Programs that carry the list of their crates inside.
pub const AUDITABLE: Tool = Tool {
    name: "cargo-auditable",
    version: "0.7.7",
};

impl Tool {
    /// The folder of its program, for `PATH`; builds it first when it is not there.
    pub fn folder(self) -> Result<PathBuf> {
        let root = workspace::metadata()?
            .target_directory
            .join("tools")
            .join(format!("{}-{}", self.name, self.version));
        let folder = root.join("bin");
        if !folder.join(self.name).is_file() {
            let root = root.display().to_string();
            let args = [
                "install",
                "--locked",
                "--debug",
                "--root",
                &root,
                self.name,
                "--version",
                self.version,
            ];
            // Nobody looks for faults in it, and it runs for seconds.
            command::run_with(
                &workspace::root(),
                workspace::cargo(),
                &args,
                &[("CARGO_PROFILE_DEV_DEBUG", "0")],
            )?;
        }
        Ok(folder)
    }
}

/// `PATH` with these tools in front.
pub fn path(tools: &[Tool]) -> Result<String> {
    let folders: Vec<PathBuf> = tools.iter().map(|tool| tool.folder()).collect::<Result<_>>()?;
    before_path(folders)
}

/// `PATH` with these folders in front.
pub fn before_path(folders: impl IntoIterator<Item = PathBuf>) -> Result<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.into_iter().chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(all)?.to_string_lossy().into_owned())
}
