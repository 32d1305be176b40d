//! A lane by wall time: for whoever reads what happened in a stretch of time, alarm by alarm.
//!
//! - L1 (I8): a record carries boot and monotonic time; each boot is resolved by its best anchor. What was recorded by a clock
//!   that nobody set or checked has no place in a stretch of time, and is handed out by itself ([`Log::doubtful`]).
//! - L2: one snapshot answers all that is asked of a [`Log`]: nothing comes in between. Only what is on the card is found.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use vitals::wire::Wanted;
use vitals::{ClockTrust, Epoch, Lane, MonoTime, Record, Stamp, WallTime};

use super::error::{Fault, StoreError, contain};
use super::history::{Anchors, Run, Tie, Walker};
use super::shared::Shared;
use super::trend::walker;

/// A record with its time.
#[derive(Clone, Debug)]
pub struct Logged {
    /// When, by the order of the box.
    pub at: Stamp,
    /// When, by the clock as it is known now; `None` = no clock was ever known in that boot.
    pub wall: Option<WallTime>,
    /// How far that may be believed.
    pub trust: ClockTrust,
    /// The record.
    pub record: Record,
}

/// One run of the appliance, as far as it is on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedRun {
    /// Its epoch.
    pub epoch: Epoch,
    /// When its first commit was made, a moment after its start; `None` = by a clock that nobody set or checked.
    pub begin: Option<WallTime>,
    /// When its last record was made.
    pub end: Option<WallTime>,
    /// How far both may be believed.
    pub trust: ClockTrust,
}

/// What is on the card at one moment.
pub struct Log {
    walker: Walker,
    anchors: Anchors,
    runs: BTreeMap<Lane, Vec<Run>>,
    file: PathBuf,
}

impl Log {
    pub(super) fn open(shared: &Shared, anchors: &Mutex<Anchors>) -> Result<Log, StoreError> {
        let opened = contain(|| {
            let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
            let walker = walker(database.as_ref().ok_or(Fault::Reopening)?);
            drop(database);
            let mut walker = walker?;
            let mut known = anchors.lock().unwrap_or_else(PoisonError::into_inner);
            known.catch_up(&mut walker)?;
            Ok((walker, known.clone()))
        });
        let (walker, anchors) = opened.map_err(|fault| fault.about(&shared.file))?;
        Ok(Log {
            walker,
            anchors,
            runs: BTreeMap::new(),
            file: shared.file.clone(),
        })
    }

    /// Hands out the records of a stretch of time, run by run and each in its order, until `each` has had enough. False =
    /// it had.
    ///
    /// # Errors
    /// The card cannot be read at the moment.
    pub fn between(
        &mut self,
        lane: Lane,
        span: Range<WallTime>,
        mut each: impl FnMut(Logged) -> bool,
    ) -> Result<bool, StoreError> {
        self.walk(
            lane,
            |tie| tie.is_some(),
            &mut |logged| !logged.wall.is_some_and(|wall| span.contains(&wall)) || each(logged),
            Some(&span),
        )
    }

    /// Hands out the records whose time is not to be believed, the newest run first and each in its order, until `each` has
    /// had enough. False = it had.
    ///
    /// # Errors
    /// The card cannot be read at the moment.
    pub fn doubtful(&mut self, lane: Lane, mut each: impl FnMut(Logged) -> bool) -> Result<bool, StoreError> {
        self.walk(lane, |tie| tie.is_none(), &mut each, None)
    }

    /// The runs of the appliance, oldest first.
    ///
    /// # Errors
    /// The card cannot be read at the moment.
    pub fn runs(&mut self) -> Result<Vec<LoggedRun>, StoreError> {
        let mut told: BTreeMap<Epoch, LoggedRun> = BTreeMap::new();
        for lane in [Lane::Alerts, Lane::Events, Lane::Summaries, Lane::Vitals] {
            for run in self.runs_of(lane)? {
                let tie = self.believed(&run);
                let (begin, end) = (
                    tie.and_then(|tie| tie.wall(run.begin)),
                    tie.and_then(|tie| tie.wall(run.end)),
                );
                let known = told.entry(run.epoch).or_insert(LoggedRun {
                    epoch: run.epoch,
                    begin,
                    end,
                    trust: tie.map_or(ClockTrust::Untrusted, |tie| tie.trust),
                });
                known.begin = known.begin.min(begin);
                known.end = known.end.max(end);
            }
        }
        Ok(told.into_values().collect())
    }

    fn walk(
        &mut self,
        lane: Lane,
        is_asked: impl Fn(Option<Tie>) -> bool,
        each: &mut dyn FnMut(Logged) -> bool,
        span: Option<&Range<WallTime>>,
    ) -> Result<bool, StoreError> {
        let mut goes_on = true;
        let mut runs = self.runs_of(lane)?;
        if span.is_none() {
            runs.reverse();
        }
        for run in runs {
            let (tie, believed) = (self.anchors.tie(run.boot), self.believed(&run));
            if !is_asked(believed) || !goes_on {
                continue;
            }
            let span = match (span, believed) {
                (Some(span), Some(tie)) => tie.mono(span.start)..tie.mono(span.end),
                _ => MonoTime::BOOT..MonoTime::from_ns(u64::MAX),
            };
            let logged = |record: Record| {
                let mono = record.at();
                Logged {
                    at: Stamp { boot: run.boot, mono },
                    wall: tie.and_then(|tie| tie.wall(mono)),
                    trust: tie.map_or(ClockTrust::Untrusted, |tie| tie.trust),
                    record,
                }
            };
            let walker = &mut self.walker;
            let walked = contain(|| {
                walker.walk_until(&run, span, &Wanted::All, |record| {
                    goes_on = each(logged(record));
                    goes_on
                })
            });
            walked.map_err(|fault| fault.about(&self.file))?;
        }
        Ok(goes_on)
    }

    /// What ties a run to the clock, where that clock may be believed.
    fn believed(&self, run: &Run) -> Option<Tie> {
        let tie = self.anchors.tie(run.boot)?;
        (tie.trust > ClockTrust::Untrusted).then_some(tie)
    }

    fn runs_of(&mut self, lane: Lane) -> Result<Vec<Run>, StoreError> {
        if let Some(known) = self.runs.get(&lane) {
            return Ok(known.clone());
        }
        let walker = &mut self.walker;
        let found = contain(|| {
            let mut runs = Vec::new();
            for epoch in walker.epochs(lane)? {
                runs.extend(walker.run(lane, epoch)?);
            }
            Ok(runs)
        });
        let found = found.map_err(|fault| fault.about(&self.file))?;
        self.runs.insert(lane, found.clone());
        Ok(found)
    }
}
