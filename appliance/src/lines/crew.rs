//! The lines that run, and how one is added to them or taken away while the others go on.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::{MonoTime, PostId};

use super::recording::{Recording, RecordingError, Tap};
use super::report::Reporter;
use super::{BEAT_SILENCE_MAX, Counters, LineEvent, Run, devices};
use crate::clock::Clock;
use crate::config::LineConfig;
use health::{Beat, Health};

/// A line that was told to end has left its port within this; one that hangs in the kernel is left behind.
const LEAVES_WITHIN: Duration = Duration::from_secs(2);

/// All lines of the post. Each has its own task, whoever set it up.
#[derive(Debug)]
pub struct Crew {
    post: PostId,
    clock: Clock,
    out: mpsc::Sender<LineEvent>,
    counters: Counters,
    health: Health,
    stop: CancellationToken,
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    line: LineConfig,
    beat: Beat,
    tap: Tap,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Crew {
    /// Nobody runs yet. Each line that is added ends within a second of `stop`; `out` must always be drained.
    pub fn new(
        post: PostId,
        clock: Clock,
        out: mpsc::Sender<LineEvent>,
        counters: &Counters,
        health: &Health,
        stop: &CancellationToken,
    ) -> Crew {
        Crew {
            post,
            clock,
            out,
            counters: counters.clone(),
            health: health.clone(),
            stop: stop.clone(),
            running: Vec::new(),
        }
    }

    /// Starts a line of a configuration that has passed [`crate::config::load`].
    pub fn add(&mut self, line: &LineConfig) {
        let name = format!("line {}", line.id);
        let beat = self.health.task(&name, BEAT_SILENCE_MAX, self.clock.now());
        let reporter = Reporter::new(
            self.clock,
            beat.clone(),
            self.out.clone(),
            self.counters.begin(&line.id),
            devices(line),
        );
        let tap = Tap::default();
        let run = Run::new(&self.post, line, reporter, tap.clone());
        let stop = self.stop.child_token();
        let told = stop.clone();
        let task = tokio::spawn(async move {
            // Dropping the line in the middle is the stop: its port closes, and nothing of it is left.
            told.run_until_cancelled(run.forever()).await;
        });
        self.running.push(Running {
            line: line.clone(),
            beat,
            tap,
            stop,
            task,
        });
    }

    /// Ends a line; its port is free then. False when there is none of this id.
    pub async fn remove(&mut self, id: &str) -> bool {
        let Some(place) = self.running.iter().position(|running| running.line.id == id) else {
            return false;
        };
        let running = self.running.remove(place);
        running.stop.cancel();
        if tokio::time::timeout(LEAVES_WITHIN, running.task).await.is_err() {
            tracing::error!(line = id, "a line that was taken away hangs in its port");
        }
        self.health.over(&running.beat);
        self.counters.end(id);
        true
    }

    /// The lines that run, in the order in which they began.
    pub fn lines(&self) -> impl Iterator<Item = &LineConfig> {
        self.running.iter().map(|running| &running.line)
    }

    /// Begins to record a line, for so long.
    ///
    /// # Errors
    /// There is no such line, or nothing of its sort is recorded.
    pub fn record(&self, id: &str, now: MonoTime, lasts: Duration) -> Result<Recording, RecordingError> {
        let running = self.running.iter().find(|running| running.line.id == id);
        let running = running.ok_or_else(|| RecordingError::NoLine(id.to_owned()))?;
        Recording::begin(&running.line, &running.tap, now, lasts)
    }

    /// Waits until all have ended, after the stop.
    pub async fn ended(self) {
        for running in self.running {
            // One that panicked has said so in the log; the others still have to end in order.
            let _ = running.task.await;
        }
    }
}
