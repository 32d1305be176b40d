//! The picture as the doctors' page gets it: plain data whose ages and states are worked out at the moment of sending,
//! so that a picture that nothing has changed for an hour still tells the truth (I4).

mod delivery;
mod duty;

use std::sync::Arc;
use std::time::Duration;

pub use delivery::{DeliveryView, ResponsibleView, StepView};
pub use duty::{DutyView, PresentView};
use serde::Serialize;
use vitals::alarm::AlarmKind;
use vitals::lab::Held;
use vitals::record::Refusal;
use vitals::wire::PostStatus;
use vitals::{
    AbsentReason, AdmissionId, AlarmId, AlarmPhase, BedId, Code, Condition, Decimal, DeviceId, MonoTime,
    PostId, Priority, Quality,
};
use vitals::{Identity, Limits, Measured, Side, WallTime};

use crate::clock::Moment;
use crate::duty::Known;

/// A post that has not been heard for this long is lost.
pub const HEARTBEAT_SILENCE_MAX: Duration = Duration::from_secs(30);

/// The most alerts in one picture.
pub const ALERTS_MAX: usize = 200;
/// The most messages and proposals per post in one picture.
pub const SENT_SHOWN_MAX: usize = 20;
/// The most outages per post in one picture.
pub const OUTAGES_SHOWN_MAX: usize = 3;

/// Everything that is shown, without any "now" in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// What people call the centre.
    pub centre: String,
    /// What is wrong with the centre itself.
    pub problems: Vec<Problem>,
    /// The posts by id.
    pub posts: Vec<PostView>,
    /// Not ended before ended, newest first, at most [`ALERTS_MAX`]: of more than that, the most urgent.
    pub alerts: Vec<AlertView>,
    /// How many alarms have not ended, those beyond the bound included.
    pub alerts_total: usize,
    /// Who is on duty.
    pub duty: Arc<Known>,
    /// When the next "seen", message or acceptance in this picture runs out; from then on the picture is out of date.
    pub next_expiry: Option<WallTime>,
}

/// Something that keeps the centre from its duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable, and once in a list: `broker_unreachable`, `store_failing`, `bad_messages.<post>`.
    pub key: String,
    /// What it is and what to do.
    pub text: String,
}

/// One post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostView {
    /// Its id.
    pub id: PostId,
    /// What people call it.
    pub name: String,
    /// What it, or the broker, last said.
    pub said: PostStatus,
    /// When it was last heard.
    pub heartbeat: Option<MonoTime>,
    /// From when on its silence counts: the last heartbeat, or when the broker handed over its kept state.
    pub silent_since: Option<MonoTime>,
    /// Records it has made and the centre lacks.
    pub behind: u64,
    /// Of these, what is missing before newer records that are here.
    pub gap: Option<GapView>,
    /// The outages whose reports arrived within a day, newest first.
    pub outages: Vec<OutageView>,
    /// The messages and proposals whose time ran out less than a day ago or has not, newest first, at most [`SENT_SHOWN_MAX`].
    pub sent: Vec<SentView>,
    /// Its beds.
    pub beds: Vec<BedView>,
}

/// A stretch that is still on its way while newer records are here. Times in ms since 1970 by the post's clock, where
/// they are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GapView {
    /// How many records.
    pub records: u64,
    /// Made from here on.
    pub from_wall_ms: Option<i64>,
    /// Up to here.
    pub to_wall_ms: Option<i64>,
    /// Since when something has been missing, by the centre's monotonic clock.
    pub since_ms: u64,
}

/// What one outage came to, as the post reports it; times in ms since 1970 by its clock, where they are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutageView {
    /// Reached last.
    pub from_wall_ms: Option<i64>,
    /// Reached again.
    pub to_wall_ms: Option<i64>,
    /// Everything that waited had arrived.
    pub over_wall_ms: i64,
    /// Records that were delivered late.
    pub kept: u64,
    /// Records that were given up.
    pub lost: u64,
    /// How late the most delayed alert was; `None` = no alert waited.
    pub oldest_alert_delay_ms: Option<u64>,
}

/// A message or a proposal to a post and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentView {
    /// The command.
    pub id: String,
    /// Who sent it.
    pub by: String,
    /// To which bed; `None` = the whole post.
    pub bed: Option<BedId>,
    /// What people call that bed.
    pub bed_label: Option<String>,
    /// The text of a message.
    pub text: Option<String>,
    /// A proposed limit.
    pub limit: Option<LimitView>,
    /// When it was sent, in ms since 1970.
    pub wall_ms: i64,
    /// What became of it.
    pub state: SentState,
    /// When the post answered, in ms since 1970.
    pub answered_wall_ms: Option<i64>,
    /// Why the post refused it.
    pub reason: Option<Refusal>,
}

