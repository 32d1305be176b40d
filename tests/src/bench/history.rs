//! What it costs to look back, and what sealing costs: invented months of a ward, plain and sealed.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use appliance::clock::Clock;
use appliance::store::synthetic::{self, SyntheticWard};
use appliance::store::{KeySource, Store, StoreOptions, TrendOf, TrendQuery, new_key_file};
use vitals::{BootId, Code, MonoTime, WallTime};

use super::{Figures, Goal, Plan, quantile};

const DAY: Duration = Duration::from_secs(86_400);
/// The end of the invented time: 2026-11-23T00:00:00Z.
const END: WallTime = WallTime::from_unix_ms(1_795_392_000_000);
/// Buckets of one curve on a wide screen.
const POINTS: usize = 500;

/// Trends on 30 days of summaries and two hours of readings; one day of the same sealed beside one plain.
pub fn measure(plan: &Plan, clock: Clock, figures: &mut Figures) -> Result<()> {
    let days = if plan.quick { 1 } else { 30 };
    let (_, ms) = look_back(plan, clock, DAY * days, None)?;
    let how = "one value of one bed, 500 buckets, from a store of 16 beds with 10 values each; file in the page cache";
    for (what, limit, ms) in [
        ("trend of 24 hours", 200.0, &ms[0]),
        ("trend of 30 days", 1_000.0, &ms[1]),
    ] {
        figures.add(what, quantile(ms, 0.5), "ms", Goal::Below(limit), how);
    }
    let key = plan.folder.join("bench.key");
    new_key_file(&key)?;
    let (plain_bytes, plain_ms) = look_back(plan, clock, DAY, None)?;
    let (sealed_bytes, sealed_ms) = look_back(plan, clock, DAY, Some(KeySource::File(key.clone())))?;
    std::fs::remove_file(&key).context("the bench's own key")?;
    figures.add(
        "bytes of rows, sealed by plain",
        sealed_bytes / plain_bytes,
        "",
        Goal::None,
        "a day of summaries and two hours of readings, commits of 5 s",
    );
    figures.add(
        "trend of 24 hours, time sealed by plain",
        quantile(&sealed_ms[0], 0.5) / quantile(&plain_ms[0], 0.5),
        "",
        Goal::None,
        "medians of five, on those stores",
    );
    Ok(())
}

/// Bytes per record, and the times of five trends over a day and over everything, in milliseconds.
fn look_back(
    plan: &Plan,
    clock: Clock,
    past: Duration,
    key: Option<KeySource>,
) -> Result<(f64, [Vec<f64>; 2])> {
    let file = plan.folder.join("history.redb");
    let ward = SyntheticWard {
        beds: if plan.quick { 1 } else { 16 },
        summaries: past,
        readings: Duration::from_secs(if plan.quick { 60 } else { 7_200 }),
        end: END,
        commit_window: Duration::from_secs(5),
    };
    let written = synthetic::write(&file, &ward, key.clone())?;
    let options = StoreOptions {
        key,
        ..StoreOptions::at(file.clone())
    };
    let (store, report) = Store::open(&options, BootId([9; 16]), MonoTime::BOOT, 1)?;
    ensure!(report.set_aside.is_none(), "the store was damaged");
    let day = times(&store, clock, DAY.min(past))?;
    let all = times(&store, clock, past)?;
    store.close()?;
    std::fs::remove_file(&file).context("the bench's own store")?;
    Ok((written.bytes as f64 / written.records as f64, [day, all]))
}

fn times(store: &Store, clock: Clock, span: Duration) -> Result<Vec<f64>> {
    let of = TrendOf::Vital {
        bed: "1".parse().expect("a plain name"),
        code: Code::Spo2,
    };
    let from = WallTime::from_unix_ms(END.as_unix_ms() - i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
    let query = TrendQuery::new(of, from, END, POINTS)?;
    let mut ms = Vec::new();
    for _ in 0..5 {
        let begun = clock.now();
        let trend = store.trend(&query)?;
        ms.push(clock.now().since(begun).as_secs_f64() * 1e3);
        ensure!(!trend.stretches.is_empty(), "the trend is empty");
    }
    Ok(ms)
}
