//! ORU^R01 of an analyser or a laboratory system: each OBX is a result of a specimen, and not a vital sign of a bed.
//!
//! - H12: a result of a control or calibration material is nobody's: MSH-11 = Q, SPM-11, and Mindray's MSH-16 = 1 or 2.
//! - H13: whom a specimen is of stands in the PID above it, which specimen in its own order's group (SPM-2, else OBR-3, else OBR-2).

use vitals::patient::IDS_MAX;
use vitals::{Identity, LabResult, LabStatus, LabTest, Masked};

use super::inbox::ROWS_MAX;
use super::message::Segment;
use crate::lab;

/// What an OBX of a laboratory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A result; it waits until its order's group is read.
    Taken,
    /// No result: a picture, a setting, something that was not done yet and not even ordered.
    Nothing,
    /// Of a control material.
    Control,
    /// It cannot be used. To be kept as it came.
    Bad,
}

/// The results of one message, while it is read.
#[derive(Debug, Default)]
pub(super) struct Results {
    is_control: bool,
    patient: Identity,
    groups: Vec<Group>,
    rows: Vec<(usize, usize, LabResult)>,
}

/// One order, with what belongs to it.
#[derive(Debug, Default)]
struct Group {
    specimen: String,
    observed: Option<String>,
    is_control: bool,
}

impl Results {
    /// Of a message with this header.
    pub(super) fn of(msh: Segment<'_>) -> Results {
        let is_control = msh.component(11, 1) == "Q" || matches!(msh.component(16, 1).as_str(), "1" | "2");
        Results {
            is_control,
            ..Results::default()
        }
    }

    /// A PID: another patient.
    pub(super) fn patient(&mut self, pid: Segment<'_>) {
        let separators = pid.separators();
        let repeats = pid.field(3).split(separators.repetition);
        let ids = repeats.filter_map(|one| {
            let id = one.split(separators.component).next()?;
            lab::whole(&pid.plain(id)).filter(|id| !id.is_empty())
        });
        let given = [pid.component(5, 2), pid.component(5, 3)].join(" ");
        let sex = match pid.component(8, 1).as_str() {
            "F" => "F",
            "M" => "M",
            // Ambiguous, not applicable, other.
            "A" | "N" | "O" => "O",
            "U" => "U",
            _ => "",
        };
        self.patient = Identity {
            ids: ids.take(IDS_MAX).map(Masked::new).collect(),
            family: Masked::new(lab::cut(&pid.component(5, 1))),
            given: Masked::new(lab::cut(&given)),
            born: lab::date(&pid.component(7, 1)).map(Masked::new),
            sex: Masked::new(sex.to_owned()),
        };
    }

    /// An OBR: another order.
    pub(super) fn order(&mut self, obr: Segment<'_>) {
        if self.groups.len() > ROWS_MAX {
            return;
        }
        let numbers = [obr.component(3, 1), obr.component(2, 1)];
        let specimen = numbers.into_iter().find(|number| !number.is_empty());
        self.groups.push(Group {
            specimen: specimen.unwrap_or_default(),
            observed: lab::time(&obr.component(7, 1)),
            is_control: self.is_control,
        });
    }

    /// An SPM: the specimen of the order above it.
    pub(super) fn specimen(&mut self, spm: Segment<'_>) {
        let Some(group) = self.groups.last_mut() else {
            return;
        };
        // Entity identifier: the placer's, else the filler's, each the first of its parts.
        let label = spm.component(2, 1);
        let label = if label.is_empty() {
            spm.component(2, 2)
        } else {
            label
        };
        if !label.is_empty() {
            group.specimen = label;
        }
        // HL7 table 0369: all but a patient's own, which may be a replicate, a pool or a group.
        group.is_control |= matches!(
            spm.component(11, 1).as_str(),
            "B" | "C" | "E" | "F" | "O" | "Q" | "V"
        );
    }

    /// An OBX of this source.
    pub(super) fn row(&mut self, source: usize, obx: Segment<'_>) -> Row {
        if self.is_control {
            return Row::Control;
        }
        let group = match self.groups.len().checked_sub(1) {
            Some(group) if group < ROWS_MAX => group,
            // Without an order nobody knows of which specimen it is.
            _ => return Row::Bad,
        };
        let Some(value) = value(obx) else {
            return Row::Nothing;
        };
        let status = match obx.field(11) {
            "F" | "U" | "" => LabStatus::Final,
            // R: entered and not verified; S: in parts.
            "P" | "R" | "S" => LabStatus::Preliminary,
            "C" => LabStatus::Corrected,
            "X" => LabStatus::NotDone,
            "I" => LabStatus::Pending,
            // Not asked for, or only described.
            "N" | "O" => return Row::Nothing,
            // Deleted, or wrong: what it takes back has no place here, so that somebody must look.
            _ => return Row::Bad,
        };
        match result(obx, value, status) {
            Some(mut result) => {
                result.patient = self.patient.clone();
                self.rows.push((source, group, result));
                Row::Taken
            }
            None => Row::Bad,
        }
    }

