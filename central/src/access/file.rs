//! The accounts' file beside the centre's store: replaced as a whole, so that it is the old one or the new one after a
//! power cut. What cannot be read is kept aside, and said.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use accounts::people::People;

use super::policy::Role;

/// Two hundred accounts are less than half of this.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Unreadable files that are kept.
const ASIDE_MAX: u32 = 1_000;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The accounts; none when there is no file.
    People(People<Role>),
    /// Something that cannot be read; it was kept under this name.
    Unreadable { aside: PathBuf },
}

/// Reads the file.
///
/// # Errors
/// When the system does not give it (then it is left where it is), or it can be neither read nor set aside.
pub(super) fn read(path: &Path) -> io::Result<Found> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::People(People::default())),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    // What the parser says would quote the file; that is for no log.
    match serde_json::from_slice(&bytes) {
        Ok(people) => Ok(Found::People(people)),
        Err(_) => {
            let free = |aside: &PathBuf| !aside.exists();
            let aside = (1..=ASIDE_MAX)
                .map(|number| with_ending(path, &format!("unreadable-{number}")))
                .find(free)
                .ok_or_else(|| io::Error::other("too many unreadable files lie beside it: take them away"))?;
            fs::rename(path, &aside)?;
            Ok(Found::Unreadable { aside })
        }
    }
}

/// Replaces the file, durably.
///
/// # Errors
/// When the system cannot write; the old one is still there then.
pub(super) fn write(path: &Path, people: &People<Role>) -> io::Result<()> {
    let new = with_ending(path, "new");
    let bytes = serde_json::to_vec(people)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(&bytes)?;
    owned_like_folder(&new)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(folder_of(path))?.sync_all()
}

/// Gives a file that root made to the owner of its folder: the centre itself does not run as root, and must read it.
///
/// # Errors
/// When the system refuses.
pub(super) fn owned_like_folder(path: &Path) -> io::Result<()> {
    let folder = fs::metadata(folder_of(path))?;
    if nix::unistd::geteuid().is_root() && fs::metadata(path)?.uid() != folder.uid() {
        chown(path, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use accounts::people::{Begin, PersonId};
    use vitals::WallTime;

    use super::*;

    fn people() -> People<Role> {
        let mut people = People::default();
        let code = Begin {
            code: "ABCD-EFGH-JKLM-NPQR".into(),
            salt: [1; 16],
            now: WallTime::from_unix_ms(0),
        };
        let id = PersonId::try_from("rao".to_owned()).unwrap();
        people.add(id, "Dr Rao", &[Role::Doctor], code).unwrap();
        people
    }

    #[test]
    fn what_was_written_is_read_and_nobody_else_on_the_machine_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.people.json");
        assert_eq!(read(&path).unwrap(), Found::People(People::default()));
        write(&path, &people()).unwrap();
        write(&path, &people()).unwrap();
        assert_eq!(read(&path).unwrap(), Found::People(people()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 1, "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_read_is_kept_aside_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.people.json");
        let whole = serde_json::to_vec(&people()).unwrap();
        for (number, damaged) in (1..).zip([&b"\0\0\0"[..], &whole[..whole.len() / 2], b""]) {
            fs::write(&path, damaged).unwrap();
            let aside = folder
                .path()
                .join(format!("central.people.json.unreadable-{number}"));
            assert_eq!(read(&path).unwrap(), Found::Unreadable { aside: aside.clone() });
            assert_eq!(fs::read(aside).unwrap(), damaged);
            assert_eq!(read(&path).unwrap(), Found::People(People::default()));
        }
    }
}
