//! The relay's wires to the rest of the post: asks the clock, tells the store and the core.

use std::path::PathBuf;

use link::{LinkOptions, Message};
use tokio::sync::{mpsc, watch};
use vitals::wire::{Command, OpenAlarms, PostStatus, topic};
use vitals::{Epoch, MonoTime};

use super::dispatch::{Dispatch, Input, Speaker, Standing, Step};
use super::outlet::Outlet;
use super::{CentreLink, Pace, RelayOptions, quarantine};
use crate::clock::Clock;
use crate::config::CentreConfig;
use crate::health::Beat;

/// The ends of the relay's wires in the rest of the post.
pub struct Wires {
    /// How it stands: at once when the state changes, and every second how much waits.
    pub link: watch::Sender<CentreLink>,
    /// Commands of the centre, decoded and not expired, possibly more than once. When the receiver is slow they are
    /// dropped, and the centre repeats them.
    pub commands: mpsc::Sender<Command>,
    /// The alarms that are open now, by the core's word.
    pub open_alarms: watch::Receiver<OpenAlarms>,
    /// Ticks at least every second or two.
    pub beat: Beat,
}

pub(super) struct Relay {
    centre: CentreConfig,
    pub(super) outlet: Outlet,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) dispatch: Dispatch,
    quarantine: PathBuf,
    wires: Wires,
}

impl Relay {
    pub(super) fn new(
        options: RelayOptions,
        outlet: Outlet,
        clock: Clock,
        epoch: Epoch,
        wires: Wires,
        pace: Pace,
    ) -> Relay {
        let speaker = Speaker {
            post: options.post,
            name: options.name,
            beds: options.beds,
            boot: clock.boot(),
            epoch,
        };
        Relay {
            dispatch: Dispatch::new(speaker, &super::Terms::default(), pace, clock.now()),
            centre: options.centre,
            outlet,
            clock,
            pace,
            quarantine: options.quarantine,
            wires,
        }
    }

    /// How to connect: the will is made now, with what this post knows now.
    pub(super) fn link_options(&self) -> LinkOptions {
        let centre = &self.centre;
        let post = self.dispatch.post();
        LinkOptions {
            host: centre.host.clone(),
            port: centre.port,
            client_id: format!("post-{post}"),
            ca: centre.ca.clone(),
            certificate: centre.certificate.clone(),
            key: centre.key.clone(),
            will: Some(self.state(PostStatus::Lost)),
            subscribe: vec![topic::all_down(post)],
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
        self.dispatch.hear(input, self.clock.now());
    }

    pub(super) fn step(&mut self) -> Option<Step> {
        self.dispatch.step()
    }

    /// One round: the pulse, and a tick when one is due.
    pub(super) fn tick(&mut self) -> MonoTime {
        let now = self.clock.now();
        self.wires.beat.tick(now);
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
                let folder = self.quarantine.clone();
                // Off this task: the card may stall (R7). Nobody waits for it; it logs its own trouble.
                tokio::task::spawn_blocking(move || quarantine::keep(&outlet, &post, lane, record, &folder));
            }
            Step::Obey(command) => self.obey(command),
            Step::Report => self.report(),
            // Without a connection nothing is read or sent.
            Step::Publish { .. } | Step::Read { .. } => {}
        }
    }

    /// Tells the nurse's page how it stands.
    fn report(&mut self) {
        let link = self.dispatch.link(self.clock.now());
        self.wires.link.send_if_modified(|before| {
            let changed = *before != link;
            if changed {
                *before = link;
            }
            changed
        });
    }

    fn obey(&self, command: Command) {
        let id = command.id;
        if self.wires.commands.try_send(command).is_err() {
            tracing::warn!(
                command = format!("{id:032x}"),
                "too many commands at once; the centre will repeat it"
            );
        }
    }
}
