//! Which version runs, and what came of an update that was tried since the start. The box's own scripts say it (`update/`):
//! their `tell` writes the file, and nobody but root may.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What runs, and what was tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Software {
    /// The version of the box's image; of the post itself where it was installed as a package.
    pub version: String,
    /// What came of an update.
    pub update: Update,
}

/// What came of an update, each with the version that was offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Update {
    /// Nobody can say: the file cannot be read, or is in the words of another version.
    #[default]
    Untold,
    /// None was tried, or the one that was tried runs.
    None,
    /// It is being written beside what runs.
    Installing(String),
    /// It waits there for the next start of the box.
    Installed(String),
    /// It runs, and the box has not decided yet whether it stays.
    OnTrial(String),
    /// The box went back from it.
    Left(String),
    /// It was not installed: why.
    Refused(String),
}

/// Looks; `root` is `/`.
pub fn read(root: &Path) -> Software {
    let system = fs::read_to_string(root.join("etc/os-release")).unwrap_or_default();
    let image = value(&system, "IMAGE_VERSION");
    Software {
        version: image.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        update: match fs::read_to_string(root.join("run/vitalpost-update/told")) {
            Ok(told) => told_of(&told),
            Err(error) if error.kind() == ErrorKind::NotFound => Update::None,
            Err(_) => Update::Untold,
        },
    }
}

fn told_of(told: &str) -> Update {
    let version = value(told, "version").unwrap_or_default();
    match value(told, "state").as_deref() {
        Some("installing") => Update::Installing(version),
        Some("installed") => Update::Installed(version),
        Some("on_trial") => Update::OnTrial(version),
        Some("left") => Update::Left(version),
        Some("refused") => Update::Refused(value(told, "why").unwrap_or_default()),
        _ => Update::Untold,
    }
}

/// Of lines of `KEY=VALUE`, the value with or without quotes around it.
fn value(lines: &str, key: &str) -> Option<String> {
    let of_key = |line: &str| {
        Some(
            line.strip_prefix(key)?
                .strip_prefix('=')?
                .trim()
                .trim_matches('"')
                .to_owned(),
        )
    };
    lines.lines().find_map(of_key).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_says_its_version_and_a_package_that_of_the_post() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).version, env!("CARGO_PKG_VERSION"));
        fs::create_dir(folder.path().join("etc")).unwrap();
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n";
        let image = format!("{debian}IMAGE_VERSION=\"1.2.0\"\n");
        fs::write(folder.path().join("etc/os-release"), debian).unwrap();
        assert_eq!(read(folder.path()).version, env!("CARGO_PKG_VERSION"));
        fs::write(folder.path().join("etc/os-release"), image).unwrap();
        assert_eq!(read(folder.path()).version, "1.2.0");
    }

    #[test]
    fn what_the_scripts_tell_is_understood_and_nothing_else_is_made_of_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).update, Update::None);
        let file = folder.path().join("run/vitalpost-update/told");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let refused = "a.raucb refused: \"newest\" is not a version";
        for (told, update) in [
            (
                "state=installing\nversion=1.3.0\nwhy=\n".to_owned(),
                Update::Installing("1.3.0".to_owned()),
            ),
            (
                "state=left\nversion=1.3.0\nwhy=\n".to_owned(),
                Update::Left("1.3.0".to_owned()),
            ),
            (
                format!("state=refused\nversion=\nwhy={refused}\n"),
                Update::Refused(refused.to_owned()),
            ),
            ("state=of a newer box\nversion=2.0.0\n".to_owned(), Update::Untold),
            (String::new(), Update::Untold),
        ] {
            fs::write(&file, &told).unwrap();
            assert_eq!(read(folder.path()).update, update, "{told:?}");
        }
    }
}
