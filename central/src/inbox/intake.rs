//! From an MQTT message to records: which topic it is, and whether the envelope is what the topic says.

use vitals::wire::{Envelope, WireError};
use vitals::{Lane, PostId};

use super::Pending;
use crate::store::Arrived;

/// What a topic announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicKind {
    /// Records of one lane of a post.
    Up(PostId, Lane),
    /// A post's state.
    State(PostId),
}

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No topic of the contract.
    #[error("the topic is not one of the contract")]
    Topic,
    /// Not a message of the contract.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A message that names another post than its topic.
    #[error("the message names post {named}, its topic another one")]
    OtherPost {
        /// The post in the message.
        named: PostId,
    },
    /// An envelope that names another lane than its topic.
    #[error("the envelope names lane {named}, its topic another one")]
    OtherLane {
        /// The lane in the envelope.
        named: Lane,
    },
}

/// Reads a topic of the contract; `None` for any other.
pub fn topic_kind(topic: &str) -> Option<TopicKind> {
    let mut parts = topic.strip_prefix("vitalpost/v1/")?.split('/');
    let post: PostId = parts.next()?.parse().ok()?;
    let kind = match (parts.next()?, parts.next()) {
        ("state", None) => TopicKind::State(post),
        ("up", Some(lane)) => TopicKind::Up(post, Lane::from_key(lane)?),
        _ => return None,
    };
    parts.next().is_none().then_some(kind)
}

/// Unpacks one envelope and checks that it is what its topic says.
///
/// # Errors
/// Whatever is not an envelope of this post and lane.
pub fn open(pending: &Pending) -> Result<Arrived, Refusal> {
    let envelope = Envelope::decode(&pending.payload)?;
    if envelope.post != pending.post {
        return Err(Refusal::OtherPost { named: envelope.post });
    }
    if envelope.lane != pending.lane {
        return Err(Refusal::OtherLane { named: envelope.lane });
    }
    let block = envelope.open()?;
    Ok(Arrived {
        envelope,
        block,
        received: pending.arrived.wall,
    })
}

#[cfg(test)]
mod tests {
    use vitals::wire::topic;

    use super::*;

    #[test]
    fn topics_of_the_contract_are_read_and_all_others_refused() {
        let post: PostId = "post-7".parse().unwrap();
        for lane in Lane::ALL {
            let kind = topic_kind(&topic::up(&post, lane));
            assert_eq!(kind, Some(TopicKind::Up(post.clone(), lane)));
        }
        assert_eq!(
            topic_kind(&topic::state(&post)),
            Some(TopicKind::State(post.clone()))
        );
        for other in [
            "",
            "vitalpost/v1/post-7",
            "vitalpost/v1/post-7/up",
            "vitalpost/v1/post-7/up/rumours",
            "vitalpost/v1/post-7/up/vitals/x",
            "vitalpost/v1/post-7/state/x",
            "vitalpost/v1//state",
            "vitalpost/v2/post-7/state",
            "vitalpost/v1/post-7/down/receipt",
        ] {
            assert_eq!(topic_kind(other), None, "{other:?}");
        }
    }
}
