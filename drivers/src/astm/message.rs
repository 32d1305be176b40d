//! From the records of one message to results: whose specimen, which test, what was found.
//!
//! - A5: a result of a control material is nobody's: H-12 or O-12 = Q. What cannot be told from a patient's for certain
//!   (another letter there) is not used either.
//! - A6: a result stands under an order. One bad record never costs the rest of its message.

use vitals::{Identity, LabResult};

use super::fields::{Order, identity, order, result};
use super::record::{Delimiters, Record};
use crate::dialogue::LineFault;

/// What one record says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// Nothing that is used here.
    Nothing,
    /// A result, and what makes it the same as another one beyond its own fields.
    Result(Box<LabResult>, String),
    /// The analyser asks for orders.
    Query,
    /// The message is complete.
    End,
    /// It is not used.
    Bad(LineFault),
}

/// The message that is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    head: Head,
    patient: Identity,
    order: Option<Order>,
}

#[derive(Clone, Debug, Default)]
enum Head {
    /// Nothing has come.
    #[default]
    Missing,
    /// It cannot be read, or it is nobody's: the rest is skipped to its end.
    Refused,
    Read {
        delimiters: Delimiters,
        /// H-12 = Q.
        is_control: bool,
        /// H-14: what tells two messages apart when their results have no time.
        sent: String,
    },
}

impl Message {
    /// Something has come, and its end has not.
    pub(super) fn is_begun(&self) -> bool {
        !matches!(self.head, Head::Missing)
    }

    /// The next record.
    pub(super) fn take(&mut self, text: &str) -> Said {
        if text.starts_with('H') {
            return self.begin(text);
        }
        let (delimiters, is_control, sent) = match &self.head {
            Head::Missing => {
                self.head = Head::Refused;
                return Said::Bad(LineFault::BadMessage);
            }
            Head::Refused => {
                // Its delimiters are unknown; its last record ends it all the same.
                if text.starts_with('L') {
                    *self = Message::default();
                    return Said::End;
                }
                return Said::Nothing;
            }
            Head::Read {
                delimiters,
                is_control,
                sent,
            } => (*delimiters, *is_control, sent.clone()),
        };
        let record = Record::new(text, delimiters);
        match record.kind() {
            "P" => {
                self.order = None;
                let patient = identity(record);
                self.patient = patient.clone().unwrap_or_default();
                patient.map_or(Said::Bad(LineFault::BadItem), |_| Said::Nothing)
            }
            "O" => {
                self.order = order(record);
                match self.order {
                    Some(_) => Said::Nothing,
                    None => Said::Bad(LineFault::BadItem),
                }
            }
            "R" => self.result(record, is_control, &sent),
            "Q" => Said::Query,
            "L" => {
                *self = Message::default();
                Said::End
            }
            "C" | "M" | "S" => Said::Nothing,
            _ => Said::Bad(LineFault::BadItem),
        }
    }

    fn begin(&mut self, text: &str) -> Said {
        *self = Message {
            head: Head::Refused,
            ..Message::default()
        };
        let Some(delimiters) = Delimiters::of(text) else {
            return Said::Bad(LineFault::BadMessage);
        };
        let record = Record::new(text, delimiters);
        let is_control = match record.component(12, 1).as_str() {
            "P" | "" => false,
            "Q" => true,
            // Debugging, training: invented.
            "D" | "T" => return Said::Bad(LineFault::NotAPatient),
            _ => return Said::Bad(LineFault::BadMessage),
        };
        self.head = Head::Read {
            delimiters,
            is_control,
            sent: record.field(14).to_owned(),
        };
        Said::Nothing
    }

