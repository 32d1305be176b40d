//! Who may say and hear what: by the certificate alone, never by what a client claims in MQTT.

use std::fmt;

use vitals::wire::topic;
use vitals::{Lane, PostId};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Kinds of messages from a centre to a post.
const DOWN_KINDS: [&str; 3] = ["receipt", "heartbeat", "command"];

/// Who a client is: common name and organisational unit of its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// OU "post": a health post; the common name is its id.
    Post(PostId),
    /// OU "centre": a telemedicine centre.
    Centre(String),
}

/// Why a certificate names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nobody {
    #[error("the certificate cannot be read")]
    Unreadable,
    #[error("the certificate's subject must have exactly one common name and one organisational unit")]
    Subject,
    #[error("organisational unit {unit:?} is neither \"post\" nor \"centre\"")]
    Unit { unit: String },
    #[error("common name {name:?} cannot be the id of a post")]
    NotAPost { name: String },
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Post(id) => write!(f, "post {id}"),
            Identity::Centre(name) => write!(f, "centre {name}"),
        }
    }
}

impl Identity {
    /// Reads subject CN and OU of a verified client certificate.
    pub(super) fn of_certificate(der: &[u8]) -> Result<Identity, Nobody> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Nobody::Unreadable)?;
        let subject = certificate.subject();
        let mut names = subject.iter_common_name();
        let mut units = subject.iter_organizational_unit();
        let (Some(name), None, Some(unit), None) = (names.next(), names.next(), units.next(), units.next())
        else {
            return Err(Nobody::Subject);
        };
        let (Ok(name), Ok(unit)) = (name.as_str(), unit.as_str()) else {
            return Err(Nobody::Subject);
        };
        match unit {
            "post" => match name.parse() {
                Ok(post) => Ok(Identity::Post(post)),
                Err(_) => Err(Nobody::NotAPost {
                    name: name.to_owned(),
                }),
            },
            "centre" => Ok(Identity::Centre(name.to_owned())),
            unit => Err(Nobody::Unit {
                unit: unit.to_owned(),
            }),
        }
    }

    /// Posts: their own lanes and state. Centres: what goes down to any post. The topics are those of the contract and
    /// no others, because the broker inside keeps an entry for each topic for ever.
    pub(super) fn may_publish(&self, to: &str) -> bool {
        match self {
            Identity::Post(id) => {
                to == topic::state(id) || Lane::ALL.iter().any(|lane| to == topic::up(id, *lane))
            }
            Identity::Centre(_) => match levels(to).as_slice() {
                [post, "down", kind] => post.parse::<PostId>().is_ok() && DOWN_KINDS.contains(kind),
                _ => false,
            },
        }
    }

    /// Posts: what goes down to them. Centres: lanes and states of all posts or of one.
    pub(super) fn may_subscribe(&self, filter: &str) -> bool {
        match (self, levels(filter).as_slice()) {
            (Identity::Post(id), [post, "down", kind]) => {
                *post == id.as_str() && (*kind == "+" || DOWN_KINDS.contains(kind))
            }
            (Identity::Centre(_), [post, "state"]) => some_post(post),
            (Identity::Centre(_), [post, "up", lane]) => {
                some_post(post) && (*lane == "+" || Lane::from_key(lane).is_some())
            }
            _ => false,
        }
    }
}

fn some_post(level: &str) -> bool {
    level == "+" || level.parse::<PostId>().is_ok()
}

/// The levels after `vitalpost/v1/`; none for any other topic or filter.
fn levels(topic: &str) -> Vec<&str> {
    match topic.strip_prefix("vitalpost/v1/") {
        Some(rest) => rest.split('/').collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> Identity {
        Identity::Post("a".parse().unwrap())
    }

    fn centre() -> Identity {
        Identity::Centre("district".to_owned())
    }

    #[test]
    fn a_post_speaks_on_its_own_topics_and_on_no_others() {
        for good in [
            "vitalpost/v1/a/state",
            "vitalpost/v1/a/up/alerts",
            "vitalpost/v1/a/up/waves",
        ] {
            assert!(post().may_publish(good), "{good}");
        }
        for bad in [
            "vitalpost/v1/b/state",
            "vitalpost/v1/b/up/alerts",
            "vitalpost/v1/a/up/anything",
            "vitalpost/v1/a/up/+",
            "vitalpost/v1/a/up/alerts/x",
            "vitalpost/v1/a/down/receipt",
            "vitalpost/v2/a/state",
            "$SYS/a",
            "",
        ] {
            assert!(!post().may_publish(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_post_hears_only_what_is_meant_for_it() {
        for good in ["vitalpost/v1/a/down/+", "vitalpost/v1/a/down/receipt"] {
            assert!(post().may_subscribe(good), "{good}");
        }
        for bad in [
            "#",
            "vitalpost/#",
            "vitalpost/v1/+/down/+",
            "vitalpost/v1/b/down/+",
            "vitalpost/v1/a/down/#",
            "vitalpost/v1/a/up/+",
            "$share/x/vitalpost/v1/a/down/+",
            "+/+/+/+/+",
        ] {
            assert!(!post().may_subscribe(bad), "{bad}");
        }
    }

    #[test]
    fn a_centre_hears_all_posts_and_speaks_only_downwards() {
        for good in [
            topic::ALL_UP,
            topic::ALL_STATES,
            "vitalpost/v1/a/up/alerts",
            "vitalpost/v1/+/up/vitals",
        ] {
            assert!(centre().may_subscribe(good), "{good}");
        }
        for bad in [
            "#",
            "vitalpost/v1/+/down/+",
            "vitalpost/v1/#",
            "vitalpost/v1/+/up/x",
        ] {
            assert!(!centre().may_subscribe(bad), "{bad}");
        }
        for good in ["vitalpost/v1/a/down/receipt", "vitalpost/v1/b/down/command"] {
            assert!(centre().may_publish(good), "{good}");
        }
        for bad in [
            "vitalpost/v1/a/up/alerts",
            "vitalpost/v1/a/state",
            "vitalpost/v1/+/down/command",
        ] {
            assert!(!centre().may_publish(bad), "{bad}");
        }
    }
}
