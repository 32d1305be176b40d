//! What goes wrong when: drawn from the seed before the world begins, so that the whole course can be printed.

use std::time::Duration;

use vitals::MonoTime;

use super::net::Quality;
use crate::chance::Chance;

/// One thing that goes wrong, or right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The post's link is cut; half open = nobody is told.
    LinkCut {
        /// Whether both sides must find out by silence.
        half_open: bool,
    },
    /// The post's link is there again.
    LinkMended,
    /// The broker restarts and forgets.
    BrokerRestarts,
    /// The centre's program ends.
    CentreStops,
    /// It starts again.
    CentreStarts,
    /// The appliance is killed; the card keeps what was written.
    PostKilled,
    /// The power goes; what the card had not synced is lost, sector by sector, as chance has it.
    PowerCut,
    /// The power is back, or somebody starts the appliance again.
    PostStarts,
    /// The card fills up (by something else), or has room again.
    CardFull(bool),
    /// The wall clock is set to so many seconds from the truth.
    ClockSet {
        /// Seconds ahead (negative: behind).
        off_s: i64,
        /// A time server says so.
        trusted: bool,
    },
    /// A doctor asks something of the post.
    DoctorAsks(Asked),
}

/// What a doctor asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// That an alarm is shown as seen, whichever the centre knows.
    Seen,
    /// That a message is shown.
    Message,
    /// That a limit be considered, for a bed that is there.
    Limit,
    /// The same for a bed that is not.
    LimitElsewhere,
}

/// The course of one world.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Until when things go wrong; afterwards everything is mended and drains.
    pub trouble_until: MonoTime,
    /// The post's way to the broker.
    pub quality: Quality,
    /// Beds with a monitor each.
    pub beds: u64,
    /// In order of time.
    pub mishaps: Vec<(MonoTime, Mishap)>,
}

impl Plan {
    /// The plan of this seed.
    pub fn drawn(chance: &mut Chance) -> Plan {
        let minutes = 2 + chance.below(4);
        let trouble_until = MonoTime::BOOT + Duration::from_secs(60 * minutes);
        let slow = chance.percent(40);
        let quality = Quality {
            delay: chance.between(
                Duration::from_millis(5),
                Duration::from_millis(if slow { 600 } else { 80 }),
            ),
            // 64 kbit/s, or better.
            bytes_per_s: slow.then(|| 8_000 + chance.below(8_000)),
        };
        let beds = 1 + chance.below(4);
        let mut mishaps = Vec::new();
        for _ in 0..2 + chance.below(6) {
            let at = MonoTime::from_ms(5_000 + chance.below(trouble_until.as_ms() - 10_000));
            Plan::draw(chance, at, &mut mishaps);
        }
        mishaps.sort_by_key(|(at, _)| *at);
        Plan {
            trouble_until,
            quality,
            beds,
            mishaps,
        }
    }

    fn draw(chance: &mut Chance, at: MonoTime, into: &mut Vec<(MonoTime, Mishap)>) {
        let later = |chance: &mut Chance, low: u64, high: u64| {
            at + chance.between(Duration::from_millis(low), Duration::from_millis(high))
        };
        match chance.below(12) {
            0..=3 => {
                let half_open = chance.percent(50);
                let back = later(chance, 500, 120_000);
                into.extend([(at, Mishap::LinkCut { half_open }), (back, Mishap::LinkMended)]);
            }
            4 => into.push((at, Mishap::BrokerRestarts)),
            5 => {
                let back = later(chance, 200, 60_000);
                into.extend([(at, Mishap::CentreStops), (back, Mishap::CentreStarts)]);
            }
            6 | 7 => {
                let back = later(chance, 100, 5_000);
                into.extend([(at, Mishap::PostKilled), (back, Mishap::PostStarts)]);
            }
            8 | 9 => {
                let back = later(chance, 1_000, 90_000);
                into.extend([(at, Mishap::PowerCut), (back, Mishap::PostStarts)]);
            }
            10 => {
                let back = later(chance, 1_000, 30_000);
                into.extend([(at, Mishap::CardFull(true)), (back, Mishap::CardFull(false))]);
            }
            _ => {
                let off_s = [-3_600, 315_360_000, -1_795_392_000, 40][chance.below(4) as usize];
                let set = later(chance, 5_000, 60_000);
                into.extend([
                    (
                        at,
                        Mishap::ClockSet {
                            off_s,
                            trusted: false,
                        },
                    ),
                    (
                        set,
                        Mishap::ClockSet {
                            off_s: 0,
                            trusted: true,
                        },
                    ),
                ]);
            }
        }
        if chance.percent(40) {
            let sees = later(chance, 0, 60_000);
            let asked = [
                Asked::Seen,
                Asked::Seen,
                Asked::Message,
                Asked::Limit,
                Asked::LimitElsewhere,
            ];
            into.push((sees, Mishap::DoctorAsks(asked[chance.below(5) as usize])));
        }
    }
}
