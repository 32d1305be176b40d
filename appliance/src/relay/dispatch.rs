//! What one destination is owed and told: the relay without sockets, store and clock. Time and everything read are
//! arguments, so that a simulator drives the very code that runs in the field.
//!
//! The one legal loop: hear an [`Input`], then carry out every [`Step`], then wait for the next input or until
//! [`Dispatch::due`], when a [`Input::Tick`] is owed.

use std::collections::{BTreeSet, VecDeque};

use link::Message;
use vitals::record::{ClosedLane, Outage};
use vitals::wire::{OpenAlarms, PostState, PostStatus, topic};
use vitals::{BedId, BootId, ClockTrust, Epoch, Event, Lane, MonoTime, PostId, Record, Seq, WallTime};

use super::centre::{CentreWatch, Flow};
use super::down::{self, Down, Unused};
use super::flights::Sent;
use super::outage::OutageWatch;
use super::outbox::{LANES, Outbox, Terms};
use super::outlet::{LaneStock, Prepared};
use super::pack::{Piece, lost};
use super::trips::Trips;
use super::window::{Found, Want};
use super::{CENTRE, CentreLink, CentreState, Given, Pace, TICK};
use crate::store::Cursor;

/// Most records that are remembered as given up; a loss that is told twice does no harm.
const GIVEN_UP_MAX: usize = 1024;

/// For whom it speaks. Does not change while the program runs.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// This post.
    pub post: PostId,
    /// What people call it.
    pub name: String,
    /// Its beds and what people call them.
    pub beds: Vec<(BedId, String)>,
    /// This boot.
    pub boot: BootId,
    /// This run of the appliance.
    pub epoch: Epoch,
}

/// What the rest of the post knows at a tick.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The wall clock.
    pub wall: WallTime,
    /// How far it may be believed.
    pub trust: ClockTrust,
    /// How each relayed lane stands, see [`super::outlet::Outlet::stock`].
    pub stock: [LaneStock; LANES.len()],
    /// The last record made so far in each lane of this epoch.
    pub last: Vec<ClosedLane>,
    /// The alarms that are open.
    pub open_alarms: OpenAlarms,
}

/// What can happen to it.
#[derive(Debug)]
pub enum Input {
    /// A new connection stands; nothing of the old one counts.
    Linked(Standing),
    /// The connection broke, or could not be made.
    Unlinked {
        /// Why, for a technician.
        error: String,
    },
    /// A message came down.
    Heard(Message),
    /// The broker has acknowledged the message of [`Step::Publish`] with this id.
    Acked(u64),
    /// What [`Step::Read`] asked for.
    Prepared(Lane, Want, Prepared),
    /// The store may have something new.
    Appended,
    /// Owed when [`Dispatch::due`] has come.
    Tick(Standing),
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Publish this, and say [`Input::Acked`] when the broker has acknowledged it.
    Publish {
        /// Its name among all messages of this destination.
        id: u64,
        /// The message.
        message: Message,
    },
    /// Read and pack this with [`super::outlet::Outlet::prepare`], and answer with [`Input::Prepared`].
    Read {
        /// The lane.
        lane: Lane,
        /// What of it.
        want: Want,
    },
    /// The centre has everything of this epoch and lane up to here: tell the store (R1).
    Receipted {
        /// The lane.
        lane: Lane,
        /// The epoch.
        epoch: Epoch,
        /// Up to here.
        seq: Seq,
    },
    /// Append this record to the store.
    Append(Record),
    /// Keep the bytes of this record for whoever finds out why it could not be taken (R12).
    Quarantine {
        /// Its lane.
        lane: Lane,
        /// The record.
        record: Cursor,
    },
    /// Hand this to the core; when it has no room, the centre will repeat it.
    Obey(Given),
    /// [`Dispatch::link`] has changed.
    Report,
}

