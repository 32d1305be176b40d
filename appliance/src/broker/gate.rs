//! What one client may send to the broker inside. Pure: packets in, packets or a refusal out.
//!
//! Every packet is decoded by a strict codec and written anew, without properties, which the contract does not use. So
//! the broker inside reads only bytes that this module wrote: rumqttd 0.20 can be ended by five bytes of a client, and
//! its router by a topic that begins with a letter of two bytes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rumqttc::{Connect, ConnectAuth, DisconnectReasonCode, LastWill, Packet, PacketType, QoS};

use super::acl::Identity;

/// The largest CONNECT (with a [`vitals::wire::PostState`] as its will) and any other packet but PUBLISH, in bytes.
const CONTROL_BYTES_MAX: u32 = 32 << 10;

/// The largest PUBLISH of anybody, in bytes.
pub(super) const PUBLISH_BYTES_MAX: u32 = link::PACKET_BYTES_MAX;

/// The longest client id, in bytes.
const CLIENT_ID_BYTES_MAX: usize = 128;

/// The longest keep-alive that a client may ask for, in seconds.
const KEEP_ALIVE_S_MAX: u16 = 600;

/// Most filters in one SUBSCRIBE or UNSUBSCRIBE.
const FILTERS_MAX: usize = 16;

/// What the broker inside wants to see in CONNECT, so that no other local program can use it.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// Why a client is sent away.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("malformed packet: {0}")]
    Malformed(#[from] rumqttc::Error),
    #[error("speaks MQTT of protocol level {0}, which is not MQTT 5: it must be configured to speak MQTT 5")]
    Version(u8),
    #[error("the first packet is a {0:?} and not a CONNECT")]
    FirstNotConnect(PacketType),
    #[error("a client may not send a {0:?}")]
    PacketType(PacketType),
    #[error("client id must have 1 to {CLIENT_ID_BYTES_MAX} bytes")]
    ClientId,
    #[error("keep-alive must be 1 to {KEEP_ALIVE_S_MAX} s")]
    KeepAlive,
    #[error("{who} may not publish on {topic:?}")]
    Publish { who: String, topic: String },
    #[error("{who} may not subscribe {filter:?}")]
    Subscribe { who: String, filter: String },
    #[error("{who} may not leave a will on {topic:?}")]
    Will { who: String, topic: String },
    #[error("{who} may not leave anything behind: no will, and no retained message")]
    Leaves { who: String },
    #[error("QoS 2 is not part of the contract")]
    QosTwo,
    #[error("topic aliases are not part of the contract")]
    TopicAlias,
    #[error("more than {FILTERS_MAX} filters at once")]
    TooManyFilters,
}

impl Refusal {
    /// What MQTT calls it.
    pub(super) fn reason(&self) -> DisconnectReasonCode {
        match self {
            Refusal::Malformed(rumqttc::Error::PayloadSizeLimitExceeded { .. }) => {
                DisconnectReasonCode::PacketTooLarge
            }
            Refusal::Malformed(_) => DisconnectReasonCode::MalformedPacket,
            Refusal::Publish { .. } | Refusal::Subscribe { .. } | Refusal::Will { .. } => {
                DisconnectReasonCode::NotAuthorized
            }
            Refusal::Leaves { .. } => DisconnectReasonCode::RetainNotSupported,
            Refusal::QosTwo => DisconnectReasonCode::QoSNotSupported,
            Refusal::TopicAlias => DisconnectReasonCode::TopicAliasInvalid,
            _ => DisconnectReasonCode::ProtocolError,
        }
    }
}

/// A CONNECT that was let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignOn {
    /// What the client calls itself.
    pub(super) client_id: String,
    /// The longest that the client may be silent: 1.5 times its keep-alive (MQTT 5, 3.1.2.10).
    pub(super) silence_max: Duration,
    connect: Connect,
    will: Option<LastWill>,
}

/// The bound for a packet that begins with this byte. What a client may not send is refused here, before it is awaited.
fn bytes_max(who: &Identity, first: u8) -> Result<u32, Refusal> {
    match rumqttc::FixedHeader::new(first, 1, 0).packet_type()? {
        PacketType::Publish => Ok(who.publish_bytes_max()),
        PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PubAck
        | PacketType::PingReq
        | PacketType::Disconnect => Ok(CONTROL_BYTES_MAX),
        other => Err(Refusal::PacketType(other)),
    }
}

