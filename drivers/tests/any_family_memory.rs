//! I10: a device that floods fills no memory. The kernel is asked, so this stands alone: nothing else runs meanwhile.

mod support;

use drivers::catalog::{FAMILIES, Kind};
use drivers::{Dialogue, Step};
use support::script::{Setting, scripts, settings};
use support::{Random, ms};
use vitals::MonoTime;

/// What is fed to each dialogue, while nobody fetches.
const FLOOD_BYTES: usize = 3 << 20;
/// What it may add to the process: 256 findings, half a frame, and what an allocator rounds up.
const HELD_KIB_MAX: u64 = 1 << 10;
/// Pieces as they come from a port.
const PIECE_BYTES: usize = 1_400;

#[test]
fn i10_a_flood_of_three_megabytes_is_not_kept() {
    for family in FAMILIES {
        if !matches!(family.kind, Kind::Stream(_)) {
            continue;
        }
        let told: Vec<u8> = scripts(family)
            .into_iter()
            .flat_map(|script| script.moments)
            .flat_map(|moment| moment.bytes)
            .collect();
        let usual = |setting: &Setting| setting.transport == family.transports[0];
        for setting in settings(family).into_iter().filter(usual) {
            let grown = grown_kib(setting.open(), &told);
            println!("{} {:?}: {grown} KiB", family.name, setting.format);
            assert!(grown <= HELD_KIB_MAX, "{}: {grown} KiB more", family.name);
        }
    }
    let grown = grown_kib(Box::new(Hoarder(Vec::new())), &[1, 2, 3]);
    assert!(
        grown > HELD_KIB_MAX,
        "one that keeps all must be noticed: {grown} KiB"
    );
}

/// Keeps all that it hears.
struct Hoarder(Vec<u8>);

impl Dialogue for Hoarder {
    fn heard(&mut self, _now: MonoTime, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    fn step(&mut self, _now: MonoTime) -> Step {
        Step::Send(std::mem::take(&mut self.0))
    }
}

/// What a dialogue adds to the process: `told` over and over, an eighth noise.
fn grown_kib(mut dialogue: Box<dyn Dialogue>, told: &[u8]) -> u64 {
    let (mut random, mut piece) = (Random(5), Vec::new());
    let mut device = told.iter().cycle();
    let mut before = None;
    for n in 0..FLOOD_BYTES / PIECE_BYTES {
        piece.clear();
        let is_noise = n % 8 == 7;
        piece.extend((0..PIECE_BYTES).map(|_| match is_noise {
            true => random.byte(),
            false => device.next().copied().unwrap_or(0),
        }));
        dialogue.heard(ms(1_000 + n as u64 / 16), &piece);
        if n == 16 {
            before = Some(resident_kib());
        }
    }
    resident_kib().saturating_sub(before.expect("more than 16 pieces"))
}

/// What the process has in memory.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("VmRSS is a number of kB")
}