/// See the module.
#[derive(Debug)]
pub struct Dispatch {
    speaker: Speaker,
    pace: Pace,
    outbox: Outbox,
    centre: CentreWatch,
    main: bool,
    metered: bool,
    linked: bool,
    /// Lanes are not asked again before the next tick.
    read_failed: bool,
    stock: [LaneStock; LANES.len()],
    outages: OutageWatch,
    outage: Option<Outage>,
    ticked: MonoTime,
    state_due: MonoTime,
    unused: Unused,
    given_up: BTreeSet<(Lane, Cursor)>,
    quarantined: u64,
    messages_made: u64,
    steps: VecDeque<Step>,
}

impl Dispatch {
    /// `destination`: [`CENTRE`], or the name of another one, which has no heartbeat and gives no commands.
    pub(super) fn new(
        speaker: Speaker,
        destination: &str,
        terms: &Terms,
        pace: Pace,
        now: MonoTime,
    ) -> Dispatch {
        let boot = speaker.boot;
        Dispatch {
            outbox: Outbox::new(&pace, terms, speaker.epoch),
            centre: CentreWatch::new(pace.silence_max, now),
            speaker,
            pace,
            main: destination == CENTRE,
            metered: terms.metered,
            linked: false,
            read_failed: false,
            stock: LANES.map(|lane| LaneStock {
                lane,
                cursor: Cursor::START,
                newest: Cursor::START,
                waiting: 0,
            }),
            outages: OutageWatch::new(destination, boot),
            outage: None,
            ticked: now,
            state_due: now,
            unused: Unused::default(),
            given_up: BTreeSet::new(),
            quarantined: 0,
            messages_made: 0,
            steps: VecDeque::new(),
        }
    }

    /// Takes in what happened. Carry out all steps before the next input: nothing else bounds them.
    pub fn hear(&mut self, input: Input, now: MonoTime) {
        match input {
            Input::Linked(standing) => self.linked(&standing, now),
            Input::Unlinked { error } => {
                self.linked = false;
                self.centre.unlinked(error);
                self.forget_link();
                self.steps.push_back(Step::Report);
            }
            Input::Heard(message) => self.heard(&message, now),
            Input::Acked(id) => self.acked(id, now),
            Input::Prepared(lane, want, prepared) => self.prepared(lane, &want, prepared, now),
            Input::Appended => self.outbox.more(now),
            Input::Tick(standing) => self.tick(&standing, now),
        }
        while self.linked
            && let Some((lane, want)) = self.outbox.next_read(now)
        {
            self.steps.push_back(Step::Read { lane, want });
        }
    }

    /// The next thing to do; `None` = wait.
    pub fn step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// When the next [`Input::Tick`] is owed, at most a second after the last one.
    pub fn due(&self) -> MonoTime {
        let round = self.ticked + TICK;
        if !self.linked {
            return round;
        }
        let deadline = self.outbox.deadline().unwrap_or(round);
        round.min(deadline).min(self.state_due)
    }

    /// How it stands with the centre.
    pub fn link(&mut self, now: MonoTime) -> CentreLink {
        let flow = Flow {
            waiting: self.waiting(),
            alerts_sent: if self.linked {
                self.outbox.published(Lane::Alerts)
            } else {
                Cursor::START
            },
            stuck: self.outbox.stuck(),
            quarantined: self.quarantined,
        };
        let outage = self.outage.clone();
        CentreLink {
            outage,
            ..self.centre.link(flow, now)
        }
    }

    /// What receipts told of messages of this lane since the last call.
    pub(super) fn take_trips(&mut self, lane: Lane) -> Trips {
        self.outbox.take_trips(lane)
    }

    /// The centre's wall clock as it said last, and when that was heard.
    pub(super) fn centre_clock(&self) -> Option<(MonoTime, WallTime)> {
        self.centre.clock()
    }

    /// This post.
    pub fn post(&self) -> &PostId {
        &self.speaker.post
    }

