//! What `vitalpost replay --alarms` can be told.

use std::str::FromStr;
use std::time::Duration;

use alarms::Tuning;
use clap::ValueEnum;
use vitals::{Category, Code, Decimal, Limits, Side};

use super::{RecordingError, category};

/// How alarms of a recording are told.
#[derive(Clone, Debug, clap::Args)]
pub struct RecordingArgs {
    /// Whose limits count: adult, child or neonate.
    #[arg(long, default_value = "adult", value_parser = category, requires = "alarms")]
    pub category: Category,
    /// For people, for a spreadsheet, or for a program.
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "alarms")]
    pub format: Format,
    /// Leave out parts of the rules, to see what they are worth: `--without delay,deadband,merging`.
    #[arg(long, value_enum, value_delimiter = ',', requires = "alarms")]
    pub without: Vec<Part>,
    /// Try another limit in place of the preset one: `--limit spo2.low=88`; several may be tried.
    #[arg(long = "limit", requires = "alarms")]
    pub limits: Vec<TriedLimit>,
    /// Try another delay of a limit alarm, in seconds: `--delay spo2.low=30`; several may be tried.
    #[arg(long = "delay", requires = "alarms")]
    pub delays: Vec<TriedDelay>,
    /// Only count, and list no alarm.
    #[arg(long, requires = "alarms", conflicts_with = "compare")]
    pub summary: bool,
    /// Only count: with the rules, without each part of them, and without all three.
    #[arg(long, requires = "alarms", conflicts_with = "without")]
    pub compare: bool,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns.
    Text,
    /// A table, one line per alarm.
    Csv,
    /// One JSON document.
    Json,
}

/// A part of the rules that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// How long a condition must hold.
    Delay,
    /// How far back a value must come, and for how long.
    Deadband,
    /// That a return is the same alarm, one sensor speaks once, and the heart rate speaks for the pulse.
    Merging,
}

/// `spo2.low=88`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriedLimit {
    code: Code,
    side: Side,
    value: Decimal,
}

/// Lower and upper limit stand at least so far apart (alarms.md section 7).
const ROOM: i64 = 2;

impl FromStr for TriedLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<TriedLimit, String> {
        let form = || format!("{text:?} is no limit: write for example spo2.low=88 or hr.high=130");
        let (code, side, value) = of_limit(text).ok_or_else(form)?;
        let number: f64 = value.trim().parse().map_err(|_| form())?;
        let value = Decimal::from_f64(number, 2).ok_or_else(form)?.trimmed();
        if code.judge(value).value().is_none() {
            return Err(format!("{text:?}: no living patient has that value"));
        }
        Ok(TriedLimit { code, side, value })
    }
}

/// `spo2.low=30`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriedDelay {
    code: Code,
    side: Side,
    delay: Duration,
}

/// A longer delay is no alarm any more: what it was about is over, or told by something else.
const DELAY_S_MAX: u64 = 600;

impl FromStr for TriedDelay {
    type Err = String;

    fn from_str(text: &str) -> Result<TriedDelay, String> {
        let form =
            || format!("{text:?} is no delay: write for example spo2.low=30, in seconds, 0 to {DELAY_S_MAX}");
        let (code, side, seconds) = of_limit(text).ok_or_else(form)?;
        let seconds: u64 = seconds.trim().parse().map_err(|_| form())?;
        if seconds > DELAY_S_MAX {
            return Err(form());
        }
        let delay = Duration::from_secs(seconds);
        Ok(TriedDelay { code, side, delay })
    }
}

/// `spo2.low=...`: which limit, and what stands behind it.
fn of_limit(text: &str) -> Option<(Code, Side, &str)> {
    let (name, value) = text.split_once('=')?;
    let (code, side) = name.rsplit_once('.')?;
    let side = match side {
        "low" => Side::Low,
        "high" => Side::High,
        _ => return None,
    };
    Some((Code::from_key(code)?, side, value))
}

impl Part {
    pub(super) fn leave_out(self, tuning: &mut Tuning) {
        match self {
            Part::Delay => tuning.without_delay = true,
            Part::Deadband => tuning.without_deadband = true,
            Part::Merging => tuning.without_merging = true,
        }
    }
}

impl RecordingArgs {
    /// The rules to try.
    ///
    /// # Errors
    /// When a lower limit comes too near to its upper one.
    pub(super) fn tuning(&self) -> Result<Tuning, RecordingError> {
        let mut tuning = Tuning::default();
        for part in &self.without {
            part.leave_out(&mut tuning);
        }
        let limits = self
            .limits
            .iter()
            .map(|limit| ((limit.code, limit.side), limit.value));
        tuning.limits = limits.collect();
        let delays = self
            .delays
            .iter()
            .map(|tried| ((tried.code, tried.side), tried.delay));
        tuning.delays = delays.collect();
        for limit in &self.limits {
            let preset = Limits::preset(self.category, limit.code);
            let tried = |side, preset| tuning.limits.get(&(limit.code, side)).copied().or(preset);
            let (low, high) = (tried(Side::Low, preset.low), tried(Side::High, preset.high));
            if let (Some(low), Some(high)) = (low, high)
                && low.plus(Decimal::whole(ROOM)) > high
            {
                return Err(RecordingError::Limits(format!(
                    "{}: the lower limit {low} must be at least {ROOM} below the upper limit {high}",
                    limit.code.key()
                )));
            }
        }
        Ok(tuning)
    }
}
