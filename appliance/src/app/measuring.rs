//! What the self-test can ask of this box: wires it to the lines, the relay, the store, the sound and the system.

use std::path::{Path, PathBuf};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::{ClockTrust, Lane, MonoTime};

use super::custody;
use super::fitter::{DevicesNow, Fitting};
use super::post::Hearing;
use crate::access::Desk;
use crate::clock::Clock;
use crate::config::Config;
use crate::lines::{Counters, DeviceCount, PortState};
use crate::relay::{CentreLink, CentreState, LinkFigures};
use crate::selftest::run::{Bench, Runner};
use crate::selftest::{
    DeviceFound, Disk, Link, LinkState, Mark, Measured, Output, SAMPLE_EVERY, Said, ScreenFound, ScreenSound,
    Sound, TimeOfDay, card, network, power, software, timekeeper,
};
use crate::sound::{self, Sounding};
use crate::store::{SpaceState, Store, StoreState};
use crate::ward::DeviceSetup;
use crate::web::Audible;

/// What the parts of the post hand over to be measured.
pub(super) struct Parts {
    pub clock: Clock,
    pub counters: Counters,
    pub devices: DevicesNow,
    pub figures: LinkFigures,
    pub centre: watch::Receiver<CentreLink>,
    pub output: watch::Receiver<sound::State>,
    pub sounding: watch::Sender<Sounding>,
    pub audible: Audible,
    pub desk: Desk,
}

impl Parts {
    pub(super) fn of(
        clock: Clock,
        hearing: &Hearing,
        centre: &watch::Receiver<CentreLink>,
        fitting: &Fitting,
        audible: Audible,
        desk: &Desk,
    ) -> Parts {
        Parts {
            clock,
            counters: fitting.counters(),
            devices: fitting.devices(),
            figures: LinkFigures::default(),
            centre: centre.clone(),
            output: hearing.output.clone(),
            sounding: hearing.sounding.clone(),
            audible,
            desk: desk.clone(),
        }
    }
}

struct ThisBox {
    parts: Parts,
    folder: PathBuf,
    space: watch::Receiver<SpaceState>,
    state: watch::Receiver<StoreState>,
}

/// The self-test of this box.
pub(super) fn runner(config: &Config, store: &Store, parts: Parts) -> Runner {
    let clock = parts.clock;
    let bench = ThisBox {
        parts,
        folder: custody::folder(config),
        space: store.space(),
        state: store.state(),
    };
    Runner::new(Box::new(bench), clock)
}

/// Counts again and again, so that rates are known when somebody looks.
pub(super) fn keep_counting(runner: Runner, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut due = tokio::time::interval(SAMPLE_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = due.tick() => runner.sample(),
            }
        }
    })
}

/// Where the kernel tells of the machine.
const SYS: &str = "/sys";

impl Bench for ThisBox {
    fn mark(&self) -> Mark {
        let counts = self.counts();
        Mark {
            at: self.parts.clock.now(),
            devices: counts
                .into_iter()
                .map(|(device, count, _)| (device.id, (count.seen, count.faults)))
                .collect(),
            lost: self.parts.figures.lost(),
            free_bytes: self.space.borrow().free_bytes,
        }
    }

    fn look(&self, mark: &Mark) -> Measured {
        let now = self.parts.clock.now();
        let sys = Path::new(SYS);
        Measured {
            power: power::read(sys),
            network: network::read(sys),
            link: self.link(mark, now),
            disk: self.disk(sys),
            clock: self.time_of_day(sys),
            software: software::read(Path::new("/")),
            sound: self.sound(),
            devices: self.devices(mark, now),
            said: Said::default(),
        }
    }

    fn play(&self) -> bool {
        let sounds = self.parts.sounding.borrow().priority.is_some();
        if sounds || *self.parts.output.borrow() != sound::State::On {
            return false;
        }
        self.parts.sounding.send_modify(|sounding| sounding.tests += 1);
        true
    }

    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }
}

