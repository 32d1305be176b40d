//! The fitter: adds lines while the post runs, takes away what was added, tries ports for a technician, and records lines.
//!
//! - F1 One trial at a time. It ends when nobody has looked at it for [`LOOK_WITHIN`]: a page that is closed, a person who
//!   signed out.
//! - F2 A port that a line has is not tried: the line would lose it.
//! - F3 (I9) Each deed, done or refused, is told to the audit with the person.
//! - F4 (I1) A line is added when it is on the card; then its device is known to the core, and only then is it heard.
//!
//! It waits for the card and for ports; the core and the page never wait for it.

mod recordings;
mod trials;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drivers::catalog;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{setups, view};
use crate::access::By;
use crate::clock::Clock;
use crate::config::{ADDED_LINES_MAX, AddedLines, Config, LeftOut, LineConfig, NewLine};
use crate::lines::{Counters, Crew, LineEvent};
use crate::ward::DeviceSetup;
use crate::web::{
    Added, Adding, DeviceError, DeviceRequest, FITTING_MAX, FittingError, FittingRequest, LineTold, LinesNow,
    RecordingNow, Request,
};
use health::Health;
use recordings::Recordings;
use trials::Held;

/// How often what runs out is looked for, and what was recorded is taken in.
const ROUND: Duration = Duration::from_millis(200);

/// A trial at which nobody has looked for so long ends.
const LOOK_WITHIN: Duration = Duration::from_secs(10);

/// What the page is told of the lines beside their counters.
pub(super) type Fitted = Arc<Mutex<Vec<FittedLine>>>;

/// The devices at any time.
pub(super) type DevicesNow = Arc<dyn Fn() -> Vec<DeviceSetup> + Send + Sync>;

/// A line that is set up.
#[derive(Clone, Debug)]
pub(super) struct FittedLine {
    pub line: LineConfig,
    /// At the page.
    pub added: bool,
    pub recording: Option<RecordingNow>,
}

/// What it works with.
struct Fitter {
    clock: Clock,
    /// With all lines that run.
    config: Config,
    added: AddedLines,
    left_out: Arc<Mutex<Vec<LeftOut>>>,
    crew: Crew,
    core: mpsc::Sender<Request>,
    fitted: Fitted,
    trial: Option<Held>,
    trials: u64,
    recordings: Recordings,
}

/// The fitter before it works: what the page may know and ask already.
pub(super) struct Fitting {
    added: AddedLines,
    left_out: Arc<Mutex<Vec<LeftOut>>>,
    counters: Counters,
    fitted: Fitted,
    core: mpsc::Sender<Request>,
    wishes: mpsc::Sender<FittingRequest>,
    inbox: mpsc::Receiver<FittingRequest>,
}

impl Fitting {
    /// The configuration with the lines that were added to it, and the fitter that will work on it and ask the core.
    pub fn of(config: Config, core: mpsc::Sender<Request>) -> (Config, Fitting) {
        let added = AddedLines::read(&config.store.path);
        let (config, left_out) = added.onto(config);
        for LeftOut { line, reason } in &left_out {
            tracing::error!(
                line,
                reason,
                "a line that was added at the page does not fit any more; it is not heard"
            );
        }
        let (wishes, inbox) = mpsc::channel(FITTING_MAX);
        let fitting = Fitting {
            added,
            left_out: Arc::new(Mutex::new(left_out)),
            counters: Counters::default(),
            fitted: Fitted::default(),
            core,
            wishes,
            inbox,
        };
        (config, fitting)
    }

    /// What the page is told of the lines.
    pub fn lines(&self, clock: Clock) -> LinesNow {
        let (counters, fitted) = (self.counters.clone(), self.fitted.clone());
        view::lines(counters, clock, fitted, self.left_out.clone())
    }

    /// The counters of all lines.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// All devices now, those of added lines too.
    pub fn devices(&self) -> DevicesNow {
        let fitted = self.fitted.clone();
        Arc::new(move || {
            let fitted = fitted.lock().unwrap_or_else(PoisonError::into_inner);
            setups::devices_on(fitted.iter().map(|fitted| &fitted.line))
        })
    }

    /// Where it is asked.
    pub fn wishes(&self) -> mpsc::Sender<FittingRequest> {
        self.wishes.clone()
    }

