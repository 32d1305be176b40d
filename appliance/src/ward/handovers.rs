//! What one shift handed over to the next, and who took it over. Pure; whoever holds it records what was said.
//!
//! - I9: nobody takes over from themselves, and a handover is taken over once.
//! - Only the newest is to be taken over: it is the one that says how the ward is.

use std::collections::VecDeque;

use vitals::score::entry::EntryId;
use vitals::{BedId, Epoch, Event, Handover, HandoverAccepted, Stamp};

/// Handovers that can be read again: three days of three shifts. Older ones are in the records.
pub const HANDOVERS_MAX: usize = 9;

/// A handover, with who took it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldHandover {
    /// As it was shown.
    pub handover: Handover,
    /// Who took it over, and when.
    pub accepted: Option<(HandoverAccepted, Stamp)>,
}

/// Why a handover is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverRefused {
    /// None of that name, or not kept any more.
    #[error("this handover is not kept any more; look at the list again")]
    NoSuch,
    /// Somebody took it over before.
    #[error("{0} took this over already")]
    Taken(String),
    /// A newer one was offered.
    #[error("a newer handover was offered since; take that one over")]
    Older,
    /// Whoever offered it.
    #[error("who hands over cannot take over as well: another person signs in for that")]
    Own,
    /// Something has changed that the person was not told.
    #[error("something changed at bed {0} since you looked; look at the handover again")]
    Changed(BedId),
}

/// The handovers of the post.
#[derive(Debug)]
pub struct Handovers {
    epoch: Epoch,
    issued: u32,
    /// The newest is the last.
    held: VecDeque<HeldHandover>,
}

impl Handovers {
    /// None yet; those that are offered are named with this epoch.
    pub fn new(epoch: Epoch) -> Handovers {
        Handovers {
            epoch,
            issued: 0,
            held: VecDeque::new(),
        }
    }

    /// A person hands over: the handover with its name, to be recorded.
    pub fn offer(&mut self, handover: Handover) -> Handover {
        self.issued += 1;
        let id = EntryId {
            epoch: self.epoch,
            number: self.issued,
        };
        let handover = Handover { id, ..handover };
        self.offered(&handover);
        handover
    }

    /// Checks that this account may take a handover over; `changed` = the beds in which something is another than it says,
    /// `told` = those of which the person was told.
    ///
    /// # Errors
    /// [`HandoverRefused`].
    pub fn may_accept(
        &self,
        id: EntryId,
        account: &str,
        (changed, told): (&[BedId], &[BedId]),
    ) -> Result<(), HandoverRefused> {
        let held = self.find(id).ok_or(HandoverRefused::NoSuch)?;
        if let Some((accepted, _)) = &held.accepted {
            return Err(HandoverRefused::Taken(accepted.by.clone()));
        }
        if self.held.back().is_some_and(|newest| newest.handover.id != id) {
            return Err(HandoverRefused::Older);
        }
        if held.handover.by_id == account {
            return Err(HandoverRefused::Own);
        }
        let mut untold = changed.iter().filter(|bed| !told.contains(bed));
        untold
            .next()
            .map_or(Ok(()), |bed| Err(HandoverRefused::Changed(bed.clone())))
    }

    /// A handover that was recorded, in this run or in an earlier one.
    pub fn offered(&mut self, handover: &Handover) {
        if self.find(handover.id).is_some() {
            return;
        }
        if self.held.len() == HANDOVERS_MAX {
            self.held.pop_front();
        }
        self.held.push_back(HeldHandover {
            handover: handover.clone(),
            accepted: None,
        });
    }

    /// A word that was recorded.
    pub fn accepted(&mut self, accepted: &HandoverAccepted, at: Stamp) {
        let mut held = self.held.iter_mut();
        if let Some(held) = held.find(|held| held.handover.id == accepted.handover) {
            held.accepted.get_or_insert_with(|| (accepted.clone(), at));
        }
    }

    /// One of them.
    pub fn find(&self, id: EntryId) -> Option<&HeldHandover> {
        self.held.iter().find(|held| held.handover.id == id)
    }

