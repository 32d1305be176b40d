//! One self-test at a time: begun by a person, bounded in time, with its progress; what it found is signed by a person or
//! forgotten with the next one.
//!
//! - M2: it takes [`LASTS`], whatever hangs. A card that has not answered until then is told as one that hangs, and no further
//!   trial is begun on it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, sleep};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use vitals::ClockTrust;

use super::card::{self, WriteError, Writing};
use super::samples::{Mark, Samples};
use super::{Measured, Row, Said, rows};
use crate::clock::Clock;

/// How long one takes: some rounds to the centre, and some values of a device that speaks every two seconds.
pub const LASTS: Duration = Duration::from_secs(12);
/// Its progress is told in so many steps.
const STEPS: u32 = 48;

/// What the box can be asked for.
pub trait Bench: Send + Sync {
    /// What was counted up to now.
    fn mark(&self) -> Mark;
    /// Measures everything but how fast the card writes. Rates are those since `mark`.
    fn look(&self, mark: &Mark) -> Measured;
    /// Has the box play its test tone; false when it has no output, or an alarm sounds.
    fn play(&self) -> bool;
    /// Where the store lies.
    fn folder(&self) -> PathBuf;
}

/// Runs self-tests; a handle that can be copied.
#[derive(Clone)]
pub struct Runner(Arc<Inside>);

struct Inside {
    bench: Box<dyn Bench>,
    clock: Clock,
    lasts: Duration,
    samples: Mutex<Samples>,
    run: Mutex<Runs>,
    /// A trial of the card has not come back.
    writes: Arc<AtomicBool>,
}

#[derive(Default)]
struct Runs {
    made: u64,
    last: Option<Run>,
}

struct Run {
    told: RunTold,
    measured: Option<Measured>,
}

/// A run, as the page is told.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "SelfTestRun")]
pub struct RunTold {
    /// Its number since the start of the post.
    pub id: u64,
    /// When it began, by the wall clock, in milliseconds since 1970.
    pub began_ms: i64,
    /// How far that clock could be believed.
    pub trust: ClockTrust,
    /// Who began it.
    pub by: String,
    /// How much of it is done; 100 = all.
    pub percent: u32,
    /// What it found; empty until it is done.
    pub rows: Vec<Row>,
    /// Whether the box played its tone.
    pub played: bool,
}

/// Why a self-test cannot begin or be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// One runs.
    #[error("a self-test runs already: wait until it is done")]
    Runs,
    /// It is not done.
    #[error("the self-test is not done yet: wait for its result")]
    NotDone,
    /// Another one was begun since, it was signed, or the post was started anew.
    #[error("this self-test is not there any more: run it again")]
    Gone,
    /// The system refuses a thread.
    #[error("the system refuses a thread: {0}")]
    System(String),
}

impl Runner {
    /// Nothing runs yet.
    pub fn new(bench: Box<dyn Bench>, clock: Clock) -> Runner {
        Runner::lasting(bench, clock, LASTS)
    }

    /// One that is soon done.
    #[cfg(test)]
    pub(crate) fn quick(bench: Box<dyn Bench>, clock: Clock) -> Runner {
        Runner::lasting(bench, clock, Duration::from_millis(480))
    }

    fn lasting(bench: Box<dyn Bench>, clock: Clock, lasts: Duration) -> Runner {
        Runner(Arc::new(Inside {
            bench,
            clock,
            lasts,
            samples: Mutex::default(),
            run: Mutex::default(),
            writes: Arc::default(),
        }))
    }

    /// Counts once more; to be called every [`super::SAMPLE_EVERY`].
    pub fn sample(&self) {
        let mark = self.0.bench.mark();
        lock(&self.0.samples).take(mark);
    }

    /// How it stands now, without trying anything.
    pub fn status(&self) -> Vec<Row> {
        let recent = lock(&self.0.samples).recent().cloned();
        let mark = recent.unwrap_or_else(|| self.0.bench.mark());
        rows(&self.0.look(&mark))
    }

    /// Begins one; its number.
    ///
    /// # Errors
    /// One runs already, or the system refuses a thread.
    pub fn begin(&self, by: &str) -> Result<u64, RunError> {
        let (wall, trust) = self.0.clock.wall();
        let mut runs = lock(&self.0.run);
        if runs.last.as_ref().is_some_and(|run| run.measured.is_none()) {
            return Err(RunError::Runs);
        }
        runs.made += 1;
        let id = runs.made;
        let runner = self.clone();
        let began = Builder::new().name("self-test".to_owned());
        began
            .spawn(move || runner.0.measure(id))
            .map_err(|error| RunError::System(error.to_string()))?;
        runs.last = Some(Run {
            told: RunTold {
                id,
                began_ms: wall.as_unix_ms(),
                trust,
                by: by.to_owned(),
                percent: 0,
                rows: Vec::new(),
                played: false,
            },
            measured: None,
        });
        Ok(id)
    }

    /// The last run that was not signed.
    pub fn last(&self) -> Option<RunTold> {
        lock(&self.0.run).last.as_ref().map(|run| run.told.clone())
    }

    /// The result of run `id` with what a person found who stood there.
    ///
    /// # Errors
    /// It is not done, or not there any more.
    pub fn result(&self, id: u64, said: Said) -> Result<RunTold, RunError> {
        let runs = lock(&self.0.run);
        let run = runs.last.as_ref().filter(|run| run.told.id == id);
        let run = run.ok_or(RunError::Gone)?;
        let measured = run.measured.clone().ok_or(RunError::NotDone)?;
        let rows = rows(&Measured { said, ..measured });
        Ok(RunTold {
            rows,
            ..run.told.clone()
        })
    }

