//! The core, driven by hand: a real store on a real file, a clock whose hands the test holds.

mod absence;
mod acknowledge;
mod audit;
mod clock;
mod deliveries;
mod devices;
mod downlink;
mod duty;
mod equipment;
mod fitting;
mod hearing;
mod joining;
mod moves;
mod nursing;
mod page;
mod patients;
mod places;
mod scores;
mod signals;
mod stays;

use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use vitals::{BootId, Code, Decimal, Event, Lane, Observation, Record, WallTime};

use super::simulated::{SimulatedPost, no_centre};
use crate::clock::{Clock, SimulatedTime};
use crate::lines::{Heard, LineEvent};
use crate::relay::CentreLink;
use crate::store::{Cursor, Store, StoreOptions};

/// 2027-01-15T08:00:00Z.
const NOON_MS: i64 = 1_800_000_000_000;

const BUILT: WallTime = WallTime::from_unix_ms(NOON_MS - 90 * 86_400_000);

const CONFIG: &str = r#"
    post = "kolo"
    name = "Kolo"
    [web]
    listen = "127.0.0.1:0"
    [store]
    path = "unused.redb"
    [[bed]]
    id = "bed-1"
    [[line]]
    id = "usb"
    serial = "/dev/ttyUSB0"
    family = "nonin"
    device = "nonin-1"
    bed = "bed-1"
"#;

/// A post on a folder, with its clock and the wire on which the relay would say how it stands.
struct Rig {
    config: &'static str,
    time: SimulatedTime,
    folder: tempfile::TempDir,
    centre: watch::Sender<CentreLink>,
    running: Option<(SimulatedPost, Store)>,
    runs: u32,
}

impl Rig {
    /// Boots a box whose wall clock reads this.
    fn at(wall: WallTime) -> Rig {
        Rig::with(CONFIG, wall)
    }

    /// The same with another configuration.
    fn with(config: &'static str, wall: WallTime) -> Rig {
        let time = SimulatedTime::new(BootId([1; 16]), wall);
        time.pass(Duration::from_secs(20));
        let (centre, _) = watch::channel(no_centre(Clock::simulated(&time, BUILT)));
        let mut rig = Rig {
            config,
            time,
            folder: tempfile::tempdir().unwrap(),
            centre,
            running: None,
            runs: 0,
        };
        rig.start();
        rig
    }

    fn start(&mut self) {
        self.runs += 1;
        let clock = Clock::simulated(&self.time, BUILT);
        let options = options(self.folder.path());
        let (store, report) = Store::open(&options, clock.boot(), clock.now(), self.runs).unwrap();
        let post = SimulatedPost::start(
            self.config,
            clock,
            store.clone(),
            &report,
            self.centre.subscribe(),
        )
        .unwrap();
        self.running = Some((post, store));
    }

    fn stop(&mut self) {
        let (post, store) = self.running.take().unwrap();
        post.finish();
        store.close().unwrap();
    }

    fn restart(&mut self) {
        self.stop();
        self.start();
    }

    /// The machine is switched off and on again, and the battery clock then reads this.
    fn reboot(&mut self, boot: u8, wall: WallTime) {
        self.stop();
        self.time.reboot(BootId([boot; 16]), wall);
        self.time.pass(Duration::from_secs(20));
        self.start();
    }

    fn post(&mut self) -> &mut SimulatedPost {
        &mut self.running.as_mut().unwrap().0
    }

    fn store(&self) -> &Store {
        &self.running.as_ref().unwrap().1
    }

    /// Seconds pass, each with a tick and, where there is one, a value.
    fn run(&mut self, seconds: u64, spo2: Option<i64>) {
        for second in 0..seconds {
            // Simulated minutes pass in no time: the writer would look as if it hung.
            if second % 5 == 0 {
                self.store().flush().unwrap();
            }
            self.time.pass(Duration::from_secs(1));
            let at = self.time.now();
            if let Some(spo2) = spo2 {
                let seen = Observation::value(Code::Spo2, Decimal::whole(spo2));
                self.post().line(LineEvent {
                    device: "nonin-1".parse().unwrap(),
                    at,
                    what: Heard::Seen(drivers::Seen::Vital(seen)),
                });
            }
            self.post().tick();
        }
    }

    /// Everything in a lane, oldest first.
    fn records(&self, lane: Lane) -> Vec<Record> {
        self.store().flush().unwrap();
        let mut after = Cursor::START;
        let mut all = Vec::new();
        while let Some(batch) = self.store().read(lane, after, 1_000).unwrap() {
            after = batch.end();
            all.extend(batch.records);
        }
        all
    }

    fn events(&self) -> Vec<Event> {
        let events = self.records(Lane::Events).into_iter();
        events
            .filter_map(|record| match record {
                Record::Event { event, .. } => Some(event),
                _ => None,
            })
            .collect()
    }

    /// The conditions that stand on the page as alarms.
    fn alarms(&mut self) -> Vec<String> {
        let page = self.post().page();
        page.alarms.iter().map(|alarm| alarm.condition.key()).collect()
    }
}

fn options(folder: &Path) -> StoreOptions {
    StoreOptions::at(folder.join("vitalpost.redb"))
}

fn wall(ms: i64) -> WallTime {
    WallTime::from_unix_ms(NOON_MS + ms)
}
