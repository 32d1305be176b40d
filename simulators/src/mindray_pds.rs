//! A Mindray monitor that shares patient data: the server end of PDS, as public captures and clients show it.
//!
//! - S1: it begins with its configuration and a sign of life, and sends values only after it was asked.
//! - S2: a value that it does not have is -100 (I5).
//! - S3: a client of whom it has heard nothing for 10 s gets no values any more.

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::{Chunk, Device, Family};
use crate::patient::{Patient, Vitals};
use crate::truth::{Values, values};

/// The family, for [`crate::device::FAMILIES`].
pub const FAMILY: Family = Family {
    name: "mindray_pds",
    title: "a Mindray monitor that shares patient data (the server; usual port 4601)",
    options: &[("dated", "yes: signs of life carry the monitor's time")],
    make: |patient, options| Ok(Box::new(Monitor::new(patient, options.is_on("dated")))),
};

/// A client that is silent for this long is gone.
const CLIENT_LOST_AFTER: Duration = Duration::from_secs(10);

const SECOND: Duration = Duration::from_secs(1);

/// The monitor.
pub struct Monitor {
    patient: Box<dyn Patient>,
    dated: bool,
    begun: bool,
    due: Duration,
    asked: Option<Duration>,
    ids: Vec<u16>,
    out: VecDeque<Chunk>,
    heard: Vec<u8>,
    /// The cuff measurement that was told, by its time; and what was told of alarms.
    cuff: Option<u64>,
    alarms: Option<(bool, bool)>,
}

impl Monitor {
    /// Puts a monitor on a patient.
    pub fn new(patient: Box<dyn Patient>, dated: bool) -> Monitor {
        Monitor {
            patient,
            dated,
            begun: false,
            due: Duration::ZERO,
            asked: None,
            ids: Vec::new(),
            out: VecDeque::new(),
            heard: Vec::new(),
            cuff: None,
            alarms: None,
        }
    }

    fn begin(&mut self) {
        self.begun = true;
        let bed = "PID|||SIM||Nobody^Sim\rPV1||I|^^SIM&1&2130706433&4601&&1\r";
        self.out.push_back(message("103", "", bed, None));
        let configured = "OBX||CE|2037^|2101|101^HR||||||F\r";
        self.out.push_back(message("205", "", configured, None));
    }

    fn question(&mut self, at: Duration, text: &str) {
        if text.contains("|106|") {
            if self.asked.is_some() {
                self.asked = Some(at);
            }
        } else if text.contains("QRY^R02") {
            self.asked = Some(at);
            (self.cuff, self.alarms) = (None, None);
            let lists = text
                .split('\r')
                .filter_map(|line| line.strip_prefix("QRF|MON||||0&0^1^1^0^"));
            let ids = lists
                .flat_map(|list| list.split('&'))
                .filter_map(|id| id.trim().parse().ok());
            self.ids = ids.collect();
        }
    }

    fn second(&mut self, at: Duration) {
        let date = if self.dated { clock(at) } else { String::new() };
        self.out.push_back(message("106", &date, "", None));
        if self
            .asked
            .is_none_or(|asked| at.saturating_sub(asked) > CLIENT_LOST_AFTER)
        {
            return;
        }
        let vitals = self.patient.at(at);
        let (rows, truth) = self.periodic(&vitals);
        self.out.push_back(message("204", "", &rows, Some(truth)));
        self.cuff(at, &vitals);
        self.alarms(&vitals);
    }

    fn periodic(&self, vitals: &Vitals) -> (String, Values) {
        let on = |value: Option<f64>| value.filter(|_| !vitals.probe_off);
        let whole = |value: Option<f64>| {
            value
                .filter(|value| *value > 0.0)
                .map(|value| format!("{value:.0}"))
        };
        let all = [
            (101, "HR", "2101", "hr", whole(vitals.hr)),
            (151, "RR", "2102", "rr", whole(vitals.resp)),
            (160, "SpO2", "2103", "spo2", whole(on(vitals.spo2))),
            (161, "PR", "2103", "pr", whole(on(vitals.pulse))),
            (
                200,
                "T1",
                "2104",
                "temp",
                vitals.temp.map(|temp| format!("{temp:.1}")),
            ),
        ];
        let asked = all.into_iter().filter(|(id, ..)| self.ids.contains(id));
        let (mut rows, mut truth) = (String::new(), values([]));
        for (id, name, module, key, value) in asked {
            let text = value.as_deref().unwrap_or("-100");
            rows.push_str(&format!("OBX||NM|{id}^{name}|{module}|{text}||||||F\r"));
            truth.insert(key.to_owned(), value);
        }
        (rows, truth)
    }

