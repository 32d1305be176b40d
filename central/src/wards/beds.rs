//! The latest value of each bed by the order of measurement, whatever the order of arrival (I4).

use std::collections::BTreeMap;

use vitals::patient::Merges;
use vitals::{AdmissionId, BedId, Code, Epoch, Measured, MonoTime, Quality, Reading, Seq, Stamp};

/// The most beds of one post.
pub(super) const BEDS_MAX: usize = 64;

/// When something was measured, so that it can be compared: the post's present run is later than every other one,
/// even where a box with a new card counts its runs from the beginning again.
type Order = (bool, Epoch, MonoTime, Seq);

/// All beds of a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beds {
    beds: BTreeMap<BedId, Bed>,
    merges: Merges,
}

/// One bed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bed {
    newest: Option<(Epoch, MonoTime, Seq)>,
    /// Whoever lay there at the newest measurement: only his values are shown (I3).
    admission: Option<AdmissionId>,
    /// The newest measurement of anybody else: what is older belongs to somebody before him, even under the same name.
    others: Option<(Epoch, MonoTime, Seq)>,
    pub(super) values: BTreeMap<Code, Latest>,
}

/// The latest value of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Latest {
    place: (Epoch, MonoTime, Seq),
    pub(super) at: Stamp,
    pub(super) measured: Measured,
    pub(super) quality: Quality,
    /// When it arrived here; `None` when it was read back from the store at start.
    pub(super) arrived: Option<MonoTime>,
}

impl Latest {
    pub(super) fn epoch(&self) -> Epoch {
        self.place.0
    }
}

impl Beds {
    /// Takes a reading in; says whether anything that is shown has changed.
    pub(super) fn take(
        &mut self,
        (epoch, seq): (Epoch, Seq),
        reading: &Reading,
        at: Stamp,
        arrived: Option<MonoTime>,
        present: Option<Epoch>,
    ) -> bool {
        let Some(bed_id) = &reading.bed else { return false };
        if !self.beds.contains_key(bed_id) && self.beds.len() == BEDS_MAX {
            return false;
        }
        let bed = self.beds.entry(bed_id.clone()).or_default();
        let order = |place: (Epoch, MonoTime, Seq)| -> Order {
            (Some(place.0) == present, place.0, place.1, place.2)
        };
        let place = (epoch, reading.at, seq);
        match bed.follow(&self.merges, reading.admission.as_ref(), place, order) {
            Follow::OfThePresent => {}
            Follow::OfAnother { changed } => return changed,
        }
        let known = bed.values.get(&reading.seen.code);
        if known.is_some_and(|known| order(known.place) >= order(place)) {
            return false;
        }
        let latest = Latest {
            place,
            at,
            measured: reading.seen.measured,
            quality: reading.seen.quality,
            arrived,
        };
        bed.values.insert(reading.seen.code, latest);
        true
    }

    /// Somebody said who lies in a bed: the values of anybody else go (I3).
    pub(super) fn identified(
        &mut self,
        bed: &BedId,
        admission: &AdmissionId,
        place: (Epoch, MonoTime, Seq),
        present: Option<Epoch>,
    ) {
        let order = |place: (Epoch, MonoTime, Seq)| -> Order {
            (Some(place.0) == present, place.0, place.1, place.2)
        };
        if let Some(bed) = self.beds.get_mut(bed) {
            bed.follow(&self.merges, Some(admission), place, order);
        }
    }

    /// Two stays are one patient's: what a bed shows of the one is of the other too.
    pub(super) fn merged(&mut self, from: &AdmissionId, into: &AdmissionId) {
        self.merges.add(from, into);
    }

    /// Every bed of which something is known.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&BedId, &Bed)> {
        self.beds.iter()
    }

    /// One bed.
    pub(super) fn get(&self, bed: &BedId) -> Option<&Bed> {
        self.beds.get(bed)
    }
}

/// Whose a word about a bed is.
enum Follow {
    /// Of whoever lies there.
    OfThePresent,
    /// Of somebody who lies there no more.
    OfAnother { changed: bool },
}

