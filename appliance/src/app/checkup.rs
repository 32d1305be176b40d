//! `vitalpost health`: what the watchdog sees, said to a person and to the gate of an update.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use health::{Health, Pulse};
use tokio::sync::watch;
use vitals::Priority;

use super::people::{UserError, ask_post};
use super::{AppError, custody};
use crate::access::control::{Checkup, CheckupNow, LineSeen, Order, TaskSeen};
use crate::clock::Clock;
use crate::config;
use crate::lines::{Counters, LineCount, PortState};
use crate::store::{SetAside, Store, StoreState};
use crate::web::live::Feed;

/// How long the page may take to answer.
const PAGE_WITHIN: Duration = Duration::from_secs(3);

/// How often a post that is not healthy yet is asked again.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// `vitalpost health` of a post that does not run.
const NOT_RUNNING: u8 = 2;

/// What a checkup looks at.
struct Watched {
    health: Health,
    clock: Clock,
    is_ready: Arc<AtomicBool>,
    store: watch::Receiver<StoreState>,
    set_aside: watch::Receiver<Option<SetAside>>,
    counters: Counters,
    feed: Feed,
    page: (SocketAddr, bool),
}

/// What looks at the post whenever it is asked, and what to set when all of it stands. `page` is where the page is, and
/// whether it speaks TLS.
pub(super) fn begin(
    health: &Health,
    clock: Clock,
    store: &Store,
    counters: &Counters,
    feed: &Feed,
    page: (SocketAddr, bool),
) -> (CheckupNow, Arc<AtomicBool>) {
    let is_ready = Arc::<AtomicBool>::default();
    let watched = Watched {
        health: health.clone(),
        clock,
        is_ready: is_ready.clone(),
        store: store.state(),
        set_aside: store.set_aside(),
        counters: counters.clone(),
        feed: feed.clone(),
        page,
    };
    (Arc::new(move || watched.look()), is_ready)
}

