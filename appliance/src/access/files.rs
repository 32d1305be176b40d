//! What the desk keeps on the card, beside the store: accounts, screens, emergencies. One file each, replaced whole.
//!
//! - A6: a file is the old one or the new one, whatever happens in between: written beside, synced, renamed, folder synced.
//! - A7: with a key, nothing is written unsealed. A file may be sealed twice, for two keys: a rekey that is cut short
//!   leaves it readable with whichever key the store has then.
//! - A8: a file that cannot be read is kept aside, never overwritten; the post goes on without it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use accounts::people::{People, PersonId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::desk::DeskOptions;
use super::doors::Known;
use super::policy::Role;

/// Seals with the store's key; where the key comes from is not the desk's affair.
pub trait Sealing: Send + Sync {
    /// What only the key opens. `about` is not in it, and must be the same when it is opened.
    ///
    /// # Errors
    /// The system gives no randomness.
    fn seal(&self, about: &[u8], plain: &[u8]) -> io::Result<Vec<u8>>;
    /// What was sealed; none when the key is another one, or a byte differs.
    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// The accounts.
pub(super) const PEOPLE: &str = "people.json";
/// The registered screens.
pub(super) const SCREENS: &str = "screens.json";
/// The emergencies, for whoever reviews them.
pub(super) const EMERGENCIES: &str = "emergencies.json";
/// The self-tests that were signed.
pub(super) const TESTS: &str = "self-tests.json";

const ALL: [&str; 4] = [PEOPLE, SCREENS, EMERGENCIES, TESTS];
/// Two hundred accounts, sealed twice in hexadecimal digits, are less than half of this.
const FILE_BYTES_MAX: u64 = 4 << 20;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    /// Readable by whoever has the card.
    Plain(serde_json::Value),
    /// Sealed, once for each key that opens it, in hexadecimal digits.
    Sealed(Vec<String>),
}

/// Somebody was registered here: a post has run before.
pub fn has_accounts(folder: &Path) -> bool {
    folder.join(PEOPLE).exists()
}

/// The folder of the files, and how they are sealed.
pub(super) struct Files {
    folder: PathBuf,
    seal: Option<Box<dyn Sealing>>,
    /// Could be neither read nor set aside: left alone.
    untouchable: Vec<&'static str>,
}

impl Files {
    pub(super) fn new(folder: PathBuf, seal: Option<Box<dyn Sealing>>) -> Files {
        Files {
            folder,
            seal,
            untouchable: Vec::new(),
        }
    }

    /// What is kept under this name, or nothing. Says so when it cannot be read, and sets it aside (A8).
    pub(super) fn read<T: Serialize + DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        let path = self.folder.join(name);
        match read(&path, name, self.seal.as_deref()) {
            Ok(None) => T::default(),
            Ok(Some((kept, was_sealed))) => {
                if !was_sealed
                    && self.seal.is_some()
                    && let Err(error) = self.write(name, &kept)
                {
                    tracing::error!(file = %path.display(), %error, "could not be sealed; it can be read by whoever has the card");
                }
                kept
            }
            Err(reason) => {
                self.set_aside(name, &path, &reason);
                T::default()
            }
        }
    }

    fn set_aside(&mut self, name: &'static str, path: &Path, reason: &str) {
        let aside = (1..1_000)
            .map(|number| path.with_extension(format!("unreadable-{number}")))
            .find(|aside| !aside.exists());
        let moved = aside.as_ref().map(|aside| fs::rename(path, aside));
        match (aside, moved) {
            (Some(aside), Some(Ok(()))) => {
                tracing::error!(file = %path.display(), reason, kept_as = %aside.display(),
                    "cannot be read; it is kept for rescue, and the post goes on without it");
            }
            _ => {
                self.untouchable.push(name);
                tracing::error!(file = %path.display(), reason,
                    "can be neither read nor set aside; it stays as it is, and nothing is written until the next start");
            }
        }
    }

    /// Replaces what is kept under this name (A6).
    pub(super) fn write<T: Serialize>(&self, name: &'static str, value: &T) -> io::Result<()> {
        if self.untouchable.contains(&name) {
            return Ok(());
        }
        self.write_now(name, value)
    }

    /// The same of what must be on the card: also a file that is left alone is an error then.
    pub(super) fn write_now<T: Serialize>(&self, name: &'static str, value: &T) -> io::Result<()> {
        if self.untouchable.contains(&name) {
            return Err(io::Error::other(
                "the file there can be neither read nor set aside",
            ));
        }
        let kept = match &self.seal {
            None => Kept::Plain(serde_json::to_value(value)?),
            Some(seal) => sealed(&[seal.as_ref()], name, &serde_json::to_vec(value)?)?,
        };
        replace(&self.folder, name, &kept)
    }
}

