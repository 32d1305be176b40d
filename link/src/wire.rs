//! The two MQTT clients behind one face: what [`crate::session`] needs of either, and nothing that names a version.
//!
//! 3.1.1 has no word for a refused publish, none for why a broker hangs up, and no receive maximum; a session of either
//! kind ends with its connection, by a clean session in 3.1.1.

mod v311;
mod v5;

use std::io;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::QoS;
use tokio::net::TcpStream;

use crate::error::{LinkError, Peer};
use crate::{LinkOptions, Mqtt};

/// How many publishes may wait to be written. Larger than [`crate::RECEIVE_MAX`], so that only a broken link fills it.
const REQUESTS_MAX: usize = 256;

/// The half that sends. Clones share the link.
#[derive(Clone)]
pub(crate) enum Client {
    V5(rumqttc::AsyncClient),
    V311(rumqttc_v4::AsyncClient),
}

/// The half that does the work while it is polled.
pub(crate) enum EventLoop {
    V5(Box<rumqttc::EventLoop>),
    V311(Box<rumqttc_v4::EventLoop>),
}

/// What will become of one publish.
pub(crate) enum Notice {
    V5(rumqttc::PublishNotice),
    V311(rumqttc_v4::PublishNotice),
}

/// What the broker has said.
pub(crate) enum Heard {
    SignedOn,
    Publish {
        topic: Bytes,
        payload: Bytes,
        retain: bool,
        /// What [`Client::acknowledge`] wants for it; `None` = QoS 0, which nobody acknowledges.
        pkid: Option<u16>,
    },
    /// Nothing that anybody waits for.
    Other,
}

/// Why something that was asked of the broker was not done.
pub(crate) enum Refusal {
    NotAllowed,
    /// In the broker's word.
    Because(String),
    /// The link has ended; its last error says why.
    Gone,
}

/// Nothing is sent or received before the event loop is polled.
pub(crate) fn client(options: &LinkOptions, tls: rustls::ClientConfig) -> (Client, EventLoop) {
    match options.mqtt {
        Mqtt::V5 => {
            let builder = rumqttc::AsyncClient::builder(v5::options(options, tls));
            let (client, event_loop) = builder.capacity(REQUESTS_MAX).build();
            (Client::V5(client), EventLoop::V5(Box::new(event_loop)))
        }
        Mqtt::V311 => {
            let (client, event_loop) = v311::client(options, tls);
            (Client::V311(client), EventLoop::V311(Box::new(event_loop)))
        }
    }
}

/// The library's own connector would join host and port with a colon, which no IPv6 address survives, and would leave
/// Nagle's algorithm on, which holds back small alerts.
async fn dial(host: String, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Client {
    /// With QoS 1. Waits while too many publishes are unacknowledged.
    pub(crate) async fn publish(
        &self,
        topic: String,
        payload: Vec<u8>,
        retain: bool,
    ) -> Result<Notice, Refusal> {
        match self {
            Client::V5(client) => {
                let options = rumqttc::PublishOptions::at_least_once().retain(retain);
                let sent = client.publish_tracked(topic, payload, options).await;
                sent.map(Notice::V5).map_err(|_| Refusal::Gone)
            }
            Client::V311(client) => {
                let options = rumqttc_v4::PublishOptions::at_least_once().retain(retain);
                let sent = client.publish_tracked(topic, payload, options).await;
                sent.map(Notice::V311).map_err(|_| Refusal::Gone)
            }
        }
    }

    /// Fails only when the session has ended; whoever listens on hears why.
    pub(crate) fn acknowledge(&self, pkid: u16) {
        match self {
            Client::V5(client) => {
                let ack = rumqttc::ManualAck::PubAck(rumqttc::PubAck::new(pkid, None));
                client.try_manual_ack(ack).ok();
            }
            Client::V311(client) => {
                let ack = rumqttc_v4::ManualAck::PubAck(rumqttc_v4::PubAck::new(pkid));
                client.try_manual_ack(ack).ok();
            }
        }
    }

    /// Returns when the broker has granted all filters.
    pub(crate) async fn subscribe(&self, filters: &[String]) -> Result<(), Refusal> {
        match self {
            Client::V5(client) => v5::subscribe(client, filters).await,
            Client::V311(client) => v311::subscribe(client, filters).await,
        }
    }

    /// `false` = the link has ended already.
    pub(crate) fn sign_off(&self, patience: Duration) -> bool {
        match self {
            Client::V5(client) => client.try_disconnect_with_timeout(patience).is_ok(),
            Client::V311(client) => client.try_disconnect_with_timeout(patience).is_ok(),
        }
    }
}

impl EventLoop {
    /// Safe to cancel. After an error it must not be polled again: it would connect anew.
    pub(crate) async fn poll(&mut self, peer: &Peer) -> Result<Heard, LinkError> {
        match self {
            EventLoop::V5(event_loop) => match event_loop.poll().await {
                Ok(event) => Ok(v5::heard(event)),
                Err(error) => Err(v5::explain(peer, error)),
            },
            EventLoop::V311(event_loop) => match event_loop.poll().await {
                Ok(event) => Ok(v311::heard(event)),
                Err(error) => Err(v311::explain(peer, error)),
            },
        }
    }
}

impl Notice {
    /// Resolves with the broker's PUBACK, which in 3.1.1 cannot refuse.
    pub(crate) async fn done(self) -> Result<(), Refusal> {
        match self {
            Notice::V5(notice) => notice.wait_completion_async().await.map_err(v5::refusal),
            Notice::V311(notice) => notice.wait_completion_async().await.map_err(|_| Refusal::Gone),
        }
    }
}

/// The number of a message that must be acknowledged.
fn pkid_of(qos: QoS, pkid: u16) -> Option<u16> {
    (qos != QoS::AtMostOnce).then_some(pkid)
}
