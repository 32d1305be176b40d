//! The alarms of a signal, read from its map.

use std::time::Duration;

use vitals::alarm::{AlarmKind, DEVICE_ALARM_CHARS_MAX};
use vitals::{Comparison, Decimal, SiteAlarm};

use super::check::{Checked, bad_number, number};
use super::error::MapProblem;
use super::file::{AlarmText, SignalText};
use super::map::Kind;
use super::values::{decimal, duration};

/// A single odd value raises no alarm.
const DELAY: Duration = Duration::from_secs(10);

/// What this signal alarms about.
pub(super) fn of(text: &SignalText, kind: Kind) -> Checked<Vec<SiteAlarm>> {
    let mut alarms: Vec<SiteAlarm> = Vec::with_capacity(text.alarm.len());
    for written in &text.alarm {
        let at = written.when.span();
        if written.class != AlarmKind::Technical || text.code.is_some() {
            return Err((at, MapProblem::AlarmOfPatient));
        }
        if matches!(kind, Kind::Text(_)) || !text.publish {
            return Err((at, MapProblem::Clash("alarm and a text or publish = false")));
        }
        let alarm = one(written)?;
        if alarms.iter().any(|other| other.trouble() == alarm.trouble()) {
            return Err((at, MapProblem::AlarmTwice(alarm.trouble().key())));
        }
        alarms.push(alarm);
    }
    Ok(alarms)
}

fn one(text: &AlarmText) -> Checked<SiteAlarm> {
    let when = text.when.get_ref().trim();
    let bad = || (text.when.span(), MapProblem::BadWhen(text.when.get_ref().clone()));
    // The longer operators first: "<=" also begins with "<".
    let (comparison, rest) = [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Below),
        (">", Comparison::Above),
    ]
    .into_iter()
    .find_map(|(sign, comparison)| Some((comparison, when.strip_prefix(sign)?)))
    .ok_or_else(bad)?;
    let deadband = number("deadband", text.deadband.as_ref())?.unwrap_or(Decimal::whole(0));
    if let Some(written) = text.deadband.as_ref().filter(|_| deadband < Decimal::whole(0)) {
        let hint = "how far back over the limit the value must come: 0 or more";
        return Err((written.span(), bad_number("deadband", written.get_ref(), hint)));
    }
    Ok(SiteAlarm {
        when: comparison,
        with: rest.trim().parse().ok().and_then(decimal).ok_or_else(bad)?,
        priority: text.priority,
        delay: match &text.delay {
            None => DELAY,
            Some(delay) => duration(delay.get_ref()).map_err(|problem| (delay.span(), problem))?,
        },
        deadband,
        text: words(text)?,
    })
}

fn words(text: &AlarmText) -> Checked<String> {
    let Some(words) = &text.text else {
        return Ok(String::new());
    };
    let plain = words.get_ref().trim();
    let fits = (1..=DEVICE_ALARM_CHARS_MAX).contains(&plain.chars().count());
    if !fits || plain.chars().any(char::is_control) {
        let hint = "1 to 80 characters on one line, for example \"vaccine fridge too warm\"";
        return Err((words.span(), bad_number("text", words.get_ref(), hint)));
    }
    Ok(plain.to_owned())
}
