//! Programs that come as Debian packages: which are there, and how the others are installed.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use nix::unistd::Uid;

use crate::command;

/// What this system says of itself.
pub fn os_release() -> String {
    std::fs::read_to_string("/etc/os-release").unwrap_or_default()
}

/// Where commands are.
pub fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps daemons in the last two, and only root has them in PATH.
    let daemons = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(daemons).collect()
}

/// Installs what is missing of these packages (with the commands that show each), or says which to install.
pub fn require(wanted: &[(&str, &[&str])]) -> Result<()> {
    let packages = missing(wanted, &folders());
    if packages.is_empty() {
        return Ok(());
    }
    install(&os_release(), &packages)?;
    let still = missing(wanted, &folders());
    if !still.is_empty() {
        bail!(
            "apt-get succeeded, but these cannot be found: {}",
            still.join(", ")
        );
    }
    Ok(())
}

/// Installs these packages; only root can.
pub fn install(release: &str, packages: &[&str]) -> Result<()> {
    if !(is_debian_like(release) && Uid::effective().is_root()) {
        bail!(
            "install first: {0}   (Debian: sudo apt-get install {0})",
            packages.join(" ")
        );
    }
    let here = Path::new("/");
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    command::run_with(here, "apt-get", &["update", "-q"], &quiet)?;
    let packages: Vec<&str> = packages.iter().map(|package| name_in(release, package)).collect();
    let args = [
        &["install", "-q", "-y", "--no-install-recommends"],
        packages.as_slice(),
    ]
    .concat();
    command::run_with(here, "apt-get", &args, &quiet)
}

/// The packages none of whose commands is there.
pub fn missing<'a>(wanted: &[(&'a str, &[&str])], folders: &[PathBuf]) -> Vec<&'a str> {
    let present = |command: &&str| folders.iter().any(|folder| folder.join(command).is_file());
    let absent = wanted
        .iter()
        .filter(|(_, commands)| !commands.iter().any(present));
    absent.map(|(name, _)| *name).collect()
}

/// Ubuntu calls Debian's chromium otherwise.
fn name_in<'a>(os_release: &str, package: &'a str) -> &'a str {
    if package == "chromium" && os_release.lines().any(|line| line == "ID=ubuntu") {
        "chromium-browser"
    } else {
        package
    }
}

/// Debian, Ubuntu and Raspberry Pi OS name themselves or Debian in `ID` or `ID_LIKE`.
fn is_debian_like(os_release: &str) -> bool {
    let ids = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
    ids.flat_map(|ids| ids.trim_matches('"').split(' '))
        .any(|id| matches!(id, "debian" | "ubuntu" | "raspbian"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_has_another_name_in_ubuntu() {
        assert_eq!(
            name_in("NAME=Ubuntu\nID=ubuntu\n", "chromium"),
            "chromium-browser"
        );
        assert_eq!(name_in("ID=debian\n", "chromium"), "chromium");
    }

    #[test]
    fn debian_and_its_children_are_recognised_and_nobody_else() {
        for release in [
            "ID=debian\n",
            "ID=ubuntu\nID_LIKE=debian\n",
            "ID=raspbian\n",
            "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
        ] {
            assert!(is_debian_like(release), "{release}");
        }
        for release in ["ID=fedora\n", "", "NAME=debian\n", "VARIANT_ID=debian\n"] {
            assert!(!is_debian_like(release), "{release}");
        }
    }
}
