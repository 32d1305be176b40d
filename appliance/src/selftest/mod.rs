//! The self-test: what the box measures of itself, judged into rows for a person who sets it up or looks for a fault.
//!
//! - M1: a row says what was measured, with its unit. What was not measured says so, with the reason; it is never "ok".
//! - M2: nothing here waits without an end: a card or an interface that hangs is a finding ([`run`]).
//! - M3: nothing here raises an alarm, or touches a device.
//!
//! [`power`], [`network`], [`card`], [`timekeeper`] and [`software`] read from the system; [`rows()`] judges, pure, so that a
//! program of the command line can say the same as the page; [`run`] makes one test at a time of it.

pub mod card;
pub mod network;
pub mod power;
mod rows;
pub mod run;
mod samples;
pub mod software;
mod thresholds;
pub mod timekeeper;

#[cfg(test)]
mod tests;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::ClockTrust;

pub use rows::rows;
pub use samples::{Mark, SAMPLE_EVERY};
pub use thresholds::*;

/// All that was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The supply.
    pub power: power::Power,
    /// The interfaces, by name.
    pub network: Vec<network::Interface>,
    /// The way to the centre.
    pub link: Link,
    /// The card on which the store lies.
    pub disk: Disk,
    /// The time of day.
    pub clock: TimeOfDay,
    /// The version that runs, and what came of an update.
    pub software: software::Software,
    /// Who makes alarms heard.
    pub sound: Sound,
    /// The devices, in the order of the configuration.
    pub devices: Vec<DeviceFound>,
    /// What a person found who stood there.
    pub said: Said,
}

/// The way to the centre.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// How it stands.
    pub state: LinkState,
    /// What a technician should know of it.
    pub problem: Option<String>,
    /// Records that the centre has not confirmed.
    pub waiting: u64,
    /// From sending a message of records until the centre has said that it keeps them.
    pub rounds: Vec<Duration>,
    /// Messages that the centre did not get and that were sent again, in the same time.
    pub lost: u64,
    /// The same of alarms, since the start of the post.
    pub alarms: Vec<Duration>,
    /// How long the rounds were counted.
    pub counted: Duration,
}

/// How the way to the centre stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    /// This post works alone.
    #[default]
    None,
    /// Nobody can say yet.
    Connecting,
    /// The centre is heard.
    Up,
    /// It is not.
    Unreachable,
}

/// The card on which the store lies.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Free bytes; none = nobody can tell.
    pub free_bytes: Option<u64>,
    /// How much less it became, and in what time.
    pub filled: Option<(u64, Duration)>,
    /// Set while old records are removed to make room: the reason.
    pub nearly_full: Option<String>,
    /// Set while records do not reach it: the reason.
    pub failing: Option<String>,
    /// What the file system and the card say of themselves.
    pub card: card::Card,
    /// How long writing took; none = it was not tried.
    pub writing: Option<Result<card::Writing, card::WriteError>>,
}

/// The time of day.
#[derive(Clone, Debug)]
pub struct TimeOfDay {
    /// How far it may be believed.
    pub trust: ClockTrust,
    /// How far this clock is ahead of the centre's, in milliseconds; none = the centre was not heard, or knows no time.
    pub ahead_ms: Option<i64>,
    /// Whether the box has a clock that runs without power.
    pub keeper: timekeeper::Keeper,
}

impl Default for TimeOfDay {
    fn default() -> TimeOfDay {
        TimeOfDay {
            trust: ClockTrust::Untrusted,
            ahead_ms: None,
            keeper: timekeeper::Keeper::default(),
        }
    }
}

/// Who makes alarms heard.
#[derive(Clone, Debug, Default)]
pub struct Sound {
    /// The box's own output.
    pub output: Output,
    /// Whether a test tone was sent to it.
    pub played: bool,
    /// The registered screens.
    pub screens: Vec<ScreenFound>,
}

/// The box's own output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// It has none.
    #[default]
    None,
    /// It works, as far as the box knows.
    On,
    /// It does not: why.
    Failed(String),
}

/// A registered screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenFound {
    /// What people call it.
    pub name: String,
    /// Whether it can be heard.
    pub hearing: ScreenSound,
}

/// Whether a screen can be heard, by what its page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenSound {
    /// No page of it is connected.
    Away,
    /// Its page gives no sound.
    Blocked,
    /// Its page gives sound.
    On,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFound {
    /// Its id.
    pub id: String,
    /// Why its port is closed.
    pub closed: Option<String>,
    /// How long ago something valid came; none = nothing since the start.
    pub heard_ago: Option<Duration>,
    /// It must be heard at least this often; none = it speaks only when it has a result.
    pub every: Option<Duration>,
    /// Values, absences and stretches of curves in [`DeviceFound::counted`].
    pub seen: u64,
    /// What was wrong, in the same time.
    pub faults: u64,
    /// How long was counted.
    pub counted: Duration,
}

