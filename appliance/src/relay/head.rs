//! A place in a lane from which reading goes on, and where it ends. Pure.

use super::window::{Found, Want};
use crate::store::Cursor;

/// Where one of the heads is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) next: Cursor,
    /// It ends here; `None` = it goes on with what is made.
    pub(super) until: Option<Cursor>,
    /// The store had nothing after `next`, or could not be read.
    pub(super) empty: bool,
}

impl Head {
    /// What was wanted was found, or not.
    pub(super) fn took(&mut self, want: &Want, found: Found) {
        match (found, want.last) {
            (Found::UpTo(end), _) => self.next = end,
            (Found::Beyond, Some(last)) => self.next = self.next.max(last),
            _ => self.empty = true,
        }
    }

    /// It has reached where it was to go.
    pub(super) fn is_done(&self) -> bool {
        self.until.is_some_and(|until| self.next >= until)
    }
}
