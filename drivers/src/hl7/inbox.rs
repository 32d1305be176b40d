//! The messages of one listening line: who sent what about which bed, and what is to be answered.
//!
//! - H9: a value goes to the source whose location its message names, and to none when there is none or several (I3).
//!   Each patient's group within a message has its own location.
//! - H10: one bad item never costs the rest of its message: it is kept and counted.
//! - H11: a message that was kept is answered only when whoever owns this says that it is durable: [`Letter::answers`] are
//!   to be sent then, not before.

use std::collections::BTreeSet;

use vitals::{LabResult, MonoTime, WallTime};

use super::ack::{Answers, Problem, Verdict};
use super::alarms::{Alarms, EXPIRES_AFTER, Told as AlarmTold};
use super::codes::Profile;
use super::laboratory::{Results, Row as LabRow};
use super::location::{Location, LocationField};
use super::message::{Message, Segment};
use super::oru::{Item, Row, item};
use super::publish::{Sent, Told};
use super::quarantine::{Kept, Quarantine};
use super::sender::{Delays, Mark, Repeats};
use super::stamp::Stamp;
use crate::dialogue::{LineFault, Seen};

/// Most rows of one message that are read.
pub const ROWS_MAX: usize = 4096;

/// Most unknown codes of one bed that are told, once each.
const UNKNOWN_CODES_MAX: usize = 256;

/// Everything that a listening line remembers, whatever connection a message comes over.
#[derive(Debug)]
pub struct Inbox {
    field: LocationField,
    locations: Vec<Location>,
    laboratories: BTreeSet<usize>,
    beds: Vec<Bed>,
    repeats: Repeats,
    delays: Delays,
    answers: Answers,
    quarantine: Quarantine,
}

/// One source: what stands at one bed.
#[derive(Debug, Default)]
struct Bed {
    told: Told,
    alarms: Alarms,
    unknown: BTreeSet<u32>,
}

/// What a message says, and what is to be answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Letter {
    /// What was found, in order.
    pub found: Vec<Found>,
    /// The answers, in order; to be sent when what was found is durable.
    pub answers: Vec<Vec<u8>>,
    /// To be handed to [`Inbox::forget`] when it was not kept after all.
    pub mark: Option<Mark>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A source (by its place in the configuration) said something.
    Saw(usize, Seen),
    /// Something was wrong with what this source sent.
    Fault(usize, LineFault),
    /// Something was wrong with what came, whoever sent it.
    LineFault(LineFault),
    /// A location that no source has, as the message names it.
    UnknownLocation(String),
}

/// What one message says, source by source.
#[derive(Default)]
struct Read {
    rows: Vec<(usize, Row)>,
    alarms: Vec<(usize, AlarmTold)>,
    results: Vec<(usize, LabResult)>,
    /// Who sent results of control materials.
    controls: BTreeSet<usize>,
    found: Vec<Found>,
    unknown: BTreeSet<String>,
}

impl Inbox {
    /// One bed per location, in this order.
    pub fn new(field: LocationField, locations: Vec<Location>) -> Inbox {
        Inbox {
            field,
            beds: locations.iter().map(|_| Bed::default()).collect(),
            locations,
            laboratories: BTreeSet::new(),
            repeats: Repeats::default(),
            delays: Delays::default(),
            answers: Answers::default(),
            quarantine: Quarantine::default(),
        }
    }

    /// These sources (by their place) are no beds: what they send are results of specimens.
    pub fn with_laboratories(mut self, sources: impl IntoIterator<Item = usize>) -> Inbox {
        self.laboratories.extend(sources);
        self
    }

