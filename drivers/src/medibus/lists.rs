//! What responses carry: lists of records of fixed size, one after the other, and the date.
//!
//! D4: A list that does not divide into whole, well-formed records is refused as a whole: the sum is weak, the form is a
//! second check that costs nothing.

use vitals::Decimal;

use super::frame::hex;

/// Characters of one record of measured data.
const DATA: usize = 6;

/// Characters of one record of alarms.
const ALARM: usize = 15;

/// Ends each text.
const ETX: u8 = 0x03;

/// The four characters of a measured value.
pub(super) type Digits = [u8; 4];

/// One alarm of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListedAlarm {
    /// Larger is more urgent.
    pub priority: u8,
    pub code: u8,
    /// Without its padding.
    pub phrase: String,
}

/// What four characters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Number(Decimal),
    /// Spaces, or characters that are no number: not available.
    Nothing,
}

/// Code and value of each record, in the order of the list; a code that stands twice belongs to no device and refuses
/// the list.
pub(super) fn data(payload: &[u8]) -> Option<Vec<(u8, Digits)>> {
    let mut list: Vec<(u8, Digits)> = Vec::new();
    for record in whole_records(payload, DATA)? {
        let (code, digits) = code_and_rest(record)?;
        if list.iter().any(|(known, _)| *known == code) {
            return None;
        }
        list.push((code, digits.try_into().ok()?));
    }
    Some(list)
}

/// The alarms of one page.
pub(super) fn alarms(payload: &[u8]) -> Option<Vec<ListedAlarm>> {
    let mut list = Vec::new();
    for record in whole_records(payload, ALARM)? {
        let (priority, rest) = record.split_first()?;
        let (code, phrase) = code_and_rest(rest)?;
        list.push(ListedAlarm {
            priority: priority.checked_sub(b'0')?,
            code,
            phrase: String::from_utf8_lossy(phrase).trim().to_owned(),
        });
    }
    Some(list)
}

/// The codes of a list of texts. What the texts say is in the device's language and not used.
pub(super) fn texts(payload: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut codes) = (payload, Vec::new());
    while !rest.is_empty() {
        let (code, more) = code_and_rest(rest)?;
        let (length, more) = more.split_first()?;
        let (text, more) = more.split_at_checked(usize::from(length.checked_sub(b'0')?))?;
        if !text.iter().copied().all(is_printed) {
            return None;
        }
        rest = more.strip_prefix(&[ETX])?;
        codes.push(code);
    }
    Some(codes)
}

/// Right-aligned digits with at most one point; a minus before them or in the first place.
pub(super) fn number(digits: Digits) -> Told {
    let spaces = |bytes: &[u8]| bytes.iter().take_while(|byte| **byte == b' ').count();
    let text = digits.get(spaces(&digits)..).unwrap_or_default();
    let (is_negative, text) = match text {
        [b'-', after @ ..] => (true, after.get(spaces(after)..).unwrap_or_default()),
        _ => (false, text),
    };
    let (mut mantissa, mut places, mut point, mut seen) = (0i64, 0u8, false, false);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                places += u8::from(point);
                seen = true;
            }
            b'.' if !point => point = true,
            _ => return Told::Nothing,
        }
    }
    match (seen, is_negative) {
        (false, _) => Told::Nothing,
        (true, false) => Told::Number(Decimal::new(mantissa, places)),
        (true, true) => Told::Number(Decimal::new(mantissa, places).negated()),
    }
}

fn whole_records(payload: &[u8], size: usize) -> Option<std::slice::ChunksExact<'_, u8>> {
    let fits = payload.len().is_multiple_of(size) && payload.iter().copied().all(is_printed);
    fits.then(|| payload.chunks_exact(size))
}

fn code_and_rest(record: &[u8]) -> Option<(u8, &[u8])> {
    let (code, rest) = record.split_first_chunk::<2>()?;
    Some((hex(code)?, rest))
}

fn is_printed(byte: u8) -> bool {
    (0x20..0x7F).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(digits: &[u8; 4]) -> String {
        match number(*digits) {
            Told::Number(value) => value.to_string(),
            Told::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn values_are_read_as_the_device_writes_them() {
        assert_eq!(told(b"  84"), "84");
        assert_eq!(told(b"12.0"), "12.0");
        assert_eq!(told(b"-1.5"), "-1.5");
        assert_eq!(told(b" -15"), "-15");
        assert_eq!(told(b"-  5"), "-5");
        assert_eq!(told(b"1234"), "1234");
        assert_eq!(told(b"   0"), "0");
    }

    #[test]
    fn i5_spaces_and_everything_that_is_no_number_are_nothing() {
        for digits in [
            b"    ", b"----", b"1..2", b"  - ", b" 5  ", b"4 50", b"1-50", b"   .", b"****",
        ] {
            assert_eq!(told(digits), "nothing", "{digits:?}");
        }
    }

    #[test]
    fn d4_a_list_that_is_not_whole_is_refused() {
        assert_eq!(
            data(b"07  5278   5"),
            Some(vec![(0x07, *b"  52"), (0x78, *b"   5")])
        );
        assert_eq!(data(b""), Some(Vec::new()));
        for payload in [
            b"07  5278   ".as_slice(),
            b"07  52G8   5",
            b"07  5\x03",
            b"07  5207  53",
        ] {
            assert_eq!(data(payload), None, "{payload:?}");
        }
    }

    #[test]
    fn alarms_are_split_by_fifteen() {
        let list = alarms(b"L07SPO2 LOW    D1ESPO2 PULS HI").unwrap();
        let told: Vec<(u8, u8, &str)> = list
            .iter()
            .map(|alarm| (alarm.priority, alarm.code, alarm.phrase.as_str()))
            .collect();
        assert_eq!(told, [(28, 0x07, "SPO2 LOW"), (20, 0x1E, "SPO2 PULS HI")]);
        assert_eq!(alarms(b""), Some(Vec::new()));
        assert_eq!(alarms(b"L07SPO2 LOW   "), None);
        assert_eq!(alarms(b" 07SPO2 LOW    "), None);
    }

    #[test]
    fn texts_are_found_by_their_length() {
        assert_eq!(texts(b"1E7STANDBY\x03224mmHg\x03"), Some(vec![0x1E, 0x22]));
        assert_eq!(texts(b""), Some(Vec::new()));
        assert_eq!(texts(b"1E7STANDB\x03"), None);
        assert_eq!(texts(b"1E8STANDBY\x03"), None);
    }
}
