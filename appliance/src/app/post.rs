//! The core: what happens at the post, one cause at a time. Takes time as an argument; waits for nothing.
//!
//! - I1, I7: what is heard or raised goes to the store before anything else is done with it; the store never waits.
//! - I4: a page is beaten once a second from here, so a core that hangs makes every screen say so.
//! - I6: an alarm shows how far it got, and who saw it, at the bedside.

mod absence;
mod asked;
mod audit;
mod conditions;
mod curves;
mod deliveries;
mod devices;
mod hearing;
mod laboratory;
mod merging;
mod moves;
mod nursing;
mod pages;
mod patients;
mod scores;
mod signals;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use vitals::wire::OpenAlarms;
use vitals::{
    AbsentReason, AlarmChange, AlarmPhase, AnchorSource, BedId, ClockAnchor, ClockTrust, Condition, DeviceId,
    Event, MonoTime, Observation, Record, SiteReading, WallTime,
};

use super::charts::Charts;
use super::curves::Curves;
use super::minutes::Minutes;
use super::recall::Past;
use super::time::TimeWatch;
use super::{setups, view};
use crate::audit::BoxKey;
use crate::clock::Clock;
use crate::config::Config;
use crate::lines::{Heard, LineEvent, PortState};
use crate::relay::CentreLink;
use crate::store::{OpenReport, SetAside, SpaceState, Store, StoreState};
use crate::ward::Ward;
use crate::web::live;
use crate::web::live::Update;
use alarms::{Alarms, Place, is_of_present};
use audit::Audit;
use hearing::Ears;
pub(super) use hearing::Hearing;

const BEAT_EVERY: Duration = Duration::from_secs(1);

/// What the core starts from.
pub(super) struct Start<'a> {
    pub config: &'a Config,
    pub clock: Clock,
    pub store: Store,
    pub report: &'a OpenReport,
    pub centre: watch::Receiver<CentreLink>,
    pub open_alarms: watch::Sender<OpenAlarms>,
    pub hearing: Hearing,
    /// Signs how far the audit goes; without it nothing is signed.
    pub box_key: Option<BoxKey>,
}

