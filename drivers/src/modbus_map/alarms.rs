//! The alarm conditions of a signal, read from its map.

use super::check::Checked;
use super::error::MapProblem;
use super::file::{AlarmText, SignalText};
use super::map::{Comparison, SignalAlarm};
use super::values::decimal;

/// What this signal alarms about.
pub(super) fn of(text: &SignalText) -> Checked<Option<SignalAlarm>> {
    text.alarm.as_ref().map(alarm).transpose()
}

fn alarm(text: &AlarmText) -> Checked<SignalAlarm> {
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
    let with = rest.trim().parse().ok().and_then(decimal).ok_or_else(bad)?;
    Ok(SignalAlarm {
        when: comparison,
        with,
        kind: text.class,
        priority: text.priority,
    })
}
