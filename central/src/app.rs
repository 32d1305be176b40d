//! Puts the parts of a running centre together: the heart in one task, the broker's connection in another, the store's
//! jobs on a thread that may wait for the disk, and the web pages on a runtime of their own, so that no browser ever
//! slows an alert.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use health::{Beat, Health};
use link::{LinkOptions, Message};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use vitals::wire::topic;

use crate::access::register::Register;
use crate::access::{Desk, local};
use crate::audit::{Book, of_the_centre};
use crate::centre::{Centre, CentreEvent, CommandRequest, DutyRequest, JobDone, Work};
use crate::clock::Clock;
use crate::config::{BrokerConfig, Config};
use crate::inbox::{self, FromLink, Job, Quarantine};
use crate::store::{AuditStore, CentreStore, RedbStore, StoreError};
use crate::view::View;
use crate::wards::Wards;
use crate::web::{self, WebError};

/// Messages from the broker that may wait for the heart; beyond it the connection waits.
const FROM_LINK_MAX: usize = 256;
/// Messages to the broker that may wait for the connection; beyond it they are dropped and made again later.
const TO_LINK_MAX: usize = 1_024;
/// Requests of doctors that may wait for the heart.
const REQUESTS_MAX: usize = 64;
/// How often the heart is told who the doctors are.
const DOCTORS_EVERY: Duration = Duration::from_secs(1);
/// The heart's round.
const ROUND: Duration = Duration::from_millis(50);
/// The heart must make a round at least this often, or the watchdog is not fed.
const HEART_SILENCE_MAX: Duration = Duration::from_secs(10);
/// The same for the pages.
const WEB_SILENCE_MAX: Duration = Duration::from_secs(15);

/// Why a centre does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pages.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The accounts' file.
    #[error("the accounts {} cannot be opened: {source}", file.display())]
    Accounts {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system refuses a thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// A part ended that never should.
    #[error("the {part} stopped working: this is a bug, please report it")]
    PartEnded {
        /// Which one.
        part: &'static str,
    },
}

/// Runs a centre until `stop`.
///
/// # Errors
/// When it cannot start, or a part of it dies.
pub async fn run(config: Config, ui_dir: Option<PathBuf>, stop: CancellationToken) -> Result<(), RunError> {
    let clock = Clock;
    let redb = Arc::new(RedbStore::open(&config.store.path)?);
    let (store, audited): (Arc<dyn CentreStore>, Arc<dyn AuditStore>) = (redb.clone(), redb);
    let book = Book::open(audited.clone(), clock).map_err(RunError::Thread)?;
    let desk = open_desk(&config, &book, clock)?;
    let wards = Wards::restore(store.standing()?);
    let centre = Centre::new(config.name.clone(), config.store.keep(), wards, store.duty()?);

    let (view_out, view) = watch::channel(Arc::new(View::default()));
    let (ask, requests) = mpsc::channel(REQUESTS_MAX);
    let (ask_duty, of_duty) = mpsc::channel(REQUESTS_MAX);
    let site = web::Site {
        name: config.name.clone(),
        desk: desk.clone(),
        book: book.clone(),
        view,
        ask,
        ask_duty,
        store: store.clone(),
        clock,
        pages: web::Pages::new(ui_dir),
    };
    let health = Health::default();
    let beat = health.task("web", WEB_SILENCE_MAX, clock.mono());
    let _web = web::start(&config.web, site, beat, stop.clone())?;
    let socket = local::path(&config.store.path);
    let local = tokio::spawn(local::serve(socket, desk.clone(), audited, stop.clone()));

    let (up, from_link) = mpsc::channel(FROM_LINK_MAX);
    let (to_link, down) = mpsc::channel(TO_LINK_MAX);
    let connection = tokio::spawn(inbox::run(link_options(&config.broker), up, down, stop.clone()));

    let quarantine = config.store.path.with_extension("quarantine");
    let shell = Shell {
        centre,
        clock,
        desk,
        store,
        quarantine: Arc::new(Mutex::new(Quarantine::new(quarantine))),
        to_link,
        view: view_out,
        beat: health.task("heart", HEART_SILENCE_MAX, clock.mono()),
    };
    let watched = tokio::spawn(health::run(health, move || clock.mono(), stop.clone()));
    health::ready();
    let ended = shell.run(from_link, (requests, of_duty), &stop).await;
    stop.cancel();
    connection.await.ok();
    watched.await.ok();
    local.await.ok();
    if let Err(error) = book.tell(of_the_centre("stop", None)).await {
        tracing::warn!("the stop is not in the audit: {error}");
    }
    ended
}

