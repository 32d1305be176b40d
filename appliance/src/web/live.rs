//! What a page is told, as JSON: the words of `GET /api/v1/ward` and `WS /api/v1/live`.
//!
//! All times `*_ms` without `wall` are milliseconds of this boot's monotonic clock: a page computes ages against the
//! `now_ms` of the last beat, never against its own clock (I4).

mod channel;
mod curves;
mod delivery;
pub mod score;
mod signals;
mod sound;

use std::sync::Arc;

pub use channel::{Feed, Publisher, channel};
pub use curves::{Frame, Lane};
pub use delivery::{Delivery, Responsible, SeenMark, Step, StepKind};
use schemars::JsonSchema;
use serde::Serialize;
use vitals::alarm::AlarmKind;
use vitals::{
    AbsentReason, AdmissionId, AlarmId, AlarmPhase, BedId, Category, ClockTrust, Code, Condition, Decimal,
    DeviceId, DeviceLink, PostId, Priority, Quality, Side,
};

pub use signals::{EarlyEnd, Flood, Pause, Signals};
pub use sound::{Output, Sound};

/// Everything a page shows.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Snapshot {
    /// The post.
    pub post: Post,
    /// Beds in the order of the screen.
    pub beds: Vec<Arc<Bed>>,
    /// Alarms that are not over, most urgent first.
    pub alarms: Arc<Vec<Alarm>>,
    /// The way to the doctors.
    pub centre: Arc<Centre>,
    /// Values about the post itself.
    pub site: Arc<Vec<SiteValue>>,
    /// What is wrong with the box.
    pub problems: Arc<Vec<Problem>>,
    /// What the centre wrote and nobody has read, oldest first.
    pub messages: Arc<Vec<Message>>,
    /// The last outage of the way to the centre, for a while after it is over.
    pub outage: Arc<Option<Outage>>,
    /// Laboratory results that are nobody's.
    pub laboratory: Arc<Unassigned>,
    /// What of the alarm signals rests, and where alarms flood.
    pub signals: Arc<Signals>,
    /// Who hears the alarms.
    pub sound: Arc<Sound>,
    /// The curves that come now.
    pub curves: Arc<Vec<Lane>>,
}

impl Snapshot {
    /// What is known at the start: nothing but the beds.
    pub fn first(post: Post, beds: Vec<Arc<Bed>>, centre: Arc<Centre>) -> Snapshot {
        Snapshot {
            post,
            beds,
            alarms: Arc::default(),
            centre,
            site: Arc::default(),
            problems: Arc::default(),
            messages: Arc::default(),
            outage: Arc::default(),
            laboratory: Arc::default(),
            signals: Arc::default(),
            sound: Arc::default(),
            curves: Arc::default(),
        }
    }

    /// The worst value so far of an alarm that is not over; `None` = it is over, or has no value.
    pub fn worst_of(&self, alarm: AlarmId) -> Option<Decimal> {
        self.alarms.iter().find(|open| open.id == alarm)?.value
    }
}

/// The post.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// What people call it.
    pub name: String,
}

/// One bed, whole.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Bed {
    /// Its id.
    pub id: BedId,
    /// What stands on the tile.
    pub label: String,
    /// Age group of whoever lies there.
    pub category: Category,
    /// The device at the bed.
    pub device: Option<DeviceId>,
    /// Whether that device is heard.
    pub link: Option<DeviceLink>,
    /// Since when.
    pub link_since_ms: Option<u64>,
    /// Why its port is closed.
    pub link_reason: Option<String>,
    /// How many milliseconds that device's own clock is behind the post's; negative = ahead; none = it sends no time.
    pub device_clock_ms: Option<i64>,
    /// What its devices say of their own alarms; none = none of them ever said anything about alarms.
    pub device_alarms: Option<DeviceAlarms>,
    /// Latest values.
    pub values: Vec<Value>,
    /// Who lies there, in as few words as a wall may show.
    pub patient: BedPatient,
    /// The early-warning score of whoever lies there; none = nobody does, or nothing was computed yet.
    pub score: Option<score::Score>,
}

/// Who lies in a bed, for everybody to see.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct BedPatient {
    /// The stay.
    pub admission: AdmissionId,
    /// Somebody said who it is.
    pub known: bool,
    /// First letters; empty where no name is known.
    pub initials: String,
    /// Laboratory results that are shown.
    pub results: usize,
    /// Changes with everything that `GET /api/v1/beds/{bed}/patient` answers.
    pub revision: u64,
    /// Nobody lies there.
    pub vacant: bool,
    /// The bed was not heard for long, and nobody has said yet whether it is still the same patient.
    pub perhaps: Option<Perhaps>,
}

