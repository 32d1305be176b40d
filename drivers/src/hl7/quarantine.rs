//! What of a message could not be used, as it came: one bad item never costs the rest of its message.

use std::collections::VecDeque;

use vitals::MonoTime;

/// Most items that are kept; the oldest go first.
pub const ITEMS_MAX: usize = 64;

/// Most characters of one item.
pub const ITEM_CHARS_MAX: usize = 512;

/// One segment that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When its message was complete.
    pub at: MonoTime,
    /// The segment as it came, cut to [`ITEM_CHARS_MAX`].
    pub segment: String,
}

/// The last ones.
#[derive(Clone, Debug, Default)]
pub struct Quarantine {
    items: VecDeque<Kept>,
}

impl Quarantine {
    /// Keeps a segment.
    pub fn keep(&mut self, at: MonoTime, segment: &str) {
        if self.items.len() >= ITEMS_MAX {
            self.items.pop_front();
        }
        let segment = segment.chars().take(ITEM_CHARS_MAX).collect();
        self.items.push_back(Kept { at, segment });
    }

    /// The oldest first.
    pub fn items(&self) -> impl Iterator<Item = &Kept> {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_in_items_and_in_characters() {
        let mut quarantine = Quarantine::default();
        for number in 0..=ITEMS_MAX {
            quarantine.keep(
                MonoTime::BOOT,
                &format!("{number}{}", "\u{e4}".repeat(2 * ITEM_CHARS_MAX)),
            );
        }
        assert_eq!(quarantine.items().count(), ITEMS_MAX);
        let oldest = quarantine.items().next().unwrap();
        assert!(oldest.segment.starts_with("1\u{e4}") && oldest.segment.chars().count() == ITEM_CHARS_MAX);
    }
}
