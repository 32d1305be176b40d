//! What the store costs the card, and how fast it is.
//!
//! Bytes written are the kernel's own count for this process, `write_bytes` in `/proc/self/io`: pages made dirty and sent
//! to the file system, each commit synced. What the file system adds for its own journal, and the card for its erase
//! blocks, is not in it. Time is simulated: the readings carry it, and a commit comes after each window of them.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use appliance::clock::Clock;
use appliance::store::{Destination, Store, StoreOptions};
use vitals::wire::Block;
use vitals::{AlarmChange, BootId, Epoch, Lane, MonoTime, Record, Seq};

use super::ward::Ward;
use super::{Figures, Goal, Plan, history, quantile};

/// What the configuration gives readings on an 8 GB card by default.
const QUOTA_BYTES: f64 = 2e9;
/// 30 days of 16 beds with 10 values at 1 Hz.
const OUTAGE_READINGS: f64 = 30.0 * 86_400.0 * 160.0;
/// As the store cuts blocks.
const BLOCK_RECORDS_MAX: usize = 1024;
/// Version, check sum, count and offset of a row, and its key.
const ROW_BYTES: usize = 17 + 17;

const BOOT: BootId = BootId([7; 16]);

/// All figures of the store.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let mut figures = Figures::default();
    let clock = Clock::system().context("the clock")?;
    packed(plan, &mut figures);
    for (what, window_s, minutes, limit) in [
        ("the centre answering, 60 s window", 60, 30, 15.0),
        ("in an outage, 5 s window", 5, 10, 100.0),
    ] {
        let seconds = if plan.quick { window_s * 2 } else { minutes * 60 };
        let bytes = written(plan, window_s, seconds)?;
        let name = format!("bytes written per reading, {what}");
        let how = "write_bytes of /proc/self/io over synced commits, 8 beds x 10 values x 1 Hz";
        figures.add(&name, bytes, "B", Goal::Below(limit), how);
    }
    commits(plan, clock, &mut figures)?;
    outage_file(plan, &mut figures)?;
    large(plan, clock, &mut figures)?;
    history::measure(plan, clock, &mut figures)?;
    Ok(figures)
}

/// Packed bytes per reading by themselves.
fn packed(plan: &Plan, figures: &mut Figures) {
    for (beds, window_s) in [(8, 5), (8, 60), (16, 5)] {
        let mut ward = Ward::new(beds, 10, plan.recordings.as_deref());
        let (mut bytes, mut readings) = (0, 0);
        for window in 0..if plan.quick { 1 } else { 12 } {
            let from = 1_000 + window * window_s;
            let records: Vec<Record> = (from..from + window_s)
                .flat_map(|second| ward.second(second))
                .collect();
            for records in records.chunks(BLOCK_RECORDS_MAX) {
                let block = Block {
                    boot: BOOT,
                    records: records.to_vec(),
                };
                bytes += block.encode().len() + ROW_BYTES;
                readings += records.len();
            }
        }
        let each = bytes as f64 / readings as f64;
        let name = format!("packed bytes per reading, {beds} beds, {window_s} s");
        figures.add(
            &name,
            each,
            "B",
            Goal::Below(4.5),
            "a row with its key, in blocks as the store cuts them",
        );
        if beds == 16 {
            let how = "rows of the above, of the 2 GB that readings have on an 8 GB card";
            let name = "30-day outage of 16 beds, 10 values at 1 Hz, share of the quota";
            figures.add(
                name,
                each * OUTAGE_READINGS / QUOTA_BYTES * 100.0,
                "%",
                Goal::Below(100.0),
                how,
            );
        }
    }
}

fn options(file: PathBuf) -> StoreOptions {
    StoreOptions {
        // Never by itself: the bench says when.
        commit_window: Duration::from_secs(3_600),
        commit_window_receipted: Duration::from_secs(3_600),
        ..StoreOptions::at(file)
    }
}

/// A store at its defaults that commits only when it is told to.
pub fn open(file: &Path, now: MonoTime) -> Result<(Store, Epoch)> {
    let (store, report) = Store::open(&options(file.to_owned()), BOOT, now, 1)?;
    ensure!(report.set_aside.is_none(), "the store was damaged");
    Ok((store, report.epoch))
}

/// Bytes that the kernel has taken from this process for a file system.
fn write_bytes() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/io").context("cannot read /proc/self/io")?;
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.context("/proc/self/io has no write_bytes")?
        .trim()
        .parse()
        .context("write_bytes of /proc/self/io is not a number")
}

/// Bytes written per reading when a commit comes every `window_s`; with the centre's receipts in the long window.
fn written(plan: &Plan, window_s: u64, seconds: u64) -> Result<f64> {
    let file = plan.folder.join(format!("window-{window_s}.redb"));
    let (store, epoch) = open(&file, MonoTime::BOOT)?;
    let mut ward = Ward::new(8, 10, plan.recordings.as_deref());
    let mut readings = 0u64;
    // The first minutes lay the file out.
    let warm_up = if plan.quick { window_s } else { 300 };
    let mut before = 0;
    for second in 0..warm_up + seconds {
        if second == warm_up {
            (before, readings) = (write_bytes()?, 0);
        }
        let records = ward.second(1_000 + second);
        readings += records.len() as u64;
        for record in records {
            store.append(record);
        }
        if (second + 1) % window_s == 0 {
            store.flush()?;
            if window_s == 60 {
                let made = (second + 1) * ward.readings_per_s() as u64;
                store.receipted(Destination::CENTRE, Lane::Vitals, epoch, Seq(made));
            }
        }
    }
    let bytes = write_bytes()? - before;
    store.close()?;
    std::fs::remove_file(&file).context("the bench's own store")?;
    ensure!(
        bytes > 0,
        "the kernel counts no writes in {}: is it in memory?",
        plan.folder.display()
    );
    Ok(bytes as f64 / readings as f64)
}

