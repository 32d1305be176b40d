//! Lines and trials, as the page is told of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use vitals::{Code, MonoTime};

use super::super::fitter::{self, Fitted, FittedLine};
use crate::clock::Clock;
use crate::config::LeftOut;
use crate::lines::{Counters, HeardNow, LineCount, PortState, TrialNow, TrialState, TriedNow};
use crate::web::{HeardShown, LineNow, LinePort, LinesNow, TrialShown, TriedShown, UnknownCode, ValueShown};

/// The lines and their counters as the API tells them.
pub fn lines(
    counters: Counters,
    clock: Clock,
    fitted: Fitted,
    left_out: Arc<Mutex<Vec<LeftOut>>>,
) -> LinesNow {
    Arc::new(move || {
        let now = clock.now();
        let mut counts: BTreeMap<String, LineCount> = counters
            .snapshot()
            .into_iter()
            .map(|count| (count.line.clone(), count))
            .collect();
        let fitted = fitted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let running = fitted.into_iter().map(|fitted| {
            let count = counts.remove(&fitted.line.id).unwrap_or_default();
            line(fitted, count, now)
        });
        let left_out = left_out.lock().unwrap_or_else(PoisonError::into_inner).clone();
        running.chain(left_out.into_iter().map(not_running)).collect()
    })
}

fn line(fitted: FittedLine, count: LineCount, now: MonoTime) -> LineNow {
    let ago = |at: MonoTime| u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX);
    let (port, reason) = match count.port {
        None => (LinePort::Opening, None),
        Some(PortState::Open) => (LinePort::Open, None),
        Some(PortState::Closed { reason }) => (LinePort::Closed, Some(reason)),
    };
    let unknown = count.unknown_codes.into_iter();
    LineNow {
        family: fitter::family(&fitted.line),
        at: fitter::at(&fitted.line),
        devices: fitted.line.devices().map(|(device, _)| device.clone()).collect(),
        line: fitted.line.id,
        added: fitted.added,
        port,
        reason,
        opened: count.opened,
        bytes: count.bytes,
        heard_ms_ago: count.heard.map(ago),
        good_ms_ago: count.good.map(ago),
        seen: count.seen,
        faults: count.faults,
        faults_per_minute: count.recent.per_minute(now),
        skipped_bytes: count.skipped_bytes,
        stray_bytes: count.stray_bytes,
        unknown_codes: unknown.map(|(code, count)| UnknownCode { code, count }).collect(),
        unknown_codes_left_out: count.unknown_codes_left_out,
        recording: fitted.recording,
    }
}

/// One that was added and does not fit the configuration any more.
fn not_running(left_out: LeftOut) -> LineNow {
    LineNow {
        line: left_out.line,
        added: true,
        port: LinePort::LeftOut,
        reason: Some(left_out.reason),
        ..LineNow::default()
    }
}

/// A trial, without what only the fitter knows.
pub fn trial(now: TrialNow) -> TrialShown {
    TrialShown {
        state: match now.state {
            TrialState::Trying => "trying",
            TrialState::Listening => "listening",
            TrialState::Hearing => "hearing",
            TrialState::Heard => "heard",
            TrialState::Nothing => "nothing",
            TrialState::Failed => "failed",
        },
        at: now.number,
        tries: now.count,
        lasts_s: now.lasts_s_max,
        over: now.over,
        asks: now.asks,
        heard: now.heard.into_iter().map(heard).collect(),
        tried: now.tried.into_iter().map(tried).collect(),
        advice: now.advice.map(crate::lines::Advice::key),
        error: now.error,
        ..TrialShown::default()
    }
}

fn tried(tried: TriedNow) -> TriedShown {
    TriedShown {
        over: tried.over,
        asks: tried.asks,
        bytes: tried.bytes,
        verdict: tried.verdict,
        refused: tried.refused,
    }
}

fn heard(heard: HeardNow) -> HeardShown {
    HeardShown {
        family: heard.family,
        verdict: heard.verdict,
        bytes: heard.bytes,
        findings: heard.findings,
        skipped: heard.skipped,
        bad_checksums: heard.bad_checksums,
        plays: heard.plays,
        faults: heard.faults,
        values: heard.values.into_iter().map(value).collect(),
        curves: heard.curves,
    }
}

fn value((key, said): (String, String)) -> ValueShown {
    let row = Code::from_key(&key).map(|code| code.info());
    let is_number = said.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    ValueShown {
        label: row.map_or(key, |row| row.label.to_owned()),
        unit: row.map_or("", |row| row.ucum),
        reason: (!is_number).then(|| reason(&said)),
        value: is_number.then_some(said),
    }
}

/// `ProbeOff` is told as `probe_off`, as everywhere in the API.
fn reason(name: &str) -> String {
    let mut key = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !key.is_empty() {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_a_value_is_a_number_or_a_reason_by_its_name_in_the_api() {
        let shown = |key: &str, said: &str| value((key.to_owned(), said.to_owned()));
        let spo2 = shown("spo2", "97");
        assert_eq!((spo2.label.as_str(), spo2.unit, spo2.reason), ("SpO2", "%", None));
        assert_eq!(spo2.value.as_deref(), Some("97"));
        let off = shown("spo2", "ProbeOff");
        assert_eq!((off.value, off.reason.as_deref()), (None, Some("probe_off")));
        assert_eq!(shown("temp_body", "-0.5").value.as_deref(), Some("-0.5"));
    }
}
