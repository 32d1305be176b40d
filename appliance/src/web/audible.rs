//! Which pages can be heard: what they say of themselves through their connection, and for how long that is believed.
//!
//! - A page that says nothing has no sound. What it said counts for [`BELIEVED`], and ends with its connection.
//! - Of a registered screen it is known beside that whether it is connected at all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use vitals::MonoTime;

use crate::access::ScreenId;

/// A page says it every 5 seconds.
const BELIEVED: Duration = Duration::from_secs(12);

/// How many pages can be heard.
#[derive(Clone, Debug, Default)]
pub struct Audible {
    pages: watch::Sender<usize>,
    /// Of each registered screen with a page that is connected.
    screens: Arc<Mutex<BTreeMap<ScreenId, OfScreen>>>,
}

/// The pages of one screen.
#[derive(Clone, Copy, Debug, Default)]
struct OfScreen {
    connected: usize,
    heard: usize,
}

impl Audible {
    /// How many there are, now and later.
    pub fn screens(&self) -> watch::Receiver<usize> {
        self.pages.subscribe()
    }

    /// Whether a page of this screen is heard; none = no page of it is connected.
    pub fn of_screen(&self, screen: &ScreenId) -> Option<bool> {
        self.known().get(screen).map(|of| of.heard > 0)
    }

    /// A page has connected, of this registered screen or of none.
    pub(super) fn page(&self, screen: Option<ScreenId>) -> Page {
        if let Some(screen) = &screen {
            self.known().entry(screen.clone()).or_default().connected += 1;
        }
        Page {
            all: self.clone(),
            screen,
            until: None,
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ScreenId, OfScreen>> {
        self.screens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One page, while it is connected.
#[derive(Debug)]
pub(super) struct Page {
    all: Audible,
    screen: Option<ScreenId>,
    /// Until when it counts.
    until: Option<MonoTime>,
}

impl Page {
    /// The page said whether its sound is on.
    pub fn sound(&mut self, on: bool, now: MonoTime) {
        self.count(on.then(|| now + BELIEVED));
    }

    /// Time has passed.
    pub fn look(&mut self, now: MonoTime) {
        if self.until.is_some_and(|until| now >= until) {
            self.count(None);
        }
    }

    fn count(&mut self, until: Option<MonoTime>) {
        match (self.until.is_some(), until.is_some()) {
            (false, true) => {
                self.all.pages.send_modify(|pages| *pages += 1);
                self.of_screen(|of| of.heard += 1);
            }
            (true, false) => {
                self.all.pages.send_modify(|pages| *pages -= 1);
                self.of_screen(|of| of.heard -= 1);
            }
            (true, true) | (false, false) => {}
        }
        self.until = until;
    }

    fn of_screen(&self, change: impl FnOnce(&mut OfScreen)) {
        if let Some(screen) = &self.screen
            && let Some(of) = self.all.known().get_mut(screen)
        {
            change(of);
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.count(None);
        self.of_screen(|of| of.connected -= 1);
        if let Some(screen) = &self.screen {
            let mut known = self.all.known();
            if known.get(screen).is_some_and(|of| of.connected == 0) {
                known.remove(screen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> MonoTime {
        MonoTime::BOOT + Duration::from_secs(seconds)
    }

    #[test]
    fn a_page_counts_once_while_it_says_so_and_no_longer_than_it_is_connected() {
        let audible = Audible::default();
        let screens = audible.screens();
        let (mut one, mut other) = (audible.page(None), audible.page(None));
        assert_eq!(*screens.borrow(), 0, "who says nothing has no sound");
        one.sound(true, at(0));
        one.sound(true, at(5));
        other.sound(true, at(5));
        assert_eq!(*screens.borrow(), 2);
        other.sound(false, at(6));
        other.sound(false, at(7));
        assert_eq!(*screens.borrow(), 1);
        drop(one);
        drop(other);
        assert_eq!(*screens.borrow(), 0);
    }

    #[test]
    fn what_a_page_said_is_believed_for_seconds() {
        let audible = Audible::default();
        let screens = audible.screens();
        let mut page = audible.page(None);
        page.sound(true, at(0));
        page.look(at(11));
        assert_eq!(*screens.borrow(), 1);
        page.look(at(12));
        assert_eq!(*screens.borrow(), 0);
        page.sound(true, at(13));
        assert_eq!(*screens.borrow(), 1);
    }

    #[test]
    fn a_registered_screen_is_away_silent_or_heard() {
        let audible = Audible::default();
        let desk = ScreenId::named("screen-1");
        assert_eq!(audible.of_screen(&desk), None);
        let mut page = audible.page(Some(desk.clone()));
        let again = audible.page(Some(desk.clone()));
        let _other = audible.page(Some(ScreenId::named("screen-2")));
        assert_eq!(audible.of_screen(&desk), Some(false));
        page.sound(true, at(0));
        assert_eq!(audible.of_screen(&desk), Some(true));
        page.look(at(12));
        assert_eq!(audible.of_screen(&desk), Some(false));
        drop(again);
        assert_eq!(
            audible.of_screen(&desk),
            Some(false),
            "one of its pages is still there"
        );
        page.sound(true, at(13));
        drop(page);
        assert_eq!(audible.of_screen(&desk), None);
        assert_eq!(*audible.screens().borrow(), 0);
    }
}
