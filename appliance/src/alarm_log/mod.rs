//! The log of alarms: what the store holds of alarms, read as one entry for each alarm, with its steps, and counted.
//!
//! - G1: nothing is kept for the log: it is made from the alarm changes of the alerts lane and from what the events lane says
//!   of them. So nobody can delete or edit an entry, and it says no more than was recorded.
//! - G2: an entry stands at its beginning. It has the name of the stay, never a patient's.
//! - G3 (I8): a time that no believed clock told is said to be so; what began at such a time belongs to no day, and is told
//!   after everything else.
//! - G4: one question reads at most [`RECORDS_MAX`] records, newest first, and says when that was not all.
//! - G5: announcements are counted in one place ([`Count`]), here and in replays.

mod count;
mod entries;
mod gaps;
mod gather;
mod read;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod wanted;

pub use count::{Announcing, Count, SOON, Step, Stretch, stretches};
pub use entries::{AlarmEntry, Change, Entry, Happened, Moment, StepOf, What};
pub use gather::Gathered;
pub use read::{LogError, Page, RECORDS_MAX, Statistic, search, statistics};
pub use statistics::{BedTime, Statistics, TOP_MAX, kind};
pub use table::{csv_head, csv_line};
pub use wanted::Wanted;
