//! Lines of a handover while it is put together.

use serde::Serialize;
use serde_json::Value;
use vitals::{HandoverLine, Masked, Section};

/// A list of lines with a bound for each kind: what is left out is counted.
#[derive(Default)]
pub(super) struct Lines(Vec<HandoverLine>);

impl Lines {
    /// One more line.
    pub fn say(&mut self, section: Section, what: &str, words: Vec<String>) {
        self.0.push(HandoverLine {
            section,
            what: what.to_owned(),
            words: words.into_iter().map(Masked::new).collect(),
        });
    }

    /// At most so many of them; then how many there are beside.
    pub fn say_each(
        &mut self,
        section: Section,
        what: &str,
        most: usize,
        all: impl Iterator<Item = Vec<String>>,
    ) {
        let mut left = 0usize;
        for (place, words) in all.enumerate() {
            if place < most {
                self.say(section, what, words);
            } else {
                left += 1;
            }
        }
        if left > 0 {
            self.say(section, "more", vec![what.to_owned(), left.to_string()]);
        }
    }

    pub fn into_lines(self) -> Vec<HandoverLine> {
        self.0
    }
}

/// A word or a number as the API writes it; what is not there is empty.
pub(super) fn word(of: impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}
