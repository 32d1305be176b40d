//! What the fields of P, O and R records come to.
//!
//! - A7: a record whose fields make no sense is refused whole, and its frame once: a sum of 8 bits lets one wrong frame in
//!   256 through. When the same frame comes again, the record is what the analyser says, and only it is left out.

use vitals::patient::IDS_MAX;
use vitals::{Identity, LabResult, LabStatus, LabTest, Masked};

use super::record::Record;
use crate::lab;

/// Longest test code and unit that analysers use, with room.
const WORD_CHARS_MAX: usize = 40;

/// What an O record orders.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The label of the specimen; may be empty.
    pub(super) specimen: String,
    /// O-12 = Q.
    pub(super) is_control: bool,
}

/// Whom a P record names; `None` when it makes no sense.
pub(super) fn identity(record: Record<'_>) -> Option<Identity> {
    count(record.field(2))?;
    let mut ids: Vec<Masked<String>> = Vec::new();
    for field in [3, 4, 5] {
        let id = lab::whole(&record.component(field, 1)).filter(|id| is_label(id))?;
        if !id.is_empty() && ids.len() < IDS_MAX && ids.iter().all(|known| *known.reveal() != id) {
            ids.push(Masked::new(id));
        }
    }
    let given = [record.component(6, 2), record.component(6, 3)].join(" ");
    let sex = match record.component(9, 1).to_ascii_uppercase().as_str() {
        "M" | "MALE" => "M",
        "F" | "FEMALE" => "F",
        "O" => "O",
        "U" => "U",
        _ => "",
    };
    Some(Identity {
        ids,
        family: Masked::new(lab::cut(&record.component(6, 1))),
        given: Masked::new(lab::cut(&given)),
        born: lab::date(&record.component(8, 1)).map(Masked::new),
        sex: Masked::new(sex.to_owned()),
    })
}

/// What an O record orders; `None` when it makes no sense, or is called off.
pub(super) fn order(record: Record<'_>) -> Option<Order> {
    count(record.field(2))?;
    let own = record.component(3, 1);
    let specimen = match own.is_empty() {
        true => record.component(4, 1),
        false => own,
    };
    // The letters of O-12: new, added, pending, reserved, in process; C is called off.
    let is_control = match record.component(12, 1).as_str() {
        "" | "N" | "A" | "P" | "L" | "X" => false,
        "Q" => true,
        _ => return None,
    };
    let specimen = lab::whole(&specimen).filter(|label| is_label(label))?;
    Some(Order { specimen, is_control })
}

/// What an R record says; `None` when it makes no sense.
pub(super) fn result(record: Record<'_>, patient: &Identity, specimen: &str) -> Option<LabResult> {
    count(record.field(2))?;
    let status = match record.component(9, 1).as_str() {
        "F" | "" => LabStatus::Final,
        "P" => LabStatus::Preliminary,
        "C" => LabStatus::Corrected,
        "X" => LabStatus::NotDone,
        "R" => LabStatus::Repeated,
        "I" => LabStatus::Pending,
        _ => return None,
    };
    let value = lab::whole(&record.plain(record.field(4))).filter(|value| value.chars().all(is_readable))?;
    if value.is_empty() && !matches!(status, LabStatus::NotDone | LabStatus::Pending) {
        return None;
    }
    let (started, completed) = (when(&record.component(12, 1))?, when(&record.component(13, 1))?);
    let range: Vec<String> = record.components(6).filter(|part| !part.is_empty()).collect();
    let flags: Vec<&str> = record.repeats(7).collect();
    let unit = record.plain(record.first(5));
    let good_flags = flags
        .iter()
        .all(|flag| flag.len() <= WORD_CHARS_MAX && flag.chars().all(is_printable));
    let good_range = range.iter().all(|part| part.chars().all(is_readable));
    let good_unit = unit.chars().count() <= WORD_CHARS_MAX && unit.chars().all(is_readable);
    if !good_flags || !good_range || !good_unit {
        return None;
    }
    Some(LabResult {
        specimen: Masked::new(specimen.to_owned()),
        patient: patient.clone(),
        test: test(record)?,
        number: lab::number(&value),
        value,
        unit,
        range: lab::cut(&range.join("-")),
        flag: lab::gravest(flags.into_iter().map(lab::flag)),
        status,
        completed: completed.or(started),
    })
}

/// the maker's own code is its fourth part; where that is empty, the next one that is not, or the universal one.
fn test(record: Record<'_>) -> Option<LabTest> {
    let parts: Vec<String> = record.components(3).collect();
    let part = |number: usize| parts.get(number - 1).map_or("", String::as_str);
    let own = parts.iter().skip(3).position(|part| !part.is_empty());
    let (code, name) = match own {
        Some(0) => (part(4), part(5)),
        Some(later) => (part(4 + later), ""),
        None => (part(1), part(2)),
    };
    let good = !code.is_empty() && code.len() <= WORD_CHARS_MAX && code.chars().all(is_printable);
    let is_loinc = matches!(part(3), "LN" | "LOINC");
    // A dilution or a position, not a name.
    let is_name = name.chars().any(char::is_alphabetic) && name.chars().all(is_readable);
    good.then(|| LabTest {
        code: code.to_owned(),
        name: lab::cut(if is_name { name } else { code }),
        loinc: lab::loinc(part(1)).filter(|_| is_loinc),
    })
}

/// A time that is there must be one. `None` = it makes no sense.
fn when(text: &str) -> Option<Option<String>> {
    if text.bytes().all(|byte| byte == b'0') {
        return Some(None);
    }
    lab::time(text).map(Some)
}

/// The number of a record within its level, or nothing.
fn count(text: &str) -> Option<()> {
    (text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
}

fn is_label(text: &str) -> bool {
    text.chars().all(is_printable)
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~')
}

/// Letters of any language, and what stands in units.
fn is_readable(c: char) -> bool {
    is_printable(c)
        || c.is_alphanumeric()
        || matches!(
            c,
            '\u{b0}' | '\u{b7}' | '\u{d7}' | '\u{b1}' | '\u{2264}' | '\u{2265}'
        )
}

#[cfg(test)]
mod tests {
    use super::super::record::Delimiters;
    use super::*;

    #[test]
    fn a_loinc_code_is_taken_where_the_record_says_that_it_is_one() {
        let test = |r3: &str| {
            let text = format!("R|1|{r3}|7|");
            test(Record::new(&text, Delimiters::of("H|\\^&").unwrap())).unwrap()
        };
        let known = test("718-7^Haemoglobin^LN^HGB");
        assert_eq!(
            (known.code.as_str(), known.loinc.as_deref()),
            ("HGB", Some("718-7"))
        );
        assert_eq!(test("718-8^x^LN^HGB").loinc, None);
        assert_eq!(test("718-7^^^HGB").loinc, None);
        let universal = test("718-7^Haemoglobin^LN");
        assert_eq!(
            (universal.code.as_str(), universal.name.as_str()),
            ("718-7", "Haemoglobin")
        );
        assert_eq!(test("^^^^WBC^1").code, "WBC");
    }
}
