//! A line with one device that sends by itself: its bytes go through a [`Dialogue`].
//!
//! - The only bytes ever written are those of [`Step::Send`] and, when what came before is durable, of
//!   [`Step::SendWhenKept`] (I1, I10).
//! - A lost port is closed, reported once, and tried again for ever; the dialogue begins anew then, because half a
//!   frame from before the break must not meet the other half of another one. One that remembers what it has told goes on
//!   with that and nothing else, unless what it told was not kept: then it must tell it again.

use std::io;
use std::time::Duration;

use drivers::{Dialogue, Step};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use vitals::{DeviceId, MonoTime};

use super::capture::Capture;
use super::port::{Address, Port, Retry};
use super::recording::Tap;
use super::report::Reporter;
use super::{ROUND_MAX, Receipt, open, wait};

/// A device on the LAN that has been silent for this long may have lost a connection that looks open at this end (power
/// cut at the other one): connect again. Not so where devices are silent for hours: there keep-alives find it out.
const TCP_SILENCE_MAX: Duration = Duration::from_secs(30);

/// A device that does not take a few bytes within this is not reading.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(2);

/// A device that waits for its acknowledgement repeats itself after 15 s (ASTM E1381).
const KEEP_WAIT_MAX: Duration = Duration::from_secs(10);

/// A line to a port that this end opens.
pub(super) struct Stream {
    pub(super) address: Address,
    pub(super) talk: Talk,
}

/// What is done on a port, however it was come by.
pub(super) struct Talk {
    pub(super) device: DeviceId,
    pub(super) dialogue: Box<dyn Fn() -> Box<dyn Dialogue> + Send + Sync>,
    pub(super) reporter: Reporter,
    /// Where all that comes is recorded as well.
    pub(super) capture: Option<Capture>,
    /// Where somebody may listen in for a while.
    pub(super) tap: Tap,
    /// The device may be silent for hours.
    pub(super) is_seldom: bool,
}

/// Why a port is not used any longer.
pub(super) enum End {
    /// Reading or writing ended like this.
    Lost(io::Result<usize>),
    /// Nothing has come for too long.
    Silent,
    /// What the dialogue told was not kept in time: it must tell it again.
    NotKept,
    /// It was told to leave.
    Left,
}

impl Stream {
    /// Runs until it is dropped.
    pub(super) async fn run(self) {
        let Stream { address, talk } = self;
        let reporter = &talk.reporter;
        let mut retry = Retry::default();
        let mut memory = None;
        loop {
            reporter.tick();
            match open(&address, reporter).await {
                Ok((mut port, _)) => {
                    reporter.open().await;
                    retry.reset();
                    let never = CancellationToken::new();
                    match talk.on(&mut port, &mut memory, &never).await {
                        End::Lost(ended) => {
                            let error = address.lost(ended);
                            talk.record(|capture, now| capture.lost(now, &error.to_string()));
                            reporter.closed(&error).await;
                        }
                        // Not lost, as far as anybody knows: nothing to report unless it cannot be opened again.
                        End::Silent | End::NotKept | End::Left => continue,
                    }
                }
                Err(error) => reporter.closed(&error).await,
            }
            wait(reporter, retry.next_wait()).await;
        }
    }
}

impl Talk {
    /// Listens until the port is lost, or until `leave`. `memory` holds the dialogue of the port before, if there was one, and
    /// then this one's.
    pub(super) async fn on(
        &self,
        port: &mut Port,
        memory: &mut Option<Box<dyn Dialogue>>,
        leave: &CancellationToken,
    ) -> End {
        let known = memory
            .take()
            .and_then(|mut before| before.reopened().then_some(before));
        let mut dialogue = known.unwrap_or_else(|| (self.dialogue)());
        let end = self.listen(port, dialogue.as_mut(), leave).await;
        if matches!(end, End::NotKept) {
            tracing::warn!(
                line = self.reporter.line(),
                "what came was not kept in time; the device is not answered and has to send it again"
            );
        } else {
            *memory = Some(dialogue);
        }
        end
    }

    async fn listen(&self, port: &mut Port, dialogue: &mut dyn Dialogue, leave: &CancellationToken) -> End {
        let clock = &self.reporter.clock;
        let mut buffer = [0; 4096];
        let mut now = clock.now();
        let mut last_heard = now;
        self.record(|capture, _| capture.opened(now));
        loop {
            let until = match self.steps(dialogue, now, port).await {
                Ok(Some(until)) => until,
                Ok(None) => return End::NotKept,
                Err(error) => return End::Lost(Err(error)),
            };
            self.reporter.tick();
            let pause = until
                .since(clock.now())
                .clamp(Duration::from_millis(1), ROUND_MAX);
            let read = tokio::time::timeout(pause, port.read(&mut buffer));
            match leave.run_until_cancelled(read).await {
                Some(Ok(Ok(count))) if count > 0 => {
                    now = clock.now();
                    last_heard = now;
                    self.reporter.bytes(count);
                    self.record(|capture, _| capture.heard(now, &buffer[..count]));
                    dialogue.heard(now, &buffer[..count]);
                }
                // End of file on a serial port is an unplugged adapter; reading on would spin.
                Some(Ok(ended)) => return End::Lost(ended),
                Some(Err(_nothing_came)) => now = clock.now(),
                None => return End::Left,
            }
            let is_silent = now.since(last_heard) > TCP_SILENCE_MAX && !self.is_seldom;
            if matches!(port, Port::Tcp(_)) && is_silent {
                return End::Silent;
            }
        }
    }

    /// Does all that the dialogue wants now; returns when it wants to go on, or nothing when what it told was not kept.
    async fn steps(
        &self,
        dialogue: &mut dyn Dialogue,
        now: MonoTime,
        port: &mut Port,
    ) -> io::Result<Option<MonoTime>> {
        loop {
            match dialogue.step(now) {
                Step::Send(bytes) => self.write(port, now, &bytes).await?,
                Step::SendWhenKept(bytes) => {
                    if !self.kept().await {
                        return Ok(None);
                    }
                    self.write(port, now, &bytes).await?;
                }
                Step::Saw(seen) => {
                    self.record(|capture, _| capture.moment(now));
                    self.reporter.saw(&self.device, now, seen).await;
                }
                Step::Fault(fault) => {
                    self.record(|capture, _| capture.moment(now));
                    self.reporter.fault(&self.device, now, fault).await;
                }
                Step::SleepUntil(until) => return Ok(Some(until)),
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

    pub(super) fn record(&self, what: impl Fn(&Capture, MonoTime)) {
        if let Some(capture) = &self.capture {
            what(capture, self.reporter.clock.now());
        }
        if let Some(capture) = self.tap.listener() {
            what(&capture, self.reporter.clock.now());
        }
    }
}
