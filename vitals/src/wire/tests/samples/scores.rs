//! What persons found at the bedside, what they said of care, and how a score stands.

use super::{BOOT, id};
use crate::bed::{AdmissionId, BedId};
use crate::number::Decimal;
use crate::record::{Epoch, Event, Record};
use crate::score::advisory::Advisor;
use crate::score::care::{CareFact, CareTold};
use crate::score::entry::{Entry, EntryId, Findings, Observed, What};
use crate::score::news2::{Band, Spo2Scale};
use crate::score::{Consciousness, Effort, Oxygen, Pregnancy, ScoreKind};
use crate::time::{MonoTime, Stamp};

fn stamp(ms: u64) -> Stamp {
    Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(ms),
    }
}

/// What was added when scores were wired.
pub(super) fn events() -> Vec<Record> {
    let entry = |number| EntryId {
        epoch: Epoch(0x0000_0002_dead_beef),
        number,
    };
    let (bed, admission) = (id::<BedId>("3"), id::<AdmissionId>("3-0000000200000007-1"));
    let observed = |by: &str, what| {
        Event::Observed(Box::new(Observed {
            bed: bed.clone(),
            admission: admission.clone(),
            by: by.to_owned(),
            what,
        }))
    };
    let found = |number, findings| {
        let what = Entry {
            id: entry(number),
            found: stamp(3_500),
            findings,
        };
        observed("Grace", What::Found(Box::new(what)))
    };
    let told = |fact| {
        Event::CareTold(Box::new(CareTold {
            bed: bed.clone(),
            admission: admission.clone(),
            by: "Amina".to_owned(),
            said: stamp(3_700),
            fact,
        }))
    };
    let air = Findings {
        consciousness: Some(Consciousness::Alert),
        oxygen: Some(Oxygen::Air),
        ..Findings::default()
    };
    [
        found(1, everything()),
        found(2, air),
        observed("Grace", What::Withdrawn(entry(1))),
        observed(
            "",
            What::Stands {
                score: ScoreKind::News2,
                advisor: Advisor::of(Band::High, 8),
            },
        ),
        told(CareFact::Scale(Spo2Scale::Two)),
        told(CareFact::Pregnancy(Pregnancy::SixWeeksAfter)),
        told(CareFact::Pregnancy(Pregnancy::None)),
        told(CareFact::Paced(false)),
    ]
    .map(|event| Record::Event {
        at: MonoTime::from_ms(4_000),
        event,
    })
    .into()
}

fn everything() -> Findings {
    let number = |mantissa, places| Some(Decimal::new(mantissa, places));
    Findings {
        consciousness: Some(Consciousness::Confused),
        oxygen: Some(Oxygen::Given {
            device: "mask".to_owned(),
            flow: number(65, 1),
            percent: number(40, 0),
        }),
        temp: number(391, 1),
        sbp: number(101, 0),
        dbp: number(61, 0),
        pulse: number(112, 0),
        rr: number(26, 0),
        spo2: number(91, 0),
        capillary_refill: number(35, 1),
        effort: Some(Effort::Moderate),
        pain: number(2, 0),
    }
}
