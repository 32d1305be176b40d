//! The relay's wires to the rest of the post: asks the clock, tells the store and the core.

use std::path::PathBuf;
use std::time::Duration;

use link::{Identity, LinkOptions, Message};
use tokio::sync::{mpsc, watch};
use vitals::wire::{OpenAlarms, PostStatus, topic};
use vitals::{MonoTime, WallTime};

use super::dispatch::{Dispatch, Input, Speaker, Standing, Step};
use super::outbox::LANES;
use super::outlet::Outlet;
use super::{CENTRE, CentreLink, Given, LinkFigures, Pace, Terms, quarantine};
use crate::clock::Clock;
use crate::config::{CentreConfig, Delivery};
use health::{Beat, Health};

/// The ends of the relay's wires in the rest of the post.
pub struct Wires {
    /// How it stands: at once when the state changes, and every second how much waits.
    pub link: watch::Sender<CentreLink>,
    /// Commands of the centre, decoded, possibly expired, possibly more than once. When the receiver is slow they are
    /// dropped, and the centre repeats them.
    pub commands: mpsc::Sender<Given>,
    /// The alarms that are open now, by the core's word.
    pub open_alarms: watch::Receiver<OpenAlarms>,
    /// What the link to the centre is measured to do.
    pub figures: LinkFigures,
    /// Each task of the relay ticks there at least every second or two.
    pub health: Health,
}

/// A task that does not tick for so long is stuck.
const BEAT_SILENCE_MAX: Duration = Duration::from_secs(30);

impl Wires {
    /// For another destination: it tells people nothing by itself and commands nothing.
    pub(super) fn further(&self) -> Wires {
        Wires {
            link: watch::Sender::new(self.link.borrow().clone()),
            commands: mpsc::channel(1).0,
            open_alarms: self.open_alarms.clone(),
            figures: LinkFigures::default(),
            health: self.health.clone(),
        }
    }
}

/// Whom a relay speaks to.
pub(super) struct Target {
    /// [`CENTRE`], or as configured.
    pub(super) name: String,
    pub(super) address: CentreConfig,
    pub(super) terms: Terms,
    pub(super) quarantine: PathBuf,
}

pub(super) struct Relay {
    target: Target,
    pub(super) outlet: Outlet,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) dispatch: Dispatch,
    wires: Wires,
    beat: Beat,
    /// What the certificate files said before the last attempt to connect.
    pub(super) identity: Option<Identity>,
    /// Another destination's trouble goes there.
    pub(super) trouble: Option<watch::Sender<Option<String>>>,
    /// The centre's relay tells the trouble of the others too.
    pub(super) troubles: Vec<(String, watch::Receiver<Option<String>>)>,
}

