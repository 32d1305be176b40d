//! The words of whoever looks after a post's store: make a key, change the key, make a backup. And where the key lies.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use super::AppError;
use crate::access::{self, DeskOptions, Sealing};
use crate::audit::{self, BoxKey};
use crate::clock::Clock;
use crate::config::{self, Config, StoreConfig};
use crate::store::{self, Archive, KeySource, Sealer, StoreError};

/// Name of the key among the credentials that systemd hands to the service.
const CREDENTIAL: &str = "store-key";

/// Where the key of the store lies: in the file of `[store] key`, else in the credential `store-key` if the service was
/// given one, else nowhere.
pub(super) fn key_source(store: &StoreConfig) -> Option<KeySource> {
    choose(store.key.as_deref(), std::env::var_os("CREDENTIALS_DIRECTORY"))
}

fn choose(configured: Option<&Path>, credentials: Option<OsString>) -> Option<KeySource> {
    let credential = || Some(PathBuf::from(credentials?).join(CREDENTIAL)).filter(|path| path.exists());
    configured
        .map(|path| KeySource::File(path.to_owned()))
        .or_else(|| credential().map(KeySource::Credential))
}

/// The key of the box; without it the post works as ever, and what its audit says cannot be proven to others.
pub(super) fn box_key(store: &StoreConfig) -> Option<BoxKey> {
    match BoxKey::find(&store.path, key_source(store).as_ref()) {
        Ok(key) => Some(key),
        Err(error) => {
            tracing::error!(%error, "how far the audit goes is not signed");
            None
        }
    }
}

impl Sealing for Sealer {
    fn seal(&self, about: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        Sealer::seal(self, about, plain)
    }

    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        Sealer::open(self, about, sealed)
    }
}

