//! Power cuts at any operation (I1, I2), and the proof that the check can fail.

use std::collections::BTreeMap;

use super::*;
use crate::store::disk::Chance;

/// What was made in one epoch, and how much of it a flush acknowledged.
#[derive(Default)]
struct Made {
    records: [Vec<Record>; 4],
    acknowledged: [usize; 4],
}

const LANES: [Lane; 4] = [Lane::Alerts, Lane::Events, Lane::Summaries, Lane::Vitals];

/// Several runs with a power cut in each; then everything acknowledged must be there.
fn survives(seed: u64, lies: bool) -> Result<(), String> {
    let mut chance = Chance(seed);
    let disk = Disk::new(chance.any());
    if lies {
        disk.lie();
    }
    let mut made: BTreeMap<Epoch, Made> = BTreeMap::new();
    for _ in 0..3 {
        disk.cut_after(chance.below(250));
        if let Ok((store, report)) = try_open(&disk, &tuning(), chance.any() as u32) {
            let epoch = report.epoch;
            check(&store, &report, &made).or_else(|what| if disk.is_off() { Ok(()) } else { Err(what) })?;
            let run = made.entry(epoch).or_default();
            for number in 1..=40 {
                let place = chance.below(4) as usize;
                let record = any(LANES[place], number);
                run.records[place].push(record.clone());
                let id = store.append(record);
                if id.seq.0 != run.records[place].len() as u64 {
                    return Err(format!("{id:?} is not the next number"));
                }
                if chance.below(8) == 0 && store.flush().is_ok() {
                    run.acknowledged = run.records.each_ref().map(Vec::len);
                }
                if disk.is_off() {
                    break;
                }
            }
            disk.cut_after(0);
            // What it says does not matter any more; its thread must be gone before the power comes back.
            let _ = store.close();
        }
        disk.power_cycle();
    }
    let (store, report) = try_open(&disk, &tuning(), seed as u32).map_err(|error| error.to_string())?;
    check(&store, &report, &made)
}

fn check(store: &Store, report: &OpenReport, made: &BTreeMap<Epoch, Made>) -> Result<(), String> {
    if let Some(aside) = &report.set_aside {
        return Err(aside.reason.clone());
    }
    let mut found: BTreeMap<(Epoch, usize), Vec<Record>> = BTreeMap::new();
    for (place, lane) in LANES.into_iter().enumerate() {
        let mut cursor = Cursor::START;
        while let Some(batch) = store.read(lane, cursor, 7).map_err(|error| error.to_string())? {
            cursor = batch.end();
            let lane = found.entry((batch.epoch, place)).or_default();
            if batch.first.0 != lane.len() as u64 + 1 {
                return Err(format!("a gap before {:?}", batch.first));
            }
            lane.extend(batch.records);
        }
    }
    for (epoch, made) in made {
        for place in 0..LANES.len() {
            let there = found.remove(&(*epoch, place)).unwrap_or_default();
            if there.len() < made.acknowledged[place] {
                return Err(format!(
                    "{} acknowledged, {} there",
                    made.acknowledged[place],
                    there.len()
                ));
            }
            if !made.records[place].starts_with(&there) {
                return Err("records differ from what was made".to_owned());
            }
            // S20: of a run that never reached the card the card knows nothing.
            let known =
                !last_of(report, *epoch).is_empty() || !there.is_empty() || made.acknowledged != [0; 4];
            if known && last_of(report, *epoch).get(place).map(|seq| seq.0) != Some(there.len() as u64) {
                return Err(format!(
                    "closed says {:?}, {} are there",
                    last_of(report, *epoch),
                    there.len()
                ));
            }
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("records of unknown epochs: {:?}", found.keys()))
    }
}

#[test]
fn i1_what_was_committed_survives_a_power_cut_at_any_operation() {
    for seed in 0..200 {
        if let Err(what) = survives(seed, false) {
            panic!("seed {seed}: {what}");
        }
    }
}

#[test]
fn i1_a_disk_that_ignores_sync_is_found_out() {
    let found_out = (0..30).filter(|seed| survives(*seed, true).is_err()).count();
    assert!(
        found_out > 20,
        "only {found_out} of 30: the check above proves nothing"
    );
}

#[test]
fn i1_records_that_belong_together_are_on_the_card_together_or_not_at_all() {
    let mut some = 0;
    for seed in 0..100 {
        let mut chance = Chance(seed);
        let disk = Disk::new(chance.any());
        let (store, _) = open(&disk, &tuning());
        disk.cut_after(chance.below(250));
        for number in 0..40 {
            if disk.is_off() {
                break;
            }
            store.append_together((1..=3).map(|n| event(3 * number + n)).collect());
        }
        disk.cut_after(0);
        // What it says does not matter any more; its thread must be gone before the power comes back.
        let _ = store.close();
        disk.power_cycle();
        let (store, _) = open(&disk, &tuning());
        let (mut cursor, mut count) = (Cursor::START, 0);
        while let Some(batch) = store.read(Lane::Events, cursor, 7).unwrap() {
            cursor = batch.end();
            count += batch.records.len();
        }
        assert_eq!(count % 3, 0, "seed {seed}: {count}");
        some += count;
    }
    assert!(some > 0, "nothing was on the card");
}
