//! A line that one device connects to: an analyser that dials the post. Its bytes go through a dialogue as on any other line.
//!
//! - D1: only addresses in `senders` are listened to.
//! - D2: one connection at a time. A new one from the same address takes the place of the old one, because a device that
//!   was switched off cannot say that it has gone; anybody else is turned away as long as it lasts.
//! - D3: what one connection has told is not told again over the next one; half a message does not go on in it.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use drivers::Dialogue;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::port::{Port, PortError, Retry, keep_alive};
use super::stream::{End, Talk};
use super::{ROUND_MAX, wait};

/// Most addresses that the log is told, once each.
const TOLD_MAX: usize = 64;

/// One such line.
pub(super) struct Dialled {
    pub(super) address: SocketAddr,
    pub(super) senders: Vec<IpAddr>,
    pub(super) talk: Talk,
    /// Whom the log knows.
    pub(super) told: Mutex<BTreeSet<IpAddr>>,
}

impl Dialled {
    /// Runs until it is dropped.
    pub(super) async fn run(self) {
        let reporter = &self.talk.reporter;
        let mut retry = Retry::default();
        let mut memory = None;
        loop {
            reporter.tick();
            let address = self.address;
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    // Whether anybody is connected is the device's business: many connect only when they have something to say.
                    reporter.open().await;
                    retry.reset();
                    self.serve(&listener, &mut memory).await;
                }
                Err(source) => reporter.closed(&PortError::Listen { address, source }).await,
            }
            wait(reporter, retry.next_wait()).await;
        }
    }

    /// Talks to one device after the other.
    async fn serve(&self, listener: &TcpListener, memory: &mut Option<Box<dyn Dialogue>>) {
        let line = self.talk.reporter.line();
        let mut next = None;
        loop {
            let (stream, from) = match next.take() {
                Some(next) => next,
                None => self.accept(listener).await,
            };
            tracing::info!(line, %from, "a device has connected");
            keep_alive(&stream);
            let mut port = Port::Tcp(stream);
            let leave = CancellationToken::new();
            let talk = self.talk.on(&mut port, memory, &leave);
            tokio::pin!(talk);
            let end = loop {
                tokio::select! {
                    end = &mut talk => break end,
                    (stream, other) = self.accept(listener) => {
                        if other.ip() == from.ip() {
                            next = Some((stream, other));
                            leave.cancel();
                        } else {
                            self.say_once(other.ip(), "another device is connected; this one is not listened to");
                        }
                    }
                }
            };
            let reason = match end {
                End::Lost(Ok(_)) => "it has hung up".to_owned(),
                End::Lost(Err(error)) => error.to_string(),
                End::Silent => "it was silent".to_owned(),
                End::NotKept => "what it said was not kept".to_owned(),
                End::Left => "it has connected anew".to_owned(),
            };
            tracing::info!(line, %from, reason, "the connection to a device has ended");
            self.talk.record(|capture, now| capture.lost(now, &reason));
        }
    }

    /// The next connection of somebody who may connect.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            self.talk.reporter.tick();
            match tokio::time::timeout(ROUND_MAX, listener.accept()).await {
                Err(_nobody) => {}
                Ok(Ok((stream, from))) if self.senders.contains(&from.ip().to_canonical()) => {
                    return (stream, from);
                }
                Ok(Ok((_, from))) => {
                    self.say_once(from.ip(), "a sender that is not in `senders` is not listened to");
                }
                // A device that has gone before it was accepted, or too many open files: both pass.
                Ok(Err(error)) => {
                    tracing::warn!(line = self.talk.reporter.line(), %error, "a device could not be accepted");
                    tokio::time::sleep(ROUND_MAX).await;
                }
            }
        }
    }

    fn say_once(&self, who: IpAddr, message: &'static str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < TOLD_MAX && told.insert(who) {
            tracing::warn!(line = self.talk.reporter.line(), %who, "{message}");
        }
    }
}
