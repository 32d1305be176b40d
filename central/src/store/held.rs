//! Which records of one lane of one epoch the centre holds, and which it still lacks. Pure.
//!
//! - H1 (I2): `contiguous` never goes back, and it never passes a record that is neither stored nor known to be lost.
//! - H2: a number that is stored is never offered as new again, however the envelopes are cut.
//! - H3: the two lists stay below [`RUNS_MAX`] runs, whatever a post sends: who opens too many gaps is told to fill
//!   the first ones before anything later is taken.

use vitals::Seq;
use vitals::wire::MISSING_RANGES_MAX;

/// The most separate runs that are kept per lane and epoch.
pub const RUNS_MAX: usize = 1_024;

/// Inclusive runs of sequence numbers: sorted, apart from each other by at least one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Runs(Vec<(u64, u64)>);

impl Runs {
    fn add(&mut self, first: u64, last: u64) {
        // Runs that touch or overlap first-1..=last+1 become one with it.
        let start = self.0.partition_point(|run| run.1.saturating_add(1) < first);
        let end = self.0.partition_point(|run| run.0 <= last.saturating_add(1));
        let merged = self
            .0
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .fold((first, last), |(low, high), run| {
                (low.min(run.0), high.max(run.1))
            });
        self.0.splice(start..end.max(start), [merged]);
    }

    /// The parts of `first..=last` that are not in the runs.
    fn gaps(&self, first: u64, last: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut from = first;
        for &(low, high) in self.0.iter().filter(|run| run.1 >= first) {
            if low > last {
                break;
            }
            if low > from {
                gaps.push((from, low - 1));
            }
            if high >= last {
                return gaps;
            }
            from = high + 1;
        }
        if from <= last {
            gaps.push((from, last));
        }
        gaps
    }

    fn highest(&self) -> u64 {
        self.0.last().map_or(0, |run| run.1)
    }
}

/// What is held of one lane of one epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Stored here.
    stored: Runs,
    /// Stored here, or given up by the post: nobody waits for it.
    settled: Runs,
    /// The epoch is over and this was its last durable record.
    closed: Option<u64>,
}

/// A batch that would open too many gaps: not taken; the post fills the first ones and sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {RUNS_MAX} gaps in one lane; the first ones must be filled before anything later is taken"
)]
pub struct TooManyGaps;

impl Held {
    /// Takes `first..=last` and says which parts of it are new.
    ///
    /// # Errors
    /// When the bound is reached; nothing has changed then.
    pub fn store(&mut self, first: Seq, last: Seq) -> Result<Vec<(Seq, Seq)>, TooManyGaps> {
        let new = self.stored.gaps(first.0, last.0);
        let (mut stored, mut settled) = (self.stored.clone(), self.settled.clone());
        stored.add(first.0, last.0);
        settled.add(first.0, last.0);
        if settled.0.len() > RUNS_MAX {
            return Err(TooManyGaps);
        }
        self.settled = settled;
        self.stored = stored;
        self.close_oldest_holes();
        Ok(new.into_iter().map(|(a, b)| (Seq(a), Seq(b))).collect())
    }

    /// The post has given up `first..=last`: it is not missing any more. A record of it that still arrives is stored.
    ///
    /// # Errors
    /// When the bound is reached; nothing has changed then.
    pub fn give_up(&mut self, first: Seq, last: Seq) -> Result<(), TooManyGaps> {
        let mut settled = self.settled.clone();
        settled.add(first.0.max(1), last.0);
        if settled.0.len() > RUNS_MAX {
            return Err(TooManyGaps);
        }
        self.settled = settled;
        Ok(())
    }

    /// The post's card was lost with all that was not sent: nothing is missing any more.
    pub fn give_up_all(&mut self) {
        if let Some(end) = Some(self.end()).filter(|end| *end > 0) {
            self.settled.add(1, end);
        }
    }

    /// The epoch is over; beyond `last` nothing is missing.
    pub fn close(&mut self, last: Seq) {
        self.closed = Some(self.closed.unwrap_or(0).max(last.0));
    }

