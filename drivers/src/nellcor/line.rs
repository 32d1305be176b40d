//! The lines of the data port: measurements, the header between them, the menu.
//!
//! L1: A line of measurements counts only whole: a real date, three numbers in their forms, at most four codes of two
//! letters, nothing else.

use vitals::WallTime;

use crate::device_clock::{Calendar, clock_digits, two_digits};

/// `dd-Mmm-yy hh:mm:ss`.
const CLOCK_CHARS: usize = 18;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// More status columns than this no device has.
const CODES_MAX: usize = 4;

/// The pulse amplitude has no unit and ends here.
const AMPLITUDE_MAX: u16 = 254;

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A measurement.
    Data(Data<'a>),
    /// Model, limits, patient mode, column heads, the instrument's own description: nothing for the screen.
    Header,
    /// A line of the interactive menu, in which no data are sent.
    Menu,
}

/// A measurement. `None` = `---`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data<'a> {
    /// The device's clock.
    pub time: WallTime,
    /// SpO2 in %.
    pub spo2: Option<u16>,
    /// Pulse rate in 1/min.
    pub pr: Option<u16>,
    /// Whether a pulse amplitude stands there.
    pub has_amplitude: bool,
    /// The codes of the status columns.
    pub codes: Vec<&'a str>,
}

/// Reads a line; `None` when it is none that is known.
pub(super) fn read(text: &str) -> Option<Line<'_>> {
    if is_menu(text) {
        Some(Line::Menu)
    } else if is_header(text) {
        Some(Line::Header)
    } else {
        data(text).map(Line::Data)
    }
}

/// Two entries are known: the first and the last.
fn is_menu(text: &str) -> bool {
    matches!(text.trim(), "1) Dump Instrument Info" | "0) Exit")
}

/// Limits may be written with one or two blanks before the numbers; the second line is missing on some models.
fn is_header(text: &str) -> bool {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let first = has("VERSION") && words.iter().any(|word| word.starts_with("CRC:"));
    let modes = ["ADULT", "NEO", "NEONATE", "PEDIATRIC"];
    let second = words.first().is_some_and(|word| modes.contains(word));
    let third = words.first() == Some(&"TIME") && has("%SpO2") && has("BPM");
    first || second || third
}

fn data(text: &str) -> Option<Data<'_>> {
    let (clock, rest) = text.split_at_checked(CLOCK_CHARS)?;
    let time = read_clock(clock)?;
    if !rest.starts_with(' ') {
        return None;
    }
    let mut words = rest.split_ascii_whitespace();
    let spo2 = number(words.next()?)?;
    let pr = number(words.next()?)?;
    let amplitude = number(words.next()?)?;
    let codes: Vec<&str> = words.collect();
    let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_whole = codes.len() <= CODES_MAX
        && codes.iter().all(is_code)
        && amplitude.is_none_or(|amplitude| amplitude <= AMPLITUDE_MAX);
    is_whole.then_some(Data {
        time,
        spo2,
        pr,
        has_amplitude: amplitude.is_some(),
        codes,
    })
}

/// One to three digits or `---`; a `*` behind says that it is outside a limit, which the codes say as well.
fn number(word: &str) -> Option<Option<u16>> {
    let word = word.strip_suffix('*').unwrap_or(word);
    if word == "---" {
        return Some(None);
    }
    let is_number = (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().ok()).flatten().map(Some)
}

fn read_clock(text: &str) -> Option<WallTime> {
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = month.to_ascii_uppercase();
    let month = MONTHS.iter().position(|known| **known == month)?;
    let [hour, minute, second] = clock_digits(time)?;
    let calendar = Calendar {
        year: two_digits(year)?,
        month: u32::try_from(month + 1).ok()?,
        day: two_digits(day)?,
        hour,
        minute,
        second,
    };
    parts.next().is_none().then(|| calendar.moment()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, spo2: Option<u16>, pr: Option<u16>, codes: &[&str]) {
        match read(text) {
            Some(Line::Data(line)) => {
                assert_eq!(
                    (line.spo2, line.pr, line.codes.as_slice()),
                    (spo2, pr, codes),
                    "{text}"
                );
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn public_captures_are_read() {
        check(
            "29-Dec-17 07:18:43    99      66      12",
            Some(99),
            Some(66),
            &[],
        );
        check(
            "29-Dec-17 07:18:57    89*     66     201    MO SL",
            Some(89),
            Some(66),
            &["MO", "SL"],
        );
        check(
            "29-Dec-17 07:19:07    77*     70       8       SL       AS",
            Some(77),
            Some(70),
            &["SL", "AS"],
        );
        check(
            "29-Dec-17 07:19:29   ---     ---     ---    SD          AS",
            None,
            None,
            &["SD", "AS"],
        );
        check(
            "29-Dec-17 07:20:27     0       0     ---    PS",
            Some(0),
            Some(0),
            &["PS"],
        );
        check(
            "07-Jan-04 11:24:54   100     102      36    MO             AO",
            Some(100),
            Some(102),
            &["MO", "AO"],
        );
        check("12-NOV-97 14:00:05 100 120 50", Some(100), Some(120), &[]);
    }

    #[test]
    fn headers_and_the_menu_are_known() {
        for header in [
            "N-560    VERSION 1.56.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 60-170BPM",
            "N-560    VERSION 1.56.00    CRC:XXXX  SpO2 Limit:  90-100%    PR Limit:  60-170BPM",
            "                             ADULT            0SAT-S",
            "                             NEO              25SAT-S  SPO2 RESP MODE: FAST",
            "TIME                 %SpO2   BPM     PA     Status",
            "NPB-595 VERSION 1.0 INFO CRC:XXXX SEC:0000 1234",
        ] {
            assert_eq!(read(header), Some(Line::Header), "{header}");
        }
        assert_eq!(read("1) Dump Instrument Info"), Some(Line::Menu));
        assert_eq!(read(" 0) Exit "), Some(Line::Menu));
    }

    #[test]
    fn l1_anything_else_is_no_line() {
        const WHOLE: &str = "29-Dec-17 07:18:57    89*     66     201    MO SL";
        for (from, to) in [
            ("29-Dec", "31-Feb"),
            ("29-Dec", "29-Dez"),
            ("29-Dec", "9-Dec"),
            ("07:18", "07:78"),
            ("57    89*", "57x   89*"),
            ("89*", "8x9"),
            ("89*", "89**"),
            ("89*", "*89"),
            ("89*", "1089"),
            ("89*", "--"),
            ("89*", "-89"),
            ("201", "255"),
            ("201", ""),
            ("MO", "M0"),
            ("MO", "MOT"),
            ("MO", "mo"),
            ("SL", "SL AS AO LB"),
        ] {
            let line = WHOLE.replacen(from, to, 1);
            assert_eq!(read(&line), None, "{line}");
        }
        assert_eq!(read("0) Exits"), None);
    }
}
