//! How far one lane of one epoch got on its way. Pure.

use super::holdings::Holdings;

/// Most given-up stretches of an epoch that are remembered; beyond it the cursor waits for the next record that is sent.
const GIVEN_UP_MAX: usize = 64;

/// How far an epoch got.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// By this process.
    pub(super) sent: u64,
    /// Since the last fresh start.
    pub(super) sent_again: u64,
    pub(super) receipted: u64,
    pub(super) holdings: Holdings,
    /// Given up by the store and told as lost: nobody will ever send them. Sorted.
    given_up: Vec<(u64, u64)>,
}

impl Reach {
    /// The store gave `first..=last` up.
    pub(super) fn give_up(&mut self, first: u64, last: u64) {
        if self.given_up.len() < GIVEN_UP_MAX {
            self.given_up.push((first, last));
            self.given_up.sort_unstable();
        }
    }

    /// Up to where a receipt can be true (R4): what was sent, and what is lost right behind it.
    pub(super) fn believable(&self) -> u64 {
        let behind = |reach: u64, (first, last): &(u64, u64)| {
            if *first <= reach + 1 {
                reach.max(*last)
            } else {
                reach
            }
        };
        self.given_up.iter().fold(self.sent, behind)
    }
}
