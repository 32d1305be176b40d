//! Receipts on their way to the posts: those of alerts and events at once, those of bulk merged, the newest of each
//! lane, at every round of the centre (50 ms), so at most 20 a second per lane.

use std::collections::BTreeMap;

use vitals::wire::Receipt;
use vitals::{Epoch, Lane, PostId};

/// Receipts that wait for the next round.
#[derive(Debug, Default)]
pub struct Receipts {
    waiting: BTreeMap<(PostId, Epoch, Lane), Receipt>,
}

impl Receipts {
    /// A lane has moved; `Some` = send this now.
    pub fn moved(&mut self, receipt: Receipt) -> Option<Receipt> {
        let key = (receipt.post.clone(), receipt.epoch, receipt.lane);
        if receipt.lane.is_urgent() {
            self.waiting.remove(&key);
            return Some(receipt);
        }
        self.waiting.insert(key, receipt);
        None
    }

    /// The next round: everything that waits goes out.
    pub fn round(&mut self) -> impl Iterator<Item = Receipt> + use<> {
        std::mem::take(&mut self.waiting).into_values()
    }
}

#[cfg(test)]
mod tests {
    use vitals::Seq;

    use super::*;

    fn receipt(lane: Lane, contiguous: u64) -> Receipt {
        Receipt {
            post: "demo".parse().unwrap(),
            epoch: Epoch(1),
            lane,
            contiguous: Seq(contiguous),
            missing: vec![],
        }
    }

    #[test]
    fn receipts_of_bulk_are_merged_and_those_of_alerts_go_at_once() {
        let mut receipts = Receipts::default();
        for contiguous in 1..=100 {
            assert_eq!(receipts.moved(receipt(Lane::Vitals, contiguous)), None);
        }
        assert_eq!(
            receipts.moved(receipt(Lane::Alerts, 1)),
            Some(receipt(Lane::Alerts, 1))
        );
        assert_eq!(
            receipts.round().collect::<Vec<_>>(),
            vec![receipt(Lane::Vitals, 100)]
        );
        assert_eq!(receipts.round().count(), 0);
    }
}