impl Relay {
    pub(super) fn new(
        speaker: Speaker,
        target: Target,
        outlet: Outlet,
        clock: Clock,
        wires: Wires,
        pace: Pace,
    ) -> Relay {
        let task = format!("relay {}", target.name);
        Relay {
            dispatch: Dispatch::new(speaker, &target.name, &target.terms, pace, clock.now()),
            beat: wires.health.task(&task, BEAT_SILENCE_MAX, clock.now()),
            target,
            outlet,
            clock,
            pace,
            wires,
            identity: None,
            trouble: None,
            troubles: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.target.name
    }

    /// How to connect: the will is made now, with what this post knows now.
    pub(super) fn link_options(&self) -> LinkOptions {
        let centre = &self.target.address;
        let post = self.dispatch.post();
        LinkOptions {
            host: centre.host.clone(),
            port: centre.port,
            mqtt: centre.mqtt,
            client_id: format!("post-{post}"),
            ca: centre.ca.clone(),
            certificate: centre.certificate.clone(),
            key: centre.key.clone(),
            will: Some(self.state(PostStatus::Lost)),
            subscribe: self.subscriptions(),
        }
    }

    fn subscriptions(&self) -> Vec<String> {
        let post = self.dispatch.post();
        match self.target.terms.delivery {
            Delivery::Receipts if self.target.name == CENTRE => vec![topic::all_down(post)],
            Delivery::Receipts => vec![topic::receipt(post)],
            Delivery::Puback => Vec::new(),
        }
    }

    /// The retained state of this post.
    pub(super) fn state(&self, status: PostStatus) -> Message {
        self.dispatch.state(status, &self.standing(), self.clock.now())
    }

    /// What the rest of the post knows now.
    pub(super) fn standing(&self) -> Standing {
        let (wall, trust) = self.clock.wall();
        Standing {
            wall,
            trust,
            stock: self.outlet.stock(),
            last: self.outlet.last(),
            open_alarms: self.wires.open_alarms.borrow().clone(),
        }
    }

    /// Feeds the machine; whoever has a connection then carries out its steps.
    pub(super) fn hear(&mut self, input: Input) {
        let now = self.clock.now();
        let came = matches!(input, Input::Heard(_));
        self.dispatch.hear(input, now);
        if came && self.trouble.is_none() {
            self.measure(now);
        }
    }

    /// What the centre's word says of the link.
    fn measure(&mut self, now: MonoTime) {
        for lane in LANES {
            let trips = self.dispatch.take_trips(lane);
            self.wires.figures.add(lane, trips, now);
        }
        if let Some((at, wall)) = self.dispatch.centre_clock() {
            self.wires.figures.centre_says(at, wall);
        }
    }

    pub(super) fn step(&mut self) -> Option<Step> {
        self.dispatch.step()
    }

    /// One round: the pulse, and a tick when one is due.
    pub(super) fn tick(&mut self) -> MonoTime {
        let now = self.clock.now();
        self.beat.tick(now);
        if now >= self.dispatch.due() {
            let standing = self.standing();
            self.dispatch.hear(Input::Tick(standing), now);
        }
        now
    }

    /// Everything that is to be done while there is no connection.
    pub(super) fn carry_out_offline(&mut self) {
        while let Some(step) = self.dispatch.step() {
            self.carry_out(step);
        }
    }

    /// One step that needs no connection.
    pub(super) fn carry_out(&mut self, step: Step) {
        match step {
            Step::Receipted { lane, epoch, seq } => self.outlet.receipted(lane, epoch, seq),
            Step::Append(record) => self.outlet.append(record),
            Step::Quarantine { lane, record } => {
                let (outlet, post) = (self.outlet.clone(), self.dispatch.post().clone());
                let folder = self.target.quarantine.clone();
                // Off this task: the card may stall (R7). Nobody waits for it; it logs its own trouble.
                tokio::task::spawn_blocking(move || quarantine::keep(&outlet, &post, lane, record, &folder));
            }
            Step::Obey(given) => self.obey(given),
            Step::Report => self.report(),
            // Without a connection nothing is read or sent.
            Step::Publish { .. } | Step::Read { .. } => {}
        }
    }

    /// Tells the nurse's page how it stands.
    fn report(&mut self) {
        if let Some(trouble) = &self.trouble {
            let now = self.dispatch.trouble();
            trouble.send_if_modified(|before| {
                let changed = *before != now;
                *before = now;
                changed
            });
            return;
        }
        let mut link = self.dispatch.link(self.clock.now());
        let expires = self.identity.map(|identity| identity.expires_unix_s);
        link.certificate_expires = expires.map(|s| WallTime::from_unix_ms(s.saturating_mul(1_000)));
        if link.problem.is_none() {
            link.problem = self.trouble_of_others();
        }
        self.wires.link.send_if_modified(|before| {
            let changed = *before != link;
            if changed {
                *before = link;
            }
            changed
        });
    }

    /// The first of them; each is in the log.
    fn trouble_of_others(&self) -> Option<String> {
        self.troubles.iter().find_map(|(name, trouble)| {
            let trouble = trouble.borrow();
            Some(format!(
                "destination {name} (the centre is not concerned): {}",
                trouble.as_ref()?
            ))
        })
    }

    fn obey(&self, given: Given) {
        let id = given.command.id;
        if self.wires.commands.try_send(given).is_err() {
            tracing::warn!(
                command = format!("{id:032x}"),
                "too many commands at once; the centre will repeat it"
            );
        }
    }
}