/// The folder of the store, in which everything else lies that the post keeps.
pub(super) fn folder(config: &Config) -> PathBuf {
    match config.store.path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Where the accounts lie, and what seals them.
///
/// # Errors
/// The key cannot be read.
pub(super) fn desk_options(config: &Config) -> Result<DeskOptions, AppError> {
    let key = key_source(&config.store);
    let sealer = key.as_ref().map(KeySource::sealer).transpose()?;
    Ok(DeskOptions {
        folder: folder(config),
        seal: sealer.map(|sealer| Box::new(sealer) as Box<dyn Sealing>),
        place: config.name.clone(),
        networks: config.web.networks.clone(),
    })
}

/// Said once at each start that writes readable rows.
pub(super) fn warn_when_unsealed(key: Option<&KeySource>) {
    if key.is_none() {
        tracing::warn!(
            "the store is not sealed: history on this card can be read by whoever takes it; see [store] key"
        );
    }
}

/// `vitalpost key new FILE`: makes a key file.
///
/// # Errors
/// The file exists already, or cannot be written.
pub fn new_key(file: &Path) -> Result<(), AppError> {
    store::new_key_file(file)?;
    println!(
        "{} holds a new key. Keep a copy where nobody can take it together with the card: without it the store and its backups cannot be read.",
        file.display()
    );
    Ok(())
}

/// `vitalpost rekey --config FILE --new-key FILE`: seals the data key of the store with another key.
///
/// # Errors
/// The configuration is wrong, the appliance runs, the store is not sealed, or a key cannot be used. The old key works
/// then as before.
pub fn rekey(config: &Path, new_key: &Path) -> Result<(), AppError> {
    let config = config::load(config)?;
    let path = &config.store.path;
    let old = key_source(&config.store);
    let new = KeySource::File(new_key.to_owned()).sealer()?;
    let sealed = old.as_ref().map(KeySource::sealer).transpose()?;
    // Readable with either key until the store's own key is changed.
    let folder = &folder(&config);
    if let Some(sealed) = &sealed {
        let both = [sealed, &new];
        let seals: [&dyn Sealing; 2] = [sealed, &new];
        access::reseal(folder, sealed, &seals).or_else(|_| access::reseal(folder, &new, &seals))?;
        // One that was cut short when all was done opens with the new key alone.
        audit::reseal(path, sealed, &both).or_else(|_| audit::reseal(path, &new, &both))?;
    }
    store::rekey(path, old, new_key)?;
    audit::reseal(path, &new, &[&new])?;
    access::reseal(folder, &new, &[&new])?;
    println!(
        "the store {} now opens with {} and no longer with its old key. Set [store] key to it before the next start. Backups made before still need the old key.",
        config.store.path.display(),
        new_key.display()
    );
    Ok(())
}

/// `vitalpost backup --config FILE --to FILE`: copies the store, also while the appliance runs.
///
/// # Errors
/// The configuration is wrong, there is no store, or the copy exists already or cannot be written. No file is left then.
pub fn backup(config: &Path, to: &Path) -> Result<(), AppError> {
    let config = config::load(config)?;
    let clock = Clock::system()?;
    let report = store::backup(&config.store.path, to, &|| clock.now())?;
    println!(
        "{}: {} blocks, {} bytes",
        to.display(),
        report.blocks,
        report.bytes
    );
    if report.damaged > 0 {
        println!(
            "{} of the blocks are damaged in the store and so in the backup",
            report.damaged
        );
    }
    println!(
        "{}",
        if report.sealed {
            "It is sealed like the store: keep the key too, and not with it."
        } else {
            "It is not sealed: whoever has this file can read what is in it."
        }
    );
    Ok(())
}

/// `vitalpost store-schema`: prints the newest layout of the store that this version reads and writes.
pub fn store_schema() {
    println!("{}", store::SCHEMA);
}

/// `vitalpost store-back --copy FILE`: where a newer version has written the store so that this one cannot read it, the copy
/// from before takes its place; what the newer one wrote is kept beside it. Else nothing is touched.
///
/// # Errors
/// The configuration is wrong, or the files cannot be moved; the store is then as it was.
pub fn store_back(config: &Path, copy: &Path) -> Result<(), AppError> {
    let config = config::load(config)?;
    let path = &config.store.path;
    let Err(StoreError::Newer { .. }) = Archive::open(path, key_source(&config.store)) else {
        println!("this version reads the store: it is left as it is");
        return Ok(());
    };
    let aside = path.with_added_extension("newer");
    put_in_place(copy, path, &aside).map_err(AppError::StoreBack)?;
    println!(
        "the store was written by a newer version: the copy from before is in its place, and what the newer one wrote is kept in {}",
        aside.display()
    );
    Ok(())
}

/// Whole or not at all: the copy is on the card before anything is moved, and belongs to whoever the store belongs to.
fn put_in_place(copy: &Path, path: &Path, aside: &Path) -> io::Result<()> {
    let fresh = path.with_added_extension("back");
    let owner = fs::metadata(path)?;
    fs::copy(copy, &fresh)?;
    chown(&fresh, Some(owner.uid()), Some(owner.gid()))?;
    fs::set_permissions(&fresh, owner.permissions())?;
    fs::File::open(&fresh)?.sync_all()?;
    fs::rename(path, aside)?;
    fs::rename(&fresh, path)?;
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configured_key_comes_before_the_credential_and_a_missing_credential_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = || Some(folder.path().as_os_str().to_owned());
        let configured = Path::new("/etc/vitalpost/store.key");
        assert_eq!(choose(None, None), None);
        assert_eq!(choose(None, credentials()), None);
        let credential = folder.path().join("store-key");
        std::fs::write(&credential, "").unwrap();
        assert_eq!(
            choose(None, credentials()),
            Some(KeySource::Credential(credential))
        );
        assert_eq!(
            choose(Some(configured), credentials()),
            Some(KeySource::File(configured.to_owned()))
        );
    }

    #[test]
    fn a_store_of_a_newer_layout_gives_way_to_the_copy_from_before_and_no_other_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let config = path("vitalpost.toml");
        std::fs::write(
            &config,
            format!(
                "post = \"demo\"\nname = \"Demo\"\n[store]\npath = {:?}\n[web]\nlisten = \"127.0.0.1:0\"\n",
                path("store.redb")
            ),
        )
        .unwrap();
        let open = || {
            let clock = Clock::system().unwrap();
            let options = store::StoreOptions::at(path("store.redb"));
            store::Store::open(&options, clock.boot(), clock.now(), 1)
        };
        open().unwrap().0.close().unwrap();
        let before = std::fs::read(path("store.redb")).unwrap();
        backup(&config, &path("copy")).unwrap();
        store_back(&config, &path("copy")).unwrap();
        assert!(
            std::fs::read(path("store.redb")).unwrap() == before,
            "it was readable"
        );

        store::simulated::mark_as_newer(&path("store.redb")).unwrap();
        assert!(matches!(open(), Err(StoreError::Newer { .. })));
        store_back(&config, &path("missing")).unwrap_err();
        assert!(matches!(open(), Err(StoreError::Newer { .. })), "left as it was");
        store_back(&config, &path("copy")).unwrap();
        let (store, report) = open().unwrap();
        assert!(report.set_aside.is_none(), "{:?}", report.set_aside);
        store.close().unwrap();
        assert!(path("store.redb.newer").exists());
    }
}