/// The post's beds, alarms and records.
pub(super) struct Post {
    started: MonoTime,
    /// What people call it.
    name: String,
    clock: Clock,
    time: TimeWatch,
    open_alarms: watch::Sender<OpenAlarms>,
    ward: Ward,
    alarms: Alarms,
    store: Store,
    store_state: watch::Receiver<StoreState>,
    set_aside: watch::Receiver<Option<SetAside>>,
    space: watch::Receiver<SpaceState>,
    centre: watch::Receiver<CentreLink>,
    ears: Ears,
    beds: BTreeSet<BedId>,
    past: Past,
    charts: Charts,
    minutes: Minutes,
    curves: Curves,
    audit: Audit,
    pages: live::Publisher,
    changed_beds: BTreeSet<BedId>,
    site_changed: bool,
    signals: signals::Signals,
    last_beat: Option<MonoTime>,
    /// When the scores were computed last.
    scored: Option<MonoTime>,
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
            hearing,
            box_key,
        } = start;
        let now = clock.now();
        let before = audit::before(&store, report);
        let is_back = report.set_aside.is_none() && conditions::ended_unexpectedly(&store, clock.boot());
        let mut ward = setups::ward(config, now);
        let mut alarms = setups::alarms(config, clock.boot(), report.epoch, now);
        let mut charts = Charts::new(report.epoch, &ward);
        let remembered = (&mut ward, &mut charts);
        let (past, is_whole) = Past::recall(&report.open_alarms, &store, report.epoch, &clock, remembered);
        setups::lying(&ward, &mut alarms, now);
        let (open, orphans) = told_again(report, &ward, &alarms, now);
        alarms.restore(open.clone(), now);
        let named = live::Post {
            id: config.post.clone(),
            name: config.name.clone(),
        };
        let beds = ward.beds().iter().map(|bed| view::bed(&ward, bed, &charts));
        let first = live::Snapshot::first(named, beds.collect(), view::centre(&centre.borrow()));
        let (pages, feed) = live::channel(first);
        let mut post = Post {
            started: now,
            name: config.name.clone(),
            time: TimeWatch::new(clock.anchor(AnchorSource::SystemStart)),
            clock,
            open_alarms,
            alarms,
            store_state: store.state(),
            set_aside: store.set_aside(),
            space: store.space(),
            store,
            centre,
            ears: Ears::new(hearing),
            beds: ward.beds().iter().map(|bed| bed.setup.id.clone()).collect(),
            past,
            charts,
            minutes: Minutes::default(),
            curves: Curves::default(),
            audit: Audit::new(config.post.clone(), report.epoch, box_key, &before),
            ward,
            pages,
            changed_beds: BTreeSet::new(),
            site_changed: false,
            signals: signals::Signals::default(),
            last_beat: None,
            scored: None,
        };
        post.record_start(report, now);
        post.audit_start(&before, &config.digest, now);
        post.begin_stays(is_whole && report.set_aside.is_none(), now);
        post.record_alarms(open, orphans);
        post.rest_again(now);
        if is_back {
            post.raise(now, |alarms, out| {
                alarms.condition(Place::POST, Condition::RestartedByItself, Some(true), now, out);
            });
        }
        post.tell_open_alarms();
        post.publish(now);
        (post, feed)
    }

    fn record_start(&mut self, report: &OpenReport, now: MonoTime) {
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
        if let Some(aside) = &report.set_aside {
            self.note_set_aside(aside.clone(), now);
        }
    }

    /// Tells what is still open from before this start, and ends what nothing can end any more: the alarms of a bed or
    /// device that is no longer configured, and of a value that no longer alarms.
    fn record_alarms(&mut self, open: Vec<AlarmChange>, orphans: Vec<AlarmChange>) {
        for change in open {
            let id = change.id;
            let record = self.store.append(Record::Alarm(change));
            self.past.tracks.recorded(id, record, self.clock.now());
        }
        for mut change in orphans {
            self.past.tracks.forget(change.id);
            change.phase = AlarmPhase::Ended;
            self.store.append(Record::Alarm(change));
        }
    }

    fn event(&mut self, at: MonoTime, event: Event) {
        self.store.append(Record::Event { at, event });
    }

    /// Something happened on a line.
    pub fn line(&mut self, event: LineEvent, now: MonoTime) {
        let LineEvent { device, at, what } = event;
        self.look_for_silence(&device, at, &what, now);
        match what {
            Heard::Seen(drivers::Seen::Vital(seen)) => self.vital(&device, at, seen, now),
            Heard::Seen(drivers::Seen::Earlier { seen, ago }) => {
                let (at, seen) = measured_at(at, ago, seen);
                self.vital(&device, at, seen, now);
            }
            Heard::Seen(drivers::Seen::Alarms(alarms)) => {
                self.changed_beds
                    .extend(self.ward.device_alarms(&device, at, alarms));
                self.monitor_alarms(&device, now);
            }
            Heard::Seen(drivers::Seen::Wave(block)) => self.wave(device, at, block, now),
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
                    self.minutes.take_site(&reading, now);
                    self.store.append(Record::Site(reading.clone()));
                    self.raise(now, |alarms, out| alarms.site(&reading, now, out));
                    self.site_changed = true;
                }
            }
            Heard::Seen(drivers::Seen::Alive) => {
                let known = self.ward.alive(&device, at);
                self.changed_beds
                    .extend(known.and_then(|device| device.bed().cloned()));
            }
            Heard::Seen(drivers::Seen::Lab(result)) => self.lab(device, at, *result, now),
            Heard::Link(state) => {
                let closed = match state {
                    PortState::Open => None,
                    PortState::Closed { reason } => Some(reason),
                };
                self.ward.port(&device, at, closed);
                let known = self.ward.device(&device);
                self.changed_beds
                    .extend(known.and_then(|device| device.bed().cloned()));
            }
            Heard::Receipt(receipt) => {
                if let Some(tell) = receipt.take() {
                    self.store.when_durable(tell);
                }
            }
            // Counted by the line for the technician; no patient's value comes of it.
            Heard::Fault(fault) if fault.is_damage() => self.ward.damaged(&device, at),
            Heard::Fault(_) => {}
        }
    }

    fn vital(&mut self, device: &DeviceId, at: MonoTime, seen: Observation, now: MonoTime) {
        if let Some(sent) = seen.device_time {
            self.device_time(device, sent, at);
        }
        let Some(bound) = self.ward.heard(device, at, seen) else {
            return;
        };
        self.minutes.take_reading(&bound.reading, now);
        self.store.append(Record::Reading(bound.reading.clone()));
        self.changed_beds.extend(bound.reading.bed.clone());
        if bound.ends_vacancy
            && let Some(bed) = &bound.reading.bed
        {
            self.somebody_lies_in(bed, now);
        }
        if bound.leads {
            self.charts.scores.reading(&bound.reading);
            self.raise(now, |alarms, out| alarms.reading(&bound.reading, now, out));
        }
    }

    /// The device's own clock is measured and never used: its readings keep the time of this box (I8).
    fn device_time(&mut self, device: &DeviceId, sent: WallTime, at: MonoTime) {
        let Some(received) = self.time.believed(at) else {
            return;
        };
        if let Some(offset_ms) = self.ward.device_time(device, sent, received) {
            tracing::info!(device.id = %device, offset_ms, "the clock of the device is off by this much");
        }
    }

    /// Time passes.
    pub fn tick(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        self.changed_beds.extend(self.ward.tick(now));
        let before = self.time.anchor();
        if let Some(anchor) = self.time.look(now, wall) {
            self.new_anchor(now, before, anchor);
        }
        self.sign_audit_daily(now);
        self.store.check(now);
        let believed = (wall.1 > ClockTrust::Untrusted).then_some(wall.0);
        self.past.tracks.time(now, believed);
        self.judge_conditions(now, wall);
        self.judge_expired(now);
        self.judge_bare_beds(now);
        self.tick_signals(now);
        self.compute_scores(now);
        for summary in self.minutes.close(now) {
            self.store.append(Record::Summary(summary));
        }
        if self.set_aside.has_changed().unwrap_or(false) {
            let aside = self.set_aside.borrow_and_update().clone();
            if let Some(aside) = aside {
                let why = aside.reason.clone();
                self.note_set_aside(aside, now);
                self.audit_anew(&why, now);
                self.tell_stays_again();
                self.tell_bindings_again(now);
                self.tell_open_alarms_again();
            }
        }
        if self.last_beat.is_none_or(|beat| now.since(beat) >= BEAT_EVERY) {
            self.last_beat = Some(now);
            self.pages.publish(Update::Beat(view::clocks(now, wall)));
        }
    }

    fn note_set_aside(&mut self, aside: SetAside, now: MonoTime) {
        let file = aside
            .file
            .map_or_else(String::new, |file| file.display().to_string());
        self.event(
            now,
            Event::StoreSetAside {
                file,
                reason: aside.reason,
            },
        );
        self.raise(now, |alarms, out| {
            alarms.condition(Place::POST, Condition::StoreSetAside, Some(true), now, out)
        });
    }

    /// The new file knows nothing of the alarms that are open: told again, as they are.
    fn tell_open_alarms_again(&mut self) {
        let open: Vec<AlarmChange> = self.alarms.open().into_iter().cloned().collect();
        for change in open {
            let id = change.id;
            let record = self.store.append(Record::Alarm(change));
            self.past.tracks.recorded(id, record, self.clock.now());
        }
    }

    /// Somebody set the wall clock a moment ago.
    pub fn clock_set(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        let before = self.time.anchor();
        if let Some(anchor) = self.time.set(now, wall) {
            self.new_anchor(now, before, anchor);
        }
    }

    fn new_anchor(&mut self, now: MonoTime, before: ClockAnchor, anchor: ClockAnchor) {
        self.anchor(now, anchor);
        if anchor.source == AnchorSource::ClockSet {
            self.audit_clock(before, anchor, now);
        }
    }

    fn anchor(&mut self, now: MonoTime, anchor: ClockAnchor) {
        self.clock.rely_on(&anchor);
        self.past.anchors.add(anchor);
        if anchor.source == AnchorSource::ClockSet {
            self.ward.forget_device_clocks();
            self.changed_beds.extend(self.beds.iter().cloned());
        }
        self.event(now, Event::Anchor(anchor));
    }

    /// The last words before an orderly stop: the minutes that are not over yet, and that it was in order.
    pub fn finish(&mut self) {
        for summary in self.minutes.close_all() {
            self.store.append(Record::Summary(summary));
        }
        self.audit_stop(self.clock.now());
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
        let steps = self.signals.heard(&changes);
        for change in changes {
            tracing::info!(alarm.id = %change.id, condition = %change.condition, phase = ?change.phase,
                bed.id = change.bed.as_ref().map(BedId::as_str), lag_ms = now.since(change.at).as_millis() as u64, "alarm");
            let ended = change.phase == AlarmPhase::Ended;
            let id = change.id;
            let record = self.store.append(Record::Alarm(change));
            if ended {
                self.past.tracks.forget(id);
            } else {
                self.past.tracks.recorded(id, record, now);
            }
        }
        self.record_signals(steps, now);
    }
}

