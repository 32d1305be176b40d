//! A line with one device that sends by itself: its bytes go through a [`Dialogue`].
//!
//! - The only bytes ever written are those of [`Step::Send`] and, when what came before is durable, of
//!   [`Step::SendWhenKept`] (I1, I10).
//! - A lost port is closed, reported once, and tried again for ever; the dialogue begins anew then, because half a
//!   frame from before the break must not meet the other half of another one.

use std::io;
use std::time::Duration;

use drivers::{Dialogue, Step};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vitals::{DeviceId, MonoTime};

use super::capture::Capture;
use super::port::{Address, Port, PortError, Retry};
use super::report::Reporter;
use super::{ROUND_MAX, Receipt, open, wait};

/// A device on the LAN that has been silent for this long may have lost a connection that looks open at this end (power
/// cut at the other one): connect again.
const TCP_SILENCE_MAX: Duration = Duration::from_secs(30);

/// A device that does not take a few bytes within this is not reading.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(2);

/// A device that waits for its acknowledgement repeats itself after 15 s (ASTM E1381).
const KEEP_WAIT_MAX: Duration = Duration::from_secs(10);

/// One such line.
pub(super) struct Stream {
    pub(super) address: Address,
    pub(super) device: DeviceId,
    pub(super) dialogue: Box<dyn Fn() -> Box<dyn Dialogue> + Send + Sync>,
    pub(super) reporter: Reporter,
    /// Where all that comes is recorded as well.
    pub(super) capture: Option<Capture>,
}

/// Why a port is not used any longer.
enum End {
    Lost(PortError),
    Silent,
}

impl Stream {
    /// Runs until it is dropped.
    pub(super) async fn run(self) {
        let mut retry = Retry::default();
        loop {
            self.reporter.tick();
            match open(&self.address, &self.reporter).await {
                Ok((mut port, _)) => {
                    self.reporter.open().await;
                    retry.reset();
                    match self.talk(&mut port).await {
                        End::Lost(error) => {
                            self.record(|capture, now| capture.lost(now, &error.to_string()));
                            self.reporter.closed(&error).await;
                        }
                        // Not lost, as far as anybody knows: nothing to report unless it cannot be opened again.
                        End::Silent => continue,
                    }
                }
                Err(error) => self.reporter.closed(&error).await,
            }
            wait(&self.reporter, retry.next_wait()).await;
        }
    }

    /// Listens, with a new dialogue, until the port is lost.
    async fn talk(&self, port: &mut Port) -> End {
        let clock = &self.reporter.clock;
        let mut dialogue = (self.dialogue)();
        let mut buffer = [0; 4096];
        let mut now = clock.now();
        let mut last_heard = now;
        self.record(|capture, _| capture.opened(now));
        loop {
            let until = match self.steps(dialogue.as_mut(), now, port).await {
                Ok(until) => until,
                Err(error) => return End::Lost(self.address.lost(Err(error))),
            };
            self.reporter.tick();
            let pause = until
                .since(clock.now())
                .clamp(Duration::from_millis(1), ROUND_MAX);
            match tokio::time::timeout(pause, port.read(&mut buffer)).await {
                Ok(Ok(count)) if count > 0 => {
                    now = clock.now();
                    last_heard = now;
                    self.reporter.bytes(count);
                    self.record(|capture, _| capture.heard(now, &buffer[..count]));
                    dialogue.heard(now, &buffer[..count]);
                }
                // End of file on a serial port is an unplugged adapter; reading on would spin.
                Ok(ended) => return End::Lost(self.address.lost(ended)),
                Err(_nothing_came) => now = clock.now(),
            }
            if matches!(port, Port::Tcp(_)) && now.since(last_heard) > TCP_SILENCE_MAX {
                return End::Silent;
            }
        }
    }

    /// Does all that the dialogue wants now; returns when it wants to go on.
    async fn steps(
        &self,
        dialogue: &mut dyn Dialogue,
        now: MonoTime,
        port: &mut Port,
    ) -> io::Result<MonoTime> {
        loop {
            match dialogue.step(now) {
                Step::Send(bytes) => self.write(port, now, &bytes).await?,
                Step::SendWhenKept(bytes) => {
                    if self.kept().await {
                        self.write(port, now, &bytes).await?;
                    }
                }
                Step::Saw(seen) => {
                    self.record(|capture, _| capture.moment(now));
                    self.reporter.saw(&self.device, now, seen).await;
                }
                Step::Fault(fault) => {
                    self.record(|capture, _| capture.moment(now));
                    self.reporter.fault(&self.device, now, fault).await;
                }
                Step::SleepUntil(until) => return Ok(until),
            }
        }
    }

    async fn write(&self, port: &mut Port, now: MonoTime, bytes: &[u8]) -> io::Result<()> {
        self.record(|capture, _| capture.sent(now, bytes));
        tokio::time::timeout(WRITE_WAIT_MAX, port.write_all(bytes))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// True when everything that was told before is on the card (I1); false when that takes too long: the device is not
    /// answered and says it again.
    async fn kept(&self) -> bool {
        let (receipt, durable) = Receipt::new();
        self.reporter.receipt(receipt).await;
        matches!(tokio::time::timeout(KEEP_WAIT_MAX, durable).await, Ok(Ok(())))
    }

    fn record(&self, what: impl FnOnce(&Capture, MonoTime)) {
        if let Some(capture) = &self.capture {
            what(capture, self.reporter.clock.now());
        }
    }
}