/// A proposed limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitView {
    /// Of which value.
    pub code: Code,
    /// What stands on the screen for it.
    pub label: &'static str,
    /// Which limit.
    pub side: Side,
    /// The new limit.
    pub limit: Decimal,
}

/// What became of a message or a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentState {
    /// The post has not answered yet.
    Waiting,
    /// It is shown at the post.
    Shown,
    /// The post will not show it.
    Refused,
    /// Given up without an answer.
    Expired,
}

/// One bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedView {
    /// Its id.
    pub id: BedId,
    /// What people call it.
    pub label: String,
    /// Its latest values.
    pub values: Vec<ValueView>,
    /// Whoever lies there, where the post has said anything of him.
    pub chart: Option<Arc<Chart>>,
}

/// Whoever lies in a bed, with the laboratory results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The stay.
    pub admission: AdmissionId,
    /// Who it is; wholly unknown where nobody has said.
    pub identity: Identity,
    /// The newest first.
    pub results: Vec<Held<Came>>,
    /// How many older ones are not shown.
    pub left_out: u64,
    /// Nobody lies there.
    pub vacant: bool,
    /// The post did not hear the bed for long and asks its nurses whether it is still the same patient.
    pub perhaps: bool,
    /// Changes with all of this.
    pub revision: u64,
}

/// When a record was made and came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    /// By the post's clock, where that could be believed when it came.
    pub made: Option<WallTime>,
    /// By the centre's.
    pub received: WallTime,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueView {
    /// What was measured.
    pub code: Code,
    /// The value or the reason.
    pub measured: Measured,
    /// How far to trust it.
    pub quality: Quality,
    /// When, by the post's clock, where that can be believed.
    pub measured_wall: Option<WallTime>,
    /// When, by the centre's monotonic clock, in ms (negative: before the centre's machine booted). `None` = unknown.
    pub taken_ms: Option<i64>,
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertView {
    /// At which post.
    pub post: PostId,
    /// Which alarm.
    pub id: AlarmId,
    /// What alarms.
    pub condition: Condition,
    /// How urgent.
    pub priority: Priority,
    /// About the patient or about the equipment.
    pub kind: AlarmKind,
    /// Where it is in its life.
    pub phase: AlarmPhase,
    /// At which bed.
    pub bed: Option<BedId>,
    /// What people call that bed.
    pub bed_label: Option<String>,
    /// The value that crossed, or the worst since.
    pub value: Option<Decimal>,
    /// The limit in force.
    pub limit: Option<Decimal>,
    /// From which device, for alarms of one.
    pub device: Option<DeviceId>,
    /// Unit of both for a value about the post; else empty.
    pub unit: String,
    /// What the post calls a value about itself; may be empty.
    pub text: String,
    /// When it was announced at the post, in ms since 1970.
    pub onset_wall_ms: Option<i64>,
    /// When it arrived.
    pub received_wall_ms: i64,
    /// Arrival minus announcement.
    pub delay_ms: Option<i64>,
    /// It was older than two minutes on arrival, and the post does not say that it holds now: never shown as live.
    pub past: bool,
    /// `phase` is ended because the post says so; no change of the alarm said when.
    pub ended_unheard: bool,
    /// How often it was announced.
    pub onsets: u32,
    /// Who acknowledged it at the post.
    pub acknowledged_by: Option<String>,
    /// When it was announced afresh: it had arrived as past, and the post said then that it holds. In ms since 1970.
    pub announced_wall_ms: Option<i64>,
    /// Who saw it at the centre.
    pub seen: Vec<SeenView>,
    /// How far it has come, and who answers for it.
    #[serde(flatten)]
    pub delivery: DeliveryView,
}

/// Somebody saw an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenView {
    /// Who.
    pub by: String,
    /// When, in ms since 1970.
    pub wall_ms: i64,
    /// The nurse's page shows it.
    pub confirmed: bool,
    /// Given up before the post had confirmed it; may be said again.
    pub expired: bool,
    /// Why the post does not show it; may be said again.
    pub refused: Option<Refusal>,
}

