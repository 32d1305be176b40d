//! A real store, a real link, a real broker, a tiny centre: the good days.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use vitals::wire::{Command, CommandKind, OnDuty, OpenAlarms, PostStatus, topic};
use vitals::{AlarmId, Epoch, Lane, PostId, WallTime};

use super::centre::{CENTRE_WALL_MS, Centre, Manners, Seen};
use super::{event, hurried, patient, reading};
use crate::broker::tests::rig::{PATIENCE, Pki, Rig, message};
use crate::clock::Clock;
use crate::config::CentreConfig;
use crate::relay::dispatch::Speaker;
use crate::relay::outlet::Outlet;
use crate::relay::post::{Relay, Target};
use crate::relay::{CENTRE, CentreLink, CentreState, Given, LinkFigures, Pace, Terms, Wires, run};
use crate::store::{Destination, DestinationOptions, Store, StoreOptions};
use health::Health;

/// A post's store, and what its relay talks to.
pub(super) struct Post {
    pub(super) store: Store,
    pub(super) id: PostId,
    pub(super) epoch: Epoch,
    /// Its destinations.
    names: Vec<String>,
    pace: Pace,
    clock: Clock,
    link: watch::Sender<CentreLink>,
    pub(super) open_alarms: watch::Sender<OpenAlarms>,
    pub(super) figures: LinkFigures,
    pub(super) dir: TempDir,
}

