//! A gateway that sends HL7 version 2 over MLLP, as IHE PCD-01 and PCD-04 describe it.
//!
//! G1. One message per bed and interval, one at a time: the next leaves when this one is acknowledged, and this one again
//!     when that takes too long. With `wait=no` it sends without looking at answers.
//! G2. What the device does not have is a row with OBX-11 X and no value (I5). A cuff pressure keeps its own time.
//! G3. An alarm is told when it starts, while it lasts and when it ends.
//!
//! All beds of a gateway have one patient; each further bed has a heart rate 10 higher, so that a mix-up shows.

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::patient::{Patient, Vitals};
use crate::truth::{Values, values};

/// The family, for [`crate::device::FAMILIES`].
pub const FAMILY: Family = Family {
    name: "hl7",
    title: "a gateway that connects and sends HL7 (IHE PCD-01, PCD-04) for one or several beds",
    options: &[
        (
            "beds",
            "locations as in PV1-3, separated by commas; ICU^^1 when left out",
        ),
        ("interval_s", "seconds between two messages of a bed; 1"),
        ("wait", "no: do not wait for acknowledgements"),
        ("resend_s", "seconds until a message is sent again; 10"),
    ],
    make: |patient, options| Ok(Box::new(Gateway::new(patient, options)?)),
};

/// Most messages that wait for their acknowledgement; the oldest go first.
pub const QUEUE_MAX: usize = 1_000;

/// An alarm that lasts is told again this often.
const ALARM_EVERY: Duration = Duration::from_secs(10);

/// Below this the gateway alarms.
const SPO2_LOW: f64 = 90.0;

/// The gateway.
pub struct Gateway {
    patient: Box<dyn Patient>,
    beds: Vec<String>,
    interval: Duration,
    resend: Duration,
    waits: bool,
    due: Duration,
    queue: VecDeque<(u64, Chunk)>,
    sent: Option<Duration>,
    numbers: u64,
    /// Since when SpO2 is low, its number, and when that was told last.
    alarm: Option<(Duration, u64, Duration)>,
    heard: Vec<u8>,
}

impl Gateway {
    /// Puts a gateway on a patient.
    ///
    /// # Errors
    /// A number is none.
    pub fn new(patient: Box<dyn Patient>, options: &Options) -> Result<Gateway, String> {
        let seconds = |key: &str, usual: u64| match options.get(key) {
            None => Ok(Duration::from_secs(usual)),
            Some(text) => match text.parse() {
                Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
                _ => Err(format!("{key}={text} is no number of seconds")),
            },
        };
        Ok(Gateway {
            patient,
            beds: options
                .get("beds")
                .unwrap_or("ICU^^1")
                .split(',')
                .map(str::to_owned)
                .collect(),
            interval: seconds("interval_s", 1)?,
            resend: seconds("resend_s", 10)?,
            waits: options.get("wait") != Some("no"),
            due: Duration::ZERO,
            queue: VecDeque::new(),
            sent: None,
            numbers: 0,
            alarm: None,
            heard: Vec::new(),
        })
    }

    /// Messages that were not acknowledged yet.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    fn make(&mut self, at: Duration) {
        let vitals = self.patient.at(at);
        for bed in 0..self.beds.len() {
            let (rows, truth) = rows(&vitals, bed, at);
            let obr = format!("OBR|1|||196616^MDC_OBS^MDC|||{}", clock(at));
            self.push(at, bed, "ORU^R01^ORU_R01", &format!("{obr}\r{rows}"), Some(truth));
        }
        self.alarm(at, &vitals);
    }

    fn alarm(&mut self, at: Duration, vitals: &Vitals) {
        let low = vitals
            .spo2
            .filter(|spo2| *spo2 > 0.0 && *spo2 < SPO2_LOW && !vitals.probe_off);
        let (phase, (since, number, _)) = match (low, self.alarm) {
            (Some(_), None) => {
                self.numbers += 1;
                ("start", (at, self.numbers, at))
            }
            (Some(_), Some(alarm)) if at - alarm.2 >= ALARM_EVERY => ("continue", alarm),
            (None, Some(alarm)) => ("end", alarm),
            _ => return,
        };
        self.alarm = (phase != "end").then_some((since, number, at));
        let state = if phase == "end" { "inactive" } else { "active" };
        let body = format!(
            "OBR|1|||196616^MDC_EVT_ALARM^MDC|||{}||||||||||||||||||||||{number}\r\
             OBX|1|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.3.1.150456.1|SpO2 LOW|||A~PH~SP|||F\r\
             OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456.2|{:.0}|262688^MDC_DIM_PERCENT^MDC|90-100|L|||F\r\
             OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.3.1.150456.3|{phase}||||||F\r\
             OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.3.1.150456.4|{state}||||||F\r",
            clock(since),
            low.unwrap_or(SPO2_LOW),
        );
        self.push(at, 0, "ORU^R40^ORU_R40", &body, None);
    }

    fn push(&mut self, at: Duration, bed: usize, kind: &str, body: &str, truth: Option<Values>) {
        self.numbers += 1;
        let (number, bed) = (self.numbers, &self.beds[bed]);
        let text = format!(
            "MSH|^~\\&|SIMGATE|SIM|VITALPOST|POST|{}||{kind}|{number}|P|2.6|||AL|NE||UNICODE UTF-8\r\
             PID|||SIM{bed}^^^SIM^PI||Nobody^{bed}\rPV1|1|I|{bed}\r{body}",
            clock(at)
        );
        let bytes = [b"\x0b", text.as_bytes(), b"\x1c\r"].concat();
        if self.queue.len() >= QUEUE_MAX {
            self.queue.pop_front();
        }
        self.queue.push_back((number, Chunk { bytes, truth }));
    }
}

