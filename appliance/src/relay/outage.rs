//! What an outage came to, told when it is over: everything that waited when the destination was back has arrived (I1).
//! Pure; time is an argument.

use std::time::Duration;

use vitals::record::Outage;
use vitals::time::Stamp;
use vitals::{BootId, Epoch, Lane, MonoTime, Seq};

use super::outlet::LaneStock;
use crate::store::Cursor;

/// What waited at the start of this run is an outage of the run before when it is older than this.
const OLD: Duration = Duration::from_secs(300);

/// What one reading of the store tells about the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The first record that was read.
    pub(super) first: Cursor,
    /// When it was made.
    pub(super) made: Stamp,
    /// What is told as lost by what was read.
    pub(super) lost: Vec<GivenUp>,
}

/// Records that the store gave up, and that its events tell the centre about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GivenUp {
    /// The event that says so.
    pub(super) told_by: Cursor,
    pub(super) epoch: Epoch,
    pub(super) lane: Lane,
    pub(super) first: Seq,
    pub(super) last: Seq,
}

impl GivenUp {
    fn records(&self) -> u64 {
        self.last.0.saturating_sub(self.first.0) + 1
    }
}

#[derive(Debug)]
enum Phase {
    /// Not heard since the start of this run.
    Begun,
    Good,
    /// Not heard; heard last then, if in this run.
    Away(Option<MonoTime>),
    /// Heard again; this waited then.
    Back {
        from: Option<MonoTime>,
        /// It was silent for long enough to be an outage, whatever waited.
        silent: bool,
        to: MonoTime,
        waiting: u64,
        targets: Vec<(Lane, Cursor)>,
    },
}

/// See the module.
#[derive(Debug)]
pub(super) struct OutageWatch {
    destination: String,
    boot: BootId,
    phase: Phase,
    /// The oldest record that waited, of those that were read.
    oldest: Option<Stamp>,
    /// The oldest alert that is on its way, and when it was made.
    alert: Option<(Cursor, Stamp)>,
    delay: Option<Duration>,
    lost: u64,
    /// Losses up to here are counted.
    lost_to: Cursor,
}

impl OutageWatch {
    pub(super) fn new(destination: &str, boot: BootId) -> OutageWatch {
        OutageWatch {
            destination: destination.to_owned(),
            boot,
            phase: Phase::Begun,
            oldest: None,
            alert: None,
            delay: None,
            lost: 0,
            lost_to: Cursor::START,
        }
    }

    /// Not heard for so long that it counts as unreachable.
    pub(super) fn away(&mut self, heard: Option<MonoTime>) {
        match self.phase {
            Phase::Away(_) => {}
            // What was owed before is owed still, since the first silence.
            Phase::Back { from, .. } => self.phase = Phase::Away(from),
            Phase::Begun | Phase::Good => self.phase = Phase::Away(heard),
        }
    }

    /// Heard.
    pub(super) fn heard(&mut self, stock: &[LaneStock], now: MonoTime) {
        let (from, silent) = match self.phase {
            Phase::Begun => (None, false),
            Phase::Away(from) => (from, true),
            Phase::Good | Phase::Back { .. } => return,
        };
        self.phase = Phase::Back {
            from,
            silent,
            to: now,
            waiting: stock.iter().map(|lane| lane.waiting).sum(),
            targets: stock.iter().map(|lane| (lane.lane, lane.newest)).collect(),
        };
    }

    /// Something was read to be sent.
    pub(super) fn read(&mut self, lane: Lane, past: &Past) {
        if matches!(self.phase, Phase::Good) && lane != Lane::Alerts {
            return;
        }
        if lane == Lane::Alerts && self.alert.is_none_or(|(alert, _)| past.first < alert) {
            self.alert = Some((past.first, past.made));
        }
        // What is read again after a link broke counts once.
        for lost in past.lost.iter().filter(|_| lane == Lane::Events) {
            if lost.told_by > self.lost_to {
                self.lost += lost.records();
                self.lost_to = lost.told_by;
            }
        }
        let here = |stamp: Stamp| stamp.boot == self.boot;
        let older = self
            .oldest
            .is_none_or(|oldest| match (here(past.made), here(oldest)) {
                (true, true) => past.made.mono < oldest.mono,
                (earlier_boot, _) => !earlier_boot && here(oldest),
            });
        if older {
            self.oldest = Some(past.made);
        }
    }

    /// It has everything of a lane up to here.
    pub(super) fn receipted(&mut self, lane: Lane, cursor: Cursor, now: MonoTime) {
        let arrived = self
            .alert
            .take_if(|(alert, _)| lane == Lane::Alerts && *alert <= cursor);
        if let Some((_, made)) = arrived
            && !matches!(self.phase, Phase::Good)
            && made.boot == self.boot
        {
            let took = now.since(made.mono);
            self.delay = Some(self.delay.map_or(took, |delay| delay.max(took)));
        }
    }

