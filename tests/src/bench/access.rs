//! What a flood of wrong sign-in tries does to alarms and to the memory of a post that runs as it does in a ward.
//!
//! A gateway says that a patient's SpO2 is 70 %; that is an alarm without any delay of its own. The time runs from the moment
//! the message is written to the post's port until the alarm has come to a page that is open and signed in, first with
//! nobody trying to sign in, then while they do. Half of the tries are for the same few names, which soon have to wait;
//! the others are each for another name, so that every one would cost the post a password hash.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::gateway::{Ward, memory_kib};
use super::{Figures, Goal, Plan, quantile};
use crate::clock::boot_ns;
use crate::pages::Site;

/// As many as a ward screen holds.
const BEDS: usize = 16;
/// Tries in a second, all together.
const TRIES_PER_S: u64 = 200;
/// Those who try; each waits for its answer before the next try.
const ATTACKERS: u64 = 64;
/// Names that are tried again and again.
const NAMES: u64 = 40;
/// From one alarm to the next. A bed comes again when its last alarm is over.
const PACE: Duration = Duration::from_millis(500);

/// All figures of signing in.
///
/// # Errors
/// The post does not run, or an alarm does not come.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let lasts = Duration::from_secs(if plan.quick { 5 } else { 60 });
    let mut ward = Ward::start(&plan.folder, BEDS)?;
    // The first alarms and the first sign-in fill caches.
    ward.alarms(PACE, Duration::from_secs(if plan.quick { 2 } else { 10 }))?;
    let calm = ward.alarms(PACE, lasts)?;
    let before = ward.memory()?;
    let attack = Attack::start(&ward.site, ward.post.id());
    let attacked = ward.alarms(PACE, lasts)?;
    let tried = attack.stop();
    let mut figures = Figures::default();
    of_alarms(&calm, &attacked, &mut figures);
    of_tries(&tried, &mut figures);
    let mib = |kib: u64| kib as f64 / 1024.0;
    let how = "resident memory of the process";
    figures.add("memory before", mib(before), "MiB", Goal::None, how);
    let how = "peak of the resident memory, looked at five times a second, less what it was before";
    let more = mib(tried.memory_max.saturating_sub(before));
    figures.add("memory for the attack", more, "MiB", Goal::Below(32.0), how);
    Ok(figures)
}

fn of_alarms(calm: &[f64], attacked: &[f64], figures: &mut Figures) {
    let rows = [
        (
            "nobody signs in",
            calm,
            "from a gateway's bytes at the post's port to the open page; 16 beds, loopback",
        ),
        ("attacked", attacked, "the same while wrong passwords are tried"),
    ];
    for (when, ms, how) in rows {
        for (share, name) in [(0.5, "p50"), (0.99, "p99")] {
            let name = format!("alarm to the page, {when}, {name}");
            figures.add(&name, quantile(ms, share), "ms", Goal::None, how);
        }
    }
    let ratio = quantile(attacked, 0.5) / quantile(calm, 0.5);
    figures.add(
        "attacked by not attacked",
        ratio,
        "times",
        Goal::Below(1.2),
        "the two medians",
    );
}

fn of_tries(tried: &Tried, figures: &mut Figures) {
    let tries: u64 = tried.answers.values().sum();
    let how = "sent by 64 connections, half for 40 names, half each for another name";
    let per_s = tries as f64 / tried.lasted.as_secs_f64();
    let enough = Goal::AtLeast(0.9 * TRIES_PER_S as f64);
    figures.add("tries", per_s, "1/s", enough, how);
    let mut others = tries;
    for (status, what) in [(401, "not right"), (429, "wait"), (503, "busy")] {
        let count = tried.answers.get(&status).copied().unwrap_or_default();
        others -= count;
        let name = format!("answered \"{what}\" ({status})");
        let share = 100.0 * count as f64 / tries.max(1) as f64;
        figures.add(&name, share, "%", Goal::None, "of all tries");
    }
    let name = "answered otherwise or not at all";
    figures.add(name, others as f64, "tries", Goal::Below(1.0), "counted");
}

/// Those who try to get in.
struct Attack {
    began: u64,
    stop: Arc<AtomicBool>,
    answers: Arc<Mutex<BTreeMap<u16, u64>>>,
    memory_max: Arc<AtomicU64>,
    threads: Vec<thread::JoinHandle<()>>,
}

/// What became of it.
struct Tried {
    /// How often each status; 0 = no answer.
    answers: BTreeMap<u16, u64>,
    lasted: Duration,
    /// In KiB.
    memory_max: u64,
}

impl Attack {
    fn start(site: &Site, process: u32) -> Attack {
        let (stop, answers) = (Arc::<AtomicBool>::default(), Arc::<Mutex<_>>::default());
        let memory_max = Arc::<AtomicU64>::default();
        let (seen, ends) = (memory_max.clone(), stop.clone());
        let mut threads = vec![thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                seen.fetch_max(memory_kib(process).unwrap_or_default(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(200));
            }
        })];
        for attacker in 0..ATTACKERS {
            let (site, stop, answers) = (site.other_browser(), stop.clone(), answers.clone());
            threads.push(thread::spawn(move || {
                attacks(attacker, &site, &stop, &answers);
            }));
        }
        Attack {
            began: boot_ns(),
            stop,
            answers,
            memory_max,
            threads,
        }
    }

    fn stop(self) -> Tried {
        let lasted = Duration::from_nanos(boot_ns() - self.began);
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("no attacker panics");
        }
        let answers = self
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Tried {
            answers,
            lasted,
            memory_max: self.memory_max.load(Ordering::Relaxed),
        }
    }
}

/// One of them, at its share of the pace.
fn attacks(attacker: u64, site: &Site, stop: &AtomicBool, answers: &Mutex<BTreeMap<u16, u64>>) {
    let pace_ns = 1_000_000_000 * ATTACKERS / TRIES_PER_S;
    let start = boot_ns() + pace_ns * attacker / ATTACKERS;
    for round in 0.. {
        let due = start + round * pace_ns;
        thread::sleep(Duration::from_nanos(due.saturating_sub(boot_ns())));
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let name = match round % 2 {
            0 => format!("nurse-{}", (attacker + round / 2) % NAMES),
            _ => format!("stranger-{attacker}-{round}"),
        };
        let body = json!({ "person": name, "password": "not the right one at all" });
        let answered = site.ask("POST", "/api/v1/session", Some(&body.to_string()));
        let status = answered.map_or(0, |answered| answered.status);
        *answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(status)
            .or_default() += 1;
    }
}