/// Who perhaps still lies in a bed.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "PerhapsHere")]
pub struct Perhaps {
    /// First letters; empty where no name was known.
    pub initials: String,
    /// Since when nobody knows who lies there; none = since before this box was switched on.
    pub since_ms: Option<u64>,
}

/// Laboratory results that are nobody's.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Unassigned {
    /// How many.
    pub results: usize,
    /// Changes with everything that `GET /api/v1/laboratory` answers.
    pub revision: u64,
}

/// The alarms of a bed's own devices, in the devices' words.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct DeviceAlarms {
    /// False: a device that tells its alarms is not heard now, so there may be more.
    pub complete: bool,
    /// Present now, most urgent first.
    pub present: Vec<DeviceAlarm>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct DeviceAlarm {
    /// As the device ranks it.
    pub priority: Priority,
    /// Of the patient or of the device.
    pub kind: AlarmKind,
    /// The device's own words.
    pub text: String,
}

/// One value of a bed.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "BedValue")]
pub struct Value {
    /// What.
    pub code: Code,
    /// What stands beside the number.
    pub label: &'static str,
    /// UCUM unit.
    pub unit: &'static str,
    /// The number, as the device sent it; none = absent.
    pub value: Option<Decimal>,
    /// Why it is absent.
    pub reason: Option<AbsentReason>,
    /// How far to trust it.
    pub quality: Quality,
    /// How it is measured.
    pub kind: ValueKind,
    /// When it was heard.
    pub at_ms: u64,
    /// The last number before it turned absent.
    pub last_value: Option<LastValue>,
    /// Lower alarm limit in force.
    pub low: Option<Decimal>,
    /// Upper alarm limit in force.
    pub high: Option<Decimal>,
}

/// How a value is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// All the time.
    Continuous,
    /// Now and then.
    Intermittent,
}

/// A number that is no longer true.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LastValue {
    /// The number.
    pub value: Decimal,
    /// When it was heard.
    pub at_ms: u64,
}

/// An alarm that is not over.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// What alarms.
    pub condition: Condition,
    /// How urgent.
    pub priority: Priority,
    /// Patient or equipment.
    pub kind: AlarmKind,
    /// Where it is in its life.
    pub phase: AlarmPhase,
    /// It is to be heard now: nobody has acknowledged it, and no pause covers it.
    pub sounds: bool,
    /// It is to flash now.
    pub flashes: bool,
    /// At which bed.
    pub bed: Option<BedId>,
    /// Worst value so far.
    pub value: Option<Decimal>,
    /// The limit crossed.
    pub limit: Option<Decimal>,
    /// From which device, for alarms of one.
    pub device: Option<DeviceId>,
    /// Unit of both for a value about the post or of a laboratory; else empty.
    pub unit: String,
    /// What its map calls a value about the post, or the test of a laboratory result; may be empty.
    pub text: String,
    /// It is about whoever lay in that bed before.
    pub earlier_patient: bool,
    /// When the condition began; none when that was in an earlier boot.
    pub crossed_ms: Option<u64>,
    /// When it was announced; none when that was in an earlier boot.
    pub onset_ms: Option<u64>,
    /// How often it was announced.
    pub onsets: u32,
    /// When it came back after it had been over, last; none = never, or before this start.
    pub again_ms: Option<u64>,
    /// It calls although somebody had acknowledged it; none = nobody had, or that was before this start.
    pub recalled: Option<Recalled>,
    /// Of an acknowledged one: when it calls again if its condition then still holds; none = it does not.
    pub calls_again_ms: Option<u64>,
    /// Who acknowledged it here.
    pub acknowledged_by: Option<String>,
    /// Who saw it at the centre.
    pub seen: Vec<SeenMark>,
    /// How far it got: on the way to the centre its latest change, beyond that what doctors did.
    pub delivery: Delivery,
    /// Since when; none when that was in an earlier boot, or is not known.
    pub delivery_ms: Option<u64>,
    /// Every step of that, in order.
    pub steps: Vec<Step>,
    /// Who at the centre answers for it now.
    pub responsible: Option<Responsible>,
    /// For `alarm_undelivered`: where those alarms are, in the words of the tiles.
    pub undelivered: Vec<String>,
}

