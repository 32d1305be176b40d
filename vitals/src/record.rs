//! What the store keeps and the relay carries: records in four lanes, each named by `(post, epoch, lane, seq)` (I2).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::alarm::{AlarmChange, AlarmId, Inactivation, Side, SignalPlace};
use crate::audit::{Entry, SignedHead};
use crate::bed::{AdmissionId, BedId, Binding, DeviceId};
use crate::code::Code;
use crate::delivery::Deed;
use crate::lab::{LabAssignment, LabRecord, LabSetAside, Specimen};
use crate::limits::LimitsSet;
use crate::number::Decimal;
use crate::nursing::{Handover, HandoverAccepted, Note, NoteWithdrawn};
use crate::patient::{Discharged, Identified, Transferred};
use crate::reading::{Reading, SiteReading, WaveBlock};
use crate::score::care::CareTold;
use crate::score::entry::Observed;
use crate::summary::MinuteSummary;
use crate::time::{BootId, ClockAnchor, MonoTime, Stamp, WallTime};

/// One run of the appliance. A new epoch begins at every start, so a sequence number that was sent but not yet on the
/// card is never used for something else. The upper half counts starts, the lower half is random: epochs of one post
/// sort by age, and a restored backup never repeats one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The epoch after `last` (or the first), made unique by `random`.
    pub fn after(last: Option<Epoch>, random: u32) -> Epoch {
        let starts = last.map_or(1, |e| (e.0 >> 32).saturating_add(1));
        Epoch((starts << 32) | u64::from(random))
    }

    /// Which start of the post this is, counted from 1.
    pub const fn run(self) -> u64 {
        self.0 >> 32
    }

    /// Not after any epoch of this run, and after all of the runs before it.
    pub const fn of_run(run: u64) -> Epoch {
        Epoch(run << 32)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Epoch)
    }
}

/// Position within one lane of one epoch, counted from 1 without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The one after this.
    pub const fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}

/// Kinds of records by how they are kept and sent, most urgent first. Alerts never wait for anything below them (I7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Alarm changes. Committed at once, never evicted.
    Alerts,
    /// Starts, bindings, clock anchors, what people did. Committed at once, never evicted.
    Events,
    /// One-minute summaries. Committed in a window, sent before readings, kept longest of what is measured.
    Summaries,
    /// Readings. Committed in a window.
    Vitals,
    /// Curves. Committed in a window, stay on the box.
    Waves,
}

impl Lane {
    /// All lanes, most urgent first.
    pub const ALL: [Lane; 5] = [
        Lane::Alerts,
        Lane::Events,
        Lane::Summaries,
        Lane::Vitals,
        Lane::Waves,
    ];

    /// Its name in topics and the API.
    pub const fn key(self) -> &'static str {
        match self {
            Lane::Alerts => "alerts",
            Lane::Events => "events",
            Lane::Summaries => "summaries",
            Lane::Vitals => "vitals",
            Lane::Waves => "waves",
        }
    }

    /// Finds a lane by its name.
    pub fn from_key(key: &str) -> Option<Lane> {
        Lane::ALL.into_iter().find(|lane| lane.key() == key)
    }

    /// Committed and sent at once, before anything else.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Lane::Alerts | Lane::Events)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// The name of a record within its post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The run of the appliance that made it.
    pub epoch: Epoch,
    /// Its lane.
    pub lane: Lane,
    /// Its place there.
    pub seq: Seq,
}

/// Anything worth keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A reading of a patient (lane vitals).
    Reading(Reading),
    /// A value about the post itself (lane vitals).
    Site(SiteReading),
    /// One value over one minute (lane summaries).
    Summary(MinuteSummary),
    /// A stretch of a curve (lane waves).
    Wave(WaveRecord),
    /// A step in an alarm's life (lane alerts).
    Alarm(AlarmChange),
    /// Something that happened (lane events).
    Event {
        /// When.
        at: MonoTime,
        /// What.
        event: Event,
    },
}