    /// A whole message is there. `wall` dates the answer.
    pub fn receive(&mut self, now: MonoTime, wall: WallTime, bytes: &[u8]) -> Letter {
        let Some(message) = Message::read(bytes) else {
            let answer = self
                .answers
                .reject_nameless(Verdict::Rejected(Problem::NoHeader), wall);
            return Letter {
                found: vec![Found::LineFault(LineFault::BadMessage)],
                answers: vec![answer],
                mark: None,
            };
        };
        let msh = message.msh();
        match (msh.component(9, 1).as_str(), msh.component(9, 2).as_str()) {
            // An answer is not answered: two that do would never end.
            ("ACK" | "MCF", _) => return Letter::default(),
            ("ORU", "R01" | "R40") => {}
            _ => return self.reject(&message, Problem::OtherMessage, LineFault::BadMessage, wall),
        }
        if matches!(msh.component(11, 1).as_str(), "T" | "D") {
            return self.reject(&message, Problem::NotProduction, LineFault::NotAPatient, wall);
        }
        let read = self.read(now, &message);
        let verdict = match read.unknown.is_empty() {
            true => Verdict::Stored,
            false => Verdict::Refused(Problem::UnknownLocation),
        };
        let mark = Repeats::mark(&message, bytes);
        let is_repeat = mark.is_some_and(|mark| self.repeats.is_repeat(now, mark));
        let found = if is_repeat {
            Vec::new()
        } else {
            self.take(now, &message, read)
        };
        Letter {
            found,
            answers: self.answers.to(&message, verdict, wall),
            // What is known from before is not this one's to forget.
            mark: mark.filter(|_| !is_repeat),
        }
    }

    /// A message was longer than one may be; this is its beginning.
    pub fn too_long(&mut self, wall: WallTime, head: &[u8]) -> Letter {
        let problem = Verdict::Rejected(Problem::TooLong);
        let answers = match Message::read(head) {
            Some(message) => self.answers.to(&message, problem, wall),
            None => vec![self.answers.reject_nameless(problem, wall)],
        };
        Letter {
            found: vec![Found::LineFault(LineFault::TooLong)],
            answers,
            mark: None,
        }
    }

    /// A message was not kept: when it comes again, it is new, and so is what it says.
    pub fn forget(&mut self, mark: Mark) {
        self.repeats.forget(mark);
        self.beds.iter_mut().for_each(|bed| bed.told.forget());
    }

    /// Time passes: alarms that nobody renews end.
    pub fn tick(&mut self, now: MonoTime) -> Vec<Found> {
        let beds = self.beds.iter_mut().enumerate();
        let ended = beds.filter_map(|(source, bed)| {
            let ended = bed.alarms.expire(now);
            ended.then(|| Found::Saw(source, Seen::Alarms(bed.alarms.list())))
        });
        ended.collect()
    }

    /// When [`Inbox::tick`] has something to do.
    pub fn next_tick(&self) -> Option<MonoTime> {
        self.beds.iter().filter_map(|bed| bed.alarms.next()).min()
    }

