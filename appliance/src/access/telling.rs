//! What the desk tells the audit. It waits for nobody: what the core does not take at once is kept and offered again.
//!
//! - A9: a flood of refused tries fills no audit: [`ONE_BY_ONE_MAX`] in a minute are told one by one, the others counted
//!   and told once.
//! - What finds no place in the backlog is counted too, and told as soon as there is place.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vitals::audit::{Actor, Outcome, Telling};
use vitals::{Masked, MonoTime};

/// Refused tries that are told one by one within a minute.
pub const ONE_BY_ONE_MAX: u32 = 30;
const BACKLOG_MAX: usize = 1024;
const WINDOW: Duration = Duration::from_secs(60);

/// Hands one telling to the core; false when it has no place now.
pub type Tell = Box<dyn Fn(&Telling) -> bool + Send + Sync>;

/// The way to the audit.
pub(super) struct Teller {
    tell: Tell,
    state: Mutex<State>,
}

struct State {
    backlog: VecDeque<Telling>,
    lost: u64,
    window: MonoTime,
    told: u32,
    counted: u64,
}

impl Teller {
    pub(super) fn new(tell: Tell, now: MonoTime) -> Teller {
        let state = State {
            backlog: VecDeque::new(),
            lost: 0,
            window: now,
            told: 0,
            counted: 0,
        };
        Teller {
            tell,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was done.
    pub(super) fn tell(&self, telling: Telling) {
        let mut state = self.state();
        state.keep(telling);
        state.offer(&self.tell);
    }

    /// What was refused, which anybody can cause as often as they like (A9).
    pub(super) fn refused(&self, telling: Telling) {
        let mut state = self.state();
        if state.told >= ONE_BY_ONE_MAX {
            state.counted += 1;
            return;
        }
        state.told += 1;
        state.keep(telling);
        state.offer(&self.tell);
    }

    /// A try that was not even looked at.
    pub(super) fn not_looked_at(&self) {
        self.state().counted += 1;
    }

    /// Time passes.
    pub(super) fn tick(&self, now: MonoTime) {
        let mut state = self.state();
        if now.since(state.window) >= WINDOW {
            state.window = now;
            state.told = 0;
            let counted = std::mem::take(&mut state.counted);
            if counted > 0 {
                state.keep(summary(
                    "sign_in",
                    format!("{counted} more tries within a minute"),
                ));
            }
        }
        state.offer(&self.tell);
    }
}

impl State {
    fn keep(&mut self, telling: Telling) {
        if self.backlog.len() < BACKLOG_MAX {
            self.backlog.push_back(telling);
        } else {
            self.lost += 1;
        }
    }

    fn offer(&mut self, tell: &Tell) {
        while let Some(next) = self.backlog.front() {
            if !tell(next) {
                return;
            }
            self.backlog.pop_front();
        }
        if self.lost > 0 {
            let lost = summary(
                "audit",
                format!("{} deeds could not be recorded: the post was too busy", self.lost),
            );
            if tell(&lost) {
                self.lost = 0;
            }
        }
    }
}

fn summary(action: &str, after: String) -> Telling {
    Telling {
        who: Actor::Nobody,
        from: String::new(),
        action: action.to_owned(),
        outcome: Outcome::Refused,
        subject: String::new(),
        before: None,
        after: Some(Masked::new(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn done(subject: &str) -> Telling {
        Telling {
            who: Actor::Post,
            subject: subject.to_owned(),
            outcome: Outcome::Done,
            ..summary("sign_out", String::new())
        }
    }

    type Heard = Arc<Mutex<Vec<Telling>>>;

    fn teller(takes: &Arc<AtomicBool>) -> (Teller, Heard) {
        let heard = Heard::default();
        let (takes, hears) = (takes.clone(), heard.clone());
        let tell: Tell = Box::new(move |telling| {
            let taken = takes.load(Ordering::Relaxed);
            if taken {
                hears.lock().unwrap().push(telling.clone());
            }
            taken
        });
        (Teller::new(tell, MonoTime::from_ms(0)), heard)
    }

    #[test]
    fn a9_a_flood_is_told_once_a_minute() {
        let (teller, heard) = teller(&Arc::new(AtomicBool::new(true)));
        for _ in 0..12_000 {
            teller.refused(summary("sign_in", String::new()));
        }
        teller.not_looked_at();
        teller.tick(MonoTime::from_ms(59_000));
        assert_eq!(heard.lock().unwrap().len(), ONE_BY_ONE_MAX as usize);
        teller.tick(MonoTime::from_ms(60_000));
        let last = heard.lock().unwrap().pop().unwrap();
        assert_eq!(last.after.unwrap().reveal(), "11971 more tries within a minute");
        teller.tick(MonoTime::from_ms(120_000));
        assert_eq!(
            heard.lock().unwrap().len(),
            ONE_BY_ONE_MAX as usize,
            "nothing more to say"
        );
    }

    #[test]
    fn what_a_busy_core_does_not_take_is_told_later_in_order_and_what_is_lost_is_counted() {
        let takes = Arc::new(AtomicBool::new(false));
        let (teller, heard) = teller(&takes);
        for number in 0..BACKLOG_MAX + 3 {
            teller.tell(done(&number.to_string()));
        }
        takes.store(true, Ordering::Relaxed);
        teller.tick(MonoTime::from_ms(1_000));
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), BACKLOG_MAX + 1);
        assert_eq!((heard[0].subject.as_str(), heard[1].subject.as_str()), ("0", "1"));
        let last = heard.last().unwrap().after.as_ref().unwrap();
        assert!(
            last.reveal().starts_with("3 deeds could not"),
            "{}",
            last.reveal()
        );
    }
}
