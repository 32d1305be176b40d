//! The whole store without its thread, on a simulated disk: whoever steps it decides when a round of the writer runs.
//!
//! The same seed and the same steps have the same result. A power cut is
//!
//! ```text
//! disk.cut_after(0);            // or cut_after(n) before a step: it fails at the n-th operation
//! drop((store, stepper));
//! disk.power_cycle();           // what is left is what survived
//! let (store, stepper, report) = simulated::open(&disk, &options, boot, now, random)?;
//! ```
//!
//! [`Store::flush`] and [`Store::close`] wait for a thread and are not for a stepped store: step it instead.

use std::path::Path;
use std::sync::Arc;

use vitals::{BootId, Lane, MonoTime, Seq};

use super::open::{self, Run, Tuning};
use super::rows::{self, place};
use super::writer::Writer;
use super::{Handle, OpenReport, Store, StoreError, StoreOptions};

pub use super::disk::{Chance, Disk, Written};

/// Does what the store's thread would do, when it is told to.
pub struct Stepper {
    writer: Writer,
}

/// As [`Store::open`], on a simulated disk and without a thread. The path of the options means nothing.
///
/// # Errors
/// As [`Store::open`].
pub fn open(
    disk: &Disk,
    options: &StoreOptions,
    boot: BootId,
    now: MonoTime,
    random: u32,
) -> Result<(Store, Stepper, OpenReport), StoreError> {
    disk.put_key(options.key.clone());
    let (shared, writer, report) = open::open(
        Box::new(disk.clone()),
        &Tuning::of(options),
        Run { boot, now, random },
    )?;
    let handle = Arc::new(Handle::new(shared, None));
    Ok((Store { handle }, Stepper { writer }, report))
}

/// Makes a store what a newer program would leave behind: of a layout that this one does not know.
///
/// # Errors
/// It is no store, or somebody uses it.
pub fn mark_as_newer(file: &Path) -> Result<(), redb::Error> {
    let database = redb::Database::open(file)?;
    let transaction = database.begin_write()?;
    let newer = rows::pack_schema(rows::SCHEMA + 1);
    transaction
        .open_table(rows::META)?
        .insert(rows::SCHEMA_KEY, newer.as_slice())?;
    Ok(transaction.commit()?)
}

impl Stepper {
    /// Tells the store the time; true when a round is due. Does nothing else that [`Store::check`] does.
    pub fn is_due(&self, now: MonoTime) -> bool {
        let mut inner = self.writer.shared.lock();
        inner.tail.tell(now);
        inner.is_due()
    }

    /// Runs one round, due or not: everything urgent and up to a quarter of the bounds of the rest is committed, rows
    /// beyond the quota go, a spent file is opened again. True when it went well.
    pub fn round(&mut self, now: MonoTime) -> bool {
        self.writer.shared.lock().tail.tell(now);
        self.writer.step()
    }

    /// The last record of each lane of the running epoch that is on the card.
    pub fn durable(&self) -> [(Lane, Seq); Lane::ALL.len()] {
        let durable = self.writer.shared.lock().durable;
        Lane::ALL.map(|lane| (lane, durable[place(lane)]))
    }

    /// The room for alerts and events on a full card is set aside.
    pub fn has_reserve(&self) -> bool {
        self.writer.reserve
    }

    /// The orderly end: commits everything and releases the file.
    ///
    /// # Errors
    /// Records that could not be committed are lost.
    pub fn close(mut self, now: MonoTime) -> Result<(), StoreError> {
        self.round(now);
        while !self.writer.is_done() {
            self.round(now);
        }
        self.writer.end()
    }
}
