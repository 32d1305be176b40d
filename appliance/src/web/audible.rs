//! Which pages can be heard: what they say of themselves through their connection, and for how long that is believed.
//!
//! - A page that says nothing has no sound. What it said counts for [`BELIEVED`], and ends with its connection.

use std::time::Duration;

use tokio::sync::watch;
use vitals::MonoTime;

/// A page says it every 5 seconds.
const BELIEVED: Duration = Duration::from_secs(12);

/// How many pages can be heard.
#[derive(Clone, Debug, Default)]
pub struct Audible(watch::Sender<usize>);

impl Audible {
    /// How many there are, now and later.
    pub fn screens(&self) -> watch::Receiver<usize> {
        self.0.subscribe()
    }

    /// A page has connected.
    pub(super) fn page(&self) -> Page {
        Page {
            all: self.0.clone(),
            until: None,
        }
    }
}

/// One page, while it is connected.
#[derive(Debug)]
pub(super) struct Page {
    all: watch::Sender<usize>,
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
            (false, true) => self.all.send_modify(|screens| *screens += 1),
            (true, false) => self.all.send_modify(|screens| *screens -= 1),
            (true, true) | (false, false) => {}
        }
        self.until = until;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.count(None);
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
        let (mut one, mut other) = (audible.page(), audible.page());
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
        let mut page = audible.page();
        page.sound(true, at(0));
        page.look(at(11));
        assert_eq!(*screens.borrow(), 1);
        page.look(at(12));
        assert_eq!(*screens.borrow(), 0);
        page.sound(true, at(13));
        assert_eq!(*screens.borrow(), 1);
    }
}