    /// All that are kept, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &HeldHandover> {
        self.held.iter().rev()
    }

    /// What a file that knows nothing must be told: what somebody may still take over.
    pub fn told_again(&self) -> Option<Event> {
        let newest = self.held.back().filter(|held| held.accepted.is_none())?;
        Some(Event::HandoverOffered(Box::new(newest.handover.clone())))
    }
}

#[cfg(test)]
mod tests {
    use vitals::{BootId, HandoverBed, Masked, MonoTime};

    use super::*;

    const AT: Stamp = Stamp {
        boot: BootId([1; 16]),
        mono: MonoTime::BOOT,
    };

    fn offer(handovers: &mut Handovers, by: &str) -> EntryId {
        let bed = HandoverBed {
            bed: "1".parse().unwrap(),
            label: "Bed 1".to_owned(),
            admission: "1-7-1".parse().unwrap(),
            lines: Vec::new(),
            to_do: Masked::new(String::new()),
        };
        let handover = Handover {
            id: EntryId {
                epoch: Epoch(0),
                number: 0,
            },
            by: by.to_owned(),
            by_id: by.to_lowercase(),
            made: AT,
            offered: AT,
            hours: 12,
            post: Vec::new(),
            beds: vec![bed],
        };
        handovers.offer(handover).id
    }

    fn accept(handovers: &mut Handovers, id: EntryId, by: &str) {
        let accepted = HandoverAccepted {
            handover: id,
            by: by.to_owned(),
            by_id: by.to_lowercase(),
            changed: Vec::new(),
        };
        handovers.accepted(&accepted, AT);
    }

    #[test]
    fn i9_nobody_takes_over_from_themselves_and_nobody_takes_over_twice() {
        let mut handovers = Handovers::new(Epoch(7));
        let id = offer(&mut handovers, "Grace");
        let may = |handovers: &Handovers, account| handovers.may_accept(id, account, (&[], &[]));
        assert_eq!(may(&handovers, "grace"), Err(HandoverRefused::Own));
        assert_eq!(may(&handovers, "john"), Ok(()));
        accept(&mut handovers, id, "John");
        assert_eq!(
            may(&handovers, "amina"),
            Err(HandoverRefused::Taken("John".to_owned()))
        );
        accept(&mut handovers, id, "Amina");
        let (accepted, _) = handovers.find(id).unwrap().accepted.clone().unwrap();
        assert_eq!(accepted.by, "John", "the first word counts");
    }

    #[test]
    fn only_the_newest_is_taken_over_and_only_by_who_was_told_what_changed() {
        let mut handovers = Handovers::new(Epoch(7));
        let older = offer(&mut handovers, "Grace");
        let newer = offer(&mut handovers, "Grace");
        assert_eq!(
            handovers.may_accept(older, "john", (&[], &[])),
            Err(HandoverRefused::Older)
        );
        let (one, two): (BedId, BedId) = ("1".parse().unwrap(), "2".parse().unwrap());
        let changed = [one.clone(), two.clone()];
        assert_eq!(
            handovers.may_accept(newer, "john", (&changed, std::slice::from_ref(&one))),
            Err(HandoverRefused::Changed(two))
        );
        assert_eq!(handovers.may_accept(newer, "john", (&changed, &changed)), Ok(()));
        assert_eq!(
            handovers.may_accept(newer, "john", (&[], &[one])),
            Ok(()),
            "it was told more than there is"
        );
    }

    #[test]
    fn as_many_are_kept_as_may_be_and_what_is_open_is_told_to_a_new_file() {
        let mut handovers = Handovers::new(Epoch(7));
        let first = offer(&mut handovers, "Grace");
        let ids: Vec<EntryId> = (0..HANDOVERS_MAX)
            .map(|_| offer(&mut handovers, "Grace"))
            .collect();
        assert_eq!(
            handovers.may_accept(first, "john", (&[], &[])),
            Err(HandoverRefused::NoSuch)
        );
        assert_eq!(handovers.all().count(), HANDOVERS_MAX);
        let newest = *ids.last().unwrap();
        assert!(matches!(handovers.told_again(), Some(Event::HandoverOffered(told)) if told.id == newest));
        accept(&mut handovers, newest, "John");
        assert_eq!(handovers.told_again(), None);
    }
}
