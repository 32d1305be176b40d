//! What `vitalpost-central user` and `audit` do: through the running centre's socket, or on its files when none runs.

use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::unistd::getuid;

use super::file::owned_like_folder;
use super::local::{self, AskError, Asked};
use super::manage::manage;
use super::register::{Register, RegisterError};
use crate::audit;
use crate::audit::report::{self, ReportError};
use crate::clock::Clock;
use crate::store::{RedbStore, StoreError};

/// A centre that has just started opens its socket a moment after its store.
const STARTING_TRIES: u32 = 20;
const STARTING_EVERY: Duration = Duration::from_millis(100);

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    /// The running centre does not do it.
    #[error(transparent)]
    Asked(#[from] AskError),
    /// No centre runs, and the store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An account.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The audit.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A file.
    #[error("{0}")]
    File(#[from] io::Error),
    /// The accounts are damaged.
    #[error(
        "the accounts could not be read and are kept as {0}; put a backup back, or make the accounts anew"
    )]
    Aside(String),
}

/// Does it for the centre with this store.
///
/// # Errors
/// Why not.
pub fn carry_out(store: &Path, asked: &Asked, out: &mut dyn Write) -> Result<(), DirectError> {
    let mut tries = 0;
    loop {
        match local::ask(&local::path(store), asked, out) {
            Err(AskError::NotRunning) => {}
            answered => return Ok(answered?),
        }
        match on_files(store, asked, out) {
            Err(DirectError::Store(StoreError::InUse { .. })) if tries < STARTING_TRIES => {
                tries += 1;
                thread::sleep(STARTING_EVERY);
            }
            done => return done,
        }
    }
}

fn on_files(path: &Path, asked: &Asked, out: &mut dyn Write) -> Result<(), DirectError> {
    let order = match asked {
        Asked::AuditVerify => return Ok(report::verify(&RedbStore::open_existing(path)?, out)?),
        Asked::AuditCsv => return Ok(report::csv(&RedbStore::open_existing(path)?, out)?),
        Asked::User(order) => order,
    };
    // First what can fail: nothing is changed that cannot be told. The store's lock keeps a centre from starting.
    let store = RedbStore::open(path)?;
    owned_like_folder(path)?;
    let (mut register, aside) = Register::open(path)?;
    if let Some(aside) = aside {
        let aside = aside.display().to_string();
        let told = audit::of_the_centre("accounts_set_aside", Some(format!("kept as {aside}")));
        audit::add(&store, told, Clock)?;
        return Err(DirectError::Aside(aside));
    }
    let managed = manage(&mut register, order, &local::user_name(getuid()), Clock.wall());
    if let Some(told) = managed.told {
        audit::add(&store, told, Clock)?;
    }
    for line in managed.said? {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
