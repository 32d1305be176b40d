//! Bedside PEWS and MEOWS: the vectors of the specification, and every value against its tables read a second time.

use super::*;
use crate::score::chart::{
    Chart, ChartInputs, ChartNotFor, ChartOutcome, ChartPart, ChartScore, Item, MEOWS_RED, MEOWS_YELLOW,
    Urgency, bedside_pews, meows,
};

/// Table 1 as the specification has it: item, ages, and `high / low` for 1, 2 and 4 points.
const PEWS_TABLE: &str = "
| HR | 0 to <3 mo | 150 / 110 | 180 / 90 | 190 / 80 |
| HR | 3 to <12 mo | 150 / 100 | 170 / 80 | 180 / 70 |
| HR | 1 to 4 y | 120 / 90 | 150 / 70 | 170 / 60 |
| HR | >4 to 12 y | 110 / 70 | 130 / 60 | 150 / 50 |
| HR | >12 y | 100 / 60 | 120 / 50 | 140 / 40 |
| SBP | 0 to <3 mo | 80 / 60 | 100 / 50 | 130 / 45 |
| SBP | 3 to <12 mo | 100 / 80 | 120 / 70 | 150 / 60 |
| SBP | 1 to 4 y | 110 / 90 | 125 / 75 | 160 / 65 |
| SBP | >4 to 12 y | 120 / 90 | 140 / 80 | 170 / 70 |
| SBP | >12 y | 130 / 100 | 150 / 85 | 190 / 75 |
| RR | 0 to <3 mo | 61 / 29 | 81 / 19 | 91 / 15 |
| RR | 3 to <12 mo | 51 / 24 | 71 / 19 | 81 / 15 |
| RR | 1 to 4 y | 41 / 19 | 61 / 15 | 71 / 12 |
| RR | >4 to 12 y | 31 / 19 | 41 / 14 | 51 / 10 |
| RR | >12 y | 17 / 11 | 23 / 10 | 30 / 9 |
";

/// The first and the last month of each age in that table.
const PEWS_MONTHS: [(&str, u32, u32); 5] = [
    ("0 to <3 mo", 0, 2),
    ("3 to <12 mo", 3, 11),
    ("1 to 4 y", 12, 59),
    (">4 to 12 y", 60, 155),
    (">12 y", 156, 215),
];

fn whole(n: i64) -> Option<Decimal> {
    Some(Decimal::whole(n))
}

fn given(flow: Option<&str>, percent: Option<&str>) -> Option<Oxygen> {
    Some(Oxygen::Given {
        device: "mask".to_owned(),
        flow: flow.map(decimal),
        percent: percent.map(decimal),
    })
}

fn of_months(months: u32) -> Patient {
    Patient {
        age: Some(Age::of_months(months)),
        pregnancy: Pregnancy::None,
    }
}

fn effort(key: &str) -> Effort {
    use Effort::{Apnoea, Mild, Moderate, Normal, Severe};
    let all = [Normal, Mild, Moderate, Severe, Apnoea];
    all.into_iter().find(|effort| effort.key() == key).unwrap()
}

/// `hr sbp refill rr effort spo2 oxygen`; `-` is missing.
fn child(line: &str) -> ChartInputs {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [hr, sbp, refill, rr, work, spo2, oxygen] = words[..] else {
        panic!("seven words: {line}");
    };
    let number = |word: &str| (word != "-").then(|| decimal(word));
    ChartInputs {
        hr: number(hr),
        sbp: number(sbp),
        capillary_refill: number(refill),
        rr: number(rr),
        effort: (work != "-").then(|| effort(work)),
        spo2: number(spo2),
        oxygen: match oxygen {
            "air" => Some(Oxygen::Air),
            "low" => given(Some("2"), None),
            "high" => given(None, Some("60")),
            _ => None,
        },
        ..ChartInputs::default()
    }
}