/// What a person found who stood there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Whether the tone of the box was heard at the bed.
    #[serde(default)]
    pub heard: Option<bool>,
    /// How long the box went on without mains, in minutes; none = nobody tried.
    #[serde(default)]
    pub ups_min: Option<u16>,
}

/// One row of the result.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "SystemRow")]
pub struct Row {
    /// What was looked at.
    pub part: Part,
    /// Which of several: the name of an interface, a screen or a device, the version of the software.
    pub of: Option<String>,
    /// How it is.
    pub state: State,
    /// What was found: names the sentence that says it, and what to do next.
    pub found: Found,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// What the system said, in its own words.
    pub why: Option<String>,
}

/// What a row is about, in the order of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SystemPart")]
pub enum Part {
    /// The supply.
    Power,
    /// An interface.
    Network,
    /// The way to the centre.
    Link,
    /// The same, of alarms.
    AlarmWay,
    /// What waits for the centre.
    Queue,
    /// The card.
    Disk,
    /// The time of day.
    Clock,
    /// The clock that runs without power.
    Keeper,
    /// The version that runs, and what came of an update.
    Software,
    /// The box's own sound.
    Output,
    /// A registered screen.
    Screen,
    /// A device.
    Device,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SystemState")]
pub enum State {
    /// Nothing is to be done.
    Ok,
    /// Nobody can say.
    NotMeasured,
    /// A person should look at it.
    Look,
    /// It does not do what it is for.
    Failed,
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "SystemFigure")]
pub struct Figure {
    /// What it is.
    pub what: What,
    /// In the unit that [`What`] says.
    pub value: f64,
}

/// What a figure is, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SystemFigureOf")]
pub enum What {
    /// Of the battery, in percent.
    BatteryPercent,
    /// On the battery alone, as a person measured it, in minutes.
    UpsMin,
    /// Of the interface, in Mbit/s.
    MbitPerS,
    /// The middle one of the rounds, in milliseconds.
    RoundMs,
    /// The longest of them, in milliseconds.
    RoundMsMax,
    /// How many rounds.
    Rounds,
    /// Messages sent again because they were lost.
    Lost,
    /// Records.
    Waiting,
    /// Free, in bytes.
    FreeBytes,
    /// Until it is full at the present rate, in days.
    DaysLeft,
    /// Writing and syncing 4 KiB, the middle one, in milliseconds.
    WriteMs,
    /// The longest of them, in milliseconds.
    WriteMsMax,
    /// Of the card's life that is used up, in percent, as it says itself.
    WornPercent,
    /// Ahead of the centre's clock, in seconds; less than nothing = behind.
    AheadS,
    /// Since it was heard, in seconds.
    HeardAgoS,
    /// Values and stretches of curves per second.
    SeenPerS,
    /// How seldom it may be heard, in seconds.
    EveryS,
    /// Faults per minute.
    FaultsPerMin,
}

/// What was found. Each names a sentence of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the sentence of each stands in web-ui/text/en.json as system.found.NAME"
)]
#[schemars(rename = "SystemFound")]
pub enum Found {
    PowerMains,
    PowerBattery,
    PowerBatteryLow,
    PowerWeakNow,
    PowerWeakBefore,
    PowerStrong,
    PowerUps,
    PowerUpsShort,
    PowerUntold,
    NetworkUp,
    NetworkDown,
    NetworkNone,
    LinkGood,
    LinkSlow,
    LinkLossy,
    LinkUncounted,
    LinkUnreachable,
    LinkConnecting,
    LinkNone,
    AlarmWayGood,
    AlarmWaySlow,
    AlarmWayUncounted,
    QueueShort,
    QueueLong,
    DiskGood,
    DiskFailing,
    DiskReadOnly,
    DiskNearlyFull,
    DiskFillsSoon,
    DiskSlow,
    DiskHangs,
    DiskWorn,
    DiskUntried,
    ClockAgrees,
    ClockHoldover,
    ClockAhead,
    ClockNotSet,
    ClockUncompared,
    KeeperThere,
    KeeperMissing,
    KeeperStopped,
    SoftwareRuns,
    SoftwareInstalling,
    SoftwareInstalled,
    SoftwareOnTrial,
    SoftwareLeft,
    SoftwareRefused,
    SoftwareUntold,
    OutputHeard,
    OutputUnheard,
    OutputUnasked,
    OutputUntried,
    OutputFailed,
    OutputNone,
    ScreenOn,
    ScreenBlocked,
    ScreenAway,
    ScreensNone,
    DeviceGood,
    DeviceFaulty,
    DeviceSilent,
    DeviceClosed,
    DeviceQuiet,
    DevicesNone,
}
