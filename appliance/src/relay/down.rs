//! What comes down from the centre: hostile bytes until they are decoded.

use std::time::Duration;

use vitals::wire::{CentreHeartbeat, Command, Receipt, WireError, topic};
use vitals::{MonoTime, PostId, WallTime};

/// How often what cannot be used is logged.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// A message of the centre.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Down {
    Receipt(Receipt),
    Heartbeat(CentreHeartbeat),
    Command(Command),
}

/// Why a message is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("a topic that is not for this post")]
    Topic,
    #[error("a receipt for post {0}")]
    OtherPost(PostId),
}

/// Reads a message.
pub(super) fn read(post: &PostId, message: &link::Message) -> Result<Down, Unusable> {
    let to = message.topic.as_str();
    if to == topic::receipt(post) {
        let receipt = Receipt::decode(&message.payload)?;
        if receipt.post != *post {
            return Err(Unusable::OtherPost(receipt.post));
        }
        Ok(Down::Receipt(receipt))
    } else if to == topic::heartbeat(post) {
        Ok(Down::Heartbeat(CentreHeartbeat::decode(&message.payload)?))
    } else if to == topic::command(post) {
        Ok(Down::Command(Command::decode(&message.payload)?))
    } else {
        Err(Unusable::Topic)
    }
}

/// Whether a command is too old to be carried out, by the clock that it was given by: the centre's (`None` = no
/// heartbeat has told it yet). This box's own clock may be a day wrong and would drop everything that a doctor does.
/// Whoever cannot tell carries it out: the centre stops repeating what has expired.
pub(super) fn expired(command: &Command, centre_wall: Option<WallTime>) -> bool {
    centre_wall.is_some_and(|wall| wall > command.expires)
}

/// Counts what cannot be used, and logs it once a minute.
#[derive(Debug, Default)]
pub(super) struct Unused {
    count: u64,
    logged: Option<MonoTime>,
}

impl Unused {
    pub(super) fn count(&mut self, topic: &str, why: &Unusable, now: MonoTime) {
        self.count += 1;
        if self.logged.is_none_or(|logged| now.since(logged) >= LOG_EVERY) {
            let topic: String = topic.chars().take(100).collect();
            tracing::warn!(
                topic,
                count = self.count,
                "messages of the centre cannot be used, the last: {why}"
            );
            self.logged = Some(now);
            self.count = 0;
        }
    }
}