impl Bed {
    /// Something was heard of a stay: the newest word says who lies there, and what others left is forgotten.
    fn follow(
        &mut self,
        merges: &Merges,
        admission: Option<&AdmissionId>,
        place: (Epoch, MonoTime, Seq),
        order: impl Fn((Epoch, MonoTime, Seq)) -> Order,
    ) -> Follow {
        let is_newest = self.newest.is_none_or(|newest| order(newest) < order(place));
        let root = |of: Option<&AdmissionId>| of.map(|of| merges.root(of).clone());
        if self.newest.is_some() && root(self.admission.as_ref()) != root(admission) {
            if !is_newest {
                if self.others.is_none_or(|others| order(others) < order(place)) {
                    self.others = Some(place);
                }
                let before = self.values.len();
                self.values.retain(|_, latest| order(latest.place) > order(place));
                let changed = self.values.len() != before;
                return Follow::OfAnother { changed };
            }
            self.others = self.newest;
            self.values.clear();
        }
        if self.others.is_some_and(|others| order(others) > order(place)) {
            return Follow::OfAnother { changed: false };
        }
        if is_newest {
            self.newest = Some(place);
            self.admission = admission.cloned();
        }
        Follow::OfThePresent
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vitals::{BootId, Decimal, Observation};

    use super::*;

    /// (epoch, at in ms, admission, value); the place in the list is the seq.
    type Row = (u64, u64, &'static str, i64);

    fn take(
        beds: &mut Beds,
        seq: usize,
        (epoch, at_ms, admission, value): Row,
        present: Option<Epoch>,
    ) -> bool {
        let reading = Reading {
            device: "oxi".parse().unwrap(),
            bed: Some("1".parse().unwrap()),
            admission: Some(admission.parse().unwrap()),
            at: MonoTime::from_ms(at_ms),
            seen: Observation::value(Code::Hr, Decimal::whole(value)),
        };
        let stamp = Stamp {
            boot: BootId([1; 16]),
            mono: reading.at,
        };
        let id = (Epoch(epoch), Seq(seq as u64));
        beds.take(id, &reading, stamp, None, present)
    }

    fn shown(beds: &Beds) -> Vec<String> {
        let bed = beds.get(&"1".parse().unwrap()).unwrap();
        bed.values
            .values()
            .map(|latest| latest.measured.value().unwrap().to_string())
            .collect()
    }

    proptest! {
        #[test]
        fn i4_late_data_never_replaces_a_newer_value_whatever_the_order_of_arrival(
            rows in proptest::collection::vec((1..4u64, 0..50u64), 1..30),
            order in any::<prop::sample::Index>(),
        ) {
            let rows: Vec<Row> = rows.iter().map(|&(epoch, at)| (epoch, at, "a", 60 + at as i64)).collect();
            let newest = rows.iter().map(|row| (row.0, row.1)).max().unwrap();
            let mut shuffled: Vec<(usize, Row)> = rows.into_iter().enumerate().collect();
            let by = order.index(shuffled.len());
            shuffled.rotate_left(by);
            shuffled.reverse();
            let mut beds = Beds::default();
            for (seq, row) in shuffled {
                take(&mut beds, seq, row, None);
            }
            prop_assert_eq!(shown(&beds), vec![(60 + newest.1).to_string()]);
        }
    }

    #[test]
    fn i3_the_values_of_whoever_lay_there_before_go_with_him() {
        let mut beds = Beds::default();
        take(&mut beds, 1, (1, 100, "before", 70), None);
        assert!(take(&mut beds, 2, (1, 200, "now", 90), None));
        assert!(!take(&mut beds, 3, (1, 150, "before", 71), None));
        assert_eq!(shown(&beds), vec!["90"]);
    }

    #[test]
    fn i3_a_new_patient_takes_the_values_of_the_one_before_off_the_page_before_anything_is_measured() {
        let mut beds = Beds::default();
        take(&mut beds, 1, (1, 100, "before", 70), None);
        let place = |at_ms| (Epoch(1), MonoTime::from_ms(at_ms), Seq(1));
        let (bed, now) = ("1".parse().unwrap(), "now".parse().unwrap());
        beds.identified(&bed, &now, place(200), None);
        assert!(shown(&beds).is_empty());
        assert!(!take(&mut beds, 2, (1, 150, "before", 71), None));
        assert!(take(&mut beds, 3, (1, 250, "now", 90), None));
        beds.identified(&bed, &now, place(300), None);
        assert_eq!(shown(&beds), vec!["90"], "a corrected word takes nothing away");
    }

    #[test]
    fn i3_a_patient_who_was_here_before_keeps_the_values_that_the_bed_shows() {
        let mut beds = Beds::default();
        take(&mut beds, 1, (1, 100, "unknown", 70), None);
        let (from, into) = ("unknown".parse().unwrap(), "before".parse().unwrap());
        beds.merged(&from, &into);
        let place = (Epoch(1), MonoTime::from_ms(200), Seq(2));
        beds.identified(&"1".parse().unwrap(), &into, place, None);
        assert_eq!(shown(&beds), vec!["70"]);
        assert!(take(&mut beds, 2, (1, 250, "before", 90), None));
        assert!(
            !take(&mut beds, 3, (1, 150, "unknown", 71), None),
            "older, and of nobody else"
        );
        assert_eq!(shown(&beds), vec!["90"]);
    }

    #[test]
    fn i4_the_present_run_is_newer_than_any_other_even_when_a_new_card_counts_from_the_beginning() {
        let mut beds = Beds::default();
        take(&mut beds, 1, (7, 100_000, "a", 70), Some(Epoch(7)));
        assert!(take(&mut beds, 1, (1, 5, "a", 90), Some(Epoch(1))));
        assert!(!take(&mut beds, 2, (7, 200_000, "a", 71), Some(Epoch(1))));
        assert_eq!(shown(&beds), vec!["90"]);
    }

    #[test]
    fn a_post_with_more_beds_than_the_bound_shows_the_first_ones() {
        let mut beds = Beds::default();
        for n in 0..BEDS_MAX + 1 {
            let reading = Reading {
                device: "oxi".parse().unwrap(),
                bed: Some(format!("b{n}").parse().unwrap()),
                admission: None,
                at: MonoTime::BOOT,
                seen: Observation::value(Code::Hr, Decimal::whole(80)),
            };
            let at = Stamp {
                boot: BootId([1; 16]),
                mono: MonoTime::BOOT,
            };
            let taken = beds.take((Epoch(1), Seq(1)), &reading, at, None, None);
            assert_eq!(taken, n < BEDS_MAX);
        }
    }
}
