//! What an entry of the log says.

use std::time::Duration;

use vitals::delivery::State;
use vitals::{
    AdmissionId, AlarmId, AlarmPhase, BedId, ClockTrust, Condition, Decimal, DeviceId, Priority, WallTime,
};

use super::count;

/// When something happened, and how far that may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock; `None` = none was ever known.
    pub wall: Option<WallTime>,
    /// How far it may be believed.
    pub trust: ClockTrust,
}

impl Moment {
    /// Its time, where it may be believed.
    pub fn believed(&self) -> Option<WallTime> {
        self.wall.filter(|_| self.trust > ClockTrust::Untrusted)
    }

    /// So much earlier, by the same clock.
    pub(super) fn back(self, by: Duration) -> Moment {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        let earlier = |wall: WallTime| WallTime::from_unix_ns(wall.as_unix_ns().saturating_sub(by));
        Moment {
            wall: self.wall.map(earlier),
            ..self
        }
    }
}

/// What happened in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOf {
    /// It was announced for the first time.
    Began,
    /// It was announced again.
    Again,
    /// It became more urgent.
    Raised,
    /// A person at the post acknowledged it.
    Acknowledged,
    /// The condition was gone, and it still called.
    Latched,
    /// It was over.
    Ended,
    /// Somebody at the centre did something with it.
    Answered(State),
    /// Somebody at the centre offered it to another one, or did not take what was offered.
    Handed,
}

impl StepOf {
    /// Its name in the API and in tables.
    pub const fn key(self) -> &'static str {
        match self {
            StepOf::Began => "began",
            StepOf::Again => "again",
            StepOf::Raised => "raised",
            StepOf::Acknowledged => "acknowledged",
            StepOf::Latched => "latched",
            StepOf::Ended => "ended",
            StepOf::Answered(state) => state.key(),
            StepOf::Handed => "handed",
        }
    }

    /// It is announced with this step.
    pub const fn is_announcement(self) -> bool {
        matches!(self, StepOf::Began | StepOf::Again)
    }
}

/// A step of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Moment,
    /// What.
    pub what: StepOf,
    /// Who; `None` = no person.
    pub by: Option<String>,
    /// From which screen or address, where that is known.
    pub from: Option<String>,
}

/// One alarm from its beginning on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmEntry {
    /// Which.
    pub id: AlarmId,
    /// At which bed; `None` = the post's own.
    pub bed: Option<BedId>,
    /// The stay in that bed then.
    pub admission: Option<AdmissionId>,
    /// What.
    pub condition: Condition,
    /// Unit of value and limit where the condition does not name it.
    pub unit: String,
    /// What the condition is called where it does not name itself.
    pub text: String,
    /// From which device.
    pub device: Option<DeviceId>,
    /// How urgent it was when it began.
    pub priority_first: Priority,
    /// The most urgent that it was.
    pub priority: Priority,
    /// The value when it was announced first.
    pub value: Option<Decimal>,
    /// The worst since.
    pub worst: Option<Decimal>,
    /// The limit in force when it began.
    pub limit: Option<Decimal>,
    /// When the condition began, before its delay.
    pub crossed: Moment,
    /// When it was over; `None` = it is not, as far as is known.
    pub ended: Option<Moment>,
    /// Where it is in its life, as far as is known.
    pub phase: AlarmPhase,
    /// How often it was announced.
    pub onsets: u32,
    /// How far doctors came with it; `None` = none has done anything that is recorded.
    pub answered: Option<State>,
    /// What happened, in its order.
    pub steps: Vec<Happened>,
}

impl AlarmEntry {
    /// Its announcements as they are counted, as far as its steps have a time that is believed and goes forward.
    pub fn counted(&self) -> Vec<count::Step> {
        let mut steps: Vec<count::Step> = Vec::new();
        for step in &self.steps {
            let phase = match (step.what, &step.by) {
                (StepOf::Began | StepOf::Again, _) => AlarmPhase::Active,
                (StepOf::Acknowledged, _) | (StepOf::Ended, Some(_)) => AlarmPhase::Acknowledged,
                (StepOf::Latched, _) => AlarmPhase::Latched,
                (StepOf::Ended, None) => AlarmPhase::Ended,
                (StepOf::Raised | StepOf::Answered(_) | StepOf::Handed, _) => continue,
            };
            let Some(at) = step.at.believed().and_then(since_1970) else {
                break;
            };
            if steps.last().is_some_and(|before| before.at > at) {
                break;
            }
            let announced = step.what.is_announcement();
            steps.push(count::Step { at, phase, announced });
        }
        steps
    }

    /// Each announcement and the time until a person acknowledged it; `None` = nobody did before it ended or called again.
    pub fn answers(&self) -> impl Iterator<Item = (Moment, Option<Duration>)> {
        let announced = self.steps.iter().enumerate();
        let announced = announced.filter(|(_, step)| step.what.is_announcement());
        announced.map(|(place, step)| {
            let later = self.steps[place + 1..].iter();
            let mut later = later.take_while(|later| !later.what.is_announcement());
            let answer = later.find(|later| later.what == StepOf::Acknowledged);
            let took = answer.and_then(|answer| {
                let (from, to) = (step.at.believed()?, answer.at.believed()?);
                u64::try_from(to.as_unix_ns() - from.as_unix_ns()).ok()
            });
            (step.at, took.map(Duration::from_nanos))
        })
    }
}

fn since_1970(wall: WallTime) -> Option<Duration> {
    u64::try_from(wall.as_unix_ns()).ok().map(Duration::from_nanos)
}

/// Something that a person, or time, changed about alarms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// At which bed; `None` = at the whole post.
    pub bed: Option<BedId>,
    /// The stay in that bed then, where that is recorded.
    pub admission: Option<AdmissionId>,
    /// What it was before; `None` = not known.
    pub before: Option<String>,
    /// What it is now.
    pub after: String,
    /// Who changed it; `None` = no person.
    pub by: Option<String>,
    /// From which screen or address, where that is known.
    pub from: Option<String>,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An alarm.
    Alarm(Box<AlarmEntry>),
    /// Alarm limits were set.
    Limits(Change),
    /// Signals were paused, or are on again.
    Signals(Change),
    /// The post recorded nothing until then.
    Gap(Moment),
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it began.
    pub at: Moment,
    /// What it is about.
    pub what: What,
}
