//! The TLS front: accepts, asks for a certificate, reads CONNECT, and then carries packets to and fro.
//!
//! Every wait has an end: TLS and CONNECT [`SIGN_ON_MAX`] each, silence 1.5 times the keep-alive, a client that does not
//! read [`WRITE_MAX`]. Each connection is a task of its own, so that none waits for another. Until it has signed on, a
//! connection has a place at the [`Door`]; only then it gets one of the [`Seats`].

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use rumqttc::{ConnAck, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::acl::{Identity, Nobody};
use super::door::{Complaints, Door, Waiting};
use super::gate::{self, Refusal, SignOn};
use super::inner::Inner;
use super::seats::Seats;
use crate::clock::Clock;

/// Most clients at once that have signed on.
pub(super) const SEATS_MAX: usize = 256;

/// The longest for the TLS handshake, and again for CONNECT. Two round trips of a bad satellite link fit.
const SIGN_ON_MAX: Duration = Duration::from_secs(5);

/// The longest that a client may leave what was sent to it unread.
const WRITE_MAX: Duration = Duration::from_secs(30);

const CHUNK_BYTES: usize = 16 << 10;

/// CONNACK of MQTT 3.1.1, "unacceptable protocol version": a client of that version understands no other refusal.
const VERSION_REFUSED: [u8; 4] = [0x20, 0x02, 0x00, 0x01];

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("signed off")]
    SignedOff,
    #[error("closed by the client")]
    Gone,
    #[error("no TLS: {0}")]
    Tls(io::Error),
    #[error("{0}")]
    Nobody(#[from] Nobody),
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("silent: {0}")]
    Silent(&'static str),
    #[error("a newer connection of the same client took over")]
    TakenOver,
    #[error("no seat is free, or its certificate has too many, or the same client connects again and again")]
    NoSeat,
    #[error("closed by the broker inside")]
    ClosedInside,
    #[error("{0}")]
    Io(#[from] io::Error),
}

pub(super) struct Front {
    pub(super) listener: TcpListener,
    pub(super) acceptor: TlsAcceptor,
    pub(super) inner: Inner,
    pub(super) clock: Clock,
    /// Ends every connection.
    pub(super) stop: CancellationToken,
}

impl Front {
    /// Accepts until it is dropped.
    pub(super) async fn run(self) -> Infallible {
        let door = Door::default();
        let log = StrangersLog::new(self.clock);
        let seats = Seats::new(SEATS_MAX);
        loop {
            let (stream, from) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    log.warn(None, &error);
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let waiting = match door.enter(from) {
                Ok(waiting) => waiting,
                Err(full) => {
                    log.warn(Some(from), &full);
                    continue;
                }
            };
            let client = Client {
                from,
                acceptor: self.acceptor.clone(),
                inner: self.inner.clone(),
                seats: seats.clone(),
                log: log.clone(),
            };
            let stop = self.stop.clone();
            tokio::spawn(async move {
                stop.run_until_cancelled(client.serve(stream, waiting)).await;
            });
        }
    }
}

/// What the log hears about connections without a good certificate: anybody can make as many as he likes.
#[derive(Clone)]
struct StrangersLog {
    clock: Clock,
    complaints: Arc<Mutex<Complaints>>,
}

impl StrangersLog {
    fn new(clock: Clock) -> StrangersLog {
        StrangersLog {
            clock,
            complaints: Arc::default(),
        }
    }

    fn warn(&self, from: Option<SocketAddr>, why: &dyn std::error::Error) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(unsaid) = complaints.another(self.clock.now()) {
            tracing::warn!(
                from = from.map(tracing::field::display),
                unsaid,
                "connection not accepted: {why}"
            );
        }
    }
}

struct Client {
    from: SocketAddr,
    acceptor: TlsAcceptor,
    inner: Inner,
    seats: Seats,
    log: StrangersLog,
}

impl Client {
    async fn serve(self, stream: TcpStream, waiting: Waiting) {
        let from = self.from;
        let (tls, who) = match self.handshake(stream).await {
            Ok(known) => known,
            Err(ended) => return self.log.warn(Some(from), &ended),
        };
        match self.session(tls, &who, waiting).await {
            Ended::SignedOff => tracing::debug!(%from, %who, "signed off"),
            ended => tracing::warn!(%from, %who, "connection ended: {ended}"),
        }
    }

