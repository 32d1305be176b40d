//! A line that devices connect to: HL7 messages of several beds, answered when they are durable.
//!
//! - L1: only addresses in `senders` are listened to, at most [`CONNECTIONS_MAX`] connections at a time.
//! - L2: an answer leaves when the store says that all its message said is on the card, never before (I1). What is heard goes
//!   to the core at once, whatever the card does. A message that was not kept is not answered: its connection ends, and
//!   the sender sends it again.
//! - L3: answers leave in the order of their messages, and a sender that does not wait for them is not made to wait: up to
//!   [`ANSWERS_MAX`] may be due.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use drivers::LineFault;
use drivers::hl7::mllp::{Cut, Reader};
use drivers::hl7::{Found, Inbox, Letter, Mark};
use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;
use vitals::DeviceId;

use super::port::{PortError, Retry};
use super::report::Reporter;
use super::{ROUND_MAX, Receipt, wait};
use crate::config::{LineConfig, Results};

/// Most senders at a time; one more is closed at once.
pub(super) const CONNECTIONS_MAX: usize = 16;

/// Most messages of one connection whose answers are due; then it is not read on.
pub(super) const ANSWERS_MAX: usize = 256;

/// A connection that has brought nothing for this long may be dead at the other end.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// A sender that does not take an answer within this is not reading.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(2);

/// Most locations and addresses that the log is told, once each.
const TOLD_MAX: usize = 64;

/// One such line.
pub(super) struct Listener {
    address: SocketAddr,
    senders: Vec<IpAddr>,
    devices: Vec<DeviceId>,
    /// Held while a message is taken and told, so that the core gets messages one after the other, and so that this line
    /// makes no round while the core takes none.
    desk: Mutex<Desk>,
    reporter: Reporter,
}

/// What all connections share.
struct Desk {
    inbox: Inbox,
    told: BTreeSet<String>,
    /// Messages whose connection ended before they were durable.
    orphans: VecDeque<(Mark, oneshot::Receiver<()>)>,
}

/// An answer that waits for the card.
struct Due {
    durable: oneshot::Receiver<()>,
    answers: Vec<Vec<u8>>,
    mark: Option<Mark>,
}

