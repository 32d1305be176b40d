//! Whole MQTT messages: envelopes, state, receipts, heartbeats, and their topics. Commands: [`super::command`].

use prost::Message;

use super::event::{closed, closed_out};
use super::{Block, VERSION, WireError, boot, check_version, field, id, lane, mono_us, proto, us_of};
use super::{trust, trust_out, us_of_wall, wall_us};
use crate::alarm::AlarmId;
use crate::bed::{BedId, PostId};
use crate::record::{ClosedLane, Epoch, Lane, Seq};
use crate::time::{BootId, ClockTrust, MonoTime, WallTime};

/// Topic names of the contract.
pub mod topic {
    use crate::bed::{DeviceId, PostId};
    use crate::record::Lane;

    /// Records of one lane, post to centre.
    pub fn up(post: &PostId, lane: Lane) -> String {
        format!("vitalpost/v1/{post}/up/{lane}")
    }
    /// The post's retained state and will.
    pub fn state(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/state")
    }
    /// Receipts, centre to post.
    pub fn receipt(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/down/receipt")
    }
    /// Heartbeat, centre to post.
    pub fn heartbeat(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/down/heartbeat")
    }
    /// Commands, centre to post.
    pub fn command(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/down/command")
    }
    /// Messages of one of the post's own sensors (docs/operate/sensors.md). They stay at the post's own broker.
    pub fn sensor(post: &PostId, device: &DeviceId) -> String {
        format!("vitalpost/v1/{post}/sensor/{device}")
    }
    /// Those of all sensors of a post.
    pub fn all_sensors(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/sensor/+")
    }
    /// The last level of a sensor's topic, when it is one of this post.
    pub fn sensor_of<'a>(post: &PostId, topic: &'a str) -> Option<&'a str> {
        let rest = topic.strip_prefix("vitalpost/v1/")?.strip_prefix(post.as_str())?;
        let device = rest.strip_prefix("/sensor/")?;
        (!device.contains('/')).then_some(device)
    }
    /// Everything a post listens to.
    pub fn all_down(post: &PostId) -> String {
        format!("vitalpost/v1/{post}/down/+")
    }
    /// Records of every post, for a centre.
    pub const ALL_UP: &str = "vitalpost/v1/+/up/+";
    /// States of every post, for a centre.
    pub const ALL_STATES: &str = "vitalpost/v1/+/state";
}

/// A run of records on its way to a centre. `block` stays packed: a relay forwards it without unpacking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// From which post.
    pub post: PostId,
    /// From which run of its appliance.
    pub epoch: Epoch,
    /// Of which lane.
    pub lane: Lane,
    /// The first record's place; the others follow.
    pub first: Seq,
    /// How many records.
    pub count: u32,
    /// What [`Block::encode`] wrote.
    pub block: Vec<u8>,
}

impl Envelope {
    /// To bytes.
    pub fn encode(&self) -> Vec<u8> {
        proto::Envelope {
            version: VERSION,
            post: self.post.to_string(),
            epoch: self.epoch.0,
            lane: proto::Lane::from(self.lane) as i32,
            first_seq: self.first.0,
            count: self.count,
            compression: proto::Compression::Zstd as i32,
            block: self.block.clone(),
        }
        .encode_to_vec()
    }

    /// From bytes; the block stays packed.
    ///
    /// # Errors
    /// Whatever is not an envelope of this contract.
    pub fn decode(bytes: &[u8]) -> Result<Envelope, WireError> {
        let raw = proto::Envelope::decode(bytes)?;
        check_version(raw.version)?;
        if raw.first_seq == 0 || raw.first_seq.checked_add(u64::from(raw.count)).is_none() {
            return Err(field("first_seq"));
        }
        if raw.compression != proto::Compression::Zstd as i32 {
            return Err(field("compression"));
        }
        Ok(Envelope {
            post: id(&raw.post, "post")?,
            epoch: Epoch(raw.epoch),
            lane: lane(raw.lane)?,
            first: Seq(raw.first_seq),
            count: raw.count,
            block: raw.block,
        })
    }

    /// Unpacks the records and checks that they are as many as announced and of the announced lane.
    ///
    /// # Errors
    /// A block that does not unpack or does not match the envelope.
    pub fn open(&self) -> Result<Block, WireError> {
        let block = Block::decode(&self.block)?;
        if usize::try_from(self.count) != Ok(block.records.len()) {
            return Err(WireError::Count {
                announced: self.count,
                found: block.records.len(),
            });
        }
        if block.records.iter().any(|record| record.lane() != self.lane) {
            return Err(field("lane"));
        }
        Ok(block)
    }
}

