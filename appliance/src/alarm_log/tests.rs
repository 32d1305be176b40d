//! The log against histories that were counted by hand, in stores as a post writes them.

use std::time::Duration;

use tempfile::TempDir;
use vitals::alarm::{Inactivation, Inactive, Resumed};
use vitals::audit::{Actor, Chain, ChainId, Deed, Outcome, Telling};
use vitals::delivery::{Act, State};
use vitals::{
    AlarmChange, AlarmId, AlarmPhase, AnchorSource, BootId, ClockAnchor, ClockTrust, Decimal, Epoch, Event,
    Gathered as Minute, Masked, MinuteSummary, MonoTime, Priority, Record, Stamp, Summarised, WallTime,
};

use super::*;
use crate::store::{Store, StoreOptions};

mod counting;
mod reading;

/// 2026-11-23T00:00:00Z, a Monday.
const DAY: i64 = 1_795_392_000_000;

fn wall(s: i64) -> WallTime {
    WallTime::from_unix_ms(DAY + 1_000 * s)
}

/// A post's store, run after run. Times are seconds since the day began; each run is a boot of its own.
struct Post {
    folder: TempDir,
    store: Option<Store>,
    boot: BootId,
    /// When, in that day, the boot began.
    begin: i64,
    chain: Chain,
}

impl Post {
    fn new() -> Post {
        Post {
            folder: tempfile::tempdir().unwrap(),
            store: None,
            boot: BootId([0; 16]),
            begin: 0,
            chain: Chain::begin(&ChainId("kintampo/1".to_owned())),
        }
    }

    /// Starts at this second, by a clock that is to be believed so far.
    fn start(&mut self, begin: i64, trust: ClockTrust) {
        if let Some(store) = self.store.take() {
            store.close().unwrap();
        }
        self.boot = BootId([self.boot.0[0] + 1; 16]);
        self.begin = begin;
        let options = StoreOptions::at(self.folder.path().join("store.redb"));
        let random = u32::from(self.boot.0[0]);
        self.store = Some(
            Store::open(&options, self.boot, MonoTime::BOOT, random)
                .unwrap()
                .0,
        );
        let anchor = ClockAnchor {
            boot: self.boot,
            mono: MonoTime::BOOT,
            wall: wall(begin),
            trust,
            source: AnchorSource::SystemStart,
        };
        self.event(begin, Event::Anchor(anchor));
        // As at a real start, the first records are on the card before anything else comes.
        self.store();
    }

    fn store(&self) -> &Store {
        let store = self.store.as_ref().unwrap();
        store.flush().unwrap();
        store
    }

    fn at(&self, s: i64) -> MonoTime {
        MonoTime::from_ms(u64::try_from(1_000 * (s - self.begin)).unwrap())
    }

    fn event(&self, s: i64, event: Event) {
        let at = self.at(s);
        self.store.as_ref().unwrap().append(Record::Event { at, event });
    }

    /// `change` = its number and how often the alarm was announced; the rest is made by `more`.
    fn change(
        &self,
        s: i64,
        (id, change, onsets): (u32, u32, u32),
        (condition, phase, priority): (&str, AlarmPhase, Priority),
        more: impl FnOnce(&mut AlarmChange),
    ) {
        let at = self.at(s);
        let stamp = Stamp {
            boot: self.boot,
            mono: at,
        };
        let mut changed = AlarmChange {
            id: alarm(id),
            change,
            condition: condition.parse().unwrap(),
            priority,
            phase,
            bed: Some("1".parse().unwrap()),
            device: Some("oxi-1".parse().unwrap()),
            admission: Some("a1".parse().unwrap()),
            value: Some(Decimal::whole(84)),
            limit: Some(Decimal::whole(90)),
            unit: String::new(),
            text: String::new(),
            crossed: stamp,
            onset: stamp,
            at,
            onsets,
            acknowledged_by: None,
        };
        more(&mut changed);
        self.store.as_ref().unwrap().append(Record::Alarm(changed));
    }