    /// Starts the lines of the configuration, added ones included, and works until the stop; needs a runtime. What the lines
    /// hear goes to `heard`.
    pub fn start(
        self,
        config: &Config,
        clock: Clock,
        heard: mpsc::Sender<LineEvent>,
        health: &Health,
        stop: &CancellationToken,
    ) -> JoinHandle<()> {
        let mut crew = Crew::new(config.post.clone(), clock, heard, &self.counters, health, stop);
        config.lines.iter().for_each(|line| crew.add(line));
        let fitter = Fitter {
            clock,
            config: config.clone(),
            added: self.added,
            left_out: self.left_out,
            crew,
            core: self.core,
            fitted: self.fitted,
            trial: None,
            trials: 0,
            recordings: Recordings::default(),
        };
        fitter.tell();
        tokio::spawn(fitter.run(self.inbox, stop.clone()))
    }
}

impl Fitter {
    /// Works until the stop, and until all lines have ended.
    async fn run(mut self, mut inbox: mpsc::Receiver<FittingRequest>, stop: CancellationToken) {
        let mut round = tokio::time::interval(ROUND);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = round.tick() => self.round().await,
                Some(request) = inbox.recv() => self.request(request).await,
            }
        }
        drop(self.trial);
        self.crew.ended().await;
    }

    async fn round(&mut self) {
        let now = self.clock.now();
        if let Some(held) = self.trial.take_if(|held| held.is_left(now)) {
            tracing::info!(
                port = held.port,
                "nobody looks at the trial of this port any more; it ends"
            );
            held.trial.end().await;
        }
        if self.recordings.round(now) {
            self.tell();
        }
    }

    async fn request(&mut self, request: FittingRequest) {
        // The browser may be gone by now; what was done stands all the same.
        match request {
            FittingRequest::Ports { answer } => drop(answer.send(Ok(self.ports().await))),
            FittingRequest::Try { port, by, answer } => drop(answer.send(self.try_told(port, by).await)),
            FittingRequest::Look { by, answer } => drop(answer.send(self.look(&by))),
            FittingRequest::EndTry { by, answer } => drop(answer.send(self.end_trial(&by).await)),
            FittingRequest::Add { adding, by, answer } => drop(answer.send(self.add_told(adding, &by).await)),
            FittingRequest::Remove { line, by, answer } => {
                drop(answer.send(self.remove_told(&line, &by).await))
            }
            FittingRequest::Record {
                line,
                seconds,
                by,
                answer,
            } => drop(answer.send(self.record_told(line, seconds, &by).await)),
            FittingRequest::Recorded { line, by, answer } => {
                drop(answer.send(self.recorded(&line, &by).await))
            }
        }
    }

    async fn add_told(&mut self, adding: Adding, by: &By) -> Result<Added, FittingError> {
        let device = adding.device.clone();
        let result = self.add(adding, by).await;
        if let Err(error) = &result
            && !matches!(error, FittingError::Refused(_))
        {
            // What the core refuses it tells the audit itself.
            self.audit(by, "add_line", format!("device:{device}"), &result)
                .await;
        }
        result
    }

    async fn add(&mut self, adding: Adding, by: &By) -> Result<Added, FittingError> {
        let Some(held) = self
            .trial
            .as_ref()
            .filter(|held| held.number == adding.number && held.by == *by)
        else {
            return Err(FittingError::NoTrial);
        };
        let found = held.trial.now().found.ok_or(FittingError::NotFound)?;
        if self.added.count() >= ADDED_LINES_MAX {
            return Err(FittingError::TooMany(ADDED_LINES_MAX));
        }
        let new = NewLine {
            family: found.family.name,
            transport: found.transport,
            port: found.port,
            serial: found.serial,
            device: adding.device,
            bed: adding.bed,
        };
        let (lines, config) = self
            .added
            .with(&new, &self.config)
            .map_err(FittingError::DoesNotFit)?;
        let line = config.lines.last().cloned();
        let line = line.expect("the line that was added is the last one");
        let setup = setups::stream(&line).expect("what the page adds has one device");
        self.keep(lines).await?;
        let told = told(&line);
        let by_whom = by.clone();
        let joined = self
            .core(|answer| DeviceRequest::Join {
                setup: Box::new(setup),
                line: told,
                by: by_whom,
                answer,
            })
            .await;
        if let Err(refused) = joined {
            let without = self.added.without(&line.id);
            self.keep(without).await?;
            return Err(refused);
        }
        if let Some(held) = self.trial.take() {
            held.trial.end().await;
        }
        self.crew.add(&line);
        self.config = config;
        self.tell();
        Ok(Added { line: line.id })
    }

    async fn remove_told(&mut self, line: &str, by: &By) -> Result<(), FittingError> {
        let result = self.remove(line, by).await;
        if result.is_err() {
            self.audit(by, "remove_line", format!("line:{line}"), &result)
                .await;
        }
        result
    }

    async fn remove(&mut self, id: &str, by: &By) -> Result<(), FittingError> {
        if !self.added.has(id) {
            return Err(match self.config.lines.iter().any(|line| line.id == id) {
                true => FittingError::NotAdded(id.to_owned()),
                false => FittingError::NoLine(id.to_owned()),
            });
        }
        let without = self.added.without(id);
        self.keep(without).await?;
        let Some(line) = self.config.take_line(id) else {
            // It was left out: nothing of it runs.
            self.left_out().retain(|left_out| left_out.line != id);
            self.audit(
                by,
                "remove_line",
                format!("line:{id}"),
                &Ok::<(), FittingError>(()),
            )
            .await;
            return Ok(());
        };
        self.crew.remove(id).await;
        self.recordings.forget(id);
        self.tell();
        let Some(device) = line.device.clone() else {
            return Ok(());
        };
        let (told, by) = (told(&line), by.clone());
        self.core(|answer| DeviceRequest::Part {
            device,
            line: told,
            by,
            answer,
        })
        .await
    }

    /// Onto the card, beside this task: a slow card holds up nobody else's question for long.
    async fn keep(&mut self, lines: Vec<toml::Table>) -> Result<(), FittingError> {
        let mut added = std::mem::take(&mut self.added);
        let kept = tokio::task::spawn_blocking(move || {
            let kept = added.replace(lines);
            (added, kept)
        });
        let (added, kept) = kept
            .await
            .expect("writing a file does not panic and is not aborted");
        self.added = added;
        kept.map_err(|error| FittingError::NotKept(error.to_string()))
    }

    async fn core(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<(), DeviceError>>) -> DeviceRequest,
    ) -> Result<(), FittingError> {
        let stopping = || FittingError::Refused("the post is stopping".to_owned());
        let (answer, answered) = oneshot::channel();
        let request = Request::OfDevices(request(answer));
        self.core.send(request).await.map_err(|_| stopping())?;
        let answer = answered.await.map_err(|_| stopping())?;
        answer.map_err(|error| FittingError::Refused(error.to_string()))
    }

    async fn audit<T>(&self, by: &By, action: &str, subject: String, result: &Result<T, FittingError>) {
        let telling = by.tried(action, subject, result);
        // The core is gone only while the program ends.
        let _stopping = self.core.send(Request::Audit(telling)).await;
    }

    fn left_out(&self) -> std::sync::MutexGuard<'_, Vec<LeftOut>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the page is told from now on.
    fn tell(&self) {
        let now = self.clock.now();
        let line = |line: &LineConfig| FittedLine {
            added: self.added.has(&line.id),
            recording: self.recordings.of(&line.id, now),
            line: line.clone(),
        };
        let lines = self.config.lines.iter().map(line).collect();
        *self.fitted.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }
}

/// Family and port, as the audit tells a line.
fn told(line: &LineConfig) -> LineTold {
    LineTold {
        id: line.id.clone(),
        words: format!("{} on {}", line.family, at(line)),
    }
}

/// Where a line is, in words.
pub(super) fn at(line: &LineConfig) -> String {
    let named = [&line.tcp, &line.udp, &line.broker].into_iter().flatten().next();
    match (&line.serial, line.listen, named) {
        (Some(path), ..) => path.display().to_string(),
        (None, Some(listen), _) => listen.to_string(),
        (None, None, named) => named.cloned().unwrap_or_default(),
    }
}

/// The family's own name, which does not end.
pub(super) fn family(line: &LineConfig) -> &'static str {
    catalog::family(&line.family).map_or("", |family| family.name)
}
