//! The programs as they are shipped: optimised, with their pages and the list of their crates inside, and without a trace
//! of where they were built, so that two builds are the same bytes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::{command, debian, tools, ui, workspace};

/// Newest glibc that the programs may need: Debian 12 and Raspberry Pi OS 12 are the floor.
const GLIBC_MAX: (u32, u32) = (2, 34);

/// What is shipped.
pub const PROGRAMS: [&str; 2] = ["vitalpost", "vitalpost-central"];

/// An architecture that the product is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Arch {
    /// Industrial boxes.
    #[value(name = "x86_64")]
    X86_64,
    /// Raspberry Pi 4 and 5.
    Aarch64,
}

impl Arch {
    /// The one that this program runs on.
    pub fn here() -> Result<Arch> {
        match std::env::consts::ARCH {
            "x86_64" => Ok(Arch::X86_64),
            "aarch64" => Ok(Arch::Aarch64),
            other => bail!("the product is not built for {other}: x86_64 and aarch64 only"),
        }
    }

    /// Rust's name of it.
    pub fn triple(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64-unknown-linux-gnu",
            Arch::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Debian's name of it.
    pub fn of_debian(self) -> &'static str {
        match self {
            Arch::X86_64 => "amd64",
            Arch::Aarch64 => "arm64",
        }
    }

    fn objdump(self) -> &'static str {
        if self.is_foreign() {
            "aarch64-linux-gnu-objdump"
        } else {
            "objdump"
        }
    }

    fn is_foreign(self) -> bool {
        Arch::here().ok() != Some(self)
    }
}

/// What a cross build is done with: Debian's compiler, and the headers that `ring` looks for.
const CROSS: [(&str, &[&str]); 2] = [
    ("gcc-aarch64-linux-gnu", &["aarch64-linux-gnu-gcc"]),
    ("binutils-aarch64-linux-gnu", &["aarch64-linux-gnu-objdump"]),
];
const CROSS_HEADERS: &str = "/usr/aarch64-linux-gnu/include/features.h";
const CROSS_ENV: [(&str, &str); 3] = [
    (
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "aarch64-linux-gnu-gcc",
    ),
    ("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc"),
    ("AR_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-ar"),
];

/// What writes the list of crates into a program. `cargo auditable` would call itself by its whole path, and Cargo names what our
/// own crates make public after that: programs of two folders would not be the same bytes. So it is called by its name, with what it
/// says to itself (its version is fixed in [`tools`]).
const AUDITABLE_ENV: [(&str, &str); 2] = [
    ("RUSTC_WORKSPACE_WRAPPER", "cargo-auditable"),
    (
        "CARGO_AUDITABLE_ORIG_ARGS",
        r#"{"offline":false,"locked":true,"frozen":false,"config":[]}"#,
    ),
];