impl Record {
    /// The lane this record belongs to.
    pub const fn lane(&self) -> Lane {
        match self {
            Record::Reading(_) | Record::Site(_) => Lane::Vitals,
            Record::Summary(_) => Lane::Summaries,
            Record::Wave(_) => Lane::Waves,
            Record::Alarm(_) => Lane::Alerts,
            Record::Event { .. } => Lane::Events,
        }
    }

    /// When it happened or was heard.
    pub const fn at(&self) -> MonoTime {
        match self {
            Record::Reading(reading) => reading.at,
            Record::Site(reading) => reading.at,
            Record::Summary(summary) => summary.at,
            Record::Wave(wave) => wave.at,
            Record::Alarm(change) => change.at,
            Record::Event { at, .. } => *at,
        }
    }
}

/// A stretch of a curve, bound to bed and admission like a reading (I3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaveRecord {
    /// The device that sent it.
    pub device: DeviceId,
    /// The bed it stood at.
    pub bed: Option<BedId>,
    /// The admission it belonged to.
    pub admission: Option<AdmissionId>,
    /// When its last byte arrived.
    pub at: MonoTime,
    /// The samples.
    pub block: WaveBlock,
}

/// What an earlier epoch left behind in one lane: `last_seq` is the last record that reached the card. Whatever the
/// centre holds beyond it died with the power, and nothing is missing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedLane {
    /// The earlier epoch.
    pub epoch: Epoch,
    /// The lane.
    pub lane: Lane,
    /// Its last durable record; `Seq(0)` when there was none.
    pub last_seq: Seq,
}

/// Something that happened, for the events lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The appliance started.
    Started {
        /// Its version.
        version: String,
        /// The boot it runs in.
        boot: BootId,
        /// The ends of earlier epochs that the centre has not confirmed completely.
        closed: Vec<ClosedLane>,
    },
    /// What the clock said.
    Anchor(ClockAnchor),
    /// A device stands at a bed, for an admission, or at none.
    Bound(Binding),
    /// Somebody at the centre saw an alarm.
    Seen {
        /// Which alarm.
        alarm: AlarmId,
        /// Who.
        by: String,
        /// Their account at the centre; `None` = an older centre, which did not say.
        by_id: Option<String>,
        /// The centre's command that said so: applied once however often it arrives.
        command: u128,
    },
    /// Records that the store gave up by policy (I1: the loss is itself a record).
    Lost {
        /// Of which epoch.
        epoch: Epoch,
        /// Of which lane.
        lane: Lane,
        /// First record lost.
        first: Seq,
        /// Last record lost.
        last: Seq,
    },
    /// The store could not be read and was set aside under this name, or it was gone.
    StoreSetAside {
        /// The file that was kept for rescue; empty when nothing was left of it.
        file: String,
        /// What was wrong with it.
        reason: String,
    },
    /// A destination had not been reached for a while, and everything that waited for it has arrived there now.
    Outage(Outage),
    /// Somebody at the centre wrote to the post.
    Message {
        /// About which bed; `None` = the whole post.
        bed: Option<BedId>,
        /// Who.
        by: String,
        /// Their account at the centre; `None` = an older centre, which did not say.
        by_id: Option<String>,
        /// What, at most [`MESSAGE_CHARS_MAX`] characters.
        text: String,
        /// The centre's command.
        command: u128,
    },
    /// Somebody at the centre proposes a limit; a person at the post decides (I9).
    LimitProposed {
        /// What is proposed.
        proposal: LimitProposal,
        /// The centre's command.
        command: u128,
    },
    /// A command of the centre was not carried out, and never will be.
    CommandRefused {
        /// The command.
        command: u128,
        /// Why not.
        reason: Refusal,
    },
    /// A person at the post has read a message or a proposal.
    MessageRead {
        /// The command that brought it.
        command: u128,
        /// Who.
        by: String,
    },
    /// A person says who lies in a bed.
    Identified(Box<Identified>),
    /// A specimen was taken from whoever lies in a bed.
    SpecimenTaken(Specimen),
    /// A laboratory result came.
    Lab(Box<LabRecord>),
    /// A person says whose results are that were nobody's.
    LabAssigned(LabAssignment),
    /// A person says that results are of nobody here.
    LabSetAside(LabSetAside),
    /// Somebody did something, or was refused it (I9): the next entry of the post's audit.
    Audited(Box<Entry>),
    /// How far the post's audit went then, signed with the box's key.
    AuditHead(Box<SignedHead>),
    /// A person says that a patient has left the post. The [`Event::Identified`] of the empty bed follows.
    Discharged(Discharged),
    /// A person says that a stay goes on in another bed. The [`Event::Identified`] of both beds follow.
    Transferred(Transferred),
    /// A person says that two stays were one patient's: whatever belongs to `from` is of `into` too, and whoever lies in
    /// the bed is `into` from now on. Nothing that was recorded is rewritten.
    Merged {
        /// Where that patient lies.
        bed: BedId,
        /// The stay in force there until now.
        from: AdmissionId,
        /// The earlier one.
        into: AdmissionId,
        /// Who says so.
        by: String,
    },
    /// A person set the alarm limits of one value for one stay.
    LimitsSet(Box<LimitsSet>),
    /// Alarm signals of a bed (`None` = of the post) rest, or are on again.
    Signals {
        /// Where.
        place: SignalPlace,
        /// What became of them.
        what: Inactivation,
    },
    /// A person found something at the bedside, or takes it back; or a score has come further.
    Observed(Box<Observed>),
    /// A person says what decides which score counts for a patient.
    CareTold(Box<CareTold>),
    /// Somebody at the centre did something with an alarm: their command was applied.
    Deed {
        /// Who, what, with which alarm.
        deed: Deed,
        /// When, by the centre's clock.
        at: WallTime,
        /// The centre's command: applied once however often it arrives.
        command: u128,
    },
    /// Nobody at the centre had read an alarm when its time was over ([`crate::delivery::read_within`]).
    Expired {
        /// Which alarm.
        alarm: AlarmId,
    },
    /// A person wrote a note about a patient.
    NoteWritten(Box<Note>),
    /// A person takes a note back.
    NoteWithdrawn(Box<NoteWithdrawn>),
    /// A person hands the ward over, as it was shown to them.
    HandoverOffered(Box<Handover>),
    /// Another person has taken it over.
    HandoverAccepted(Box<HandoverAccepted>),
}