    /// The last segments that could not be used.
    pub fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.quarantine.items()
    }

    fn reject(&mut self, message: &Message, problem: Problem, fault: LineFault, wall: WallTime) -> Letter {
        Letter {
            found: vec![Found::LineFault(fault)],
            answers: self.answers.to(message, Verdict::Rejected(problem), wall),
            mark: None,
        }
    }

    /// Goes through the message once; changes nothing of the beds.
    fn read(&mut self, now: MonoTime, message: &Message) -> Read {
        let mut read = Read::default();
        let mut place = Place::Unsaid;
        let (mut observed, mut rows) = (None, 0);
        let is_alarm = message.msh().component(9, 2) == "R40";
        let is_control = message.msh().component(11, 1) == "Q";
        let mut results = Results::of(message.msh());
        for segment in message.segments() {
            if segment.name() == "PID" && !self.field.is_in("MSH") {
                place = Place::Unsaid;
            }
            if self.field.is_in(segment.name()) {
                place = self.place(segment);
            }
            match segment.name() {
                "PID" => results.patient(segment),
                "SPM" => results.specimen(segment),
                "OBR" => {
                    results.order(segment);
                    observed = Stamp::read(&segment.component(7, 1));
                    if is_alarm && let Some(source) = read.source(&place) {
                        read.alarms.push((source, AlarmTold::begin(segment)));
                    }
                }
                "OBX" => {
                    rows += 1;
                    let Some(source) = read.source(&place) else {
                        continue;
                    };
                    if rows > ROWS_MAX {
                        read.found.push(Found::Fault(source, LineFault::TooLong));
                        break;
                    }
                    if is_control {
                        read.controls.insert(source);
                        continue;
                    }
                    if self.laboratories.contains(&source) {
                        if !is_alarm {
                            self.result(now, source, segment, &mut results, &mut read);
                        }
                        continue;
                    }
                    match read.alarms.last_mut() {
                        Some((_, alarm)) if is_alarm => alarm.row(segment),
                        _ if is_alarm => {}
                        _ => self.row(now, source, segment, observed, &mut read),
                    }
                }
                _ => {}
            }
        }
        for (source, result) in results.finish() {
            match result {
                Some(result) => read.results.push((source, result)),
                None => _ = read.controls.insert(source),
            }
        }
        read
    }

    fn result(
        &mut self,
        now: MonoTime,
        source: usize,
        obx: Segment<'_>,
        results: &mut Results,
        read: &mut Read,
    ) {
        match results.row(source, obx) {
            LabRow::Taken | LabRow::Nothing => {}
            LabRow::Control => _ = read.controls.insert(source),
            LabRow::Bad => self.keep(now, source, obx, read),
        }
    }

    /// One bad item, which costs only itself.
    fn keep(&mut self, now: MonoTime, source: usize, obx: Segment<'_>, read: &mut Read) {
        self.quarantine.keep(now, obx.line());
        read.found.push(Found::Fault(source, LineFault::BadItem));
    }

    fn row(
        &mut self,
        now: MonoTime,
        source: usize,
        obx: Segment<'_>,
        observed: Option<Stamp>,
        read: &mut Read,
    ) {
        match item(obx, observed, Profile::Anybody) {
            Item::Row(row) => read.rows.push((source, row)),
            Item::Nothing => {}
            Item::Unknown(code) => {
                let told = self.beds.get_mut(source).map(|bed| &mut bed.unknown);
                if told.is_some_and(|told| told.len() < UNKNOWN_CODES_MAX && told.insert(code)) {
                    read.found
                        .push(Found::Fault(source, LineFault::UnknownCode { code }));
                }
            }
            Item::Bad => self.keep(now, source, obx, read),
        }
    }

    fn place(&self, segment: Segment<'_>) -> Place {
        let mut fits = self
            .locations
            .iter()
            .enumerate()
            .filter(|(_, location)| self.field.names(segment, location));
        match (fits.next(), fits.next()) {
            (Some((source, _)), None) => Place::Source(source),
            _ => Place::Unknown(self.field.told(segment)),
        }
    }

    /// Turns what was read into what the beds are told.
    fn take(&mut self, now: MonoTime, message: &Message, read: Read) -> Vec<Found> {
        let msh = message.msh();
        let sent = Stamp::read(&msh.component(7, 1));
        let sender = format!("{}|{}", msh.field(3), msh.field(4));
        let late = self.delays.late_by(now, &sender, sent);
        let mut found = read.found;
        found.extend(read.unknown.into_iter().map(Found::UnknownLocation));
        let controls = read.controls.into_iter();
        found.extend(controls.map(|source| Found::Fault(source, LineFault::QualityControl)));
        let results = read.results.into_iter();
        found.extend(results.map(|(source, result)| Found::Saw(source, Seen::Lab(Box::new(result)))));
        for (source, bed) in self.beds.iter_mut().enumerate() {
            let own = read.rows.iter().filter(|(of, _)| *of == source);
            let rows: Vec<Row> = own.map(|(_, row)| *row).collect();
            let (news, without_age) = bed.told.news(rows, Sent { at: sent, late });
            found.extend(news.into_iter().map(|seen| Found::Saw(source, seen)));
            found.extend((0..without_age).map(|_| Found::Fault(source, LineFault::Unconfirmed)));
            let own = read.alarms.iter().filter(|(of, _)| *of == source);
            // What lay in a queue for longer says nothing about now.
            let own = own.filter(|_| late < EXPIRES_AFTER);
            let changes = own.map(|(_, told)| bed.alarms.take(now, told.clone()));
            // Told again even when it is the same list: the bed may have forgotten it in a silence.
            if changes.fold(false, |any, one| any | one) {
                found.push(Found::Saw(source, Seen::Alarms(bed.alarms.list())));
            }
        }
        found
    }
}

/// Where the group of segments that is being read comes from.
enum Place {
    Unsaid,
    Source(usize),
    Unknown(String),
}

impl Read {
    fn source(&mut self, place: &Place) -> Option<usize> {
        let unknown = match place {
            Place::Source(source) => return Some(*source),
            Place::Unsaid => String::new(),
            Place::Unknown(location) => location.clone(),
        };
        self.unknown.insert(unknown);
        None
    }
}
