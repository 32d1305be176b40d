//! Whether the box has a clock that runs while it has no power. Without one it does not know the time of day after a power
//! cut until the network tells it.

use std::fs;
use std::path::Path;

/// Whether there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeper {
    /// There is none.
    #[default]
    Missing,
    /// There is one, and the kernel reads a time from it.
    Runs,
    /// There is one, and it tells no time: its battery may be empty.
    Stopped,
}

/// 2020: a clock with an empty battery begins at 1970 or 2000.
const SET_SINCE_UNIX_S: u64 = 1_577_836_800;

/// Looks; `sys` is `/sys`.
pub fn read(sys: &Path) -> Keeper {
    let Ok(entries) = fs::read_dir(sys.join("class/rtc")) else {
        return Keeper::Missing;
    };
    let mut found = Keeper::Missing;
    for entry in entries.flatten() {
        let told = fs::read_to_string(entry.path().join("since_epoch")).ok();
        let seconds = told.and_then(|told| told.trim().parse::<u64>().ok());
        match seconds {
            Some(seconds) if seconds >= SET_SINCE_UNIX_S => return Keeper::Runs,
            _ => found = Keeper::Stopped,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_with_an_empty_battery_is_no_clock() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Keeper::Missing);
        let rtc = folder.path().join("class/rtc/rtc0");
        fs::create_dir_all(&rtc).unwrap();
        assert_eq!(read(folder.path()), Keeper::Stopped);
        fs::write(rtc.join("since_epoch"), "946684812\n").unwrap();
        assert_eq!(read(folder.path()), Keeper::Stopped);
        fs::write(rtc.join("since_epoch"), "1800000000\n").unwrap();
        assert_eq!(read(folder.path()), Keeper::Runs);
    }
}
