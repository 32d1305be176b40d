//! Laboratory analysers that speak ASTM E1381 and E1394 (CLSI LIS01 and LIS02), on a serial line or over TCP.
//!
//! The post is the receiving computer: it acknowledges frames and takes results. All that it ever sends are
//! acknowledgements and, to a host query, the answer that it has no orders (I10). Invariants, each proven beside its file
//! or in `drivers/tests`:
//!
//! - A1 a frame is whole and its sum fits (`frame.rs`);
//! - A2 a frame counts once and in its turn (`session.rs`);
//! - A3 a message is told when it is complete, and its last frame is acknowledged when it is kept (`inbox.rs`, `session.rs`);
//! - A4 what was told is not told again (`known.rs`);
//! - A5, A6 controls are nobody's, and one bad record costs only itself (`message.rs`); A7 what makes no sense is refused
//!   (`fields.rs`);
//! - A8 there is never more to say than the line can carry (`answers.rs`);
//! - A9 what came over a line that damages frames must come twice (`inbox.rs`).

mod answers;
mod fields;
mod frame;
mod inbox;
mod known;
mod message;
mod record;
mod session;
mod text;

pub use answers::ANSWER_BYTES_PER_S_MAX;
pub use frame::{END_WAIT, FRAME_BYTES_MAX, STALL_MAX};
pub use inbox::{RECORD_BYTES_MAX, RESULTS_HELD_MAX};
pub use known::KNOWN_MAX;
pub use session::Astm;
