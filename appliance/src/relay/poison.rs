//! A record that the far side cannot take must not hold up those behind it. Pure.
//!
//! R12: a message that is lost although later ones arrived goes again (R11). When that happens to the same records
//! [`TRIES_WHOLE`] times, they go in ever smaller messages; a record that is lost alone [`TRIES_ALONE`] times is poison:
//! it is quarantined, and its loss is told like any other. Nothing is poison while the far side takes nothing.
//!
//! Another destination than the centre cannot have its loss told: the centre would hear it too. It passes over the record,
//! and its receipts lack it for ever ([`beyond`]).

use vitals::Seq;
use vitals::wire::Receipt;

use crate::store::Cursor;

/// So often records are sent in vain before their message is made smaller.
const TRIES_WHOLE: u32 = 3;
/// So often a single record is sent in vain.
const TRIES_ALONE: u32 = 5;

/// What a receipt means that names something as missing up to `floor`, which is not owed any more: what lies beyond it and
/// before the next that is missing is there; where none is missing, as far as the broker has acknowledged, `acked`.
pub(super) fn beyond(mut receipt: Receipt, floor: Seq, acked: impl FnOnce() -> Seq) -> Receipt {
    let passed = receipt.missing.iter().any(|(first, _)| *first <= floor);
    if receipt.contiguous >= floor || !passed {
        return receipt;
    }
    receipt.missing.retain(|(_, last)| *last > floor);
    for (first, _) in &mut receipt.missing {
        *first = floor.next().max(*first);
    }
    let next = receipt.missing.iter().map(|(first, _)| first.0).min();
    receipt.contiguous = next.map_or_else(acked, |first| Seq(first - 1));
    receipt
}

/// The oldest records that were lost although later ones arrived.
#[derive(Debug, Default)]
pub(super) struct Suspect {
    lost: Option<Lost>,
    poison: Option<Cursor>,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    first: Cursor,
    tries: u32,
    alone: u32,
}

impl Suspect {
    /// The centre has everything up to here.
    pub(super) fn passed(&mut self, safe: Cursor) {
        self.lost = self.lost.filter(|lost| lost.first > safe);
    }

    /// Records from `first` to `last` were lost although later ones arrived; everything up to `safe` is there. Returns
    /// how many may go at once now.
    pub(super) fn lost(&mut self, first: Cursor, last: Seq, safe: u64) -> usize {
        let count = usize::try_from(last.0 - first.seq.0 + 1).unwrap_or(usize::MAX);
        // Only what stands next to everything that has arrived: what is beyond is judged when its turn comes.
        if first.seq.0 != safe.saturating_add(1) {
            return usize::MAX;
        }
        let before = self.lost.filter(|lost| lost.first == first);
        let before = before.unwrap_or(Lost {
            first,
            tries: 0,
            alone: 0,
        });
        let lost = Lost {
            tries: before.tries + 1,
            alone: before.alone + u32::from(count == 1),
            ..before
        };
        self.lost = Some(lost);
        if lost.alone >= TRIES_ALONE {
            self.poison = Some(first);
        }
        if lost.tries < TRIES_WHOLE {
            usize::MAX
        } else {
            (count / 8).max(1)
        }
    }

    /// The poison that was found, once.
    pub(super) fn take_poison(&mut self) -> Option<Cursor> {
        let poison = self.poison.take()?;
        self.lost = None;
        Some(poison)
    }
}