    /// The results, each by its source; `None` where a control material was behind it.
    pub(super) fn finish(self) -> impl Iterator<Item = (usize, Option<LabResult>)> {
        let groups = self.groups;
        self.rows.into_iter().map(move |(source, group, mut result)| {
            let group = groups.get(group).filter(|group| !group.is_control);
            let label = group.and_then(|group| lab::whole(&group.specimen));
            let found = group.zip(label).map(|(group, label)| {
                result.specimen = Masked::new(label);
                result.completed = result.completed.or_else(|| group.observed.clone());
                result
            });
            (source, found)
        })
    }
}

/// OBX-5 as text; `None` for what is no result.
fn value(obx: Segment<'_>) -> Option<String> {
    let text = match obx.field(2) {
        "NM" | "ST" | "TX" | "FT" | "" => {
            let repeats = obx.field(5).split(obx.separators().repetition);
            repeats
                .map(|one| obx.plain(one))
                .collect::<Vec<String>>()
                .join(", ")
        }
        // Comparator, number, and for a range its other end.
        "SN" => (1..=4).map(|part| obx.component(5, part)).collect(),
        "CE" | "CWE" | "CNE" => {
            let words = obx.component(5, 2);
            if words.is_empty() {
                obx.component(5, 1)
            } else {
                words
            }
        }
        // Pictures, curves, and the settings that Mindray sends as coded words.
        _ => return None,
    };
    // LOINC's "age": of the patient, not of the specimen.
    let is_age = obx.component(3, 1) == "30525-0" && obx.component(3, 3) == "LN";
    (!is_age).then(|| if text == "\"\"" { String::new() } else { text })
}

fn result(obx: Segment<'_>, value: String, status: LabStatus) -> Option<LabResult> {
    let value = lab::whole(&value)?;
    if value.is_empty() && !matches!(status, LabStatus::NotDone | LabStatus::Pending) {
        return None;
    }
    let own = obx.component(14, 1);
    let completed = match own.bytes().all(|byte| byte == b'0') {
        true => None,
        // A time that is there must be one.
        false => Some(lab::time(&own)?),
    };
    let (code, words) = (obx.component(6, 1), obx.component(6, 2));
    let unit = if code.is_empty() { words } else { code };
    let flags = obx.field(8).split(obx.separators().repetition);
    let flags = flags.map(|flag| lab::flag(flag.trim()));
    Some(LabResult {
        specimen: Masked::new(String::new()),
        patient: Identity::default(),
        test: test(obx)?,
        number: lab::number(&value),
        value,
        unit: lab::cut(&unit),
        range: lab::cut(&obx.plain(obx.first(7))),
        flag: lab::gravest(flags),
        status,
        completed,
    })
}

