//! One MQTT session: from sign-on to its first error.
//!
//! The client library's event loop runs in a task of its own, so keep-alive and PUBACKs do not depend on how often the
//! owner calls [`Incoming::next`] (L4). That task never waits for the owner: the inbox is larger than what a broker may
//! send unacknowledged. It ends with the first error, and the error is what [`Incoming::next`] returns last.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::{LinkError, NO_ANSWER, Peer};
use crate::wire::{Client, EventLoop, Heard, Notice, Refusal, client};
use crate::{CONNECT_MAX, LinkOptions, Message, PACKET_BYTES_MAX, STALL_MAX, pem};

/// How many messages may wait for [`Incoming::next`]. Larger than [`crate::RECEIVE_MAX`], which MQTT 5 agrees with the broker,
/// and than what brokers leave unacknowledged with a client of 3.1.1: one that does neither overruns it.
pub(crate) const INBOX_MAX: usize = 256;

/// Room for the headers of a PUBLISH packet beside topic and content.
const HEADER_BYTES_MAX: usize = 64;

/// The sending half. Clones share the link.
#[derive(Clone)]
pub struct Publisher {
    client: Client,
    peer: Arc<Peer>,
}

/// The receiving half. Dropping it ends the link: the broker then publishes the will.
pub struct Incoming {
    inbox: mpsc::Receiver<Arrived>,
    client: Client,
    driver: Option<Driver>,
    peer: Arc<Peer>,
}

/// One publish on its way. Await it: `Ok` when the broker has acknowledged the message, which proves only that the
/// broker had it; an error when the broker refused it or the link died first.
pub struct Delivery {
    notice: Notice,
    topic: String,
    peer: Arc<Peer>,
}

struct Arrived {
    message: Message,
    pkid: Option<u16>,
}

/// The event loop's task; it ends with its owner.
struct Driver(JoinHandle<LinkError>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Connects, signs on and subscribes. Returns when the broker has granted all of it.
///
/// # Errors
/// Whatever keeps the link from working, by its root cause; within [`CONNECT_MAX`] for each of sign-on and subscription.
pub async fn connect(options: &LinkOptions) -> Result<(Publisher, Incoming), LinkError> {
    let peer = Arc::new(Peer::of(options));
    let (client, mut event_loop) = client(options, read_tls(options, &peer).await?);
    sign_on(&mut event_loop, &peer).await?;
    let (arrived, inbox) = mpsc::channel(INBOX_MAX);
    let driver = Driver(tokio::spawn(drive(event_loop, arrived, peer.clone())));
    let publisher = Publisher {
        client: client.clone(),
        peer: peer.clone(),
    };
    let mut incoming = Incoming {
        inbox,
        client,
        driver: Some(driver),
        peer,
    };
    if !options.subscribe.is_empty() {
        incoming.subscribe(&options.subscribe).await?;
    }
    Ok((publisher, incoming))
}

/// The files are read each time, so that renewed certificates need no restart; and not on the runtime's own threads,
/// because the card may stall.
async fn read_tls(options: &LinkOptions, peer: &Peer) -> Result<rustls::ClientConfig, LinkError> {
    let options = options.clone();
    let read = tokio::task::spawn_blocking(move || tls(&options));
    match timeout(CONNECT_MAX, read).await {
        Ok(Ok(config)) => config,
        Ok(Err(_)) | Err(_) => Err(peer.timed_out("the certificate files could not be read")),
    }
}

pub(crate) fn tls(options: &LinkOptions) -> Result<rustls::ClientConfig, LinkError> {
    let roots = pem::trusted_roots(&options.ca)?;
    let chain = pem::certificates(&options.certificate)?;
    let key = pem::private_key(&options.key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("ring has TLS 1.3")
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => LinkError::KeyMismatch {
                certificate: options.certificate.clone(),
                key: options.key.clone(),
            },
            cause => LinkError::Tls {
                at: Peer::of(options).at(),
                cause,
            },
        })
}

/// Polls until CONNACK.
async fn sign_on(event_loop: &mut EventLoop, peer: &Peer) -> Result<(), LinkError> {
    let connected = async {
        loop {
            if let Heard::SignedOn = event_loop.poll(peer).await? {
                return Ok(());
            }
        }
    };
    match timeout(CONNECT_MAX + Duration::from_secs(1), connected).await {
        Ok(result) => result,
        Err(_) => Err(peer.timed_out(NO_ANSWER)),
    }
}