    async fn handshake(&self, stream: TcpStream) -> Result<(TlsStream<TcpStream>, Identity), Ended> {
        stream.set_nodelay(true)?;
        let tls = match timeout(SIGN_ON_MAX, self.acceptor.accept(stream)).await {
            Ok(tls) => tls.map_err(Ended::Tls)?,
            Err(_) => return Err(Ended::Silent("no TLS handshake")),
        };
        let chain = tls.get_ref().1.peer_certificates().unwrap_or_default();
        let leaf = chain.first().ok_or(Nobody::Unreadable)?;
        let who = Identity::of_certificate(leaf)?;
        Ok((tls, who))
    }

    /// From CONNECT to the end; tells the client why where MQTT has a word for it.
    async fn session(&self, tls: TlsStream<TcpStream>, who: &Identity, waiting: Waiting) -> Ended {
        let (mut from_client, mut to_client) = tokio::io::split(tls);
        let mut bytes = BytesMut::with_capacity(CHUNK_BYTES);
        let sign_on = match timeout(SIGN_ON_MAX, first_packet(who, &mut from_client, &mut bytes)).await {
            Ok(Ok(sign_on)) => sign_on,
            Ok(Err(ended)) => {
                if let Ended::Refused(refusal) = &ended {
                    farewell(&mut to_client, &connack_of(refusal)).await;
                }
                return ended;
            }
            Err(_) => return Ended::Silent("no CONNECT"),
        };
        let Some(seat) = self.seats.take(&who.to_string(), &sign_on.client_id).await else {
            farewell(&mut to_client, &refused(ConnectReturnCode::ServerBusy)).await;
            return Ended::NoSeat;
        };
        let silence_max = sign_on.silence_max;
        let (from_inner, to_inner) = match self.enter(sign_on, seat.inner_id()).await {
            Ok(halves) => halves,
            Err(ended) => return ended,
        };
        drop(waiting);
        tracing::info!(from = %self.from, %who, "signed on");
        let ended = {
            let up = up(who, silence_max, from_client, bytes, to_inner);
            let down = down(from_inner, &mut to_client);
            tokio::select! {
                ended = up => ended,
                ended = down => ended,
                () = seat.asked_to_leave() => Ended::TakenOver,
            }
        };
        let goodbye = match &ended {
            Ended::Refused(refusal) => Some(refusal.reason()),
            Ended::TakenOver => Some(DisconnectReasonCode::SessionTakenOver),
            Ended::Silent(_) => Some(DisconnectReasonCode::KeepAliveTimeout),
            _ => None,
        };
        let goodbye = goodbye.map(|reason| bytes_of(&Packet::Disconnect(Disconnect::new(reason))));
        farewell(&mut to_client, &goodbye.unwrap_or_default()).await;
        ended
    }

    async fn enter(
        &self,
        sign_on: SignOn,
        inner_id: String,
    ) -> Result<(OwnedReadHalf, OwnedWriteHalf), Ended> {
        let connect = sign_on.forwarded(inner_id, &self.inner.login)?;
        let mut stream = TcpStream::connect(self.inner.address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&connect).await?;
        Ok(stream.into_split())
    }
}

async fn first_packet<R: AsyncRead + Unpin>(
    who: &Identity,
    from_client: &mut R,
    bytes: &mut BytesMut,
) -> Result<SignOn, Ended> {
    loop {
        if let Some(sign_on) = gate::sign_on(who, bytes)? {
            return Ok(sign_on);
        }
        if from_client.read_buf(bytes).await? == 0 {
            return Err(Ended::Gone);
        }
    }
}

