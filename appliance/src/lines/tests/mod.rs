//! Lines against real pseudo-terminals and sockets. The devices at the other end are the small ones of [`device`].

mod analyser;
mod bus;
mod capture;
mod device;
mod listener;
mod master;
mod probe;
mod stream;
mod subscriber;

use std::path::Path;
use std::time::Duration;

use drivers::catalog::{Parity, SerialSettings};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::port::{Address, SerialAddress};
use super::report::Reporter;
use super::*;
use crate::clock::Clock;
use health::Health;

/// What a test waits for at most, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that runs on a line until it is told to stop, and what it says.
struct Running {
    events: mpsc::Receiver<LineEvent>,
    counters: Counters,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    async fn next(&mut self) -> LineEvent {
        tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .expect("nothing more came from the line")
            .expect("the line ended")
    }

    async fn next_link(&mut self) -> PortState {
        loop {
            if let Heard::Link(state) = self.next().await.what {
                return state;
            }
        }
    }

    /// All that comes within this time.
    async fn during(&mut self, time: Duration) -> Vec<LineEvent> {
        let mut events = Vec::new();
        let collect = async {
            while let Some(event) = self.events.recv().await {
                events.push(event);
            }
        };
        let _ = tokio::time::timeout(time, collect).await;
        events
    }

    async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            tokio::time::timeout(PATIENCE, task)
                .await
                .expect("the line does not stop")
                .unwrap();
        }
    }
}

fn clock() -> Clock {
    Clock::system().unwrap()
}

fn serial(path: &Path) -> Address {
    Address::Serial(SerialAddress {
        path: path.to_owned(),
        settings: SerialSettings::new(19_200, Parity::None),
    })
}

fn device(name: &str) -> DeviceId {
    name.parse().unwrap()
}

/// A reporter for one line with these devices, and what it sends and counts.
fn reporter(devices: &[&str]) -> (Reporter, mpsc::Receiver<LineEvent>, Counters) {
    reporter_of(&Health::default(), BEAT_SILENCE_MAX, devices)
}

/// The same, with somebody who watches its pulse.
fn reporter_of(
    health: &Health,
    silence_max: Duration,
    devices: &[&str],
) -> (Reporter, mpsc::Receiver<LineEvent>, Counters) {
    let beat = health.task("line", silence_max, clock().now());
    let (out, events) = mpsc::channel(256);
    let counters = Counters::default();
    let devices = devices.iter().map(|name| device(name)).collect();
    (
        Reporter::new(clock(), beat, out, counters.begin("line"), devices),
        events,
        counters,
    )
}

/// Starts the lines of a configuration file.
fn start(lines: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vitalpost.toml");
    let head = "post = \"test\"\nname = \"Test\"\n[store]\npath = \"x\"\n[web]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(&file, format!("{head}{lines}")).unwrap();
    let config = crate::config::load(&file).unwrap_or_else(|errors| panic!("{errors}"));
    let (out, events) = mpsc::channel(256);
    let stop = CancellationToken::new();
    let counters = Counters::default();
    let health = Health::default();
    let mut crew = Crew::new(config.post.clone(), clock(), out, &counters, &health, &stop);
    config.lines.iter().for_each(|line| crew.add(line));
    Running {
        events,
        counters,
        stop,
        tasks: vec![tokio::spawn(crew.ended())],
    }
}