    fn audited(&mut self, s: i64, action: &str, subject: &str, words: (Option<&str>, Option<&str>)) {
        let deed = Deed {
            at: Stamp {
                boot: self.boot,
                mono: self.at(s),
            },
            wall: Some(wall(s)),
            trust: ClockTrust::Synchronised,
            told: Telling {
                who: Actor::Person {
                    id: "grace".to_owned(),
                    name: Masked::new("Grace".to_owned()),
                },
                from: "screen s1 at 10.0.0.9".to_owned(),
                action: action.to_owned(),
                outcome: Outcome::Done,
                subject: subject.to_owned(),
                before: words.0.map(|words| Masked::new(words.to_owned())),
                after: words.1.map(|words| Masked::new(words.to_owned())),
            },
        };
        let entry = self.chain.append(deed);
        self.event(s, Event::Audited(Box::new(entry)));
    }

    /// Minutes of numbers of one bed, from this second on.
    fn minutes(&self, bed: &str, from: i64, minutes: i64) {
        let mut gathered = Minute::default();
        gathered.take(vitals::Measured::Value(Decimal::whole(97)));
        for minute in 0..minutes {
            self.store
                .as_ref()
                .unwrap()
                .append(Record::Summary(MinuteSummary {
                    device: "oxi-1".parse().unwrap(),
                    bed: Some(bed.parse().unwrap()),
                    admission: None,
                    at: self.at(from + 60 * minute),
                    of: Summarised::Vital(vitals::Code::Spo2),
                    numbers: gathered.numbers(),
                    absent: 0,
                }));
        }
    }

    fn find(&self, wanted: impl FnOnce(&mut Wanted)) -> Page {
        let mut all = Wanted {
            from: wall(0),
            to: wall(86_400),
            bed: None,
            text: None,
            priority: None,
        };
        wanted(&mut all);
        search(self.store(), &all, 100).unwrap()
    }

    fn count(&self) -> Statistics {
        statistics(self.store(), wall(0), wall(86_400)).unwrap().figures
    }
}

fn alarm(number: u32) -> AlarmId {
    AlarmId {
        epoch: Epoch(7),
        number,
    }
}

fn nothing(_: &mut AlarmChange) {}

fn by(person: &str) -> impl FnOnce(&mut AlarmChange) {
    let person = person.to_owned();
    move |change| change.acknowledged_by = Some(person)
}

/// Second of the day, `?` where it is not believed.
fn second(at: Moment) -> String {
    let believed = at.believed().map(|wall| (wall.as_unix_ms() - DAY) / 1_000);
    believed.map_or("?".to_owned(), |second| second.to_string())
}

/// One line for each entry: `100 limit.spo2.low medium: 100 began; 130 acknowledged Grace @screen`.
fn lines(page: &Page) -> Vec<String> {
    page.entries.iter().map(line).collect()
}

fn line(entry: &Entry) -> String {
    let at = second(entry.at);
    match &entry.what {
        What::Alarm(alarm) => {
            let steps: Vec<String> = alarm.steps.iter().map(step).collect();
            let priority = format!("{:?}", alarm.priority).to_lowercase();
            format!("{at} {} {priority}: {}", alarm.condition, steps.join("; "))
        }
        What::Limits(change) | What::Signals(change) => {
            let bed = change.bed.as_ref().map_or("post", |bed| bed.as_str());
            let before = change.before.as_deref().unwrap_or("?");
            let by = change.by.as_deref().unwrap_or("nobody");
            let from = change.from.as_ref().map_or("", |_| " @screen");
            format!("{at} {bed} {before} -> {} {by}{from}", change.after)
        }
        What::Gap(until) => format!("{at} no data until {}", second(*until)),
    }
}

fn step(step: &Happened) -> String {
    let by = step.by.as_ref().map_or(String::new(), |by| format!(" {by}"));
    let from = step.from.as_ref().map_or("", |_| " @screen");
    format!("{} {}{by}{from}", second(step.at), step.what.key())
}
