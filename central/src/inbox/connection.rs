//! The one connection to the broker: connects, hands messages in, takes messages out, connects again.

use std::time::Duration;

use link::{BackOff, Incoming, LinkError, LinkOptions, Message, Publisher};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// First and longest wait before connecting again. A centre is on a good line and every post waits for it.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MOST: Duration = Duration::from_secs(10);
/// How long signing off may take.
const SIGN_OFF: Duration = Duration::from_secs(2);

/// What the connection tells the centre.
#[derive(Debug)]
pub enum FromLink {
    /// Connected and subscribed.
    Up,
    /// Not connected.
    Down {
        /// Why, for a technician.
        problem: String,
    },
    /// Something arrived.
    Message(Message),
}

/// Keeps the connection until `stop`. `down` is taken from at once while connected; what was meant for a connection
/// that broke is dropped: receipts, heartbeats and commands are all made again.
pub async fn run(
    options: LinkOptions,
    up: mpsc::Sender<FromLink>,
    mut down: mpsc::Receiver<Message>,
    stop: CancellationToken,
) {
    let mut back_off = BackOff::new(RETRY_FIRST, RETRY_MOST);
    let at = format!("{}:{}", options.host, options.port);
    loop {
        let connected = tokio::select! {
            () = stop.cancelled() => return,
            connected = link::connect(&options) => connected,
        };
        let error = match connected {
            Ok((publisher, incoming)) => {
                tracing::info!(broker = %at, "connected to the broker");
                back_off.reset();
                while down.try_recv().is_ok() {}
                if up.send(FromLink::Up).await.is_err() {
                    return;
                }
                match session(publisher, incoming, &up, &mut down, &stop).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        let problem = error.to_string();
        let wait = back_off.next(getrandom::u32().unwrap_or(0));
        tracing::warn!(broker = %at, retry_ms = wait.as_millis(), "no connection to the broker: {problem}");
        if up.send(FromLink::Down { problem }).await.is_err() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// One connection, until it breaks (the error) or the program stops.
async fn session(
    publisher: Publisher,
    mut incoming: Incoming,
    up: &mpsc::Sender<FromLink>,
    down: &mut mpsc::Receiver<Message>,
    stop: &CancellationToken,
) -> Result<(), LinkError> {
    // Publishing waits while the broker owes many acknowledgements; receiving must not wait with it.
    let publish = async {
        while let Some(message) = down.recv().await {
            match publisher.publish(message).await {
                // Nothing waits for the PUBACK: receipts, heartbeats and commands are repeated until they take effect.
                Ok(delivery) => drop(delivery),
                Err(LinkError::TooLarge { topic, bytes }) => {
                    tracing::error!(%topic, bytes, "a message to a post is too large and was dropped");
                }
                Err(error) => return error,
            }
        }
        std::future::pending().await
    };
    let ended = {
        let receive = async {
            loop {
                match incoming.next().await {
                    Ok(message) => {
                        if up.send(FromLink::Message(message)).await.is_err() {
                            return None;
                        }
                    }
                    Err(error) => return Some(error),
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => None,
            error = receive => error,
            error = publish => Some(error),
        }
    };
    match ended {
        Some(error) => Err(error),
        None => {
            incoming.close(SIGN_OFF).await;
            Ok(())
        }
    }
}
