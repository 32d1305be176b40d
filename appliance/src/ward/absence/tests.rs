use vitals::Category;

use super::super::{BedSetup, DeviceSetup};
use super::*;

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

/// Somebody named by a person in bed 1, with two monitors there, one that is asked every 20 minutes at bed 2, and one at bed 3
/// that speaks only when it has something to say.
fn ward() -> Ward {
    let bed = |name: &str| BedSetup {
        id: id(name),
        label: name.to_owned(),
        category: Category::Adult,
    };
    let device = |name: &str, bed: &str, silent_after: Option<u64>| DeviceSetup {
        id: id(name),
        bed: Some(id(bed)),
        silent_after: silent_after.map(Duration::from_secs),
        is_laboratory: false,
    };
    let devices = vec![
        device("oxi", "1", Some(10)),
        device("mon", "1", Some(10)),
        device("slow", "2", Some(3_600)),
        device("spot", "3", None),
    ];
    let mut ward = Ward::new(["1", "2", "3"].map(bed).into(), devices, MonoTime::BOOT);
    for bed in ["1", "2", "3"] {
        let lies = named(bed, "Grace");
        ward.identified(lies, s(1));
    }
    ward
}

fn named(bed: &str, by: &str) -> Identified {
    Identified {
        vacant: false,
        ..Ward::empty(&id(bed), id(&format!("{bed}-{by}-1")), by)
    }
}

/// Who is asked about when these devices tell something at these seconds, one after the other.
fn asked(ward: &mut Ward, told: &[(&str, u64)]) -> Vec<Option<u64>> {
    let back = |(device, at): &(&str, u64)| {
        let back = ward.back_after_silence(&id(device), s(*at));
        back.map(|(_, from)| from.as_ms())
    };
    told.iter().map(back).collect()
}

#[test]
fn i3_a_silence_counts_from_its_first_moment_and_only_when_it_is_longer_than_the_bound() {
    let told = [("oxi", 5), ("oxi", 605), ("oxi", 1_206), ("oxi", 1_207)];
    assert_eq!(asked(&mut ward(), &told), [None, None, Some(605_001), None]);
    let mut ward = ward();
    ward.ask_after(Duration::from_secs(30));
    assert_eq!(asked(&mut ward, &[("oxi", 5), ("oxi", 36)]), [None, Some(5_001)]);
}

#[test]
fn while_any_device_of_the_bed_is_heard_nobody_is_asked() {
    let told = [("oxi", 5), ("mon", 500), ("mon", 1_000), ("oxi", 1_500)];
    assert_eq!(asked(&mut ward(), &told), [None; 4]);
    let waited_for = [("slow", 5), ("slow", 3_600), ("spot", 5), ("spot", 90_000)];
    assert_eq!(asked(&mut ward(), &waited_for), [None; 4]);
    assert_eq!(
        asked(&mut ward(), &[("slow", 5), ("slow", 3_606)]),
        [None, Some(5_001)]
    );
}

#[test]
fn what_waited_behind_an_outage_counts_as_measured_when_it_was() {
    // A gateway tells a minute in between, and last what came live meanwhile.
    let told = [("oxi", 5), ("oxi", 500), ("oxi", 400), ("oxi", 1_000)];
    assert_eq!(asked(&mut ward(), &told), [None; 4]);
}

#[test]
fn of_nobody_and_of_somebody_whom_no_person_named_nothing_is_asked() {
    let word = |vacant: bool, by: &str, perhaps: Option<&str>| Identified {
        vacant,
        perhaps: perhaps.map(id),
        ..named("1", by)
    };
    for (word, expected) in [
        (word(false, "Ann", None), Some(1_005_001)),
        (word(true, "Ann", None), None),
        (word(false, "", None), None),
        (word(false, "Ann", Some("1-0-1")), None),
    ] {
        let mut ward = ward();
        ward.identified(word, s(1_000));
        // Of the stay before: not of whoever lies there now.
        assert_eq!(asked(&mut ward, &[("oxi", 900)]), [None]);
        assert_eq!(
            asked(&mut ward, &[("oxi", 1_005), ("oxi", 2_000)]),
            [None, expected]
        );
    }
}

#[test]
fn a_silence_that_began_before_this_boot_counts_where_the_clocks_know_it() {
    for (heard, expected) in [
        (Heard::Before(Some(Duration::from_secs(595))), None),
        (Heard::Before(Some(Duration::from_secs(599))), Some(0)),
        (Heard::Before(None), Some(0)),
        (Heard::At(s(1)), None),
        (Heard::Never, None),
    ] {
        let mut ward = ward();
        ward.recall_heard(&id("1"), heard);
        assert_eq!(
            asked(&mut ward, &[("oxi", 3), ("oxi", 4)]),
            [expected, None],
            "{heard:?}"
        );
    }
}
