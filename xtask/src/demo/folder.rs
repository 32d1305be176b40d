//! The demo's work folder: certificates, configurations, stores, cables, logs. Wiped at the start unless it is kept.
//!
//! Invariant: only a folder that an earlier demo made (it holds [`MARK`]) is ever wiped, and never one in use.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use nix::fcntl::{Flock, FlockArg};

/// Shows that this folder belongs to the demo.
const MARK: &str = "made-by-cargo-xtask-demo";

/// An open, locked work folder.
pub struct Folder {
    root: PathBuf,
    _lock: Flock<File>,
}

impl Folder {
    /// Makes, wipes (unless `keep`) and locks it.
    pub fn prepare(root: &Path, keep: bool) -> Result<Folder> {
        let root = std::path::absolute(root)?;
        let mark = root.join(MARK);
        let not_empty = root.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        if not_empty && !mark.is_file() {
            bail!(
                "{} is not empty and no demo made it; choose another folder with --dir",
                root.display()
            );
        }
        make(&root)?;
        let file = File::create(&mark).with_context(|| format!("cannot write {}", mark.display()))?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| {
            anyhow!(
                "a demo is running in {}; stop it, or choose another folder with --dir",
                root.display()
            )
        })?;
        let folder = Folder { root, _lock: lock };
        if !keep {
            folder.wipe()?;
        }
        for part in [
            folder.certificates(),
            folder.cables(),
            folder.logs(),
            folder.stores(),
        ] {
            make(&part)?;
        }
        Ok(folder)
    }

    /// Authority, broker, centre and post certificates.
    pub fn certificates(&self) -> PathBuf {
        self.root.join("certificates")
    }

    /// Where the simulated serial ports appear.
    pub fn cables(&self) -> PathBuf {
        self.root.join("cables")
    }

    /// One log per program.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// What the post and the centre keep.
    pub fn stores(&self) -> PathBuf {
        stores(&self.root)
    }

    /// A file that [`Folder::write`] wrote.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a configuration file and returns its path.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    fn wipe(&self) -> Result<()> {
        for entry in self
            .root
            .read_dir()
            .with_context(|| format!("cannot list {}", self.root.display()))?
        {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name() == MARK {
                continue;
            }
            let removed = if entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }
}

/// What the post and the centre of the demo in this folder keep.
pub fn stores(root: &Path) -> PathBuf {
    root.join("stores")
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_no_demo_made_is_never_wiped() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("thesis.txt");
        std::fs::write(&precious, "years").unwrap();
        let error = Folder::prepare(folder.path(), false).err().unwrap().to_string();
        assert!(error.contains("--dir"), "{error}");
        assert!(precious.is_file());
    }

    #[test]
    fn a_second_run_starts_clean_unless_it_keeps() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("demo");
        let old = root.join("stores/post.redb");
        drop(Folder::prepare(&root, false).unwrap());
        std::fs::write(&old, "records").unwrap();
        drop(Folder::prepare(&root, true).unwrap());
        assert!(old.is_file());
        drop(Folder::prepare(&root, false).unwrap());
        assert!(!old.exists());
    }

    #[test]
    fn two_demos_never_share_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("demo");
        let first = Folder::prepare(&root, false).unwrap();
        std::fs::write(first.stores().join("post.redb"), "records").unwrap();
        assert!(Folder::prepare(&root, false).is_err());
        assert!(first.stores().join("post.redb").is_file());
    }
}
