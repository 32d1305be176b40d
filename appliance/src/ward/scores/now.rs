//! One computation: what is fresh, what each part says, and what comes of it.

use std::time::Duration;

use vitals::alarm::Priority;
use vitals::score::advisory::{Advisor, of_chart};
use vitals::score::care::choose;
use vitals::score::chart::{Chart, ChartNotFor, ChartOutcome, ChartPart, Item, bedside_pews, meows};
use vitals::score::entry::Findings;
use vitals::score::fresh::{Entered, Fresh, FreshFor, Gathered, Known, PulseFrom, gather};
use vitals::score::news2::{self, Band, NotFor, Outcome, Parameter, Part, Spo2Scale};
use vitals::score::{Age, Oxygen, Patient, ScoreKind};
use vitals::{Code, Decimal, MonoTime};

use super::by_hand::{self, ByHandNow};
use super::{Moment, OfStay, ScoredStay};

/// So long before this boot the axis begins on which entries and samples are compared: longer than anything is fresh.
const AXIS: Duration = Duration::from_secs(24 * 60 * 60);

/// A score as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreNow {
    /// Which.
    pub score: ScoreKind,
    /// The total; `None` = see `reason`.
    pub total: Option<u16>,
    /// What the total asks for.
    pub band: Option<Band>,
    /// `incomplete`, `invalid` or `not-applicable`.
    pub reason: Option<&'static str>,
    /// What is missing.
    pub missing: Vec<&'static str>,
    /// What no living patient has.
    pub impossible: Vec<&'static str>,
    /// The score is by age, and the age is not recorded.
    pub age_missing: bool,
    /// Why it is not for this patient.
    pub not_for: Option<&'static str>,
    /// Something is urgent by itself, whether there is a total or not.
    pub red: bool,
    /// The age is known.
    pub age_recorded: bool,
    /// The saturation scale that counts.
    pub scale: Spo2Scale,
    /// The patient has a pacemaker.
    pub paced: bool,
    /// Each part, in the order of the chart.
    pub parts: Vec<PartNow>,
    /// What persons measured last, each thing once.
    pub by_hand: Vec<ByHandNow>,
    /// Since when it has said so.
    pub since: MonoTime,
    /// Whose entry made it say so; `None` = no entry: values came, or became too old.
    pub by: Option<String>,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartNow {
    /// Its name in the chart.
    pub key: &'static str,
    /// What it is; `None` = missing.
    pub value: Option<String>,
    /// Unit of a number.
    pub unit: &'static str,
    /// When it was measured or found, in ms of this boot; negative: before it.
    pub at_ms: Option<i64>,
    /// Who found it; `None` = a device.
    pub by: Option<String>,
    /// Where a pulse comes from: `ecg`, `pleth` or `counted`.
    pub from: Option<&'static str>,
    /// Its points.
    pub points: Option<u8>,
    /// `points`, `missing`, `impossible` or `needs_oxygen`.
    pub state: &'static str,
}

impl ScoreNow {
    /// Whether another says the same: the same points for the same reason, whatever the values are.
    pub(super) fn says(&self, other: &ScoreNow) -> bool {
        let said = |now: &ScoreNow| {
            let parts = now.parts.iter().map(|part| (part.key, part.points, part.state));
            let parts: Vec<_> = parts.collect();
            (now.score, now.total, now.band, now.reason, parts)
        };
        said(self) == said(other)
    }
}

/// The score of a stay; nobody's entry made it so.
pub(super) fn compute(stay: &OfStay, whose: ScoredStay<'_>, moment: Moment<'_>) -> ScoreNow {
    let age = whose.born.and_then(|born| Age::on(born, moment.today));
    let (score, patient) = choose(whose.category, age, stay.care.pregnancy());
    let gathered = gathered(stay, moment);
    let scale = stay.care.scale();
    let now = ScoreNow {
        score,
        total: None,
        band: None,
        reason: None,
        missing: Vec::new(),
        impossible: Vec::new(),
        age_missing: false,
        not_for: None,
        red: false,
        age_recorded: patient.age.is_some(),
        scale,
        paced: gathered.paced,
        parts: Vec::new(),
        by_hand: by_hand::of(stay, moment),
        since: moment.now,
        by: None,
    };
    let shown = Shown {
        gathered: &gathered,
        now: moment.now,
    };
    match score {
        ScoreKind::News2 => of_news2(now, patient, &shown),
        ScoreKind::BedsidePews => of_a_chart(now, bedside_pews(), patient, &shown),
        ScoreKind::Meows => of_a_chart(now, meows(), patient, &shown),
    }
}

