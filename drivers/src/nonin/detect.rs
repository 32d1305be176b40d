//! Which format does the device send? Listens for two seconds and takes the first that fits.
//!
//! Order: format 2 (its constant 01h makes it the most certain), 7, 8. Straps and power-up defaults differ between
//! products, so guessing from the name on the box does not work.

use std::collections::VecDeque;
use std::time::Duration;

use vitals::MonoTime;

use super::Format;
use super::frames::{FRAME_BYTES, Layout, read_frame};

/// Most bytes that are looked at: 2.7 s of formats 2 and 7, which send 375 bytes a second.
pub(super) const HEARD_BYTES_MAX: usize = 1024;

/// Older bytes say nothing about what the device sends now.
const HEARD_FOR: Duration = Duration::from_secs(4);

/// How long to listen before a decision.
const LISTEN: Duration = Duration::from_secs(2);

/// Three packets of format 8 with some jitter.
const LISTEN_EIGHT: Duration = Duration::from_millis(1700);

/// Of 100 frames this many must have a good checksum.
const GOOD_PERCENT: usize = 90;

/// Fewer frames than this say nothing.
const FRAMES_MIN: usize = 75;

/// Packets of format 8 that must follow each other without a stray byte.
const EIGHT_PACKETS_MIN: usize = 3;

/// What was heard last, with its times.
#[derive(Debug, Default)]
pub(super) struct Detector {
    heard: VecDeque<(MonoTime, u8)>,
}

impl Detector {
    /// Takes bytes; returns how many old ones fitted no format and were dropped.
    pub(super) fn hear(&mut self, now: MonoTime, bytes: &[u8]) -> u32 {
        let all = self.heard.len() + bytes.len();
        self.heard.retain(|(at, _)| now.since(*at) <= HEARD_FOR);
        // Only the newest bytes can stay: do not push a flood through the queue.
        let newest = bytes.len().saturating_sub(HEARD_BYTES_MAX);
        self.heard
            .extend(bytes.iter().skip(newest).map(|byte| (now, *byte)));
        let excess = self.heard.len().saturating_sub(HEARD_BYTES_MAX);
        self.heard.drain(..excess);
        u32::try_from(all - self.heard.len()).unwrap_or(u32::MAX)
    }

    /// The format, once enough was heard before now; more bytes of now may still come.
    pub(super) fn decide(&self, now: MonoTime) -> Option<Format> {
        let (first, last) = (self.heard.front()?.0, self.heard.back()?.0);
        if last >= now {
            return None;
        }
        let listened = last.since(first);
        let bytes: Vec<u8> = self.heard.iter().map(|(_, byte)| *byte).collect();
        if listened >= LISTEN && frames_fit(Layout::Two, &bytes) {
            Some(Format::Two)
        } else if listened >= LISTEN && frames_fit(Layout::Seven, &bytes) {
            Some(Format::Seven)
        } else if listened >= LISTEN_EIGHT && eight_fits(&bytes) {
            Some(Format::Eight)
        } else {
            None
        }
    }

    /// Hands over what was heard and begins anew.
    pub(super) fn take(&mut self) -> VecDeque<(MonoTime, u8)> {
        std::mem::take(&mut self.heard)
    }
}

fn frames_fit(layout: Layout, bytes: &[u8]) -> bool {
    (0..FRAME_BYTES).any(|phase| {
        let frames = bytes.get(phase..).unwrap_or_default().chunks_exact(FRAME_BYTES);
        let all = frames.len();
        let good = frames.filter(|frame| read_frame(layout, frame).is_some()).count();
        all >= FRAMES_MIN && good * 100 >= all * GOOD_PERCENT
    })
}

/// One byte with the top bit, three without, and so on; the ends may be cut.
fn eight_fits(bytes: &[u8]) -> bool {
    let head = bytes.iter().take_while(|byte| **byte < 0x80).count();
    let packets = bytes.get(head..).unwrap_or_default();
    let in_step = packets
        .iter()
        .enumerate()
        .all(|(place, byte)| (*byte >= 0x80) == (place % 4 == 0));
    head < 4 && in_step && packets.len() / 4 >= EIGHT_PACKETS_MIN
}
