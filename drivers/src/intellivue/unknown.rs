//! Codes of the monitor that our tables do not have: each is told once, so that the technician's counter says how many
//! there are and not for how long.

use std::collections::BTreeSet;

use crate::dialogue::{LineFault, Step};
use crate::steps::Steps;

/// Most codes that are remembered; what comes after them is counted each time.
const CODES_MAX: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Unknown {
    told: BTreeSet<u16>,
}

impl Unknown {
    pub(super) fn tell(&mut self, code: u16, out: &mut Steps) {
        let fault = LineFault::UnknownCode { code: code.into() };
        if self.told.contains(&code) {
            return;
        }
        if self.told.len() >= CODES_MAX {
            return out.fault(fault);
        }
        self.told.insert(code);
        // Not `Steps::fault`: of two codes in one message the second would be lost.
        out.push(Step::Fault(fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_told_once_until_there_are_too_many() {
        let (mut unknown, mut out) = (Unknown::default(), Steps::default());
        let mut told = |code| {
            unknown.tell(code, &mut out);
            out.take().is_some()
        };
        assert!(told(0x4261) && told(0xF237) && !told(0x4261));
        assert!((0..62).all(&mut told) && !told(61));
        assert!(told(99) && told(99));
    }
}
