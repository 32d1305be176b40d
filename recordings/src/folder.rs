//! Which files of a folder are recordings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::wfdb;

/// Most recordings of one folder.
pub const FILES_MAX: usize = 10_000;

/// How many folders deep is looked.
const DEPTH_MAX: usize = 8;

/// A folder cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be looked into.
    #[error("cannot read the folder {path}: {source}")]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing is there.
    #[error("{path} holds no recording: no file ends in .csv or .hea (WFDB)")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Too much is there.
    #[error("{path} holds more than {FILES_MAX} recordings; name one of its folders instead")]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
}

/// The recordings in a folder and below it, sorted by name: `*.csv`, and each WFDB record once, without its segments.
///
/// # Errors
/// When a folder cannot be read, there is no recording, or there are too many.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut found = BTreeSet::new();
    look(folder, DEPTH_MAX, &mut found, folder)?;
    let segments: Vec<PathBuf> = found.iter().flat_map(|path| wfdb::segments(path)).collect();
    for segment in segments {
        found.remove(&segment);
    }
    if found.is_empty() {
        return Err(FolderError::Empty {
            path: folder.to_path_buf(),
        });
    }
    Ok(found.into_iter().collect())
}

fn look(folder: &Path, depth: usize, found: &mut BTreeSet<PathBuf>, whole: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Read {
        path: folder.to_path_buf(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // A link to a folder is not followed: it may lead back.
        if entry.file_type().map_err(failed)?.is_dir() {
            if depth > 0 {
                look(&path, depth - 1, found, whole)?;
            }
        } else if path
            .extension()
            .is_some_and(|ends| ends == "csv" || ends == "hea")
        {
            found.insert(path);
        }
        if found.len() > FILES_MAX {
            return Err(FolderError::TooMany {
                path: whole.to_path_buf(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_recordings_once_sorted_and_without_their_segments() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("deep")).unwrap();
        for (name, text) in [
            ("b.csv", ""),
            ("deep/s.hea", "s/2 1 1 6\na 2\nb 4\n"),
            ("deep/a.hea", "a 1 1 2\na.dat 80\n"),
            ("deep/b.hea", "b 1 1 4\nb.dat 80\n"),
            ("deep/a.dat", ""),
            ("notes.txt", ""),
            ("a.hea", "a 1 1 2\na.dat 80\n"),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        let found = in_folder(root).unwrap();
        assert_eq!(
            found,
            ["a.hea", "b.csv", "deep/s.hea"].map(|name| root.join(name))
        );
    }

    #[test]
    fn a_folder_without_recordings_and_one_with_too_many_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let problem = || in_folder(folder.path()).unwrap_err().to_string();
        assert!(problem().contains("holds no recording"));
        for number in 0..=FILES_MAX {
            std::fs::write(folder.path().join(format!("{number}.csv")), "").unwrap();
        }
        assert!(problem().contains("more than 10000"), "{}", problem());
        let absent = in_folder(Path::new("does/not/exist")).unwrap_err();
        assert!(absent.to_string().contains("does/not/exist"));
    }
}
