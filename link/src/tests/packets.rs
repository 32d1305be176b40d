//! What client and broker say to each other, in the bytes of either version.

use bytes::BytesMut;
use rumqttc::{ConnectProperties, QoS};

use crate::{Mqtt, PACKET_BYTES_MAX};

/// What a client says.
#[derive(Debug)]
pub(super) enum Said {
    SignOn(SignOn),
    Subscribe { pkid: u16, filters: Vec<String> },
    Publish { pkid: u16, qos: QoS, payload: Vec<u8> },
    PubAck(u16),
    Ping,
    SignOff,
}

#[derive(Debug)]
pub(super) struct SignOn {
    pub(super) clean: bool,
    pub(super) keep_alive: u16,
    /// MQTT 5 only.
    pub(super) properties: Option<ConnectProperties>,
    /// QoS, kept, content.
    pub(super) will: Option<(QoS, bool, Vec<u8>)>,
}

/// What a broker says.
#[derive(Clone, Debug)]
pub(super) enum Say {
    Welcome,
    NotAuthorised,
    VersionUnknown,
    Granted { pkid: u16, filters: usize },
    Denied { pkid: u16, filters: usize },
    Publish { pkid: u16, payload: Vec<u8> },
    PubAck(u16),
    Pong,
}

/// The next packet; `None` = more bytes are needed.
pub(super) fn read(mqtt: Mqtt, bytes: &mut BytesMut) -> Option<Said> {
    match mqtt {
        Mqtt::V5 => match rumqttc::Packet::read(bytes, Some(PACKET_BYTES_MAX)) {
            Ok(packet) => Some(of_v5(packet)),
            Err(rumqttc::Error::InsufficientBytes(_)) => None,
            Err(error) => panic!("{error}"),
        },
        Mqtt::V311 => {
            let most = usize::try_from(PACKET_BYTES_MAX).unwrap();
            match rumqttc_v4::Packet::read(bytes, most) {
                Ok(packet) => Some(of_v311(packet)),
                Err(rumqttc_v4::Error::InsufficientBytes(_)) => None,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn of_v5(packet: rumqttc::Packet) -> Said {
    use rumqttc::Packet;
    match packet {
        Packet::Connect(connect, will, _) => Said::SignOn(SignOn {
            clean: connect.clean_start,
            keep_alive: connect.keep_alive,
            properties: connect.properties,
            will: will.map(|will| (will.qos, will.retain, will.message.to_vec())),
        }),
        Packet::Subscribe(subscribe) => Said::Subscribe {
            pkid: subscribe.pkid,
            filters: subscribe.filters.into_iter().map(|filter| filter.path).collect(),
        },
        Packet::Publish(publish) => Said::Publish {
            pkid: publish.pkid,
            qos: publish.qos,
            payload: publish.payload.to_vec(),
        },
        Packet::PubAck(ack) => Said::PubAck(ack.pkid),
        Packet::PingReq => Said::Ping,
        Packet::Disconnect(_) => Said::SignOff,
        other => panic!("a link never says {other:?}"),
    }
}

fn of_v311(packet: rumqttc_v4::Packet) -> Said {
    use rumqttc_v4::Packet;
    match packet {
        Packet::Connect(connect) => Said::SignOn(SignOn {
            clean: connect.clean_session,
            keep_alive: connect.keep_alive,
            properties: None,
            will: connect
                .last_will
                .map(|will| (will.qos, will.retain, will.message.to_vec())),
        }),
        Packet::Subscribe(subscribe) => Said::Subscribe {
            pkid: subscribe.pkid,
            filters: subscribe.filters.into_iter().map(|filter| filter.path).collect(),
        },
        Packet::Publish(publish) => Said::Publish {
            pkid: publish.pkid,
            qos: publish.qos,
            payload: publish.payload.to_vec(),
        },
        Packet::PubAck(ack) => Said::PubAck(ack.pkid),
        Packet::PingReq => Said::Ping,
        Packet::Disconnect => Said::SignOff,
        other => panic!("a link never says {other:?}"),
    }
}

pub(super) fn bytes_of(mqtt: Mqtt, say: Say) -> BytesMut {
    let mut bytes = BytesMut::new();
    match mqtt {
        Mqtt::V5 => {
            v5(say).write(&mut bytes, None).unwrap();
        }
        Mqtt::V311 => {
            v311(say).write(&mut bytes, usize::MAX).unwrap();
        }
    }
    bytes
}

fn v5(say: Say) -> rumqttc::Packet {
    use rumqttc::{ConnAck, ConnectReturnCode, Packet, PubAck, Publish, SubAck, SubscribeReasonCode};
    let connack = |code| {
        Packet::ConnAck(ConnAck {
            session_present: false,
            code,
            properties: None,
        })
    };
    let suback = |pkid, code, filters| {
        Packet::SubAck(SubAck {
            pkid,
            return_codes: vec![code; filters],
            properties: None,
        })
    };
    match say {
        Say::Welcome => connack(ConnectReturnCode::Success),
        Say::NotAuthorised => connack(ConnectReturnCode::NotAuthorized),
        Say::VersionUnknown => connack(ConnectReturnCode::UnsupportedProtocolVersion),
        Say::Granted { pkid, filters } => {
            suback(pkid, SubscribeReasonCode::Success(QoS::AtLeastOnce), filters)
        }
        Say::Denied { pkid, filters } => suback(pkid, SubscribeReasonCode::NotAuthorized, filters),
        Say::Publish { pkid, payload } => {
            let mut publish = Publish::new("t", QoS::AtLeastOnce, payload, None);
            publish.pkid = pkid;
            Packet::Publish(publish)
        }
        Say::PubAck(pkid) => Packet::PubAck(PubAck::new(pkid, None)),
        Say::Pong => Packet::PingResp,
    }
}

fn v311(say: Say) -> rumqttc_v4::Packet {
    use rumqttc_v4::{ConnAck, ConnectReturnCode, Packet, PubAck, Publish, SubAck, SubscribeReasonCode};
    let connack = |code| Packet::ConnAck(ConnAck::new(code, false));
    let suback = |pkid, code, filters| Packet::SubAck(SubAck::new(pkid, vec![code; filters]));
    match say {
        Say::Welcome => connack(ConnectReturnCode::Success),
        Say::NotAuthorised => connack(ConnectReturnCode::NotAuthorized),
        Say::VersionUnknown => connack(ConnectReturnCode::RefusedProtocolVersion),
        Say::Granted { pkid, filters } => {
            suback(pkid, SubscribeReasonCode::Success(QoS::AtLeastOnce), filters)
        }
        Say::Denied { pkid, filters } => suback(pkid, SubscribeReasonCode::Failure, filters),
        Say::Publish { pkid, payload } => {
            let mut publish = Publish::new("t", QoS::AtLeastOnce, payload);
            publish.pkid = pkid;
            Packet::Publish(publish)
        }
        Say::PubAck(pkid) => Packet::PubAck(PubAck::new(pkid)),
        Say::Pong => Packet::PingResp,
    }
}