impl Listener {
    pub(super) fn new(line: &LineConfig, reporter: Reporter) -> Listener {
        let field = line.location_field();
        let location = |text: &str| {
            field
                .location(text)
                .expect("config::load refuses a location that says nothing")
        };
        let locations = line
            .sources
            .iter()
            .map(|source| location(source.location.as_deref().unwrap_or_default()))
            .collect();
        let laboratories = line
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| source.results == Results::Laboratory)
            .map(|(place, _)| place);
        Listener {
            address: line
                .listen
                .expect("config::load refuses such a line without an address"),
            senders: line.senders.clone(),
            devices: line.sources.iter().map(|source| source.device.clone()).collect(),
            desk: Mutex::new(Desk {
                inbox: Inbox::new(field.clone(), locations).with_laboratories(laboratories),
                told: BTreeSet::new(),
                orphans: VecDeque::new(),
            }),
            reporter,
        }
    }

    /// Runs until it is dropped.
    pub(super) async fn run(self: Arc<Self>) {
        let line = self;
        let mut retry = Retry::default();
        loop {
            line.reporter.tick();
            match TcpListener::bind(line.address).await {
                Ok(listener) => {
                    line.reporter.open().await;
                    retry.reset();
                    line.serve(&listener).await;
                }
                Err(source) => {
                    let address = line.address;
                    line.reporter.closed(&PortError::Listen { address, source }).await;
                }
            }
            wait(&line.reporter, retry.next_wait()).await;
        }
    }

    /// Accepts until the port fails. The connections end with it.
    async fn serve(self: &Arc<Self>, listener: &TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            self.reporter.tick();
            self.round().await;
            while connections.try_join_next().is_some() {}
            match tokio::time::timeout(ROUND_MAX, listener.accept()).await {
                Err(_nobody) => {}
                Ok(Ok((stream, from))) => {
                    if !self.senders.contains(&from.ip().to_canonical()) {
                        self.say_once(
                            &format!("{}", from.ip()),
                            "a sender that is not in `senders` is not listened to",
                        )
                        .await;
                    } else if connections.len() >= CONNECTIONS_MAX {
                        self.say_once(
                            "connections",
                            "too many senders at a time; one is not listened to",
                        )
                        .await;
                    } else {
                        let line = Arc::clone(self);
                        connections.spawn(async move { line.connection(stream, from).await });
                    }
                }
                // A sender that has gone before it was accepted, or too many open files: both pass.
                Ok(Err(error)) => {
                    tracing::warn!(line = self.reporter.line(), %error, "a sender could not be accepted");
                    tokio::time::sleep(ROUND_MAX).await;
                }
            }
        }
    }

    async fn say_once(&self, what: &str, message: &'static str) {
        let mut desk = self.desk.lock().await;
        if desk.told.len() < TOLD_MAX && desk.told.insert(what.to_owned()) {
            tracing::warn!(line = self.reporter.line(), what, "{message}");
        }
    }

    /// Alarms that nobody renews end, and messages without a connection are settled.
    async fn round(&self) {
        let mut desk = self.desk.lock().await;
        let now = self.reporter.clock.now();
        let found = desk.inbox.tick(now);
        self.tell(&mut desk, found).await;
        for _ in 0..desk.orphans.len() {
            let Some((mark, mut durable)) = desk.orphans.pop_front() else {
                break;
            };
            match durable.try_recv() {
                Ok(()) => {}
                Err(oneshot::error::TryRecvError::Empty) => desk.orphans.push_back((mark, durable)),
                Err(oneshot::error::TryRecvError::Closed) => desk.inbox.forget(mark),
            }
        }
    }

    async fn connection(&self, mut stream: TcpStream, from: SocketAddr) {
        let line = self.reporter.line();
        tracing::info!(line, %from, "a sender has connected");
        let mut due = VecDeque::new();
        let ended = self.talk(&mut stream, &mut due).await;
        tracing::info!(line, %from, reason = %ended, "the connection to a sender has ended");
        let mut desk = self.desk.lock().await;
        let marks = due.into_iter().filter_map(|due| Some((due.mark?, due.durable)));
        desk.orphans.extend(marks);
        while desk.orphans.len() > CONNECTIONS_MAX * ANSWERS_MAX {
            // Taken twice rather than acknowledged and lost.
            if let Some((mark, _)) = desk.orphans.pop_front() {
                desk.inbox.forget(mark);
            }
        }
    }

    /// Listens and answers until the connection ends; says why.
    async fn talk(&self, stream: &mut TcpStream, due: &mut VecDeque<Due>) -> io::Error {
        // The kernel finds a dead peer sooner or later; the limit of silence finds it anyhow.
        let _ = setsockopt(stream, sockopt::KeepAlive, &true);
        let _ = stream.set_nodelay(true);
        let clock = &self.reporter.clock;
        let (mut reader, mut buffer, mut heard) = (Reader::default(), [0; 16_384], clock.now());
        loop {
            let read = tokio::select! {
                biased;
                durable = first(due) => {
                    match self.answer(stream, due, durable).await {
                        Ok(()) => continue,
                        Err(error) => return error,
                    }
                }
                read = stream.read(&mut buffer), if due.len() < ANSWERS_MAX => Some(read),
                () = tokio::time::sleep(ROUND_MAX) => None,
            };
            let bytes = match read {
                None => &[][..],
                Some(Ok(0)) => return io::ErrorKind::UnexpectedEof.into(),
                Some(Ok(count)) => {
                    heard = clock.now();
                    &buffer[..count]
                }
                Some(Err(error)) => return error,
            };
            if clock.now().since(heard) > SILENCE_MAX {
                return io::ErrorKind::TimedOut.into();
            }
            let mut cuts = Vec::new();
            reader.hear(clock.now(), bytes, &mut |cut| cuts.push(cut));
            for cut in cuts {
                due.extend(self.take(cut).await);
            }
        }
    }

    /// A message goes to the core; its answers wait for the card.
    async fn take(&self, cut: Cut) -> Option<Due> {
        let mut desk = self.desk.lock().await;
        let (now, wall) = (self.reporter.clock.now(), self.reporter.clock.wall().0);
        let Letter { found, answers, mark } = match cut {
            Cut::Message(bytes) => desk.inbox.receive(now, wall, &bytes),
            Cut::TooLong(head) => desk.inbox.too_long(wall, &head),
            Cut::Skipped(skipped) => {
                self.reporter.line_fault(LineFault::Resynchronised { skipped });
                return None;
            }
            Cut::NoReturn => return None,
        };
        let bad = |found: &Found| matches!(found, Found::Fault(_, LineFault::BadItem));
        if found.iter().any(bad) {
            self.reporter
                .kept(desk.inbox.kept().map(|kept| kept.segment.as_str()));
        }
        self.tell(&mut desk, found).await;
        let (receipt, durable) = Receipt::new();
        self.reporter.receipt(receipt).await;
        Some(Due {
            durable,
            answers,
            mark,
        })
    }

    async fn tell(&self, desk: &mut Desk, found: Vec<Found>) {
        let at = self.reporter.clock.now();
        for found in found {
            match found {
                Found::Saw(source, seen) => self.reporter.saw(&self.devices[source], at, seen).await,
                Found::Fault(source, fault) => self.reporter.fault(&self.devices[source], at, fault).await,
                Found::LineFault(fault) => self.reporter.line_fault(fault),
                Found::UnknownLocation(location) => {
                    self.reporter.line_fault(LineFault::UnknownLocation);
                    if desk.told.len() < TOLD_MAX && desk.told.insert(location.clone()) {
                        tracing::warn!(
                            line = self.reporter.line(),
                            location,
                            "unknown location: its messages are refused; add it as a [[line.source]], or stop the sender"
                        );
                    }
                }
            }
        }
    }

    /// The first message is durable, or it was given up.
    async fn answer(
        &self,
        stream: &mut TcpStream,
        due: &mut VecDeque<Due>,
        durable: Result<(), oneshot::error::RecvError>,
    ) -> io::Result<()> {
        let Some(Due { answers, mark, .. }) = due.pop_front() else {
            return Ok(());
        };
        if durable.is_err() {
            if let Some(mark) = mark {
                self.desk.lock().await.inbox.forget(mark);
            }
            return Err(io::Error::other(
                "a message was not kept; the sender has to send it again",
            ));
        }
        for answer in answers {
            tokio::time::timeout(WRITE_WAIT_MAX, stream.write_all(&answer))
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        }
        Ok(())
    }
}

/// When the message that came first is settled; never when there is none.
async fn first(due: &mut VecDeque<Due>) -> Result<(), oneshot::error::RecvError> {
    match due.front_mut() {
        Some(first) => (&mut first.durable).await,
        None => std::future::pending().await,
    }
}