impl ThisBox {
    /// Of each device, in the order in which they were set up, with the reason why its port is closed.
    fn counts(&self) -> Vec<(DeviceSetup, DeviceCount, Option<String>)> {
        let lines = self.parts.counters.snapshot();
        let of = |device: DeviceSetup| {
            let line = lines.iter().find(|line| line.devices.contains_key(&device.id));
            let closed = line.and_then(|line| match &line.port {
                Some(PortState::Closed { reason }) => Some(reason.clone()),
                Some(PortState::Open) | None => None,
            });
            let count = line.and_then(|line| line.devices.get(&device.id)).copied();
            (device, count.unwrap_or_default(), closed)
        };
        (self.parts.devices)().into_iter().map(of).collect()
    }

    fn devices(&self, mark: &Mark, now: MonoTime) -> Vec<DeviceFound> {
        let found = |(device, count, closed): (DeviceSetup, DeviceCount, Option<String>)| {
            // One that was added since counts from nothing.
            let (seen, faults) = mark.devices.get(&device.id).copied().unwrap_or_default();
            DeviceFound {
                id: device.id.to_string(),
                closed,
                heard_ago: count.heard.map(|heard| now.since(heard)),
                every: device.silent_after,
                seen: count.seen.saturating_sub(seen),
                faults: count.faults.saturating_sub(faults),
                counted: now.since(mark.at),
            }
        };
        self.counts().into_iter().map(found).collect()
    }

    fn link(&self, mark: &Mark, now: MonoTime) -> Link {
        let centre = self.parts.centre.borrow().clone();
        let trips = self.parts.figures.trips();
        let lately = trips.iter().filter(|trip| trip.at >= mark.at);
        let alarms = trips.iter().filter(|trip| trip.lane == Lane::Alerts);
        Link {
            state: match centre.state {
                CentreState::NotConfigured => LinkState::None,
                CentreState::Connecting => LinkState::Connecting,
                CentreState::Up => LinkState::Up,
                CentreState::Unreachable => LinkState::Unreachable,
            },
            problem: centre.problem,
            waiting: centre.waiting,
            rounds: lately.map(|trip| trip.took).collect(),
            lost: self.parts.figures.lost().saturating_sub(mark.lost),
            alarms: alarms.map(|trip| trip.took).collect(),
            counted: now.since(mark.at),
        }
    }

    fn disk(&self, sys: &Path) -> Disk {
        let space = self.space.borrow().clone();
        let failing = match &*self.state.borrow() {
            StoreState::Good => None,
            StoreState::Failing { reason } => Some(reason.clone()),
        };
        Disk {
            free_bytes: space.free_bytes,
            filled: None,
            nearly_full: space.nearly_full,
            failing,
            card: card::read(&self.folder, sys),
            writing: None,
        }
    }

    fn time_of_day(&self, sys: &Path) -> TimeOfDay {
        let now = self.parts.clock.now();
        let (wall, trust) = self.parts.clock.wall();
        let told = self.parts.figures.centre_clock();
        let told = told.filter(|_| self.parts.centre.borrow().state == CentreState::Up);
        let ahead = told.map(|(at, centre)| {
            let centre_now =
                centre.as_unix_ms() + i64::try_from(now.since(at).as_millis()).unwrap_or(i64::MAX);
            wall.as_unix_ms() - centre_now
        });
        TimeOfDay {
            trust,
            ahead_ms: ahead.filter(|_| trust > ClockTrust::Untrusted),
            keeper: timekeeper::read(sys),
        }
    }

    fn sound(&self) -> Sound {
        let screens = self.parts.desk.screens().into_iter();
        Sound {
            output: match &*self.parts.output.borrow() {
                sound::State::None => Output::None,
                sound::State::On => Output::On,
                sound::State::Failed { reason } => Output::Failed(reason.clone()),
            },
            played: false,
            screens: screens
                .map(|screen| ScreenFound {
                    hearing: match self.parts.audible.of_screen(&screen.id) {
                        Some(true) => ScreenSound::On,
                        Some(false) => ScreenSound::Blocked,
                        None => ScreenSound::Away,
                    },
                    name: screen.name,
                })
                .collect(),
        }
    }
}