/// Builds them from the sources in `root` into `target`, with the `cargo-auditable` in the folder `auditable`; returns the folder of
/// the programs.
pub fn build(root: &Path, target: &Path, auditable: &Path, arch: Arch) -> Result<PathBuf> {
    if arch.is_foreign() {
        if arch != Arch::Aarch64 {
            bail!("{} can only be built on its own architecture", arch.triple());
        }
        debian::require(&CROSS)?;
        if !Path::new(CROSS_HEADERS).is_file() {
            debian::install(&debian::os_release(), &["libc6-dev-arm64-cross"])?;
        }
        command::run(root, "rustup", &["target", "add", arch.triple()])
            .context("the standard library of the other architecture: it comes with rustup")?;
    }
    let home = cargo_home();
    let (root_text, target_text) = (root.display().to_string(), target.display().to_string());
    let flags = [(&target_text, "/target"), (&home, "/cargo"), (&root_text, "/src")].map(|(from, to)| {
        (
            format!("--remap-path-prefix={from}={to}"),
            format!("-ffile-prefix-map={from}={to}"),
        )
    });
    // Later ones win: the sources may lie in a folder of Cargo's, the target folder in the sources.
    let rust_flags = [&flags[1].0, &flags[2].0, &flags[0].0]
        .map(String::as_str)
        .join("\u{1f}");
    let c_flags = [&flags[1].1, &flags[2].1, &flags[0].1]
        .map(String::as_str)
        .join(" ");
    let path = tools::before_path([auditable.to_owned()])?;
    let mut env = vec![
        ("PATH", path.as_str()),
        ("VITALPOST_REQUIRE_UI", "1"),
        ("CARGO_INCREMENTAL", "0"),
        ("CARGO_ENCODED_RUSTFLAGS", &rust_flags),
        ("CFLAGS", &c_flags),
        ("CARGO_TARGET_DIR", &target_text),
    ];
    env.extend(AUDITABLE_ENV);
    if arch.is_foreign() {
        env.extend(CROSS_ENV);
    }
    let args = [
        "build",
        "--locked",
        "--profile",
        "dist",
        "--target",
        arch.triple(),
        "-p",
        "appliance",
        "-p",
        "central",
        "--bins",
    ];
    command::run_with(root, workspace::cargo(), &args, &env)?;
    let folder = target.join(arch.triple()).join("dist");
    for program in PROGRAMS {
        check_glibc(&folder.join(program), arch)?;
        check_list_of_crates(&folder.join(program), arch)?;
    }
    Ok(folder)
}

/// The same of this checkout, pages first.
pub fn build_here(arch: Arch) -> Result<PathBuf> {
    ui::build_if_stale()?;
    let target = workspace::metadata()?.target_directory;
    build(&workspace::root(), &target, &tools::AUDITABLE.folder()?, arch)
}

fn cargo_home() -> String {
    let of_user = || std::env::var("HOME").map(|home| format!("{home}/.cargo"));
    std::env::var("CARGO_HOME")
        .or_else(|_| of_user())
        .unwrap_or_default()
}

fn check_glibc(program: &Path, arch: Arch) -> Result<()> {
    let (objdump, file) = (arch.objdump(), program.display().to_string());
    let symbols =
        command::answer(objdump, &["-T", &file]).with_context(|| format!("{objdump} cannot read {file}"))?;
    let newest =
        newest_glibc(&symbols).with_context(|| format!("{file} needs no glibc at all: is it a program?"))?;
    println!("{file}: glibc {}.{} or newer", newest.0, newest.1);
    if newest > GLIBC_MAX {
        bail!(
            "{file} needs glibc {}.{}, Debian 12 promises {}.{} to everybody",
            newest.0,
            newest.1,
            GLIBC_MAX.0,
            GLIBC_MAX.1
        );
    }
    Ok(())
}

/// Whoever looks for weak crates in a program asks the program itself.
fn check_list_of_crates(program: &Path, arch: Arch) -> Result<()> {
    let (objdump, file) = (arch.objdump(), program.display().to_string());
    let sections =
        command::answer(objdump, &["-h", &file]).with_context(|| format!("{objdump} cannot read {file}"))?;
    if !sections.contains(" .dep-v0 ") {
        bail!("{file} does not carry the list of its crates: has cargo-auditable run?");
    }
    Ok(())
}

/// The newest version among the symbols that `objdump -T` lists.
fn newest_glibc(symbols: &str) -> Option<(u32, u32)> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let version: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let mut numbers = version.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_is_found_by_number_and_not_by_text() {
        let symbols = "0 DF *UND* 0 (GLIBC_2.4) a\n0 DF *UND* 0 (GLIBC_2.34) b\n0 DF *UND* 0 (GLIBC_2.9) c\n0 DF *UND* 0 (GCC_3.0) d\n";
        assert_eq!(newest_glibc(symbols), Some((2, 34)));
        assert_eq!(newest_glibc("nothing"), None);
    }
}