/// Takes one whole packet out of `bytes`; `None` = more bytes are needed.
fn take(bytes: &mut BytesMut, bytes_max: u32) -> Result<Option<Packet>, Refusal> {
    let before = bytes.len();
    match Packet::read(bytes, Some(bytes_max)) {
        Ok(packet) => Ok(Some(packet)),
        // Said of a whole packet, whose bytes are gone by then, it means that a length inside it is a lie.
        Err(rumqttc::Error::InsufficientBytes(_)) if bytes.len() == before => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn permitted_publish(who: &Identity, topic: &Bytes) -> Result<(), String> {
    let topic = String::from_utf8_lossy(topic);
    if who.may_publish(&topic) {
        Ok(())
    } else {
        Err(topic.into_owned())
    }
}

/// Judges the first packet; `None` = more bytes are needed.
pub(super) fn sign_on(who: &Identity, bytes: &mut BytesMut) -> Result<Option<SignOn>, Refusal> {
    let taken = take(bytes, CONTROL_BYTES_MAX).map_err(|refusal| match refusal {
        Refusal::Malformed(rumqttc::Error::InvalidProtocolLevel(level)) => Refusal::Version(level),
        other => other,
    });
    let Some(packet) = taken? else {
        return Ok(None);
    };
    let Packet::Connect(connect, will, _) = packet else {
        return Err(Refusal::FirstNotConnect(packet.packet_type()));
    };
    if connect.client_id.is_empty() || connect.client_id.len() > CLIENT_ID_BYTES_MAX {
        return Err(Refusal::ClientId);
    }
    if connect.keep_alive == 0 || connect.keep_alive > KEEP_ALIVE_S_MAX {
        return Err(Refusal::KeepAlive);
    }
    if let Some(will) = &will {
        if !who.may_leave_something() {
            return Err(leaves(who));
        }
        permitted_publish(who, &will.topic).map_err(|topic| Refusal::Will {
            who: who.to_string(),
            topic,
        })?;
        if will.qos == QoS::ExactlyOnce {
            return Err(Refusal::QosTwo);
        }
    }
    Ok(Some(SignOn {
        client_id: connect.client_id.clone(),
        silence_max: Duration::from_secs(u64::from(connect.keep_alive)).mul_f32(1.5),
        connect,
        will,
    }))
}

impl SignOn {
    /// The CONNECT for the broker inside: under the front's own client id, always with a clean session, because kept
    /// sessions never expire there, and with our log-in.
    pub(super) fn forwarded(self, inner_id: String, login: &Login) -> Result<BytesMut, Refusal> {
        let connect = Connect {
            client_id: inner_id,
            clean_start: true,
            properties: None,
            ..self.connect
        };
        let will = self.will.map(|will| LastWill {
            properties: None,
            ..will
        });
        let auth = ConnectAuth::UsernamePassword {
            username: login.user.clone(),
            password: Bytes::from(login.password.clone()),
        };
        let mut bytes = BytesMut::new();
        Packet::Connect(connect, will, auth).write(&mut bytes, None)?;
        Ok(bytes)
    }
}

/// Judges every whole packet in `bytes` and appends what may pass to `out`. `Ok(true)` = the client signed off.
pub(super) fn pass(who: &Identity, bytes: &mut BytesMut, out: &mut BytesMut) -> Result<bool, Refusal> {
    while let Some(first) = bytes.first() {
        let bytes_max = bytes_max(who, *first)?;
        let Some(packet) = take(bytes, bytes_max)? else {
            break;
        };
        let signed_off = matches!(packet, Packet::Disconnect(_));
        judge(who, packet)?.write(out, None)?;
        if signed_off {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether [`pass`] would find a whole packet or an error in `bytes`.
pub(super) fn something_to_judge(who: &Identity, bytes: &BytesMut) -> bool {
    let Some(Ok(bytes_max)) = bytes.first().map(|first| bytes_max(who, *first)) else {
        return !bytes.is_empty();
    };
    !matches!(
        rumqttc::check(bytes.iter(), Some(bytes_max)),
        Err(rumqttc::Error::InsufficientBytes(_))
    )
}

fn judge(who: &Identity, packet: Packet) -> Result<Packet, Refusal> {
    match packet {
        Packet::Publish(mut publish) => {
            if publish.qos == QoS::ExactlyOnce {
                return Err(Refusal::QosTwo);
            }
            if publish
                .properties
                .as_ref()
                .is_some_and(|p| p.topic_alias.is_some())
            {
                return Err(Refusal::TopicAlias);
            }
            permitted_publish(who, &publish.topic).map_err(|topic| Refusal::Publish {
                who: who.to_string(),
                topic,
            })?;
            if publish.retain && !who.may_leave_something() {
                return Err(leaves(who));
            }
            publish.properties = None;
            Ok(Packet::Publish(publish))
        }
        Packet::Subscribe(mut subscribe) => {
            permitted_filters(who, subscribe.filters.iter().map(|filter| filter.path.as_str()))?;
            if subscribe
                .filters
                .iter()
                .any(|filter| filter.qos == QoS::ExactlyOnce)
            {
                return Err(Refusal::QosTwo);
            }
            subscribe.properties = None;
            Ok(Packet::Subscribe(subscribe))
        }
        Packet::Unsubscribe(mut unsubscribe) => {
            permitted_filters(who, unsubscribe.filters.iter().map(String::as_str))?;
            unsubscribe.properties = None;
            Ok(Packet::Unsubscribe(unsubscribe))
        }
        Packet::PubAck(mut ack) => {
            ack.properties = None;
            Ok(Packet::PubAck(ack))
        }
        Packet::Disconnect(_) => Ok(Packet::Disconnect(rumqttc::Disconnect::new(
            DisconnectReasonCode::NormalDisconnection,
        ))),
        Packet::PingReq => Ok(Packet::PingReq),
        other => Err(Refusal::PacketType(other.packet_type())),
    }
}

fn leaves(who: &Identity) -> Refusal {
    Refusal::Leaves { who: who.to_string() }
}

fn permitted_filters<'a>(who: &Identity, filters: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    for (place, filter) in filters.enumerate() {
        if place >= FILTERS_MAX {
            return Err(Refusal::TooManyFilters);
        }
        if !who.may_subscribe(filter) {
            return Err(Refusal::Subscribe {
                who: who.to_string(),
                filter: filter.to_owned(),
            });
        }
    }
    Ok(())
}
