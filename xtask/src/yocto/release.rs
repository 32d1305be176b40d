//! What the recipe must know of a release: the commit that is tagged, and the checksum of the pages that were built from it.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{command, ui, workspace};

const RELEASE: &str = "yocto/meta-vitalpost/recipes-vitalpost/vitalpost/vitalpost-release.inc";

/// Packs the pages of the tagged version and writes both into the recipe.
pub fn write(root: &Path) -> Result<()> {
    let version = version(root)?;
    let git = |args: &[&str]| {
        let folder = root.to_string_lossy();
        let all: Vec<&str> = ["-C", &folder].into_iter().chain(args.iter().copied()).collect();
        command::answer("git", &all)
    };
    let tag = format!("v{version}^{{commit}}");
    let commit = git(&["rev-parse", "--verify", &tag])
        .with_context(|| format!("there is no tag v{version}: tag the release first"))?;
    let unlike = git(&["status", "--porcelain"]).context("`git status` does not answer")?;
    if git(&["rev-parse", "HEAD"]).as_ref() != Some(&commit) || !unlike.is_empty() {
        bail!("this is not exactly v{version}: check it out first, or the pages would be another version's");
    }
    ui::build_if_stale()?;
    let archive = workspace::metadata()?
        .target_directory
        .join(format!("yocto/vitalpost-pages-{version}.tar"));
    pack(&root.join("web-ui/dist"), &archive)?;
    let bytes = std::fs::read(&archive).with_context(|| format!("cannot read {}", archive.display()))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let file = root.join(RELEASE);
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = filled(&text, &commit, &hex(digest.as_ref()))?;
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    println!(
        "{RELEASE} names v{version}; publish {} with the release",
        archive.display()
    );
    Ok(())
}

/// The same bytes from the same pages, whoever packs them.
fn pack(dist: &Path, archive: &Path) -> Result<()> {
    if let Some(folder) = archive.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let name = archive.to_string_lossy();
    let args = [
        "--create",
        "--file",
        &name,
        "--format=ustar",
        "--sort=name",
        "--mtime=@0",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=u=rwX,go=rX",
        "post",
        "centre",
    ];
    command::run(dist, "tar", &args)
}

/// The version of the workspace.
fn version(root: &Path) -> Result<String> {
    let manifest = root.join("Cargo.toml");
    let text =
        std::fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: toml::Table = toml::from_str(&text).context("Cargo.toml cannot be read")?;
    let version = manifest
        .get("workspace")
        .and_then(|value| value.get("package")?.get("version")?.as_str());
    Ok(version
        .context("Cargo.toml has no workspace.package.version")?
        .to_owned())
}

/// The file with commit and checksum put in.
fn filled(text: &str, commit: &str, sum: &str) -> Result<String> {
    let mut changed = 0;
    let mut lines = String::new();
    for line in text.lines() {
        let value = match line.split_once(" = ") {
            Some(("SRCREV", _)) => Some(("SRCREV", commit)),
            Some(("SRC_URI[pages.sha256sum]", _)) => Some(("SRC_URI[pages.sha256sum]", sum)),
            _ => None,
        };
        match value {
            Some((name, value)) => {
                changed += 1;
                lines.push_str(&format!("{name} = \"{value}\"\n"));
            }
            None => {
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    if changed != 2 {
        bail!("{RELEASE} must have one SRCREV and one SRC_URI[pages.sha256sum]");
    }
    Ok(lines)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_and_checksum_are_put_in_and_nothing_else_changes() {
        let before =
            "# Why.\nVITALPOST_REPOSITORY ?= \"here\"\nSRCREV = \"0\"\nSRC_URI[pages.sha256sum] = \"0\"\n";
        let after = "# Why.\nVITALPOST_REPOSITORY ?= \"here\"\nSRCREV = \"abc\"\nSRC_URI[pages.sha256sum] = \"def\"\n";
        assert_eq!(filled(before, "abc", "def").unwrap(), after);
        assert!(filled("SRCREV = \"0\"\n", "abc", "def").is_err());
    }

    #[test]
    fn the_same_pages_are_packed_into_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let packed = |name: &str, second_first: bool| {
            let dist = folder.path().join(name);
            let mut files = ["post/index.html", "centre/index.html", "post/assets/a.js"];
            if second_first {
                files.reverse();
            }
            for file in files {
                let path = dist.join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, file).unwrap();
            }
            let archive = folder.path().join(format!("{name}.tar"));
            pack(&dist, &archive).unwrap();
            std::fs::read(archive).unwrap()
        };
        assert_eq!(packed("one", false), packed("other", true));
    }
}
