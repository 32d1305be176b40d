//! BitBake reads the whole layer, where somebody has its sources. It builds nothing and needs no network.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Checkouts, LAYER};

/// The four folders, once all are there.
struct Sources {
    bitbake: PathBuf,
    core: PathBuf,
    openembedded: PathBuf,
    rauc: PathBuf,
}

/// Reads all recipes and asks for the variables of ours, or says that this was not done.
pub fn read(checkouts: &Checkouts, root: &Path, made: &Path) -> Result<()> {
    let Some(sources) = sources(checkouts)? else {
        println!(
            "NOT RUN: `bitbake -p` and `bitbake -e vitalpost`. They need checkouts, which this word does not fetch: give them with \
             --bitbake, --openembedded-core, --meta-openembedded and --meta-rauc"
        );
        return Ok(());
    };
    let build = made.join("bitbake");
    let conf = build.join("conf");
    std::fs::create_dir_all(&conf).with_context(|| format!("cannot make {}", conf.display()))?;
    let write = |name: &str, text: String| {
        let file = conf.join(name);
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    write("bblayers.conf", layers(&sources, root))?;
    write("local.conf", LOCAL.to_owned())?;
    sources.bitbake(&build, &["-p"])?;
    let said = sources.bitbake(&build, &["-e", "vitalpost"])?;
    for line in ["PN=\"vitalpost\"", "DISTRO=\"vitalpost-os\""] {
        if !said.lines().any(|said| said == line) {
            bail!("`bitbake -e vitalpost` does not say {line}");
        }
    }
    println!("BitBake has read the layer");
    Ok(())
}

/// For a machine that openembedded-core has itself.
const LOCAL: &str = "MACHINE = \"qemux86-64\"\nDISTRO = \"vitalpost-os\"\nBB_NO_NETWORK = \"1\"\n";

fn layers(sources: &Sources, root: &Path) -> String {
    let folders = [
        sources.core.join("meta"),
        sources.openembedded.join("meta-oe"),
        sources.openembedded.join("meta-python"),
        sources.openembedded.join("meta-networking"),
        sources.rauc.clone(),
        root.join(LAYER),
    ];
    let folders: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    format!(
        "BBPATH = \"${{TOPDIR}}\"\nBBFILES ?= \"\"\nBBLAYERS = \"{}\"\n",
        folders.join(" ")
    )
}

/// All four, or none; some of them are a mistake.
fn sources(checkouts: &Checkouts) -> Result<Option<Sources>> {
    let given = [
        ("--bitbake", checkouts.bitbake.as_deref(), "bin/bitbake"),
        (
            "--openembedded-core",
            checkouts.openembedded_core.as_deref(),
            "meta/conf/layer.conf",
        ),
        (
            "--meta-openembedded",
            checkouts.meta_openembedded.as_deref(),
            "meta-networking/conf/layer.conf",
        ),
        ("--meta-rauc", checkouts.meta_rauc.as_deref(), "conf/layer.conf"),
    ];
    if given.iter().all(|(_, folder, _)| folder.is_none()) {
        return Ok(None);
    }
    let mut found = Vec::new();
    for (option, folder, sign) in given {
        let Some(folder) = folder else {
            bail!("{option} is missing: BitBake reads the layer with all four checkouts or not at all");
        };
        if !folder.join(sign).is_file() {
            bail!(
                "{option}: {} has no {sign}; is it the right checkout?",
                folder.display()
            );
        }
        let folder = folder
            .canonicalize()
            .with_context(|| format!("cannot find {}", folder.display()))?;
        found.push(folder);
    }
    let [bitbake, core, openembedded, rauc] =
        <[PathBuf; 4]>::try_from(found).map_err(|_| anyhow::anyhow!("four options, four folders"))?;
    Ok(Some(Sources {
        bitbake,
        core,
        openembedded,
        rauc,
    }))
}

impl Sources {
    /// What BitBake prints. It refuses to run as root.
    fn bitbake(&self, build: &Path, args: &[&str]) -> Result<String> {
        println!("$ bitbake {}", args.join(" "));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = [self.bitbake.join("bin"), self.core.join("scripts")];
        let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path)))
            .context("PATH cannot be extended")?;
        let output = Command::new(self.bitbake.join("bin/bitbake"))
            .args(args)
            .env("PATH", path)
            .env("BBPATH", build)
            .env("BUILDDIR", build)
            .current_dir(build)
            .stdin(Stdio::null())
            .output()
            .context("cannot start bitbake")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!(
                "`bitbake {}` failed: {said}{}",
                args.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(sign: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(sign);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        folder
    }

    #[test]
    fn some_of_the_checkouts_or_a_wrong_one_is_a_mistake_and_none_is_not() {
        let (bitbake, core) = (folder("bin/bitbake"), folder("meta/conf/layer.conf"));
        let mut given = Checkouts {
            bitbake: None,
            openembedded_core: None,
            meta_openembedded: None,
            meta_rauc: None,
        };
        assert!(sources(&given).unwrap().is_none());
        let said = |given: &Checkouts| {
            sources(given)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        given.bitbake = Some(bitbake.path().to_path_buf());
        given.openembedded_core = Some(core.path().to_path_buf());
        assert!(said(&given).starts_with("--meta-openembedded is missing"));
        given.openembedded_core = Some(bitbake.path().to_path_buf());
        assert!(said(&given).contains("has no meta/conf/layer.conf"));
    }
}
