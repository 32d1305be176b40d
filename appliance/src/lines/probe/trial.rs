//! A probe that somebody watches at the page while the post runs: what it hears is looked at again and again, and it ends
//! with whoever holds it.
//!
//! - I10 It sends what the probe on the command line sends, and nothing else: it is the same plan and the same tries.
//! - Once a family is understood it goes on hearing on the same port, for [`HOLD_MAX`], so that a person can compare what it
//!   says with the monitor's own screen.
//! - It keeps no more than the plan has tries and the network has monitors, both bounded.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use drivers::catalog::{FAMILIES, Family, Transport};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::advice::{Advice, Tried};
use super::announced::{self, Announced};
use super::attempt::Attempt;
use super::ear::{Notes, Verdict};
use super::plan::{Over, Try, plan, settings_words, time_max};
use super::{Outcome, ProbeError, Target, Watch, go, hear};
use crate::clock::Clock;
use crate::lines::port::PortError;

/// How long the values of a device that is understood are shown for comparing.
const HOLD_MAX: Duration = Duration::from_secs(300);

/// What is to be tried.
#[derive(Clone, Debug)]
pub enum ToTry {
    /// A serial port by its path, or `host:port`.
    Port {
        /// Which.
        port: String,
        /// Whoever is thought to be there; all families when nobody knows.
        family: Option<&'static Family>,
    },
    /// Who announces himself on the LAN.
    Lan,
}

/// One trial. Dropping it ends it.
#[derive(Debug)]
pub struct Trial {
    now: Arc<Mutex<TrialNow>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// How far a trial is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrialState {
    /// One try after the other.
    #[default]
    Trying,
    /// Listening for announcements.
    Listening,
    /// A family is understood and still heard: compare.
    Hearing,
    /// A family was understood, and is heard no longer.
    Heard,
    /// Nobody was understood, or nobody announced himself.
    Nothing,
    /// It could not go on.
    Failed,
}

/// How a trial stands.
#[derive(Clone, Debug, Default)]
pub struct TrialNow {
    /// How far it is.
    pub state: TrialState,
    /// Which try it is, from 1 on; 0 before the first.
    pub number: usize,
    /// How many there are at most.
    pub count: usize,
    /// How long all of it takes at most, in seconds.
    pub lasts_s_max: u64,
    /// How the port is open now: `9600 8N1`, `tcp`, `udp`.
    pub over: String,
    /// Questions are sent now.
    pub asks: bool,
    /// What each family makes of what comes now.
    pub heard: Vec<HeardNow>,
    /// The tries before.
    pub tried: Vec<TriedNow>,
    /// Who has announced himself.
    pub announced: Vec<Announced>,
    /// Who was understood.
    pub found: Option<FoundDevice>,
    /// What to check, when nobody was.
    pub advice: Option<Advice>,
    /// Why it could not go on.
    pub error: Option<String>,
}

/// What a family makes of what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardNow {
    /// Its name.
    pub family: &'static str,
    /// `nothing`, `not_understood`, `doubtful` or `understood`.
    pub verdict: &'static str,
    /// Bytes that came.
    pub bytes: u64,
    /// What was understood: values, absences, stretches of curves.
    pub findings: u64,
    /// Bytes that fitted nothing.
    pub skipped: u64,
    /// Frames whose checksum did not fit.
    pub bad_checksums: u64,
    /// The device says that its patient is invented.
    pub plays: bool,
    /// Other faults, by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// The last of each value, by its key.
    pub values: BTreeMap<String, String>,
    /// The curves, by their keys.
    pub curves: BTreeSet<&'static str>,
}

/// A try that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedNow {
    /// How the port was open.
    pub over: String,
    /// Questions were sent.
    pub asks: bool,
    /// Bytes that came.
    pub bytes: u64,
    /// The best of what its families made of them.
    pub verdict: &'static str,
    /// Why the port did not open.
    pub refused: Option<String>,
}

/// Who is there: what a line of the configuration says of it.
#[derive(Clone, Debug)]
pub struct FoundDevice {
    /// The family.
    pub family: &'static Family,
    /// Where: the path that stays, or `host:port`.
    pub port: String,
    /// The path stays when adapters are replugged.
    pub is_stable: bool,
    /// What it runs over.
    pub transport: Transport,
    /// The settings of a serial port.
    pub serial: Option<drivers::catalog::SerialSettings>,
}

impl Trial {
    /// Begins; needs a runtime.
    ///
    /// # Errors
    /// What is named is no port.
    pub fn begin(what: ToTry, clock: Clock) -> Result<Trial, ProbeError> {
        let now = Arc::new(Mutex::new(TrialNow::default()));
        let stop = CancellationToken::new();
        let watch = Watching(Arc::clone(&now));
        let told = stop.clone();
        let task = match what {
            ToTry::Lan => tokio::spawn(async move {
                // Dropped in the middle, it closes its sockets.
                told.run_until_cancelled(watch.lan(clock)).await;
            }),
            ToTry::Port { port, family } => {
                let target = Target::of(&port)?;
                let families = family.map_or(FAMILIES, std::slice::from_ref);
                let plan = plan(matches!(target, Target::Serial(_)), families);
                tokio::spawn(async move {
                    told.run_until_cancelled(watch.port(&target, plan, clock)).await;
                })
            }
        };
        Ok(Trial { now, stop, task })
    }

