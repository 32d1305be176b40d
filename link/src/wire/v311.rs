//! MQTT 3.1.1: how it is set up, and what it says in the words of the link.

use std::sync::Arc;

use rumqttc_v4::{
    AckMode, AsyncClient, ConnectReturnCode, ConnectionError, Error, Event, EventLoop, LastWill, MqttOptions,
    NetworkOptions, Packet, QoS, SessionMode, StateError, SubscribeFilterInput, SubscribeNoticeError,
    TlsConfiguration, Transport,
};

use super::{Heard, REQUESTS_MAX, Refusal, dial, pkid_of};
use crate::error::{LinkError, NO_ANSWER, Peer};
use crate::{CONNECT_MAX, KEEP_ALIVE, LinkOptions, PACKET_BYTES_MAX, RECEIVE_MAX};

pub(super) fn client(options: &LinkOptions, tls: rustls::ClientConfig) -> (AsyncClient, EventLoop) {
    let (host, port) = (options.host.clone(), options.port);
    let packet_bytes_max = usize::try_from(PACKET_BYTES_MAX).unwrap_or(usize::MAX);
    let mut mqtt = MqttOptions::new(&options.client_id, (host.clone(), port));
    let tls = TlsConfiguration::Rustls(Arc::new(tls));
    mqtt.set_transport(Transport::tls_with_config(tls));
    mqtt.set_socket_connector(move |_, _| dial(host.clone(), port));
    mqtt.set_session_mode(SessionMode::Clean);
    mqtt.set_keep_alive(u16::try_from(KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX));
    mqtt.set_max_packet_size(packet_bytes_max, packet_bytes_max);
    mqtt.set_inflight(RECEIVE_MAX);
    mqtt.set_ack_mode(AckMode::Manual);
    if let Some(will) = &options.will {
        let payload = will.payload.clone();
        mqtt.set_last_will(LastWill::new(&will.topic, payload, QoS::AtLeastOnce, will.retain));
    }
    let (client, mut event_loop) = AsyncClient::builder(mqtt).capacity(REQUESTS_MAX).build();
    let mut network = NetworkOptions::new();
    network.set_connection_timeout(CONNECT_MAX.as_secs());
    event_loop.set_network_options(network);
    (client, event_loop)
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
        SubscribeNoticeError::V4SubAckFailure(_) => Refusal::NotAllowed,
        _ => Refusal::Gone,
    })
}

/// What the client library reports, by its root cause.
pub(super) fn explain(peer: &Peer, error: ConnectionError) -> LinkError {
    match error {
        ConnectionError::NetworkTimeout => peer.timed_out(NO_ANSWER),
        ConnectionError::FlushTimeout => peer.timed_out("nothing could be sent or received"),
        ConnectionError::ConnectionRefused(code) => explain_code(peer, code),
        ConnectionError::Io(cause)
        | ConnectionError::MqttState(StateError::Io(cause))
        // The library does not name this one as a cause, so it is opened by hand.
        | ConnectionError::MqttState(StateError::Deserialization(Error::Io(cause))) => peer.explain_io(cause),
        ConnectionError::Tls(cause) => peer.explain_tls_client(cause),
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            peer.timed_out("the broker does not answer any more")
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) | ConnectionError::RequestsDone => peer.closed(),
        other => peer.protocol(&other),
    }
}

fn explain_code(peer: &Peer, code: ConnectReturnCode) -> LinkError {
    match code {
        ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword => {
            peer.not_authorised(&format!("to sign on ({code:?})"))
        }
        ConnectReturnCode::RefusedProtocolVersion => peer.version(),
        other => peer.closed_because(format!("{other:?}")),
    }
}
