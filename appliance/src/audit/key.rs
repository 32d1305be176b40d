//! The key of the box, which signs how far its audit goes. It lies beside the store, so that a store that is set aside does
//! not take it along; only its owner may read it, and it is sealed with the store's key when there is one.
//!
//! - K1: the file is complete or not there: written beside, synced, renamed.
//! - K2: a file that cannot be read is never replaced: the centre would take the box for another one. Without a key the post
//!   works as ever, and signs nothing.
//! - K3: a change of the store's key that is cut short leaves the file readable with either key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ring::signature::Ed25519KeyPair;
use vitals::WallTime;
use vitals::audit::{ChainId, Head, SignedHead, digits, hex};

use crate::store::{KeySource, Sealer, StoreError};

/// Bytes of the secret.
const SEED_BYTES: usize = 32;
/// Three lines of digits are less; whatever is longer is something else.
const FILE_BYTES_MAX: u64 = 1_024;
/// Bound to every sealed key, so that it can be nothing else.
const ABOUT: &[u8] = b"vitalpost audit key 1";

/// Why the box cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum BoxKeyError {
    /// The file cannot be read or written.
    #[error("the key of the audit {}: {reason}", .file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store's key cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of the box.
pub struct BoxKey(Ed25519KeyPair);

/// Where the key of the audit of a store lies.
pub fn key_file(store: &Path) -> PathBuf {
    store.with_file_name("audit.key")
}

impl BoxKey {
    /// Reads the key, or makes one when there is none.
    ///
    /// # Errors
    /// The file or the store's key cannot be used; nothing has changed then.
    pub fn find(store: &Path, sealing: Option<&KeySource>) -> Result<BoxKey, BoxKeyError> {
        let file = key_file(store);
        let sealer = sealing.map(KeySource::sealer).transpose()?;
        let seed = match read(&file, sealer.as_ref())? {
            Some((seed, is_sealed)) => {
                if let (Some(sealer), false) = (&sealer, is_sealed) {
                    write(&file, &seed, &[sealer])?;
                }
                seed
            }
            None => {
                let mut seed = [0; SEED_BYTES];
                getrandom::fill(&mut seed).map_err(|error| unusable(&file, error.to_string()))?;
                let sealers: Vec<&Sealer> = sealer.iter().collect();
                write(&file, &seed, &sealers)?;
                seed
            }
        };
        BoxKey::of(&seed).ok_or_else(|| unusable(&file, "it is no key".to_owned()))
    }

    /// The key that this secret makes.
    pub fn of(seed: &[u8; SEED_BYTES]) -> Option<BoxKey> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(BoxKey)
    }

    /// Signs how far a chain goes now.
    pub fn sign(&self, chain: ChainId, head: Head, wall: Option<WallTime>) -> SignedHead {
        SignedHead::sign(&self.0, chain, head, wall)
    }
}

/// Seals the key for the store's keys `new`, `old` opens it; a key that is not there, or not sealed, is left as it is.
///
/// # Errors
/// It cannot be opened with `old`, or not be written. It is as it was then.
pub fn reseal(store: &Path, old: &Sealer, new: &[&Sealer]) -> Result<(), BoxKeyError> {
    let file = key_file(store);
    match read(&file, Some(old))? {
        Some((seed, true)) => write(&file, &seed, new),
        _ => Ok(()),
    }
}

fn unusable(file: &Path, reason: String) -> BoxKeyError {
    BoxKeyError::Unusable {
        file: file.to_owned(),
        reason,
    }
}

/// The secret, and whether it was sealed.
fn read(path: &Path, sealer: Option<&Sealer>) -> Result<Option<([u8; SEED_BYTES], bool)>, BoxKeyError> {
    let wrong = |reason: &str| unusable(path, reason.to_owned());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, error.to_string())),
    };
    let mode = file
        .metadata()
        .map_err(|error| unusable(path, error.to_string()))?;
    if mode.permissions().mode() & 0o077 != 0 {
        return Err(wrong("others may read it: run `chmod 600` on it"));
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| unusable(path, error.to_string()))?;
    if let Some(plain) = text.strip_prefix("plain ") {
        let seed = hex(plain.trim()).ok_or_else(|| wrong("it is damaged"))?;
        return Ok(Some((seed, false)));
    }
    let sealed = text.lines().filter_map(|line| line.strip_prefix("sealed "));
    let sealed: Vec<Vec<u8>> = sealed.map(from_digits).collect();
    if sealed.is_empty() {
        return Err(wrong("it is damaged"));
    }
    let sealer = sealer.ok_or_else(|| wrong("it is sealed, and [store] key is missing"))?;
    let opened = sealed.iter().find_map(|sealed| sealer.open(ABOUT, sealed));
    let seed = opened.and_then(|seed| seed.try_into().ok());
    let seed = seed.ok_or_else(|| wrong("the store's key does not open it, or it is damaged"))?;
    Ok(Some((seed, true)))
}

fn from_digits(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn write(path: &Path, seed: &[u8; SEED_BYTES], sealers: &[&Sealer]) -> Result<(), BoxKeyError> {
    let write = || {
        let mut text = String::new();
        for sealer in sealers {
            text += &format!("sealed {}\n", digits(&sealer.seal(ABOUT, seed)?));
        }
        if sealers.is_empty() {
            text = format!("plain {}\n", digits(seed));
        }
        let beside = path.with_extension("key.new");
        let mut open = OpenOptions::new();
        // One that a cut left half written has the mode it was made with.
        let mut file = open
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|error: io::Error| unusable(path, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::new_key_file;

    fn public(key: &BoxKey) -> [u8; 32] {
        let head = Head {
            number: 1,
            hash: vitals::audit::Hash([7; 32]),
        };
        let signed = key.sign(ChainId("demo/1".to_owned()), head, None);
        assert!(signed.is_signed());
        signed.key
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("vitalpost.redb");
        let made = public(&BoxKey::find(&store, None).unwrap());
        assert_eq!(public(&BoxKey::find(&store, None).unwrap()), made);
        let mode = fs::metadata(key_file(&store)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn k2_k3_the_key_is_sealed_with_the_stores_key_and_follows_it_and_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("vitalpost.redb");
        let sources = ["a", "b"].map(|name| {
            let file = folder.path().join(name);
            new_key_file(&file).unwrap();
            KeySource::File(file)
        });
        let made = public(&BoxKey::find(&store, None).unwrap());
        let [a, b] = &sources;
        assert_eq!(
            public(&BoxKey::find(&store, Some(a)).unwrap()),
            made,
            "sealed later"
        );
        let text = fs::read_to_string(key_file(&store)).unwrap();
        assert!(text.starts_with("sealed "));
        assert!(BoxKey::find(&store, None).is_err() && BoxKey::find(&store, Some(b)).is_err());
        assert_eq!(fs::read_to_string(key_file(&store)).unwrap(), text, "left alone");

        let (old, new) = (a.sealer().unwrap(), b.sealer().unwrap());
        reseal(&store, &old, &[&old, &new]).unwrap();
        for source in &sources {
            assert_eq!(
                public(&BoxKey::find(&store, Some(source)).unwrap()),
                made,
                "in between"
            );
        }
        reseal(&store, &new, &[&new]).unwrap();
        assert!(BoxKey::find(&store, Some(a)).is_err());
        assert_eq!(public(&BoxKey::find(&store, Some(b)).unwrap()), made);
    }
}
