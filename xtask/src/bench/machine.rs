//! On what it was measured, and when.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::command;

/// The machine, as far as figures depend on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    date: String,
    processor: String,
    processors: usize,
    file_system: String,
    /// Processes that wanted to run when the measurement began.
    load: String,
}

/// Looks, before anything is measured. `folder` lies on the measured file system.
pub fn describe(folder: &Path) -> Result<Machine> {
    let folder = folder.to_string_lossy();
    let answer = |program, args: &[&str]| {
        command::answer(program, args).with_context(|| format!("`{program}` does not answer"))
    };
    let information = std::fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    let load = std::fs::read_to_string("/proc/loadavg").context("cannot read /proc/loadavg")?;
    Ok(Machine {
        date: answer("date", &["-u", "+%Y-%m-%d"])?,
        processor: processor(&information).unwrap_or_else(|| "unknown processor".to_owned()),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        file_system: answer("stat", &["-f", "-c", "%T", &folder])?,
        load: load.split(' ').next().unwrap_or_default().to_owned(),
    })
}

impl Machine {
    /// For people.
    pub fn sentence(&self) -> String {
        format!(
            "{}, {} x {}, {}, load {} before the start.",
            self.date, self.processors, self.processor, self.file_system, self.load
        )
    }
}

/// PCs say `model name`, small boards `Model`.
fn processor(information: &str) -> Option<String> {
    let value = |key: &str| {
        let line = information.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    value("model name").or_else(|| value("Model"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pcs_and_small_boards_tell_what_they_are() {
        assert_eq!(
            processor("processor\t: 0\nmodel name\t: Fast\n").as_deref(),
            Some("Fast")
        );
        assert_eq!(
            processor("processor\t: 0\nModel\t\t: Small Board 4\n").as_deref(),
            Some("Small Board 4")
        );
        assert_eq!(processor(""), None);
    }
}
