//! The real post, driven by hand: core, store and relay of the appliance on a simulated card, clock and link.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use appliance::app::simulated::{SimulatedPost, no_centre};
use appliance::clock::{Clock, SimulatedTime};
use appliance::lines::{Heard, LineEvent, PortState};
use appliance::relay::CentreLink;
use appliance::relay::simulated::{Dispatch, Input, Outlet, Speaker, Standing, Step, dispatch, standing};
use appliance::store::simulated::{Disk, Stepper};
use appliance::store::{self, Destination, Store, StoreOptions};
use appliance::web::live;
use drivers::Seen;
use link::{BackOff, Message};
use tokio::sync::watch;
use vitals::wire::{OpenAlarms, PostStatus};
use vitals::{AlarmId, BedId, BootId, Epoch, Lane, MonoTime, PostId, WallTime};

use super::centre::true_wall;
use super::ledger::Ledger;
use super::monitor::Monitor;
use super::mutation::{Mutation, receipt_for, stamped_now};
use super::net::{Client, Net, Told};
use crate::chance::Chance;

/// The core's round.
const TICK: Duration = Duration::from_millis(100);
/// A doomed run ends at the latest after this.
const DOOM_WITHIN: Duration = Duration::from_secs(8);
/// The day of the program: no wall time before it is believed.
const BUILT: WallTime = WallTime::from_unix_ms(super::centre::BEGIN_WALL_MS - 86_400_000);

/// What runs while the power is on.
struct Running {
    core: SimulatedPost,
    store: Store,
    stepper: Stepper,
    outlet: Outlet,
    relay: Dispatch,
    centre: watch::Sender<CentreLink>,
    clock: Clock,
    open: watch::Receiver<OpenAlarms>,
    appended: watch::Receiver<u64>,
    epoch: Epoch,
    next_tick: MonoTime,
    linked: bool,
    connect_at: Option<MonoTime>,
    /// Published and not acknowledged: what a mistaken relay takes for delivered.
    in_flight: BTreeMap<u64, Message>,
}

/// How a run of the appliance ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doom {
    /// SIGKILL: the kernel keeps what was written.
    Killed,
    /// What the card had not synced is lost, sector by sector.
    PowerCut,
}

/// A post with its card, clock and monitors.
pub struct PostNode {
    id: PostId,
    beds: Vec<BedId>,
    chance: Chance,
    mutation: Option<Mutation>,
    card: Disk,
    hands: SimulatedTime,
    /// True time of the last step and of the boot.
    stepped: MonoTime,
    booted: MonoTime,
    boots: u64,
    powered: bool,
    /// A battery keeps the wall clock while the power is off.
    keeps_wall: bool,
    monitors: Vec<Monitor>,
    back_off: BackOff,
    doomed: Option<(Doom, MonoTime)>,
    running: Option<Running>,
}

fn boot_id(number: u64) -> BootId {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    BootId(id)
}

impl PostNode {
    /// A post that has never run.
    pub fn new(beds: u64, mut chance: Chance, mutation: Option<Mutation>) -> PostNode {
        let beds: Vec<BedId> = (1..=beds)
            .map(|n| n.to_string().parse().expect("an id"))
            .collect();
        let monitors = beds.iter().map(Monitor::at);
        PostNode {
            id: "demo".parse().expect("an id"),
            monitors: monitors.collect(),
            beds,
            card: Disk::new(chance.any()),
            hands: SimulatedTime::new(boot_id(0), true_wall(MonoTime::BOOT)),
            stepped: MonoTime::BOOT,
            booted: MonoTime::BOOT,
            boots: 0,
            powered: false,
            keeps_wall: chance.percent(50),
            back_off: BackOff::new(Duration::from_secs(1), Duration::from_secs(60)),
            doomed: None,
            running: None,
            mutation,
            chance,
        }
    }

    fn config(&self) -> String {
        let mut config = "post = \"demo\"\nname = \"Test post\"\n[store]\npath = \"store.redb\"\n[web]\nlisten = \"127.0.0.1:0\"\n".to_owned();
        for bed in &self.beds {
            config += &format!("[[bed]]\nid = \"{bed}\"\nlabel = \"Bed {bed}\"\ncategory = \"adult\"\n");
        }
        for bed in &self.beds {
            config += &format!(
                "[[line]]\nid = \"line-{bed}\"\nserial = \"/dev/tty-{bed}\"\nfamily = \"nonin\"\ndevice = \"mon-{bed}\"\nbed = \"{bed}\"\n"
            );
        }
        config
    }

