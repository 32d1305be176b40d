//! Who may say and hear what: by the certificate alone, never by what a client claims in MQTT.

use std::fmt;

use vitals::wire::topic;
use vitals::{DeviceId, Lane, PostId};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The largest PUBLISH of posts and centres, in bytes.
const PUBLISH_BYTES_MAX: u32 = link::PACKET_BYTES_MAX;

/// The largest PUBLISH of a sensor, in bytes: its longest message, and room for topic and header.
const SENSOR_PUBLISH_BYTES_MAX: u32 = 17 << 10;

/// What one connection of a sensor may send: several curves, and far less than would keep others waiting.
const SENSOR_BYTES_PER_S_MAX: u32 = 32 << 10;

/// Kinds of messages from a centre to a post.
const DOWN_KINDS: [&str; 3] = ["receipt", "heartbeat", "command"];

/// Who a client is: common name and organisational unit of its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// OU "post": a health post; the common name is its id.
    Post(PostId),
    /// OU "centre": a telemedicine centre.
    Centre(String),
    /// OU "sensor": one of a post's own sensors; the common name is `POST/sensor/DEVICE`, as in its topic.
    Sensor(PostId, DeviceId),
}

/// Why a certificate names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nobody {
    #[error("the certificate cannot be read")]
    Unreadable,
    #[error("the certificate's subject must have exactly one common name and one organisational unit")]
    Subject,
    #[error("organisational unit {unit:?} is neither \"post\" nor \"centre\" nor \"sensor\"")]
    Unit { unit: String },
    #[error("common name {name:?} cannot be the id of a post")]
    NotAPost { name: String },
    #[error("common name {name:?} is not POST/sensor/DEVICE")]
    NotASensor { name: String },
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Post(id) => write!(f, "post {id}"),
            Identity::Centre(name) => write!(f, "centre {name}"),
            Identity::Sensor(post, device) => write!(f, "sensor {post}/{device}"),
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
            "sensor" => sensor(name).ok_or_else(|| Nobody::NotASensor {
                name: name.to_owned(),
            }),
            unit => Err(Nobody::Unit {
                unit: unit.to_owned(),
            }),
        }
    }

    /// Posts: their own lanes and state. Centres: what goes down to any post. Sensors: their one topic. The topics are those of the contract and
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
            Identity::Sensor(post, device) => to == topic::sensor(post, device),
        }
    }

    /// Whether the broker may keep what they publish, and publish something when they are gone: nothing that a sensor
    /// says may look like one of now later (I4).
    pub(super) fn may_leave_something(&self) -> bool {
        !matches!(self, Identity::Sensor(..))
    }

    /// The largest PUBLISH, in bytes.
    pub(super) fn publish_bytes_max(&self) -> u32 {
        match self {
            Identity::Sensor(..) => SENSOR_PUBLISH_BYTES_MAX,
            Identity::Post(_) | Identity::Centre(_) => PUBLISH_BYTES_MAX,
        }
    }

    /// How many bytes are taken from one connection in a second, where there is a bound; it is not read faster (B3).
    pub(super) fn bytes_per_s_max(&self) -> Option<u32> {
        match self {
            Identity::Sensor(..) => Some(SENSOR_BYTES_PER_S_MAX),
            Identity::Post(_) | Identity::Centre(_) => None,
        }
    }

    /// Posts: what goes down to them, and what their own sensors say. Centres: lanes and states of all posts or of one.
    /// Sensors: nothing.
    pub(super) fn may_subscribe(&self, filter: &str) -> bool {
        match (self, levels(filter).as_slice()) {
            (Identity::Post(id), [post, "down", kind]) => {
                *post == id.as_str() && (*kind == "+" || DOWN_KINDS.contains(kind))
            }
            (Identity::Post(id), [post, "sensor", device]) => {
                *post == id.as_str() && (*device == "+" || device.parse::<DeviceId>().is_ok())
            }
            (Identity::Centre(_), [post, "state"]) => some_post(post),
            (Identity::Centre(_), [post, "up", lane]) => {
                some_post(post) && (*lane == "+" || Lane::from_key(lane).is_some())
            }
            _ => false,
        }
    }
}

/// `POST/sensor/DEVICE`: unambiguous, because no id holds a slash, and the end of the sensor's topic as it is.
fn sensor(name: &str) -> Option<Identity> {
    let (post, device) = name.split_once("/sensor/")?;
    Some(Identity::Sensor(post.parse().ok()?, device.parse().ok()?))
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

    fn band() -> Identity {
        sensor("a/sensor/band-1").unwrap()
    }

    #[test]
    fn a_sensor_speaks_on_its_one_topic_and_hears_nothing() {
        let own = "vitalpost/v1/a/sensor/band-1";
        assert!(band().may_publish(own));
        for bad in [
            "vitalpost/v1/a/sensor/band-2",
            "vitalpost/v1/b/sensor/band-1",
            "vitalpost/v1/a/sensor/+",
            "vitalpost/v1/a/sensor/band-1/x",
            "vitalpost/v1/a/sensor",
            "vitalpost/v1/a/state",
            "vitalpost/v1/a/up/alerts",
            "vitalpost/v1/a/down/command",
            "",
        ] {
            assert!(!band().may_publish(bad), "{bad:?}");
        }
        for filter in [own, "#", "vitalpost/v1/a/sensor/+", "vitalpost/v1/a/down/+"] {
            assert!(!band().may_subscribe(filter), "{filter}");
        }
        assert!(!band().may_leave_something() && post().may_leave_something());
    }

    #[test]
    fn a_sensor_is_named_in_one_way_only() {
        assert_eq!(band().to_string(), "sensor a/band-1");
        for bad in [
            "a",
            "a/band-1",
            "/sensor/band-1",
            "a/sensor/",
            "a/sensor/b/c",
            "a/b/sensor/c",
            "a/sensor/+",
            "a/sensor/sensor/b",
        ] {
            assert_eq!(sensor(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_post_hears_its_own_sensors_and_it_speaks_for_none() {
        for good in ["vitalpost/v1/a/sensor/+", "vitalpost/v1/a/sensor/band-1"] {
            assert!(post().may_subscribe(good), "{good}");
            assert!(!centre().may_subscribe(good), "{good}");
            assert!(!post().may_publish(good) && !centre().may_publish(good), "{good}");
        }
        for bad in [
            "vitalpost/v1/b/sensor/+",
            "vitalpost/v1/+/sensor/+",
            "vitalpost/v1/a/sensor/#",
        ] {
            assert!(!post().may_subscribe(bad), "{bad}");
        }
    }

    #[test]
    fn a_sensor_fits_what_is_taken_of_it() {
        let longest = drivers::sensor_json::MESSAGE_BYTES_MAX + "vitalpost/v1//sensor/".len() + 2 * 64 + 16;
        assert!(u32::try_from(longest).unwrap() <= band().publish_bytes_max());
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