/// The longest text of a message from the centre, in characters.
pub const MESSAGE_CHARS_MAX: usize = 500;

/// What one outage of a destination came to, recorded when it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which destination.
    pub destination: String,
    /// When it was heard last, or, when that was before this start, when the oldest record that waited was made.
    pub from: Stamp,
    /// When it was heard again; the event's own time is when everything that waited had arrived.
    pub to: MonoTime,
    /// How many records waited, and were delivered late.
    pub kept: u64,
    /// How many were given up meanwhile; each stretch of them is an [`Event::Lost`] of its own.
    pub lost: u64,
    /// How long after it was made the most delayed alert arrived; `None` = no alert waited.
    pub oldest_alert_delay: Option<std::time::Duration>,
}

/// A limit that a doctor proposes for one bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitProposal {
    /// The bed.
    pub bed: BedId,
    /// The value.
    pub code: Code,
    /// Which limit.
    pub side: Side,
    /// The new limit.
    pub limit: Decimal,
    /// Who proposes it.
    pub by: String,
    /// Their account at the centre; `None` = an older centre, which did not say.
    pub by_id: Option<String>,
}

/// Why a command of the centre is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It arrived after its time.
    Expired,
    /// There is no such alarm here.
    UnknownAlarm,
    /// There is no such bed here.
    UnknownBed,
    /// The text is empty or too long, or the number is beyond what the value can be.
    OutOfRange,
    /// This program does not know this kind of command.
    NotUnderstood,
    /// So many wait for a person already that one more would not be read.
    TooMany,
    /// It does not say who gives it, or not with their account (I9).
    NoPerson,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i2_epochs_sort_by_age_and_differ_even_from_a_restored_backup() {
        let first = Epoch::after(None, 0xffff_ffff);
        let second = Epoch::after(Some(first), 0);
        assert!(second > first);
        assert_ne!(Epoch::after(Some(first), 7), second);
        assert_eq!(first.to_string().parse(), Ok(first));
    }
}