    /// The epoch is over, and its end is known.
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Everything up to here is stored or given up; `Seq(0)` = nothing. In a closed epoch whose last durable record is
    /// covered, this is the highest number there is.
    pub fn contiguous(&self) -> Seq {
        let end = match self.settled.0.first() {
            Some(&(1, end)) => end,
            _ => 0,
        };
        match self.closed {
            Some(last) if end >= last => Seq(end.max(self.stored.highest())),
            _ => Seq(end),
        }
    }

    /// The first missing ranges, at most as many as a receipt can name.
    pub fn missing(&self) -> Vec<(Seq, Seq)> {
        let gaps = self
            .settled
            .gaps(self.contiguous().0.saturating_add(1), self.end());
        gaps.into_iter()
            .take(MISSING_RANGES_MAX)
            .map(|(a, b)| (Seq(a), Seq(b)))
            .collect()
    }

    /// How many records are lacking when the post has made everything up to `made`.
    pub fn lacking(&self, made: Seq) -> u64 {
        let end = match self.closed {
            Some(last) => last,
            None => self.end().max(made.0),
        };
        self.settled
            .gaps(1, end)
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum()
    }

    /// The highest number that is known to exist and could still be missing something below it.
    fn end(&self) -> u64 {
        match self.closed {
            Some(last) => last,
            None => self.settled.highest(),
        }
    }

    /// H3 for `stored`: the oldest hole that the post gave up is closed for good. There is one, because `settled` has
    /// fewer runs: two neighbours in `stored` lie in the same run of it.
    fn close_oldest_holes(&mut self) {
        while self.stored.0.len() > RUNS_MAX {
            let holes = self.stored.0.windows(2).map(|two| (two[0].1 + 1, two[1].0 - 1));
            let oldest = holes
                .into_iter()
                .find(|hole| self.settled.gaps(hole.0, hole.1).is_empty());
            let Some((first, last)) = oldest else { return };
            self.stored.add(first, last);
        }
    }

