//! `cargo xtask deb`: the Debian packages of post and centre, with their packages of symbols.

use anyhow::Result;
use clap::Args;

use crate::dist::{self, Arch};
use crate::{command, tools, workspace};

/// Which.
#[derive(Args)]
pub struct DebArgs {
    /// The architecture; this machine's when left out.
    #[arg(long)]
    pub arch: Option<Arch>,
}

/// The crates that have a package.
const PACKED: [&str; 2] = ["appliance", "central"];

/// Builds and packs; says where the packages are.
pub fn run(args: &DebArgs) -> Result<()> {
    let arch = args.arch.map_or_else(Arch::here, Ok)?;
    dist::build_here(arch)?;
    let folder = workspace::metadata()?.target_directory.join("debian");
    std::fs::create_dir_all(&folder)?;
    let output = format!("{}/", folder.display());
    let path = tools::path(&[tools::DEB])?;
    for package in PACKED {
        let args = [
            "deb",
            "--no-build",
            "--locked",
            "--profile",
            "dist",
            "--target",
            arch.triple(),
            "-p",
            package,
            "--dbgsym",
            "--output",
            &output,
        ];
        command::run_with(&workspace::root(), workspace::cargo(), &args, &[("PATH", &path)])?;
    }
    println!("packages: {}", folder.display());
    Ok(())
}
