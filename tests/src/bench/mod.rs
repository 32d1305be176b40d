//! Measurements of store, relay, drivers and signing in for `cargo xtask bench`, which builds the program `bench` and prints its figures.
//!
//! A figure says in one sentence how it was taken. What cannot be measured is a figure without a number and the reason,
//! never a guess. Machines are noisy: times are medians, and where a goal is a share, both sides run in the same minute.

pub mod access;
pub mod alarms;
pub mod drivers;
mod gateway;
mod history;
pub mod post;
pub mod proxy;
pub mod relay;
pub mod store;
pub mod ward;

use std::path::PathBuf;

use serde_json::{Value, json};

/// What to measure with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A folder on the file system to measure, not in memory.
    pub folder: PathBuf,
    /// Where the recordings are.
    pub recordings: Option<PathBuf>,
    /// Only whether it works: figures mean nothing.
    pub quick: bool,
    /// Days of the large store.
    pub days: u64,
}

/// What a figure shall reach.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// Less than this.
    Below(f64),
    /// At least this.
    AtLeast(f64),
    /// It only informs.
    None,
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Figures(Vec<Value>);

impl Figures {
    /// Adds a figure, and prints it at once.
    pub fn add(&mut self, name: &str, value: f64, unit: &str, goal: Goal, how: &str) {
        eprintln!("{name}: {value:.3} {unit}");
        let goal = match goal {
            Goal::Below(limit) => json!({ "below": limit }),
            Goal::AtLeast(limit) => json!({ "at_least": limit }),
            Goal::None => Value::Null,
        };
        self.0
            .push(json!({ "name": name, "value": value, "unit": unit, "goal": goal, "how": how }));
    }

    /// As the file that the command reads.
    pub fn into_json(self) -> Value {
        Value::Array(self.0)
    }
}

/// The value below which `share` of them lie; 0 when there are none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = (share * values.len() as f64).ceil() as usize;
    values.get(place.saturating_sub(1)).copied().unwrap_or_default()
}
