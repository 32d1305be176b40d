//! `cargo xtask pictures`: pictures of every page in three sizes, to be looked at, of a demo that it starts, and of every
//! state that the browser tests can play. It asserts nothing of what is on them.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{ui, workspace};

/// Where they go.
#[derive(Args)]
pub struct PicturesArgs {
    /// Folder for the pictures; target/pictures when left out.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Also puts the few that README.md and docs show into docs/pictures.
    #[arg(long)]
    docs: bool,
    /// Leaves out the states that a scripted server plays.
    #[arg(long, conflicts_with = "docs")]
    no_states: bool,
}

/// Builds the pages, takes the pictures.
pub fn run(args: &PicturesArgs) -> Result<()> {
    ui::build_if_stale()?;
    let usual = || workspace::metadata().map(|metadata| metadata.target_directory.join("pictures"));
    let folder = args.dir.clone().map_or_else(usual, Ok)?;
    let folder = std::path::absolute(folder)?.display().to_string();
    let mut words = vec!["tests/pictures/run.mjs", "--out", &folder];
    if args.docs {
        words.push("--docs");
    }
    if args.no_states {
        words.push("--no-states");
    }
    ui::run_in_browser(&words)
}
