use super::*;

fn bed(name: &str) -> Option<BedId> {
    (!name.is_empty()).then(|| name.parse().unwrap())
}

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(seconds * 1_000)
}

fn place(from_s: u64, name: &str, by: &str) -> Place {
    Place {
        from: s(from_s),
        bed: bed(name),
        by: by.to_owned(),
        home: bed("1"),
    }
}

/// `1`, `2`, `-` at none, `?` nobody knows.
fn at(places: &Places, seconds: u64) -> String {
    let place = places.at(s(seconds));
    place.map_or("?".to_owned(), |place| {
        place.bed.as_ref().map_or("-".to_owned(), ToString::to_string)
    })
}

#[test]
fn i3_a_moment_is_of_the_bed_at_which_the_device_stood_then() {
    let mut places = Places::new(bed("1"));
    places.take(place(10, "2", "Grace"));
    places.take(place(20, "", "Grace"));
    places.take(place(30, "1", "Grace"));
    let beds: Vec<String> = [0, 9, 10, 19, 20, 29, 30, 99]
        .map(|second| at(&places, second))
        .into();
    assert_eq!(beds, ["1", "1", "2", "2", "-", "-", "1", "1"]);
}

#[test]
fn i3_what_is_older_than_anything_remembered_is_of_no_bed() {
    let mut places = Places::new(bed("1"));
    for n in 0..=PLACES_MAX as u64 {
        places.take(place(10 + n, ["2", "1"][n as usize % 2], "Grace"));
    }
    assert_eq!(places.earlier.len(), PLACES_MAX);
    assert_eq!(
        (at(&places, 9), at(&places, 10)),
        ("?".to_owned(), "2".to_owned())
    );
}

#[test]
fn a_word_that_moves_nothing_keeps_its_moment_and_two_of_one_moment_are_the_later_one() {
    let mut places = Places::new(bed("1"));
    places.take(place(10, "2", "Grace"));
    places.take(place(50, "2", "John"));
    assert_eq!(
        (places.present().from, places.present().by.as_str()),
        (s(10), "John")
    );
    places.take(place(10, "", "John"));
    assert_eq!(
        (at(&places, 9), at(&places, 10)),
        ("1".to_owned(), "-".to_owned())
    );
}

/// What an earlier run told, at a second of this boot or in an earlier boot (`None`), and where the device stands once a
/// run begins at second 100 with this home.
fn settled(told: &[(Option<u64>, &str, &str)], home: &str, moments: [u64; 2]) -> (String, [String; 2]) {
    let mut places = Places::new(bed(home));
    for (from, name, by) in told {
        places.recall(place(0, name, by), from.map(s));
    }
    places.settle(
        bed(home).as_ref(),
        |bed| ["1", "2"].contains(&bed.as_str()),
        s(100),
    );
    (
        places.present().by.clone(),
        moments.map(|moment| at(&places, moment)),
    )
}

#[test]
fn a_persons_word_outlasts_a_restart_while_the_home_is_the_same_and_the_bed_is_there() {
    let is = |by: &str, beds: [&str; 2]| (by.to_owned(), beds.map(str::to_owned));
    let said = [(None, "1", ""), (None, "2", "Grace")];
    assert_eq!(settled(&said, "1", [0, 200]), is("Grace", ["2", "2"]));
    assert_eq!(
        settled(&said, "2", [0, 200]),
        is("", ["2", "2"]),
        "moved by the configuration"
    );
    assert_eq!(settled(&said, "", [0, 200]), is("", ["-", "-"]));
    let gone = [(None, "9", "Grace")];
    assert_eq!(
        settled(&gone, "1", [0, 200]),
        is("", ["1", "1"]),
        "no such bed any more"
    );
    let away = [(Some(10), "1", ""), (Some(50), "", "Grace")];
    assert_eq!(settled(&away, "1", [49, 50]), is("Grace", ["1", "-"]));
}

#[test]
fn i3_what_was_measured_before_a_restart_stays_of_the_bed_before_it_whatever_the_configuration_says_now() {
    let told = [
        (Some(10), "1", ""),
        (Some(50), "2", "Grace"),
        (Some(60), "2", "Grace"),
    ];
    let beds = |home, moments| settled(&told, home, moments).1;
    assert_eq!(beds("1", [49, 50]), ["1", "2"]);
    assert_eq!(beds("2", [99, 100]), ["2", "2"]);
    assert_eq!(beds("", [99, 100]), ["2", "-"]);
    let only = [(Some(10), "1", "")];
    assert_eq!(settled(&only, "2", [99, 100]).1, ["1", "2"]);
    assert_eq!(settled(&only, "1", [0, 100]).1, ["1", "1"]);
}
