//! Opening: what is there is checked, a damaged store is set aside, the new epoch is made durable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use redb::ReadableDatabase;
use vitals::{AlarmChange, BootId, Epoch, Lane, MonoTime, Seq};

use super::commit;
use super::epoch::{EPOCH_KEYS, EpochRow};
use super::error::{Fault, StoreError, contain, is_card, is_damage, is_full};
use super::hang::Hang;
use super::keys::{self, Vault};
use super::medium::{Look, Medium, noting};
use super::outbox::{EPOCHS_MAX, Earlier, Outbox};
use super::promises::Promises;
use super::retention::{Limit, Retention};
use super::rows::{self, ALARM_KEYS, META, PerLane};
use super::shared::{Inner, Shared};
use super::tail::{Loss, Tail, TailBounds};
use super::types::{DestinationOptions, OpenReport, SetAside, StoreOptions, StoreState};
use super::writer::{HandleState, Pace, Writer};

/// Most open alarms that a start reports, the newest: far more than a ward can have.
pub const OPEN_ALARMS_MAX: usize = 1024;

/// So many waiting readings and curves are committed before the window is over.
const COMMIT_RECORDS: usize = 8_192;

/// A core that tells no time for so long is in trouble itself; what it has handed over reaches the card all the same.
const BACKSTOP: Duration = Duration::from_secs(600);

/// Everything that [`super::Store::open`] decides from its options.
#[derive(Clone, Debug)]
pub(super) struct Tuning {
    pub destinations: Vec<DestinationOptions>,
    pub pace: Pace,
    pub tail: TailBounds,
    pub limits: PerLane<Limit>,
    pub free_bytes_min: u64,
    pub ran_before: bool,
}

impl Tuning {
    pub(super) fn of(options: &StoreOptions) -> Tuning {
        let StoreOptions {
            path: _,
            destinations,
            commit_window,
            commit_window_receipted,
            vitals_bytes_max,
            summaries_bytes_max,
            waves_bytes_max,
            vitals_age_max,
            summaries_age_max,
            waves_age_max,
            free_bytes_min,
            ran_before,
            key: _,
        } = options;
        let limit = |bytes_max: &u64, age_max: &Duration| Limit {
            bytes_max: *bytes_max,
            age_max: Some(*age_max),
        };
        Tuning {
            destinations: destinations.clone(),
            pace: Pace {
                window: *commit_window,
                window_receipted: *commit_window_receipted,
                commit_records: COMMIT_RECORDS,
                retry_first: Duration::from_millis(500),
                retry_most: Duration::from_secs(30),
                backstop: BACKSTOP,
            },
            tail: TailBounds {
                bulk_records_max: super::TAIL_RECORDS_MAX,
                bulk_bytes_max: super::TAIL_BYTES_MAX,
            },
            limits: Lane::ALL.map(|lane| match lane {
                Lane::Alerts | Lane::Events => Limit::NONE,
                Lane::Summaries => limit(summaries_bytes_max, summaries_age_max),
                Lane::Vitals => limit(vitals_bytes_max, vitals_age_max),
                Lane::Waves => limit(waves_bytes_max, waves_age_max),
            }),
            free_bytes_min: *free_bytes_min,
            ran_before: *ran_before,
        }
    }
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
    /// `None` when none could be opened or made.
    database: Option<Vault>,
    /// Why the new epoch is not on the card yet: the writer will make up for it.
    trouble: Option<StoreError>,
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
    let mut set_aside = None;
    let begun = begin_somehow(&*medium, tuning, run.random, &mut set_aside)?;
    let adopt = begun.database.is_none();
    let report = OpenReport {
        epoch: begun.epoch,
        set_aside: set_aside.clone(),
        closed: begun.outbox.closed(),
        open_alarms: begun.open_alarms,
    };
    let mut tail = Tail::new(begun.epoch, tuning.tail, run.now);
    for lane in begun.outbox.unwanted() {
        tail.receipted(lane, (Seq(0), Seq(u64::MAX)));
    }
    for loss in begun.losses {
        tail.lose(loss);
    }
    let inner = Inner {
        tail,
        outbox: begun.outbox,
        durable: [Seq(0); Lane::ALL.len()],
        spoilt: BTreeMap::new(),
        damage: None,
        promises: Promises::default(),
        flush: false,
        stop: false,
        failures: 0,
        running: false,
        finished: 0,
        hang: Hang::default(),
        pace: tuning.pace,
        retry_at: None,
        urgent_goes: false,
        announced: PerLane::default(),
    };
    let name = (begun.epoch, run.boot);
    let shared = Arc::new(Shared::new(file, name, inner, begun.database, set_aside));
    let mut writer = Writer {
        shared: Arc::clone(&shared),
        medium,
        adopt,
        retention: Retention::new(tuning.limits, tuning.free_bytes_min, run.boot),
        remove: Vec::new(),
        reserve: true,
        failures: 0,
        handle: HandleState::Good,
    };
    if let Some(trouble) = begun.trouble {
        tracing::error!(error = %trouble, "records stay in memory");
        let reason = trouble.to_string();
        shared.state.send_replace(StoreState::Failing { reason });
        shared.lock().retry_at = Some(run.now);
        (writer.failures, writer.handle) = (1, HandleState::Spent);
    }
    Ok((shared, writer, report))
}