    /// The power comes back: another boot, with the wall clock that a battery kept, or did not.
    fn power_on(&mut self, ledger: &mut Ledger, now: MonoTime) {
        self.boots += 1;
        let wall = if self.keeps_wall {
            true_wall(now)
        } else {
            WallTime::from_unix_ms(0)
        };
        self.hands.reboot(boot_id(self.boots), wall);
        (self.booted, self.stepped, self.powered) = (now, now, true);
        ledger.booted(boot_id(self.boots), now);
        for monitor in &mut self.monitors {
            monitor.next = now;
        }
    }

    /// Switches on what is off, and starts the appliance.
    pub fn start(&mut self, ledger: &mut Ledger, now: MonoTime) {
        if self.running.is_some() {
            return;
        }
        if !self.powered {
            self.power_on(ledger, now);
        }
        self.pass(now);
        let clock = Clock::simulated(&self.hands, BUILT);
        let options = StoreOptions::at("store.redb".into());
        let random = self.chance.any() as u32;
        let opened = store::simulated::open(&self.card, &options, clock.boot(), clock.now(), random);
        let (store, stepper, report) = opened.expect("a card that works, or is full, never stops a start");
        assert_eq!(report.set_aside, None, "what a cut leaves is a sound store");
        let (centre, standing) = watch::channel(no_centre(clock));
        let core = SimulatedPost::start(&self.config(), clock, store.clone(), &report, standing)
            .unwrap_or_else(|errors| panic!("the simulated configuration is right: {errors}"));
        let beds = self.beds.iter().map(|bed| (bed.clone(), bed.to_string()));
        let speaker = Speaker {
            post: self.id.clone(),
            name: "Test post".to_owned(),
            beds: beds.collect(),
            boot: clock.boot(),
            epoch: report.epoch,
        };
        self.running = Some(Running {
            clock,
            open: core.open_alarms(),
            core,
            outlet: Outlet::new(store.clone(), Destination::CENTRE),
            appended: store.appended(),
            store,
            stepper,
            relay: dispatch(speaker, clock.now()),
            centre,
            epoch: report.epoch,
            next_tick: now,
            linked: false,
            connect_at: Some(now),
            in_flight: BTreeMap::new(),
        });
        self.back_off.reset();
        for place in 0..self.monitors.len() {
            self.hear(place, Heard::Link(PortState::Open));
        }
    }

    /// It ends soon, at a random operation of its card, or when it has not written for a while.
    pub fn doom(&mut self, doom: Doom, now: MonoTime) {
        if self.running.is_some() {
            let operations = self.chance.below(80);
            self.card.cut_after(operations);
            self.doomed = Some((doom, now + DOOM_WITHIN));
        }
    }

    /// What was to end it does not.
    pub fn spare(&mut self) {
        if self.doomed.is_some_and(|_| !self.card.is_off()) {
            self.doomed = None;
            self.card.process_killed();
        }
    }

    /// Every monitor raises alarms as fast as they can end.
    pub fn storm(&mut self) {
        self.monitors.iter_mut().for_each(Monitor::storm);
    }

    /// On every monitor is a patient whose oxygen stays low.
    pub fn low(&mut self) {
        self.monitors.iter_mut().for_each(Monitor::low);
    }

    /// What the nurse's page shows; `None` while nothing runs.
    pub fn page(&self) -> Option<live::Snapshot> {
        self.running.as_ref().map(|running| running.core.page())
    }

    /// The monitors are switched off.
    pub fn silence_monitors(&mut self) {
        self.monitors.clear();
    }

    fn meet_doom(&mut self, net: &mut Net, ledger: &mut Ledger, now: MonoTime) {
        let Some((doom, at_latest)) = self.doomed else {
            return;
        };
        if self.card.is_off() || at_latest <= now {
            self.doomed = None;
            match doom {
                Doom::Killed => self.kill(net, now),
                Doom::PowerCut => self.cut_power(net, now),
            }
            ledger.ended(now);
        }
    }