/// Whether a post is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Heard lately.
    Online,
    /// Stopped in order.
    Stopped,
    /// Its connection broke, or it is silent.
    Lost,
}

impl PostView {
    /// Whether the post is there at `now`.
    pub fn status(&self, now: MonoTime) -> Status {
        match self.said {
            PostStatus::Stopped => Status::Stopped,
            PostStatus::Lost => Status::Lost,
            PostStatus::Online => match self.silent_since {
                Some(since) if now.since(since) <= HEARTBEAT_SILENCE_MAX => Status::Online,
                _ => Status::Lost,
            },
        }
    }
}

#[derive(Serialize)]
struct SnapshotOut<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    build: &'a str,
    centre: &'a str,
    now_ms: u64,
    wall_ms: i64,
    problems: &'a [Problem],
    duty: DutyView,
    posts: Vec<PostOut<'a>>,
    alerts: &'a [AlertView],
    alerts_total: usize,
}

#[derive(Serialize)]
struct PostOut<'a> {
    id: &'a PostId,
    name: &'a str,
    status: Status,
    heartbeat_ms: Option<u64>,
    behind: u64,
    gap: Option<&'a GapView>,
    outages: &'a [OutageView],
    sent: &'a [SentView],
    beds: Vec<BedOut<'a>>,
}

#[derive(Serialize)]
struct BedOut<'a> {
    id: &'a BedId,
    label: &'a str,
    values: Vec<ValueOut>,
    patient: Option<PatientOut>,
}

#[derive(Serialize)]
struct PatientOut {
    initials: String,
    results: usize,
    revision: u64,
    vacant: bool,
    perhaps: bool,
}

#[derive(Serialize)]
struct ValueOut {
    code: Code,
    label: &'static str,
    unit: &'static str,
    value: Option<Decimal>,
    reason: Option<AbsentReason>,
    quality: Quality,
    measured_wall_ms: Option<i64>,
    age_ms: Option<i64>,
}

#[derive(Serialize)]
struct BeatOut {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    now_ms: u64,
    wall_ms: i64,
}

impl View {
    /// The JSON text of the whole picture as of `now`, as message number `seq` of a connection.
    pub fn render(&self, build: &str, seq: u64, now: Moment) -> String {
        let now_ms = i64::try_from(now.mono.as_ms()).unwrap_or(i64::MAX);
        let value = |value: &ValueView| ValueOut {
            code: value.code,
            label: value.code.info().label,
            unit: value.code.info().ucum,
            value: value
                .measured
                .value()
                .map(|number| Limits::default().shown(value.code, number)),
            reason: value.measured.reason(),
            quality: value.quality,
            measured_wall_ms: value.measured_wall.map(WallTime::as_unix_ms),
            age_ms: value.taken_ms.map(|taken| now_ms.saturating_sub(taken).max(0)),
        };
        let posts = self.posts.iter().map(|post| PostOut {
            id: &post.id,
            name: &post.name,
            status: post.status(now.mono),
            heartbeat_ms: post.heartbeat.map(MonoTime::as_ms),
            behind: post.behind,
            gap: post.gap.as_ref(),
            outages: &post.outages,
            sent: &post.sent,
            beds: post
                .beds
                .iter()
                .map(|bed| BedOut {
                    id: &bed.id,
                    label: &bed.label,
                    values: bed.values.iter().map(value).collect(),
                    patient: bed.chart.as_ref().map(|chart| PatientOut {
                        initials: chart.identity.initials(),
                        results: chart.results.len(),
                        revision: chart.revision,
                        vacant: chart.vacant,
                        perhaps: chart.perhaps,
                    }),
                })
                .collect(),
        });
        let out = SnapshotOut {
            kind: "snapshot",
            seq,
            build,
            centre: &self.centre,
            now_ms: now.mono.as_ms(),
            wall_ms: now.wall.as_unix_ms(),
            problems: &self.problems,
            duty: DutyView::of(&self.duty, now.wall),
            posts: posts.collect(),
            alerts: &self.alerts,
            alerts_total: self.alerts_total,
        };
        serde_json::to_string(&out).expect("every field has a JSON form")
    }
}

/// The message that says "this connection lives", as number `seq` of a connection.
pub fn render_beat(seq: u64, now: Moment) -> String {
    let beat = BeatOut {
        kind: "beat",
        seq,
        now_ms: now.mono.as_ms(),
        wall_ms: now.wall.as_unix_ms(),
    };
    serde_json::to_string(&beat).expect("every field has a JSON form")
}