/// What a centre has stored of one lane of one epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of which post.
    pub post: PostId,
    /// Of which epoch.
    pub epoch: Epoch,
    /// Of which lane.
    pub lane: Lane,
    /// Everything up to here is stored; `Seq(0)` = nothing.
    pub contiguous: Seq,
    /// Of what came later, these (first, last) are missing.
    pub missing: Vec<(Seq, Seq)>,
}

/// The most missing ranges that one receipt names.
pub const MISSING_RANGES_MAX: usize = 64;

impl Receipt {
    /// To bytes; ranges beyond [`MISSING_RANGES_MAX`] wait for a later receipt.
    pub fn encode(&self) -> Vec<u8> {
        let missing = self.missing.iter().take(MISSING_RANGES_MAX);
        proto::Receipt {
            version: VERSION,
            post: self.post.to_string(),
            epoch: self.epoch.0,
            lane: proto::Lane::from(self.lane) as i32,
            contiguous_seq: self.contiguous.0,
            missing: missing
                .map(|(a, b)| proto::Range {
                    first_seq: a.0,
                    last_seq: b.0,
                })
                .collect(),
        }
        .encode_to_vec()
    }

    /// From bytes.
    ///
    /// # Errors
    /// Whatever is not a receipt of this contract.
    pub fn decode(bytes: &[u8]) -> Result<Receipt, WireError> {
        let raw = proto::Receipt::decode(bytes)?;
        check_version(raw.version)?;
        if raw.missing.len() > MISSING_RANGES_MAX
            || raw
                .missing
                .iter()
                .any(|r| r.first_seq > r.last_seq || r.first_seq <= raw.contiguous_seq)
        {
            return Err(field("missing"));
        }
        Ok(Receipt {
            post: id(&raw.post, "post")?,
            epoch: Epoch(raw.epoch),
            lane: lane(raw.lane)?,
            contiguous: Seq(raw.contiguous_seq),
            missing: raw
                .missing
                .iter()
                .map(|r| (Seq(r.first_seq), Seq(r.last_seq)))
                .collect(),
        })
    }
}

/// Whether a post is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostStatus {
    /// The connection broke (the broker says so).
    Lost,
    /// Working.
    Online,
    /// Stopped in order.
    Stopped,
}

/// The retained state of a post: its heartbeat, and its will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostState {
    /// Which post.
    pub post: PostId,
    /// Whether it is there.
    pub status: PostStatus,
    /// What people call it.
    pub name: String,
    /// The present run.
    pub epoch: Epoch,
    /// The present boot.
    pub boot: BootId,
    /// When this was said, monotonic.
    pub at: MonoTime,
    /// When this was said, by the wall clock, where there is one.
    pub wall: Option<WallTime>,
    /// How far the wall clock may be believed.
    pub trust: ClockTrust,
    /// The last record made so far, per lane.
    pub last: Vec<ClosedLane>,
    /// The beds and what people call them.
    pub beds: Vec<(BedId, String)>,
    /// The alarms that are open now.
    pub open_alarms: OpenAlarms,
}

/// Which alarms are open at a post, so that both sides agree after an outage or a lost store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenAlarms {
    /// Each with its latest change, at most [`OPEN_ALARMS_MAX`].
    pub latest: Vec<(AlarmId, u32)>,
    /// There are no others. Only then an alarm that is not named is over.
    pub complete: bool,
}

/// The most open alarms that a state names.
pub const OPEN_ALARMS_MAX: usize = 256;

impl OpenAlarms {
    fn out(&self) -> Vec<proto::OpenAlarm> {
        let named = self.latest.iter().take(OPEN_ALARMS_MAX);
        named
            .map(|(alarm, change)| proto::OpenAlarm {
                alarm_epoch: alarm.epoch.0,
                alarm_number: alarm.number,
                change: *change,
            })
            .collect()
    }

