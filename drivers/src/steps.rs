//! What a dialogue has found and nobody has fetched yet: a bounded queue, shared by all families.

use std::collections::VecDeque;

use crate::dialogue::{LineFault, Step};

/// Most findings that wait to be fetched. When it is full, the oldest question or answer goes first, since what was found is
/// worth more, and then the oldest. Reached only by a flood of broken frames, or by an owner that does not call `step`.
pub const STEPS_QUEUED_MAX: usize = 256;

/// Findings in the order in which they were made.
#[derive(Debug, Default)]
pub struct Steps {
    waiting: VecDeque<Step>,
}

impl Steps {
    /// Adds a finding.
    pub fn push(&mut self, step: Step) {
        if self.waiting.len() >= STEPS_QUEUED_MAX {
            let answer = self.waiting.iter().position(|step| matches!(step, Step::Send(_)));
            self.waiting.remove(answer.unwrap_or(0));
        }
        self.waiting.push_back(step);
    }

    /// Adds a fault. Each kind waits once; skipped bytes add up.
    pub fn fault(&mut self, fault: LineFault) {
        let kind = std::mem::discriminant(&fault);
        let waiting = self.waiting.iter_mut().find_map(|step| match step {
            Step::Fault(waiting) if std::mem::discriminant(waiting) == kind => Some(waiting),
            _ => None,
        });
        match (waiting, fault) {
            (Some(LineFault::Resynchronised { skipped }), LineFault::Resynchronised { skipped: more }) => {
                *skipped = skipped.saturating_add(more)
            }
            (Some(_), _) => {}
            (None, _) => self.push(Step::Fault(fault)),
        }
    }

    /// The oldest finding.
    pub fn take(&mut self) -> Option<Step> {
        self.waiting.pop_front()
    }

    /// Forgets what was to be sent: whoever it was for has gone.
    pub fn forget_answers(&mut self) {
        self.waiting
            .retain(|step| !matches!(step, Step::Send(_) | Step::SendWhenKept(_)));
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_loses_its_oldest() {
        let mut steps = Steps::default();
        (0..=STEPS_QUEUED_MAX).for_each(|n| steps.push(Step::Send(vec![u8::try_from(n % 251).unwrap_or(0)])));
        assert_eq!(steps.take(), Some(Step::Send(vec![1])));
    }

    #[test]
    fn a_flood_of_answers_drives_out_no_finding() {
        let mut steps = Steps::default();
        steps.fault(LineFault::BadChecksum);
        (0..2 * STEPS_QUEUED_MAX).for_each(|_| steps.push(Step::Send(vec![0x15])));
        steps.push(Step::SendWhenKept(vec![6]));
        assert_eq!(steps.take(), Some(Step::Fault(LineFault::BadChecksum)));
        assert_eq!(steps.waiting.len(), STEPS_QUEUED_MAX - 1);
        assert_eq!(steps.waiting.pop_back(), Some(Step::SendWhenKept(vec![6])));
    }

    #[test]
    fn a_fault_waits_once_and_skipped_bytes_add_up() {
        let mut steps = Steps::default();
        steps.fault(LineFault::Resynchronised { skipped: 3 });
        steps.fault(LineFault::BadChecksum);
        steps.fault(LineFault::Resynchronised { skipped: 4 });
        steps.fault(LineFault::BadChecksum);
        assert_eq!(
            steps.take(),
            Some(Step::Fault(LineFault::Resynchronised { skipped: 7 }))
        );
        assert_eq!(steps.take(), Some(Step::Fault(LineFault::BadChecksum)));
        assert_eq!(steps.take(), None);
    }
}
