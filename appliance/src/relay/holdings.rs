//! What the centre holds of one epoch and lane, by its latest receipt. Pure.
//!
//! A receipt names what is complete, and what is missing below something that the centre holds. So everything up to
//! the record after the last missing range is known, and nothing beyond it.

use vitals::Seq;
use vitals::wire::Receipt;

/// See the module. Nothing is known of an epoch without a receipt.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings {
    contiguous: u64,
    /// In order, without overlap, all beyond `contiguous`.
    missing: Vec<(u64, u64)>,
}

/// How far an epoch got.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// By this process.
    pub(super) sent: u64,
    /// Since the last fresh start.
    pub(super) sent_again: u64,
    pub(super) receipted: u64,
    pub(super) holdings: Holdings,
}

/// What is known of a stretch of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// All are there.
    All,
    /// Some are there, some are not.
    Some,
    /// Those of it that are known are not there.
    None,
    /// It lies beyond what is known.
    Unknown,
}

impl Holdings {
    /// The latest receipt replaces all earlier ones: a centre may have lost its store. `contiguous`: as far as it is
    /// believed (R4).
    pub(super) fn of(receipt: &Receipt, contiguous: u64) -> Holdings {
        let mut missing: Vec<(u64, u64)> = receipt.missing.iter().map(|(a, b)| (a.0, b.0)).collect();
        missing.sort_unstable();
        missing.dedup_by(|later, earlier| {
            let overlap = later.0 <= earlier.1;
            if overlap {
                earlier.1 = earlier.1.max(later.1);
            }
            overlap
        });
        missing.retain(|(_, last)| *last > contiguous);
        Holdings { contiguous, missing }
    }

    /// Up to where it is known what is there.
    fn known_to(&self) -> u64 {
        self.missing
            .last()
            .map_or(self.contiguous, |(_, last)| last.saturating_add(1))
    }

    /// What is known of the records from `first` to `last`.
    pub(super) fn held(&self, first: Seq, last: Seq) -> Held {
        let (first, last) = (first.0, last.0);
        if first > self.known_to() {
            return Held::Unknown;
        }
        let known_last = last.min(self.known_to());
        let lacking = |(a, b): &(u64, u64)| {
            let (a, b) = ((*a).max(first), (*b).min(known_last));
            (b + 1).saturating_sub(a)
        };
        let lacking: u64 = self.missing.iter().map(lacking).sum();
        match lacking {
            0 if known_last == last => Held::All,
            0 => Held::Some,
            all if all == known_last + 1 - first => Held::None,
            _ => Held::Some,
        }
    }

    /// The first record after `after` that is not known to be there, and up to where none is; no end = as far as
    /// anything was made.
    pub(super) fn lacking_after(&self, after: Seq) -> (Seq, Option<Seq>) {
        let next = after.0.max(self.contiguous).saturating_add(1);
        let range = self.missing.iter().find(|(_, last)| next <= *last);
        match range {
            Some((first, last)) => (Seq(next.max(*first)), Some(Seq(*last))),
            None => (Seq(next), None),
        }
    }

    /// What is missing between `first` and `last`.
    pub(super) fn missing_in(&self, first: Seq, last: Seq) -> impl Iterator<Item = (Seq, Seq)> + '_ {
        let cut = move |(a, b): &(u64, u64)| (Seq((*a).max(first.0)), Seq((*b).min(last.0)));
        self.missing.iter().map(cut).filter(|(a, b)| a <= b)
    }
}

#[cfg(test)]
mod tests {
    use vitals::{Epoch, Lane};

    use super::*;

    fn holdings(contiguous: u64, missing: &[(u64, u64)]) -> Holdings {
        let receipt = Receipt {
            post: "a".parse().unwrap(),
            epoch: Epoch(1),
            lane: Lane::Vitals,
            contiguous: Seq(contiguous),
            missing: missing.iter().map(|(a, b)| (Seq(*a), Seq(*b))).collect(),
        };
        Holdings::of(&receipt, contiguous)
    }

    #[test]
    fn everything_below_the_last_missing_range_is_known_and_nothing_beyond_it() {
        let held = holdings(4, &[(15, 18), (5, 10)]);
        for (first, last, expected) in [
            (1, 4, Held::All),
            (5, 10, Held::None),
            (4, 5, Held::Some),
            (11, 14, Held::All),
            (11, 20, Held::Some),
            (15, 18, Held::None),
            (19, 19, Held::All),
            (19, 30, Held::Some),
            (20, 30, Held::Unknown),
        ] {
            assert_eq!(held.held(Seq(first), Seq(last)), expected, "{first} to {last}");
        }
        for (after, first, last) in [
            (0, 5, Some(10)),
            (7, 8, Some(10)),
            (10, 15, Some(18)),
            (18, 19, None),
        ] {
            let lacking = held.lacking_after(Seq(after));
            assert_eq!(lacking, (Seq(first), last.map(Seq)), "after {after}");
        }
        assert_eq!(holdings(0, &[]).held(Seq(1), Seq(9)), Held::Unknown);
        assert_eq!(
            holdings(9, &[(3, 20), (4, 5)]).lacking_after(Seq(0)),
            (Seq(10), Some(Seq(20)))
        );
    }
}
