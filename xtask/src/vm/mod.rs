//! `cargo xtask vm`: the Debian package in a virtual machine: installed, killed, cut from power again and again, upgraded,
//! purged.

mod image;

use anyhow::Result;
use clap::Args;

use crate::dist::Arch;
use crate::{bench, command, deb, debian, workspace};

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
    /// The architecture of the guest and its package; this machine's when left out.
    #[arg(long)]
    arch: Option<Arch>,
    /// Takes the packages that were built before.
    #[arg(long)]
    no_build: bool,
}

/// What it needs that may not be there.
const PACKAGES: [(&str, &[&str]); 8] = [
    ("rauc", &["rauc"]),
    ("squashfs-tools", &["mksquashfs"]),
    ("dosfstools", &["mkfs.vfat"]),
    ("mtools", &["mcopy"]),
    ("qemu-utils", &["qemu-img"]),
    ("mmdebstrap", &["mmdebstrap"]),
    ("nbdkit", &["nbdkit"]),
    ("nbdkit-plugin-python", &["nbdkit"]),
];

/// The machine itself, and what runs the programs of a Raspberry Pi while its system is made.
fn machine(arch: Arch) -> &'static [(&'static str, &'static [&'static str])] {
    match arch {
        Arch::X86_64 => &[("qemu-system-x86", &["qemu-system-x86_64"])],
        Arch::Aarch64 => &[
            ("qemu-system-arm", &["qemu-system-aarch64"]),
            // Before the programs that it registers.
            ("binfmt-support", &["update-binfmts"]),
            ("qemu-user-static", &["qemu-aarch64-static"]),
            ("arch-test", &["arch-test"]),
        ],
    }
}

/// Builds packages and system, and runs the tests; says SKIP where that cannot be.
pub fn run(args: &VmArgs) -> Result<()> {
    let arch = args.arch.map_or_else(Arch::here, Ok)?;
    if let Err(error) = debian::require(&PACKAGES).and_then(|()| debian::require(machine(arch))) {
        println!("SKIP: no virtual machine can be started here: {error:#}");
        return Ok(());
    }
    if arch == Arch::Aarch64 && arch != Arch::here()? {
        // Where no service does so, the kernel is told who runs foreign programs.
        command::run(
            &workspace::root(),
            "update-binfmts",
            &["--enable", "qemu-aarch64"],
        )?;
    }
    if !args.no_build {
        deb::run(&deb::DebArgs { arch: Some(arch) })?;
    }
    let target = workspace::metadata()?.target_directory;
    let image = image::build(&workspace::root(), &target, arch)?;
    command::run(&workspace::root(), workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    let (image, packages) = (
        image.display().to_string(),
        target.join("debian").display().to_string(),
    );
    let (cuts, lies) = (args.cuts.to_string(), args.lies.to_string());
    let env = [
        ("VITALPOST_VM", image.as_str()),
        ("VITALPOST_PACKAGES", &packages),
        ("VITALPOST_ARCH", arch.of_debian()),
        ("VITALPOST_CUTS", &cuts),
        ("VITALPOST_LIES", &lies),
        ("VITALPOST_ACCELERATION", &args.acceleration),
    ];
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;
    let figures = folder.join("vm.md");
    let _ = std::fs::remove_file(&figures);
    let machine = bench::machine(&folder)?;
    let figures_text = figures.display().to_string();
    let env = [env.as_slice(), &[("VITALPOST_FIGURES", figures_text.as_str())]].concat();
    let mut test = vec![
        "test",
        "--locked",
        "--package",
        "tests",
        "--test",
        "vm",
        "--test",
        "vm_stick",
    ];
    test.extend(["--", "--nocapture", "--test-threads", "1"]);
    test.extend(args.only.as_deref());
    command::run_with(&workspace::root(), workspace::cargo(), &test, &env)?;
    if args.only.is_some() || args.arch.is_some() {
        return Ok(());
    }
    let rows = std::fs::read_to_string(&figures)?;
    let head = "| What | Measured |\n|---|---|";
    bench::keep("vm", &format!("{machine}\n\n{head}\n{}", rows.trim_end()))
}
