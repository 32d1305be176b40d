//! Bills of materials (CycloneDX): every crate in the programs and every package that the pages are made with.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{command, tools, workspace};

/// The crates whose programs are shipped, and the names of their lists.
const PROGRAMS: [(&str, &str); 2] = [("appliance", "vitalpost"), ("central", "vitalpost-central")];

/// Writes one list per program and one for the pages, and checks that nothing is missing in them.
pub fn write(root: &Path, files: &Path) -> Result<()> {
    let path = tools::path(&[tools::CYCLONEDX])?;
    for (name, program) in PROGRAMS {
        let manifest = format!("{name}/Cargo.toml");
        let args = [
            "cyclonedx",
            "--quiet",
            "--format",
            "json",
            "--spec-version",
            "1.5",
            "--target",
            "all",
            "--manifest-path",
            &manifest,
        ];
        // Every run would else have another serial number and time.
        let env = [("PATH", path.as_str()), ("SOURCE_DATE_EPOCH", "0")];
        command::run_with(root, workspace::cargo(), &args, &env)?;
        let made = take(root, name)?;
        // Where it was built is nobody's business, and differs.
        let list = made.replace(&root.display().to_string(), "/src");
        complete(program, &names(&list)?, &crates_of(name)?)?;
        fs::write(files.join(format!("{program}.cdx.json")), list)?;
    }
    let pages = root.join("web-ui");
    let list = std::process::Command::new("npm")
        .args(["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"])
        .current_dir(&pages)
        .output()
        .context("cannot start npm")?;
    if !list.status.success() {
        bail!("`npm sbom` failed: {}", String::from_utf8_lossy(&list.stderr));
    }
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    complete(
        "vitalpost-pages",
        &names(&list)?,
        &npm_packages(&fs::read_to_string(pages.join("package-lock.json"))?)?,
    )?;
    fs::write(files.join("vitalpost-pages.cdx.json"), list)?;
    Ok(())
}

/// The list that the tool wrote beside the manifest of `name`; it writes one for every member.
fn take(root: &Path, name: &str) -> Result<String> {
    let list = fs::read_to_string(root.join(name).join(format!("{name}.cdx.json")))?;
    for member in &workspace::metadata()?.packages {
        let _ = fs::remove_file(root.join(&member.name).join(format!("{}.cdx.json", member.name)));
    }
    Ok(list)
}

/// Name and version of everything in a list.
fn names(list: &str) -> Result<BTreeSet<String>> {
    let list: Value = serde_json::from_str(list)?;
    let components = list["components"]
        .as_array()
        .context("a list without components")?;
    let name = |part: &Value| {
        let group = part["group"]
            .as_str()
            .map_or_else(String::new, |group| format!("{group}/"));
        format!(
            "{group}{} {}",
            part["name"].as_str().unwrap_or_default(),
            part["version"].as_str().unwrap_or_default()
        )
    };
    Ok(components.iter().map(name).collect())
}

fn crates_of(package: &str) -> Result<BTreeSet<String>> {
    let args = [
        "tree",
        "--locked",
        "--package",
        package,
        "--edges",
        "normal,build",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let tree = command::answer(workspace::cargo(), &args).context("`cargo tree` failed")?;
    Ok(crates_in(&tree, package))
}

/// Name and version of each line of `cargo tree`, without the program's own crate.
fn crates_in(tree: &str, package: &str) -> BTreeSet<String> {
    let lines = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        (name != package).then(|| format!("{name} {version}"))
    });
    lines.collect()
}

fn npm_packages(lock: &str) -> Result<BTreeSet<String>> {
    let lock: Value = serde_json::from_str(lock)?;
    let packages = lock["packages"]
        .as_object()
        .context("a lock file without packages")?;
    let named = packages.iter().filter_map(|(place, package)| {
        let (_, name) = place.rsplit_once("node_modules/")?;
        Some(format!("{name} {}", package["version"].as_str()?))
    });
    Ok(named.collect())
}

fn complete(what: &str, listed: &BTreeSet<String>, used: &BTreeSet<String>) -> Result<()> {
    let missing: Vec<&String> = used.difference(listed).collect();
    if !missing.is_empty() {
        bail!("the list of {what} lacks {missing:?}");
    }
    println!("the list of {what} names all {} of its parts", used.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_and_not_listed_is_named() {
        let listed = names(
            r#"{"components":[{"name":"a","version":"1.0.0"},{"group":"@x","name":"b","version":"2.0.0"}]}"#,
        )
        .unwrap();
        let tree = "own v0.1.0 (/src/own)\na v1.0.0\na v1.0.0 (*)\n\nc v3.0.0 (proc-macro)\n";
        let error = complete("own", &listed, &crates_in(tree, "own"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("c 3.0.0") && !error.contains("a 1.0.0"), "{error}");
        let lock = r#"{"packages":{"":{"version":"0"},"node_modules/a":{"version":"1.0.0"},"node_modules/a/node_modules/@x/b":{"version":"2.0.0"}}}"#;
        complete("pages", &listed, &npm_packages(lock).unwrap()).unwrap();
    }
}
