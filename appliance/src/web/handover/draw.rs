//! A handover put together from what is known at one moment. Pure.
//!
//! - I4: each value has its age, and each thing that happened its time.
//! - I5: a value that is absent has its reason, and its last number with the age of that.
//! - I3: of a bed in which somebody else has come to lie at this very moment, nothing live is told.

use vitals::score::entry::EntryId;
use vitals::{AlarmPhase, Decimal, Epoch, Handover, HandoverBed, HandoverLine, Masked, Section, WallTime};

use super::super::live::score::{ByHand, Score};
use super::super::live::{self, MessageKind, Snapshot};
use super::super::{BedFacts, WardFacts};
use super::lines::{Lines, word};
use super::shift::{Course, Shift};
use crate::alarm_log::AlarmEntry;
use crate::web::{EntryShown, LabShown, NoteShown};

const ALARMS_MAX: usize = 8;
const VALUES_MAX: usize = 24;
const SPECIMENS_MAX: usize = 4;
const RESULTS_MAX: usize = 12;
const COURSES_MAX: usize = 16;
const NOTES_MAX: usize = 12;
const OBSERVATIONS_MAX: usize = 8;
const MESSAGES_MAX: usize = 8;
const LIMITS_MAX: usize = 12;
const PAUSES_MAX: usize = 2;

/// Who hands over and the name come when it is offered.
pub(super) fn sheet(snapshot: &Snapshot, facts: &WardFacts, shift: &Shift, hours: u8) -> Handover {
    let ward = Drawn {
        snapshot,
        shift,
        now_ms: facts.now.mono.as_ms(),
    };
    Handover {
        id: EntryId {
            epoch: Epoch(0),
            number: 0,
        },
        by: String::new(),
        by_id: String::new(),
        made: facts.now,
        offered: facts.now,
        hours,
        post: ward.post(),
        beds: facts.beds.iter().map(|facts| ward.bed(facts)).collect(),
    }
}

struct Drawn<'a> {
    snapshot: &'a Snapshot,
    shift: &'a Shift,
    now_ms: u64,
}

