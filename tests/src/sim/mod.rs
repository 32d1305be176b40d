//! The ward in a box: the real core, store and relay of a post and the real heart and store of a centre, on a simulated
//! card, clock, link and broker, all from one seed. The same seed always has the same course, to the byte.
//!
//! [`ledger`] says what must always hold, [`plan`] what goes wrong, [`mutation`] proves that the ledger would notice.
//! `cargo xtask sim --seeds N` runs many; `--from SEED --seeds 1` one of them again, with its story.

pub mod centre;
pub mod duty;
pub mod ledger;
pub mod monitor;
pub mod mutation;
pub mod net;
pub mod plan;
pub mod post;
pub mod storm;

use std::collections::BTreeSet;
use std::time::Duration;

use vitals::record::LimitProposal;
use vitals::wire::CommandKind;
use vitals::{AlarmId, AlarmPhase, Code, Decimal, MonoTime, Side};

use crate::chance::Chance;
use centre::CentreNode;
use ledger::Ledger;
use mutation::Mutation;
use net::{Client, Net};
use plan::{Asked, Mishap, Plan};
use post::{Doom, PostNode};

/// Everything that was kept must have arrived this long after the last trouble: the longest back-off, a backlog of some
/// minutes over 64 kbit/s, and the longest wait for a receipt.
const DRAINED_WITHIN: Duration = Duration::from_secs(15 * 60);
/// In half of the worlds the monitors go on for so long while it drains.
const DRAINS_UNDER_LOAD: Duration = Duration::from_secs(90);
/// Nothing waits and both sides agree for so long: it has drained.
const CALM_FOR: Duration = Duration::from_secs(30);

/// What became of one world.
#[derive(Debug)]
pub struct Outcome {
    /// Records at the centre.
    pub records: usize,
    /// The slowest alert on a good way.
    pub slowest_alert: Duration,
    /// How long it lasted, in its own time.
    pub lasted: Duration,
    /// What does not hold; empty = all is well.
    pub wrong: Vec<String>,
    /// What went wrong on purpose, and when.
    pub story: Vec<String>,
}

/// Runs the world of a seed, with a mistake or without.
pub fn run(seed: u64, mutation: Option<Mutation>) -> Outcome {
    let folder = tempfile::tempdir_in(memory()).expect("a folder for the centre's store");
    let mut world = World::new(seed, mutation, folder.path());
    world.run();
    let (at_post, at_centre) = (world.post.open_alarms(), world.open_at_centre());
    let story = world
        .plan
        .mishaps
        .iter()
        .map(|(at, mishap)| format!("{:>8.3} s  {mishap:?}", at.as_ms() as f64 / 1e3));
    Outcome {
        story: std::iter::once(format!("{:?}, {} beds", world.plan.quality, world.plan.beds))
            .chain(story)
            .collect(),
        wrong: world.ledger.settle(&at_post, &at_centre),
        records: world.ledger.records(),
        slowest_alert: world.ledger.slowest_alert(),
        lasted: world.now.since(MonoTime::BOOT),
    }
}

/// Where files cost nothing, if there is such a place.
fn memory() -> std::path::PathBuf {
    let memory = std::path::PathBuf::from("/dev/shm");
    if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    }
}

struct World {
    now: MonoTime,
    plan: Plan,
    next_mishap: usize,
    net: Net,
    post: PostNode,
    centre: CentreNode,
    ledger: Ledger,
    chance: Chance,
    mended: bool,
    calm_since: Option<MonoTime>,
    /// When the monitors are switched off.
    silent_at: Option<MonoTime>,
    /// When doctors did something last, where they do something all the time.
    doctors_acted: MonoTime,
}

impl World {
    fn new(seed: u64, mutation: Option<Mutation>, folder: &std::path::Path) -> World {
        let mut chance = Chance::seeded(seed);
        let plan = Plan::drawn(&mut chance.branch());
        World::of(plan, chance, mutation, folder)
    }

    /// The world of a plan that is not drawn.
    fn planned(seed: u64, plan: Plan, folder: &std::path::Path) -> World {
        World::of(plan, Chance::seeded(seed), None, folder)
    }

    fn of(plan: Plan, mut chance: Chance, mutation: Option<Mutation>, folder: &std::path::Path) -> World {
        World {
            now: MonoTime::BOOT,
            net: Net::new(chance.branch(), plan.quality),
            post: PostNode::new(plan.beds, chance.branch(), mutation),
            centre: CentreNode::new(folder, chance.branch(), mutation),
            ledger: Ledger::default(),
            next_mishap: 0,
            plan,
            chance,
            mended: false,
            calm_since: None,
            silent_at: None,
            doctors_acted: MonoTime::BOOT,
        }
    }

    fn run(&mut self) {
        self.run_with(|_| {});
    }