fn gathered(stay: &OfStay, moment: Moment<'_>) -> Gathered {
    let counting = stay.entries.iter().filter(|held| held.withdrawn_by.is_none());
    let now = moment.now + AXIS;
    let found = counting.filter_map(|held| {
        let ago = (moment.age_of)(held.entry.found)?;
        let at = now.as_ns().checked_sub(u64::try_from(ago.as_nanos()).ok()?)?;
        Entered::new(held.entry.findings.clone(), MonoTime::from_ns(at), &held.by).ok()
    });
    let found: Vec<Entered<Findings>> = found.collect();
    let of = |code| stay.samples.of(code, AXIS);
    let known = Known {
        rr: &stay.samples.rr(moment.now, AXIS),
        spo2: &of(Code::Spo2),
        hr: &of(Code::Hr),
        pr: &of(Code::Pr),
        sbp: &of(Code::NibpSys),
        dbp: &of(Code::NibpDia),
        sbp_line: &of(Code::AbpSys),
        dbp_line: &of(Code::AbpDia),
        temp: &stay.samples.temp(moment.now, AXIS),
        found: &found,
        paced: stay.care.is_paced(),
    };
    gather(&known, now, &FreshFor::default())
}

fn of_news2(mut now: ScoreNow, patient: Patient, shown: &Shown<'_>) -> ScoreNow {
    let assessed = news2::assess(patient, now.scale, shown.gathered.inputs());
    let keys = |parameters: &[Parameter]| parameters.iter().map(|one| one.key()).collect();
    now.red = assessed.red;
    now.reason = assessed.outcome.reason();
    match &assessed.outcome {
        Outcome::Total { total, band } => (now.total, now.band) = (Some((*total).into()), Some(*band)),
        Outcome::Incomplete { missing } => now.missing = keys(missing),
        Outcome::Invalid { impossible, missing } => {
            (now.impossible, now.missing) = (keys(impossible), keys(missing));
        }
        Outcome::NotApplicable(NotFor::Child) => now.not_for = Some("child"),
        Outcome::NotApplicable(NotFor::Pregnant) => now.not_for = Some("pregnant"),
    }
    let part = |(parameter, part): &(Parameter, Part)| {
        let (points, state) = match part {
            Part::Points(points) => (Some(*points), "points"),
            Part::Missing => (None, "missing"),
            Part::Impossible => (None, "impossible"),
            Part::NeedsOxygen => (None, "needs_oxygen"),
        };
        shown.part(parameter.key(), points, state)
    };
    now.parts = assessed.parts.iter().map(part).collect();
    now
}

fn of_a_chart(mut now: ScoreNow, chart: &Chart, patient: Patient, shown: &Shown<'_>) -> ScoreNow {
    let scored = chart.score(patient, &shown.gathered.chart_inputs());
    let keys = |items: &[Item]| items.iter().map(|one| one.key()).collect();
    now.red = scored.triggered;
    match &scored.outcome {
        ChartOutcome::Total { total, .. } => now.total = Some(*total),
        ChartOutcome::Incomplete { missing, age_missing } => {
            (now.reason, now.missing, now.age_missing) = (Some("incomplete"), keys(missing), *age_missing);
        }
        ChartOutcome::Invalid { impossible, missing } => {
            (now.reason, now.impossible, now.missing) = (Some("invalid"), keys(impossible), keys(missing));
        }
        ChartOutcome::NotApplicable(not_for) => {
            now.reason = Some("not-applicable");
            now.not_for = Some(match not_for {
                ChartNotFor::TooYoung => "too_young",
                ChartNotFor::TooOld => "too_old",
                ChartNotFor::NotPregnant => "not_pregnant",
            });
        }
    }
    now.band = of_chart(now.score, &scored.outcome).map(|(_, band)| band);
    let part = |(item, part): &(Item, ChartPart)| {
        let (points, state) = match part {
            ChartPart::Points(points) => (Some(*points), "points"),
            ChartPart::Missing => (None, "missing"),
            ChartPart::Impossible => (None, "impossible"),
        };
        shown.part(item.key(), points, state)
    };
    now.parts = scored.parts.iter().map(part).collect();
    now
}