impl Device for Gateway {
    fn hear(&mut self, _at: Duration, bytes: &[u8]) {
        self.heard.extend(bytes);
        while let Some(end) = self.heard.iter().position(|byte| *byte == 0x1C) {
            let block: Vec<u8> = self.heard.drain(..=end).collect();
            let text = String::from_utf8_lossy(&block).into_owned();
            let mut answers = text.split('\r').filter_map(|line| line.strip_prefix("MSA|"));
            let first = self.queue.front().map(|(number, _)| number.to_string());
            let of = |answer: &str| answer.split('|').nth(1).map(str::to_owned);
            // Whatever the answer is, sending the same again would not change it.
            if self.waits && first.is_some() && answers.next().and_then(of) == first {
                self.queue.pop_front();
                self.sent = None;
            }
        }
        if self.heard.len() > 65_536 {
            self.heard.clear();
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        while at >= self.due {
            let due = self.due;
            self.make(due);
            self.due += self.interval;
        }
        if !self.waits {
            return self.queue.pop_front().map(|(_, chunk)| chunk);
        }
        if self.sent.is_some_and(|sent| at < sent + self.resend) {
            return None;
        }
        let chunk = self.queue.front()?.1.clone();
        self.sent = Some(at);
        Some(chunk)
    }
}

/// The rows of one bed, and what they say.
fn rows(vitals: &Vitals, bed: usize, at: Duration) -> (String, Values) {
    let now = clock(at);
    let on = |value: Option<f64>| value.filter(|_| !vitals.probe_off);
    let whole = |value: Option<f64>| {
        value
            .filter(|value| *value > 0.0)
            .map(|value| format!("{value:.0}"))
    };
    let hr = whole(vitals.hr.map(|hr| hr + 10.0 * bed as f64));
    let (spo2, pr, rr) = (
        whole(on(vitals.spo2)),
        whole(on(vitals.pulse)),
        whole(vitals.resp),
    );
    let temp = vitals.temp.map(|temp| format!("{temp:.1}"));
    let mut text = "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X\r".to_owned();
    let mut row = |code: &str, value: &Option<String>, unit: &str, own: Option<&str>| {
        let (value, status) = value.as_deref().map_or(("", "X"), |value| (value, "F"));
        let (sort, time) = own.map_or(("", now.as_str()), |time| ("APERIODIC", time));
        text.push_str(&format!(
            "OBX|2|NM|{code}^MDC|1.1.1.1|{value}|{unit}^MDC|||||{status}||{sort}|{time}\r"
        ));
    };
    row(
        "147842^MDC_ECG_HEART_RATE",
        &hr,
        "264864^MDC_DIM_BEAT_PER_MIN",
        None,
    );
    row(
        "150456^MDC_PULS_OXIM_SAT_O2",
        &spo2,
        "262688^MDC_DIM_PERCENT",
        None,
    );
    row(
        "149530^MDC_PULS_OXIM_PULS_RATE",
        &pr,
        "264864^MDC_DIM_BEAT_PER_MIN",
        None,
    );
    row("151562^MDC_RESP_RATE", &rr, "264928^MDC_DIM_RESP_PER_MIN", None);
    row("150344^MDC_TEMP", &temp, "268192^MDC_DIM_DEGC", None);
    let mut truth = values([("hr", hr), ("spo2", spo2), ("pr", pr), ("rr", rr), ("temp", temp)]);
    if let Some(nibp) = vitals.nibp {
        let measured = clock(at.saturating_sub(nibp.age));
        for (key, code, value) in [
            ("nibp_s", "150021^MDC_PRESS_BLD_NONINV_SYS", nibp.sys),
            ("nibp_d", "150022^MDC_PRESS_BLD_NONINV_DIA", nibp.dia),
            ("nibp_m", "150023^MDC_PRESS_BLD_NONINV_MEAN", nibp.mean),
        ] {
            let value = Some(format!("{value:.0}"));
            row(code, &value, "266016^MDC_DIM_MMHG", Some(&measured));
            truth.insert(key.to_owned(), value);
        }
    }
    (text, truth)
}

/// The gateway's clock: noon of an invented day, in an invented zone.
fn clock(at: Duration) -> String {
    let seconds = 12 * 3600 + at.as_secs();
    let (day, second) = (12 + seconds / 86_400 % 17, seconds % 86_400);
    format!(
        "202609{day:02}{:02}{:02}{:02}+0530",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::Nibp;

    struct Lying(Vitals);

    impl Patient for Lying {
        fn at(&mut self, _t: Duration) -> Vitals {
            self.0.clone()
        }
    }

    fn gateway(vitals: Vitals, options: &[(&str, &str)]) -> Gateway {
        let options = options
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Gateway::new(Box::new(Lying(vitals)), &Options(options.collect())).unwrap()
    }

    fn well() -> Vitals {
        Vitals {
            hr: Some(72.4),
            spo2: Some(98.0),
            ..Vitals::default()
        }
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_row_is_written_as_in_the_printed_vector_and_an_absent_one_has_no_value() {
        let mut gateway = gateway(well(), &[]);
        let chunk = gateway.next(s(0)).unwrap();
        let text = String::from_utf8(chunk.bytes).unwrap();
        assert!(text.starts_with("\x0bMSH|^~\\&|") && text.ends_with("\r\x1c\r"));
        assert!(text.contains(
            "|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|98|262688^MDC_DIM_PERCENT^MDC|||||F|||20260912120000+0530\r"
        ));
        assert!(
            text.contains("|NM|151562^MDC_RESP_RATE^MDC|1.1.1.1||264928^MDC_DIM_RESP_PER_MIN^MDC|||||X|||")
        );
        let truth = chunk.truth.unwrap();
        assert_eq!((truth["hr"].as_deref(), &truth["rr"]), (Some("72"), &None));
    }

    #[test]
    fn g1_one_message_at_a_time_and_again_until_it_is_acknowledged() {
        let mut gateway = gateway(well(), &[("beds", "A^^1,A^^2")]);
        let first = gateway.next(s(0)).unwrap();
        assert!(gateway.next(s(9)).is_none());
        assert_eq!(gateway.next(s(10)), Some(first));
        gateway.hear(s(10), b"\x0bMSH|^~\\&\rMSA|CA|99\r\x1c\r");
        assert!(gateway.next(s(10)).is_none(), "another message's answer");
        gateway.hear(s(10), b"\x0bMSH|^~\\&\rMSA|C");
        gateway.hear(s(10), b"A|1\r\x1c\r");
        let second = String::from_utf8(gateway.next(s(10)).unwrap().bytes).unwrap();
        assert!(
            second.contains("PV1|1|I|A^^2\r") && second.contains("|82|"),
            "{second}"
        );
    }

    #[test]
    fn g2_a_cuff_pressure_keeps_its_time() {
        let nibp = Nibp {
            sys: 120.0,
            dia: 80.0,
            mean: 93.0,
            age: s(300),
        };
        let mut gateway = gateway(
            Vitals {
                nibp: Some(nibp),
                ..well()
            },
            &[("wait", "no"), ("interval_s", "600")],
        );
        gateway.next(s(0));
        let text = String::from_utf8(gateway.next(s(600)).unwrap().bytes).unwrap();
        assert!(text.contains("|120|266016^MDC_DIM_MMHG^MDC|||||F||APERIODIC|20260912120500+0530\r"));
    }

    #[test]
    fn g3_a_low_value_alarms_while_it_lasts() {
        let low = Vitals {
            spo2: Some(84.0),
            ..well()
        };
        let mut gateway = gateway(low, &[("wait", "no")]);
        let mut phases = Vec::new();
        for second in 0..=20 {
            if second == 20 {
                gateway.patient = Box::new(Lying(well()));
            }
            while let Some(chunk) = gateway.next(s(second)) {
                let text = String::from_utf8(chunk.bytes).unwrap();
                let phase = text.split("MDC_ATTR_EVENT_PHASE^MDC|1.3.1.150456.3|").nth(1);
                phases.extend(phase.map(|rest| rest.split('|').next().unwrap().to_owned()));
            }
        }
        assert_eq!(phases, ["start", "continue", "end"]);
    }

    #[test]
    fn a_queue_is_bounded() {
        let mut gateway = gateway(well(), &[]);
        gateway.next(s(3 * QUEUE_MAX as u64));
        assert_eq!(gateway.waiting(), QUEUE_MAX);
    }
}