/// When a measurement was made that is over. No time of this boot can name one from before it, which would be shown as
/// younger than it is (I4): such a value is not measured as far as this run can know.
fn measured_at(heard: MonoTime, ago: Duration, seen: Observation) -> (MonoTime, Observation) {
    let ago = u64::try_from(ago.as_nanos()).unwrap_or(u64::MAX);
    match heard.as_ns().checked_sub(ago) {
        Some(at) => (MonoTime::from_ns(at), seen),
        None => (heard, Observation::absent(seen.code, AbsentReason::NotMeasured)),
    }
}

/// The alarms that were open, as they are told again, and those among them that could never end: whose bed has no device
/// any more, or whose device stands elsewhere now. The card may know less than the centre was told: what it says now is
/// the truth from this start on.
fn told_again(
    report: &OpenReport,
    ward: &Ward,
    alarms: &Alarms,
    now: MonoTime,
) -> (Vec<AlarmChange>, Vec<AlarmChange>) {
    let known_place = |change: &AlarmChange| match (&change.bed, &change.device) {
        (bed, _)
            if matches!(
                change.condition,
                Condition::LabCritical { .. } | Condition::Score { .. }
            ) =>
        {
            bed.as_ref().is_none_or(|bed| ward.bed(bed).is_some())
        }
        (_, Some(device)) => ward
            .device(device)
            .is_some_and(|device| device.bed() == change.bed.as_ref()),
        // One that stays for a person needs no device to end it.
        (Some(bed), None) if change.phase == AlarmPhase::Latched => ward.bed(bed).is_some(),
        (Some(bed), None) => ward.devices_at(bed).next().is_some(),
        (None, None) => true,
    };
    let again = report.open_alarms.iter().cloned().map(|mut change| {
        change.change += 1;
        change.at = now;
        change
    });
    again.partition(|change| {
        let stay = change.bed.as_ref().and_then(|bed| ward.stay(bed));
        let present = stay.map(|stay| ward.as_present(change, stay));
        let vacant = stay.is_some_and(|stay| stay.vacant);
        let goes_on = is_of_present(change, present, vacant);
        known_place(change) && goes_on && alarms.knows(change)
    })
}