    /// The retained state of this post, as a message or a will.
    pub fn state(&self, status: PostStatus, standing: &Standing, now: MonoTime) -> Message {
        let speaker = &self.speaker;
        // Nobody shall wait for a lane that stays here.
        let last = standing.last.iter();
        let state = PostState {
            post: speaker.post.clone(),
            status,
            name: speaker.name.clone(),
            epoch: speaker.epoch,
            boot: speaker.boot,
            at: now,
            wall: (standing.trust != ClockTrust::Untrusted).then_some(standing.wall),
            trust: standing.trust,
            last: last.filter(|last| self.outbox.gets(last.lane)).copied().collect(),
            beds: speaker.beds.clone(),
            open_alarms: standing.open_alarms.clone(),
        };
        Message {
            topic: topic::state(&speaker.post),
            payload: state.encode(),
            retain: true,
        }
    }

    fn linked(&mut self, standing: &Standing, now: MonoTime) {
        self.linked = true;
        self.read_failed = false;
        self.centre.linked();
        self.forget_link();
        self.outbox.start_over(&standing.stock, now);
        self.state_due = now;
        self.steps.push_back(Step::Report);
        self.tick(standing, now);
    }

    /// What was to be done on the old connection is not done any more; what was to be told to the store still is.
    fn forget_link(&mut self) {
        self.steps
            .retain(|step| !matches!(step, Step::Publish { .. } | Step::Read { .. }));
    }

    fn tick(&mut self, standing: &Standing, now: MonoTime) {
        self.ticked = now;
        self.stock = standing.stock;
        self.watch_outage(now);
        self.steps.push_back(Step::Report);
        if !self.linked {
            return;
        }
        if std::mem::take(&mut self.read_failed) {
            self.outbox.more(now);
        }
        self.outbox.look_behind();
        if now >= self.state_due {
            let every = if self.metered {
                self.pace.state_every_metered
            } else {
                self.pace.state_every
            };
            self.state_due = now + every;
            let message = self.state(PostStatus::Online, standing, now);
            self.publish(message);
        }
        for lane in self.outbox.send_again(&standing.stock, now) {
            tracing::info!(%lane, "sending again what the centre has not confirmed in time, or was not known to lack");
        }
    }

    fn waiting(&self) -> u64 {
        let mine = self.stock.iter().filter(|stock| self.outbox.gets(stock.lane));
        mine.map(|stock| stock.waiting).sum()
    }

    /// What a technician should know about a destination that is not the centre.
    pub(super) fn trouble(&self) -> Option<String> {
        let stuck = self.outbox.stuck();
        let stuck = stuck.map(|lane| format!("it does not confirm {lane}: its log may say why"));
        self.centre.error().map(str::to_owned).or(stuck)
    }

    fn watch_outage(&mut self, now: MonoTime) {
        if !self.main {
            return;
        }
        let (state, last_heartbeat) = self.centre.heard(now);
        if state == CentreState::Unreachable {
            self.outages.away(last_heartbeat);
        }
        if let Some(outage) = self.outages.over(&self.stock) {
            tracing::info!(
                kept = outage.kept,
                lost = outage.lost,
                "all that waited during the outage has arrived"
            );
            self.outage = Some(outage.clone());
            let event = Event::Outage(outage);
            self.steps
                .push_back(Step::Append(Record::Event { at: now, event }));
        }
    }

    fn publish(&mut self, message: Message) -> u64 {
        self.messages_made += 1;
        let id = self.messages_made;
        self.steps.push_back(Step::Publish { id, message });
        id
    }

