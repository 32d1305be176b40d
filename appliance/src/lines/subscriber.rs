//! A line of the post's own sensors: the post takes their messages from a broker, and sends nothing there.
//!
//! - U1: only configured devices are believed; the topic names the device, and who may write to it is the broker's to say.
//! - U2: nothing is made up for: what a sensor says while the post has no connection is lost, and its silence is noticed as
//!   that of any device. The session ends with the connection, so no message waits anywhere to look like one of now.
//! - U3: a broker that is not there, hangs or drops its clients is tried for ever, and slows nothing else (I10).

use std::collections::BTreeSet;
use std::time::Duration;

use drivers::LineFault;
use drivers::sensor_json::{Arrived, Found, Inbox};
use link::{Incoming, LinkError, LinkOptions, Message};
use vitals::wire::topic;
use vitals::{DeviceId, PostId};

use super::port::{PortError, Retry};
use super::report::Reporter;
use super::{ROUND_MAX, patiently, wait};
use crate::config::LineConfig;

/// A broker that takes longer to let the post in is told as closed; it may have hung.
const SIGN_ON_TIME_MAX: Duration = Duration::from_secs(5);

/// A connection that lasted this long works: the next trouble begins with a short wait again.
const LASTS: Duration = Duration::from_secs(30);

/// Most devices without configuration that the log is told, once each.
const TOLD_MAX: usize = 64;

/// One such line.
pub(super) struct Subscriber {
    link: LinkOptions,
    post: PostId,
    devices: Vec<DeviceId>,
    inbox: Inbox,
    told: BTreeSet<String>,
    reporter: Reporter,
}

impl Subscriber {
    pub(super) fn new(post: &PostId, line: &LineConfig, reporter: Reporter) -> Subscriber {
        let devices: Vec<DeviceId> = line.sources.iter().map(|source| source.device.clone()).collect();
        Subscriber {
            link: options(post, line),
            post: post.clone(),
            inbox: Inbox::new(devices.clone()),
            devices,
            told: BTreeSet::new(),
            reporter,
        }
    }

    /// Runs until it is dropped.
    pub(super) async fn run(mut self) {
        let mut retry = Retry::default();
        loop {
            self.reporter.tick();
            let (connect, slow) = (link::connect(&self.link), || self.slow());
            match patiently(connect, SIGN_ON_TIME_MAX, slow, &self.reporter).await {
                Ok((_sends_nothing, incoming)) => {
                    self.reporter.open().await;
                    let opened = self.reporter.clock.now();
                    let why = self.hear(incoming).await;
                    if self.reporter.clock.now().since(opened) >= LASTS {
                        retry.reset();
                    }
                    self.lost(why).await;
                }
                Err(why) => self.lost(why).await,
            }
            wait(&self.reporter, retry.next_wait()).await;
        }
    }

    /// Takes messages until the connection ends; says why.
    async fn hear(&mut self, mut incoming: Incoming) -> LinkError {
        loop {
            self.reporter.tick();
            match tokio::time::timeout(ROUND_MAX, incoming.next()).await {
                Err(_nothing) => {}
                Ok(Ok(message)) => self.take(&message).await,
                Ok(Err(why)) => return why,
            }
        }
    }

    async fn take(&mut self, message: &Message) {
        self.reporter.bytes(message.payload.len());
        let Some(device) = topic::sensor_of(&self.post, &message.topic) else {
            return self.reporter.line_fault(LineFault::BadMessage);
        };
        let at = self.reporter.clock.now();
        let arrived = Arrived {
            device,
            payload: &message.payload,
            retained: message.retain,
        };
        let found = self.inbox.receive(at, arrived);
        let is_bad = |found: &Found| {
            matches!(
                found,
                Found::Fault(_, LineFault::BadItem | LineFault::UnknownCode { .. })
            )
        };
        if found.iter().any(is_bad) {
            self.reporter.kept(self.inbox.kept());
        }
        for found in found {
            match found {
                Found::Saw(place, seen) => self.reporter.saw(&self.devices[place], at, seen).await,
                Found::Fault(place, fault) => self.reporter.fault(&self.devices[place], at, fault).await,
                Found::LineFault(fault) => self.reporter.line_fault(fault),
                Found::UnknownDevice(device) => self.unknown(device),
            }
        }
    }

    fn unknown(&mut self, device: String) {
        self.reporter.line_fault(LineFault::UnknownLocation);
        if self.told.len() < TOLD_MAX && self.told.insert(device.clone()) {
            tracing::warn!(
                line = self.reporter.line(),
                device,
                "unknown sensor: what it says is not used; add it as a [[line.source]], or take its certificate away"
            );
        }
    }

    async fn lost(&self, source: LinkError) {
        let broker = self.broker();
        self.reporter.closed(&PortError::Broker { broker, source }).await;
    }

    fn slow(&self) -> PortError {
        PortError::BrokerHangs {
            broker: self.broker(),
        }
    }

    fn broker(&self) -> String {
        format!("{}:{}", self.link.host, self.link.port)
    }
}

/// How the line connects. Its name is the line's own, so that the relay's connection to the same broker stands beside it.
fn options(post: &PostId, line: &LineConfig) -> LinkOptions {
    let (host, port) = line
        .broker_address()
        .expect("config::load refuses a broker that is no `host:port`");
    let file = |file: &Option<std::path::PathBuf>| {
        file.clone()
            .expect("config::load refuses such a line without its certificates")
    };
    LinkOptions {
        host: host.to_owned(),
        port,
        mqtt: line.mqtt.unwrap_or_default(),
        client_id: format!("sensors-{post}"),
        ca: file(&line.ca),
        certificate: file(&line.certificate),
        key: file(&line.key),
        will: None,
        subscribe: vec![topic::all_sensors(post)],
    }
}