    /// Told once per measurement, and once more after each question.
    fn cuff(&mut self, at: Duration, vitals: &Vitals) {
        let Some(nibp) = vitals.nibp.filter(|_| self.ids.contains(&170)) else {
            return;
        };
        let measured = at.saturating_sub(nibp.age);
        if self.cuff.replace(measured.as_secs()) == Some(measured.as_secs()) {
            return;
        }
        let (mut rows, mut truth) = (String::new(), values([]));
        let three = [
            (170, "Sys", "nibp_s", nibp.sys),
            (171, "Dia", "nibp_d", nibp.dia),
            (172, "Mean", "nibp_m", nibp.mean),
        ];
        for (id, name, key, value) in three {
            let time = clock(measured);
            rows.push_str(&format!(
                "OBX||NM|{id}^{name}|2105|{value:.0}||||||F||APERIODIC|{time}\r"
            ));
            truth.insert(key.to_owned(), Some(format!("{value:.0}")));
        }
        self.out.push_back(message("503", "", &rows, Some(truth)));
    }

    fn alarms(&mut self, vitals: &Vitals) {
        let low = !vitals.probe_off && vitals.spo2.is_some_and(|spo2| spo2 > 0.0 && spo2 < 90.0);
        let now = (low, vitals.probe_off);
        if self.alarms.replace(now) == Some(now) {
            return;
        }
        let row = |there: bool, row: &str| if there { row.to_owned() } else { String::new() };
        let low = row(low, "OBX||CE|2|1|10034^***SpO2 TOO LOW||||||F\r");
        let off = row(vitals.probe_off, "OBX||CE|4|1|205^SpO2 Sensor Off||||||F\r");
        let end = |id: u16| format!("OBX||NM|{id}^|2101|0||||||F\r");
        self.out.push_back(message("54", "", &(low + &end(2040)), None));
        self.out.push_back(message("56", "", &(off + &end(2041)), None));
    }
}

impl Device for Monitor {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        self.heard.extend(bytes);
        while let Some(end) = self.heard.iter().position(|byte| *byte == 0x1C) {
            let block: Vec<u8> = self.heard.drain(..=end).collect();
            let text = String::from_utf8_lossy(&block).into_owned();
            self.question(at, &text);
        }
        if self.heard.len() > 65_536 {
            self.heard.clear();
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if !self.begun {
            self.begin();
        }
        while at >= self.due {
            let due = self.due;
            self.second(due);
            self.due += SECOND;
        }
        self.out.pop_front()
    }
}

fn message(kind: &str, date: &str, rows: &str, truth: Option<Values>) -> Chunk {
    let text = format!("MSH|^~\\&|||||{date}||ORU^R01|{kind}|P|2.3.1|\r{rows}");
    let bytes = [b"\x0b", text.as_bytes(), b"\x1c\r"].concat();
    Chunk { bytes, truth }
}

/// The monitor's clock: noon of an invented day.
fn clock(at: Duration) -> String {
    let seconds = 12 * 3600 + at.as_secs();
    let (day, second) = (12 + seconds / 86_400 % 17, seconds % 86_400);
    format!(
        "202609{day:02}{:02}{:02}{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Lying;

    impl Patient for Lying {
        fn at(&mut self, t: Duration) -> Vitals {
            Vitals {
                spo2: Some(98.0),
                probe_off: t >= 5 * SECOND,
                ..Vitals::default()
            }
        }
    }

    const QUESTION: &[u8] = b"\x0bMSH|^~\\&|||||||QRY^R02|1203|P|2.3.1\rQRD|20260912120000|R|I|Q1|||||RES\r\
        QRF|MON||||0&0^1^1^0^101&151&160&161\r\x1c\r";

    fn texts(monitor: &mut Monitor, at: Duration) -> Vec<String> {
        let all = std::iter::from_fn(|| monitor.next(at));
        all.map(|chunk| String::from_utf8(chunk.bytes).unwrap()).collect()
    }

    #[test]
    fn s1_the_printed_vector_comes_after_the_question() {
        let mut monitor = Monitor::new(Box::new(Lying), false);
        let begin = texts(&mut monitor, Duration::ZERO);
        assert!(begin[2].contains("|106|") && begin.len() == 3, "{begin:?}");
        monitor.hear(SECOND, QUESTION);
        let values = texts(&mut monitor, SECOND);
        assert!(values[1].starts_with("\x0bMSH|^~\\&|||||||ORU^R01|204|P|2.3.1|\r"));
        assert!(values[1].contains("OBX||NM|160^SpO2|2103|98||||||F\r"));
    }

    #[test]
    fn s2_s3_a_probe_that_is_off_is_minus_100_and_a_client_that_is_gone_gets_nothing() {
        let mut monitor = Monitor::new(Box::new(Lying), false);
        monitor.hear(SECOND, QUESTION);
        let off = texts(&mut monitor, 6 * SECOND).concat();
        assert!(off.contains("160^SpO2|2103|-100|") && off.contains("4|1|205^SpO2 Sensor Off"));
        texts(&mut monitor, 11 * SECOND);
        let gone = texts(&mut monitor, 14 * SECOND).concat();
        assert!(gone.contains("|106|") && !gone.contains("|204|"), "{gone}");
    }
}