/// An alarm change, as the store and the relay get them.
pub fn alarm(epoch: Epoch, number: u32, at: MonoTime) -> Record {
    let stamp = vitals::Stamp { boot: BOOT, mono: at };
    Record::Alarm(AlarmChange {
        id: vitals::AlarmId { epoch, number },
        change: 1,
        condition: "limit.spo2.low".parse().expect("a condition of this program"),
        priority: vitals::Priority::High,
        phase: vitals::AlarmPhase::Active,
        bed: Some("1".parse().expect("a plain name")),
        device: None,
        admission: None,
        value: Some(vitals::Decimal::whole(83)),
        limit: Some(vitals::Decimal::whole(90)),
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at,
        onsets: 1,
        acknowledged_by: None,
    })
}

fn commits(plan: &Plan, clock: Clock, figures: &mut Figures) -> Result<()> {
    let file = plan.folder.join("commits.redb");
    let (store, epoch) = open(&file, clock.now())?;
    let mut ms = Vec::new();
    for number in 1..=if plan.quick { 5 } else { 300 } {
        let from = clock.now();
        store.append(alarm(epoch, number, from));
        store.flush()?;
        ms.push(clock.now().since(from).as_secs_f64() * 1e3);
    }
    store.close()?;
    std::fs::remove_file(&file).context("the bench's own store")?;
    let how = "one alarm each, synced; the reciprocal of the median";
    figures.add(
        "commits per second",
        1e3 / quantile(&ms, 0.5),
        "1/s",
        Goal::None,
        how,
    );
    figures.add(
        "time of one commit, p99",
        quantile(&ms, 0.99),
        "ms",
        Goal::None,
        "one alarm each, synced",
    );
    Ok(())
}

/// What a file takes of the disk; the database makes it longer than that in advance.
fn taken(file: &Path) -> Result<u64> {
    Ok(512 * std::fs::metadata(file).context("the bench's own store")?.blocks())
}

/// What a long outage makes of the file, where every commit is a small one.
fn outage_file(plan: &Plan, figures: &mut Figures) -> Result<()> {
    let file = plan.folder.join("outage.redb");
    let (store, _) = open(&file, MonoTime::BOOT)?;
    let readings = fill(&store, 16, plan, if plan.quick { 20 } else { 7_200 }, 5)?;
    store.close()?;
    let bytes = taken(&file)?;
    std::fs::remove_file(&file).context("the bench's own store")?;
    let each = bytes as f64 / readings as f64;
    let how = "disk taken after two hours of commits of 5 s, with the database's own pages";
    figures.add(
        "file bytes per reading in an outage, 16 beds",
        each,
        "B",
        Goal::Below(4.5),
        how,
    );
    Ok(())
}

/// A store of many days: its size, and how long it takes to open after a clean and after a sudden end.
fn large(plan: &Plan, clock: Clock, figures: &mut Figures) -> Result<()> {
    let (file, torn) = (plan.folder.join("large.redb"), plan.folder.join("torn.redb"));
    let seconds = if plan.quick { 20 } else { plan.days * 86_400 };
    let (store, _) = open(&file, MonoTime::BOOT)?;
    let readings = fill(&store, 16, plan, seconds, 50)?;
    // With the writer idle this is what a power cut leaves: complete, but not closed.
    std::fs::copy(&file, &torn).context("cannot copy the large store")?;
    store.close()?;
    let bytes = taken(&file)?;
    let what = format!("{} days of 16 beds", plan.days);
    let each = bytes as f64 / readings as f64;
    let how = "disk taken, with the database's own pages; commits of 50 s";
    figures.add(
        &format!("file bytes per reading, {what}"),
        each,
        "B",
        Goal::Below(4.5),
        how,
    );
    for (name, file, tries) in [("a clean end", &file, 5), ("a sudden end", &torn, 1)] {
        let mut ms = Vec::new();
        for _ in 0..tries {
            let from = clock.now();
            let (store, _) = open(file, from)?;
            ms.push(clock.now().since(from).as_secs_f64() * 1e3);
            store.close()?;
        }
        let name = format!("time to open {what} after {name}");
        let how = "the store's share of the second that a start may take; the file is in the page cache";
        figures.add(&name, quantile(&ms, 0.5), "ms", Goal::Below(1_000.0), how);
    }
    std::fs::remove_file(&file)
        .and(std::fs::remove_file(&torn))
        .context("the bench's own stores")
}

/// Fills a store with the same hour again and again, each at its own time. Returns how many readings.
pub fn fill(store: &Store, beds: usize, plan: &Plan, seconds: u64, window_s: u64) -> Result<u64> {
    let mut ward = Ward::new(beds, 10, plan.recordings.as_deref());
    let hour: Vec<Vec<Record>> = (0..seconds.min(3_600))
        .map(|second| ward.second(1_000 + second))
        .collect();
    let mut readings = 0;
    for second in 0..seconds {
        let place = usize::try_from(second % 3_600).expect("below 3600");
        let later = Duration::from_secs(second - second % 3_600);
        for record in &hour[place] {
            store.append(moved(record, later));
            readings += 1;
        }
        if (second + 1) % window_s == 0 || second + 1 == seconds {
            store.flush()?;
        }
    }
    Ok(readings)
}

fn moved(record: &Record, later: Duration) -> Record {
    match record.clone() {
        Record::Reading(mut reading) => {
            reading.at = reading.at + later;
            Record::Reading(reading)
        }
        other => other,
    }
}