    fn from_raw(raw: &proto::PostState) -> OpenAlarms {
        let latest = raw.open_alarms.iter().take(OPEN_ALARMS_MAX).map(|open| {
            let (epoch, number) = (Epoch(open.alarm_epoch), open.alarm_number);
            (AlarmId { epoch, number }, open.change)
        });
        OpenAlarms {
            latest: latest.collect(),
            complete: raw.open_alarms_complete && raw.open_alarms.len() <= OPEN_ALARMS_MAX,
        }
    }
}

impl PostState {
    /// To bytes.
    pub fn encode(&self) -> Vec<u8> {
        proto::PostState {
            version: VERSION,
            post: self.post.to_string(),
            status: match self.status {
                PostStatus::Lost => proto::Status::Lost,
                PostStatus::Online => proto::Status::Online,
                PostStatus::Stopped => proto::Status::Stopped,
            } as i32,
            name: self.name.clone(),
            epoch: self.epoch.0,
            boot_id: self.boot.0.to_vec(),
            at_us: us_of(self.at),
            wall_us: self.wall.map(us_of_wall),
            trust: trust_out(self.trust),
            last: self.last.iter().map(closed_out).collect(),
            beds: self
                .beds
                .iter()
                .map(|(bed, label)| proto::BedInfo {
                    bed: bed.to_string(),
                    label: label.clone(),
                })
                .collect(),
            open_alarms: self.open_alarms.out(),
            open_alarms_complete: self.open_alarms.complete
                && self.open_alarms.latest.len() <= OPEN_ALARMS_MAX,
        }
        .encode_to_vec()
    }

    /// From bytes.
    ///
    /// # Errors
    /// Whatever is not a state of this contract.
    pub fn decode(bytes: &[u8]) -> Result<PostState, WireError> {
        let raw = proto::PostState::decode(bytes)?;
        check_version(raw.version)?;
        let bed = |bed: &proto::BedInfo| Ok((id(&bed.bed, "bed")?, bed.label.clone()));
        Ok(PostState {
            post: id(&raw.post, "post")?,
            status: match raw.status() {
                proto::Status::Lost => PostStatus::Lost,
                proto::Status::Online => PostStatus::Online,
                proto::Status::Stopped => PostStatus::Stopped,
            },
            name: raw.name.clone(),
            epoch: Epoch(raw.epoch),
            boot: boot(&raw.boot_id)?,
            at: mono_us(raw.at_us),
            wall: raw.wall_us.map(wall_us),
            trust: trust(raw.trust),
            last: raw.last.iter().map(closed).collect::<Result<_, _>>()?,
            beds: raw.beds.iter().map(bed).collect::<Result<_, WireError>>()?,
            open_alarms: OpenAlarms::from_raw(&raw),
        })
    }
}

/// The centre is there and its store works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CentreHeartbeat {
    /// What people call the centre.
    pub centre: String,
    /// Its wall clock.
    pub wall: WallTime,
    /// Whether a doctor is on duty there now.
    pub duty: OnDuty,
}

/// Whether a doctor is on duty at a centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnDuty {
    /// That centre keeps no duty roster: nobody is to be missed.
    #[default]
    NoRoster,
    /// It keeps one, and nobody is on duty now.
    Nobody,
    /// Somebody is.
    Somebody,
}

impl CentreHeartbeat {
    /// To bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (centre, wall_us) = (self.centre.clone(), us_of_wall(self.wall));
        proto::CentreHeartbeat {
            version: VERSION,
            centre,
            wall_us,
            duty: match self.duty {
                OnDuty::NoRoster => proto::Duty::NoRoster,
                OnDuty::Nobody => proto::Duty::Nobody,
                OnDuty::Somebody => proto::Duty::Somebody,
            } as i32,
        }
        .encode_to_vec()
    }

    /// From bytes.
    ///
    /// # Errors
    /// Whatever is not a heartbeat of this contract.
    pub fn decode(bytes: &[u8]) -> Result<CentreHeartbeat, WireError> {
        let raw = proto::CentreHeartbeat::decode(bytes)?;
        check_version(raw.version)?;
        Ok(CentreHeartbeat {
            centre: raw.centre,
            wall: wall_us(raw.wall_us),
            duty: match proto::Duty::try_from(raw.duty) {
                Ok(proto::Duty::Nobody) => OnDuty::Nobody,
                Ok(proto::Duty::Somebody) => OnDuty::Somebody,
                Ok(proto::Duty::NoRoster) | Err(_) => OnDuty::NoRoster,
            },
        })
    }
}
