//! `cargo xtask release`: what is handed out, in `target/release-files`.
//!
//! The programs are built twice, in two folders, and must be the same bytes: whoever builds them from the same sources can
//! see that nothing else was put in. Only committed sources are released.

mod materials;
mod notes;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::Args;
use ring::digest::{SHA256, digest};

use crate::dist::{self, Arch, PROGRAMS};
use crate::{command, deb, debian, tools, workspace};

/// How.
#[derive(Args)]
pub struct ReleaseArgs {
    /// The secret key of minisign that signs the checksums. Without it they are not signed, and that is said.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The architectures; both when left out.
    #[arg(long)]
    arch: Vec<Arch>,
    /// Builds once: for trying this word out, never for a release.
    #[arg(long)]
    once: bool,
}

/// Makes all of it.
pub fn run(args: &ReleaseArgs) -> Result<()> {
    let root = workspace::root();
    let changed = command::answer(
        "git",
        &["-C", &root.display().to_string(), "status", "--porcelain"],
    );
    if changed.is_none_or(|changed| !changed.trim().is_empty()) {
        bail!("only committed sources are released: `git status` says what is not");
    }
    let target = workspace::metadata()?.target_directory;
    let files = target.join("release-files");
    let _ = fs::remove_dir_all(&files);
    fs::create_dir_all(&files).with_context(|| format!("cannot make {}", files.display()))?;
    // Packages of another version may lie there.
    let _ = fs::remove_dir_all(target.join("debian"));
    let arches = if args.arch.is_empty() {
        vec![Arch::X86_64, Arch::Aarch64]
    } else {
        args.arch.clone()
    };
    for arch in arches {
        deb::run(&deb::DebArgs { arch: Some(arch) })?;
        if !args.once {
            compare_with_another_build(&root, &target, arch)?;
        }
    }
    for package in fs::read_dir(target.join("debian"))? {
        let package = package?.path();
        fs::copy(&package, files.join(package.file_name().unwrap_or_default()))?;
    }
    pack_pages(&root, &files)?;
    materials::write(&root, &files)?;
    notes::write(&root, &files)?;
    sign(&files, args.key.as_deref())?;
    println!("the release: {}", files.display());
    Ok(())
}

/// Builds a fresh checkout somewhere else, pages and tools included, and compares.
fn compare_with_another_build(root: &Path, target: &Path, arch: Arch) -> Result<()> {
    let elsewhere = target.join("release-check");
    let source = elsewhere.join("another-place");
    let _ = fs::remove_dir_all(&source);
    fs::create_dir_all(&elsewhere)?;
    let (from, to) = (root.display().to_string(), source.display().to_string());
    command::run(&elsewhere, "git", &["clone", "--quiet", &from, &to])?;
    let pages = source.join("web-ui");
    command::run(&pages, "npm", &["ci", "--no-audit", "--no-fund"])?;
    command::run(&pages, "npm", &["run", "build"])?;
    let auditable = elsewhere.join("tools");
    fs::create_dir_all(&auditable)?;
    let name = tools::AUDITABLE.name;
    fs::copy(tools::AUDITABLE.folder()?.join(name), auditable.join(name))?;
    let there = dist::build(&source, &elsewhere.join("target"), &auditable, arch)?;
    let here = target.join(arch.triple()).join("dist");
    for program in PROGRAMS {
        let (one, other) = (sum(&here.join(program))?, sum(&there.join(program))?);
        if one != other {
            bail!(
                "{program} for {} is not the same in two builds: {one} and {other}",
                arch.triple()
            );
        }
        println!(
            "{program} for {}: the same bytes in two builds, {one}",
            arch.triple()
        );
    }
    Ok(())
}

/// The built pages, for builds that have no Node.js (the image).
fn pack_pages(root: &Path, files: &Path) -> Result<()> {
    let archive = files.join("vitalpost-pages.tar.gz");
    let (archive, pages) = (
        archive.display().to_string(),
        root.join("web-ui").display().to_string(),
    );
    let args = [
        "--sort=name",
        "--mtime=@0",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--use-compress-program=gzip -n9",
        "-cf",
        &archive,
        "-C",
        &pages,
        "dist",
    ];
    command::run(root, "tar", &args)
}

/// Checksums of every file, signed where there is a key.
fn sign(files: &Path, key: Option<&Path>) -> Result<()> {
    let mut names: Vec<String> = fs::read_dir(files)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    let mut sums = String::new();
    for name in names {
        writeln!(sums, "{}  {name}", sum(&files.join(&name))?).expect("a String takes any text");
    }
    let list = files.join("SHA256SUMS");
    fs::write(&list, sums)?;
    let Some(key) = key else {
        println!("NOT SIGNED: SHA256SUMS; give the key with --key");
        return Ok(());
    };
    debian::require(&[("minisign", &["minisign"])])?;
    let (key, list) = (key.display().to_string(), list.display().to_string());
    // It asks for the key's password.
    let signed = command::prepared(files, "minisign".as_ref(), &["-S", "-s", &key, "-m", &list], &[])
        .stdin(Stdio::inherit())
        .status();
    if !signed.context("cannot start minisign")?.success() {
        bail!("SHA256SUMS is not signed: minisign refused {key}");
    }
    Ok(())
}

fn sum(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let digest = digest(&SHA256, &bytes);
    Ok(digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    }))
}
