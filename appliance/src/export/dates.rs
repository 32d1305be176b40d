//! Moments as a person types them and as an export shows them: UTC, so that no zone has to be guessed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use vitals::WallTime;

const HINT: &str = "write a date as 2026-11-23, or a moment as 2026-11-23T14:30:00Z (UTC)";

/// A moment; a date alone is its first moment.
pub(crate) fn moment(text: &str) -> Result<WallTime, String> {
    moment_plus_days(text, 0)
}

/// An end; a date alone includes that day.
pub(crate) fn end(text: &str) -> Result<WallTime, String> {
    moment_plus_days(text, 1)
}

fn moment_plus_days(text: &str, days: i64) -> Result<WallTime, String> {
    let hint = |_| HINT.to_owned();
    let stamp = if text.contains('T') {
        text.parse::<Timestamp>().map_err(hint)?
    } else {
        let date: Date = text.parse().map_err(hint)?;
        let date = date.checked_add(days.days()).map_err(hint)?;
        date.to_zoned(TimeZone::UTC).map_err(hint)?.timestamp()
    };
    i64::try_from(stamp.as_nanosecond())
        .map(WallTime::from_unix_ns)
        .map_err(|_| HINT.to_owned())
}

/// As `2026-11-23T14:30:00.000Z`.
pub(crate) fn shown(wall: WallTime) -> String {
    Timestamp::from_millisecond(wall.as_unix_ms())
        .map_or_else(|_| wall.as_unix_ms().to_string(), |stamp| format!("{stamp:.3}"))
}
