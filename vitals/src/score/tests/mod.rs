//! One `check` for each behaviour; `second` is a scorer written for itself, to compare with.

mod advisory;
mod care;
mod charts;
mod charts_refused;
mod entry;
mod fresh;
mod news2;
mod news2_agrees;
mod second;
mod watched;

use super::*;

/// `36.6` as a decimal; panics on what is none.
fn decimal(text: &str) -> Decimal {
    let (whole, after) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{after}");
    Decimal::new(digits.parse().unwrap(), u8::try_from(after.len()).unwrap())
}

fn adult() -> Patient {
    Patient {
        age: Some(Age::of_years(40)),
        pregnancy: Pregnancy::None,
    }
}

fn acvpu(letter: &str) -> Consciousness {
    use Consciousness::{Alert, Confused, Pain, Unresponsive, Voice};
    let all = [Alert, Confused, Voice, Pain, Unresponsive];
    all.into_iter().find(|level| level.key() == letter).unwrap()
}

#[test]
fn rounds_half_up_to_whole_steps() {
    let steps = |text, places| in_steps(decimal(text), places);
    assert_eq!(steps("91.5", 0), 92);
    assert_eq!(steps("91.49", 0), 91);
    assert_eq!(steps("35.05", 1), 351);
    assert_eq!(steps("35.049", 1), 350);
    assert_eq!(steps("37", 1), 370);
    assert_eq!(steps("37.00", 1), 370);
    assert_eq!(in_steps(Decimal::whole(i64::MAX), 1), i64::MAX, "no overflow");
}

#[test]
fn an_age_is_in_completed_months() {
    assert_eq!(Age::of_years(4).months(), 48);
    assert!(Age::of_months(59) < Age::of_years(5));
    assert_eq!(Age::of_years(u32::MAX).months(), u32::MAX, "no overflow");
}
