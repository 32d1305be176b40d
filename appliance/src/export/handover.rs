//! A handover is about every bed: whoever asks for one bed or one patient gets what it says of those, and of nobody else.

use vitals::patient::Merges;
use vitals::{Event, HandoverBed, Record};

use super::ExportArgs;
use crate::store::Kept;

impl ExportArgs {
    fn is_narrow(&self) -> bool {
        self.bed.is_some() || self.admission.is_some()
    }

    /// Takes out of a handover what was not asked for.
    pub(super) fn narrowed(&self, mut kept: Kept, merges: &Merges) -> Kept {
        if let Record::Event {
            event: Event::HandoverOffered(handover),
            ..
        } = &mut kept.record
            && self.is_narrow()
        {
            let is_wanted = |bed: &HandoverBed| {
                let is_patient = |wanted| merges.is_one(&bed.admission, wanted);
                self.bed.as_ref().is_none_or(|wanted| bed.bed == *wanted)
                    && self.admission.as_ref().is_none_or(is_patient)
            };
            handover.beds.retain(is_wanted);
            handover.post.clear();
        }
        kept
    }

    /// Whether a handover, narrowed, says anything that was asked for; `None` = the record is none.
    pub(super) fn wants_handover(&self, record: &Record) -> Option<bool> {
        match record {
            Record::Event {
                event: Event::HandoverOffered(handover),
                ..
            } => Some(!self.is_narrow() || !handover.beds.is_empty()),
            _ => None,
        }
    }
}