/// The points in this order of items, and the outcome.
fn told(score: &ChartScore, order: &[Item]) -> String {
    let of = |item: &Item| match score.parts.iter().find(|(one, _)| one == item) {
        Some((_, ChartPart::Points(points))) => points.to_string(),
        _ => "-".to_owned(),
    };
    let parts: Vec<String> = order.iter().map(of).collect();
    let outcome = match &score.outcome {
        ChartOutcome::Total { total, urgency } => format!("{total} {urgency:?}"),
        other => format!("{other:?} triggered {}", score.triggered),
    };
    format!("{} = {outcome}", parts.join("/"))
}

const PEWS_ORDER: [Item; 7] = [
    Item::Hr,
    Item::Sbp,
    Item::CapillaryRefill,
    Item::Rr,
    Item::Effort,
    Item::Spo2,
    Item::Oxygen,
];

fn check_pews(months: u32, line: &str, expected: &str) {
    let score = bedside_pews().score(of_months(months), &child(line));
    assert_eq!(told(&score, &PEWS_ORDER), expected, "{months} months, {line}");
}

#[test]
fn the_vectors_of_bedside_pews() {
    check_pews(6, "120 90 1 35 normal 99 air", "0/0/0/0/0/0/0 = 0 Usual");
    check_pews(30, "152 88 2 45 moderate 93 low", "2/1/0/1/2/1/2 = 9 Trigger");
    check_pews(96, "60 79 4 12 severe 88 high", "2/2/4/2/4/2/4 = 20 Trigger");
    check_pews(180, "118 118 1 24 mild 96 air", "1/0/0/2/1/0/0 = 4 Watch");
    check_pews(1, "185 48 3 82 severe 90 high", "2/2/4/2/4/2/4 = 20 Trigger");
}

#[test]
fn the_highest_total_of_bedside_pews_is_26_and_3_and_7_are_its_steps() {
    check_pews(1, "200 40 3 95 apnoea 80 high", "4/4/4/4/4/2/4 = 26 Trigger");
    check_pews(6, "120 90 1 35 moderate 99 air", "0/0/0/0/2/0/0 = 2 Usual");
    check_pews(6, "120 90 1 35 moderate 94 air", "0/0/0/0/2/1/0 = 3 Watch");
    check_pews(6, "120 90 1 35 severe 90 air", "0/0/0/0/4/2/0 = 6 Watch");
    check_pews(6, "150 90 1 35 severe 90 air", "1/0/0/0/4/2/0 = 7 Trigger");
}

/// The points of a value between the two ends of each column, read from the printed row.
fn from_table(row: &str, n: i64) -> u8 {
    let ends = row.trim_matches('|').split('|').skip(2);
    let mut points = 0;
    for (column, worth) in ends.zip([1, 2, 4]) {
        let (high, low) = column.split_once('/').unwrap();
        let (high, low): (i64, i64) = (high.trim().parse().unwrap(), low.trim().parse().unwrap());
        if !(low + 1..high).contains(&n) {
            points = worth;
        }
    }
    points
}

#[test]
fn every_possible_value_of_bedside_pews_at_both_ends_of_every_age() {
    let mut rows = 0;
    for row in PEWS_TABLE.lines().filter(|line| !line.is_empty()) {
        rows += 1;
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (name, age) = (cells.next().unwrap(), cells.next().unwrap());
        let (_, first, last) = PEWS_MONTHS.iter().find(|(label, ..)| *label == age).unwrap();
        let item = Item::from_key(&name.to_lowercase()).unwrap();
        let scale = item.scale().unwrap();
        for months in [*first, *last] {
            for n in scale.lowest..=scale.highest {
                let mut inputs = ChartInputs::default();
                match item {
                    Item::Hr => inputs.hr = whole(n),
                    Item::Sbp => inputs.sbp = whole(n),
                    _ => inputs.rr = whole(n),
                }
                let score = bedside_pews().score(of_months(months), &inputs);
                let part = score.parts.iter().find(|(one, _)| *one == item).unwrap().1;
                assert_eq!(
                    part,
                    ChartPart::Points(from_table(row, n)),
                    "{name} {n} at {months} months"
                );
            }
        }
    }
    assert_eq!(rows, 15);
}