impl Watched {
    fn look(&self) -> Checkup {
        let now = self.clock.now();
        let line = |count: LineCount| LineSeen {
            line: count.line,
            tried: count.port.is_some(),
            closed: match count.port {
                Some(PortState::Closed { reason }) => Some(reason),
                Some(PortState::Open) | None => None,
            },
            heard_ms_ago: count.heard.map(|heard| ms(now.since(heard))),
        };
        let task = |pulse: Pulse| TaskSeen {
            name: pulse.name,
            silent_ms: ms(pulse.silence),
            silent_ms_max: ms(pulse.silence_max),
        };
        let alarms = self.feed.snapshot().alarms;
        let set_aside = self.set_aside.borrow().clone();
        Checkup {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ready: self.is_ready.load(Ordering::Relaxed),
            tasks: self.health.pulses(now).into_iter().map(task).collect(),
            store_failing: match &*self.store.borrow() {
                StoreState::Good => None,
                StoreState::Failing { reason } => Some(reason.clone()),
            },
            store_set_aside: set_aside.map(|aside| aside.fate()),
            lines: self.counters.snapshot().into_iter().map(line).collect(),
            page: self.page.0,
            page_encrypted: self.page.1,
            high_alarms: alarms
                .iter()
                .filter(|alarm| alarm.priority == Priority::High)
                .count(),
        }
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `vitalpost health`
#[derive(Args)]
pub struct HealthArgs {
    /// The configuration file of the post.
    #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
    config: PathBuf,
    /// Wait so many seconds for the post to become healthy.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

/// Asks the post how it is and prints it: 0 = healthy, 1 = not, 2 = it does not run.
pub fn health(args: &HealthArgs) -> ExitCode {
    let code = wait_for_health(args).unwrap_or_else(|error| {
        eprintln!("vitalpost: {error}");
        1
    });
    ExitCode::from(code)
}

fn wait_for_health(args: &HealthArgs) -> Result<u8, UserError> {
    let config = config::load(&args.config).map_err(AppError::from)?;
    let folder = custody::folder(&config);
    let clock = Clock::system().map_err(AppError::from)?;
    let until = clock.now() + Duration::from_secs(args.wait);
    loop {
        let asked = ask_post(&folder, &Order::Health {});
        let is_over = clock.now() >= until;
        let (code, text) = match asked {
            // A post that starts or ends breaks the connection.
            Err(UserError::Broken(_)) | Ok(None) if !is_over => (NOT_RUNNING, String::new()),
            Err(error) => return Err(error),
            Ok(None) => (NOT_RUNNING, "the post does not run\n".to_owned()),
            Ok(Some(answer)) => match (answer.health, answer.error) {
                (Some(checkup), _) => judged(&checkup),
                (None, error) => {
                    let why = error.unwrap_or_else(|| "it says nothing about its health".to_owned());
                    return Err(UserError::Refused(why));
                }
            },
        };
        if code == 0 || is_over {
            print!("{text}");
            return Ok(code);
        }
        std::thread::sleep(ASK_EVERY);
    }
}

fn judged(checkup: &Checkup) -> (u8, String) {
    let page = answers(checkup.page, checkup.page_encrypted);
    let mut faults = checkup.faults();
    faults.extend(
        page.as_ref()
            .err()
            .map(|error| format!("the page does not answer: {error}")),
    );
    (u8::from(!faults.is_empty()), told(checkup, &faults, page.is_ok()))
}

/// Everything in one screen, the verdict first.
fn told(checkup: &Checkup, faults: &[String], page_answers: bool) -> String {
    let mut text = match faults {
        [] => "healthy\n".to_owned(),
        faults => faults.iter().fold("NOT HEALTHY\n".to_owned(), |text, fault| {
            text + "  ! " + fault + "\n"
        }),
    };
    let mut row = |what: &str, how: String| text += &format!("  {what:<24} {how}\n");
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    row("version", checkup.version.clone());
    row("ready", yes(checkup.ready));
    row(
        "page",
        format!(
            "{} at {}",
            if page_answers {
                "answers"
            } else {
                "does not answer"
            },
            checkup.page
        ),
    );
    let store = match (&checkup.store_failing, &checkup.store_set_aside) {
        (Some(_), _) => "open, and records do not reach the card",
        (None, Some(_)) => "new, because the one before could not be read or is gone",
        (None, None) => "open, records reach the card",
    };
    row("store", store.to_owned());
    row("high alarms now", checkup.high_alarms.to_string());
    if checkup.lines.is_empty() {
        row("lines", "none are configured".to_owned());
    }
    for line in &checkup.lines {
        let port = match (&line.closed, line.tried) {
            (Some(reason), _) => format!("closed: {reason}"),
            (None, true) => "open".to_owned(),
            (None, false) => "not tried yet".to_owned(),
        };
        let heard = match line.heard_ms_ago {
            Some(ago) => format!("heard {} ago", seconds(ago)),
            None => "nothing heard".to_owned(),
        };
        row(&format!("line {}", line.line), format!("{port}; {heard}"));
    }
    for task in &checkup.tasks {
        let bound = format!(
            "{} of at most {}",
            seconds(task.silent_ms),
            seconds(task.silent_ms_max)
        );
        row(&format!("task {}", task.name), format!("last round {bound} ago"));
    }
    text
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

/// Asks the page itself. Where it speaks TLS, its answer to what is none is enough: the same code took the connection and
/// read it.
fn answers(page: SocketAddr, encrypted: bool) -> Result<(), String> {
    let here = match page.ip() {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        given => given,
    };
    let said = || {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::new(here, page.port()), PAGE_WITHIN)?;
        stream.set_read_timeout(Some(PAGE_WITHIN))?;
        stream.set_write_timeout(Some(PAGE_WITHIN))?;
        stream.write_all(b"GET /api/v1/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut said = [0; 12];
        let length = stream.read(&mut said)?;
        Ok::<_, std::io::Error>(said[..length].to_vec())
    };
    let said = said().map_err(|error| error.to_string())?;
    if encrypted || said == b"HTTP/1.1 200" {
        return Ok(());
    }
    Err(format!("it says {:?}", String::from_utf8_lossy(&said)))
}
