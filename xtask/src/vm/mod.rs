//! `cargo xtask vm`: the Debian package in a virtual machine: installed, killed, cut from power again and again, upgraded,
//! purged.

mod image;

use anyhow::Result;
use clap::Args;

use crate::{command, deb, debian, workspace};

/// How much.
#[derive(Args)]
pub struct VmArgs {
    /// Power cuts on a disk that keeps its word.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    cuts: u32,
    /// Power cuts on a disk that does not.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    lies: u32,
    /// Only tests whose name contains this.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// What QEMU runs the guest on; `kvm` is ten times as fast where it works.
    #[arg(long, default_value = "tcg,thread=multi")]
    acceleration: String,
    /// Takes the packages that were built before.
    #[arg(long)]
    no_build: bool,
}

/// What it needs that may not be there.
const PACKAGES: [(&str, &[&str]); 5] = [
    ("qemu-system-x86", &["qemu-system-x86_64"]),
    ("qemu-utils", &["qemu-img"]),
    ("mmdebstrap", &["mmdebstrap"]),
    ("nbdkit", &["nbdkit"]),
    ("nbdkit-plugin-python", &["nbdkit"]),
];

/// Builds packages and system, and runs the tests; says SKIP where that cannot be.
pub fn run(args: &VmArgs) -> Result<()> {
    if let Err(error) = debian::require(&PACKAGES) {
        println!("SKIP: no virtual machine can be started here: {error:#}");
        return Ok(());
    }
    if !args.no_build {
        deb::run(&deb::DebArgs { arch: None })?;
    }
    let target = workspace::metadata()?.target_directory;
    let image = image::build(&workspace::root(), &target)?;
    command::run(&workspace::root(), workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    let (image, packages) = (
        image.display().to_string(),
        target.join("debian").display().to_string(),
    );
    let (cuts, lies) = (args.cuts.to_string(), args.lies.to_string());
    let env = [
        ("VITALPOST_VM", image.as_str()),
        ("VITALPOST_PACKAGES", &packages),
        ("VITALPOST_CUTS", &cuts),
        ("VITALPOST_LIES", &lies),
        ("VITALPOST_ACCELERATION", &args.acceleration),
    ];
    let mut test = vec!["test", "--locked", "--package", "tests", "--test", "vm"];
    test.extend(["--", "--nocapture", "--test-threads", "1"]);
    test.extend(args.only.as_deref());
    command::run_with(&workspace::root(), workspace::cargo(), &test, &env)
}
