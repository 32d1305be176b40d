//! Whether anybody can hear an alarm of this post.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vitals::alarm::Inactive;
use vitals::{AlarmId, MonoTime};

use super::Post;
use crate::sound::{Sounding, State};
use crate::web::live;

/// For so long nothing gives sound before that is an alarm (alarms.md section 9).
const SILENT_MAX: Duration = Duration::from_secs(60);

/// Where alarms can be heard.
pub struct Hearing {
    /// Pages that say that their sound is on.
    pub screens: watch::Receiver<usize>,
    /// How the box's own output is.
    pub output: watch::Receiver<State>,
    /// What that output is told.
    pub sounding: watch::Sender<Sounding>,
}

/// Since when nothing gives sound.
pub(super) struct Ears {
    by: Hearing,
    /// When something last gave sound; none since the start.
    last: Option<MonoTime>,
    /// The alarms that sound, each with its onsets.
    known: BTreeSet<(AlarmId, u32)>,
}

impl Ears {
    pub fn new(by: Hearing) -> Ears {
        Ears {
            by,
            last: None,
            known: BTreeSet::new(),
        }
    }

    fn now(&self) -> live::Sound {
        live::Sound {
            screens: *self.by.screens.borrow(),
            output: match &*self.by.output.borrow() {
                State::None => live::Output::None,
                State::On => live::Output::On,
                State::Failed { .. } => live::Output::Failed,
            },
        }
    }

    /// Tells the box's output what sounds now.
    fn tell(&mut self, alarms: &[live::Alarm], is_off_somewhere: bool) {
        let sounding = alarms.iter().filter(|alarm| alarm.sounds);
        let now: BTreeSet<_> = sounding.clone().map(|alarm| (alarm.id, alarm.onsets)).collect();
        let begins = now.difference(&self.known).next().is_some();
        let priority = sounding.map(|alarm| alarm.priority).max();
        self.known = now;
        self.by.sounding.send_if_modified(|told| {
            let before = *told;
            told.priority = priority;
            told.begun += u64::from(begins);
            told.is_off_somewhere = is_off_somewhere;
            *told != before
        });
    }

    /// Whether nobody could hear an alarm for too long; `None` = that long has not passed since the start.
    fn nobody(&mut self, started: MonoTime, now: MonoTime) -> Option<bool> {
        let sound = self.now();
        if sound.screens > 0 || sound.output == live::Output::On {
            self.last = Some(now);
        }
        let silent = now.since(self.last.unwrap_or(started)) >= SILENT_MAX;
        (silent || self.last.is_some()).then_some(silent)
    }
}

impl Post {
    /// [`Ears::nobody`].
    pub(super) fn nobody_hears(&mut self, now: MonoTime) -> Option<bool> {
        self.ears.nobody(self.started, now)
    }

    pub(super) fn tell_output(&mut self, alarms: &[live::Alarm]) {
        let mut pauses = self.signals.pauses.in_force();
        let is_off_somewhere = pauses.any(|(_, pause)| pause.what == Inactive::AudioOff);
        self.ears.tell(alarms, is_off_somewhere);
    }

    /// Why the box's own output does not work, and what to do.
    pub(super) fn output_problem(&self) -> Option<String> {
        match &*self.ears.by.output.borrow() {
            State::Failed { reason } => Some(reason.clone()),
            State::None | State::On => None,
        }
    }

    pub(super) fn sound(&self) -> Arc<live::Sound> {
        Arc::new(self.ears.now())
    }
}
