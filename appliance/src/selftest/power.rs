//! The supply of the box, as the kernel tells it: batteries and mains (`/sys/class/power_supply`), and whether a Raspberry Pi
//! had too little (`rpi_volt`, or its firmware's flags).
//!
//! Many boxes tell nothing of either; that is an answer too.

use std::fs;
use std::path::{Path, PathBuf};

/// Flags of the firmware: too little now, and at some time since the start. Source: Raspberry Pi documentation, `vcgencmd
/// get_throttled`.
const WEAK_NOW: u32 = 1 << 0;
const WEAK_BEFORE: u32 = 1 << 16;

/// What the box says of its supply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Power {
    /// Whether mains is there; none = nobody says.
    pub mains: Option<bool>,
    /// What the fullest battery holds, in percent.
    pub battery_percent: Option<u8>,
    /// Whether the voltage is, or was, too low; none = nobody says.
    pub weak: Option<Weak>,
}

/// Whether the voltage was too low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Not since the start.
    Never,
    /// At some time since the start.
    Before,
    /// Now.
    Now,
}

/// Reads it; `sys` is `/sys`.
pub fn read(sys: &Path) -> Power {
    let mut power = Power {
        weak: firmware(sys).or_else(|| monitor(sys)),
        ..Power::default()
    };
    for supply in folders(&sys.join("class/power_supply")) {
        // The battery of a mouse is none of the box.
        if text(&supply.join("scope")).as_deref() == Some("Device") {
            continue;
        }
        match text(&supply.join("type")).as_deref() {
            Some("Battery") => {
                let holds = number(&supply.join("capacity")).and_then(|percent| u8::try_from(percent).ok());
                power.battery_percent = power.battery_percent.max(holds);
                let state = text(&supply.join("status"));
                if state.as_deref() == Some("Discharging") {
                    power.mains.get_or_insert(false);
                }
            }
            Some("Mains" | "USB" | "UPS") => {
                if let Some(online) = number(&supply.join("online")) {
                    power.mains = Some(power.mains == Some(true) || online > 0);
                }
            }
            _ => {}
        }
    }
    power
}

/// The flags of a Raspberry Pi's firmware, hexadecimal.
fn firmware(sys: &Path) -> Option<Weak> {
    let flags = text(&sys.join("devices/platform/soc/soc:firmware/get_throttled"))?;
    let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
    Some(if flags & WEAK_NOW != 0 {
        Weak::Now
    } else if flags & WEAK_BEFORE != 0 {
        Weak::Before
    } else {
        Weak::Never
    })
}

/// The kernel's own watch over it, where the firmware's flags are not shown. It remembers nothing.
fn monitor(sys: &Path) -> Option<Weak> {
    let monitors = folders(&sys.join("class/hwmon"));
    let ours = monitors
        .into_iter()
        .find(|one| text(&one.join("name")).as_deref() == Some("rpi_volt"))?;
    let alarm = number(&ours.join("in0_lcrit_alarm"))?;
    Some(if alarm > 0 { Weak::Now } else { Weak::Never })
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn number(path: &Path) -> Option<u32> {
    text(path)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `/sys` with these files.
    fn sys(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        folder
    }

    fn check(files: &[(&str, &str)], expected: Power) {
        assert_eq!(read(sys(files).path()), expected, "{files:?}");
    }

    #[test]
    fn a_box_that_tells_nothing_of_its_power_is_not_on_mains() {
        check(&[], Power::default());
        check(
            &[
                ("class/power_supply/hid-1/type", "Battery"),
                ("class/power_supply/hid-1/scope", "Device"),
            ],
            Power::default(),
        );
    }

    #[test]
    fn mains_and_battery_are_told_apart() {
        let laptop = |online, status| {
            [
                ("class/power_supply/AC/type", "Mains"),
                ("class/power_supply/AC/online", online),
                ("class/power_supply/BAT0/type", "Battery"),
                ("class/power_supply/BAT0/capacity", "83"),
                ("class/power_supply/BAT0/status", status),
            ]
        };
        let told = |mains| Power {
            mains: Some(mains),
            battery_percent: Some(83),
            weak: None,
        };
        check(&laptop("1", "Charging"), told(true));
        check(&laptop("0", "Discharging"), told(false));
        check(
            &[
                ("class/power_supply/ups/type", "Battery"),
                ("class/power_supply/ups/capacity", "12"),
                ("class/power_supply/ups/status", "Discharging"),
            ],
            Power {
                mains: Some(false),
                battery_percent: Some(12),
                weak: None,
            },
        );
    }

    #[test]
    fn a_pi_says_whether_its_supply_was_ever_too_weak() {
        let weak =
            |flags| read(sys(&[("devices/platform/soc/soc:firmware/get_throttled", flags)]).path()).weak;
        assert_eq!(weak("0"), Some(Weak::Never));
        assert_eq!(weak("50000"), Some(Weak::Before));
        assert_eq!(weak("50005"), Some(Weak::Now));
        assert_eq!(weak("nonsense"), None);
        // Too hot is another flag.
        assert_eq!(weak("80008"), Some(Weak::Never));
        let watched = |alarm| {
            let files = [
                ("class/hwmon/hwmon0/name", "cpu_thermal"),
                ("class/hwmon/hwmon1/name", "rpi_volt"),
                ("class/hwmon/hwmon1/in0_lcrit_alarm", alarm),
            ];
            read(sys(&files).path()).weak
        };
        assert_eq!((watched("0"), watched("1")), (Some(Weak::Never), Some(Weak::Now)));
    }
}
