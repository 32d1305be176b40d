//! Reads a chart from JSON and refuses it as a whole when anything in it is wrong.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use super::item::{FLOW, Item, NumberScale, PERCENT};
use super::{AgeBand, Chart, ChartError, ChartPatients, ChartProblem, Measure, Row, Rung};
use crate::number::{Decimal, PLACES_MAX};
use crate::score::{Age, in_steps};

/// The longest file, in bytes.
const CHART_BYTES_MAX: usize = 65_536;
const FORMAT: u32 = 1;
const NEWS_IN_WORDS: &str = "nationalearlywarningscore";
const WORDS_CHARS_MAX: usize = 120;
const AGES_MAX: usize = 16;
const ROWS_MAX: usize = 200;
const RUNGS_MAX: usize = 8;
const POINTS_MAX: u8 = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartFile {
    format: u32,
    name: String,
    version: String,
    owner: String,
    source: String,
    patients: ChartPatients,
    #[serde(default)]
    ages: Vec<AgeFile>,
    below_months: Option<u32>,
    watch_at_least: Option<u16>,
    trigger_at_least: u16,
    rows: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgeFile {
    label: String,
    from_months: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    item: String,
    age: Option<String>,
    #[serde(default)]
    optional: bool,
    rungs: Option<Vec<RungFile>>,
    answers: Option<BTreeMap<String, u8>>,
    flow_l_min: Option<Vec<RungFile>>,
    percent: Option<Vec<RungFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RungFile {
    points: u8,
    at_most: Option<Limit>,
    below: Option<Limit>,
    at_least: Option<Limit>,
    above: Option<Limit>,
}

/// A number of the file as the decimal that stands there.
#[derive(Clone, Copy)]
struct Limit(Decimal);

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Limit;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Limit, E> {
                Ok(Limit(Decimal::whole(value)))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Limit, E> {
                let value = i64::try_from(value).map_err(E::custom)?;
                self.visit_i64(value)
            }
            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Limit, E> {
                let number = Decimal::from_f64(value, PLACES_MAX);
                let number = number.ok_or_else(|| E::custom("the number is too large"))?;
                Ok(Limit(number.trimmed()))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

impl Chart {
    /// Reads a site's chart; `file` is its name, for messages.
    ///
    /// # Errors
    /// [`ChartError`]: which chart, which row, what is wrong and what to do. The first mistake is told; nothing of a
    /// chart with a mistake is used.
    pub fn load(file: &str, text: &str) -> Result<Chart, ChartError> {
        let chart = parse(file, text)?;
        let theirs = plain(&chart.name);
        let of_news2 = theirs == "news" || theirs.starts_with("news2") || theirs.starts_with(NEWS_IN_WORDS);
        let published = [super::bedside_pews(), super::meows()];
        let changed = published
            .iter()
            .any(|ours| plain(&ours.name) == theirs && **ours != chart);
        if of_news2 || changed {
            let name = format!("{:?} {}", chart.name, chart.version);
            return Err(about(file, &name)(None, ChartProblem::NameTaken(chart.name)));
        }
        Ok(chart)
    }
}

/// A name as people take it for the same: letters and digits, small.
fn plain(name: &str) -> String {
    let signs = name.chars().filter(|sign| sign.is_alphanumeric());
    signs.flat_map(char::to_lowercase).collect()
}

type RowName = Option<(usize, String)>;

fn about<'a>(file: &'a str, chart: &'a str) -> impl Fn(RowName, ChartProblem) -> ChartError + 'a {
    move |row, problem| ChartError {
        file: file.to_owned(),
        chart: chart.to_owned(),
        row,
        problem: Box::new(problem),
    }
}

/// Reads a chart, whatever its name is.
pub(super) fn parse(file: &str, text: &str) -> Result<Chart, ChartError> {
    let unread = about(file, "");
    if text.len() > CHART_BYTES_MAX {
        let (bytes, most) = (text.len(), CHART_BYTES_MAX);
        return Err(unread(None, ChartProblem::TooLong { bytes, most }));
    }
    let read: ChartFile =
        serde_json::from_str(text).map_err(|error| unread(None, ChartProblem::Json(error.to_string())))?;
    let name = format!("{:?} {}", read.name, read.version);
    let fault = about(file, &name);
    let ages = head(&read).map_err(|problem| fault(None, problem))?;
    let mut rows: Vec<Row> = Vec::with_capacity(read.rows.len());
    for (place, from) in read.rows.iter().enumerate() {
        let of = from
            .age
            .as_deref()
            .map_or_else(|| from.item.clone(), |age| format!("{}, {age}", from.item));
        let row = row(from, &ages, &rows).map_err(|problem| fault(Some((place + 1, of)), problem))?;
        rows.push(row);
    }
    whole(&read, &ages, &rows).map_err(|problem| fault(None, problem))?;
    Ok(Chart {
        name: read.name,
        version: read.version,
        owner: read.owner,
        source: read.source,
        patients: read.patients,
        ages,
        below: read.below_months.map(Age::of_months),
        watch_at_least: read.watch_at_least,
        trigger_at_least: read.trigger_at_least,
        rows,
    })
}

/// What stands before the rows.
fn head(read: &ChartFile) -> Result<Vec<AgeBand>, ChartProblem> {
    if read.format != FORMAT {
        return Err(ChartProblem::Format(read.format));
    }
    words("name", &read.name)?;
    words("version", &read.version)?;
    words("owner", &read.owner)?;
    words("source", &read.source)?;
    count("ages", read.ages.len(), 0, AGES_MAX)?;
    count("rows", read.rows.len(), 1, ROWS_MAX)?;
    let mut ages: Vec<AgeBand> = Vec::with_capacity(read.ages.len());
    for age in &read.ages {
        words("label", &age.label)?;
        let from = Age::of_months(age.from_months);
        let rises = ages.last().is_none_or(|before| before.from < from);
        if !rises || ages.iter().any(|other| other.label == age.label) {
            return Err(ChartProblem::AgeOrder(age.label.clone()));
        }
        let label = age.label.clone();
        ages.push(AgeBand { label, from });
    }
    let last = ages.last().map_or(Age::of_months(0), |age| age.from);
    match read.below_months {
        Some(below) if Age::of_months(below) <= last => Err(ChartProblem::AgeEnd(below)),
        _ => Ok(ages),
    }
}

fn words(key: &'static str, text: &str) -> Result<(), ChartProblem> {
    let most = WORDS_CHARS_MAX;
    if text.trim().is_empty() || text.chars().count() > most {
        return Err(ChartProblem::Words { key, most });
    }
    Ok(())
}

fn count(what: &'static str, count: usize, least: usize, most: usize) -> Result<(), ChartProblem> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(ChartProblem::Count {
        what,
        count,
        least,
        most,
    })
}

fn row(from: &RowFile, ages: &[AgeBand], before: &[Row]) -> Result<Row, ChartProblem> {
    let item = Item::from_key(&from.item).ok_or_else(|| ChartProblem::UnknownItem {
        item: from.item.clone(),
        known: Item::keys(),
    })?;
    let place_of = |label: &String| {
        let place = ages.iter().position(|age| age.label == *label);
        place.ok_or_else(|| ChartProblem::UnknownAge(label.clone()))
    };
    let age = from.age.as_ref().map(place_of).transpose()?;
    let same = |row: &Row| row.item == item && (row.age == age || row.age.is_none() || age.is_none());
    if let Some(place) = before.iter().position(same) {
        return Err(ChartProblem::Duplicate(place + 1));
    }
    Ok(Row {
        item,
        age,
        optional: from.optional,
        measure: measure(item, from)?,
    })
}

fn measure(item: Item, from: &RowFile) -> Result<Measure, ChartProblem> {
    let needs = |needed| ChartProblem::Measure {
        item: item.key(),
        needed,
    };
    let has_oxygen = from.flow_l_min.is_some() || from.percent.is_some();
    if let Some(scale) = item.scale() {
        return match &from.rungs {
            Some(rungs) if from.answers.is_none() && !has_oxygen => {
                Ok(Measure::Number(ladder(rungs, scale)?))
            }
            _ => Err(needs("`rungs`")),
        };
    }
    if item == Item::Oxygen {
        if !has_oxygen || from.rungs.is_some() || from.answers.is_some() {
            return Err(needs("`flow_l_min` or `percent` or both"));
        }
        let side = |rungs: &Option<Vec<RungFile>>, scale| {
            rungs
                .as_ref()
                .map_or(Ok(Vec::new()), |rungs| ladder(rungs, scale))
        };
        return Ok(Measure::Oxygen {
            flow: side(&from.flow_l_min, FLOW)?,
            percent: side(&from.percent, PERCENT)?,
        });
    }
    match &from.answers {
        Some(answers) if from.rungs.is_none() && !has_oxygen => choice(item, answers),
        _ => Err(needs("`answers`")),
    }
}

fn choice(item: Item, answers: &BTreeMap<String, u8>) -> Result<Measure, ChartProblem> {
    let known = item.answers();
    let mut choices = Vec::with_capacity(answers.len());
    for (answer, points) in answers {
        let key = known.iter().find(|key| *key == answer);
        let key = key.ok_or_else(|| ChartProblem::UnknownAnswer {
            item: item.key(),
            answer: answer.clone(),
            known: known.join(", "),
        })?;
        if *points > POINTS_MAX {
            return Err(too_many_points(*points));
        }
        choices.push((*key, *points));
    }
    let scores = choices.iter().any(|(_, points)| *points > 0);
    let is_usual = choices.iter().any(|(_, points)| *points == 0);
    if !scores || !is_usual {
        return Err(ChartProblem::Answers);
    }
    Ok(Measure::Choice(choices))
}

fn too_many_points(points: u8) -> ChartProblem {
    let most = POINTS_MAX;
    ChartProblem::Points { points, most }
}

/// Rungs from the inside out: more points each, and each farther out on every side it has.
fn ladder(rungs: &[RungFile], scale: NumberScale) -> Result<Vec<Rung>, ChartProblem> {
    if rungs.is_empty() || rungs.len() > RUNGS_MAX {
        let (count, most) = (rungs.len(), RUNGS_MAX);
        return Err(ChartProblem::Rungs { count, most });
    }
    let (mut points, mut low, mut high): (u8, Option<i64>, Option<i64>) = (0, None, None);
    let mut ladder: Vec<Rung> = Vec::with_capacity(rungs.len());
    for from in rungs {
        let rung = rung(from, scale)?;
        let lower = rung
            .at_most
            .is_none_or(|most| low.is_none_or(|before| most < before));
        let higher = rung
            .at_least
            .is_none_or(|least| high.is_none_or(|before| least > before));
        if rung.points <= points || !lower || !higher {
            return Err(ChartProblem::RungOrder(rung.points));
        }
        points = rung.points;
        low = rung.at_most.or(low);
        high = rung.at_least.or(high);
        ladder.push(rung);
    }
    // The first end on each side is the innermost.
    let most = ladder.iter().find_map(|rung| rung.at_most);
    let least = ladder.iter().find_map(|rung| rung.at_least);
    if most.zip(least).is_some_and(|(most, least)| most + 1 >= least) {
        return Err(ChartProblem::NoMiddle);
    }
    Ok(ladder)
}

fn rung(from: &RungFile, scale: NumberScale) -> Result<Rung, ChartProblem> {
    if from.points == 0 || from.points > POINTS_MAX {
        return Err(too_many_points(from.points));
    }
    let steps = |limit: Option<Limit>| limit.map(|limit| limit_steps(limit, scale)).transpose();
    let (at_most, below) = (steps(from.at_most)?, steps(from.below)?);
    let (at_least, above) = (steps(from.at_least)?, steps(from.above)?);
    let none = at_most.or(below).or(at_least).or(above).is_none();
    let twice = (at_most.is_some() && below.is_some()) || (at_least.is_some() && above.is_some());
    if none || twice {
        return Err(ChartProblem::Ends(from.points));
    }
    Ok(Rung {
        points: from.points,
        at_most: at_most.or(below.map(|below| below - 1)),
        at_least: at_least.or(above.map(|above| above + 1)),
    })
}

fn limit_steps(limit: Limit, scale: NumberScale) -> Result<i64, ChartProblem> {
    let steps = in_steps(limit.0, scale.places);
    let exact = Decimal::new(steps, scale.places) == limit.0;
    if exact && (scale.lowest..=scale.highest).contains(&steps) {
        return Ok(steps);
    }
    Err(ChartProblem::Limit {
        limit: limit.0.to_string(),
        lowest: Decimal::new(scale.lowest, scale.places).to_string(),
        highest: Decimal::new(scale.highest, scale.places).to_string(),
    })
}

/// What can be judged only when all rows are there.
fn whole(read: &ChartFile, ages: &[AgeBand], rows: &[Row]) -> Result<(), ChartProblem> {
    for row in rows.iter().filter(|row| row.age.is_some()) {
        for (place, age) in ages.iter().enumerate() {
            let has = |other: &Row| other.item == row.item && other.age == Some(place);
            if !rows.iter().any(has) {
                return Err(ChartProblem::AgeWithoutRow {
                    item: row.item.key(),
                    age: age.label.clone(),
                });
            }
        }
    }
    let total = |age: Option<usize>| -> u16 {
        let its = rows.iter().filter(|row| row.age.is_none() || row.age == age);
        its.map(|row| u16::from(row.measure.most_points())).sum()
    };
    let by_age = (0..ages.len()).map(|place| total(Some(place))).min();
    let highest = by_age.unwrap_or_else(|| total(None));
    let (trigger, watch) = (read.trigger_at_least, read.watch_at_least);
    let rises = watch.is_none_or(|watch| (1..trigger).contains(&watch));
    if rises && (1..=highest).contains(&trigger) {
        return Ok(());
    }
    Err(ChartProblem::Trigger { trigger, highest })
}

impl Measure {
    fn most_points(&self) -> u8 {
        let top = |rungs: &[Rung]| rungs.last().map_or(0, |rung| rung.points);
        match self {
            Measure::Number(rungs) => top(rungs),
            Measure::Choice(choices) => choices.iter().map(|(_, points)| *points).max().unwrap_or(0),
            Measure::Oxygen { flow, percent } => top(flow).max(top(percent)),
        }
    }
}
