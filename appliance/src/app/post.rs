//! The core: what happens at the post, one cause at a time. Takes time as an argument; waits for nothing.
//!
//! - I1, I7: what is heard or raised goes to the store before anything else is done with it; the store never waits.
//! - I4: a page is beaten once a second from here, so a core that hangs makes every screen say so.
//! - I6: an alarm shows how far it got, and who saw it, at the bedside.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vitals::record::{Refusal, WaveRecord};
use vitals::wire::{Command, CommandKind, OpenAlarms};
use vitals::{
    AdmissionId, AlarmChange, AlarmPhase, AnchorSource, BedId, ClockAnchor, ClockTrust, Condition, DeviceId,
    Event, MonoTime, Record, SiteReading, WallTime, WaveBlock,
};

use super::time::TimeWatch;
use super::tracks::Tracks;
use super::{recall, setups, view};
use crate::alarms::{Alarms, Place};
use crate::clock::Clock;
use crate::config::Config;
use crate::lines::{Heard, LineEvent, PortState};
use crate::relay::{CentreLink, CentreState};
use crate::store::{OpenReport, SetAside, Store, StoreState};
use crate::ward::Ward;
use crate::web::live;
use crate::web::live::Update;

const BEAT_EVERY: Duration = Duration::from_secs(1);

/// What the core starts from.
pub(super) struct Start<'a> {
    pub config: &'a Config,
    pub clock: Clock,
    pub store: Store,
    pub report: &'a OpenReport,
    pub centre: watch::Receiver<CentreLink>,
    pub open_alarms: watch::Sender<OpenAlarms>,
}

/// The post's beds, alarms and records.
pub(super) struct Post {
    started: MonoTime,
    clock: Clock,
    time: TimeWatch,
    open_alarms: watch::Sender<OpenAlarms>,
    ward: Ward,
    alarms: Alarms,
    store: Store,
    store_state: watch::Receiver<StoreState>,
    set_aside: watch::Receiver<Option<SetAside>>,
    centre: watch::Receiver<CentreLink>,
    tracks: Tracks,
    pages: live::Publisher,
    changed_beds: BTreeSet<BedId>,
    site_changed: bool,
    last_beat: Option<MonoTime>,
}

impl Post {
    /// Takes over what was open before, tells the store what starts, and opens the live view.
    pub fn begin(start: Start) -> (Post, live::Feed) {
        let Start {
            config,
            clock,
            store,
            report,
            centre,
            open_alarms,
        } = start;
        let now = clock.now();
        let ward = Ward::new(setups::beds(config), setups::devices(config), now);
        let categories = config
            .beds
            .iter()
            .map(|bed| (bed.id.clone(), bed.category))
            .collect();
        let mut alarms = Alarms::new(clock.boot(), report.epoch, categories);
        // An alarm whose bed has no device any more, or whose device stands elsewhere now, could never end.
        let known_place = |change: &AlarmChange| match (&change.bed, &change.device) {
            (_, Some(device)) => ward
                .device(device)
                .is_some_and(|device| device.setup.bed == change.bed),
            (Some(bed), None) => ward.devices_at(bed).next().is_some(),
            (None, None) => true,
        };
        let (open, orphans): (Vec<_>, Vec<_>) = report.open_alarms.iter().cloned().partition(known_place);
        alarms.restore(open.clone(), now);
        let first = live::Snapshot {
            post: live::Post {
                id: config.post.clone(),
                name: config.name.clone(),
            },
            beds: ward.beds().iter().map(|bed| view::bed(&ward, bed)).collect(),
            alarms: Arc::default(),
            centre: view::centre(&centre.borrow()),
            site: Arc::default(),
            problems: Arc::default(),
        };
        let mut tracks = Tracks::of(&open);
        let alarms_since = open.iter().map(|change| change.id.epoch).min();
        recall::events(&store, report.epoch, alarms_since, |recalled| {
            match recalled.event {
                Event::Anchor(anchor) => clock.recall(&anchor),
                Event::Seen { alarm, by, command } => {
                    tracks.is_new(command);
                    tracks.seen(alarm, by, None);
                }
                _ => {}
            }
        });
        let (pages, feed) = live::channel(first);
        let mut post = Post {
            started: now,
            time: TimeWatch::new(clock.anchor(AnchorSource::SystemStart)),
            clock,
            open_alarms,
            ward,
            alarms,
            store_state: store.state(),
            set_aside: store.set_aside(),
            store,
            centre,
            tracks,
            pages,
            changed_beds: BTreeSet::new(),
            site_changed: false,
            last_beat: None,
        };
        post.record_start(report, orphans, now);
        post.tell_open_alarms();
        (post, feed)
    }

