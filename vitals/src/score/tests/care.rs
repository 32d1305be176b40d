//! What is said of a patient, with who said it.

use super::*;
use crate::score::care::{Care, CareFact, CareTold};
use crate::score::news2::Spo2Scale;
use crate::{BootId, MonoTime, Stamp};

fn told(by: &str, fact: CareFact) -> CareTold {
    CareTold {
        bed: "1".parse().unwrap(),
        admission: "a".parse().unwrap(),
        by: by.to_owned(),
        said: Stamp {
            boot: BootId([1; 16]),
            mono: MonoTime::from_ms(7),
        },
        fact,
    }
}

#[test]
fn nothing_said_is_not_pregnant_the_first_scale_and_no_pacemaker() {
    let care = Care::default();
    assert_eq!(
        (care.pregnancy(), care.scale(), care.is_paced()),
        (Pregnancy::None, Spo2Scale::default(), false)
    );
    assert!(care.told(&"1".parse().unwrap(), &"a".parse().unwrap()).is_empty());
}

#[test]
fn what_is_said_last_counts_and_is_told_again_in_the_same_words() {
    let mut care = Care::default();
    care.take(&told("Ama", CareFact::Pregnancy(Pregnancy::None)));
    let last = [
        told("Grace", CareFact::Pregnancy(Pregnancy::Pregnant)),
        told("Dr K.", CareFact::Scale(Spo2Scale::Two)),
        told("Kofi", CareFact::Paced(true)),
    ];
    last.iter().for_each(|told| care.take(told));
    assert_eq!(
        (care.pregnancy(), care.scale(), care.is_paced()),
        (Pregnancy::Pregnant, Spo2Scale::Two, true)
    );
    assert_eq!(care.told(&"1".parse().unwrap(), &"a".parse().unwrap()), last);
}

#[test]
fn of_two_stays_the_one_in_force_counts_and_the_earlier_one_completes_it() {
    let (mut now, mut earlier) = (Care::default(), Care::default());
    now.take(&told("Grace", CareFact::Paced(false)));
    for fact in [CareFact::Paced(true), CareFact::Scale(Spo2Scale::Two)] {
        earlier.take(&told("Ama", fact));
    }
    let one = now.completed_by(earlier);
    assert_eq!((one.is_paced(), one.scale()), (false, Spo2Scale::Two));
    assert_eq!(one.pregnancy, None);
}
