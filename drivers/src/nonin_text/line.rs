//! One line: perhaps a clock, `SPO2=098 HR=072`, perhaps marks.
//!
//! T1: A line counts only whole: both numbers there, at most three digits or three dashes each, and nothing but known marks
//! behind them.

/// One whole line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// In %; `None`: the device has no value.
    pub spo2: Option<u16>,
    /// In 1/min.
    pub pr: Option<u16>,
    /// `HH:MM:SS` stands in front. Without a date it dates nothing.
    pub has_clock: bool,
}

/// Reads a line; `None` when it is none (T1).
pub(super) fn read(text: &str) -> Option<Line> {
    let (clock, rest) = match text.split_once(' ') {
        Some((clock, rest)) if clock.contains(':') => (Some(clock), rest),
        _ => (None, text),
    };
    if clock.is_some_and(|clock| !is_clock(clock)) {
        return None;
    }
    let (spo2, rest) = number(rest.trim_start().strip_prefix("SPO2=")?)?;
    let (pr, marks) = number(rest.strip_prefix(' ')?.trim_start().strip_prefix("HR=")?)?;
    // Fast averaging, an event, a breath.
    let are_known =
        marks.is_empty() || marks.starts_with(' ') && marks.chars().all(|mark| " F*B".contains(mark));
    are_known.then_some(Line {
        spo2,
        pr,
        has_clock: clock.is_some(),
    })
}

fn is_clock(text: &str) -> bool {
    let mut parts = text.split(':');
    let mut below = |most: u8| {
        let part = parts.next().filter(|part| part.len() == 2);
        let digits = part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        digits.is_some_and(|digits| digits.parse::<u8>().is_ok_and(|number| number < most))
    };
    below(24) && below(60) && below(60) && parts.next().is_none()
}

/// A number of three places, filled with zeros or blanks, or three dashes; and what stands behind it.
fn number(text: &str) -> Option<(Option<u16>, &str)> {
    let (places, rest) = text.split_at_checked(3)?;
    if places == "---" {
        return Some((None, rest));
    }
    let digits = places.trim_start_matches(' ');
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = are_digits.then(|| digits.parse().ok()).flatten()?;
    Some((Some(number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(spo2: Option<u16>, pr: Option<u16>, has_clock: bool) -> Option<Line> {
        Some(Line { spo2, pr, has_clock })
    }

    #[test]
    fn lines_with_and_without_clock_and_marks_are_read() {
        assert_eq!(read("SPO2=098 HR=072"), line(Some(98), Some(72), false));
        assert_eq!(read("SPO2=100 HR=321"), line(Some(100), Some(321), false));
        assert_eq!(read("SPO2= 98 HR= 72 F"), line(Some(98), Some(72), false));
        assert_eq!(
            read("23:59:59 SPO2=098  HR=072 F*"),
            line(Some(98), Some(72), true)
        );
        assert_eq!(read("SPO2=--- HR=---"), line(None, None, false));
        assert_eq!(read("SPO2=098 HR=--- B "), line(Some(98), None, false));
    }

    #[test]
    fn t1_anything_else_is_no_line() {
        for text in [
            "",
            "SPO2=098",
            "SPO2=098 HR=",
            "SPO2=098 HR=07",
            "SPO2=098HR=072",
            "SPO2=98 HR=072",
            "SPO2=0x8 HR=072",
            "SPO2=-98 HR=072",
            "SPO2=--8 HR=072",
            "SPO2=9 8 HR=072",
            "SPO2=    HR=072",
            "SPP2=098 HR=072",
            "SPO2=098 H =072",
            "SPO2=098 HR=0720",
            "SPO2=098 HR=072F",
            "SPO2=098 HR=072 X",
            "24:00:00 SPO2=098 HR=072",
            "1:00:00 SPO2=098 HR=072",
            "10:00 SPO2=098 HR=072",
            "10:00:00:00 SPO2=098 HR=072",
            "10:00:+1 SPO2=098 HR=072",
            "10:00:00SPO2=098 HR=072",
            "SPO2=098 HR=é72",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
