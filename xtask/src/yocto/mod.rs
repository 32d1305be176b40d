//! `cargo xtask yocto`: keeps the recipe's list of crates with Cargo.lock, and checks the layer as far as that goes without a
//! build.
//!
//! What is always checked needs a package registry once, for the tools. BitBake's parser reads the layer over stand-ins; with the
//! true layers below ours it is read only where somebody has their sources; otherwise the last line says that this was not done.

mod bitbake;
pub mod crates;
mod release;
mod tools;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace;

/// The layer, from the root of the repository.
pub const LAYER: &str = "yocto/meta-vitalpost";

/// What to do.
#[derive(Args)]
pub struct YoctoArgs {
    /// Changes nothing: fails where the list of crates is not that of Cargo.lock.
    #[arg(long)]
    check: bool,
    /// Once the version is tagged: packs the pages, and writes the tag's commit and the checksum into the recipe.
    #[arg(long, conflicts_with = "check")]
    release: bool,
    #[command(flatten)]
    checkouts: Checkouts,
}

/// Where the sources of BitBake and of the layers below ours are, for reading the layer with them.
#[derive(Args)]
pub struct Checkouts {
    /// A checkout of BitBake 2.18.
    #[arg(long, value_name = "FOLDER")]
    bitbake: Option<PathBuf>,
    /// A checkout of openembedded-core, branch wrynose.
    #[arg(long, value_name = "FOLDER")]
    openembedded_core: Option<PathBuf>,
    /// A checkout of meta-openembedded, branch wrynose: the firewall's nftables.
    #[arg(long, value_name = "FOLDER")]
    meta_openembedded: Option<PathBuf>,
    /// A checkout of meta-rauc, branch wrynose.
    #[arg(long, value_name = "FOLDER")]
    meta_rauc: Option<PathBuf>,
}

/// Writes or compares, then checks.
pub fn run(args: &YoctoArgs) -> Result<()> {
    let root = workspace::root();
    list_of_crates(&root, args.check)?;
    if args.release {
        release::write(&root)?;
    }
    let made = workspace::metadata()?.target_directory.join("yocto");
    let tools = tools::installed(&made)?;
    tools.lint(&root)?;
    tools.dump(&root)?;
    tools.read(&root)?;
    bitbake::read(&args.checkouts, &root, &made)
}

fn list_of_crates(root: &Path, check: bool) -> Result<()> {
    let file = root.join(crates::LIST);
    let lock = root.join(crates::LOCK);
    let lock = std::fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let wanted = crates::list(&lock)?;
    if std::fs::read_to_string(&file).is_ok_and(|present| present == wanted) {
        println!("{} has the crates of Cargo.lock", crates::LIST);
        return Ok(());
    }
    if check {
        bail!("{} {}", crates::LIST, crates::STALE);
    }
    std::fs::write(&file, wanted).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{} was written", crates::LIST);
    Ok(())
}
