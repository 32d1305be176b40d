//! The one master of a Modbus line: owns the port and makes sure that an answer belongs to its question.
//!
//! An answer carries no name of its question: on a serial line not even a number. A late one that is taken for the
//! answer to the next question is a wrong vital sign, and nobody would see it. Therefore, in this order:
//!
//! - M1 Before each question the line must have been quiet for 3.5 characters, and what the kernel has buffered is thrown
//!   away.
//! - M2 An answer counts only if unit, function and length are those of the question.
//! - M3 After a question without a good answer the line is listened to for as long again, and what comes is thrown away.
//! - M4 A unit that owes an answer is not asked another question whose answer would look the same, until
//!   [`LATE_ANSWER_MAX`] has passed. The same question again, or one with an answer of another length, may be asked at
//!   once, and so may the other units: their answers name them.
//! - M5 When nobody on the line has answered for [`MISSES_MAX`] questions, the port is closed and opened again. A single
//!   dead unit closes nothing for the others.
//! - M6 On Modbus TCP, anything but a good answer or a refusal ends the connection; what was on its way dies with it.
//! - M7 A gateway that passes RTU frames on over TCP is a serial line behind a connection: M1 to M5 hold for it, for what is on
//!   its way there does not die with the connection.
//!
//! The poller in `drivers` keeps the same rules from its side: answers of different length for the questions of one unit,
//! and a mark on the first value after trouble. Either side alone is enough.

use std::collections::BTreeSet;
use std::time::Duration;

use drivers::modbus_map::{Answer, LATE_ANSWER_MAX, PollError, Request};
use tokio::io::AsyncReadExt;
use tokio_modbus::client::{Context, rtu, tcp};
use vitals::MonoTime;

use super::exchange::{Failure, Wire, answer_bytes, ask};
use super::port::{Address, KernelBuffer, PortError};
use super::report::Reporter;
use crate::config::Framing;

/// No unit is waited for longer, whatever its map says: the others on the line, and the watchdog, wait too.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(5);

/// Questions without any answer, to all units of the line, after which the port is opened anew.
const MISSES_MAX: u32 = 3;

/// A line that does not fall quiet within this is not asked anything.
const QUIET_WAIT_MAX: Duration = Duration::from_millis(500);

/// The master of one line, with its port open.
pub(super) struct Master<'a> {
    address: &'a Address,
    reporter: &'a Reporter,
    framing: Framing,
    /// Silence that separates two frames.
    gap: Duration,
    echoes: bool,
    units: BTreeSet<u8>,
    connection: Option<Connection>,
    /// Questions without an answer, and until when it may come.
    owed: Vec<(Request, MonoTime)>,
    /// Questions in a row that nobody answered, and who did not.
    misses: u32,
    missing: BTreeSet<u8>,
}

/// An open port and tokio-modbus upon it.
struct Connection {
    wire: Wire,
    context: Option<Context>,
    /// Of a serial port only.
    kernel: Option<KernelBuffer>,
}

impl<'a> Master<'a> {
    /// Opens the port. `framing` is RTU on a serial port. `gap` is the silence that separates two frames on this line.
    pub(super) async fn open(
        address: &'a Address,
        reporter: &'a Reporter,
        framing: Framing,
        gap: Duration,
        echoes: bool,
        units: BTreeSet<u8>,
    ) -> Result<Self, PortError> {
        let mut master = Self {
            address,
            reporter,
            framing,
            gap,
            echoes,
            units,
            connection: None,
            owed: Vec::new(),
            misses: 0,
            missing: BTreeSet::new(),
        };
        master.reopen().await?;
        Ok(master)
    }

    /// Asks. The outer error means that the port is lost; everything else is an answer or the reason for none.
    pub(super) async fn read(
        &mut self,
        mut request: Request,
    ) -> Result<Result<Answer, PollError>, PortError> {
        request.timeout = request.timeout.min(ANSWER_WAIT_MAX);
        let now = self.reporter.clock.now();
        self.owed.retain(|(_, until)| *until > now);
        if self.owed.iter().any(|(owed, _)| mistakable(owed, &request)) {
            return Ok(Err(PollError::Timeout));
        }
        if self.is_rtu() && !self.fall_quiet().await? {
            self.miss(request.unit).await?;
            return Ok(Err(PollError::BadFrame));
        }
        match self.exchange(request).await {
            Ok(answer) => {
                self.answered();
                Ok(Ok(answer))
            }
            Err(Failure::Refused(code)) => {
                self.answered();
                Ok(Err(PollError::Exception(code)))
            }
            Err(Failure::Lost(error)) => Err(self.address.lost(Err(error))),
            Err(failure) => {
                self.recover(request, &failure).await?;
                Ok(Err(match failure {
                    Failure::Timeout => PollError::Timeout,
                    Failure::BadFrame => PollError::BadFrame,
                    _ => PollError::WrongAnswer,
                }))
            }
        }
    }

