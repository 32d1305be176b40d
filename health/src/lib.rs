//! Is every task of this process alive? Post, broker and centre tell systemd through this. Feeds the systemd watchdog only while each one has ticked in time (hazard H9).
//!
//! - A task ticks when it really made a round; nothing here ticks for it.
//! - `WATCHDOG=1` goes out at half of systemd's time, and only in a round in which nobody is stalled. One stalled task is
//!   enough for systemd to restart the service.
//! - Without systemd (`NOTIFY_SOCKET` not set) a stalled task is only logged.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vitals::MonoTime;

/// How often stalled tasks are looked for.
const ROUND_MAX: Duration = Duration::from_secs(1);

/// All tasks that must keep ticking.
#[derive(Clone, Debug, Default)]
pub struct Health {
    tasks: Arc<Mutex<Vec<Task>>>,
}

#[derive(Debug)]
struct Task {
    name: String,
    silence_max: Duration,
    last_ns: Arc<AtomicU64>,
}

/// One task as the watchdog sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// The task.
    pub name: String,
    /// How long it has made no round.
    pub silence: Duration,
    /// Beyond this it is stalled.
    pub silence_max: Duration,
}

impl Pulse {
    /// It has not made a round in time.
    pub fn is_stalled(&self) -> bool {
        self.silence > self.silence_max
    }
}

/// One task's pulse: call [`Beat::tick`] whenever the task really made a round.
#[derive(Clone, Debug)]
pub struct Beat {
    last_ns: Arc<AtomicU64>,
}

impl Beat {
    /// The task made a round now.
    pub fn tick(&self, now: MonoTime) {
        self.last_ns.store(now.as_ns(), Ordering::Relaxed);
    }
}

impl Health {
    /// Registers a task that must tick at least every `silence_max`.
    pub fn task(&self, name: &str, silence_max: Duration, now: MonoTime) -> Beat {
        let last_ns = Arc::new(AtomicU64::new(now.as_ns()));
        let task = Task {
            name: name.to_owned(),
            silence_max,
            last_ns: last_ns.clone(),
        };
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
        Beat { last_ns }
    }

    /// The task of this pulse was ended on purpose: nobody waits for its next round.
    pub fn over(&self, beat: &Beat) {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|task| !Arc::ptr_eq(&task.last_ns, &beat.last_ns));
    }

    /// All tasks, in the order in which they began.
    pub fn pulses(&self, now: MonoTime) -> Vec<Pulse> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let pulse = |task: &Task| Pulse {
            name: task.name.clone(),
            silence: now.since(MonoTime::from_ns(task.last_ns.load(Ordering::Relaxed))),
            silence_max: task.silence_max,
        };
        tasks.iter().map(pulse).collect()
    }

    /// The tasks that have not ticked in time, with how long they have been silent.
    pub fn stalled(&self, now: MonoTime) -> Vec<(String, Duration)> {
        let stalled = self.pulses(now).into_iter().filter(Pulse::is_stalled);
        stalled.map(|pulse| (pulse.name, pulse.silence)).collect()
    }
}

/// Tells systemd that the service is ready: call it when the store is open, the configuration valid and the listeners
/// bound. Devices may still be connecting.
pub fn ready() {
    if let Some(systemd) = Systemd::from_env() {
        systemd.tell("READY=1\nSTATUS=All tasks run");
    }
}

/// Feeds systemd's watchdog while every task ticks in time, names stalled tasks in the log and in
/// `systemctl status`, and announces the stop. Ends at `stop`.
///
/// `now` is the clock of the process: time since boot.
pub async fn run(health: Health, now: impl Fn() -> MonoTime, stop: CancellationToken) {
    watch(health, now, stop, Systemd::from_env(), watchdog_time_from_env()).await;
}

