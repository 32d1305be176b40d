//! The broker inside: rumqttd on a loopback port that only the front knows the log-in of, and the check that it lives.
//!
//! rumqttd keeps everything in memory and only logs it when it can no longer work: its router thread may die while its
//! listener goes on accepting. So the check is a client of its own, whose pings the router itself answers.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use bytes::BytesMut;
use rumqttc::{Connect, ConnectAuth, Packet};
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, SegmentConfig, ServerSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::BrokerError;
use super::gate::{Login, PUBLISH_BYTES_MAX};

/// Room for connections that have ended at the front but not yet inside, and for the check's own.
const CONNECTIONS_INSIDE_MAX: usize = 2 * super::front::SEATS_MAX + 8;

/// Messages for posts are small and few: 2 x 128 KiB for each post. What comes up from posts: 10 x 1 MiB.
const UP_SEGMENT: (usize, usize) = (1 << 20, 10);
const DOWN_SEGMENT: (usize, usize) = (128 << 10, 2);

const START_MAX: Duration = Duration::from_secs(10);
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// Generous: a busy machine must not make a healthy broker restart.
const CHECK_MAX: Duration = Duration::from_secs(10);
/// Longest time between two answers of a broker inside that works.
pub(super) const ANSWER_SILENCE_MAX: Duration = Duration::from_secs(15);

/// The running broker inside. It has no stop: it ends with the process.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) address: SocketAddr,
    pub(super) login: Login,
}

impl Inner {
    /// Starts it and waits until it answers. The returned stream is the check's connection for [`Inner::watch`].
    pub(super) async fn start() -> Result<(Inner, TcpStream), BrokerError> {
        let address = free_port().map_err(|cause| BrokerError::Inside {
            what: "finding a port",
            cause: Some(cause),
        })?;
        let inner = Inner {
            address,
            login: Login {
                user: "front".to_owned(),
                password: password()?,
            },
        };
        let config = inner.config();
        let thread = std::thread::Builder::new().name("rumqttd".to_owned());
        let started = thread.spawn(move || {
            if let Err(error) = Broker::new(config).start() {
                tracing::error!(%error, "the broker inside has stopped");
            }
        });
        started.map_err(|cause| BrokerError::Inside {
            what: "starting its thread",
            cause: Some(cause),
        })?;
        let stream = match timeout(START_MAX, inner.first_answer()).await {
            Ok(stream) => stream,
            Err(_) => {
                return Err(BrokerError::Inside {
                    what: "starting",
                    cause: None,
                });
            }
        };
        Ok((inner, stream))
    }

    async fn first_answer(&self) -> TcpStream {
        loop {
            if let Ok(stream) = self.check_in().await {
                return stream;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn check_in(&self) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await?;
        let connect = Connect {
            keep_alive: 60,
            client_id: "self-check".to_owned(),
            clean_start: true,
            properties: None,
        };
        let auth = ConnectAuth::UsernamePassword {
            username: self.login.user.clone(),
            password: self.login.password.clone().into(),
        };
        exchange(&mut stream, &Packet::Connect(connect, None, auth)).await?;
        Ok(stream)
    }

    /// Returns when the broker inside does not answer any more; until then each answer is told.
    pub(super) async fn watch(&self, mut check: TcpStream, answered: impl Fn()) -> BrokerError {
        loop {
            sleep(CHECK_EVERY).await;
            let cause = match timeout(CHECK_MAX, exchange(&mut check, &Packet::PingReq)).await {
                Ok(Ok(())) => {
                    answered();
                    continue;
                }
                Ok(Err(cause)) => Some(cause),
                Err(_) => None,
            };
            return BrokerError::Inside {
                what: "answering the self-check",
                cause,
            };
        }
    }

    fn config(&self) -> Config {
        let settings = ServerSettings {
            name: "inside".to_owned(),
            listen: self.address,
            tls: None,
            next_connection_delay_ms: 1,
            connections: ConnectionSettings {
                connection_timeout_ms: 5_000,
                max_payload_size: usize::try_from(PUBLISH_BYTES_MAX).unwrap_or(usize::MAX),
                max_inflight_count: 100,
                auth: Some(HashMap::from([(
                    self.login.user.clone(),
                    self.login.password.clone(),
                )])),
                external_auth: None,
                dynamic_filters: false,
            },
        };
        let down = SegmentConfig {
            max_segment_size: DOWN_SEGMENT.0,
            max_segment_count: DOWN_SEGMENT.1,
        };
        Config {
            router: RouterConfig {
                max_connections: CONNECTIONS_INSIDE_MAX,
                max_outgoing_packet_count: 200,
                max_segment_size: UP_SEGMENT.0,
                max_segment_count: UP_SEGMENT.1,
                custom_segment: Some(HashMap::from([
                    ("vitalpost/v1/+/down/+".to_owned(), down.clone()),
                    // A post that does not keep up gets what is said now, not what was said before.
                    ("vitalpost/v1/+/sensor/+".to_owned(), down),
                ])),
                ..RouterConfig::default()
            },
            v5: Some(HashMap::from([("inside".to_owned(), settings)])),
            ..Config::default()
        }
    }
}

/// A port that was free a moment ago. Whoever takes it in between does not know the log-in, and the start fails.
fn free_port() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn password() -> Result<String, BrokerError> {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random).map_err(|_| BrokerError::Inside {
        what: "getting random bytes",
        cause: None,
    })?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Sends a packet and reads one whole packet back.
async fn exchange(stream: &mut TcpStream, packet: &Packet) -> std::io::Result<()> {
    let mut bytes = BytesMut::new();
    packet
        .write(&mut bytes, None)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    stream.write_all(&bytes).await?;
    bytes.clear();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match Packet::read(&mut bytes, Some(PUBLISH_BYTES_MAX)) {
            Ok(_) => return Ok(()),
            Err(rumqttc::Error::InsufficientBytes(_)) => {}
            Err(error) => return Err(std::io::Error::other(error.to_string())),
        }
    }
}