impl Drawn<'_> {
    /// Alarms, messages and pauses that concern no bed alone.
    fn post(&self) -> Vec<HandoverLine> {
        let mut lines = Lines::default();
        let open = || self.snapshot.alarms.iter().filter(|alarm| alarm.bed.is_none());
        let alarms = open().map(|alarm| self.open_alarm(alarm));
        lines.say_each(Section::Situation, "alarm", ALARMS_MAX, alarms);
        self.open_things(&mut lines, None);
        lines.into_lines()
    }

    fn bed(&self, facts: &BedFacts) -> HandoverBed {
        let patient = &facts.patient;
        let beds = self.snapshot.beds.iter().find(|bed| bed.id == patient.bed);
        let is_same = |bed: &&std::sync::Arc<live::Bed>| bed.patient.admission == patient.admission;
        let live = beds.filter(is_same);
        let mut lines = Lines::default();
        self.situation(&mut lines, facts, live.map(AsRef::as_ref));
        self.background(&mut lines, facts);
        self.assessment(&mut lines, facts);
        if live.is_some() {
            self.open_things(&mut lines, Some(&patient.bed));
        }
        own_limits(&mut lines, facts);
        let label = beds.map_or_else(|| patient.bed.to_string(), |bed| bed.label.clone());
        HandoverBed {
            bed: patient.bed.clone(),
            label,
            admission: patient.admission.clone(),
            lines: lines.into_lines(),
            to_do: Masked::new(String::new()),
        }
    }

    fn situation(&self, lines: &mut Lines, facts: &BedFacts, live: Option<&live::Bed>) {
        let identity = facts.patient.identity.as_ref();
        let named = |of: fn(&vitals::Identity) -> &Masked<String>| word(identity.map(of));
        let born = identity.and_then(|identity| identity.born.as_ref());
        let id = identity.and_then(|identity| identity.ids.first());
        let who = vec![
            named(|identity| &identity.family),
            named(|identity| &identity.given),
            word(born),
            named(|identity| &identity.sex),
            word(id),
        ];
        lines.say(Section::Situation, "who", who);
        let Some(bed) = live else {
            return;
        };
        if let Some(score) = &bed.score {
            let words = vec![
                score.name.to_owned(),
                word(score.total),
                word(score.band),
                word(score.reason),
                self.age_s(score.since_ms),
                score.missing.join(" "),
            ];
            lines.say(Section::Situation, "score", words);
        }
        let alarms = self.alarms_at(&bed.id).map(|alarm| self.open_alarm(alarm));
        lines.say_each(Section::Situation, "alarm", ALARMS_MAX, alarms);
        let values = bed.values.iter().map(|value| self.value(value));
        lines.say_each(Section::Situation, "value", VALUES_MAX, values);
        for words in self.by_hand(bed.score.as_ref()) {
            lines.say(Section::Situation, "by_hand", words);
        }
    }

    fn alarms_at<'a>(&'a self, bed: &'a vitals::BedId) -> impl Iterator<Item = &'a live::Alarm> {
        let alarms = self.snapshot.alarms.iter();
        alarms.filter(move |alarm| alarm.bed.as_ref() == Some(bed) && !alarm.earlier_patient)
    }

    fn open_alarm(&self, alarm: &live::Alarm) -> Vec<String> {
        let mut words = self.alarm_words(alarm);
        words.push(word(alarm.phase));
        words.push(word(&alarm.acknowledged_by));
        words
    }

    fn alarm_words(&self, alarm: &live::Alarm) -> Vec<String> {
        vec![
            word(alarm.priority),
            alarm.condition.key(),
            alarm.text.clone(),
            word(alarm.value),
            word(alarm.limit),
            alarm.unit.clone(),
            alarm.onset_ms.map_or_else(String::new, |onset| self.age_s(onset)),
        ]
    }

    fn value(&self, value: &live::Value) -> Vec<String> {
        let last = value.last_value.as_ref();
        vec![
            word(value.code),
            value.label.to_owned(),
            word(value.value),
            value.unit.to_owned(),
            self.age_s(value.at_ms),
            word(value.quality),
            word(value.kind),
            word(value.reason),
            word(last.map(|last| last.value)),
            last.map_or_else(String::new, |last| self.age_s(last.at_ms)),
        ]
    }

    /// What persons measured last; a pressure in one line where both were found together.
    fn by_hand(&self, score: Option<&Score>) -> Vec<Vec<String>> {
        let found = score.map_or(&[][..], |score| &score.by_hand);
        let pair = |upper: &ByHand| {
            let is_its = |lower: &&ByHand| lower.key == "dbp" && lower.at_ms == upper.at_ms;
            found.iter().find(is_its).filter(|_| upper.key == "sbp")
        };
        let is_in_pair =
            |one: &&ByHand| one.key == "dbp" && found.iter().any(|upper| pair(upper) == Some(*one));
        let alone = found.iter().filter(|one| !is_in_pair(one));
        let words = alone.map(|one| {
            let value = word(one.value);
            let (key, value) = match pair(one) {
                Some(lower) => ("bp", format!("{value}/{}", word(lower.value))),
                None => (one.key, value),
            };
            let now_ms = i64::try_from(self.now_ms).unwrap_or(i64::MAX);
            let age_s = now_ms.saturating_sub(one.at_ms).max(0) / 1_000;
            vec![
                key.to_owned(),
                value,
                one.unit.to_owned(),
                age_s.to_string(),
                one.by.clone(),
            ]
        });
        words.collect()
    }

    fn background(&self, lines: &mut Lines, facts: &BedFacts) {
        let patient = &facts.patient;
        let section = Section::Background;
        lines.say(section, "admitted", vec![wall(facts.admitted)]);
        lines.say(section, "category", vec![word(patient.category)]);
        for (fact, value, by) in said(&patient.care) {
            lines.say(section, "care", vec![fact.to_owned(), value, by]);
        }
        let mut found = patient
            .observations
            .iter()
            .filter(|found| found.withdrawn_by.is_none());
        if let Some(found) = found.find(|found| found.findings.contains_key("oxygen")) {
            lines.say(section, "oxygen", oxygen(found));
        }
        let specimens = patient.specimens.iter();
        let specimens = specimens.map(|taken| vec![word(&taken.specimen), taken.by.clone()]);
        lines.say_each(section, "specimen", SPECIMENS_MAX, specimens);
        let results = patient
            .results
            .iter()
            .filter(|result| self.is_in_shift(result.received_wall_ms));
        lines.say_each(section, "result", RESULTS_MAX, results.map(result));
        if patient.left_out > 0 {
            let left = patient.left_out.to_string();
            lines.say(section, "older", vec!["result".to_owned(), left]);
        }
    }

    fn assessment(&self, lines: &mut Lines, facts: &BedFacts) {
        let patient = &facts.patient;
        let section = Section::Assessment;
        let is_of_patient = |admission: &vitals::AdmissionId| {
            *admission == patient.admission || patient.merged.contains(admission)
        };
        let alarms = self
            .shift
            .alarms
            .iter()
            .filter(|alarm| alarm.admission.as_ref().is_some_and(is_of_patient));
        let alarms: Vec<&AlarmEntry> = alarms.collect();
        lines.say(section, "alarms", counted(&alarms, self.shift.more));
        if let Some(worst) = worst(&alarms) {
            lines.say(
                section,
                "worst",
                worst_words(worst, self.snapshot.worst_of(worst.id)),
            );
        }
        let mut courses: std::collections::BTreeMap<vitals::Code, Course> = std::collections::BTreeMap::new();
        for ((admission, code), course) in &self.shift.courses {
            if is_of_patient(admission) {
                let known = courses.entry(*code).or_insert(*course);
                *known = known.and(*course);
            }
        }
        let courses = courses
            .into_iter()
            .map(|(code, course)| course_words(code, course));
        lines.say_each(section, "trend", COURSES_MAX, courses);
        let notes = patient.notes.iter().filter(|note| self.is_in_shift(note.wall_ms));
        lines.say_each(section, "note", NOTES_MAX, notes.map(note));
        let found = patient
            .observations
            .iter()
            .filter(|found| self.is_in_shift(found.wall_ms));
        lines.say_each(section, "observation", OBSERVATIONS_MAX, found.map(observation));
    }

    /// Alarms that nobody has acknowledged, messages that nobody has read, and signals that rest.
    fn open_things(&self, lines: &mut Lines, bed: Option<&vitals::BedId>) {
        let section = Section::Recommendation;
        let alarms = self.snapshot.alarms.iter().filter(|alarm| {
            alarm.bed.as_ref() == bed && !alarm.earlier_patient && alarm.acknowledged_by.is_none()
        });
        let open = alarms.filter(|alarm| matches!(alarm.phase, AlarmPhase::Active | AlarmPhase::Latched));
        lines.say_each(
            section,
            "unacknowledged",
            ALARMS_MAX,
            open.map(|alarm| self.alarm_words(alarm)),
        );
        let messages = self.snapshot.messages.iter();
        let messages = messages.filter(|message| message.bed.as_ref() == bed);
        lines.say_each(section, "message", MESSAGES_MAX, messages.map(message));
        let pauses = self.snapshot.signals.pauses.iter();
        let pauses = pauses.filter(|pause| pause.bed.as_ref() == bed).map(|pause| {
            let left = pause
                .until_ms
                .map(|until| until.saturating_sub(self.now_ms) / 1_000);
            vec![word(pause.what), word(left), pause.by.clone()]
        });
        lines.say_each(section, "pause", PAUSES_MAX, pauses);
    }

    fn age_s(&self, at_ms: u64) -> String {
        (self.now_ms.saturating_sub(at_ms) / 1_000).to_string()
    }

    /// What happened at a time that nobody knows is told rather than left out.
    fn is_in_shift(&self, wall_ms: Option<i64>) -> bool {
        let from = self.shift.from.map(WallTime::as_unix_ms);
        wall_ms.zip(from).is_none_or(|(at, from)| at >= from)
    }
}