/// The part that one item alone gives, at 6 months.
fn alone(chart: &Chart, item: Item, inputs: &ChartInputs) -> ChartPart {
    let score = chart.score(of_months(6), inputs);
    score.parts.iter().find(|(one, _)| *one == item).unwrap().1
}

#[test]
fn the_items_of_bedside_pews_that_are_the_same_at_all_ages() {
    for (text, points) in [("0", 0), ("2", 0), ("2.9", 0), ("2.95", 4), ("3", 4), ("20", 4)] {
        let inputs = child(&format!("- - {text} - - - -"));
        assert_eq!(
            alone(bedside_pews(), Item::CapillaryRefill, &inputs),
            ChartPart::Points(points),
            "{text}"
        );
    }
    for (key, points) in [
        ("normal", 0),
        ("mild", 1),
        ("moderate", 2),
        ("severe", 4),
        ("apnoea", 4),
    ] {
        let inputs = child(&format!("- - - - {key} - -"));
        assert_eq!(
            alone(bedside_pews(), Item::Effort, &inputs),
            ChartPart::Points(points),
            "{key}"
        );
    }
    for n in 1..=100 {
        let inputs = child(&format!("- - - - - {n} -"));
        let points = if n > 94 { 0 } else { 1 + u8::from(n <= 90) };
        assert_eq!(
            alone(bedside_pews(), Item::Spo2, &inputs),
            ChartPart::Points(points),
            "{n}"
        );
    }
}

#[test]
fn e2_oxygen_counts_by_flow_or_by_percentage_as_it_was_entered() {
    let judged = |flow, percent| {
        let inputs = ChartInputs {
            oxygen: given(flow, percent),
            ..ChartInputs::default()
        };
        alone(bedside_pews(), Item::Oxygen, &inputs)
    };
    use ChartPart::{Impossible, Missing, Points};
    for (flow, percent, expected) in [
        (Some("0.01"), None, Points(2)),
        (Some("3.99"), None, Points(2)),
        (Some("4"), None, Points(4)),
        (None, Some("21"), Points(2)),
        (None, Some("49"), Points(2)),
        (None, Some("50"), Points(4)),
        (Some("2"), Some("60"), Points(4)),
        (Some("6"), Some("40"), Points(4)),
        (None, None, Missing),
        (Some("0"), None, Impossible),
        (Some("2"), Some("20"), Impossible),
        (Some("101"), Some("60"), Impossible),
    ] {
        assert_eq!(judged(flow, percent), expected, "{flow:?} {percent:?}");
    }
}

#[test]
fn e1_what_is_missing_or_impossible_is_named_and_a_trigger_is_said_all_the_same() {
    let pews = bedside_pews();
    let score = pews.score(of_months(6), &child("120 - 1 35 severe 88 high"));
    assert_eq!(
        told(&score, &PEWS_ORDER),
        "0/-/0/0/4/2/4 = Incomplete { missing: [Sbp], age_missing: false } triggered true"
    );
    let score = pews.score(of_months(6), &child("120 - 1 35 normal 101 air"));
    assert_eq!(
        told(&score, &PEWS_ORDER),
        "0/-/0/0/0/-/0 = Invalid { impossible: [Spo2], missing: [Sbp] } triggered false"
    );
    let score = pews.score(Patient::default(), &child("120 90 1 35 severe 99 high"));
    assert_eq!(
        told(&score, &PEWS_ORDER),
        "-/-/0/-/4/0/4 = Incomplete { missing: [], age_missing: true } triggered true"
    );
    assert_eq!(score.age, None);
}

#[test]
fn bedside_pews_is_for_patients_below_18_years() {
    let well = child("80 115 1 14 normal 99 air");
    let outcome = |months| bedside_pews().score(of_months(months), &well);
    assert_eq!(
        outcome(216).outcome,
        ChartOutcome::NotApplicable(ChartNotFor::TooOld)
    );
    assert_eq!(
        outcome(215).outcome,
        ChartOutcome::Total {
            total: 0,
            urgency: Urgency::Usual
        }
    );
    assert_eq!(outcome(215).age.as_deref(), Some("13 years and more"));
    assert_eq!(outcome(59).age.as_deref(), Some("1 to 4 years"));
    assert_eq!(outcome(155).age.as_deref(), Some("5 to 12 years"));
}

