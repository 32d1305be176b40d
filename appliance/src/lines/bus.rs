//! A Modbus line: one port, several units, one question at a time.
//!
//! What to ask when, and what answers mean, is the drivers' [`Poller`]; that answers belong to their questions is the
//! [`Master`]'s work. This file runs the two, and names the device behind a unit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use drivers::modbus_map::{Finding, Found, LineTiming, Poll, Poller, UnitPlan};
use vitals::DeviceId;

use super::master::Master;
use super::port::{Address, PortError, Retry};
use super::report::Reporter;
use super::{ROUND_MAX, wait};
use crate::config::Framing;

/// One such line.
pub(super) struct Bus {
    pub(super) address: Address,
    pub(super) timing: LineTiming,
    pub(super) framing: Framing,
    pub(super) echoes: bool,
    pub(super) plans: Vec<UnitPlan>,
    pub(super) devices: BTreeMap<u8, DeviceId>,
    pub(super) reporter: Reporter,
}

impl Bus {
    /// Runs until it is dropped.
    pub(super) async fn run(self) {
        let mut retry = Retry::default();
        loop {
            self.reporter.tick();
            let units: BTreeSet<u8> = self.devices.keys().copied().collect();
            let opened = Master::open(
                &self.address,
                &self.reporter,
                self.framing,
                frame_gap(&self.timing),
                self.echoes,
                units,
            );
            let lost = match opened.await {
                Ok(mut master) => {
                    retry.reset();
                    self.poll(&mut master).await
                }
                Err(error) => error,
            };
            self.reporter.closed(&lost).await;
            wait(&self.reporter, retry.next_wait()).await;
        }
    }

    /// Polls, with a new poller, until the port is lost.
    async fn poll(&self, master: &mut Master<'_>) -> PortError {
        let mut poller = Poller::new(self.plans.clone(), self.timing);
        loop {
            let now = self.reporter.clock.now();
            self.reporter.tick();
            match poller.next(now) {
                Poll::SleepUntil(until) => {
                    let until = until.clamp(now + Duration::from_millis(1), now + ROUND_MAX);
                    if let Err(lost) = master.idle(until).await {
                        return lost;
                    }
                }
                Poll::Read(request) => {
                    let answer = match master.read(request).await {
                        Ok(answer) => answer,
                        Err(lost) => return lost,
                    };
                    let now = self.reporter.clock.now();
                    for finding in poller.answered(now, request.unit, answer) {
                        self.report(finding).await;
                    }
                }
            }
        }
    }

    async fn report(&self, finding: Finding) {
        let Finding { unit, at, what } = finding;
        let device = self
            .devices
            .get(&unit)
            .expect("the poller speaks only of the units that it was given");
        match what {
            Found::Saw(seen) => self.reporter.saw(device, at, seen).await,
            Found::Fault(fault) => self.reporter.fault(device, at, fault).await,
            Found::Text { signal, text } => {
                tracing::info!(%device, signal, text, "the device says of itself")
            }
        }
    }
}

/// The silence between two frames: 3.5 characters, and never less than 1.75 ms (Modbus over serial line 1.02, 2.5.1.1).
fn frame_gap(timing: &LineTiming) -> Duration {
    let characters = timing.baud.map_or(Duration::ZERO, |baud| {
        let bits = u64::from(timing.bits_per_byte) * 7;
        Duration::from_micros((bits * 1_000_000).div_ceil(2 * u64::from(baud.max(1))))
    });
    characters.max(Duration::from_micros(1_750))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_3_5_characters_apart_and_never_less_than_1_75_ms() {
        let timing = |baud| LineTiming {
            baud: Some(baud),
            bits_per_byte: 11,
            ..LineTiming::tcp()
        };
        assert_eq!(frame_gap(&timing(9_600)), Duration::from_micros(4_011));
        assert_eq!(frame_gap(&timing(115_200)), Duration::from_micros(1_750));
    }
}
