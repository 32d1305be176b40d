//! HL7 version 2 over MLLP: gateways, monitors, analysers and laboratory systems that connect to the post and send ORU^R01
//! and ORU^R40.
//!
//! The post listens, takes values, alarms and results over one port, and acknowledges. Nothing but
//! acknowledgements is ever sent (I10). An [`Inbox`] owns no port and no clock; each connection has a [`mllp::Reader`].
//! Invariants, each proven beside its file or in `drivers/tests`:
//!
//! - H1, H2 blocks are whole and bounded (`mllp.rs`);
//! - H3 code and text agree (`codes.rs`), units and numbers too (`number.rs`);
//! - H4, H5 nothing is taken twice, nothing late looks fresh (`sender.rs`);
//! - H6 no alarm of a device stands for ever (`alarms.rs`);
//! - H7, H8 each measurement once, with its true age or not at all (`publish.rs`);
//! - H9 to H11 the right bed, bad items one by one, answers after the commit (`inbox.rs`);
//! - H12, H13 a control is nobody's, and each result has the specimen and the patient of its own group (`laboratory.rs`).

mod ack;
pub(crate) mod alarms;
pub(crate) mod codes;
mod inbox;
mod laboratory;
mod location;
pub(crate) mod message;
pub mod mllp;
mod number;
pub(crate) mod oru;
pub(crate) mod publish;
mod quarantine;
mod sender;
pub(crate) mod stamp;

pub use alarms::EXPIRES_AFTER;
pub use inbox::{Found, Inbox, Letter, ROWS_MAX};
pub use location::{BadField, Location, LocationField};
pub use quarantine::{ITEM_CHARS_MAX, ITEMS_MAX, Kept};
pub use sender::{LATE_MIN, Mark, REPEATED_WITHIN, REPEATS_MAX};