/// `temp sbp dbp hr rr spo2 acvpu [pain]`; `-` is missing.
fn mother(line: &str) -> ChartScore {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |place: usize| {
        words
            .get(place)
            .filter(|word| **word != "-")
            .map(|word| decimal(word))
    };
    let inputs = ChartInputs {
        temp: number(0),
        sbp: number(1),
        dbp: number(2),
        hr: number(3),
        rr: number(4),
        spo2: number(5),
        consciousness: (words[6] != "-").then(|| acvpu(words[6])),
        pain: number(7),
        ..ChartInputs::default()
    };
    let pregnancy = Pregnancy::Pregnant;
    meows().score(Patient { age: None, pregnancy }, &inputs)
}

fn check_meows(line: &str, red: usize, yellow: usize, urgency: Urgency) {
    let score = mother(line);
    let counted = (score.parts_with(MEOWS_RED), score.parts_with(MEOWS_YELLOW));
    assert_eq!(counted, (red, yellow), "{line}");
    let total = u16::try_from(2 * red + yellow).unwrap();
    assert_eq!(score.outcome, ChartOutcome::Total { total, urgency }, "{line}");
    assert_eq!(score.triggered, urgency == Urgency::Trigger, "{line}");
}

#[test]
fn the_vectors_of_meows() {
    use Urgency::{Trigger, Usual};
    check_meows("36.8 118 74 82 16 98 A", 0, 0, Usual);
    check_meows("36.9 152 92 88 16 98 A", 0, 2, Trigger);
    check_meows("38.2 112 70 104 22 97 A", 1, 2, Trigger);
    check_meows("36.7 155 88 92 18 98 A", 0, 1, Usual);
    check_meows("35.0 90 60 120 30 95 A", 0, 4, Trigger);
    check_meows("36.6 164 104 90 18 98 A", 2, 0, Trigger);
}

/// Red 2, yellow 1, else 0: condition after condition, from the words of the chart.
fn meows_colour(item: Item, n: i64) -> u8 {
    let within = |low: i64, high: i64| (low..=high).contains(&n);
    let beyond = |low, high| !within(low, high);
    let (red, yellow) = match item {
        Item::Temp => (beyond(350, 380), within(350, 360)),
        Item::Sbp => (beyond(90, 160), within(90, 100) || within(150, 160)),
        Item::Dbp => (n > 100, within(90, 100)),
        Item::Hr => (beyond(40, 120), within(40, 50) || within(100, 120)),
        Item::Rr => (beyond(10, 30), within(21, 30)),
        Item::Spo2 => (n < 95, false),
        Item::Pain => (false, n == 2 || n == 3),
        other => panic!("{other:?} is no number"),
    };
    if red { 2 } else { u8::from(yellow) }
}

#[test]
fn every_possible_value_of_meows() {
    use Item::{Dbp, Hr, Pain, Rr, Sbp, Spo2, Temp};
    for (place, item) in [Temp, Sbp, Dbp, Hr, Rr, Spo2, Pain].into_iter().enumerate() {
        let scale = item.scale().unwrap();
        for n in scale.lowest..=scale.highest {
            let mut words = "36.8 118 74 82 16 98 A 0"
                .split(' ')
                .map(str::to_owned)
                .collect::<Vec<_>>();
            let column = if item == Pain { 7 } else { place };
            words[column] = Decimal::new(n, scale.places).to_string();
            let score = mother(&words.join(" "));
            let total = u16::from(meows_colour(item, n));
            let urgency = if total == 2 {
                Urgency::Trigger
            } else {
                Urgency::Usual
            };
            assert_eq!(
                score.outcome,
                ChartOutcome::Total { total, urgency },
                "{item:?} {n}"
            );
        }
    }
}

