//! What must be on the machine. Browser, Mosquitto and systemd-analyze are installed when that is possible; everything else is asked for
//! in one line.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use nix::unistd::Uid;

use crate::{command, debian};

/// Oldest Node.js that the front-end tools accept: major, minor.
const NODE_MIN: (u32, u32) = (20, 19);

/// What a person must have installed, with the command that shows it.
const BY_HAND: [(&str, &[&str]); 3] = [
    ("Node.js 20.19 or newer", &["node"]),
    ("npm", &["npm"]),
    ("a C compiler (Debian package build-essential)", &["cc"]),
];

/// What can be installed here: the Debian package, the commands that show it.
const PACKAGES: [(&str, &[&str]); 3] = [
    ("chromium", &BROWSERS),
    ("mosquitto", &["mosquitto"]),
    ("systemd", &["systemd-analyze"]),
];

/// What the tests of updates run with, as root: they mount bundles.
const FOR_UPDATES: [(&str, &[&str]); 4] = [
    ("rauc", &["rauc"]),
    ("dbus-daemon", &["dbus-daemon"]),
    ("squashfs-tools", &["mksquashfs"]),
    ("openssl", &["openssl"]),
];

const BROWSERS: [&str; 5] = [
    LIGHT_BROWSER,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Chromium without windows, as command and as Debian's package: the same pages, opened in a third of the time.
const LIGHT_BROWSER: &str = "chromium-headless-shell";

/// Checks, installs what it may, or stops with one line.
pub fn check() -> Result<()> {
    println!(
        "== prerequisites: Node.js, npm, a C compiler, rustfmt, clippy, Chromium, Mosquitto, systemd-analyze"
    );
    let folders = debian::folders();
    let missing = debian::missing(&BY_HAND, &folders);
    if !missing.is_empty() {
        bail!("install first: {}", missing.join(", "));
    }
    let version = command::answer("node", &["--version"]).unwrap_or_default();
    if major_minor(&version) < Some(NODE_MIN) {
        let (major, minor) = NODE_MIN;
        bail!("Node.js {major}.{minor} or newer is needed; `node --version` says {version:?}");
    }
    let runs = |part: &str| command::answer("cargo", &[part, "--version"]).is_some();
    if let Some(line) = absent_components(runs) {
        bail!(line);
    }
    let release = debian::os_release();
    let lacks_light = !debian::missing(&[(LIGHT_BROWSER, &[LIGHT_BROWSER])], &folders).is_empty();
    if lacks_light && has_light_browser(&release) && Uid::effective().is_root() {
        // Where it cannot be had, any other serves.
        if let Err(error) = debian::install(&release, &[LIGHT_BROWSER]) {
            println!("{LIGHT_BROWSER} cannot be installed, the tests in the browser take longer: {error:#}");
        }
    }
    let for_updates = debian::missing(&FOR_UPDATES, &folders);
    if !for_updates.is_empty() && Uid::effective().is_root() {
        // Where they cannot be had, the summary says that these tests did not run.
        if let Err(error) = debian::install(&release, &for_updates) {
            println!("the tests of updates cannot run: {error:#}");
        }
    }
    debian::require(&PACKAGES)?;
    let chosen = std::env::var_os("CHROMIUM").map(PathBuf::from).or_else(browser);
    chosen.map_or(Ok(()), |browser| starts(&browser))
}

/// What to do when Cargo's formatter or linter is not there.
fn absent_components(runs: impl Fn(&str) -> bool) -> Option<String> {
    let components = [("fmt", "rustfmt"), ("clippy", "clippy")];
    let absent: Vec<&str> = components
        .into_iter()
        .filter(|(part, _)| !runs(part))
        .map(|(_, component)| component)
        .collect();
    let absent = absent.join(" ");
    (!absent.is_empty()).then(|| format!("install first: rustup component add {absent}"))
}

/// A browser that is there may still be a stub or lack its libraries.
fn starts(browser: &Path) -> Result<()> {
    if command::answer(browser, &["--version"]).is_none() {
        bail!(
            "the browser does not start: run `{} --version` to see why, or set CHROMIUM to another one",
            browser.display()
        );
    }
    Ok(())
}

/// Why the tests of updates do not run here, if they do not.
pub fn no_updates_because() -> Option<String> {
    if !Uid::effective().is_root() {
        return Some("they mount bundles, which only root may".to_owned());
    }
    let missing = debian::missing(&FOR_UPDATES, &debian::folders());
    (!missing.is_empty()).then(|| format!("install {}", missing.join(" ")))
}

/// The browser for the tests of the pages.
pub fn browser() -> Option<PathBuf> {
    let folders = debian::folders();
    let places = BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// Debian itself has the light browser; its children mostly have not.
fn has_light_browser(os_release: &str) -> bool {
    os_release.lines().any(|line| line == "ID=debian")
}

/// The 20 and 19 of `v20.19.2`.
fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_as_a_person_would_install_it() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_path_buf()];
        assert_eq!(
            debian::missing(&PACKAGES, &folders),
            ["chromium", "mosquitto", "systemd"]
        );
        for browser in ["google-chrome", LIGHT_BROWSER] {
            let file = folder.path().join(browser);
            std::fs::write(&file, "").unwrap();
            assert_eq!(
                debian::missing(&PACKAGES, &folders),
                ["mosquitto", "systemd"],
                "{browser}"
            );
            std::fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn the_light_browser_is_looked_for_in_debian_alone() {
        assert!(has_light_browser("NAME=Debian\nID=debian\n"));
        assert!(!has_light_browser("ID=ubuntu\nID_LIKE=debian\n"));
    }

    #[test]
    fn an_old_or_unreadable_node_is_refused() {
        for refused in ["v18.20.0", "v20.18.9", "v20.9.0", "", "20"] {
            assert!(major_minor(refused) < Some(NODE_MIN), "{refused}");
        }
        for accepted in ["v20.19.0", "v20.20.2", "v22.0.0"] {
            assert!(major_minor(accepted) >= Some(NODE_MIN), "{accepted}");
        }
    }

    #[test]
    fn a_missing_formatter_or_linter_is_one_line_that_says_what_to_run() {
        let line = |missing: &[&str]| absent_components(|part| !missing.contains(&part));
        assert_eq!(line(&[]), None);
        assert_eq!(
            line(&["fmt", "clippy"]).unwrap(),
            "install first: rustup component add rustfmt clippy"
        );
        assert!(line(&["fmt"]).unwrap().ends_with(" rustfmt"));
    }

    #[test]
    fn a_browser_that_is_there_but_does_not_start_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let stub = folder.path().join("chromium");
        std::fs::write(&stub, "this is no program").unwrap();
        std::fs::set_permissions(&stub, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = starts(&stub).unwrap_err().to_string();
        assert!(
            error.contains("chromium --version") && error.contains("CHROMIUM"),
            "{error}"
        );
        starts(Path::new("true")).unwrap();
    }
}