/// The values behind the points.
struct Shown<'a> {
    gathered: &'a Gathered,
    now: MonoTime,
}

impl Shown<'_> {
    fn part(&self, key: &'static str, points: Option<u8>, state: &'static str) -> PartNow {
        let found = self.gathered;
        let number = |fresh: &Option<Fresh<Decimal>>, unit, places| {
            let said = fresh.as_ref().map(|fresh| {
                let value = fresh.value.rounded(places).to_string();
                (value, fresh.age, fresh.by.clone())
            });
            (said, unit, None)
        };
        let (said, unit, from) = match key {
            "rr" => number(&found.rr, "/min", 0),
            "spo2" => number(&found.spo2, "%", 0),
            "sbp" => number(&found.sbp, "mm[Hg]", 0),
            "dbp" => number(&found.dbp, "mm[Hg]", 0),
            "temp" => number(&found.temp, "Cel", 1),
            "capillary_refill" => number(&found.capillary_refill, "s", 1),
            "pain" => number(&found.pain, "", 0),
            "pulse" | "hr" => {
                let (from, fresh) = found.pulse.clone().unzip();
                let (said, unit, _) = number(&fresh, "/min", 0);
                (said, unit, from.map(pulse_from))
            }
            "effort" => (word(&found.effort, |effort| effort.key().to_owned()), "", None),
            "acvpu" | "consciousness" => (
                word(&found.consciousness, |level| level.key().to_owned()),
                "",
                None,
            ),
            _ => (word(&found.oxygen, oxygen), "", None),
        };
        let now_ms = i64::try_from(self.now.as_ms()).unwrap_or(i64::MAX);
        let (value, age, by) = said.map_or((None, None, None), |(value, age, by)| {
            (Some(value), Some(age), by)
        });
        PartNow {
            key,
            value,
            unit,
            at_ms: age.map(|age| now_ms.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))),
            by,
            from,
            points,
            state,
        }
    }
}

type Told = Option<(String, Duration, Option<String>)>;

fn word<T>(fresh: &Option<Fresh<T>>, words: impl Fn(&T) -> String) -> Told {
    let fresh = fresh.as_ref()?;
    Some((words(&fresh.value), fresh.age, fresh.by.clone()))
}

fn pulse_from(from: PulseFrom) -> &'static str {
    match from {
        PulseFrom::Ecg => "ecg",
        PulseFrom::Pleth => "pleth",
        PulseFrom::Counted => "counted",
    }
}

/// `air`, `given`, `4 L/min`, `28 %`: what it is given by stands in the entry.
fn oxygen(oxygen: &Oxygen) -> String {
    let Oxygen::Given { flow, percent, .. } = oxygen else {
        return "air".to_owned();
    };
    let flow = flow.map(|flow| format!("{flow} L/min"));
    let percent = percent.map(|percent| format!("{percent} %"));
    let said: Vec<String> = flow.into_iter().chain(percent).collect();
    if said.is_empty() {
        "given".to_owned()
    } else {
        said.join(", ")
    }
}

/// The total from which on an advisory of this priority is told.
pub(super) fn told_from(score: ScoreKind, priority: Priority) -> u16 {
    match (score, priority) {
        (ScoreKind::News2, Priority::High) => 7,
        (ScoreKind::News2, _) => 5,
        (ScoreKind::BedsidePews, _) => bedside_pews().trigger_at_least(),
        (ScoreKind::Meows, _) => meows().trigger_at_least(),
    }
}

/// Whether a later run must know it: what is told depends on the band, and inside the band `high` on the lowest total.
pub(super) fn is_worth_keeping(before: Advisor, after: Advisor) -> bool {
    let kept = |advisor: Advisor| match advisor.stands() {
        Some((Band::High, lowest)) => (Band::High, lowest),
        Some((Band::Medium, _)) => (Band::Medium, 0),
        _ => (Band::Low, 0),
    };
    kept(before) != kept(after)
}
