//! What devices measured of one stay, as far as a score may still count it.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::score::fresh::{FreshFor, Sample};
use vitals::{Code, MonoTime, Quality, Reading};

/// Samples kept of one value; of a device that is faster than twice a second the oldest go before their minute is over.
const SAMPLES_MAX: usize = 128;

/// Breathing, the preferred first: as on the tile.
const RR: [Code; 4] = [Code::Rr, Code::RrImpedance, Code::RrCo2, Code::RrAirway];

/// Temperatures of the body, the preferred first; that of the skin is none.
const TEMP: [Code; 7] = [
    Code::Temp,
    Code::TempBody,
    Code::TempCore,
    Code::TempRect,
    Code::TempTymp,
    Code::TempOral,
    Code::TempAxil,
];

/// Values of which the median of a minute counts; of the others the newest.
const CONTINUOUS: [Code; 9] = [
    Code::Rr,
    Code::RrImpedance,
    Code::RrCo2,
    Code::RrAirway,
    Code::Spo2,
    Code::Hr,
    Code::Pr,
    Code::AbpSys,
    Code::AbpDia,
];

/// Whether any score looks at a value.
pub(super) fn is_scored(code: Code) -> bool {
    CONTINUOUS.contains(&code) || TEMP.contains(&code) || [Code::NibpSys, Code::NibpDia].contains(&code)
}

/// The good numbers of one stay, each series in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Samples {
    series: BTreeMap<Code, Vec<Sample>>,
}

impl Samples {
    /// Takes a value in; one that is absent or questionable is no number to score (E1).
    pub fn take(&mut self, reading: &Reading) {
        let seen = reading.seen;
        if seen.measured.value().is_none() || seen.quality != Quality::Good {
            return;
        }
        let sample = Sample {
            at: reading.at,
            measured: seen.measured,
            quality: seen.quality,
        };
        let series = self.series.entry(seen.code).or_default();
        if CONTINUOUS.contains(&seen.code) {
            let within = FreshFor::default().continuous;
            series.retain(|known| sample.at.since(known.at) <= within);
            if series.len() == SAMPLES_MAX {
                series.remove(0);
            }
        } else {
            series.clear();
        }
        series.push(sample);
    }

    /// The samples of one value, on an axis that begins so long before this boot.
    pub fn of(&self, code: Code, axis: Duration) -> Vec<Sample> {
        let series = self.series.get(&code).into_iter().flatten();
        let shifted = series.map(|sample| Sample {
            at: sample.at + axis,
            ..*sample
        });
        shifted.collect()
    }

    /// The breathing that leads.
    pub fn rr(&self, now: MonoTime, axis: Duration) -> Vec<Sample> {
        self.of(self.leading(&RR, now), axis)
    }

    /// The temperature that leads.
    pub fn temp(&self, now: MonoTime, axis: Duration) -> Vec<Sample> {
        self.of(self.leading(&TEMP, now), axis)
    }

    /// Of several ways to measure one thing: the first that measures now, else the one that did so last.
    fn leading(&self, codes: &[Code], now: MonoTime) -> Code {
        let last = |code: &Code| self.series.get(code)?.last().map(|sample| sample.at);
        let within = FreshFor::default().continuous;
        let is_now = |code: &&Code| last(code).is_some_and(|at| now.since(at) <= within);
        let measuring = codes.iter().find(is_now);
        let latest = || codes.iter().max_by_key(|code| last(code));
        measuring.or_else(latest).copied().unwrap_or(Code::Rr)
    }
}
