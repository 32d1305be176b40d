//! What a line says in words: one line of text per finding. `expected.txt` of every test case, `vitalpost replay` and
//! `vitalpost probe` use the same.

use vitals::{DeviceAlarm, LabResult, Measured, Method, Observation, Quality};

use crate::dialogue::{LineFault, Seen, Step};

/// One step; nothing for [`Step::SleepUntil`].
pub fn tell(step: &Step) -> String {
    match step {
        Step::Saw(seen) => tell_seen(seen),
        Step::Fault(fault) => tell_fault(*fault),
        Step::Send(bytes) => format!("send {}", hex(bytes)),
        Step::SendWhenKept(bytes) => format!("send when kept {}", hex(bytes)),
        Step::SleepUntil(_) => String::new(),
    }
}

/// What a device said.
pub fn tell_seen(seen: &Seen) -> String {
    match seen {
        Seen::Vital(seen) => tell_vital(seen),
        Seen::Earlier { seen, ago } => format!("{} {:.3} s ago", tell_vital(seen), ago.as_secs_f64()),
        Seen::Alarms(alarms) => {
            let tell =
                |alarm: &DeviceAlarm| format!(" [{:?} {:?} {:?}]", alarm.priority, alarm.kind, alarm.text);
            format!("alarms{}", alarms.iter().map(tell).collect::<String>())
        }
        Seen::Wave(block) => format!(
            "{} from {} {:?}",
            block.code.key(),
            block.first_sample,
            block.samples
        ),
        Seen::Alive => "alive".to_owned(),
        Seen::Site {
            signal,
            measured,
            unit,
        } => format!("{signal} {} {unit}", tell_measured(*measured)),
        Seen::Lab(result) => tell_lab(result),
    }
}

/// A technician's view of a result: what was found, and never whose it is.
fn tell_lab(result: &LabResult) -> String {
    let completed = result.completed.as_deref().unwrap_or("at an unknown time");
    format!(
        "lab {} {:?} {:?} {:?} {:?} {:?} {completed}",
        result.test.code, result.value, result.unit, result.range, result.flag, result.status
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was wrong with the line.
pub fn tell_fault(fault: LineFault) -> String {
    format!("fault {fault:?}")
}

/// The number, or the reason why there is none.
pub fn tell_measured(measured: Measured) -> String {
    match measured {
        Measured::Value(value) => value.to_string(),
        Measured::Absent(reason) => format!("{reason:?}"),
    }
}

fn tell_vital(seen: &Observation) -> String {
    let quality = match seen.quality {
        Quality::Good => "",
        Quality::Questionable => " questionable",
    };
    let method = match seen.method {
        Method::Automatic => "",
        Method::Manual => " manual",
    };
    let clock = seen.device_time.map_or(String::new(), |time| {
        format!(" device clock {}", time.as_unix_ms())
    });
    format!(
        "{} {}{quality}{method}{clock}",
        seen.code.key(),
        tell_measured(seen.measured)
    )
}
