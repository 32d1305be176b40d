//! A post's own sensor: JSON messages over MQTT, as `drivers/src/sensor_json/README.md` says, and the few MQTT 5 packets
//! that a small sensor needs. Written from that page and from the standard, with nothing of the decoder or of the client
//! that post and centre use.

use std::time::Duration;

use serde_json::{Value, json};

use crate::patient::Patient;
use crate::truth::{Values, values};

/// What measures.
pub enum Probe {
    /// A wristband: pulse, saturation, skin temperature, and its own battery.
    Band(Box<dyn Patient>),
    /// A thermometer in a fridge, with its battery.
    Fridge,
}

/// One sensor.
pub struct Sensor {
    probe: Probe,
    run: String,
    seq: u64,
}

impl Sensor {
    /// `run` must be another one at each start.
    pub fn new(probe: Probe, run: String) -> Sensor {
        Sensor { probe, run, seq: 0 }
    }

    /// How long it waits between two messages.
    pub fn every(&self) -> Duration {
        match self.probe {
            Probe::Band(_) => Duration::from_secs(1),
            Probe::Fridge => Duration::from_secs(5),
        }
    }

    /// The message at `up` since the start, and what it says about the patient.
    pub fn message(&mut self, up: Duration) -> (String, Values) {
        let up_ms = u64::try_from(up.as_millis()).unwrap_or(u64::MAX);
        // A battery that lasts a fortnight.
        let charge = 100 - up.as_secs() / 12_096 % 100;
        let battery = json!({"signal": "battery.charge", "value": charge, "unit": "%"});
        let (said, truth, site) = match &mut self.probe {
            Probe::Band(patient) => {
                let (said, truth) = band(patient.as_mut(), up);
                (said, truth, vec![battery])
            }
            Probe::Fridge => {
                // The compressor of a fridge: up and down in twenty minutes.
                let turn = up.as_secs_f64() / 1_200.0 * std::f64::consts::TAU;
                let celsius = (5.0 + 1.5 * turn.sin()) * 10.0;
                let value = celsius.round() / 10.0;
                let temperature = json!({"signal": "temperature", "value": value, "unit": "Cel"});
                (Vec::new(), Values::new(), vec![temperature, battery])
            }
        };
        let message = json!({"run": self.run, "seq": self.seq, "up_ms": up_ms, "values": said, "site": site});
        self.seq += 1;
        (message.to_string(), truth)
    }
}

fn band(patient: &mut dyn Patient, at: Duration) -> (Vec<Value>, Values) {
    let body = patient.at(at);
    let on = |value: Option<f64>| value.filter(|value| *value > 0.0 && !body.probe_off);
    // What hangs on the wrist is a little cooler than the body.
    let skin = body.temp.map(|celsius| celsius - 2.5);
    let all = [
        ("pr", on(body.pulse), "/min", 0),
        ("spo2", on(body.spo2), "%", 0),
        ("temp_skin", on(skin), "Cel", 1),
    ];
    let quality = if body.artefact { "questionable" } else { "good" };
    let mut said = Vec::new();
    let truth = all.map(|(code, value, unit, places)| {
        let text = value.map(|value| format!("{value:.places$}"));
        said.push(match text.as_deref().and_then(|text| text.parse::<f64>().ok()) {
            Some(value) => json!({"code": code, "value": value, "unit": unit, "quality": quality}),
            None if body.probe_off => json!({"code": code, "absent": "probe_off"}),
            None => json!({"code": code, "absent": "not_available"}),
        });
        (code, text)
    });
    (said, values(truth))
}

/// The packets of MQTT 5 that it sends (OASIS, section 3).
pub mod packets {
    /// Whoever is silent for this many seconds is taken for gone.
    const KEEP_ALIVE_S: u16 = 60;

    /// CONNECT with a clean start; the certificate says who this is.
    pub fn connect(client_id: &str) -> Vec<u8> {
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 5, 0b0000_0010];
        body.extend(KEEP_ALIVE_S.to_be_bytes());
        // No properties.
        body.push(0);
        text(&mut body, client_id);
        packet(0x10, &body)
    }

    /// PUBLISH with QoS 1, not retained.
    pub fn publish(topic: &str, id: u16, payload: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        text(&mut body, topic);
        body.extend(id.to_be_bytes());
        body.push(0);
        body.extend(payload);
        packet(0x32, &body)
    }

    /// Whether these bytes begin with CONNACK or PUBACK without an error; `Err` says what they are instead.
    pub fn accepted(bytes: &[u8]) -> Result<(), String> {
        match bytes {
            // CONNACK: flags, reason.
            [0x20, _, _, 0, ..] => Ok(()),
            [0x20, _, _, reason, ..] => Err(format!("the broker refuses the sign-on, reason {reason:#04x}")),
            // PUBACK: packet id, and a reason where it is not simply success; 0x10 = nobody listens.
            [0x40, 2, ..] | [0x40, _, _, _, 0 | 0x10, ..] => Ok(()),
            [0x40, _, _, _, reason, ..] => Err(format!("the broker refuses a message, reason {reason:#04x}")),
            [0xE0, _, reason, ..] => Err(format!("the broker ends the connection, reason {reason:#04x}")),
            other => Err(format!("the broker says something unexpected: {other:02x?}")),
        }
    }

    fn text(body: &mut Vec<u8>, text: &str) {
        body.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        body.extend(text.as_bytes());
    }

    fn packet(first: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        let mut length = body.len();
        loop {
            let digit = u8::try_from(length % 128).unwrap_or(0);
            length /= 128;
            bytes.push(if length > 0 { digit | 0x80 } else { digit });
            if length == 0 {
                break;
            }
        }
        bytes.extend(body);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::PatientSpec;

    fn patient(spec: &str) -> Box<dyn Patient> {
        spec.parse::<PatientSpec>().unwrap().open().unwrap().0
    }

    #[test]
    fn a_band_numbers_its_messages_and_says_what_it_measures() {
        let mut sensor = Sensor::new(Probe::Band(patient("generator:1")), "a".to_owned());
        for second in 0..3u64 {
            let (text, truth) = sensor.message(Duration::from_secs(second));
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (message["seq"].as_u64(), message["up_ms"].as_u64()),
                (Some(second), Some(second * 1000))
            );
            let pulse = message["values"][0]["value"].as_f64().unwrap();
            assert_eq!(truth["pr"], Some(format!("{pulse:.0}")));
        }
    }

    #[test]
    fn packets_are_those_of_the_standard() {
        assert_eq!(
            packets::connect("ab"),
            b"\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x02ab"
        );
        assert_eq!(packets::publish("t", 7, b"x"), b"\x32\x07\x00\x01t\x00\x07\x00x");
        let long = packets::publish("t", 7, &[0; 300]);
        assert_eq!(&long[..3], [0x32, 0xb2, 0x02]);
        assert!(packets::accepted(&[0x20, 3, 0, 0, 0]).is_ok());
        assert!(packets::accepted(&[0x20, 3, 0, 0x87, 0]).is_err());
        assert!(packets::accepted(&[0x40, 2, 0, 7]).is_ok());
        assert!(packets::accepted(&[0x40, 3, 0, 7, 0x87]).is_err());
    }
}
