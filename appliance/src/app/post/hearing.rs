//! Whether anybody can hear an alarm of this post.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vitals::MonoTime;

use super::Post;
use crate::web::live;

/// For so long nothing gives sound before that is an alarm (alarms.md section 9).
const SILENT_MAX: Duration = Duration::from_secs(60);

/// Where alarms can be heard.
pub struct Hearing {
    /// Pages that say that their sound is on.
    pub screens: watch::Receiver<usize>,
}

/// Since when nothing gives sound.
pub(super) struct Ears {
    by: Hearing,
    /// When something last gave sound; none since the start.
    last: Option<MonoTime>,
}

impl Ears {
    pub fn new(by: Hearing) -> Ears {
        Ears { by, last: None }
    }

    fn now(&self) -> live::Sound {
        live::Sound {
            screens: *self.by.screens.borrow(),
            output: live::Output::None,
        }
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

    pub(super) fn sound(&self) -> Arc<live::Sound> {
        Arc::new(self.ears.now())
    }
}
