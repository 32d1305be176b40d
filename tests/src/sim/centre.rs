//! The real centre, driven by hand: its heart, its store on a file, and a shell as thin as the one in `central::app`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use central::app::perform;
use central::centre::{Centre, CentreEvent, CommandRequest, DutyRequest, Keep};
use central::clock::Moment;
use central::duty::{Change, Doctors, Duty};
use central::inbox::{FromLink, Quarantine};
use central::store::{
    Applied, Arrived, CentreStore, Limits, Next, PostStanding, Query, RedbStore, StoreError, Stored,
    ThinPlace, Thinned, Verdict,
};
use central::view::View;
use central::wards::Wards;
use tokio::sync::oneshot;
use vitals::wire::{Command, CommandKind, PostState};
use vitals::{BootId, MonoTime, PostId, Record, RecordId, WallTime};

use super::mutation::Mutation;
use super::net::{Client, Net, Told};
use crate::chance::Chance;

/// The heart's round.
const ROUND: Duration = Duration::from_millis(50);
/// How long the centre waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// Longer than any world lasts.
const KEEP: Keep = Keep {
    vitals: Duration::from_secs(365 * 86_400),
    summaries: Duration::from_secs(3_650 * 86_400),
};

/// True wall time when the world begins: 2026-11-23T00:00:00Z.
pub const BEGIN_WALL_MS: i64 = 1_795_392_000_000;

/// The true wall time.
pub fn true_wall(now: MonoTime) -> WallTime {
    WallTime::from_unix_ns(BEGIN_WALL_MS * 1_000_000 + i64::try_from(now.as_ns()).unwrap_or(i64::MAX))
}

/// A record that the centre's store said was new.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its name.
    pub id: RecordId,
    /// Its boot.
    pub boot: BootId,
    /// The record.
    pub record: Record,
    /// When the centre had it durable.
    pub at: MonoTime,
}

/// The centre's store, with a list of everything it ever called new.
struct Watched {
    store: RedbStore,
    mutation: Option<Mutation>,
    taken: Arc<Mutex<Vec<(RecordId, BootId, Record)>>>,
}

impl CentreStore for Watched {
    fn apply(&self, arrived: &[Arrived]) -> Result<Vec<Applied>, StoreError> {
        let mut applied = self.store.apply(arrived)?;
        if self.mutation == Some(Mutation::RepeatsCountAgain) {
            for (applied, arrived) in applied.iter_mut().zip(arrived) {
                let seqs = arrived.envelope.first.0..;
                applied.new = seqs
                    .map(vitals::Seq)
                    .zip(arrived.block.records.iter().cloned())
                    .collect();
            }
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for applied in &applied {
            for (seq, record) in &applied.new {
                let id = RecordId {
                    epoch: applied.epoch,
                    lane: record.lane(),
                    seq: *seq,
                };
                taken.push((id, applied.boot, record.clone()));
            }
        }
        Ok(applied)
    }

    fn keep_state(&self, state: &PostState) -> Result<(), StoreError> {
        self.store.keep_state(state)
    }

    fn keep_verdicts(&self, post: &PostId, verdicts: &[Verdict]) -> Result<(), StoreError> {
        self.store.keep_verdicts(post, verdicts)
    }

    fn thin_out(&self, limits: Limits, from: ThinPlace) -> Result<Thinned, StoreError> {
        self.store.thin_out(limits, from)
    }

    fn keep_command(&self, post: &PostId, command: &Command) -> Result<(), StoreError> {
        self.store.keep_command(post, command)
    }

    fn keep_duty(&self, duty: &Duty) -> Result<(), StoreError> {
        self.store.keep_duty(duty)
    }

    fn duty(&self) -> Result<Duty, StoreError> {
        self.store.duty()
    }

    fn standing(&self) -> Result<Vec<PostStanding>, StoreError> {
        self.store.standing()
    }

    fn records(
        &self,
        query: &Query,
        each: &mut dyn FnMut(&PostId, Stored) -> Next,
    ) -> Result<(), StoreError> {
        self.store.records(query, each)
    }

    fn accept_audit(&self, post: &PostId) -> Result<u64, StoreError> {
        self.store.accept_audit(post)
    }

    fn try_again(&self) -> Result<(), StoreError> {
        self.store.try_again()
    }
}

/// The centre with its hands.
pub struct CentreNode {
    file: PathBuf,
    quarantine: PathBuf,
    mutation: Option<Mutation>,
    running: Option<Running>,
    taken: Arc<Mutex<Vec<(RecordId, BootId, Record)>>>,
    /// The picture that a doctor sees.
    pub view: Arc<View>,
    /// Who has an account there.
    pub doctors: Doctors,
    chance: Chance,
    next_round: MonoTime,
    connect_at: Option<MonoTime>,
}

struct Running {
    heart: Centre,
    store: Watched,
    quarantine: Mutex<Quarantine>,
}

impl CentreNode {
    /// A centre whose store lies in `folder`.
    pub fn new(folder: &Path, chance: Chance, mutation: Option<Mutation>) -> CentreNode {
        CentreNode {
            file: folder.join("central.redb"),
            quarantine: folder.join("quarantine"),
            mutation,
            running: None,
            taken: Arc::default(),
            view: Arc::default(),
            doctors: Doctors::new(),
            chance,
            next_round: MonoTime::BOOT,
            connect_at: None,
        }
    }

