//! Is the writer stuck in the card? Pure: no thread, time is an argument.
//!
//! - S13: a card that neither answers nor refuses is noticed from outside, because the one thread that could tell is the
//!   one that hangs.

use std::path::Path;
use std::time::Duration;

use vitals::MonoTime;

/// A round that takes longer, or an alert or event that waits longer for one, means that the card hangs. A slow card
/// that tidies up takes a second or two.
pub const COMMIT_TIME_MAX: Duration = Duration::from_secs(10);

/// How long the writer has had something to do without finishing any round.
#[derive(Debug, Default)]
pub(super) struct Hang {
    /// The rounds that were finished, and when that was seen first.
    seen: Option<(u64, MonoTime)>,
}

impl Hang {
    /// `busy`: a round is running or should be; `finished` counts the rounds that ended, well or badly. True when none
    /// has ended for [`COMMIT_TIME_MAX`].
    pub(super) fn check(&mut self, busy: bool, finished: u64, now: MonoTime) -> bool {
        if !busy {
            self.seen = None;
            return false;
        }
        match self.seen {
            Some((before, since)) if before == finished => now.since(since) >= COMMIT_TIME_MAX,
            _ => {
                self.seen = Some((finished, now));
                false
            }
        }
    }
}

/// What a technician reads then; the same text each time.
pub(super) fn reason(file: &Path) -> String {
    format!(
        "the store {} has not finished a commit for {} s and may be stuck: records wait in memory. Look for errors of the card with `dmesg`, and replace it",
        file.display(),
        COMMIT_TIME_MAX.as_secs()
    )
}