    fn prepared(&mut self, lane: Lane, want: &Want, prepared: Prepared, now: MonoTime) {
        self.read_failed |= prepared.found == Found::Unreadable;
        if !self.linked || !self.outbox.took(lane, want, prepared.found, now) {
            return;
        }
        if let Some(past) = &prepared.past {
            self.outages.read(lane, past);
            for lost in &past.lost {
                self.outbox.given_up(lost);
            }
        }
        for piece in prepared.pieces {
            match piece {
                Piece::Send { first, end, payload } => {
                    let bytes = payload.len();
                    let id = self.publish(Message {
                        topic: topic::up(&self.speaker.post, lane),
                        payload,
                        retain: false,
                    });
                    let sent = Sent {
                        id,
                        first,
                        end,
                        bytes,
                    };
                    self.outbox.sent(lane, want, &sent, now);
                }
                Piece::GiveUp { record, reason } => {
                    self.messages_made += 1;
                    let sent = Sent {
                        id: self.messages_made,
                        first: record.seq,
                        end: record,
                        bytes: 0,
                    };
                    self.outbox.sent(lane, want, &sent, now);
                    self.give_up(lane, record, &reason.to_string(), now);
                }
            }
        }
    }

    fn acked(&mut self, id: u64, now: MonoTime) {
        let alerts_sent = self.outbox.published(Lane::Alerts);
        for (lane, Cursor { epoch, seq }) in self.outbox.acked(id, now) {
            self.steps.push_back(Step::Receipted { lane, epoch, seq });
        }
        if self.outbox.published(Lane::Alerts) != alerts_sent {
            self.steps.push_back(Step::Report);
        }
    }

    fn heard(&mut self, message: &Message, now: MonoTime) {
        match down::read(&self.speaker.post, message) {
            Ok(Down::Receipt(receipt)) => {
                let lane = receipt.lane;
                let receipt = if self.main {
                    receipt
                } else {
                    self.outbox.beyond_passed(receipt, &self.stock)
                };
                if let Some(safe) = self.outbox.receipt(&receipt, now) {
                    let Cursor { epoch, seq } = safe;
                    self.outages.receipted(lane, safe, now);
                    self.steps.push_back(Step::Receipted { lane, epoch, seq });
                }
                self.give_up_poison(now);
            }
            Ok(Down::Heartbeat(_) | Down::Command(_)) if !self.main => {}
            Ok(Down::Heartbeat(heartbeat)) => {
                if self.centre.heartbeat(&heartbeat, now) {
                    self.outbox.hurry();
                }
                self.outages.heard(&self.stock, now);
                self.steps.push_back(Step::Report);
            }
            Ok(Down::Command(command)) => {
                let expired = down::expired(&command, self.centre.wall(now));
                self.steps.push_back(Step::Obey(Given { command, expired }));
            }
            Err(why) => self.unused.count(&message.topic, &why, now),
        }
    }

    /// R12.
    fn give_up_poison(&mut self, now: MonoTime) {
        while let Some((lane, record)) = self.outbox.take_poison() {
            if !self.main {
                // The loss would be told to everybody, and the centre may well have it.
                let Cursor { epoch, seq } = record;
                tracing::error!(%lane, %epoch, seq = seq.0, "a destination takes others and not this record: it is passed over");
                self.outbox.pass_over(lane, record);
                self.steps.push_back(Step::Receipted { lane, epoch, seq });
                continue;
            }
            self.quarantined += 1;
            self.steps.push_back(Step::Quarantine { lane, record });
            let reason = "the centre takes others and not this one; it is kept in quarantine";
            self.give_up(lane, record, reason, now);
        }
    }

    /// A record can never be sent (R6, R12): its loss becomes a record, so that the centre does not wait for it.
    fn give_up(&mut self, lane: Lane, record: Cursor, reason: &str, now: MonoTime) {
        if !self.given_up.insert((lane, record)) {
            return;
        }
        while self.given_up.len() > GIVEN_UP_MAX {
            self.given_up.pop_first();
        }
        let (epoch, seq) = (record.epoch, record.seq);
        tracing::error!(%lane, %epoch, seq = seq.0, reason, "a record cannot be sent and is given up");
        self.steps.push_back(Step::Append(Record::Event {
            at: now,
            event: lost(epoch, lane, seq),
        }));
    }
}
