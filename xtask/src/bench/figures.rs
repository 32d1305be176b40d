//! What the measuring program found, and what it is worth beside its goal.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// One figure.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of the value and of the goal.
    pub unit: String,
    /// What it shall be, where there is a goal.
    pub goal: Option<Goal>,
    /// How it was measured.
    pub how: String,
}

/// What a figure shall be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Less than this.
    Below(f64),
    /// This or more.
    AtLeast(f64),
}

impl Figure {
    /// One word, or by how much it was missed.
    pub fn verdict(&self) -> String {
        let Some(goal) = self.goal else {
            return "-".to_owned();
        };
        let value = self.value;
        let missed = match goal {
            Goal::Below(limit) => (value >= limit).then_some(value - limit),
            Goal::AtLeast(limit) => (value < limit).then_some(limit - value),
        };
        missed.map_or("met".to_owned(), |by| {
            format!("missed by {} {}", short(by), self.unit)
        })
    }
}

/// A number with about three digits that mean something.
pub fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[derive(Serialize)]
struct Kept<'a> {
    machine: &'a Machine,
    figures: &'a [Figure],
}

/// Reads what the measuring program wrote.
pub fn read(file: &Path) -> Result<Vec<Figure>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not hold figures", file.display()))
}

/// Writes it again, with the machine.
pub fn write(file: &Path, machine: &Machine, figures: &[Figure]) -> Result<()> {
    let text = serde_json::to_string_pretty(&Kept { machine, figures })?;
    std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(value: f64, goal: Option<Goal>) -> String {
        let (name, unit, how) = (String::new(), "B".to_owned(), String::new());
        Figure {
            name,
            value,
            unit,
            goal,
            how,
        }
        .verdict()
    }

    #[test]
    fn a_goal_is_met_or_missed_by_so_much() {
        assert_eq!(verdict(2.99, Some(Goal::Below(3.0))), "met");
        assert_eq!(verdict(3.0, Some(Goal::Below(3.0))), "missed by 0 B");
        assert_eq!(verdict(3.75, Some(Goal::Below(3.0))), "missed by 0.75 B");
        assert_eq!(verdict(80.0, Some(Goal::AtLeast(80.0))), "met");
        assert_eq!(verdict(59.5, Some(Goal::AtLeast(80.0))), "missed by 20.5 B");
    }

    #[test]
    fn what_has_no_goal_is_neither_met_nor_missed() {
        assert_eq!(verdict(1.0, None), "-");
    }
}