/// OBX-3: code, name and coding system, twice; LOINC where one of the two says LN.
fn test(obx: Segment<'_>) -> Option<LabTest> {
    let part = |number: usize| obx.component(3, number);
    let code = lab::whole(&part(1)).filter(|code| !code.is_empty());
    let code = code.or_else(|| lab::whole(&part(4)).filter(|code| !code.is_empty()))?;
    let loinc = [(1, 3), (4, 6)]
        .into_iter()
        .find_map(|(code, system)| (part(system) == "LN").then(|| lab::loinc(&part(code)))?);
    // Some chemistry analysers number their tests and write the name beside.
    let names = [part(2), part(5), obx.component(4, 1)];
    let is_name = |name: &String| name.chars().any(char::is_alphabetic);
    let name = names.into_iter().find(is_name).unwrap_or_else(|| code.clone());
    Some(LabTest {
        code,
        name: lab::cut(&name),
        loinc,
    })
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::*;
    use crate::Seen;
    use crate::tell::tell_seen;

    /// What the segments after the header come to.
    fn check(header: &str, segments: &[&str], expected: &[&str]) {
        let text = format!("MSH|^~\\&|{header}\r{}", segments.join("\r"));
        let message = Message::read(text.as_bytes()).unwrap();
        let mut results = Results::of(message.msh());
        let mut told = Vec::new();
        for segment in message.segments() {
            match segment.name() {
                "PID" => results.patient(segment),
                "OBR" => results.order(segment),
                "SPM" => results.specimen(segment),
                "OBX" => match results.row(0, segment) {
                    Row::Taken | Row::Nothing => {}
                    other => told.push(format!("{other:?}")),
                },
                _ => {}
            }
        }
        told.extend(results.finish().map(|(_, result)| match result {
            Some(result) => {
                let own = format!("{}: ", result.specimen.reveal());
                own + &tell_seen(&Seen::Lab(Box::new(result)))
            }
            None => "control".to_owned(),
        }));
        assert_eq!(told, expected, "{segments:?}");
    }

    #[test]
    fn a_blood_count_as_haematology_analysers_send_it() {
        check(
            "BC-5390|Mindray|||20240514112500||ORU^R01|1|P|2.3.1||||||UNICODE",
            &[
                "PID|1||PT-7^^^^MR||DOE^JANE||19600101|F",
                "OBR|1||S-1001|00001^Automated Count^99MRC||20240514111000|20240514112300",
                "OBX|1|IS|08001^Take Mode^99MRC||O||||||F",
                "OBX|2|NM|30525-0^Age^LN||64|yr|||||F",
                "OBX|3|NM|6690-2^WBC^LN||9.55|10*9/L|4.00-10.00|N|||F",
                "OBX|4|NM|718-7^HGB^LN||69|g/L|110-150|LL~A|||F|||20240514112400",
                "OBX|5|ED|15000^WBC Histogram. BMP^99MRC||^Image^BMP^Base64^Qk0||||||F",
            ],
            &[
                "S-1001: lab 6690-2 \"9.55\" \"10*9/L\" \"4.00-10.00\" Normal Final 2024-05-14 11:23:00",
                "S-1001: lab 718-7 \"69\" \"g/L\" \"110-150\" CriticalLow Final 2024-05-14 11:24:00",
            ],
        );
    }

    #[test]
    fn h13_each_order_has_its_own_specimen_and_each_patient_its_own_results() {
        check(
            "LIS|L",
            &[
                "PID|1||A",
                "OBR|1|P1|F1|GLU",
                "OBX|1|NM|GLU||5.4",
                "SPM|1|B-1&LIS^F-1",
                "OBR|2|P2||K",
                "OBX|1|NM|K||4.1",
            ],
            &[
                "B-1: lab GLU \"5.4\" \"\" \"\" None Final at an unknown time",
                "P2: lab K \"4.1\" \"\" \"\" None Final at an unknown time",
            ],
        );
        check("LIS|L", &["OBX|1|NM|GLU||5.4"], &["Bad"]);
    }

    #[test]
    fn h12_controls_are_nobody_s() {
        let rows = &["OBR|1||S-1", "OBX|1|NM|GLU||5.4"];
        check("A|B|||20240514||ORU^R01|1|Q|2.3.1", rows, &["Control"]);
        check("A|B|||20240514||ORU^R01|1|P|2.3.1||||2|2", rows, &["Control"]);
        check(
            "A|B|||20240514||ORU^R01|1|P|2.3.1||||0|0",
            rows,
            &["S-1: lab GLU \"5.4\" \"\" \"\" None Final at an unknown time"],
        );
        check(
            "LIS|L",
            &["OBR|1||S-1", "OBX|1|NM|GLU||5.4", "SPM|1|S-1|||||||||Q"],
            &["control"],
        );
        check(
            "LIS|L",
            &["OBR|1||S-1", "OBX|1|NM|GLU||5.4", "SPM|1|S-1|||||||||P"],
            &["S-1: lab GLU \"5.4\" \"\" \"\" None Final at an unknown time"],
        );
    }

    #[test]
    fn i5_every_type_and_status() {
        let one = |fields: &str, expected: &str| {
            let row = format!("OBX|1|{fields}");
            check(
                "LIS|L",
                &["OBR|1||S", &row],
                &[expected][..usize::from(!expected.is_empty())],
            );
        };
        one(
            "SN|CRP||<^0.5|mg/L|||||F",
            "S: lab CRP \"<0.5\" \"mg/L\" \"\" None Final at an unknown time",
        );
        one(
            "CWE|HIV||0^negative^L||||||F",
            "S: lab HIV \"negative\" \"\" \"\" None Final at an unknown time",
        );
        one(
            "ST|UA||NEG||||||P",
            "S: lab UA \"NEG\" \"\" \"\" None Preliminary at an unknown time",
        );
        one(
            "NM|K^Kalium^L||5.1|mmol/L|||||C",
            "S: lab K \"5.1\" \"mmol/L\" \"\" None Corrected at an unknown time",
        );
        one(
            "NM|K||||||||X",
            "S: lab K \"\" \"\" \"\" None NotDone at an unknown time",
        );
        one("NM|K||||||||F", "Bad");
        one("NM|||5.1||||||F", "Bad");
        one("NM|K||5.1||||||W", "Bad");
        one("NM|K||5.1||||||D", "Bad");
        one("NM|K||5.1||||||F|||yesterday", "Bad");
        one(&format!("TX|K||{}||||||F", "x".repeat(81)), "Bad");
        one("NM|K||||||||N", "");
        one("NA|ECG||1^2^3||||||F", "");
    }

    #[test]
    fn a_loinc_code_is_taken_where_the_row_says_that_it_is_one() {
        let test = |obx3: &str| {
            let text = format!("MSH|^~\\&|A\rOBX|1|NM|{obx3}|ALT|1");
            let message = Message::read(text.as_bytes()).unwrap();
            test(message.segments().last().unwrap()).unwrap()
        };
        assert_eq!(test("718-7^HGB^LN").loinc.as_deref(), Some("718-7"));
        assert_eq!(
            test("HGB^Hb^L^718-7^Haemoglobin^LN").loinc.as_deref(),
            Some("718-7")
        );
        assert_eq!(test("718-8^HGB^LN").loinc, None);
        assert_eq!(test("718-7^HGB^L").loinc, None);
        let numbered = test("17");
        assert_eq!((numbered.code.as_str(), numbered.name.as_str()), ("17", "ALT"));
    }
}
