//! The words of the product: what was measured, on whom, where, when, and what alarms about it.
//!
//! Pure: no input or output, no async, no clock. Everything that depends on time takes it as an argument.
//! The wire messages between a post and a centre are in [`wire`]; their public description is `vitals/proto/*.proto`.
//!
//! Invariants kept here (numbers as in ARCHITECTURE.md):
//! - I5: a value that is absent has an [`AbsentReason`], never a number ([`Measured`], [`Code::judge`]).
//! - I2: a record is named by `(post, epoch, lane, seq)` ([`RecordId`]).
//! - I8: order comes from boot id and monotonic time; wall time is resolved from [`ClockAnchor`]s.
#![warn(missing_docs)]

pub mod alarm;
pub mod audit;
pub mod bed;
pub mod code;
pub mod delivery;
pub mod json;
pub mod lab;
pub mod limits;
pub mod number;
pub mod nursing;
pub mod patient;
pub mod reading;
pub mod record;
mod schema;
pub mod score;
pub mod site;
pub mod summary;
pub mod time;
pub mod wire;

pub use alarm::{AlarmChange, AlarmId, AlarmKind, AlarmPhase, Condition, DeviceAlarm, Priority, Side};
pub use bed::{AdmissionId, BedId, Binding, Category, DeviceId, DeviceLink, Masked, PostId};
pub use code::Code;
pub use lab::{
    LabAssignment, LabDoubt, LabFlag, LabId, LabRecord, LabResult, LabSetAside, LabStatus, LabTest,
};
pub use lab::{Specimen, Whose};
pub use limits::{Limits, LimitsSet};
pub use number::Decimal;
pub use nursing::{Handover, HandoverAccepted, HandoverBed, HandoverLine, Note, NoteWithdrawn, Section};
pub use patient::{Discharged, Disposition, Identified, Identity, Transferred};
pub use reading::{AbsentReason, Measured, Method, Observation, Quality, Reading, SiteReading, WaveBlock};
pub use record::{Epoch, Event, Lane, Record, RecordId, Seq};
pub use site::{Comparison, SignalId, SiteAlarm, SiteTrouble};
pub use summary::{Gathered, MinuteSummary, Numbers, Summarised};
pub use time::{AnchorSource, BootId, ClockAnchor, ClockTrust, MonoTime, Stamp, WallTime};