    /// As bytes for the store: closed (0 = open, else last + 1), number of stored runs, then all runs; u64 little endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let closed = self.closed.map_or(0, |last| last.saturating_add(1));
        let stored = self.stored.0.len() as u64;
        let runs = self.stored.0.iter().chain(&self.settled.0);
        [closed, stored]
            .into_iter()
            .chain(runs.flat_map(|run| [run.0, run.1]))
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    /// What [`Held::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Held> {
        let numbers: Vec<u64> = bytes
            .chunks_exact(8)
            .map(|chunk| chunk.try_into().map(u64::from_le_bytes))
            .collect::<Result<_, _>>()
            .ok()?;
        let (head, runs) = numbers.split_at_checked(2)?;
        let runs: Vec<(u64, u64)> = runs.chunks_exact(2).map(|run| (run[0], run[1])).collect();
        let (stored, settled) = runs.split_at_checked(usize::try_from(head[1]).ok()?)?;
        Some(Held {
            stored: Runs(stored.to_vec()),
            settled: Runs(settled.to_vec()),
            closed: head[0].checked_sub(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Store(u64, u64),
        GiveUp(u64, u64),
        Close(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let range = (1..60u64, 0..8u64).prop_map(|(first, more)| (first, first + more));
        prop_oneof![
            6 => range.clone().prop_map(|(a, b)| Step::Store(a, b)),
            2 => range.prop_map(|(a, b)| Step::GiveUp(a, b)),
            1 => (0..60u64).prop_map(Step::Close),
        ]
    }

    proptest! {
        /// The model: two plain sets of numbers.
        #[test]
        fn i2_held_agrees_with_a_plain_set_of_numbers(steps in proptest::collection::vec(step(), 1..60)) {
            let (mut held, mut stored, mut settled) = (Held::default(), BTreeSet::new(), BTreeSet::new());
            let (mut closed, mut before): (Option<u64>, u64) = (None, 0);
            for step in steps {
                match step {
                    Step::Store(a, b) => {
                        let new: Vec<u64> = held.store(Seq(a), Seq(b)).unwrap().into_iter().flat_map(|(a, b)| a.0..=b.0).collect();
                        let expected: Vec<u64> = (a..=b).filter(|seq| stored.insert(*seq)).collect();
                        prop_assert_eq!(new, expected);
                        settled.extend(a..=b);
                    }
                    Step::GiveUp(a, b) => {
                        held.give_up(Seq(a), Seq(b)).unwrap();
                        settled.extend(a..=b);
                    }
                    Step::Close(last) => {
                        held.close(Seq(last));
                        closed = Some(closed.map_or(last, |before| before.max(last)));
                    }
                }
                let run = (1..).take_while(|seq| settled.contains(seq)).last().unwrap_or(0);
                let highest = stored.iter().next_back().copied().unwrap_or(0);
                let contiguous = match closed {
                    Some(last) if run >= last => run.max(highest),
                    _ => run,
                };
                prop_assert_eq!(held.contiguous(), Seq(contiguous));
                let end = closed.unwrap_or_else(|| settled.iter().next_back().copied().unwrap_or(0));
                let lacking: Vec<u64> = (1..=end).filter(|seq| !settled.contains(seq)).collect();
                let missing: Vec<u64> = held.missing().into_iter().flat_map(|(a, b)| a.0..=b.0).collect();
                prop_assert_eq!(&missing, &lacking);
                prop_assert_eq!(held.lacking(Seq(0)), lacking.len() as u64);
                if closed.is_none() {
                    prop_assert!(held.contiguous().0 >= before);
                    before = held.contiguous().0;
                }
                prop_assert_eq!(Held::from_bytes(&held.to_bytes()), Some(held.clone()));
            }
        }
    }

    #[test]
    fn i2_whoever_opens_too_many_gaps_is_refused_and_may_go_on_once_the_first_are_filled() {
        let mut held = Held::default();
        for run in 1..=RUNS_MAX as u64 {
            held.store(Seq(run * 2), Seq(run * 2)).unwrap();
        }
        let beyond = Seq(RUNS_MAX as u64 * 2 + 2);
        let before = held.clone();
        assert_eq!(held.store(beyond, beyond), Err(TooManyGaps));
        assert_eq!(held.give_up(beyond, beyond), Err(TooManyGaps));
        assert_eq!(held, before);
        assert_eq!(held.missing().len(), MISSING_RANGES_MAX);
        assert_eq!(held.store(Seq(3), Seq(3)), Ok(vec![(Seq(3), Seq(3))]));
        assert!(held.store(beyond, beyond).is_ok());
    }

    #[test]
    fn holes_that_a_post_gave_up_are_closed_for_good_when_there_are_too_many() {
        let mut held = Held::default();
        for run in 0..RUNS_MAX as u64 + 5 {
            held.give_up(Seq(run * 2 + 1), Seq(run * 2 + 1)).unwrap();
            held.store(Seq(run * 2 + 2), Seq(run * 2 + 2)).unwrap();
        }
        assert_eq!(held.stored.0.len(), RUNS_MAX);
        assert_eq!(held.settled.0.len(), 1);
        assert_eq!(held.store(Seq(1), Seq(1)), Ok(vec![(Seq(1), Seq(1))]));
        assert_eq!(held.store(Seq(3), Seq(3)), Ok(vec![]));
    }

    #[test]
    fn the_end_of_the_numbers_does_not_overflow() {
        let mut held = Held::default();
        held.store(Seq(u64::MAX), Seq(u64::MAX)).unwrap();
        assert_eq!(held.missing(), vec![(Seq(1), Seq(u64::MAX - 1))]);
        held.store(Seq(1), Seq(u64::MAX - 1)).unwrap();
        assert_eq!(held.contiguous(), Seq(u64::MAX));
        assert_eq!(held.missing(), vec![]);
    }
}