fn sealed(seals: &[&dyn Sealing], name: &str, plain: &[u8]) -> io::Result<Kept> {
    let copies = seals
        .iter()
        .map(|seal| Ok(hex(&seal.seal(&about(name), plain)?)))
        .collect::<io::Result<_>>()?;
    Ok(Kept::Sealed(copies))
}

fn about(name: &str) -> Vec<u8> {
    format!("vitalpost access 1 {name}").into_bytes()
}

/// The value, and whether it was sealed.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    name: &str,
    seal: Option<&dyn Sealing>,
) -> Result<Option<(T, bool)>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    // An error of the parser quotes what it read; that must not get into a log.
    let damaged =
        |error: serde_json::Error| format!("damaged at line {} column {}", error.line(), error.column());
    match serde_json::from_str(&text).map_err(damaged)? {
        Kept::Plain(value) => Ok(Some((serde_json::from_value(value).map_err(damaged)?, false))),
        Kept::Sealed(copies) => {
            let seal = seal.ok_or("it is sealed, and there is no key")?;
            let plain = copies
                .iter()
                .filter_map(|copy| seal.open(&about(name), &from_hex(copy)?))
                .next()
                .ok_or("the key does not open it, or it is damaged")?;
            Ok(Some((serde_json::from_slice(&plain).map_err(damaged)?, true)))
        }
    }
}

fn replace(folder: &Path, name: &str, kept: &Kept) -> io::Result<()> {
    let beside = folder.join(format!("{name}.new"));
    let mut open = OpenOptions::new();
    let mut file = open
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// Seals what lies in `folder` for each of `seals`; `old` opens it. A rekey seals for both keys, changes the store's key,
/// and seals for the new one alone (A7). What is not there, or not sealed, is left as it is.
///
/// # Errors
/// A file cannot be opened with the old key, or not be written. It is as it was then.
pub fn reseal(folder: &Path, old: &dyn Sealing, seals: &[&dyn Sealing]) -> io::Result<()> {
    for name in ALL {
        let path = folder.join(name);
        let kept = read::<serde_json::Value>(&path, name, Some(old))
            .map_err(|reason| io::Error::other(format!("{}: {reason}", path.display())))?;
        if let Some((value, _)) = kept {
            replace(folder, name, &sealed(seals, name, &serde_json::to_vec(&value)?)?)?;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(text.get(place..place + 2)?, 16).ok())
        .collect()
}

/// The accounts as they lie on the card; nothing is set aside or written.
pub(super) fn look(options: &DeskOptions) -> Result<Vec<(PersonId, Known)>, String> {
    let path = options.folder.join(PEOPLE);
    let kept = read::<People<Role>>(&path, PEOPLE, options.seal.as_deref())?;
    Ok(kept.map_or_else(Vec::new, |(people, _)| known(&people).collect()))
}

pub(super) fn known(people: &People<Role>) -> impl Iterator<Item = (PersonId, Known)> {
    people.iter().map(|(id, person)| {
        let known = Known {
            name: person.name.clone(),
            roles: person.roles.clone(),
            disabled: person.disabled,
            begun: person.has_begun(),
        };
        (id.clone(), known)
    })
}

#[cfg(test)]
mod tests;
