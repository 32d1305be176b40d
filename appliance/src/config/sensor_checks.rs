//! Checks of a line of sensors: the broker, the files with which the post signs on, and who is believed.

use drivers::catalog::Family;

use super::LineConfig;
use super::checks::{Checks, in_line, in_source};

/// Most sensors of one line: each has a seat at the broker.
const SENSORS_MAX: usize = 64;

impl Checks<'_> {
    /// Everything about one line that takes its messages from a broker.
    pub(super) fn subscriber(&mut self, index: usize, line: &LineConfig, family: &Family) {
        self.transport(index, line, family);
        let misplaced = [
            ("device", line.device.is_some()),
            ("bed", line.bed.is_some()),
            ("format", line.format.is_some()),
            ("waves", line.waves.is_some()),
            ("capture", line.capture.is_some()),
            ("senders", !line.senders.is_empty()),
            ("field", line.field.is_some()),
        ];
        for (key, _) in misplaced.into_iter().filter(|(_, there)| *there) {
            self.add(
                &in_line(index, key),
                format!("`{key}` stands in a line of sensors"),
                match key {
                    "device" | "bed" => "write it into the [[line.source]] that it is about",
                    "senders" | "field" => "remove it: the certificate of a sensor says who it is",
                    _ => "remove it: a sensor says what it sends",
                },
            );
        }
        self.sources_not_units(index, line, family);
        let files = [
            (
                "ca",
                line.ca.is_none(),
                "the authority of the sensors' certificates",
            ),
            (
                "certificate",
                line.certificate.is_none(),
                "the post's own certificate of that authority",
            ),
            ("key", line.key.is_none(), "the key of the post's certificate"),
        ];
        for (key, _, what) in files.into_iter().filter(|(_, missing, _)| *missing) {
            self.add(
                &in_line(index, key),
                format!(
                    "line \"{}\" does not say how the post signs on at the broker: `{key}` is missing",
                    line.id
                ),
                format!("add `{key} = \"...\"`: {what}"),
            );
        }
        self.sensors(index, line);
    }

    fn sensors(&mut self, index: usize, line: &LineConfig) {
        if line.sources.is_empty() {
            self.add(
                &in_line(index, "source"),
                format!("line \"{}\" has no sources, so nobody would be believed", line.id),
                "add [[line.source]] with device and, for what a patient wears, bed",
            );
        }
        if line.sources.len() > SENSORS_MAX {
            self.add(
                &in_source(index, SENSORS_MAX, "device"),
                format!("line \"{}\" has more than {SENSORS_MAX} sensors", line.id),
                "give the others a line and a broker of their own",
            );
        }
        for (number, source) in line.sources.iter().enumerate() {
            self.silence(index, number, source);
            if source.location.is_some() {
                self.add(
                    &in_source(index, number, "location"),
                    "a sensor has no location: its topic names the device",
                    "remove `location`, and write `device` as in the sensor's topic",
                );
            }
        }
    }

    /// Keys that only a line with a broker has.
    pub(super) fn no_broker(&mut self, index: usize, line: &LineConfig, family: &Family) {
        let misplaced = [
            ("mqtt", line.mqtt.is_some()),
            ("ca", line.ca.is_some()),
            ("certificate", line.certificate.is_some()),
            ("key", line.key.is_some()),
        ];
        for (key, _) in misplaced.into_iter().filter(|(_, there)| *there) {
            self.add(
                &in_line(index, key),
                format!(
                    "`{key}` stands in a line of family {}, which has no broker",
                    family.name
                ),
                "remove it, or set `family` to \"sensor_json\"",
            );
        }
    }
}
