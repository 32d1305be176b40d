//! Which pages can be heard: what they say of themselves through their connection, and for how long that is believed.
//!
//! - A page that says nothing has no sound. What it said counts for [`BELIEVED`], and ends with its connection.
//! - What a page says is hostile data: at most [`SAID_BYTES_MAX`], and what is not understood changes nothing.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;
use vitals::MonoTime;

/// Longest text that a page may send; a longer one ends its connection.
pub(super) const SAID_BYTES_MAX: usize = 1_024;

/// A page says it every 5 seconds.
const BELIEVED: Duration = Duration::from_secs(12);

/// What a page may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    /// Whether its sound is on.
    Sound { on: bool },
}

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
    /// The page said something.
    pub fn said(&mut self, text: &str, now: MonoTime) {
        if let Ok(Said::Sound { on }) = serde_json::from_str(text) {
            self.count(on.then(|| now + BELIEVED));
        }
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

    const ON: &str = r#"{"type":"sound","on":true}"#;
    const OFF: &str = r#"{"type":"sound","on":false}"#;

    fn at(seconds: u64) -> MonoTime {
        MonoTime::BOOT + Duration::from_secs(seconds)
    }

    #[test]
    fn a_page_counts_once_while_it_says_so_and_no_longer_than_it_is_connected() {
        let audible = Audible::default();
        let screens = audible.screens();
        let (mut one, mut other) = (audible.page(), audible.page());
        assert_eq!(*screens.borrow(), 0, "who says nothing has no sound");
        one.said(ON, at(0));
        one.said(ON, at(5));
        other.said(ON, at(5));
        assert_eq!(*screens.borrow(), 2);
        other.said(OFF, at(6));
        other.said(OFF, at(7));
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
        page.said(ON, at(0));
        page.look(at(11));
        assert_eq!(*screens.borrow(), 1);
        page.look(at(12));
        assert_eq!(*screens.borrow(), 0);
        page.said(ON, at(13));
        assert_eq!(*screens.borrow(), 1);
    }

    #[test]
    fn what_is_not_understood_changes_nothing() {
        let audible = Audible::default();
        let screens = audible.screens();
        let mut page = audible.page();
        for text in [
            "",
            "null",
            "7",
            "on",
            r#"{"type":"sound"}"#,
            r#"{"type":"sound","on":"yes"}"#,
            r#"{"type":"x","on":true}"#,
        ] {
            page.said(text, at(0));
            assert_eq!(*screens.borrow(), 0, "{text}");
        }
        page.said(ON, at(0));
        page.said("nonsense", at(1));
        assert_eq!(*screens.borrow(), 1);
    }
}