/// Why an acknowledgement counts no more.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Recalled {
    /// Why.
    pub why: RecalledWhy,
    /// When it had been acknowledged.
    pub acknowledged_ms: u64,
}

/// Why an acknowledged alarm calls again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecalledWhy {
    /// The condition holds, so long after it was acknowledged.
    StillThere,
    /// The value has become worse by a step.
    Worse,
}

/// The way to the doctors.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Centre {
    /// How it stands.
    pub state: WayState,
    /// Since when.
    pub since_ms: u64,
    /// Records that the centre has not confirmed.
    pub waiting: u64,
    /// What people call the centre.
    pub name: Option<String>,
    /// What is wrong with the way there.
    pub problem: Option<String>,
}

/// How the way to the doctors stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WayState {
    /// This post works alone.
    NotConfigured,
    /// It was not there yet.
    Connecting,
    /// The centre answers.
    Up,
    /// It does not answer.
    Unreachable,
}

/// A value about the post itself.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct SiteValue {
    /// From which device.
    pub device: DeviceId,
    /// Which signal.
    pub signal: String,
    /// The number; none = absent.
    pub value: Option<Decimal>,
    /// Why it is absent.
    pub reason: Option<AbsentReason>,
    /// Its unit.
    pub unit: String,
    /// When it was heard.
    pub at_ms: u64,
}

/// Something wrong with the box, in words.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Problem {
    /// The condition's key.
    pub key: String,
    /// What it means and what to do.
    pub text: String,
}

/// What somebody at the centre wrote, until a person marks it as read.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Message {
    /// The centre's command: 32 hexadecimal digits.
    pub id: String,
    /// About which bed; none = the whole post.
    pub bed: Option<BedId>,
    /// Who wrote.
    pub by: String,
    /// When it arrived; none when that was in an earlier boot.
    pub at_ms: Option<u64>,
    /// When that was by the wall clock; none when nobody knows.
    pub wall_ms: Option<i64>,
    /// What.
    #[serde(flatten)]
    pub what: MessageKind,
}

/// What a doctor wrote.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MessageKind {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A limit that is proposed; a person decides and sets it.
    Limit {
        /// Of which value.
        code: Code,
        /// What stands beside the number.
        label: &'static str,
        /// UCUM unit.
        unit: &'static str,
        /// Which limit.
        side: Side,
        /// The new limit.
        limit: Decimal,
    },
}

/// An outage that is over: everything that waited has arrived.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Outage {
    /// Since when the centre was not heard; none when that was in an earlier boot.
    pub from_ms: Option<u64>,
    /// When it was heard again.
    pub to_ms: u64,
    /// Records that were delivered late.
    pub kept: u64,
    /// Records that were given up.
    pub lost: u64,
}

/// The two clocks.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub struct Clocks {
    /// Monotonic now.
    pub now_ms: u64,
    /// Wall clock now.
    pub wall_ms: Option<i64>,
    /// How far to trust it.
    pub clock_trust: ClockTrust,
}

/// One message after the snapshot: a whole replacement of one part.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Update {
    /// One bed.
    Bed {
        /// The bed.
        bed: Arc<Bed>,
    },
    /// All alarms that are not over.
    Alarms {
        /// The alarms.
        alarms: Arc<Vec<Alarm>>,
    },
    /// The way to the doctors.
    Centre {
        /// The way.
        centre: Arc<Centre>,
    },
    /// The post's own values.
    Site {
        /// The values.
        site: Arc<Vec<SiteValue>>,
    },
    /// What is wrong with the box.
    Problems {
        /// The problems.
        problems: Arc<Vec<Problem>>,
    },
    /// What the centre wrote and nobody has read.
    Messages {
        /// The messages.
        messages: Arc<Vec<Message>>,
    },
    /// The last outage.
    Outage {
        /// The outage; none = nothing to say any more.
        outage: Arc<Option<Outage>>,
    },
    /// Laboratory results that are nobody's.
    Laboratory {
        /// How many.
        laboratory: Arc<Unassigned>,
    },
    /// What of the alarm signals rests.
    Signals {
        /// Pauses and floods.
        signals: Arc<Signals>,
    },
    /// Who hears the alarms.
    Sound {
        /// Who.
        sound: Arc<Sound>,
    },
    /// The curves that come now; their samples are frames of their own ([`Frame`]).
    Curves {
        /// The curves.
        curves: Arc<Vec<Lane>>,
    },
    /// The core is alive.
    Beat(Clocks),
}