/// What the core does ten times a second.
async fn tell_time(store: Store, clock: Clock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        store.check(clock.now());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Post {
    pub(super) fn new(id: &str, window: Duration) -> Post {
        Post::open_in(tempfile::tempdir().unwrap(), id, window, 1 << 30)
    }

    /// One that has other destinations than the centre too; `others` says what they get.
    pub(super) fn with_others(dir: TempDir, id: &str, others: &[(&str, &Terms)]) -> Post {
        let others = others.iter().map(|(name, terms)| DestinationOptions {
            name: (*name).to_owned(),
            lanes: terms.sends(),
        });
        let all = [DestinationOptions::all(CENTRE)].into_iter().chain(others);
        Post::open_for(dir, id, Duration::from_millis(20), 1 << 30, all.collect())
    }

    pub(super) fn open_in(dir: TempDir, id: &str, commit_window: Duration, vitals_bytes_max: u64) -> Post {
        let all = vec![DestinationOptions::all(CENTRE)];
        Post::open_for(dir, id, commit_window, vitals_bytes_max, all)
    }

    fn open_for(
        dir: TempDir,
        id: &str,
        commit_window: Duration,
        vitals_bytes_max: u64,
        destinations: Vec<DestinationOptions>,
    ) -> Post {
        let clock = Clock::system().unwrap();
        let names = destinations.iter().map(|to| to.name.clone()).collect();
        let options = StoreOptions {
            commit_window,
            vitals_bytes_max,
            destinations,
            ..StoreOptions::at(dir.path().join("store.redb"))
        };
        let (store, report) = Store::open(&options, clock.boot(), clock.now(), 7).unwrap();
        let epoch = report.epoch;
        let link = watch::Sender::new(CentreLink {
            state: CentreState::NotConfigured,
            since: clock.now(),
            waiting: 0,
            alerts_sent: crate::store::Cursor::START,
            centre: None,
            duty: OnDuty::NoRoster,
            problem: None,
            last_heartbeat: None,
            certificate_expires: None,
            outage: None,
        });
        let id = id.parse().unwrap();
        Post {
            store,
            id,
            epoch,
            names,
            pace: hurried(),
            clock,
            link,
            open_alarms: watch::Sender::new(OpenAlarms::default()),
            figures: LinkFigures::default(),
            dir,
        }
    }

    /// Sends nothing a second time only because the machine is busy.
    pub(super) fn patient(self) -> Post {
        Post {
            pace: patient(),
            ..self
        }
    }

    /// The orderly end of its store; the relays have stopped.
    pub(super) fn close(self) -> TempDir {
        let Post { store, dir, .. } = self;
        store.close().unwrap();
        dir
    }

    /// Its relay, not yet running. Without `pki` it has no certificates.
    pub(super) fn relay(&self, broker: SocketAddr, pki: Option<&Pki>) -> Relay {
        self.relay_with(broker, pki, mpsc::channel(16).0)
    }

    fn relay_with(&self, broker: SocketAddr, pki: Option<&Pki>, commands: mpsc::Sender<Given>) -> Relay {
        let file = |file: String| pki.map_or_else(|| "/nowhere.pem".into(), |pki| pki.path(&file));
        let address = CentreConfig {
            host: "127.0.0.1".to_owned(),
            port: broker.port(),
            mqtt: link::Mqtt::V5,
            ca: file("ca.pem".to_owned()),
            certificate: file(format!("{}.pem", self.id)),
            key: file(format!("{}.key", self.id)),
            bytes_per_s_max: None,
            metered: false,
        };
        self.relay_to(CENTRE, address, Terms::default(), commands)
    }

    pub(super) fn relay_to(
        &self,
        name: &str,
        address: CentreConfig,
        terms: Terms,
        commands: mpsc::Sender<Given>,
    ) -> Relay {
        let speaker = Speaker {
            post: self.id.clone(),
            name: "Demo".to_owned(),
            beds: vec![("1".parse().unwrap(), "Bed 1".to_owned())],
            boot: self.clock.boot(),
            epoch: self.epoch,
        };
        let target = Target {
            name: name.to_owned(),
            address,
            terms,
            quarantine: self.dir.path().join("quarantine"),
        };
        let place = self.names.iter().position(|known| known == name);
        let place = place.expect("the store knows it");
        let outlet = Outlet::new(self.store.clone(), Destination(place));
        let wires = Wires {
            link: self.link.clone(),
            commands,
            open_alarms: self.open_alarms.subscribe(),
            figures: self.figures.clone(),
            health: Health::default(),
        };
        Relay::new(speaker, target, outlet, self.clock, wires, self.pace)
    }

    pub(super) fn start(&self, rig: &Rig) -> Running {
        self.start_with(rig, mpsc::channel(16).0)
    }

    pub(super) fn start_with(&self, rig: &Rig, commands: mpsc::Sender<Given>) -> Running {
        rig.pki.issue(self.id.as_str(), "post");
        let stop = CancellationToken::new();
        let relay = self.relay_with(rig.address, Some(&rig.pki), commands);
        let task = tokio::spawn(run(relay, stop.clone()));
        tokio::spawn(tell_time(self.store.clone(), self.clock, stop.clone()));
        Running {
            stop,
            task,
            link: self.link.subscribe(),
        }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<CentreLink> {
        self.link.subscribe()
    }

    pub(super) fn waiting(&self) -> u64 {
        [Lane::Alerts, Lane::Events, Lane::Vitals]
            .iter()
            .map(|lane| self.store.waiting(Destination::CENTRE, *lane))
            .sum()
    }

    pub(super) async fn until_receipted(&self) {
        until("everything is receipted", || self.waiting() == 0).await;
    }
}

/// A relay that runs.
pub(super) struct Running {
    pub(super) stop: CancellationToken,
    pub(super) task: JoinHandle<()>,
    pub(super) link: watch::Receiver<CentreLink>,
}

impl Running {
    pub(super) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.expect("stops").unwrap();
    }

    pub(super) async fn until(&mut self, what: &str, is: impl FnMut(&CentreLink) -> bool) -> CentreLink {
        let found = timeout(PATIENCE, self.link.wait_for(is)).await;
        found
            .unwrap_or_else(|_| panic!("{what} did not come"))
            .unwrap()
            .clone()
    }
}

pub(super) async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / 10 {
        if is() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within {PATIENCE:?}");
}

pub(super) async fn until_seen(centre: &Centre, what: &str, is: impl Fn(&Seen) -> bool) {
    until(what, || is(&centre.seen.lock().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_everything_arrives_once_and_in_order_and_is_receipted() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(50)).patient();
    for number in 0..1_200 {
        post.store.append(reading(number));
    }
    (0..70).for_each(|number| {
        post.store.append(event(number));
    });
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let mut running = post.start(&rig);
    post.until_receipted().await;
    let link = running
        .until("nothing waiting", |link| {
            link.waiting == 0 && link.state == CentreState::Up
        })
        .await;
    assert_eq!(
        (link.centre.as_deref(), link.problem),
        (Some("District hospital"), None)
    );
    {
        let seen = centre.seen.lock().unwrap();
        seen.assert_in_order();
        assert_eq!((seen.count(Lane::Vitals), seen.count(Lane::Events)), (1_200, 70));
        let sent: usize = seen.arrivals.iter().map(|(_, records)| records).sum();
        assert_eq!(sent, 1_270, "nothing was sent twice");
    }
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i7_an_alert_overtakes_a_backlog_of_thirty_thousand_readings() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(50));
    (0..30_000).for_each(|number| {
        post.store.append(reading(number));
    });
    post.store.flush().unwrap();
    let slowness = Duration::from_millis(60);
    let centre = Centre::start(
        &rig,
        &post.id,
        Manners {
            slowness,
            ..Manners::default()
        },
    )
    .await;
    let running = post.start(&rig);
    until_seen(&centre, "the first readings", |seen| seen.count(Lane::Vitals) > 0).await;
    post.store.append(event(1));
    // An event leaves from the moment on in which it is on the card.
    post.store.flush().unwrap();
    let batches_before = centre.seen.lock().unwrap().arrivals.len();
    until_seen(&centre, "the event", |seen| seen.count(Lane::Events) == 1).await;
    {
        let seen = centre.seen.lock().unwrap();
        let place = seen
            .arrivals
            .iter()
            .position(|(lane, _)| *lane == Lane::Events)
            .unwrap();
        // Only what was already on its way is before it: at most the window of 8 batches, of 20 or more.
        assert!(place <= batches_before + 8, "{place} after {batches_before}");
        assert!(seen.count(Lane::Vitals) < 30_000, "it did overtake");
    }
    post.until_receipted().await;
    centre.seen.lock().unwrap().assert_in_order();
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_is_repeated_and_tells_what_was_made_and_an_orderly_stop_says_stopped() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(50));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let running = post.start(&rig);
    post.store.append(event(1));
    until_seen(&centre, "two states", |seen| seen.statuses.len() >= 3).await;
    {
        let seen = centre.seen.lock().unwrap();
        assert!(seen.statuses.iter().all(|status| *status == PostStatus::Online));
        let state = seen.last_state.as_ref().unwrap();
        assert_eq!(
            (state.epoch, state.beds.len(), state.name.as_str()),
            (post.epoch, 1, "Demo")
        );
        let mut sent = post.store.last();
        sent.retain(|last| last.lane != Lane::Waves);
        assert_eq!(state.last, sent);
        assert_eq!(state.open_alarms, OpenAlarms::default(), "not known yet");
    }
    let alarm = AlarmId {
        epoch: post.epoch,
        number: 4,
    };
    let open = OpenAlarms {
        latest: vec![(alarm, 2)],
        complete: true,
    };
    post.open_alarms.send_replace(open.clone());
    until_seen(&centre, "the open alarms", |seen| {
        seen.last_state
            .as_ref()
            .is_some_and(|state| state.open_alarms == open)
    })
    .await;
    running.stop().await;
    until_seen(&centre, "stopped", |seen| {
        seen.statuses.last() == Some(&PostStatus::Stopped)
    })
    .await;
    sleep(Duration::from_millis(300)).await;
    let last = centre.seen.lock().unwrap().statuses.last().copied();
    assert_eq!(last, Some(PostStatus::Stopped), "no will after an orderly stop");

    let running = post.start(&rig);
    until_seen(&centre, "online", |seen| {
        seen.statuses.last() == Some(&PostStatus::Online)
    })
    .await;
    running.task.abort();
    until_seen(&centre, "lost", |seen| {
        seen.statuses.last() == Some(&PostStatus::Lost)
    })
    .await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_arrive_decoded_and_it_is_said_which_ones_are_expired() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(50));
    let (commands, mut heard) = mpsc::channel(2);
    let mut running = post.start_with(&rig, commands);
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    running.until("up", |link| link.state == CentreState::Up).await;
    let (publisher, _incoming) = rig.centre().await;
    let command = |id, expires| Command {
        id,
        issued: WallTime::from_unix_ms(0),
        expires: WallTime::from_unix_ms(expires),
        kind: CommandKind::Seen {
            alarm: AlarmId {
                epoch: post.epoch,
                number: 4,
            },
            by: "Dr A".to_owned(),
            by_id: Some("dr-a".to_owned()),
        },
    };
    let never = CENTRE_WALL_MS + 3_600_000;
    // The first one is expired; the third finds the inbox of two full and is dropped.
    for (id, expires) in [(2, CENTRE_WALL_MS - 1), (1, never), (3, never)] {
        let down = message(&topic::command(&post.id), &command(id, expires).encode());
        publisher.publish(down).await.unwrap().await.unwrap();
    }
    let given = |command, expired| Some(Given { command, expired });
    for (id, expires, expired) in [(2, CENTRE_WALL_MS - 1, true), (1, never, false)] {
        let first = timeout(PATIENCE, heard.recv()).await.unwrap();
        assert_eq!(first, given(command(id, expires), expired));
    }
    let down = message(&topic::command(&post.id), &command(5, never).encode());
    // Like the centre: repeated until it is confirmed.
    let confirmed = async {
        loop {
            publisher.publish(down.clone()).await.unwrap().await.unwrap();
            if timeout(Duration::from_millis(200), heard.recv())
                .await
                .is_ok_and(|c| c == given(command(5, never), false))
            {
                break;
            }
        }
    };
    timeout(PATIENCE, confirmed).await.unwrap();
    drop(centre);
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i2_what_an_earlier_run_left_arrives_beside_what_the_new_run_makes() {
    let rig = Rig::start().await;
    let first = Post::new("a", Duration::from_millis(20));
    (0..700).for_each(|number| {
        first.store.append(reading(number));
    });
    let epoch = first.epoch;
    let post = Post::open_in(first.close(), "a", Duration::from_millis(20), 1 << 30).patient();
    post.store.append(reading(7));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let running = post.start(&rig);
    post.until_receipted().await;
    {
        let seen = centre.seen.lock().unwrap();
        seen.assert_in_order();
        assert_eq!(seen.applied[&(epoch, Lane::Vitals)].len(), 700);
        assert_eq!(seen.applied[&(post.epoch, Lane::Vitals)].len(), 1);
        let sent: usize = seen.arrivals.iter().map(|(_, records)| records).sum();
        assert_eq!(sent, 701, "nothing was sent twice");
    }
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_in_the_middle_of_connecting_is_obeyed_at_once() {
    let post = Post::new("a", Duration::from_millis(50));
    let pki = Arc::new(Pki::new());
    pki.issue("a", "post");
    // Accepts, and then says nothing.
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = post.relay(mute.local_addr().unwrap(), Some(&pki));
    let stop = CancellationToken::new();
    let task = tokio::spawn(run(relay, stop.clone()));
    let _accepted = mute.accept().await.unwrap();
    stop.cancel();
    timeout(Duration::from_secs(3), task)
        .await
        .expect("gone")
        .unwrap();
}
