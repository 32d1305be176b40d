//! NEWS2 against a second scorer over the whole grid of inputs, and what always holds.

use proptest::prelude::*;

use super::second::{self, Seen};
use super::*;
use crate::score::news2::{Band, Inputs, Outcome, Parameter, Part, Spo2Scale, TOTAL_MAX, assess};

const WELL: Seen = Seen {
    rr: Some(16),
    spo2: Some(98),
    scale: 1,
    oxygen: Some(false),
    sbp: Some(120),
    pulse: Some(70),
    acvpu: Some('A'),
    temp: Some(370),
};

fn first(seen: Seen) -> String {
    let scale = if seen.scale == 1 {
        Spo2Scale::One
    } else {
        Spo2Scale::Two
    };
    let inputs = Inputs {
        rr: seen.rr.map(Decimal::whole),
        spo2: seen.spo2.map(Decimal::whole),
        on_oxygen: seen.oxygen,
        sbp: seen.sbp.map(Decimal::whole),
        pulse: seen.pulse.map(Decimal::whole),
        consciousness: seen.acvpu.map(|letter| acvpu(&letter.to_string())),
        temp: seen.temp.map(|tenths| Decimal::new(tenths, 1)),
    };
    let assessment = assess(adult(), scale, inputs);
    let red = assessment.red;
    let keys = |those: &[Parameter]| those.iter().map(|one| one.key()).collect::<Vec<_>>().join(",");
    match &assessment.outcome {
        Outcome::Total { total, band } => format!("{total} {} red {red}", band.key()),
        Outcome::Incomplete { missing } => format!("incomplete {} red {red}", keys(missing)),
        Outcome::Invalid { impossible, .. } => format!("invalid {} red {red}", keys(impossible)),
        Outcome::NotApplicable(not_for) => format!("{not_for:?}"),
    }
}

fn agree(seen: Seen) {
    let (ours, theirs) = (first(seen), second::score(seen));
    assert!(ours == theirs, "{seen:?}: {ours}, the second says {theirs}");
}

#[test]
fn every_value_of_every_parameter() {
    for n in -20..=400 {
        agree(Seen { rr: Some(n), ..WELL });
        agree(Seen { sbp: Some(n), ..WELL });
        agree(Seen {
            pulse: Some(n),
            ..WELL
        });
    }
    for tenths in -100..=600 {
        agree(Seen {
            temp: Some(tenths),
            ..WELL
        });
    }
    for letter in ['A', 'C', 'V', 'P', 'U'] {
        agree(Seen {
            acvpu: Some(letter),
            ..WELL
        });
    }
    for n in -20..=150 {
        for scale in [1, 2] {
            for oxygen in [None, Some(false), Some(true)] {
                agree(Seen {
                    spo2: Some(n),
                    scale,
                    oxygen,
                    ..WELL
                });
            }
        }
    }
}

