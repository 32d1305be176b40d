//! MQTT 5: how it is set up, and what it says in the words of the link.

use std::sync::Arc;

use rumqttc::{
    AckMode, AsyncClient, ConnectReturnCode, ConnectionError, DisconnectReasonCode, Error, Event, LastWill,
    MqttOptions, Packet, PubAckReason, PublishNoticeError, QoS, SessionMode, StateError,
    SubscribeFilterInput, SubscribeNoticeError, TlsConfiguration, Transport,
};

use super::{Heard, Refusal, dial, pkid_of};
use crate::error::{LinkError, NO_ANSWER, Peer};
use crate::{CONNECT_MAX, KEEP_ALIVE, LinkOptions, PACKET_BYTES_MAX, RECEIVE_MAX};

pub(super) fn options(options: &LinkOptions, tls: rustls::ClientConfig) -> MqttOptions {
    let (host, port) = (options.host.clone(), options.port);
    let mut mqtt = MqttOptions::new(&options.client_id, (host.clone(), port));
    let tls = TlsConfiguration::Rustls(Arc::new(tls));
    mqtt.set_transport(Transport::tls_with_config(tls));
    mqtt.set_socket_connector(move |_, _| dial(host.clone(), port));
    mqtt.set_session_mode(SessionMode::Clean);
    mqtt.set_session_expiry_interval(Some(0));
    mqtt.set_keep_alive(u16::try_from(KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX));
    mqtt.set_connect_timeout(CONNECT_MAX);
    mqtt.set_max_packet_size(Some(PACKET_BYTES_MAX));
    mqtt.set_receive_maximum(Some(RECEIVE_MAX));
    mqtt.set_outgoing_inflight_upper_limit(RECEIVE_MAX);
    mqtt.set_ack_mode(AckMode::Manual);
    if let Some(will) = &options.will {
        let payload = will.payload.clone();
        let will = LastWill::new(&will.topic, payload, QoS::AtLeastOnce, will.retain, None);
        mqtt.set_last_will(will);
    }
    mqtt
}

pub(super) fn heard(event: Event) -> Heard {
    match event {
        Event::Incoming(Packet::ConnAck(_)) => Heard::SignedOn,
        Event::Incoming(Packet::Publish(publish)) => Heard::Publish {
            topic: publish.topic,
            payload: publish.payload,
            retain: publish.retain,
            pkid: pkid_of(publish.qos, publish.pkid),
        },
        _ => Heard::Other,
    }
}

pub(super) async fn subscribe(client: &AsyncClient, filters: &[String]) -> Result<(), Refusal> {
    let inputs = filters
        .iter()
        .map(|filter| SubscribeFilterInput::new(filter, QoS::AtLeastOnce));
    let Ok(notice) = client.subscribe_many_tracked(inputs).await else {
        return Err(Refusal::Gone);
    };
    notice.wait_completion_async().await.map_err(|error| match error {
        SubscribeNoticeError::V5SubAckFailure(_) => Refusal::NotAllowed,
        _ => Refusal::Gone,
    })
}

pub(super) fn refusal(error: PublishNoticeError) -> Refusal {
    match error {
        PublishNoticeError::V5PubAck(PubAckReason::NotAuthorized) => Refusal::NotAllowed,
        PublishNoticeError::V5PubAck(reason) => Refusal::Because(format!("{reason:?}")),
        _ => Refusal::Gone,
    }
}

/// What the client library reports, by its root cause.
pub(super) fn explain(peer: &Peer, error: ConnectionError) -> LinkError {
    match error {
        ConnectionError::Timeout(_) => peer.timed_out(NO_ANSWER),
        ConnectionError::ConnectionRefused(code) => explain_code(peer, code),
        ConnectionError::Io(cause)
        | ConnectionError::MqttState(StateError::Io(cause))
        // The library does not name this one as a cause, so it is opened by hand.
        | ConnectionError::MqttState(StateError::Deserialization(Error::Io(cause))) => peer.explain_io(cause),
        ConnectionError::Tls(cause) => peer.explain_tls_client(cause),
        ConnectionError::MqttState(state) => explain_state(peer, &state),
        ConnectionError::RequestsDone => peer.closed(),
        other => peer.protocol(&other),
    }
}

fn explain_state(peer: &Peer, state: &StateError) -> LinkError {
    match state {
        StateError::AwaitPingResp => peer.timed_out("the broker does not answer any more"),
        StateError::ConnectionAborted => peer.closed(),
        StateError::ServerDisconnect {
            reason_code: DisconnectReasonCode::NotAuthorized,
            ..
        } => peer.not_authorised("what it has just asked; the broker's log names the topic"),
        StateError::ServerDisconnect {
            reason_code,
            reason_string,
        } => peer.closed_because(reason_string.clone().unwrap_or(format!("{reason_code:?}"))),
        StateError::ConnFail { reason } => explain_code(peer, *reason),
        other => peer.protocol(other),
    }
}

fn explain_code(peer: &Peer, code: ConnectReturnCode) -> LinkError {
    match code {
        ConnectReturnCode::NotAuthorized
        | ConnectReturnCode::BadUserNamePassword
        | ConnectReturnCode::Banned => peer.not_authorised(&format!("to sign on ({code:?})")),
        ConnectReturnCode::UnsupportedProtocolVersion => peer.version(),
        other => peer.closed_because(format!("{other:?}")),
    }
}