    /// Listens until `until`, so that late answers are thrown away and a lost port is noticed at once.
    pub(super) async fn idle(&mut self, until: MonoTime) -> Result<(), PortError> {
        let strays = self.listen(until).await?;
        if strays > 0 && !self.is_rtu() {
            // A connection on which the device speaks unasked has lost its order.
            self.reopen().await?;
        }
        Ok(())
    }

    async fn exchange(&mut self, request: Request) -> Result<Answer, Failure> {
        let connection = self.connection();
        let context = connection
            .context
            .take()
            .expect("given back after each exchange, or made anew");
        connection.wire.begin();
        let (context, answer) = ask(context, request).await;
        connection.context = context;
        let bytes = connection.wire.read_bytes();
        self.reporter.bytes(bytes);
        answer
    }

    fn answered(&mut self) {
        self.misses = 0;
        self.missing.clear();
    }

    /// Makes sure that whatever may still come is not taken for something else.
    async fn recover(&mut self, request: Request, failure: &Failure) -> Result<(), PortError> {
        if !self.is_rtu() {
            return self.reopen().await;
        }
        // As many bytes as the answer has, though damaged, and from nobody else: nothing is owed.
        let whole = self.connection().wire.read_bytes() >= answer_bytes(&request);
        let came = whole && self.owed.is_empty() && !matches!(failure, Failure::WrongAnswer);
        let now = self.reporter.clock.now();
        if !came {
            self.owed.retain(|(owed, _)| *owed != request);
            self.owed.push((request, now + LATE_ANSWER_MAX));
        }
        if matches!(failure, Failure::Panicked) {
            return self.reopen().await;
        }
        self.listen(now + request.timeout).await?;
        let connection = self.connection();
        // Half a question or half an answer may be left in the old one.
        connection.context = Some(rtu::attach(connection.wire.clone()));
        self.miss(request.unit).await
    }

    async fn miss(&mut self, unit: u8) -> Result<(), PortError> {
        self.misses += 1;
        self.missing.insert(unit);
        if self.misses >= MISSES_MAX && self.missing == self.units {
            self.answered();
            self.reopen().await?;
        }
        Ok(())
    }

    /// Closes the port, if it is open, and opens it.
    async fn reopen(&mut self) -> Result<(), PortError> {
        // First: the lock on the old one would keep the new one out.
        self.connection = None;
        let (port, kernel) = super::open(self.address, self.reporter).await?;
        let wire = Wire::new(port, self.echoes);
        let context = if self.is_rtu() {
            rtu::attach(wire.clone())
        } else {
            tcp::attach(wire.clone())
        };
        self.connection = Some(Connection {
            wire,
            context: Some(context),
            kernel,
        });
        self.reporter.open().await;
        Ok(())
    }

    /// Waits until nothing has come for a while; false when the line does not fall quiet.
    async fn fall_quiet(&mut self) -> Result<bool, PortError> {
        let give_up = self.reporter.clock.now() + QUIET_WAIT_MAX;
        while self.reporter.clock.now() < give_up {
            let gap_ends = self.reporter.clock.now() + self.gap;
            if self.listen(gap_ends).await? == 0 {
                let flushed = self
                    .connection()
                    .kernel
                    .as_ref()
                    .map_or(Ok(()), KernelBuffer::flush_input);
                return flushed
                    .map(|()| true)
                    .map_err(|error| self.address.lost(Err(error)));
            }
        }
        Ok(false)
    }

    /// Throws away what comes until then, and counts it.
    async fn listen(&mut self, until: MonoTime) -> Result<usize, PortError> {
        let mut strays = 0;
        let mut buffer = [0; 256];
        self.connection().wire.begin();
        loop {
            let left = until.since(self.reporter.clock.now());
            // A time-out of nothing would still read from a line that never stops talking.
            if left.is_zero() {
                break;
            }
            let wire = &mut self.connection().wire;
            match tokio::time::timeout(left, wire.read(&mut buffer)).await {
                Err(_time_is_up) => break,
                Ok(Ok(count)) if count > 0 => strays += count,
                Ok(ended) => return Err(self.address.lost(ended)),
            }
        }
        if strays > 0 {
            self.reporter.bytes(strays);
            self.reporter.stray(strays);
        }
        Ok(strays)
    }

    /// RTU frames: on a serial port, or through a gateway.
    fn is_rtu(&self) -> bool {
        self.framing == Framing::Rtu
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("only a failed reopening leaves none, and that ends the master")
    }
}

/// Whether the answer to `owed` could be taken for one to `request`.
fn mistakable(owed: &Request, request: &Request) -> bool {
    let same_look = (owed.unit, owed.table) == (request.unit, request.table)
        && answer_bytes(owed) == answer_bytes(request);
    same_look && (owed.addr, owed.count) != (request.addr, request.count)
}