    /// The appliance is killed; the kernel still has what it wrote.
    fn kill(&mut self, net: &mut Net, now: MonoTime) {
        self.card.cut_after(0);
        self.running = None;
        self.card.process_killed();
        net.hang_up(Client::Post, now);
    }

    /// The power goes.
    fn cut_power(&mut self, net: &mut Net, now: MonoTime) {
        self.card.cut_after(0);
        self.running = None;
        self.card.power_cycle();
        self.powered = false;
        // Nobody says goodbye: the broker finds out by silence, as with a cut cable.
        net.cut(Client::Post, true, now);
        net.mend(Client::Post);
    }

    /// Something else fills the card, or frees it again.
    pub fn fill_card(&mut self, full: bool) {
        self.card.leave_room(full.then_some(0));
    }

    /// Somebody sets the wall clock.
    pub fn set_clock(&mut self, off_s: i64, trusted: bool, now: MonoTime) {
        self.pass(now);
        let wall = true_wall(now)
            .as_unix_ns()
            .saturating_add(off_s.saturating_mul(1_000_000_000));
        self.hands.set_wall(WallTime::from_unix_ns(wall));
        self.hands.set_synchronised(trusted);
        if let Some(running) = &mut self.running {
            running.core.clock_set();
        }
    }

    fn pass(&mut self, now: MonoTime) {
        self.hands.pass(now.since(self.stepped));
        self.stepped = now;
    }

    /// When it wants to be stepped next.
    pub fn next_at(&self) -> Option<MonoTime> {
        let running = self.running.as_ref()?;
        let relay = self.booted + Duration::from_nanos(running.relay.due().as_ns());
        let monitors = self.monitors.iter().map(|monitor| monitor.next);
        let connect = running.connect_at.filter(|_| !running.linked);
        monitors.chain([running.next_tick, relay]).chain(connect).min()
    }

    /// Time passes.
    pub fn step(&mut self, net: &mut Net, ledger: &mut Ledger, now: MonoTime) {
        if self.running.is_none() {
            return;
        }
        self.pass(now);
        for place in 0..self.monitors.len() {
            if self.monitors[place].next <= now {
                self.monitor_speaks(place, ledger, now);
            }
        }
        let mono = self.hands.now();
        let running = self.running.as_mut().expect("looked at above");
        if running.next_tick <= now {
            running.next_tick = now + TICK;
            running.core.tick();
            if running.stepper.is_due(mono) {
                running.stepper.round(mono);
                for (lane, seq) in running.stepper.durable() {
                    ledger.committed(running.epoch, lane, seq);
                }
            }
        }
        if running.relay.due() <= mono {
            let standing = running.standing();
            running.relay.hear(Input::Tick(standing), mono);
        }
        if running.connect_at.is_some_and(|at| at <= now) && !running.linked {
            running.connect_at = None;
            let standing = running.standing();
            let will = running.relay.state(PostStatus::Lost, &standing, mono);
            net.connect(Client::Post, Some(will), now);
        }
        self.carry_out(net, now);
        self.meet_doom(net, ledger, now);
    }

    /// The broker says something.
    pub fn told(&mut self, told: Told, net: &mut Net, now: MonoTime) {
        self.pass(now);
        let mono = self.hands.now();
        let forged = self.mutation == Some(Mutation::PubackIsDelivery);
        let wait = self.back_off.next(self.chance.any() as u32);
        let Some(running) = &mut self.running else {
            return;
        };
        match told {
            Told::Linked => {
                running.linked = true;
                self.back_off.reset();
                let standing = running.standing();
                running.relay.hear(Input::Linked(standing), mono);
            }
            Told::Unlinked => {
                running.linked = false;
                running.in_flight.clear();
                running.connect_at = Some(now + wait);
                let error = "the connection broke".to_owned();
                running.relay.hear(Input::Unlinked { error }, mono);
            }
            Told::Acked(id) => {
                let message = running.in_flight.remove(&id);
                if let Some(receipt) = message
                    .filter(|_| forged)
                    .and_then(|message| receipt_for(&message))
                {
                    running.relay.hear(Input::Heard(receipt), mono);
                }
                running.relay.hear(Input::Acked(id), mono);
            }
            Told::Heard(message) => running.relay.hear(Input::Heard(message), mono),
        }
        self.carry_out(net, now);
    }