/// Runs the session until its first error. Never waits for the owner (L4), and never longer than [`STALL_MAX`] for the
/// network: a write into a dead connection would otherwise wait for the kernel to give up, a quarter of an hour (L2).
async fn drive(mut event_loop: EventLoop, arrived: mpsc::Sender<Arrived>, peer: Arc<Peer>) -> LinkError {
    loop {
        let heard = match timeout(STALL_MAX, event_loop.poll(&peer)).await {
            Ok(Ok(heard)) => heard,
            Ok(Err(error)) => return error,
            Err(_) => return peer.timed_out("nothing could be sent or received"),
        };
        let Heard::Publish {
            topic,
            payload,
            retain,
            pkid,
        } = heard
        else {
            continue;
        };
        let topic = match String::from_utf8(topic.to_vec()) {
            Ok(topic) => topic,
            Err(error) => return peer.protocol(&error),
        };
        let message = Message {
            topic,
            payload: payload.to_vec(),
            retain,
        };
        match arrived.try_send(Arrived { message, pkid }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Closed(_)) => return peer.closed(),
            Err(mpsc::error::TrySendError::Full(lost)) if lost.pkid.is_none() => {
                tracing::warn!(topic = %lost.message.topic, "dropped a QoS 0 message: the inbox is full");
            }
            Err(mpsc::error::TrySendError::Full(_)) => return LinkError::Overrun { at: peer.at() },
        }
    }
}

impl Publisher {
    /// Hands a message to the link with QoS 1. Waits only while more than [`crate::RECEIVE_MAX`] publishes are unacknowledged.
    ///
    /// # Errors
    /// [`LinkError::TooLarge`] leaves the link as it is; anything else means that the link is dead.
    pub async fn publish(&self, message: Message) -> Result<Delivery, LinkError> {
        let Message {
            topic,
            payload,
            retain,
        } = message;
        let bytes = topic.len() + payload.len() + HEADER_BYTES_MAX;
        if bytes > usize::try_from(PACKET_BYTES_MAX).unwrap_or(usize::MAX) {
            return Err(LinkError::TooLarge { topic, bytes });
        }
        let sent = self.client.publish(topic.clone(), payload, retain).await;
        let notice = sent.map_err(|_| self.peer.closed())?;
        Ok(Delivery {
            notice,
            topic,
            peer: self.peer.clone(),
        })
    }
}

impl IntoFuture for Delivery {
    type Output = Result<(), LinkError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.acknowledged())
    }
}

impl Delivery {
    async fn acknowledged(self) -> Result<(), LinkError> {
        match self.notice.done().await {
            Ok(()) => Ok(()),
            Err(Refusal::NotAllowed) => {
                let what = format!("to publish on {}", self.topic);
                Err(self.peer.not_authorised(&what))
            }
            Err(Refusal::Because(reason)) => {
                let reason = format!("{} was refused: {reason}", self.topic);
                Err(self.peer.closed_because(reason))
            }
            Err(Refusal::Gone) => Err(self.peer.closed()),
        }
    }
}

impl Incoming {
    /// The next message. Taking it acknowledges it to the broker. Safe to cancel: no message is lost.
    ///
    /// # Errors
    /// The link is dead: drop both halves and connect again.
    pub async fn next(&mut self) -> Result<Message, LinkError> {
        let Some(Arrived { message, pkid }) = self.inbox.recv().await else {
            return Err(self.death().await);
        };
        if let Some(pkid) = pkid {
            self.client.acknowledge(pkid);
        }
        Ok(message)
    }

    /// Signs off, so that the broker does not publish the will. Waits at most `patience` for what is still on its way.
    pub async fn close(mut self, patience: Duration) {
        if self.client.sign_off(patience) {
            let gone = async { while self.inbox.recv().await.is_some() {} };
            if timeout(patience, gone).await.is_err() {
                tracing::debug!("the broker did not answer the sign-off");
            }
        }
    }

    async fn subscribe(&mut self, filters: &[String]) -> Result<(), LinkError> {
        match timeout(CONNECT_MAX, self.client.subscribe(filters)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Refusal::NotAllowed)) => {
                let what = format!("to subscribe {}", filters.join(" "));
                Err(self.peer.not_authorised(&what))
            }
            Ok(Err(_)) => Err(self.death().await),
            Err(_) => Err(self.peer.timed_out("the broker does not answer a subscription")),
        }
    }

    /// What ended the link.
    async fn death(&mut self) -> LinkError {
        match self.driver.take() {
            Some(mut driver) => match timeout(STALL_MAX, &mut driver.0).await {
                Ok(Ok(error)) => error,
                _ => self.peer.closed(),
            },
            None => self.peer.closed(),
        }
    }
}