/// Sets a damaged store aside, and does without the card when there is no other way (S20).
fn begin_somehow(
    medium: &dyn Medium,
    tuning: &Tuning,
    random: u32,
    set_aside: &mut Option<SetAside>,
) -> Result<Begun, StoreError> {
    let about = |fault: Fault| fault.about(medium.file());
    let mut result = contain(|| begin(medium, tuning, random, set_aside)).map_err(about);
    if let Err(error) = &result
        && is_damage(error)
    {
        result = match contain(|| medium.set_aside(error.to_string())) {
            Ok(aside) => {
                *set_aside = Some(aside);
                contain(|| begin(medium, tuning, random, set_aside)).map_err(about)
            }
            Err(fault) => Err(about(fault)),
        };
    }
    match result {
        Err(error) if is_card(&error) => Ok(Begun::without_card(medium, tuning, random, error)),
        other => other,
    }
}

fn begin(
    medium: &dyn Medium,
    tuning: &Tuning,
    random: u32,
    set_aside: &mut Option<SetAside>,
) -> Result<Begun, Fault> {
    let there = keys::open(medium, Look::Usual)?;
    if there.is_none() && (tuning.ran_before || medium.noted_epoch().is_some()) {
        set_aside.get_or_insert_with(|| SetAside::gone(medium.file()));
    }
    let (earlier, open_alarms) = match &there {
        Some(database) => (epochs(database, &tuning.destinations)?, open_alarms(database)?),
        None => Default::default(),
    };
    let known = earlier.rows.last_key_value().map(|(epoch, _)| *epoch);
    // A fresh store after a damaged one, or a restored backup, must not call itself older than what the centre has.
    let epoch = Epoch::after(known.max(medium.noted_epoch()), random);
    let mut outbox = Outbox::new(earlier, epoch, tuning.destinations.clone());
    if let Some(known) = known {
        outbox.touch(known);
    }
    outbox.touch(epoch);
    let losses = outbox.forget_beyond(EPOCHS_MAX);
    let mut begun = Begun {
        epoch,
        database: there,
        trouble: None,
        outbox,
        losses,
        open_alarms,
    };
    if let Err(fault) = begun.write_down(medium) {
        let error = fault.about(medium.file());
        if !is_full(&error) {
            return Err(Fault::Told(Box::new(error)));
        }
        begun.trouble = Some(error);
    }
    Ok(begun)
}

/// A run whose card cannot be read sorts after all that counted theirs from 1.
const BLIND_STARTS: u64 = 1 << 31;

impl Begun {
    fn without_card(medium: &dyn Medium, tuning: &Tuning, random: u32, trouble: StoreError) -> Begun {
        let noted = medium.noted_epoch().unwrap_or(Epoch(BLIND_STARTS << 32));
        let epoch = Epoch::after(Some(noted), random);
        Begun {
            epoch,
            database: None,
            trouble: Some(trouble),
            outbox: Outbox::new(Earlier::default(), epoch, tuning.destinations.clone()),
            losses: Vec::new(),
            open_alarms: Vec::new(),
        }
    }

    /// Makes the epoch durable.
    fn write_down(&mut self, medium: &dyn Medium) -> Result<(), Fault> {
        // What is forgotten goes with the commit that records its loss (I1).
        let (rows, _) = self.outbox.changes([Seq(0); Lane::ALL.len()]);
        let to = self.outbox.destinations();
        match &self.database {
            Some(database) => {
                medium.note_epoch(self.epoch)?;
                commit::write_rows(database, to, &rows)?;
            }
            None => {
                let create = || keys::create(medium, &mut |database| commit::found(database, to, &rows));
                self.database = Some(noting(medium, self.epoch, create)?);
            }
        }
        self.outbox.settle(&rows, &[]);
        Ok(())
    }
}

/// Refuses a database that this program cannot read.
pub(super) fn check(database: &impl ReadableDatabase) -> Result<(), Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let schema = meta.get(rows::SCHEMA_KEY)?;
    rows::check_schema(schema.as_ref().map(|row| row.value()))
}

/// The epochs that some destination has not dealt with. The newest has not written down where it ended: its blocks say it.
pub(super) fn epochs(database: &Vault, destinations: &[DestinationOptions]) -> Result<Earlier, Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let mut earlier = Earlier::default();
    for entry in meta.range(EPOCH_KEYS)? {
        let (key, packed) = entry?;
        let (epoch, row) = EpochRow::unpack(key.value(), packed.value(), destinations)?;
        if row.pack(destinations) != packed.value() {
            earlier.changed.insert(epoch);
        }
        earlier.rows.insert(epoch, row);
    }
    if let Some(mut newest) = earlier.rows.last_entry() {
        let durable = commit::last_durable(database, *newest.key())?;
        let row = newest.get_mut();
        row.last = std::array::from_fn(|lane| row.last[lane].max(durable[lane]));
    }
    Ok(earlier)
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
