//! Opening: what is there is checked, a damaged store is set aside, the new epoch is made durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{Database, ReadableDatabase};
use vitals::{AlarmChange, BootId, Epoch, Lane, MonoTime, Seq};

use super::commit;
use super::error::{Fault, StoreError, contain, is_damage, is_full};
use super::hang::Hang;
use super::keys::{self, Vault};
use super::medium::{Look, Medium};
use super::outbox::{EPOCHS_MAX, Outbox};
use super::rows::{self, ALARM_KEYS, EPOCH_KEYS, EpochRow, META, PerLane};
use super::shared::{Inner, Shared};
use super::tail::{Loss, Tail, TailBounds};
use super::types::{OpenReport, StoreState};
use super::writer::{HandleState, Pace, Writer};

/// Most open alarms that a start reports, the newest: far more than a ward can have.
pub const OPEN_ALARMS_MAX: usize = 1024;

/// Everything that [`super::Store::open`] decides from its options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuning {
    pub pace: Pace,
    pub commit_records: usize,
    pub tail: TailBounds,
    pub bytes_max: PerLane<u64>,
}

/// What this run is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub boot: BootId,
    pub now: MonoTime,
    pub random: u32,
}

struct Begun {
    epoch: Epoch,
    /// `None` when there was no room to make one.
    database: Option<Vault>,
    /// The card had no room for the new epoch: the writer will make up for it.
    full: bool,
    outbox: Outbox,
    losses: Vec<Loss>,
    open_alarms: Vec<AlarmChange>,
}

/// Opens what `medium` holds, or starts a new store on it, and prepares the writer.
pub(super) fn open(
    medium: Box<dyn Medium>,
    tuning: &Tuning,
    run: Run,
) -> Result<(Arc<Shared>, Writer, OpenReport), StoreError> {
    let file = medium.file().to_owned();
    let about = |fault: Fault| fault.about(&file);
    let mut set_aside = None;
    let begun = match contain(|| begin(&*medium, run.random)).map_err(about) {
        Err(error) if is_damage(&error) => {
            tracing::error!(%error, "the store is set aside");
            set_aside = Some(contain(|| medium.set_aside(error.to_string())).map_err(about)?);
            contain(|| begin(&*medium, run.random)).map_err(about)?
        }
        other => other?,
    };
    let report = OpenReport {
        epoch: begun.epoch,
        set_aside: set_aside.clone(),
        closed: begun.outbox.closed(),
        open_alarms: begun.open_alarms,
    };
    let mut tail = Tail::new(begun.epoch, tuning.tail, run.now);
    for loss in begun.losses {
        tail.lose(loss);
    }
    let inner = Inner {
        tail,
        outbox: begun.outbox,
        durable: [Seq(0); Lane::ALL.len()],
        spoilt: BTreeMap::new(),
        damage: None,
        flush: false,
        stop: false,
        failures: 0,
        running: false,
        finished: 0,
        hang: Hang::default(),
    };
    let name = (begun.epoch, run.boot);
    let shared = Arc::new(Shared::new(
        file,
        name,
        tuning.commit_records,
        inner,
        begun.database,
        set_aside,
    ));
    let mut writer = Writer {
        shared: Arc::clone(&shared),
        medium,
        pace: tuning.pace,
        bytes_max: tuning.bytes_max,
        remove: Vec::new(),
        failures: 0,
        handle: HandleState::Good,
    };
    if begun.full {
        let reason = StoreError::Full {
            file: shared.file.clone(),
        }
        .to_string();
        shared.state.send_replace(StoreState::Failing { reason });
        (writer.failures, writer.handle) = (1, HandleState::Spent);
    }
    Ok((shared, writer, report))
}

fn begin(medium: &dyn Medium, random: u32) -> Result<Begun, Fault> {
    let there = keys::open(medium, Look::Usual)?;
    let (earlier, open_alarms) = match &there {
        Some(database) => (epochs(database)?, open_alarms(database)?),
        None => Default::default(),
    };
    let known = earlier.last_key_value().map(|(epoch, _)| *epoch);
    // A fresh store after a damaged one, or a restored backup, must not call itself older than what the centre has.
    let epoch = Epoch::after(known.max(medium.noted_epoch()), random);
    let mut outbox = Outbox::new(earlier, epoch);
    if let Some(known) = known {
        outbox.touch(known);
    }
    outbox.touch(epoch);
    let losses = outbox.forget_beyond(EPOCHS_MAX);
    let mut begun = Begun {
        epoch,
        database: there,
        full: false,
        outbox,
        losses,
        open_alarms,
    };
    if let Err(fault) = begun.write_down(medium) {
        let error = fault.about(medium.file());
        if !is_full(&error) {
            return Err(Fault::Told(Box::new(error)));
        }
        begun.full = true;
    }
    Ok(begun)
}

impl Begun {
    /// Makes the epoch durable.
    fn write_down(&mut self, medium: &dyn Medium) -> Result<(), Fault> {
        medium.note_epoch(self.epoch)?;
        // What is forgotten goes with the commit that records its loss (I1).
        let (rows, _) = self.outbox.changes([Seq(0); Lane::ALL.len()]);
        match &self.database {
            Some(database) => commit::write_rows(database, &rows)?,
            None => {
                self.database = Some(keys::create(medium, &mut |database| {
                    commit::found(database, &rows)
                })?)
            }
        }
        self.outbox.settle(&rows, &[]);
        Ok(())
    }
}

/// Refuses a database that this program cannot read.
pub(super) fn check(database: &Database) -> Result<(), Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let schema = meta.get(rows::SCHEMA_KEY)?;
    rows::check_schema(schema.as_ref().map(|row| row.value()))
}

/// The epochs that the centre has not dealt with. The newest has not written down where it ended: its blocks say it.
fn epochs(database: &Vault) -> Result<BTreeMap<Epoch, EpochRow>, Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let mut epochs = BTreeMap::new();
    for entry in meta.range(EPOCH_KEYS)? {
        let (key, row) = entry?;
        let (epoch, row) = EpochRow::unpack(key.value(), row.value())?;
        epochs.insert(epoch, row);
    }
    if let Some(mut newest) = epochs.last_entry() {
        let durable = commit::last_durable(database, *newest.key())?;
        let row = newest.get_mut();
        row.last = std::array::from_fn(|lane| row.last[lane].max(durable[lane]));
    }
    Ok(epochs)
}

fn open_alarms(database: &Vault) -> Result<Vec<AlarmChange>, Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let mut alarms = Vec::new();
    for entry in meta.range(ALARM_KEYS)?.rev().take(OPEN_ALARMS_MAX) {
        let (key, row) = entry?;
        alarms.push(rows::unpack_alarm(key.value(), row.value(), database.seal())?);
    }
    alarms.reverse();
    Ok(alarms)
}