    fn carry_out(&mut self, net: &mut Net, now: MonoTime) {
        let mono = self.hands.now();
        let Some(running) = &mut self.running else {
            return;
        };
        if running.appended.has_changed().unwrap_or(false) {
            running.appended.borrow_and_update();
            running.relay.hear(Input::Appended, mono);
        }
        while let Some(step) = running.relay.step() {
            match step {
                Step::Publish { id, message } => {
                    if self.mutation == Some(Mutation::PubackIsDelivery) {
                        running.in_flight.insert(id, message.clone());
                    }
                    let message = match self.mutation {
                        Some(Mutation::LateIsStampedNow) => stamped_now(message, mono),
                        _ => message,
                    };
                    net.publish(Client::Post, id, message, now);
                }
                Step::Read { lane, want } => {
                    let held_back = self.mutation == Some(Mutation::AlertsWaitForReadings)
                        && lane == Lane::Alerts
                        && running.store.waiting(Destination::CENTRE, Lane::Vitals) > 0;
                    let prepared = if held_back {
                        appliance::relay::simulated::Prepared::failed()
                    } else {
                        running.outlet.prepare(&self.id, lane, &want)
                    };
                    running.relay.hear(Input::Prepared(lane, want, prepared), mono);
                }
                Step::Receipted { lane, epoch, seq } => running.outlet.receipted(lane, epoch, seq),
                Step::Quarantine { lane, record } => {
                    panic!("nothing here is poison, but {lane} {record:?} is taken for it")
                }
                Step::Append(record) => running.outlet.append(record),
                Step::Obey(given) => running.core.command(given),
                Step::Report => {
                    let link = running.relay.link(mono);
                    running.centre.send_replace(link);
                }
            }
        }
    }

    fn hear(&mut self, place: usize, what: Heard) {
        let (device, at) = (self.monitors[place].device.clone(), self.hands.now());
        if let Some(running) = &mut self.running {
            running.core.line(LineEvent { device, at, what });
        }
    }

    fn monitor_speaks(&mut self, place: usize, ledger: &mut Ledger, now: MonoTime) {
        let (device, values) = self.monitors[place].speaks(&mut self.chance, now);
        let (at, boot) = (self.hands.now(), boot_id(self.boots));
        for seen in values {
            if let Some(running) = &mut self.running {
                ledger.said(&device, boot, at, &seen, now);
                let what = Heard::Seen(Seen::Vital(seen));
                running.core.line(LineEvent {
                    device: device.clone(),
                    at,
                    what,
                });
            }
        }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.running.is_some()
    }

    /// Records that the centre has not confirmed.
    pub fn waiting(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| {
            Lane::ALL
                .into_iter()
                .map(|lane| running.store.waiting(Destination::CENTRE, lane))
                .sum()
        })
    }

    /// How it stands, for whoever looks for the reason of something wrong.
    pub fn describe(&self) -> String {
        self.running.as_ref().map_or_else(
            || "not running".to_owned(),
            |running| {
                let waiting = Lane::ALL.map(|lane| running.store.waiting(Destination::CENTRE, lane));
                format!(
                    "waiting by lane {waiting:?}, store {:?}, centre {:?}, linked {}",
                    *running.store.state().borrow(),
                    *running.centre.borrow(),
                    running.linked
                )
            },
        )
    }

    /// The alarms that are open at the bedside.
    pub fn open_alarms(&self) -> BTreeSet<AlarmId> {
        let open = self.running.as_ref().map(|running| running.open.borrow().clone());
        open.unwrap_or_default()
            .latest
            .into_iter()
            .map(|(alarm, _)| alarm)
            .collect()
    }

    /// Which post it is.
    pub fn id(&self) -> &PostId {
        &self.id
    }
}

impl Running {
    fn standing(&self) -> Standing {
        let (wall, trust) = self.clock.wall();
        standing(&self.outlet, wall, trust, self.open.borrow().clone())
    }
}