    /// Runs until all is over; `also` happens after each step.
    fn run_with(&mut self, mut also: impl FnMut(&mut World)) {
        self.centre.start(self.now);
        self.post.start(&mut self.ledger, self.now);
        self.post.set_clock(0, true, self.now);
        loop {
            let mishap = self.plan.mishaps.get(self.next_mishap).map(|(at, _)| *at);
            let (mishap, mend) = if self.mended {
                (None, None)
            } else {
                (mishap, Some(self.plan.trouble_until))
            };
            let next = [
                mishap,
                mend,
                self.net.next_at(),
                self.post.next_at(),
                self.centre.next_at(),
            ];
            let next = next
                .into_iter()
                .flatten()
                .min()
                .expect("the centre always has a next round");
            self.now = self.now.max(next);
            self.step();
            also(self);
            if self.is_over() {
                return;
            }
        }
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some((at, mishap)) = self.plan.mishaps.get(self.next_mishap).copied()
            && at <= now
            && !self.mended
        {
            self.next_mishap += 1;
            self.happens(mishap);
        }
        if !self.mended && now >= self.plan.trouble_until {
            self.mend();
        }
        if self.silent_at.is_some_and(|at| at <= now) {
            self.post.silence_monitors();
        }
        while let Some((client, told)) = self.net.step(now) {
            match client {
                Client::Post => self.post.told(told, &mut self.net, now),
                Client::Centre => self.centre.told(told, &mut self.net, now),
            }
        }
        self.post.step(&mut self.net, &mut self.ledger, now);
        if self.centre.next_at().is_some_and(|at| at <= now) {
            self.centre.tick(&mut self.net, now);
        }
        if !(self.net.is_through() && self.post.runs() && self.centre.runs()) {
            self.ledger.bad(now);
        }
        for taken in self.centre.take_new(now) {
            self.ledger.taken(taken);
        }
    }

    fn happens(&mut self, mishap: Mishap) {
        let now = self.now;
        match mishap {
            Mishap::LinkCut { half_open } => self.net.cut(Client::Post, half_open, now),
            Mishap::LinkMended => self.net.mend(Client::Post),
            Mishap::BrokerRestarts => self.net.restart_broker(now),
            Mishap::CentreStops => self.centre.stop(&mut self.net, now),
            Mishap::CentreStarts => {
                if !self.centre.runs() {
                    self.centre.start(now);
                }
            }
            Mishap::PostKilled => self.post.doom(Doom::Killed, now),
            Mishap::PowerCut => self.post.doom(Doom::PowerCut, now),
            Mishap::PostStarts => self.post.start(&mut self.ledger, now),
            Mishap::CardFull(full) => {
                self.ledger.card_full();
                self.post.fill_card(full);
            }
            Mishap::ClockSet { off_s, trusted } => self.post.set_clock(off_s, trusted, now),
            Mishap::DoctorAsks(asked) => self.doctor_asks(asked),
        }
    }

    fn doctor_asks(&mut self, asked: Asked) {
        let alerts = &self.centre.view.alerts;
        let alarm = alerts.get(self.chance.below(alerts.len() as u64) as usize);
        let (by, by_id) = ("Dr Adhiambo".to_owned(), Some("adhiambo".to_owned()));
        let propose = |bed: &str| {
            CommandKind::ProposeLimit(LimitProposal {
                bed: bed.parse().expect("an id"),
                code: Code::Spo2,
                side: Side::Low,
                limit: Decimal::whole(88),
                by: by.clone(),
                by_id: by_id.clone(),
            })
        };
        let kind = match (asked, alarm) {
            (Asked::Seen, Some(alert)) => CommandKind::Seen {
                alarm: alert.id,
                by,
                by_id,
            },
            (Asked::Seen, None) => return,
            (Asked::Message, _) => CommandKind::Message {
                bed: None,
                by,
                by_id,
                text: "I call in five minutes".to_owned(),
            },
            (Asked::Limit, _) => propose("1"),
            (Asked::LimitElsewhere, _) => propose("99"),
        };
        let post = self.post.id().clone();
        self.centre.asked(&post, kind, &mut self.net, self.now);
    }

    /// The trouble is over: everything works again, and the monitors are switched off, now or a while later,
    /// so that it can drain.
    fn mend(&mut self) {
        self.mended = true;
        self.net.mend(Client::Post);
        self.net.mend(Client::Centre);
        self.post.fill_card(false);
        if !self.centre.runs() {
            self.centre.start(self.now);
        }
        self.post.spare();
        self.post.start(&mut self.ledger, self.now);
        self.post.set_clock(0, true, self.now);
        let on = if self.chance.percent(50) {
            DRAINS_UNDER_LOAD
        } else {
            Duration::ZERO
        };
        self.silent_at = Some(self.now + on);
    }

    fn open_at_centre(&self) -> BTreeSet<AlarmId> {
        let open = self.centre.view.alerts.iter();
        open.filter(|alert| alert.phase != AlarmPhase::Ended)
            .map(|alert| alert.id)
            .collect()
    }

    fn is_over(&mut self) -> bool {
        if !self.mended {
            return false;
        }
        let calm = self.post.waiting() == 0 && self.post.open_alarms() == self.open_at_centre();
        let since = match (calm, self.calm_since) {
            (true, Some(since)) => since,
            (true, None) => *self.calm_since.insert(self.now),
            (false, _) => {
                self.calm_since = None;
                self.now
            }
        };
        if self.now.since(since) >= CALM_FOR {
            return true;
        }
        let late = self.now.since(self.plan.trouble_until) > DRAINED_WITHIN;
        if late {
            let (waiting, post) = (self.post.waiting(), self.post.describe());
            self.ledger.wrong(format!(
                "I1: {waiting} records have not arrived {DRAINED_WITHIN:?} after the last trouble: {post}"
            ));
        }
        late
    }
}