    fn result(&self, record: Record<'_>, is_control: bool, sent: &str) -> Said {
        let Some(order) = &self.order else {
            return Said::Bad(LineFault::BadItem);
        };
        if is_control || order.is_control {
            return Said::Bad(LineFault::QualityControl);
        }
        match result(record, &self.patient, &order.specimen) {
            Some(result) => {
                // Without a time or a specimen of its own, only its message tells it from the next one.
                let told_apart = match result.completed.is_some() && !order.specimen.is_empty() {
                    true => String::new(),
                    false => sent.to_owned(),
                };
                Said::Result(Box::new(result), told_apart)
            }
            None => Said::Bad(LineFault::BadItem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seen;
    use crate::tell::tell_seen;

    /// The records of a message after its header, and what the last one says.
    fn check(records: &[&str], expected: &str) {
        let mut message = Message::default();
        let mut said = message.take("H|\\^&|||SimHema^1.0|||||||P|LIS2-A2|20240514112500");
        for record in records {
            said = message.take(record);
        }
        assert_eq!(tell(&said), expected, "{records:?}");
    }

    fn tell(said: &Said) -> String {
        match said {
            Said::Result(result, _) => tell_seen(&Seen::Lab(result.clone())),
            Said::Bad(fault) => format!("{fault:?}"),
            other => format!("{other:?}"),
        }
    }

    const ORDER: &str = "O|1|S-1001||^^^CBC|R||20240514111000||||||||BLOOD";

    #[test]
    fn the_vectors_of_the_sheet() {
        check(
            &[
                ORDER,
                "R|1|^^^WBC|7.21|10*3/uL|4.0^10.0|N||F||op1|20240514112400|",
            ],
            "lab WBC \"7.21\" \"10*3/uL\" \"4.0-10.0\" Normal Final 2024-05-14 11:24:00",
        );
        check(
            &[ORDER, "R|2|^^^HGB|6.9|g/dL|12.0^16.0|LL||F||op1|20240514112400|"],
            "lab HGB \"6.9\" \"g/dL\" \"12.0-16.0\" CriticalLow Final 2024-05-14 11:24:00",
        );
        check(
            &[
                ORDER,
                "R|1|^^^245^^0|22.50|pmol/l|18.94^27.26|N||F|||20230602184928|20230602190748|",
            ],
            "lab 245 \"22.50\" \"pmol/l\" \"18.94-27.26\" Normal Final 2023-06-02 19:07:48",
        );
    }

    #[test]
    fn whose_it_is_stands_in_the_records_above() {
        let mut message = Message::default();
        message.take("H|\\^&||||||||||P||20240514112500");
        message.take("P|1||PT-0007|PT-0007|DOE^JANE^A||19600101|f");
        message.take("O|1||I-5^2^3|^^^CBC");
        let Said::Result(result, told_apart) = message.take("R|1|^^^WBC|7|") else {
            panic!("a result")
        };
        let patient = &result.patient;
        assert_eq!(
            patient
                .ids
                .iter()
                .map(|id| id.reveal().as_str())
                .collect::<Vec<_>>(),
            ["PT-0007"]
        );
        assert_eq!(
            [&patient.family, &patient.given, &patient.sex].map(|word| word.reveal().as_str()),
            ["DOE", "JANE A", "F"]
        );
        assert_eq!(
            patient.born.as_ref().map(|born| born.reveal().as_str()),
            Some("1960-01-01")
        );
        assert_eq!(
            (result.specimen.reveal().as_str(), told_apart.as_str()),
            ("I-5", "20240514112500")
        );
        // The next patient has nothing of this one.
        message.take("P|2");
        assert_eq!(message.take("R|1|^^^WBC|7|"), Said::Bad(LineFault::BadItem));
        message.take("O|1|S-9");
        let Said::Result(result, _) = message.take("R|1|^^^WBC|7|") else {
            panic!("a result")
        };
        assert_eq!(result.patient, Identity::default());
    }

    #[test]
    fn a5_controls_and_invented_patients_are_nobody_s() {
        let head = |letter: &str| {
            let mut message = Message::default();
            let said = message.take(&format!("H|\\^&||||||||||{letter}"));
            message.take("P|1||PT-0007");
            message.take(ORDER);
            format!("{} {}", tell(&said), tell(&message.take("R|1|^^^WBC|7|")))
        };
        assert_eq!(head("Q"), "Nothing QualityControl");
        assert_eq!(head("D"), "NotAPatient Nothing");
        assert_eq!(head("q"), "BadMessage Nothing");
        check(&["O|1|S-1||^^^CBC|R||||||Q", "R|1|^^^WBC|7|"], "QualityControl");
        check(&["O|1|S-1||^^^CBC|R||||||C"], "BadItem");
        check(&["O|1|S-1||^^^CBC|R||||||?", "R|1|^^^WBC|7|"], "BadItem");
    }

    #[test]
    fn a6_one_bad_record_costs_only_itself() {
        check(&["R|1|^^^WBC|7|"], "BadItem");
        check(&[ORDER, "Z|1"], "BadItem");
        check(
            &[ORDER, "R|1|^^^WBC|7|||||Z", "R|2|^^^HGB|9|"],
            "lab HGB \"9\" \"\" \"\" None Final at an unknown time",
        );
        check(&[ORDER, "C|1|I|text|G"], "Nothing");
        check(&[ORDER, "L|1|N"], "End");
        check(&["Q|1|^S-1||ALL||||||||O"], "Query");
        let mut message = Message::default();
        assert_eq!(message.take("P|1"), Said::Bad(LineFault::BadMessage));
        assert_eq!(message.take(ORDER), Said::Nothing);
        assert_eq!((message.take("L|1|N"), message.is_begun()), (Said::End, false));
    }

    #[test]
    fn a7_fields_that_make_no_sense_refuse_the_record() {
        for bad in [
            "R|x|^^^WBC|7|",
            "R|1||7|",
            "R|1|^^^W\u{fc}C|7|",
            "R|1|^^^WBC||",
            "R|1|^^^WBC|7\u{bf}1|",
            "R|1|^^^WBC|7|g\u{b6}|",
            "R|1|^^^WBC|7||4\u{a4}9|",
            "R|1|^^^WBC|7|||\u{e9}|",
            "R|1|^^^WBC|7|||N||f",
            "R|1|^^^WBC|7|||N||F|||2024051411x400|",
            "R|1|^^^WBC|7|||N||F||||20241314112400|",
            "RR|1|^^^WBC|7|",
        ] {
            check(&[ORDER, bad], "BadItem");
        }
        check(&[ORDER, &format!("R|1|^^^WBC|{}|", "7".repeat(81))], "BadItem");
    }

    #[test]
    fn i5_text_stays_text_and_flags_are_read() {
        let told = |record: &str, expected: &str| check(&[ORDER, record], expected);
        told(
            "R|1|^^^UA|NEG|||A",
            "lab UA \"NEG\" \"\" \"\" Abnormal Final at an unknown time",
        );
        told(
            "R|1|^^^CRP|<0.5|mg/L||<\\A",
            "lab CRP \"<0.5\" \"mg/L\" \"\" BelowMeasuring Final at an unknown time",
        );
        told(
            "R|1|^^^PLT|----|||||X",
            "lab PLT \"----\" \"\" \"\" None NotDone at an unknown time",
        );
        told(
            "R|1|^^^PLT||||||I",
            "lab PLT \"\" \"\" \"\" None Pending at an unknown time",
        );
        told(
            "R|1|^^^K^Kalium^1|5.1|mmol/L||H||C",
            "lab K \"5.1\" \"mmol/L\" \"\" High Corrected at an unknown time",
        );
        let mut message = Message::default();
        message.take("H|\\^&");
        message.take(ORDER);
        for (record, number) in [
            ("R|1|^^^X|5.10|", Some("5.10")),
            ("R|1|^^^X|>100|", None),
            ("R|1|^^^X|5 1|", None),
        ] {
            let Said::Result(result, _) = message.take(record) else {
                panic!("a result")
            };
            assert_eq!(result.number.map(|number| number.to_string()).as_deref(), number);
        }
    }
}
