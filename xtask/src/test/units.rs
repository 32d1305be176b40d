//! What systemd says of the units in `systemd/`: it must understand each word of them, and find each shut enough.
//!
//! `systemd-analyze verify` ends well whatever it finds, so what it prints counts; and because an analyser that finds
//! nothing anywhere would pass everything, it is first shown a unit that is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Ten times the highest exposure that a unit may have, from 0 (shut) to 100 (open).
const EXPOSURE_MAX: &str = "20";

/// A unit with a misspelled key.
const WRONG: &str = "[Service]\nExecStart=/bin/true\nNoNewPriviliges=yes\n";

/// Checks every unit.
pub fn check() -> Result<()> {
    let folder = workspace::root().join("target/units");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let wrong = folder.join("wrong.service");
    fs::write(&wrong, WRONG)?;
    if said_of(&wrong)?.is_empty() {
        bail!(
            "systemd-analyze verify does not notice a misspelled key: nothing that it passes means anything"
        );
    }
    fs::remove_file(&wrong)?;
    let units = units(&workspace::root().join("systemd"))?;
    let copies: Vec<PathBuf> = units
        .iter()
        .map(|unit| copied(unit, &folder))
        .collect::<Result<_>>()?;
    let mut found = Vec::new();
    for (unit, copy) in units.iter().zip(&copies) {
        let said = said_of(copy)?;
        if !said.is_empty() {
            found.push(format!("{}: {said}", unit.display()));
        }
        // What is only mounted has nothing to be shut in.
        if unit.extension().is_some_and(|extension| extension == "mount") {
            continue;
        }
        match exposure(copy)? {
            Ok(score) => println!("{}: {score}", name(unit)),
            Err(score) => found.push(format!("{}: {score}", unit.display())),
        }
    }
    if !found.is_empty() {
        bail!("units that are not as they must be:\n{}", found.join("\n"));
    }
    Ok(())
}

/// All units, also those in folders below.
fn units(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(units(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "service" || extension == "mount")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A copy whose programs are there, as they are not on the machine that checks.
fn copied(unit: &Path, folder: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(unit)?;
    let copy = folder.join(name(unit));
    fs::write(&copy, with_programs_that_exist(&text))?;
    Ok(copy)
}

fn with_programs_that_exist(text: &str) -> String {
    let mut copy: String = text
        .lines()
        .map(|line| match line.split_once('=') {
            Some((key, command)) if key.starts_with("Exec") => {
                let privileged = if command.starts_with('+') { "+" } else { "" };
                let arguments = command.split_once(' ').map_or("", |(_, arguments)| arguments);
                format!("{key}={privileged}/bin/true {arguments}")
            }
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    copy.push('\n');
    copy
}

fn name(unit: &Path) -> String {
    unit.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn said_of(unit: &Path) -> Result<String> {
    let (said, _) = analyze(&["verify", "--man=no"], unit)?;
    Ok(said)
}

/// Its score in words, and whether it is good enough.
fn exposure(unit: &Path) -> Result<Result<String, String>> {
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let (said, passed) = analyze(&["security", "--offline=true", "--no-pager", &threshold], unit)?;
    let score = said.lines().last().unwrap_or_default().trim();
    let score = score.strip_prefix('→').unwrap_or(score).trim().to_owned();
    Ok(if passed { Ok(score) } else { Err(score) })
}

fn analyze(args: &[&str], unit: &Path) -> Result<(String, bool)> {
    let folder = unit.parent().unwrap_or(unit);
    let output = Command::new("systemd-analyze")
        .args(args)
        .arg(unit)
        // Units name each other; everything else is the system's.
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.display()))
        .stdin(Stdio::null())
        .output()
        .context("cannot start systemd-analyze (Debian package systemd)")?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((said.trim().to_owned(), output.status.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_replaced_and_nothing_else() {
        let unit = "[Service]\nExecStart=/usr/bin/vitalpost run --config x\nExecStartPost=+/usr/libexec/y off\nExecStartPre=/bin/z\nUser=a=b\n";
        let copy = "[Service]\nExecStart=/bin/true run --config x\nExecStartPost=+/bin/true off\nExecStartPre=/bin/true \nUser=a=b\n";
        assert_eq!(with_programs_that_exist(unit), copy);
    }
}