    /// Once, when everything that waited has arrived.
    pub(super) fn over(&mut self, stock: &[LaneStock]) -> Option<Outage> {
        let Phase::Back {
            from,
            silent,
            to,
            waiting,
            targets,
        } = &self.phase
        else {
            return None;
        };
        let arrived = |target: &(Lane, Cursor)| {
            let lane = stock.iter().find(|stock| stock.lane == target.0);
            lane.is_none_or(|stock| stock.cursor >= target.1)
        };
        if !targets.iter().all(arrived) {
            return None;
        }
        let old = self
            .oldest
            .filter(|made| made.boot != self.boot || to.since(made.mono) >= OLD);
        let boot = self.boot;
        let from_here = |mono| Stamp { boot, mono };
        let from = match from {
            Some(heard) => from_here(*heard),
            None if *silent => self.oldest.unwrap_or(from_here(*to)),
            None => old.unwrap_or(from_here(*to)),
        };
        let outage = (*silent || *waiting > 0 && old.is_some()).then(|| Outage {
            destination: self.destination.clone(),
            from,
            to: *to,
            kept: *waiting,
            lost: self.lost,
            oldest_alert_delay: self.delay,
        });
        self.phase = Phase::Good;
        (self.oldest, self.delay, self.lost) = (None, None, 0);
        outage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: BootId = BootId([1; 16]);

    fn at(s: u64) -> MonoTime {
        MonoTime::from_ms(s * 1_000)
    }

    fn cursor(seq: u64) -> Cursor {
        Cursor {
            epoch: vitals::Epoch(1),
            seq: vitals::Seq(seq),
        }
    }

    fn stock(cursor_at: u64, newest: u64) -> [LaneStock; 1] {
        [LaneStock {
            lane: Lane::Alerts,
            cursor: cursor(cursor_at),
            newest: cursor(newest),
            waiting: newest - cursor_at,
        }]
    }

    fn read(watch: &mut OutageWatch, lane: Lane, first: u64, boot: BootId, made_s: u64, lost: u64) {
        let made = Stamp {
            boot,
            mono: at(made_s),
        };
        let first = cursor(first);
        let lost = GivenUp {
            told_by: first,
            epoch: Epoch(1),
            lane: Lane::Vitals,
            first: Seq(1),
            last: Seq(lost),
        };
        let lost = Some(lost).filter(|lost| lost.last > Seq(0)).into_iter().collect();
        watch.read(lane, &Past { first, made, lost });
    }

    #[test]
    fn i1_an_outage_is_told_once_when_everything_that_waited_has_arrived() {
        let mut watch = OutageWatch::new("centre", BOOT);
        watch.heard(&stock(5, 5), at(1));
        assert_eq!(
            watch.over(&stock(5, 5)),
            None,
            "a start without a backlog is no outage"
        );
        watch.away(Some(at(100)));
        watch.away(Some(at(100)));
        read(&mut watch, Lane::Alerts, 6, BOOT, 150, 0);
        read(&mut watch, Lane::Events, 2, BOOT, 160, 40);
        read(&mut watch, Lane::Events, 2, BOOT, 160, 40);
        watch.heard(&stock(5, 9), at(700));
        watch.receipted(Lane::Alerts, cursor(7), at(703));
        assert_eq!(watch.over(&stock(7, 9)), None);
        let outage = watch.over(&stock(9, 30)).expect("it is over");
        assert_eq!(
            outage,
            Outage {
                destination: "centre".to_owned(),
                from: Stamp {
                    boot: BOOT,
                    mono: at(100)
                },
                to: at(700),
                kept: 4,
                lost: 40,
                oldest_alert_delay: Some(Duration::from_secs(553)),
            }
        );
        assert_eq!(watch.over(&stock(30, 30)), None, "once");
    }

    #[test]
    fn a_second_silence_before_all_has_arrived_is_the_same_outage() {
        let mut watch = OutageWatch::new("centre", BOOT);
        watch.heard(&stock(5, 5), at(1));
        watch.over(&stock(5, 5));
        watch.away(Some(at(100)));
        watch.heard(&stock(5, 9), at(200));
        watch.away(Some(at(210)));
        watch.heard(&stock(7, 9), at(300));
        let outage = watch.over(&stock(9, 9)).unwrap();
        assert_eq!((outage.from.mono, outage.to), (at(100), at(300)));
    }

    #[test]
    fn what_an_earlier_run_left_is_an_outage_when_it_is_old() {
        for (boot, made_s, told) in [
            (BootId([2; 16]), 900, true),
            (BOOT, 600, true),
            (BOOT, 950, false),
        ] {
            let mut watch = OutageWatch::new("centre", BOOT);
            read(&mut watch, Lane::Vitals, 6, boot, made_s, 0);
            read(&mut watch, Lane::Alerts, 6, BOOT, 999, 0);
            watch.heard(&stock(5, 9), at(1_000));
            let outage = watch.over(&stock(9, 9));
            let from = Stamp {
                boot,
                mono: at(made_s),
            };
            assert_eq!(outage.map(|outage| outage.from), told.then_some(from));
        }
    }

    #[test]
    fn i1_what_is_read_again_in_a_longer_stretch_counts_each_loss_once() {
        let mut watch = OutageWatch::new("centre", BOOT);
        watch.heard(&stock(5, 5), at(1));
        watch.over(&stock(5, 5));
        watch.away(Some(at(100)));
        read(&mut watch, Lane::Events, 2, BOOT, 160, 0);
        // The link breaks, forty records are lost meanwhile, and everything from 2 on is read again, twice.
        read(&mut watch, Lane::Events, 2, BOOT, 160, 40);
        read(&mut watch, Lane::Events, 2, BOOT, 160, 40);
        watch.heard(&stock(5, 9), at(700));
        assert_eq!(watch.over(&stock(9, 30)).unwrap().lost, 40);
    }
}
