//! The ward in a box over many seeds (I1, I2, I7, I8), and the test of that test: four classic mistakes must be found.
//!
//! `cargo xtask sim --seeds N` runs more of them, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tests::sim::mutation::Mutation;
use tests::sim::{Outcome, run};

/// How many seeds, and from which on: `cargo xtask sim` says so.
const SEEDS: &str = "VITALPOST_SIM_SEEDS";
const FROM: &str = "VITALPOST_SIM_FROM";
/// How many without being told.
const SEEDS_USUAL: u64 = 40;
/// A mistake must be found within so many.
const FOUND_WITHIN: u64 = 200;

fn told(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |number| number.parse().expect("a number"))
}

/// What a seed came to; a world that panics is as wrong as one that loses a record.
fn outcome(seed: u64, mutation: Option<Mutation>) -> Outcome {
    std::panic::catch_unwind(|| run(seed, mutation)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        Outcome {
            records: 0,
            slowest_alert: Duration::ZERO,
            lasted: Duration::ZERO,
            wrong: vec![format!("panic: {}", words.unwrap_or_default())],
            story: Vec::new(),
        }
    })
}

/// Runs the seeds on all cores until `stop` says so, and hands over what became of each.
fn run_all(
    seeds: std::ops::Range<u64>,
    mutation: Option<Mutation>,
    each: impl Fn(u64, Outcome) -> bool + Sync,
) {
    let next = AtomicU64::new(seeds.start);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    if !each(seed, outcome(seed, mutation)) {
                        next.store(seeds.end, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

#[test]
fn i1_i2_i7_i8_hold_in_every_ward_in_a_box() {
    let (from, seeds) = (told(FROM, 1), told(SEEDS, SEEDS_USUAL));
    let bad = Mutex::new(Vec::new());
    let (records, slowest) = (AtomicU64::new(0), Mutex::new(Duration::ZERO));
    let lasted = Mutex::new(Duration::ZERO);
    run_all(from..from + seeds, None, |seed, outcome| {
        records.fetch_add(outcome.records as u64, Ordering::Relaxed);
        let mut slowest = slowest.lock().unwrap();
        *slowest = outcome.slowest_alert.max(*slowest);
        *lasted.lock().unwrap() += outcome.lasted;
        if !outcome.wrong.is_empty() || seeds == 1 {
            println!("seed {seed}: {} records, {:?}", outcome.records, outcome.lasted);
            outcome.story.iter().for_each(|line| println!("    {line}"));
            outcome.wrong.iter().for_each(|line| println!("  WRONG {line}"));
            println!("  again: cargo xtask sim --from {seed} --seeds 1");
        }
        if !outcome.wrong.is_empty() {
            bad.lock().unwrap().push(seed);
        }
        bad.lock().unwrap().len() < 20
    });
    println!(
        "{seeds} seeds, {} h in the box, {} records at the centres, slowest alert on a good way {:?}",
        lasted.lock().unwrap().as_secs() / 3_600,
        records.load(Ordering::Relaxed),
        slowest.lock().unwrap()
    );
    let bad = bad.into_inner().unwrap();
    assert!(bad.is_empty(), "{} seeds went wrong: {bad:?}", bad.len());
}

#[test]
fn four_classic_mistakes_are_found() {
    for mutation in Mutation::ALL {
        let found = Mutex::new(None::<(u64, String)>);
        run_all(1..FOUND_WITHIN + 1, Some(mutation), |seed, came_to| {
            // A world that goes wrong in another way proves nothing.
            let Some(first) = came_to
                .wrong
                .iter()
                .find(|what| what.starts_with(mutation.breaks()))
            else {
                return true;
            };
            assert_eq!(
                outcome(seed, None).wrong,
                Vec::<String>::new(),
                "seed {seed} without the mistake"
            );
            let mut found = found.lock().unwrap();
            if found.as_ref().is_none_or(|(before, _)| seed < *before) {
                *found = Some((seed, first.clone()));
            }
            false
        });
        match found.into_inner().unwrap() {
            Some((seed, what)) => println!(
                "{mutation:?} ({}): found by seed {seed}: {what}",
                mutation.breaks()
            ),
            None => panic!("{mutation:?} breaks {} and nobody notices", mutation.breaks()),
        }
    }
}