/// Client to broker, packet by packet. `bytes` may hold the beginning already.
async fn up(
    who: &Identity,
    silence_max: Duration,
    mut from_client: ReadHalf<TlsStream<TcpStream>>,
    mut bytes: BytesMut,
    mut to_inner: OwnedWriteHalf,
) -> Ended {
    let mut out = BytesMut::with_capacity(CHUNK_BYTES);
    loop {
        let passed = gate::pass(who, &mut bytes, &mut out);
        // What came before a refused packet was allowed and goes on its way.
        if !out.is_empty() {
            match timeout(WRITE_MAX, to_inner.write_all(&out)).await {
                Ok(Ok(())) => out.clear(),
                Ok(Err(_)) => return Ended::ClosedInside,
                Err(_) => return Ended::Silent("the broker inside does not take any more"),
            }
        }
        match passed {
            Ok(false) => {}
            Ok(true) => return Ended::SignedOff,
            Err(refusal) => return Ended::Refused(refusal),
        }
        let packet = timeout(silence_max, some_packet(who, &mut from_client, &mut bytes));
        match packet.await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return Ended::Gone,
            Ok(Err(error)) => return Ended::Io(error),
            Err(_) => return Ended::Silent("no packet in 1.5 times the keep-alive"),
        }
    }
}

/// Reads until at least one whole packet, or something that cannot become one, is there. `false` = the client is gone.
async fn some_packet<R: AsyncRead + Unpin>(
    who: &Identity,
    from: &mut R,
    bytes: &mut BytesMut,
) -> io::Result<bool> {
    loop {
        bytes.reserve(CHUNK_BYTES);
        let read = from.read_buf(bytes).await?;
        if read == 0 {
            return Ok(false);
        }
        if let Some(bytes_per_s_max) = who.bytes_per_s_max() {
            // What is not read yet waits with the client.
            let read = u32::try_from(read).unwrap_or(u32::MAX);
            sleep(Duration::from_secs(1).mul_f64(f64::from(read) / f64::from(bytes_per_s_max))).await;
        }
        if gate::something_to_judge(who, bytes) {
            return Ok(true);
        }
    }
}

/// Broker to client, as it comes.
async fn down<W: AsyncWrite + Unpin>(mut from_inner: OwnedReadHalf, to_client: &mut W) -> Ended {
    let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
    loop {
        match from_inner.read_buf(&mut chunk).await {
            Ok(0) | Err(_) => return Ended::ClosedInside,
            Ok(_) => {}
        }
        let written = async {
            to_client.write_all(&chunk).await?;
            to_client.flush().await
        };
        match timeout(WRITE_MAX, written).await {
            Ok(Ok(())) => chunk.clear(),
            Ok(Err(error)) => return Ended::Io(error),
            Err(_) => return Ended::Silent("the client does not read"),
        }
    }
}

fn bytes_of(packet: &Packet) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    packet
        .write(&mut bytes, None)
        .expect("a packet without properties and strings can be written");
    bytes.to_vec()
}

fn refused(code: ConnectReturnCode) -> Vec<u8> {
    bytes_of(&Packet::ConnAck(ConnAck {
        session_present: false,
        code,
        properties: None,
    }))
}

/// The answer to a refused CONNECT; somebody who did not even send one gets none.
fn connack_of(refusal: &Refusal) -> Vec<u8> {
    let code = match refusal {
        Refusal::FirstNotConnect(_) | Refusal::Malformed(_) => return Vec::new(),
        Refusal::Version(_) => return VERSION_REFUSED.to_vec(),
        Refusal::ClientId => ConnectReturnCode::ClientIdentifierNotValid,
        Refusal::Will { .. } => ConnectReturnCode::NotAuthorized,
        Refusal::Leaves { .. } => ConnectReturnCode::RetainNotSupported,
        Refusal::QosTwo => ConnectReturnCode::QoSNotSupported,
        _ => ConnectReturnCode::ProtocolError,
    };
    refused(code)
}

/// Last words, perhaps none, then an orderly end of TLS. A client that does not listen is not waited for.
async fn farewell<W: AsyncWrite + Unpin>(to_client: &mut W, bytes: &[u8]) {
    let words = async {
        to_client.write_all(bytes).await?;
        to_client.shutdown().await
    };
    if let Ok(Err(error)) | Err(error) = timeout(Duration::from_secs(1), words)
        .await
        .map_err(io::Error::from)
    {
        tracing::debug!(%error, "the client did not hear the farewell");
    }
}