/// The accounts beside the store. Those that cannot be read are kept aside: the posts' alarms are taken in all the same,
/// and new accounts can be made.
fn open_desk(config: &Config, book: &Book, clock: Clock) -> Result<Desk, RunError> {
    let opened = Register::open(&config.store.path);
    let (register, aside) = opened.map_err(|source| RunError::Accounts {
        file: Register::path(&config.store.path),
        source,
    })?;
    let version = format!("version {}", env!("CARGO_PKG_VERSION"));
    // The writer keeps it until the store takes it.
    book.note(of_the_centre("start", Some(version))).ok();
    if let Some(aside) = aside {
        tracing::error!(
            kept_as = %aside.display(),
            "THE ACCOUNTS CANNOT BE READ: nobody can sign in until a backup is put back, or accounts are made anew"
        );
        let kept = format!("kept as {}", aside.display());
        book.note(of_the_centre("accounts_set_aside", Some(kept))).ok();
    }
    if register.list().is_empty() {
        tracing::warn!("nobody can sign in yet: vitalpost-central user add ID --name NAME --role doctor");
    }
    Desk::open(register, config.name.clone(), book.clone(), clock).map_err(RunError::Thread)
}

fn link_options(broker: &BrokerConfig) -> LinkOptions {
    LinkOptions {
        host: broker.host.clone(),
        port: broker.port,
        mqtt: broker.mqtt,
        // A second centre with the same certificate is another client, not the same one again.
        client_id: format!("centre-{:08x}", getrandom::u32().unwrap_or(0)),
        ca: broker.ca.clone(),
        certificate: broker.certificate.clone(),
        key: broker.key.clone(),
        will: None,
        subscribe: vec![topic::ALL_UP.to_owned(), topic::ALL_STATES.to_owned()],
    }
}

/// The heart with its hands.
struct Shell {
    centre: Centre,
    clock: Clock,
    desk: Desk,
    store: Arc<dyn CentreStore>,
    quarantine: Arc<Mutex<Quarantine>>,
    to_link: mpsc::Sender<Message>,
    view: watch::Sender<Arc<View>>,
    beat: Beat,
}

impl Shell {
    async fn run(
        mut self,
        mut from_link: mpsc::Receiver<FromLink>,
        (mut requests, mut of_duty): (mpsc::Receiver<CommandRequest>, mpsc::Receiver<DutyRequest>),
        stop: &CancellationToken,
    ) -> Result<(), RunError> {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // First of all who the doctors are: without them nobody is on duty.
        let known = CentreEvent::Doctors(self.desk.doctors().into_iter().collect());
        self.centre.step(known, self.clock.now());
        let mut doctors = tokio::time::interval(DOCTORS_EVERY);
        doctors.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running: Option<JoinHandle<JobDone>> = None;
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => break,
                done = async { running.as_mut().expect("guarded by the condition").await }, if running.is_some() => {
                    running = None;
                    CentreEvent::Done(done.map_err(|_| RunError::PartEnded { part: "store" })?)
                }
                Some(request) = requests.recv() => CentreEvent::Asked(request),
                Some(request) = of_duty.recv() => CentreEvent::Duty(request),
                _ = doctors.tick() => CentreEvent::Doctors(self.desk.doctors().into_iter().collect()),
                event = from_link.recv() => match event {
                    Some(event) => CentreEvent::Link(event),
                    None if stop.is_cancelled() => break,
                    None => return Err(RunError::PartEnded { part: "connection to the broker" }),
                },
                _ = rounds.tick() => CentreEvent::Tick,
            };
            let now = self.clock.now();
            self.beat.tick(now.mono);
            self.centre.step(event, now);
            if running.is_none()
                && let Some(work) = self.centre.next_work(now)
            {
                running = Some(self.start(work));
            }
            for message in self.centre.take_outgoing() {
                if let Err(mpsc::error::TrySendError::Full(message)) = self.to_link.try_send(message) {
                    tracing::warn!(topic = %message.topic, "dropped a message to a post: the broker does not take them");
                }
            }
            if let Some(view) = self.centre.picture(now) {
                self.view.send_replace(view);
            }
        }
        // What was begun is finished: it is receipted after the next start, when the post sends it again.
        if let Some(running) = running {
            running.await.ok();
        }
        Ok(())
    }

    fn start(&self, work: Work) -> JoinHandle<JobDone> {
        let (store, quarantine) = (self.store.clone(), self.quarantine.clone());
        tokio::task::spawn_blocking(move || perform(store.as_ref(), &quarantine, work))
    }
}