fn wall(at: Option<WallTime>) -> String {
    word(at.map(WallTime::as_unix_ms))
}

fn said(care: &crate::web::CareShown) -> Vec<(&'static str, String, String)> {
    let pregnancy = care.pregnancy.as_ref();
    let pregnancy = pregnancy.map(|said| ("pregnancy", said.value.to_owned(), said.by.clone()));
    let scale = care.spo2_scale.as_ref();
    let scale = scale.map(|said| ("spo2_scale", said.value.to_string(), said.by.clone()));
    let paced = care.paced.as_ref();
    let paced = paced.map(|said| ("paced", said.value.to_string(), said.by.clone()));
    [pregnancy, scale, paced].into_iter().flatten().collect()
}

fn oxygen(found: &EntryShown) -> Vec<String> {
    let given = found.findings.get("oxygen");
    let part = |name: &str| word(given.and_then(|given| given.get(name)));
    let is_air = given.and_then(serde_json::Value::as_str) == Some("air");
    vec![
        if is_air { "air" } else { "given" }.to_owned(),
        part("device"),
        part("flow"),
        part("percent"),
        word(found.wall_ms),
        found.by.clone(),
    ]
}

fn result(result: &LabShown) -> Vec<String> {
    vec![
        result.test.clone(),
        result.value.clone(),
        result.unit.clone(),
        word(result.flag),
        word(result.status),
        word(result.received_wall_ms),
    ]
}