#[test]
fn every_combination_of_one_value_from_each_step() {
    let mut seen = 0u32;
    for spo2 in [80, 84, 86, 90, 92, 93, 95, 97] {
        for (scale, oxygen) in [(1, false), (1, true), (2, false), (2, true)] {
            for rr in [4, 10, 16, 22, 30] {
                for sbp in [70, 95, 105, 150, 230] {
                    for pulse in [30, 45, 70, 100, 120, 140] {
                        for acvpu in ['A', 'C', 'V', 'P', 'U'] {
                            for temp in [340, 355, 370, 385, 400] {
                                agree(Seen {
                                    rr: Some(rr),
                                    spo2: Some(spo2),
                                    scale,
                                    oxygen: Some(oxygen),
                                    sbp: Some(sbp),
                                    pulse: Some(pulse),
                                    acvpu: Some(acvpu),
                                    temp: Some(temp),
                                });
                                seen += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(seen, 8 * 4 * 5 * 5 * 6 * 5 * 5);
}

/// Present and well, present and red, impossible, missing: every parameter with every other.
#[test]
fn every_combination_of_present_red_impossible_and_missing() {
    let number = |state: u32, well, red, impossible| match state {
        0 => Some(well),
        1 => Some(red),
        2 => Some(impossible),
        _ => None,
    };
    for states in 0..4u32.pow(5) {
        let of = |place: u32| states / 4u32.pow(place) % 4;
        for scale in [1, 2] {
            for oxygen in [None, Some(false), Some(true)] {
                for acvpu in [None, Some('A'), Some('U')] {
                    agree(Seen {
                        rr: number(of(0), 16, 4, 120),
                        spo2: number(of(1), 98, 70, 0),
                        scale,
                        oxygen,
                        sbp: number(of(2), 120, 60, 20),
                        pulse: number(of(3), 70, 150, 400),
                        acvpu,
                        temp: number(of(4), 370, 330, 500),
                    });
                }
            }
        }
    }
}

fn any_inputs() -> impl Strategy<Value = (Spo2Scale, Inputs)> {
    let thousandths = |low: i64, high: i64| (low * 1000..=high * 1000).prop_map(|n| Decimal::new(n, 3));
    let scale = prop_oneof![Just(Spo2Scale::One), Just(Spo2Scale::Two)];
    let numbers = (
        thousandths(0, 99),
        thousandths(1, 100),
        thousandths(30, 300),
        thousandths(20, 300),
        thousandths(25, 45),
    );
    let level = prop_oneof![Just("A"), Just("C"), Just("V"), Just("P"), Just("U")];
    (scale, numbers, any::<bool>(), level).prop_map(|(scale, numbers, oxygen, level)| {
        let (rr, spo2, sbp, pulse, temp) = numbers;
        let inputs = Inputs {
            rr: Some(rr),
            spo2: Some(spo2),
            on_oxygen: Some(oxygen),
            sbp: Some(sbp),
            pulse: Some(pulse),
            consciousness: Some(acvpu(level)),
            temp: Some(temp),
        };
        (scale, inputs)
    })
}

/// Half-up in another way: the floor of the value plus a half.
fn half_up(value: Decimal, places: u8) -> i64 {
    assert_eq!(value.places(), 3);
    let step = 10i64.pow(3 - u32::from(places));
    (2 * value.mantissa() + step).div_euclid(2 * step)
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_its_parts((scale, inputs) in any_inputs()) {
        let assessment = assess(adult(), scale, inputs);
        let points: Vec<u8> = assessment.parts.iter().map(|(_, part)| match part {
            Part::Points(points) => *points,
            other => panic!("{other:?}"),
        }).collect();
        let sum: u8 = points.iter().sum();
        let red = points.contains(&3);
        prop_assert!(sum <= TOTAL_MAX && points.iter().all(|points| *points <= 3));
        prop_assert_eq!(assessment.red, red);
        prop_assert_eq!(assessment.outcome, Outcome::Total { total: sum, band: Band::of(sum, red) });
    }

    #[test]
    fn values_between_the_steps_score_as_their_rounded_ones((scale, inputs) in any_inputs()) {
        let rounded = Seen {
            rr: inputs.rr.map(|value| half_up(value, 0)),
            spo2: inputs.spo2.map(|value| half_up(value, 0)),
            scale: if scale == Spo2Scale::One { 1 } else { 2 },
            oxygen: inputs.on_oxygen,
            sbp: inputs.sbp.map(|value| half_up(value, 0)),
            pulse: inputs.pulse.map(|value| half_up(value, 0)),
            acvpu: inputs.consciousness.map(|level| level.key().chars().next().unwrap()),
            temp: inputs.temp.map(|value| half_up(value, 1)),
        };
        let assessment = assess(adult(), scale, inputs);
        let Outcome::Total { total, band } = assessment.outcome else { panic!("{assessment:?}") };
        prop_assert_eq!(format!("{total} {} red {}", band.key(), assessment.red), second::score(rounded));
    }
}

/// From the values that score 0 outwards, points never fall.
#[test]
fn farther_out_is_never_fewer_points() {
    let outwards = |well: i64, low: i64, high: i64, of: &dyn Fn(i64) -> Seen| {
        let total = |n: i64| -> u32 { first(of(n)).split(' ').next().unwrap().parse().unwrap() };
        for path in [(low..=well).rev().collect::<Vec<_>>(), (well..=high).collect()] {
            for pair in path.windows(2) {
                assert!(total(pair[0]) <= total(pair[1]), "{pair:?}");
            }
        }
    };
    outwards(16, 0, 99, &|n| Seen { rr: Some(n), ..WELL });
    outwards(120, 30, 300, &|n| Seen { sbp: Some(n), ..WELL });
    outwards(70, 20, 300, &|n| Seen {
        pulse: Some(n),
        ..WELL
    });
    outwards(370, 250, 450, &|n| Seen {
        temp: Some(n),
        ..WELL
    });
    for oxygen in [Some(false), Some(true)] {
        outwards(100, 1, 100, &|n| Seen {
            spo2: Some(n),
            oxygen,
            ..WELL
        });
        outwards(90, 1, 100, &|n| Seen {
            spo2: Some(n),
            scale: 2,
            oxygen,
            ..WELL
        });
    }
}
