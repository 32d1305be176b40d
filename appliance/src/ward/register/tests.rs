use vitals::{BootId, Category, MonoTime};

use super::super::{BedSetup, Ward};
use super::*;

fn register() -> Register {
    let bed = |id: &str| BedSetup {
        id: id.parse().unwrap(),
        label: id.to_owned(),
        category: Category::Adult,
    };
    Register::of(&Ward::new(vec![bed("1"), bed("2")], Vec::new(), MonoTime::BOOT))
}

fn at(s: u64) -> Stamp {
    Stamp {
        boot: BootId([1; 16]),
        mono: MonoTime::from_ms(1_000 * s),
    }
}

/// `bed admission`, `bed -admission` for an empty bed.
fn say(register: &mut Register, s: u64, told: &str) {
    let (bed, admission) = told.split_once(' ').unwrap();
    let identified = Identified {
        bed: bed.parse().unwrap(),
        admission: admission.trim_start_matches('-').parse().unwrap(),
        identity: Identity::default(),
        by: "Grace".to_owned(),
        category: None,
        vacant: admission.starts_with('-'),
        perhaps: None,
    };
    register.identified(&identified, at(s));
}

/// `admission bed from until`, the last first.
fn told(register: &Register) -> Vec<String> {
    let s = |at: Option<Stamp>| at.map_or("?".to_owned(), |at| (at.mono.as_ms() / 1_000).to_string());
    let stays = register.earlier();
    stays
        .map(|known| {
            format!(
                "{} {} {} {}",
                known.admission,
                known.bed,
                s(known.from),
                s(known.until)
            )
        })
        .collect()
}

#[test]
fn i3_a_stay_is_earlier_only_while_it_is_in_no_bed() {
    let mut register = register();
    say(&mut register, 10, "1 a");
    say(&mut register, 20, "2 b");
    assert_eq!(
        told(&register),
        ["unidentified-2 2 ? 20", "unidentified-1 1 ? 10"]
    );
    // Exchanged: one word after the other.
    say(&mut register, 30, "1 b");
    say(&mut register, 30, "2 a");
    assert_eq!(told(&register).len(), 2);
    say(&mut register, 40, "2 c");
    assert_eq!(
        told(&register)[0],
        "a 2 10 40",
        "from its beginning, in its last bed"
    );
    // It comes back.
    say(&mut register, 50, "1 a");
    assert_eq!(told(&register)[0], "b 1 20 50");
    assert_eq!(told(&register).len(), 3);
}

#[test]
fn an_empty_bed_was_nobodys_stay_until_somebody_lay_there() {
    let mut register = register();
    say(&mut register, 10, "1 a");
    say(&mut register, 20, "1 -e");
    say(&mut register, 30, "1 b");
    assert_eq!(told(&register)[0], "a 1 10 20");
    say(&mut register, 40, "1 -f");
    say(&mut register, 50, "1 f");
    say(&mut register, 60, "1 c");
    assert_eq!(told(&register)[..2], ["f 1 40 60", "b 1 30 40"]);
    say(&mut register, 70, "9 x");
    assert_eq!(
        told(&register).len(),
        4,
        "of a bed that is not configured nothing is known"
    );
}