    fn record_start(&mut self, report: &OpenReport, orphans: Vec<AlarmChange>, now: MonoTime) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.event(
            now,
            Event::Started {
                version,
                boot: self.clock.boot(),
                closed: report.closed.clone(),
            },
        );
        self.anchor(now, self.time.anchor());
        for binding in self.ward.bindings(now) {
            self.event(now, Event::Bound(binding));
        }
        // The bed or device of an open alarm is no longer configured: nothing can ever end it but this.
        for mut change in orphans {
            change.phase = AlarmPhase::Ended;
            change.change += 1;
            change.at = now;
            self.store.append(Record::Alarm(change));
        }
        if let Some(aside) = &report.set_aside {
            self.note_set_aside(aside.clone(), now);
        }
    }

    fn event(&mut self, at: MonoTime, event: Event) {
        self.store.append(Record::Event { at, event });
    }

    /// Something happened on a line.
    pub fn line(&mut self, event: LineEvent, now: MonoTime) {
        let LineEvent { device, at, what } = event;
        match what {
            Heard::Seen(drivers::Seen::Vital(seen)) => {
                let Some(bound) = self.ward.heard(&device, at, seen) else {
                    return;
                };
                self.store.append(Record::Reading(bound.reading.clone()));
                self.changed_beds.extend(bound.reading.bed.clone());
                if bound.leads {
                    self.raise(now, |alarms, out| alarms.reading(&bound.reading, now, out));
                }
            }
            Heard::Seen(drivers::Seen::Wave(block)) => self.wave(device, at, block),
            Heard::Seen(drivers::Seen::Site {
                signal,
                measured,
                unit,
            }) => {
                let reading = SiteReading {
                    device,
                    signal,
                    measured,
                    unit,
                    at,
                };
                if let Some(reading) = self.ward.heard_site(reading) {
                    self.store.append(Record::Site(reading));
                    self.site_changed = true;
                }
            }
            Heard::Link(state) => {
                let closed = match state {
                    PortState::Open => None,
                    PortState::Closed { reason } => Some(reason),
                };
                self.ward.port(&device, at, closed);
                self.changed_beds.extend(
                    self.ward
                        .device(&device)
                        .and_then(|device| device.setup.bed.clone()),
                );
            }
            // Counted by the line for the technician; no patient's value comes of it.
            Heard::Fault(_) => {}
        }
    }

    fn wave(&mut self, device: DeviceId, at: MonoTime, block: WaveBlock) {
        let Some(known) = self.ward.alive(&device, at) else {
            return;
        };
        let bed = known.setup.bed.clone();
        let admission = bed.as_ref().map(AdmissionId::unidentified);
        self.store.append(Record::Wave(WaveRecord {
            device,
            bed,
            admission,
            at,
            block,
        }));
    }

    /// Time passes.
    pub fn tick(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        self.changed_beds.extend(self.ward.tick(now));
        if let Some(anchor) = self.time.look(now, wall) {
            self.anchor(now, anchor);
        }
        self.store.check(now);
        let silent: Vec<(Place, Option<bool>)> = self
            .ward
            .devices()
            .map(|device| {
                let place = Place {
                    bed: device.setup.bed.clone(),
                    device: Some(device.setup.id.clone()),
                };
                (place, device.is_silent(self.started, now))
            })
            .collect();
        let unreachable = match self.centre.borrow().state {
            CentreState::Unreachable => Some(true),
            CentreState::Up | CentreState::NotConfigured => Some(false),
            CentreState::Connecting => None,
        };
        let failing = matches!(*self.store_state.borrow(), StoreState::Failing { .. });
        let clock_not_set = self.time.anchor().trust == ClockTrust::Untrusted;
        let post = Place {
            bed: None,
            device: None,
        };
        self.raise(now, |alarms, out| {
            for (place, silent) in silent {
                alarms.condition(place, Condition::DeviceSilent, silent, now, out);
            }
            alarms.condition(post.clone(), Condition::CentreUnreachable, unreachable, now, out);
            alarms.condition(post.clone(), Condition::StoreFailing, Some(failing), now, out);
            alarms.condition(
                post.clone(),
                Condition::ClockNotSet,
                Some(clock_not_set),
                now,
                out,
            );
            alarms.condition(post, Condition::StoreSetAside, Some(false), now, out);
            alarms.tick(now, out);
        });
        if self.set_aside.has_changed().unwrap_or(false) {
            let aside = self.set_aside.borrow_and_update().clone();
            if let Some(aside) = aside {
                self.note_set_aside(aside, now);
            }
        }
        if self.last_beat.is_none_or(|beat| now.since(beat) >= BEAT_EVERY) {
            self.last_beat = Some(now);
            self.pages.publish(Update::Beat(view::clocks(now, wall)));
        }
    }

    fn note_set_aside(&mut self, aside: SetAside, now: MonoTime) {
        let file = aside.file.display().to_string();
        self.event(
            now,
            Event::StoreSetAside {
                file,
                reason: aside.reason,
            },
        );
        let post = Place {
            bed: None,
            device: None,
        };
        self.raise(now, |alarms, out| {
            alarms.condition(post, Condition::StoreSetAside, Some(true), now, out)
        });
    }

    /// Somebody set the wall clock a moment ago.
    pub fn clock_set(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        if let Some(anchor) = self.time.set(now, wall) {
            self.anchor(now, anchor);
        }
    }

    fn anchor(&mut self, now: MonoTime, anchor: ClockAnchor) {
        self.clock.rely_on(&anchor);
        self.event(now, Event::Anchor(anchor));
    }

    /// A person at the post asks for something.
    pub fn request(&mut self, request: crate::web::Request, now: MonoTime) {
        match request {
            crate::web::Request::Acknowledge { alarm, by, answer } => {
                let mut result = Ok(());
                self.raise(now, |alarms, out| {
                    result = alarms.acknowledge(alarm, &by, now, out)
                });
                // The browser may be gone by now; the acknowledgement stands all the same.
                let _ = answer.send(result);
            }
        }
    }

    /// The centre asks for something; a repeated command is applied once.
    pub fn command(&mut self, command: Command, now: MonoTime) {
        if !self.tracks.is_new(command.id) {
            return;
        }
        let CommandKind::Seen { alarm, by } = command.kind else {
            let (command, reason) = (command.id, Refusal::NotUnderstood);
            return self.event(now, Event::CommandRefused { command, reason });
        };
        self.tracks.seen(alarm, by.clone(), Some(now));
        self.event(
            now,
            Event::Seen {
                alarm,
                by,
                command: command.id,
            },
        );
    }

    /// For the post's state at the centre.
    fn tell_open_alarms(&self) {
        let open = self.alarms.open();
        let mut latest: Vec<_> = open.iter().map(|alarm| (alarm.id, alarm.change)).collect();
        latest.sort_unstable();
        let now = OpenAlarms {
            latest,
            complete: true,
        };
        self.open_alarms.send_if_modified(|known| {
            let changed = *known != now;
            *known = now;
            changed
        });
    }

    /// Lets the alarms think, and keeps what comes of it.
    fn raise(&mut self, now: MonoTime, think: impl FnOnce(&mut Alarms, &mut Vec<AlarmChange>)) {
        let mut changes = Vec::new();
        think(&mut self.alarms, &mut changes);
        if !changes.is_empty() {
            self.tell_open_alarms();
        }
        for change in changes {
            tracing::info!(alarm.id = %change.id, condition = %change.condition, phase = ?change.phase,
                bed.id = change.bed.as_ref().map(BedId::as_str), lag_ms = now.since(change.at).as_millis() as u64, "alarm");
            let ended = change.phase == AlarmPhase::Ended;
            let id = change.id;
            let record = self.store.append(Record::Alarm(change));
            if ended {
                self.tracks.forget(id);
            } else {
                self.tracks.recorded(id, record);
            }
        }
    }

    /// Tells the pages what changed.
    pub fn publish(&mut self) {
        for bed in std::mem::take(&mut self.changed_beds) {
            if let Some(bed) = self.ward.bed(&bed) {
                self.pages.publish(Update::Bed {
                    bed: view::bed(&self.ward, bed),
                });
            }
        }
        if std::mem::take(&mut self.site_changed) {
            self.pages.publish(Update::Site {
                site: view::site(&self.ward),
            });
        }
        let shown = self.alarms.open().into_iter().map(|change| {
            let delivery = self.tracks.delivery(change.id, &self.store);
            view::alarm(change, self.clock.boot(), self.tracks.marks(change.id), delivery)
        });
        self.pages.publish(Update::Alarms {
            alarms: Arc::new(shown.collect()),
        });
        self.pages.publish(Update::Centre {
            centre: view::centre(&self.centre.borrow()),
        });
        self.pages.publish(Update::Problems {
            problems: Arc::new(self.problems()),
        });
    }

    fn problems(&self) -> Vec<live::Problem> {
        let open = self.alarms.open();
        let is_open = |condition| open.iter().any(|alarm| alarm.condition == condition);
        let mut problems = Vec::new();
        if let StoreState::Failing { reason } = &*self.store_state.borrow() {
            problems.push(problem(Condition::StoreFailing, reason.clone()));
        }
        if let Some(aside) = self.set_aside.borrow().as_ref()
            && is_open(Condition::StoreSetAside)
        {
            let text = format!("{}; kept for rescue as {}", aside.reason, aside.file.display());
            problems.push(problem(Condition::StoreSetAside, text));
        }
        if is_open(Condition::ClockNotSet) {
            let text =
                "set the clock of this box, or connect it to a time server; records stay in their order";
            problems.push(problem(Condition::ClockNotSet, text.to_owned()));
        }
        problems
    }
}

fn problem(condition: Condition, text: String) -> live::Problem {
    let key = condition.key();
    live::Problem { key, text }
}