/// Does one piece of work for the heart; may wait for the disk.
pub fn perform(store: &dyn CentreStore, quarantine: &Mutex<Quarantine>, work: Work) -> JobDone {
    let pending = match work {
        Work::TryAgain => return JobDone::TriedAgain(store.try_again()),
        Work::ThinOut(limits, from) => return JobDone::ThinnedOut(store.thin_out(limits, from)),
        Work::Job(Job::Verdicts(post, verdicts)) => {
            let kept = store.keep_verdicts(&post, &verdicts);
            return JobDone::Verdicts(post, verdicts, kept);
        }
        Work::Job(Job::Duty(duty)) => return JobDone::Duty(store.keep_duty(&duty)),
        Work::Job(Job::State(state)) => return JobDone::State(store.keep_state(&state)),
        Work::Job(Job::Command(post, command)) => {
            let kept = store.keep_command(&post, &command);
            return JobDone::Command(post, command, kept);
        }
        Work::Job(Job::Envelopes(pending)) => pending,
    };
    let (mut arrived, mut moments, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for pending in pending {
        match inbox::open(&pending) {
            Ok(opened) => {
                arrived.push(opened);
                moments.push(pending.arrived);
            }
            Err(refusal) => {
                let topic = topic::up(&pending.post, pending.lane);
                let mut quarantine = quarantine.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = quarantine.keep(&topic, &refusal, &pending.payload) {
                    tracing::warn!(post.id = %pending.post, "a bad message could not be kept: {error}");
                }
                refused.push((pending.post, refusal));
            }
        }
    }
    let applied = if arrived.is_empty() {
        Ok(Vec::new())
    } else {
        store.apply(&arrived)
    };
    JobDone::Envelopes {
        refused,
        applied: applied.map(|applied| applied.into_iter().zip(moments).collect()),
    }
}

#[cfg(test)]
mod tests {
    use vitals::wire::{Block, Envelope};
    use vitals::{BootId, Epoch, Event, Lane, MonoTime, Record, Seq};

    use super::*;
    use crate::inbox::Pending;

    fn pending(lane: Lane, payload: Vec<u8>) -> Pending {
        Pending {
            post: "demo".parse().unwrap(),
            lane,
            payload,
            arrived: Clock.now(),
        }
    }

    #[test]
    fn n1_a_bad_envelope_is_kept_aside_and_its_neighbours_are_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&folder.path().join("central.redb")).unwrap();
        let dir = folder.path().join("central.quarantine");
        let quarantine = Mutex::new(Quarantine::new(dir.clone()));
        let event = Event::StoreSetAside {
            file: "f".into(),
            reason: "r".into(),
        };
        let block = Block {
            boot: BootId([1; 16]),
            records: vec![Record::Event {
                at: MonoTime::BOOT,
                event,
            }],
        };
        let good = Envelope {
            post: "demo".parse().unwrap(),
            epoch: Epoch(1),
            lane: Lane::Events,
            first: Seq(1),
            count: 1,
            block: block.encode(),
        };
        let miscounted = Envelope {
            count: 2,
            ..good.clone()
        };
        let group = vec![
            pending(Lane::Events, b"garbage".to_vec()),
            pending(Lane::Events, good.encode()),
            pending(Lane::Events, miscounted.encode()),
        ];
        let done = perform(&store, &quarantine, Work::Job(Job::Envelopes(group)));
        let JobDone::Envelopes { refused, applied } = done else {
            panic!("envelopes were asked for");
        };
        assert_eq!(refused.len(), 2);
        let applied = applied.unwrap();
        assert_eq!((applied.len(), applied[0].0.new.len()), (1, 1));
        assert_eq!(std::fs::read(dir.join("bad-00.bin")).unwrap(), b"garbage");
        assert!(
            std::fs::read_to_string(dir.join("bad-01.txt"))
                .unwrap()
                .contains("announces 2")
        );
    }
}