    /// It was signed and kept: it is not signed again.
    pub fn close(&self, id: u64) {
        let mut runs = lock(&self.0.run);
        if runs.last.as_ref().is_some_and(|run| run.told.id == id) {
            runs.last = None;
        }
    }
}

impl Inside {
    fn look(&self, mark: &Mark) -> Measured {
        let mut measured = self.bench.look(mark);
        let free = measured.disk.free_bytes;
        measured.disk.filled = lock(&self.samples).filled(self.clock.now(), free);
        measured
    }

    fn measure(&self, id: u64) {
        let mark = self.bench.mark();
        let played = self.bench.play();
        let written = self.try_card();
        self.with(id, |run| run.told.played = played);
        for step in 1..=STEPS {
            sleep(self.lasts / STEPS);
            // All of it is done when it is judged.
            self.with(id, |run| run.told.percent = (100 * step / STEPS).min(99));
        }
        let mut measured = self.look(&mark);
        measured.disk.writing = Some(match written {
            Some(written) => written.try_recv().unwrap_or(Err(WriteError::Hangs(self.lasts))),
            None => Err(WriteError::Hangs(self.lasts)),
        });
        measured.sound.played = played;
        self.with(id, |run| {
            run.told.percent = 100;
            run.told.rows = rows(&measured);
            run.measured = Some(measured);
        });
    }

    /// Tries the card on a thread of its own; none = it has not answered the last time.
    fn try_card(&self) -> Option<Receiver<Result<Writing, WriteError>>> {
        if self.writes.swap(true, Ordering::AcqRel) {
            return None;
        }
        let (tell, told) = channel();
        let (folder, clock, writes) = (self.bench.folder(), self.clock, Arc::clone(&self.writes));
        let trial = Builder::new().name("self-test card".to_owned()).spawn(move || {
            let written = card::try_writing(&folder, || clock.now());
            writes.store(false, Ordering::Release);
            // The run has ended: it has said that the card hangs.
            let _ = tell.send(written);
        });
        if let Err(error) = trial {
            self.writes.store(false, Ordering::Release);
            tracing::warn!(%error, "no thread to try the card on");
        }
        Some(told)
    }

    fn with(&self, id: u64, change: impl FnOnce(&mut Run)) {
        let mut runs = lock(&self.run);
        if let Some(run) = runs.last.as_mut().filter(|run| run.told.id == id) {
            change(run);
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::{Found, Part};
    use super::*;

    /// A box without anything but a folder.
    struct Bare(PathBuf);

    impl Bench for Bare {
        fn mark(&self) -> Mark {
            Mark::default()
        }

        fn look(&self, _: &Mark) -> Measured {
            let mut measured = Measured::default();
            measured.sound.output = super::super::Output::On;
            measured
        }

        fn play(&self) -> bool {
            true
        }

        fn folder(&self) -> PathBuf {
            self.0.clone()
        }
    }

    fn runner(folder: &std::path::Path) -> Runner {
        let bench = Box::new(Bare(folder.to_owned()));
        Runner::quick(bench, Clock::system().unwrap())
    }

    fn done(runner: &Runner) -> RunTold {
        for _ in 0..2_000 {
            let last = runner.last().unwrap();
            if last.percent == 100 {
                return last;
            }
            assert!(last.rows.is_empty(), "nothing is told before it is done");
            sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }

    fn found(told: &RunTold, part: Part) -> Found {
        told.rows.iter().find(|row| row.part == part).unwrap().found
    }

    #[test]
    fn one_runs_at_a_time_and_its_result_waits_for_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let runner = runner(folder.path());
        assert_eq!(runner.last(), None);
        let id = runner.begin("Ama").unwrap();
        assert_eq!(runner.begin("Kofi"), Err(RunError::Runs));
        assert_eq!(runner.result(id, Said::default()), Err(RunError::NotDone));
        let told = done(&runner);
        assert_eq!((told.by.as_str(), told.played), ("Ama", true));
        assert_eq!(found(&told, Part::Output), Found::OutputUnasked);
        let heard = Said {
            heard: Some(true),
            ups_min: None,
        };
        let signed = runner.result(id, heard).unwrap();
        assert_eq!(found(&signed, Part::Output), Found::OutputHeard);
        assert_eq!(runner.result(id + 1, heard), Err(RunError::Gone));
        runner.close(id);
        assert_eq!(runner.result(id, heard), Err(RunError::Gone));
        assert_eq!(runner.begin("Kofi"), Ok(id + 1));
    }

    #[test]
    fn a_card_that_refuses_is_told_and_ends_nothing() {
        let runner = runner(std::path::Path::new("/nowhere"));
        runner.begin("Ama").unwrap();
        let told = done(&runner);
        assert_eq!(found(&told, Part::Disk), Found::DiskFailing);
    }

    #[test]
    fn m2_a_card_that_does_not_answer_is_told_as_one_that_hangs_and_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let runner = runner(folder.path());
        runner.0.writes.store(true, Ordering::Release);
        runner.begin("Ama").unwrap();
        assert_eq!(found(&done(&runner), Part::Disk), Found::DiskHangs);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn looking_tries_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let runner = runner(folder.path());
        runner.sample();
        let rows = runner.status();
        let disk = rows.iter().find(|row| row.part == Part::Disk).unwrap();
        assert_eq!(disk.found, Found::DiskUntried);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
