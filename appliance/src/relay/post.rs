//! What the relay knows and does whether or not there is a connection.

use std::collections::BTreeSet;

use link::{LinkOptions, Message};
use tokio::sync::{mpsc, watch};
use vitals::wire::{Command, OpenAlarms, PostState, PostStatus, WireError, topic};
use vitals::{ClockTrust, Epoch, Lane, MonoTime, Record};

use super::centre::CentreWatch;
use super::down::{self, Down, Unused};
use super::outbox::{LANES, Outbox};
use super::pack::lost;
use super::{CentreLink, Given, Pace, RelayOptions, TICK};
use crate::clock::Clock;
use crate::health::Beat;
use crate::store::{Cursor, Store};

/// Most records that are remembered as given up; a loss that is told twice does no harm.
const GIVEN_UP_MAX: usize = 1024;

pub(super) struct Relay {
    pub(super) options: RelayOptions,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) outbox: Outbox,
    pub(super) centre: CentreWatch,
    epoch: Epoch,
    link: watch::Sender<CentreLink>,
    commands: mpsc::Sender<Given>,
    beat: Beat,
    unused: Unused,
    given_up: BTreeSet<(Lane, Cursor)>,
    reported: Option<MonoTime>,
}

impl Relay {
    #[expect(
        clippy::too_many_arguments,
        reason = "one wire to each part, as in super::spawn"
    )]
    pub(super) fn new(
        options: RelayOptions,
        store: Store,
        clock: Clock,
        epoch: Epoch,
        link: watch::Sender<CentreLink>,
        commands: mpsc::Sender<Given>,
        beat: Beat,
        pace: Pace,
    ) -> Relay {
        Relay {
            outbox: Outbox::new(&pace, epoch),
            centre: CentreWatch::new(pace.silence_max, clock.now()),
            options,
            store,
            clock,
            pace,
            epoch,
            link,
            commands,
            beat,
            unused: Unused::default(),
            given_up: BTreeSet::new(),
            reported: None,
        }
    }

    /// How to connect: the will is made now, with what this post knows now.
    pub(super) fn link_options(&self) -> LinkOptions {
        let centre = &self.options.centre;
        LinkOptions {
            host: centre.host.clone(),
            port: centre.port,
            client_id: format!("post-{}", self.options.post),
            ca: centre.ca.clone(),
            certificate: centre.certificate.clone(),
            key: centre.key.clone(),
            will: Some(self.state(PostStatus::Lost)),
            subscribe: vec![topic::all_down(&self.options.post)],
        }
    }

    /// The retained state of this post.
    pub(super) fn state(&self, status: PostStatus) -> Message {
        let (wall, trust) = self.clock.wall();
        let state = PostState {
            post: self.options.post.clone(),
            status,
            name: self.options.name.clone(),
            epoch: self.epoch,
            boot: self.clock.boot(),
            at: self.clock.now(),
            wall: (trust != ClockTrust::Untrusted).then_some(wall),
            trust,
            last: self.store.last(),
            beds: self.options.beds.clone(),
            open_alarms: OpenAlarms::default(),
        };
        Message {
            topic: topic::state(&self.options.post),
            payload: state.encode(),
            retain: true,
        }
    }

    /// One round: the pulse, and once a second how it stands.
    pub(super) fn tick(&mut self) -> MonoTime {
        let now = self.clock.now();
        self.beat.tick(now);
        if self.reported.is_none_or(|reported| now.since(reported) >= TICK) {
            self.report(now);
        }
        now
    }

    /// Tells the nurse's page how it stands.
    pub(super) fn report(&mut self, now: MonoTime) {
        self.reported = Some(now);
        let waiting = LANES.iter().map(|lane| self.store.waiting(*lane)).sum();
        let link = self.centre.link(waiting, self.outbox.stuck(), now);
        self.link.send_if_modified(|before| {
            let changed = *before != link;
            if changed {
                *before = link;
            }
            changed
        });
    }

    /// Sends again what the centre has not receipted in time.
    pub(super) fn send_again(&mut self, now: MonoTime) {
        let store = &self.store;
        for lane in self.outbox.send_again(|lane| store.outbox_cursor(lane), now) {
            tracing::info!(%lane, "no receipt in time: sending again what the centre has not confirmed");
        }
    }

    /// A message came down.
    pub(super) fn heard(&mut self, message: &Message) {
        let now = self.clock.now();
        match down::read(&self.options.post, message) {
            Ok(Down::Receipt(receipt)) => {
                if let Some(safe) = self.outbox.receipt(&receipt, now) {
                    self.store.receipted(receipt.lane, receipt.epoch, safe);
                }
            }
            Ok(Down::Heartbeat(heartbeat)) => {
                if self.centre.heartbeat(&heartbeat, now) {
                    self.outbox.hurry();
                }
                self.report(now);
            }
            Ok(Down::Command(command)) => self.obey(command, now),
            Err(why) => self.unused.count(&message.topic, &why, now),
        }
    }

    fn obey(&self, command: Command, now: MonoTime) {
        let id = command.id;
        let expired = down::expired(&command, self.centre.wall(now));
        if self.commands.try_send(Given { command, expired }).is_err() {
            tracing::warn!(
                command = format!("{id:032x}"),
                "too many commands at once; the centre will repeat it"
            );
        }
    }

    /// A record can never be sent (R6): its loss becomes a record, so that the centre does not wait for it.
    pub(super) fn give_up(&mut self, lane: Lane, record: Cursor, reason: &WireError) {
        if !self.given_up.insert((lane, record)) {
            return;
        }
        while self.given_up.len() > GIVEN_UP_MAX {
            self.given_up.pop_first();
        }
        let (epoch, seq) = (record.epoch, record.seq);
        tracing::error!(%lane, %epoch, seq = seq.0, %reason, "a record cannot be sent and is given up");
        self.store.append(Record::Event {
            at: self.clock.now(),
            event: lost(epoch, lane, seq),
        });
    }
}