    /// Starts, or starts again.
    pub fn start(&mut self, now: MonoTime) {
        let store = Watched {
            store: RedbStore::open(&self.file).expect("the centre's disk is a good one here"),
            mutation: self.mutation,
            taken: self.taken.clone(),
        };
        let wards = Wards::restore(store.standing().expect("its own rows read"));
        let duty = store.duty().expect("its own row reads");
        self.running = Some(Running {
            heart: Centre::new("Test centre".to_owned(), KEEP, wards, duty),
            quarantine: Mutex::new(Quarantine::new(self.quarantine.clone())),
            store,
        });
        self.connect_at = Some(now);
    }

    /// Its process ends.
    pub fn stop(&mut self, net: &mut Net, now: MonoTime) {
        self.running = None;
        self.connect_at = None;
        net.hang_up(Client::Centre, now);
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.running.is_some()
    }

    /// When it wants to be stepped next.
    pub fn next_at(&self) -> Option<MonoTime> {
        self.running.as_ref().map(|_| self.next_round)
    }

    /// The broker says something.
    pub fn told(&mut self, told: Told, net: &mut Net, now: MonoTime) {
        let event = match told {
            Told::Linked => FromLink::Up,
            Told::Unlinked => {
                self.connect_at = Some(now + RETRY);
                FromLink::Down {
                    problem: "the connection broke".to_owned(),
                }
            }
            Told::Heard(message) => FromLink::Message(message),
            Told::Acked(_) => return,
        };
        self.step(CentreEvent::Link(event), net, now);
    }

    /// A doctor asks something of the post.
    pub fn asked(&mut self, post: &PostId, kind: CommandKind, net: &mut Net, now: MonoTime) {
        let (reply, _) = oneshot::channel();
        let request = CommandRequest {
            post: post.clone(),
            kind,
            command: u128::from(self.chance.any()),
            reply,
        };
        self.step(CentreEvent::Asked(request), net, now);
    }

    /// A doctor changes something about duty.
    pub fn change_duty(&mut self, by: &str, change: Change, net: &mut Net, now: MonoTime) {
        let (reply, _) = oneshot::channel();
        let by = by.to_owned();
        self.step(CentreEvent::Duty(DutyRequest { by, change, reply }), net, now);
    }

    /// Time passes.
    pub fn tick(&mut self, net: &mut Net, now: MonoTime) {
        self.next_round = now + ROUND;
        if self.connect_at.is_some_and(|at| at <= now) && self.runs() {
            self.connect_at = None;
            net.connect(Client::Centre, None, now);
        }
        self.step(CentreEvent::Doctors(self.doctors.clone()), net, now);
        self.step(CentreEvent::Tick, net, now);
    }

    fn step(&mut self, event: CentreEvent, net: &mut Net, now: MonoTime) {
        let Some(Running {
            heart,
            store,
            quarantine,
        }) = &mut self.running
        else {
            return;
        };
        let moment = Moment {
            mono: now,
            wall: true_wall(now),
        };
        heart.step(event, moment);
        while let Some(work) = heart.next_work(moment) {
            let done = perform(store, quarantine, work);
            heart.step(CentreEvent::Done(done), moment);
        }
        for message in heart.take_outgoing() {
            net.publish(Client::Centre, 0, message, now);
        }
        if let Some(view) = heart.picture(moment) {
            self.view = view;
        }
    }

    /// Everything that the store called new since the last call, with the time of this call.
    pub fn take_new(&mut self, now: MonoTime) -> Vec<Taken> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let new = std::mem::take(&mut *taken).into_iter();
        new.map(|(id, boot, record)| Taken {
            id,
            boot,
            record,
            at: now,
        })
        .collect()
    }

    /// Everything that is stored now.
    pub fn stored(&self) -> Vec<Stored> {
        let mut stored = Vec::new();
        if let Some(running) = &self.running {
            let mut each = |_: &PostId, record| {
                stored.push(record);
                Next::More
            };
            let all = Query::default();
            running
                .store
                .records(&all, &mut each)
                .expect("the centre's disk is a good one here");
        }
        stored
    }
}
