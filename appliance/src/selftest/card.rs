//! The card on which the store lies: what it says of itself, and how long it takes to write.
//!
//! Writing is tried in a file of its own beside the store, of at most [`BYTES_MAX`] bytes and for at most [`TIME_MAX`], as the
//! store writes: a page, then a sync. The file is gone afterwards; the store is not touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::statvfs::{FsFlags, statvfs};
use vitals::MonoTime;

/// What the trial writes at once: a page of the store.
const PAGE_BYTES: usize = 4_096;
/// How often it writes.
const WRITES: usize = 32;
/// Most bytes that it writes.
pub const BYTES_MAX: u64 = (PAGE_BYTES * WRITES) as u64;
/// It begins no further write after this.
pub const TIME_MAX: Duration = Duration::from_secs(4);
/// Its file, beside the store.
const FILE: &str = "self-test.tmp";

/// What file system and card say of themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The file system takes no writes.
    pub read_only: bool,
    /// How much of its life is used up, in percent; none = the card does not say, as no SD card does.
    pub worn_percent: Option<u8>,
}

/// How long writing took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Each write with its sync.
    pub took: Vec<Duration>,
}

/// Why nothing could be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The card refuses.
    #[error("{0}")]
    Refused(String),
    /// It neither answers nor refuses.
    #[error("it did not answer for {} s", .0.as_secs())]
    Hangs(Duration),
}

/// Reads what is said of the file system of `folder`; `sys` is `/sys`.
pub fn read(folder: &Path, sys: &Path) -> Card {
    Card {
        read_only: statvfs(folder).is_ok_and(|found| found.flags().contains(FsFlags::ST_RDONLY)),
        worn_percent: block_device(folder, sys).and_then(|device| worn(&device)),
    }
}

/// The folder of the device in `sys`: of the whole card, also where the file system is a part of it.
fn block_device(folder: &Path, sys: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let device = fs::metadata(folder).ok()?.dev();
    let (major, minor) = (nix::sys::stat::major(device), nix::sys::stat::minor(device));
    let block = fs::canonicalize(sys.join(format!("dev/block/{major}:{minor}"))).ok()?;
    if block.join("partition").exists() {
        return block.parent().map(Path::to_owned);
    }
    Some(block)
}

/// Of an eMMC: two estimates in steps of ten percent, `0x01` = up to 10 %. The worse one counts.
fn worn(device: &Path) -> Option<u8> {
    let told = fs::read_to_string(device.join("device/life_time")).ok()?;
    let steps = told
        .split_whitespace()
        .filter_map(|step| u8::from_str_radix(step.trim_start_matches("0x"), 16).ok());
    // 0 = not told; 0x0b = beyond its life.
    let worst = steps.filter(|step| (1..=11).contains(step)).max()?;
    Some(worst.saturating_mul(10))
}

/// Writes and syncs, again and again. Blocks for as long as the card does: keep it off every task. `now` is the clock.
///
/// # Errors
/// What the card said.
pub fn try_writing(folder: &Path, now: impl Fn() -> MonoTime) -> Result<Writing, WriteError> {
    let path = folder.join(FILE);
    let written = write(&path, now);
    // It may not be there.
    let _ = fs::remove_file(&path);
    written.map_err(|error| WriteError::Refused(error.to_string()))
}

fn write(path: &Path, now: impl Fn() -> MonoTime) -> io::Result<Writing> {
    let mut file = File::create(path)?;
    let page = [0x5a; PAGE_BYTES];
    let began = now();
    let mut took = Vec::with_capacity(WRITES);
    while took.len() < WRITES && now().since(began) < TIME_MAX {
        let from = now();
        file.write_all(&page)?;
        file.sync_data()?;
        took.push(now().since(from));
    }
    Ok(Writing { took })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn writing_is_measured_write_by_write_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Cell::new(0);
        let written = try_writing(folder.path(), || {
            clock.set(clock.get() + 3);
            at(clock.get())
        });
        let took = written.unwrap().took;
        assert_eq!(took, vec![Duration::from_millis(3); WRITES]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_slow_card_is_tried_for_a_bounded_time() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Cell::new(0);
        let written = try_writing(folder.path(), || {
            clock.set(clock.get() + 900);
            at(clock.get())
        });
        let writes = written.unwrap().took.len();
        assert!((1..4).contains(&writes), "{writes}");
    }

    #[test]
    fn a_card_that_refuses_says_why() {
        let refused = try_writing(Path::new("/nowhere"), || at(0)).unwrap_err();
        assert!(
            matches!(&refused, WriteError::Refused(why) if why.contains("No such file")),
            "{refused}"
        );
    }

    #[test]
    fn an_emmc_says_how_worn_it_is_and_a_card_that_does_not_is_not_new() {
        let folder = tempfile::tempdir().unwrap();
        let told = |text: &str| {
            fs::create_dir_all(folder.path().join("device")).unwrap();
            fs::write(folder.path().join("device/life_time"), text).unwrap();
            worn(folder.path())
        };
        assert_eq!(told("0x01 0x03\n"), Some(30));
        assert_eq!(told("0x0b 0x02\n"), Some(110));
        assert_eq!(told("0x00 0x00\n"), None);
        assert_eq!(worn(Path::new("/nowhere")), None);
    }
}
