//! One try on a port that is open: who hears what, which questions go out, and when it is over. Pure.

use std::time::Duration;

use vitals::MonoTime;

use super::advice::Tried;
use super::ear::{Ear, Notes, Verdict};
use super::plan::Try;

/// One try that goes on.
pub(super) struct Attempt {
    what: Try,
    ears: Vec<Ear>,
    began: MonoTime,
    /// Whether anything has come.
    came: bool,
    /// It goes on for so long, whatever is understood.
    holds: Option<Duration>,
}

/// What is to be done now.
pub(super) struct Due {
    /// To be written to the port.
    pub(super) questions: Vec<Vec<u8>>,
    /// When to look again at the latest.
    pub(super) until: MonoTime,
    /// The try has ended: nothing is to be done.
    pub(super) over: bool,
}

impl Attempt {
    /// The port was opened now.
    pub(super) fn begin(what: Try, now: MonoTime) -> Attempt {
        let transport = what.over.transport();
        let ears = what
            .families
            .iter()
            .filter_map(|family| Ear::new(family, transport));
        Attempt {
            ears: ears.collect(),
            what,
            began: now,
            came: false,
            holds: None,
        }
    }

    /// The same on a port whose device is known: heard for so long, for a person who compares.
    pub(super) fn hold(what: Try, now: MonoTime, lasts: Duration) -> Attempt {
        Attempt {
            holds: Some(lasts),
            ..Attempt::begin(what, now)
        }
    }

    /// What each family of the try makes of it so far.
    pub(super) fn notes(&self) -> impl Iterator<Item = (&'static str, &Notes)> {
        let names = self.what.families.iter().map(|family| family.name);
        names.zip(self.ears.iter().map(|ear| &ear.notes))
    }

    /// These bytes arrived now; a whole datagram where there are datagrams.
    pub(super) fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        self.came = true;
        for ear in &mut self.ears {
            ear.heard(now, bytes);
        }
    }

    /// Does what is due.
    pub(super) fn step(&mut self, now: MonoTime) -> Due {
        let lasts = match (self.holds, self.came) {
            (Some(holds), _) => holds,
            (None, true) => self.what.time_max(),
            (None, false) => self.what.silent_max(),
        };
        let mut until = self.began + lasts;
        let mut over = now >= until;
        let mut questions = Vec::new();
        for ear in &mut self.ears {
            let (asked, wake) = ear.steps(now);
            until = until.min(wake);
            questions.extend(asked);
        }
        // P2: whoever only listens is not lent the port.
        if !self.what.asks || over {
            questions.clear();
        }
        let sure = self
            .ears
            .iter()
            .any(|ear| ear.notes.verdict() == Verdict::Understood);
        // What is understood is heard a little longer, so that all its values are told.
        over |= self.holds.is_none() && sure && now.since(self.began) * 2 >= self.what.time_max();
        Due {
            questions,
            until,
            over,
        }
    }

    /// What was made of it.
    pub(super) fn end(self) -> Tried {
        Tried {
            notes: self.ears.into_iter().map(|ear| ear.notes).collect(),
            what: self.what,
        }
    }
}