fn counted(alarms: &[&AlarmEntry], more: bool) -> Vec<String> {
    let of = |priority| {
        let of = alarms.iter().filter(|alarm| alarm.priority == priority);
        of.count().to_string()
    };
    use vitals::Priority::{High, Low, Medium};
    let more = if more { "more" } else { "" };
    let announced: u64 = alarms.iter().map(|alarm| u64::from(alarm.onsets)).sum();
    vec![
        alarms.len().to_string(),
        of(High),
        of(Medium),
        of(Low),
        more.to_owned(),
        announced.to_string(),
    ]
}

/// The most urgent one; of several the one that lasted longest, one that is not over before all.
fn worst<'a>(alarms: &[&'a AlarmEntry]) -> Option<&'a AlarmEntry> {
    let lasted = |alarm: &AlarmEntry| alarm.ended.map_or(Some(i64::MAX), |_| lasted_ms(alarm));
    alarms
        .iter()
        .copied()
        .max_by_key(|alarm| (alarm.priority, lasted(alarm)))
}

/// How long an alarm that is over lasted.
fn lasted_ms(alarm: &AlarmEntry) -> Option<i64> {
    let (from, to) = (alarm.crossed.believed()?, alarm.ended?.believed()?);
    Some(to.as_unix_ms().saturating_sub(from.as_unix_ms()))
}

/// `so_far`: the worst value of one that goes on. What is recorded is as of its last step.
fn worst_words(alarm: &AlarmEntry, so_far: Option<Decimal>) -> Vec<String> {
    vec![
        word(alarm.priority),
        alarm.condition.key(),
        alarm.text.clone(),
        word(so_far.or(alarm.worst)),
        word(alarm.limit),
        alarm.unit.clone(),
        wall(alarm.crossed.believed()),
        word(lasted_ms(alarm).map(|ms| ms / 1_000)),
    ]
}

fn course_words(code: vitals::Code, course: Course) -> Vec<String> {
    let info = code.info();
    let number = |value: vitals::Decimal| value.trimmed().to_string();
    vec![
        word(code),
        info.label.to_owned(),
        info.ucum.to_owned(),
        number(course.first.1),
        number(course.lowest),
        number(course.highest),
        number(course.last.1),
    ]
}

fn note(note: &NoteShown) -> Vec<String> {
    vec![
        word(note.wall_ms),
        note.by.clone(),
        word(&note.text),
        word(&note.withdrawn_by),
    ]
}

fn observation(found: &EntryShown) -> Vec<String> {
    vec![
        word(found.wall_ms),
        found.by.clone(),
        word(&found.findings),
        word(&found.withdrawn_by),
    ]
}

fn message(message: &live::Message) -> Vec<String> {
    let mut words = vec![message.by.clone(), word(message.wall_ms)];
    match &message.what {
        MessageKind::Text { text } => words.push(text.clone()),
        MessageKind::Limit {
            code,
            label,
            unit,
            side,
            limit,
        } => words.extend([
            String::new(),
            word(code),
            (*label).to_owned(),
            word(side),
            word(limit),
            (*unit).to_owned(),
        ]),
    }
    words
}

fn own_limits(lines: &mut Lines, facts: &BedFacts) {
    let values = facts
        .limits
        .values
        .iter()
        .filter(|limit| limit.in_force != limit.usual);
    let words = values.map(|limit| {
        vec![
            word(limit.code),
            limit.label.to_owned(),
            limit.unit.to_owned(),
            word(limit.in_force.low),
            word(limit.in_force.high),
            word(limit.usual.low),
            word(limit.usual.high),
        ]
    });
    lines.say_each(Section::Recommendation, "limit", LIMITS_MAX, words);
}
