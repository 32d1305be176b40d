//! What the card is made to write for one value: DESIGN section 9, at the store's own file.

use super::*;
use crate::store::StoreOptions;
use crate::store::simulated::{self, Chance};

const BEDS: u64 = 8;
const VALUES: u64 = 10;
const MINUTES: u64 = 20;

/// Bytes written for each value of eight beds with ten values at 1 Hz.
fn bytes_per_value(answers: bool) -> u64 {
    let disk = Disk::new(90);
    let options = StoreOptions::at("none".into());
    let (store, mut stepper, report) = simulated::open(&disk, &options, BOOT, MonoTime::BOOT, 5).unwrap();
    let before = disk.written().bytes;
    let (mut chance, mut made) = (Chance(90), 0);
    for second in 1..=60 * MINUTES {
        let at = MonoTime::from_ms(1_000 * second);
        for value in 0..BEDS * VALUES {
            made += 1;
            let code = vitals::code::CODES[usize::try_from(value % VALUES).unwrap()].code;
            let number = 60 + value + chance.below(8);
            store.append(Record::Reading(Reading {
                device: format!("monitor-{}", value / VALUES).parse().unwrap(),
                bed: Some(format!("{}", value / VALUES).parse().unwrap()),
                admission: None,
                at,
                seen: Observation::value(code, Decimal::whole(i64::try_from(number).unwrap())),
            }));
        }
        if answers {
            // A second late, as over a good link.
            let has = Seq(made - BEDS * VALUES);
            store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, has);
        }
        store.check(at);
        if stepper.is_due(at) {
            assert!(stepper.round(at));
        }
    }
    (disk.written().bytes - before) / made
}

#[test]
fn the_card_writes_few_bytes_for_a_value() {
    let (answers, outage) = (bytes_per_value(true), bytes_per_value(false));
    println!("bytes written per value: {answers} while the centre answers, {outage} in an outage");
    assert!(answers < 15, "{answers} bytes while the centre answers");
    assert!(outage < 100, "{outage} bytes in an outage");
}