#[test]
fn meows_looks_at_consciousness_without_c_and_at_pain_where_it_is_entered() {
    use Urgency::{Trigger, Usual};
    check_meows("36.8 118 74 82 16 98 V", 0, 1, Usual);
    check_meows("36.8 118 74 82 16 98 P", 1, 0, Trigger);
    check_meows("36.8 118 74 82 16 98 U", 1, 0, Trigger);
    check_meows("36.8 118 74 82 16 98 V 2", 0, 2, Trigger);
    let confused = mother("36.8 118 74 82 16 98 C").outcome;
    let impossible = vec![Item::Consciousness];
    assert_eq!(
        confused,
        ChartOutcome::Invalid {
            impossible,
            missing: vec![]
        }
    );
}

#[test]
fn e1_meows_without_an_input_has_no_total_and_says_its_trigger() {
    let score = mother("- 170 74 82 16 98 -");
    let missing = vec![Item::Temp, Item::Consciousness];
    assert_eq!(
        score.outcome,
        ChartOutcome::Incomplete {
            missing,
            age_missing: false
        }
    );
    assert!(score.triggered);
    assert!(!mother("- 120 74 82 16 98 -").triggered);
}

#[test]
fn meows_is_for_pregnancy_and_the_six_weeks_after() {
    let score = |pregnancy| {
        meows()
            .score(Patient { age: None, pregnancy }, &ChartInputs::default())
            .outcome
    };
    assert_eq!(
        score(Pregnancy::None),
        ChartOutcome::NotApplicable(ChartNotFor::NotPregnant)
    );
    assert!(matches!(
        score(Pregnancy::SixWeeksAfter),
        ChartOutcome::Incomplete { .. }
    ));
    assert!(matches!(
        score(Pregnancy::Pregnant),
        ChartOutcome::Incomplete { .. }
    ));
}

#[test]
fn both_charts_say_what_they_are() {
    let words = |chart: &Chart| format!("{} {} {}", chart.name(), chart.version(), chart.owner());
    assert_eq!(words(bedside_pews()), "Bedside PEWS 2009 Vitalpost");
    assert_eq!(words(meows()), "MEOWS 2007 Vitalpost");
    assert_eq!(
        ScoreKind::ALL.map(ScoreKind::name),
        ["NEWS2", "Bedside PEWS", "MEOWS"]
    );
    assert_eq!(bedside_pews().trigger_at_least(), 7);
    assert!(bedside_pews().source().contains("Parshuram 2009") && meows().source().contains("CEMACH 2007"));
}

#[test]
fn what_no_living_patient_has_is_impossible_on_both_sides() {
    let bounds = |item: Item| {
        item.scale()
            .map(|scale| (scale.lowest, scale.highest, scale.places))
    };
    use Item::{CapillaryRefill, Dbp, Hr, Pain, Rr, Sbp, Spo2, Temp};
    assert_eq!(
        [Hr, Rr, Spo2].map(bounds),
        [(15, 350, 0), (0, 150, 0), (1, 100, 0)].map(Some)
    );
    assert_eq!(
        [Sbp, Dbp, Pain].map(bounds),
        [(30, 300, 0), (10, 250, 0), (0, 3, 0)].map(Some)
    );
    assert_eq!(
        [Temp, CapillaryRefill].map(bounds),
        [(250, 450, 1), (0, 200, 1)].map(Some)
    );
    for (line, item) in [
        ("36.8 118 74 14 16 98 A", Hr),
        ("36.8 118 74 351 16 98 A", Hr),
        ("45.05 118 74 82 16 98 A", Temp),
        ("24.94 118 74 82 16 98 A", Temp),
        ("36.8 118 74 82 16 98 A 4", Pain),
    ] {
        let impossible = vec![item];
        let missing = Vec::new();
        assert_eq!(
            mother(line).outcome,
            ChartOutcome::Invalid { impossible, missing },
            "{line}"
        );
    }
}