/// [`run`] with what systemd passes in the environment as arguments.
async fn watch(
    health: Health,
    clock: impl Fn() -> MonoTime,
    stop: CancellationToken,
    systemd: Option<Systemd>,
    watchdog: Option<Duration>,
) {
    let tell = |message: &str| {
        if let Some(systemd) = &systemd {
            systemd.tell(message);
        }
    };
    let ping_every = watchdog.map(|time| time / 2);
    let round = ping_every.map_or(ROUND_MAX, |every| every.min(ROUND_MAX));
    let mut last_ping: Option<MonoTime> = None;
    let mut reported = Vec::new();
    while !stop.is_cancelled() {
        let now = clock();
        let stalled = health.stalled(now);
        let names: Vec<&str> = stalled.iter().map(|(name, _)| name.as_str()).collect();
        if names != reported {
            tell(&status(&names));
            report(&stalled, &reported);
            reported = names.into_iter().map(str::to_owned).collect();
        }
        if let Some(every) = ping_every {
            // One round of tolerance, so that a ping is early rather than one round late.
            let due = last_ping.is_none_or(|last| now.since(last) + round > every);
            if stalled.is_empty() && due {
                tell("WATCHDOG=1");
                last_ping = Some(now);
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(round) => {}
        }
    }
    tell("STOPPING=1\nSTATUS=Stopping");
}

fn status(stalled: &[&str]) -> String {
    if stalled.is_empty() {
        "STATUS=All tasks run".to_owned()
    } else {
        format!("STATUS=Stalled, watchdog not fed: {}", stalled.join(", "))
    }
}

fn report(stalled: &[(String, Duration)], before: &[String]) {
    for (name, silence) in stalled {
        if !before.contains(name) {
            tracing::error!(task = name, silent_ms = silence.as_millis(), "task is stalled");
        }
    }
    for name in before {
        if !stalled.iter().any(|(stalled, _)| stalled == name) {
            tracing::info!(task = name, "task runs again");
        }
    }
}

/// systemd's notification socket. Not through a crate: those read the environment at each call, so that a test would
/// have to change the environment of the whole process, and the protocol is one datagram of text.
#[derive(Debug)]
struct Systemd {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Systemd {
    fn from_env() -> Option<Systemd> {
        let name = std::env::var_os("NOTIFY_SOCKET")?;
        Systemd::at(&name)
            .inspect_err(|error| {
                tracing::warn!(%error, "systemd cannot be told anything: NOTIFY_SOCKET={}", name.display());
            })
            .ok()
    }

    /// `name` is a path, or `@` and a name without a file.
    fn at(name: &OsStr) -> io::Result<Systemd> {
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Systemd { socket, address })
    }

    fn tell(&self, message: &str) {
        if let Err(error) = self.socket.send_to_addr(message.as_bytes(), &self.address) {
            tracing::warn!(%error, message, "systemd was not told");
        }
    }
}

/// The time within which systemd wants a ping, if it wants any from this process.
fn watchdog_time_from_env() -> Option<Duration> {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let meant_for_another = number("WATCHDOG_PID").is_some_and(|pid| pid != u64::from(std::process::id()));
    let time = number("WATCHDOG_USEC").filter(|micros| *micros > 0)?;
    (!meant_for_another).then(|| Duration::from_micros(time))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    use super::*;

    /// What a test waits for at most, on the slowest machine.
    const PATIENCE: Duration = Duration::from_secs(20);

    struct FakeSystemd {
        socket: tokio::net::UnixDatagram,
        _folder: tempfile::TempDir,
    }

    impl FakeSystemd {
        fn start() -> (FakeSystemd, Systemd) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("notify");
            let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
            let systemd = Systemd::at(path.as_os_str()).unwrap();
            (
                FakeSystemd {
                    socket,
                    _folder: folder,
                },
                systemd,
            )
        }

        async fn next(&self) -> String {
            let mut buffer = [0; 512];
            let got = self.socket.recv(&mut buffer).await.unwrap();
            String::from_utf8(buffer[..got].to_vec()).unwrap()
        }

        async fn wait_for(&self, what: &str) -> String {
            let found = async {
                loop {
                    let message = self.next().await;
                    if message.contains(what) {
                        return message;
                    }
                }
            };
            tokio::time::timeout(PATIENCE, found)
                .await
                .unwrap_or_else(|_| panic!("systemd never heard {what:?}"))
        }

        fn drop_what_waits(&self) {
            let mut buffer = [0; 512];
            while self.socket.try_recv(&mut buffer).is_ok() {}
        }
    }

    /// Time since the first call.
    fn clock() -> MonoTime {
        static START: LazyLock<Instant> = LazyLock::new(instant);
        MonoTime::from_ns(u64::try_from((instant() - *START).as_nanos()).unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "the clock of these tests")]
    fn instant() -> Instant {
        Instant::now()
    }

    /// A task that ticks until it is told to hang.
    fn ticking(beat: Beat, clock: impl Fn() -> MonoTime + Send + 'static) -> Arc<AtomicBool> {
        let hangs = Arc::new(AtomicBool::new(false));
        let told = hangs.clone();
        tokio::spawn(async move {
            loop {
                if !told.load(Ordering::Relaxed) {
                    beat.tick(clock());
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        hangs
    }

    #[tokio::test]
    async fn the_watchdog_is_fed_while_all_tasks_tick_and_not_while_one_hangs() {
        let health = Health::default();
        let silence_max = Duration::from_millis(800);
        let (heard, systemd) = FakeSystemd::start();
        let _alarms = ticking(health.task("alarms", silence_max, clock()), clock);
        let line_hangs = ticking(health.task("line oxi-1", silence_max, clock()), clock);
        let stop = CancellationToken::new();
        let watchdog = Some(Duration::from_millis(100));
        let watching = tokio::spawn(watch(health, clock, stop.clone(), Some(systemd), watchdog));

        for _ in 0..5 {
            heard.wait_for("WATCHDOG=1").await;
        }

        line_hangs.store(true, Ordering::Relaxed);
        let status = heard.wait_for("STATUS=Stalled").await;
        assert!(
            status.contains("line oxi-1") && !status.contains("alarms"),
            "{status}"
        );
        heard.drop_what_waits();
        let fed = tokio::time::timeout(Duration::from_millis(500), heard.wait_for("WATCHDOG=1")).await;
        assert!(fed.is_err(), "fed although a task hangs");

        line_hangs.store(false, Ordering::Relaxed);
        heard.wait_for("STATUS=All tasks run").await;
        heard.wait_for("WATCHDOG=1").await;

        stop.cancel();
        heard.wait_for("STOPPING=1").await;
        tokio::time::timeout(PATIENCE, watching).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn without_systemd_the_watch_ends_at_the_stop() {
        let stop = CancellationToken::new();
        let watching = tokio::spawn(watch(Health::default(), clock, stop.clone(), None, None));
        stop.cancel();
        tokio::time::timeout(PATIENCE, watching).await.unwrap().unwrap();
    }

    #[test]
    fn a_task_is_stalled_only_after_its_own_time() {
        let health = Health::default();
        let beat = health.task("quick", Duration::from_secs(1), MonoTime::BOOT);
        health.task("slow", Duration::from_secs(60), MonoTime::BOOT);
        assert_eq!(health.stalled(MonoTime::from_ms(1_000)), []);
        let late = MonoTime::from_ms(1_001);
        assert_eq!(
            health.stalled(late),
            [("quick".to_owned(), Duration::from_millis(1_001))]
        );
        beat.tick(late);
        assert_eq!(health.stalled(late), []);
    }
}
