//! What is no number but changes what numbers mean (a lead, a label, which monitor it is): believed when read alike again.

use crate::confirm::Trust;

/// A state that must be read twice in a row, three times on a disturbed line.
#[derive(Clone, Debug)]
pub(super) struct Twice<T> {
    accepted: Option<T>,
    waiting: Option<(T, u32)>,
}

impl<T> Default for Twice<T> {
    fn default() -> Self {
        Self {
            accepted: None,
            waiting: None,
        }
    }
}

/// How often something must be read alike before it counts.
pub(super) fn times_needed(trust: Trust) -> u32 {
    if trust == Trust::Doubtful { 3 } else { 2 }
}

impl<T: PartialEq + Clone> Twice<T> {
    /// Takes what was read; true when it is now accepted and was not before.
    pub(super) fn hear(&mut self, read: T, trust: Trust) -> bool {
        if self.accepted.as_ref() == Some(&read) {
            self.waiting = None;
            return false;
        }
        let before = self.waiting.take().filter(|(was, _)| *was == read);
        let times = before.map_or(1, |(_, times)| times + 1);
        if times < times_needed(trust) {
            self.waiting = Some((read, times));
            return false;
        }
        self.accepted = Some(read);
        true
    }

    /// What is accepted.
    pub(super) fn accepted(&self) -> Option<&T> {
        self.accepted.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_believed_the_second_time_and_the_third_on_a_disturbed_line() {
        let mut twice = Twice::default();
        let heard = [1, 2, 1, 1, 2, 1].map(|read| twice.hear(read, Trust::Plain));
        assert_eq!(heard, [false, false, false, true, false, false]);
        let heard = [2, 2, 1, 2, 2, 2].map(|read| twice.hear(read, Trust::Doubtful));
        assert_eq!(heard, [false, false, false, false, false, true]);
        assert_eq!(twice.accepted(), Some(&2));
    }
}