    /// How it stands.
    pub fn now(&self) -> TrialNow {
        locked(&self.now).clone()
    }

    /// Ends it, and waits until the port is free; an adapter that hangs in the kernel is not waited for.
    pub async fn end(mut self) {
        self.stop.cancel();
        let _hangs = tokio::time::timeout(super::WRITE_MAX, &mut self.task).await;
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn locked(now: &Mutex<TrialNow>) -> MutexGuard<'_, TrialNow> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever looks at the page.
struct Watching(Arc<Mutex<TrialNow>>);

impl Watching {
    fn now(&self) -> MutexGuard<'_, TrialNow> {
        locked(&self.0)
    }

    fn failed(&self, error: &dyn std::fmt::Display) {
        let mut now = self.now();
        now.state = TrialState::Failed;
        now.error = Some(error.to_string());
    }

    async fn lan(self, clock: Clock) {
        {
            let mut now = self.now();
            now.state = TrialState::Listening;
            now.lasts_s_max = announced::LISTEN.as_secs();
        }
        let (sockets, refused) = match announced::ears().await {
            Ok(ears) => ears,
            Err(error) => return self.failed(&error),
        };
        self.now().error = refused.first().map(ToString::to_string);
        let end = clock.now() + announced::LISTEN;
        announced::hear(&sockets, clock, end, |found| self.now().announced.push(found)).await;
        self.now().state = TrialState::Nothing;
    }

    async fn port(mut self, target: &Target, plan: Vec<Try>, clock: Clock) {
        {
            let mut now = self.now();
            now.count = plan.len();
            now.lasts_s_max = time_max(&plan).as_secs();
        }
        match go(target, plan, clock, &mut self).await {
            Err(error) => self.failed(&error),
            Ok(Outcome::Nothing(all)) => {
                let mut now = self.now();
                now.state = TrialState::Nothing;
                now.advice = Some(Advice::of(&all));
            }
            Ok(Outcome::Understood {
                tried,
                index,
                mut port,
            }) => {
                let Some(what) = self.found(&tried, index, target) else {
                    return;
                };
                let attempt = Attempt::hold(what, clock.now(), HOLD_MAX);
                hear(attempt, &mut port, clock, &mut self).await;
                self.now().state = TrialState::Heard;
            }
        }
    }

    /// Says who is there, and with what try it goes on.
    fn found(&self, tried: &Tried, index: usize, target: &Target) -> Option<Try> {
        let family = *tried.what.families.get(index)?;
        let over = tried.what.over;
        let (port, is_stable) = target.stable_name();
        let mut now = self.now();
        now.state = TrialState::Hearing;
        now.found = Some(FoundDevice {
            family,
            port,
            is_stable,
            transport: over.transport(),
            serial: match over {
                Over::Serial(settings) => Some(settings),
                Over::Tcp | Over::Udp => None,
            },
        });
        Some(Try {
            over,
            families: vec![family],
            asks: tried.what.asks,
        })
    }
}

impl Watch for Watching {
    fn begins(&mut self, number: usize, what: &Try) -> io::Result<()> {
        let mut now = self.now();
        now.number = number;
        now.over = over_words(what.over);
        now.asks = what.asks;
        now.heard = Vec::new();
        Ok(())
    }

    fn refused(&mut self, error: &PortError) -> io::Result<()> {
        let mut now = self.now();
        let tried = TriedNow {
            over: now.over.clone(),
            asks: now.asks,
            bytes: 0,
            verdict: verdict(Verdict::Nothing),
            refused: Some(error.to_string()),
        };
        now.tried.push(tried);
        Ok(())
    }

    fn hears(&mut self, attempt: &Attempt) {
        let heard = attempt.notes().map(|(family, notes)| heard(family, notes));
        self.now().heard = heard.collect();
    }

    fn ended(&mut self, tried: &Tried) -> io::Result<()> {
        let best = tried.notes.iter().map(Notes::verdict).max();
        let told = TriedNow {
            over: over_words(tried.what.over),
            asks: tried.what.asks,
            bytes: tried.bytes(),
            verdict: verdict(best.unwrap_or(Verdict::Nothing)),
            refused: None,
        };
        self.now().tried.push(told);
        Ok(())
    }
}

fn over_words(over: Over) -> String {
    match over {
        Over::Serial(settings) => settings_words(settings),
        Over::Tcp => "tcp".to_owned(),
        Over::Udp => "udp".to_owned(),
    }
}

fn heard(family: &'static str, notes: &Notes) -> HeardNow {
    HeardNow {
        family,
        verdict: verdict(notes.verdict()),
        bytes: notes.bytes,
        findings: notes.findings,
        skipped: notes.skipped,
        bad_checksums: notes.bad_checksums,
        plays: notes.plays > 0,
        faults: notes.others.clone(),
        values: notes.values.clone(),
        curves: notes.curves.clone(),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Nothing => "nothing",
        Verdict::Garbage => "not_understood",
        Verdict::Doubtful => "doubtful",
        Verdict::Understood => "understood",
    }
}

/// One port by two names: links to a serial port lead to the same device.
pub fn is_one_port(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}
