//! What can be wrong with a chart, said so that whoever wrote it can mend it.

use std::fmt;

/// A chart that cannot be used: which, where in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ChartError {
    /// The file.
    pub file: String,
    /// The chart's name and version; empty where the file could not be read so far.
    pub chart: String,
    /// The row: its number, counted from 1, and for what it is. `None`: it is not about a row.
    pub row: Option<(usize, String)>,
    /// What is wrong and what to do.
    pub problem: Box<ChartProblem>,
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.chart.is_empty() {
            write!(f, "chart {}, ", self.chart)?;
        }
        if let Some((number, of)) = &self.row {
            write!(f, "row {number} ({of}): ")?;
        }
        write!(f, "{}", self.problem)
    }
}

/// What is wrong with a chart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartProblem {
    /// Not JSON, or a key or value that no chart has.
    #[error("{0}")]
    Json(String),
    /// The file is longer than any chart.
    #[error(
        "the file has {bytes} bytes, at most {most}: a chart is far shorter; check that this is the right file"
    )]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// `format` is not the one this program reads.
    #[error("this program reads charts of format 1, not {0}: use a newer program or rewrite the chart")]
    Format(u32),
    /// Name, version, owner, source or an age's label is blank or too long.
    #[error("`{key}` must have 1 to {most} characters: write them")]
    Words {
        /// Which.
        key: &'static str,
        /// How many at most.
        most: usize,
    },
    /// The name is NEWS2's, or of a chart in this program that has other contents (E3).
    #[error(
        "the name {0:?} belongs to a published score that no site may change: give this chart a name of its own"
    )]
    NameTaken(String),
    /// Too many ages or rows, or no row.
    #[error(
        "the chart has {count} {what}, it must have {least} to {most}: leave some out, or add what is missing"
    )]
    Count {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there must be at least.
        least: usize,
        /// How many there may be at most.
        most: usize,
    },
    /// Ages do not rise, or two have one label.
    #[error(
        "age {0:?} does not begin after the one before, or has its label: order the ages by `from_months`, each with its own label"
    )]
    AgeOrder(String),
    /// The chart ends before its last age begins.
    #[error("`below_months` is {0}, and an age begins there or later: raise it, or leave that age out")]
    AgeEnd(u32),
    /// No total can reach the trigger, or it is not above the total from which one watches.
    #[error(
        "`trigger_at_least` is {trigger}: it must be above `watch_at_least`, which is above 0, and at most {highest}, the highest total"
    )]
    Trigger {
        /// What stands there.
        trigger: u16,
        /// The highest total at the age at which it is lowest.
        highest: u16,
    },
    /// A row's item is unknown.
    #[error("no chart has the item {item:?}: use one of {known}")]
    UnknownItem {
        /// What stands there.
        item: String,
        /// What could.
        known: String,
    },
    /// A row's age is not among the chart's.
    #[error(
        "the age {0:?} is not in `ages`: write one of their labels, or leave `age` out for a row for all ages"
    )]
    UnknownAge(String),
    /// Two rows for the same item and age.
    #[error("row {0} is for the same item and age already: leave one of the two out")]
    Duplicate(usize),
    /// An item has rows for some ages only.
    #[error(
        "`{item}` has no row for the age {age:?}: add one, or every patient of that age is without a score"
    )]
    AgeWithoutRow {
        /// The item.
        item: &'static str,
        /// The age.
        age: String,
    },
    /// A row does not have the keys that its item needs.
    #[error("`{item}` needs {needed} and nothing else: write that")]
    Measure {
        /// The item.
        item: &'static str,
        /// What it needs.
        needed: &'static str,
    },
    /// An answer that the item does not have.
    #[error("`{answer}` is no answer for `{item}`: use {known}")]
    UnknownAnswer {
        /// The item.
        item: &'static str,
        /// What stands there.
        answer: String,
        /// What could.
        known: String,
    },
    /// A choice with fewer than two answers, or without points.
    #[error("at least two answers are needed, one with 0 points and one with more: write them")]
    Answers,
    /// Points beyond what a chart may have.
    #[error("{points} points: use 1 to {most}, and 0 for an answer that says that all is well")]
    Points {
        /// What stands there.
        points: u8,
        /// The most.
        most: u8,
    },
    /// Too many rungs, or none.
    #[error("{count} rungs, it must be 1 to {most}: leave some out, or write one")]
    Rungs {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// A rung without a limit, or with two for one side.
    #[error(
        "the rung of {0} points needs a limit: `at_most` or `below` for low values, `at_least` or `above` for high ones, one of each pair at most"
    )]
    Ends(u8),
    /// A limit that nobody can reach, or that is finer than values are rounded.
    #[error("the limit {limit} is outside {lowest} to {highest}, or has more digits than those: correct it")]
    Limit {
        /// What stands there.
        limit: String,
        /// The lowest possible.
        lowest: String,
        /// The highest possible.
        highest: String,
    },
    /// More points must lie farther out.
    #[error(
        "the rung of {0} points does not lie outside the one before: order the rungs by points, each farther out"
    )]
    RungOrder(u8),
    /// No value is left for 0 points.
    #[error("the low and the high limits meet: leave room between them for values with 0 points")]
    NoMiddle,
}
