//! The tools that look at the layer without building it, in a Python environment of their own under `target`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::LAYER;
use crate::{command, workspace};

/// Exactly these: another version has other rules.
const PINNED: [&str; 3] = ["oelint-adv==9.11.2", "kas==5.5", "bitbake-setup==2.19.0"];
/// Rules that do not fit this layer, each with its reason.
const NOT_FOR_US: [(&str, &str); 5] = [
    (
        "oelint.vars.homepageping",
        "asks the net; the address is a placeholder until a release is published",
    ),
    (
        "oelint.vars.notneededspace",
        "one entry a line, as the core layer writes lists",
    ),
    ("oelint.vars.inconspaces", "the same, for lists that are added to"),
    ("oelint.var.bbclassextend", "nothing here runs on the build host"),
    (
        "oelint.var.licenseremotefile",
        "files of this repository have no tree of their own with a licence in it",
    ),
];
/// What fetches: without them `kas dump` reads and checks our files only.
const NO_FETCH: [&str; 8] = [
    "--skip",
    "repo_setup_loop",
    "--skip",
    "finish_setup_repos",
    "--skip",
    "repos_checkout",
    "--skip",
    "repos_apply_patches",
];

/// Where the tools are.
pub struct Tools {
    programs: PathBuf,
    work: PathBuf,
}

/// Installs the tools under `made` unless exactly these are there.
pub fn installed(made: &Path) -> Result<Tools> {
    let folder = made.join("tools");
    let stamp = folder.join(".installed");
    let wanted = PINNED.join("\n");
    let tools = Tools {
        programs: folder.join("bin"),
        work: made.join("kas"),
    };
    std::fs::create_dir_all(&tools.work).with_context(|| format!("cannot make {}", tools.work.display()))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(tools);
    }
    let path = folder.to_string_lossy();
    command::run(made, "python3", &["-m", "venv", "--clear", &path])
        .context("install first: Python 3 with venv (Debian package python3-venv)")?;
    let mut args = vec!["install", "--quiet", "--disable-pip-version-check"];
    args.extend(PINNED);
    command::run(made, tools.programs.join("pip"), &args)?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(tools)
}

impl Tools {
    /// Every recipe, append and configuration of the layer against the rules of the release. Not a success when it says
    /// anything.
    pub fn lint(&self, root: &Path) -> Result<()> {
        let files = linted(root)?;
        let suppress = NOT_FOR_US
            .iter()
            .flat_map(|(rule, _)| ["--suppress".to_owned(), (*rule).to_owned()]);
        let mut args: Vec<String> = ["--release", "wrynose", "--quiet", "--relpaths"]
            .map(str::to_owned)
            .into();
        args.push(format!(
            "--constantmods=+{}",
            root.join("yocto/oelint.json").display()
        ));
        args.extend(suppress);
        args.extend(files);
        println!(
            "$ oelint-adv --release wrynose {LAYER} ({} rules do not fit it)",
            NOT_FOR_US.len()
        );
        let output = Command::new(self.programs.join("oelint-adv"))
            .args(&args)
            .current_dir(root)
            .stdin(Stdio::null())
            .output()
            .context("cannot start oelint-adv")?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        print!("{said}");
        if !output.status.success() || said.contains("[oelint.") || said.contains(":oelint.") {
            bail!("oelint-adv has found something in {LAYER}");
        }
        Ok(())
    }

    /// Every recipe and append, for each machine, with BitBake's own parser and fetcher over stand-ins for the layers below.
    pub fn read(&self, root: &Path) -> Result<()> {
        let (script, layer) = (root.join("yocto/read-layer.py"), root.join(LAYER));
        let made = self.work.with_file_name("read-layer");
        let args = [&script, &layer, &made].map(|path| path.display().to_string());
        command::run(
            root,
            self.programs.join("python"),
            &args.each_ref().map(String::as_str),
        )
        .context("BitBake cannot read the layer")
    }

    /// Each machine's kas file, alone and with each file that is put on top of it, must be a whole configuration.
    pub fn dump(&self, root: &Path) -> Result<()> {
        let folder = root.join("yocto/kas");
        let mut machines = Vec::new();
        let mut others = Vec::new();
        for file in workspace::files(&folder)? {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let file = file.display().to_string();
            if file.ends_with(".lock.yml") || file.ends_with("/common.yml") {
                continue;
            }
            let is_machine = text.lines().any(|line| line.starts_with("machine:"));
            if is_machine {
                machines.push(file);
            } else {
                others.push(file);
            }
        }
        if machines.is_empty() {
            bail!("{} has no file for a machine", folder.display());
        }
        for machine in &machines {
            self.dump_one(root, machine)?;
            for other in &others {
                self.dump_one(root, &format!("{machine}:{other}"))?;
            }
        }
        println!(
            "kas reads {} machines, alone and with {} files on top",
            machines.len(),
            others.len()
        );
        Ok(())
    }

    fn dump_one(&self, root: &Path, files: &str) -> Result<()> {
        let output = Command::new(self.programs.join("kas"))
            .args(["--log-level", "error", "dump"])
            .args(NO_FETCH)
            .arg(files)
            .env("KAS_WORK_DIR", &self.work)
            .current_dir(root)
            .stdin(Stdio::null())
            .output()
            .context("cannot start kas")?;
        if !output.status.success() {
            bail!(
                "`kas dump {files}` failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }
}

/// What oelint-adv looks at, sorted.
fn linted(root: &Path) -> Result<Vec<String>> {
    let files = workspace::files(&root.join(LAYER))?;
    let wanted = files.iter().filter(|file| {
        let extension = file.extension().unwrap_or_default();
        extension == "bb" || extension == "bbappend" || file.ends_with("conf/layer.conf")
    });
    let inside = wanted.map(|file| file.strip_prefix(root).unwrap_or(file).display().to_string());
    Ok(inside.collect())
}
