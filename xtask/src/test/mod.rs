//! `cargo xtask test`: everything a contributor can run. Continuous integration runs exactly this.
//!
//! A step never skips silently: it passes, fails, or is named as not run because a step it needs has failed, and that
//! counts as failed. Tests on recorded patients need a folder that is no part of the project; without it they cannot
//! run, and because a test runner hides what a passing test prints, the summary says so.

mod crates;
mod prerequisites;
mod steps;
mod units;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

pub use self::prerequisites::browser;
use self::steps::{STEPS, Step};
use crate::clock::Stopwatch;
use crate::workspace;

/// What to run.
#[derive(Args)]
pub struct TestArgs {
    /// Runs one step and what it needs: format, tidy, units, crates, ui, web-types, web-unit, programs, rust, doc, browser, journeys.
    #[arg(long, value_name = "STEP", value_parser = step_names())]
    only: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    NotRun { needs: &'static str },
}

struct Line {
    step: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// Runs the steps and prints the summary; its last line is the count. Not a success if any step failed.
pub fn run(args: &TestArgs) -> Result<ExitCode> {
    prerequisites::check()?;
    let wanted = selection(STEPS, args.only.as_deref());
    let lines = run_steps(&wanted);
    println!("\n{}", summary(&lines));
    if wanted.iter().any(|step| step.name == USES_RECORDINGS) {
        println!(
            "  {}\n",
            recordings(std::env::var_os("VITALPOST_RECORDINGS").map(PathBuf::from))
        );
        println!("  {}\n", updates(prerequisites::no_updates_because()));
    }
    let failed = lines
        .iter()
        .filter(|line| line.outcome != Outcome::Passed)
        .count();
    println!("{} passed, {failed} failed", lines.len() - failed);
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run_steps(steps: &[&'static Step]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.what);
        let failed = |name: &str| {
            lines
                .iter()
                .any(|line| line.step == name && line.outcome != Outcome::Passed)
        };
        let watch = Stopwatch::start();
        let outcome = match step.needs.iter().find(|need| failed(need)) {
            Some(needs) => Outcome::NotRun { needs },
            None => match (step.run)() {
                Ok(()) => Outcome::Passed,
                Err(error) => {
                    println!("{error:#}");
                    Outcome::Failed
                }
            },
        };
        let line = Line {
            step: step.name,
            outcome,
            took: watch.elapsed(),
        };
        println!("== {}", spoken(&line));
        lines.push(line);
    }
    lines
}

/// All steps, or one with everything it needs, in their order.
fn selection(steps: &'static [Step], only: Option<&str>) -> Vec<&'static Step> {
    let Some(only) = only else {
        return steps.iter().collect();
    };
    let mut wanted = vec![only];
    // Needs stand before those who need them, so one walk from the end finds all.
    for step in steps.iter().rev() {
        if wanted.contains(&step.name) {
            wanted.extend(step.needs);
        }
    }
    steps.iter().filter(|step| wanted.contains(&step.name)).collect()
}

fn summary(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("  {}\n", spoken(line))).collect()
}

/// The step with the tests on recorded patients.
const USES_RECORDINGS: &str = "rust";

/// The line about the recordings. The tests look in the same places.
fn recordings(chosen: Option<PathBuf>) -> String {
    let folder = chosen.unwrap_or_else(|| workspace::root().join("../shared/data/recordings"));
    if folder.join("bidmc").is_dir() {
        return format!("{:<12} found", "recordings");
    }
    format!(
        "{:<12} SKIPPED: not at {}; tests on recorded patients did not run",
        "recordings",
        folder.display()
    )
}

/// The line about the tests of updates, which a test runner hides just as well.
fn updates(why_not: Option<String>) -> String {
    match why_not {
        None => format!("{:<12} found what they need", "updates"),
        Some(why) => format!("{:<12} SKIPPED: {why}; tests of updates did not run", "updates"),
    }
}

fn spoken(line: &Line) -> String {
    let seconds = line.took.as_secs_f64();
    match line.outcome {
        Outcome::Passed => format!("{:<12} passed   {seconds:7.1} s", line.step),
        Outcome::Failed => format!("{:<12} FAILED   {seconds:7.1} s", line.step),
        Outcome::NotRun { needs } => format!("{:<12} NOT RUN  it needs {needs}, which failed", line.step),
    }
}

fn step_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(STEPS.iter().map(|step| step.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    static TRIAL: [Step; 4] = [
        Step {
            name: "a",
            what: "fails",
            needs: &[],
            run: || anyhow::bail!("on purpose"),
        },
        Step {
            name: "b",
            what: "needs a",
            needs: &["a"],
            run: || Ok(()),
        },
        Step {
            name: "c",
            what: "needs b",
            needs: &["b"],
            run: || Ok(()),
        },
        Step {
            name: "d",
            what: "stands alone",
            needs: &[],
            run: || Ok(()),
        },
    ];

    #[test]
    fn a_failure_stops_only_what_needs_it_and_says_so() {
        let lines = run_steps(&selection(&TRIAL, None));
        let outcomes: Vec<&Outcome> = lines.iter().map(|line| &line.outcome).collect();
        assert_eq!(
            outcomes,
            [
                &Outcome::Failed,
                &Outcome::NotRun { needs: "a" },
                &Outcome::NotRun { needs: "b" },
                &Outcome::Passed
            ]
        );
        assert!(summary(&lines).contains("it needs a, which failed"));
    }

    #[test]
    fn one_step_brings_what_it_needs_and_nothing_else() {
        let names = |only| {
            selection(&TRIAL, Some(only))
                .iter()
                .map(|step| step.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("c"), ["a", "b", "c"]);
        assert_eq!(names("d"), ["d"]);
    }

    #[test]
    fn what_a_step_needs_exists_and_stands_before_it() {
        for (place, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..place].iter().any(|earlier| earlier.name == *need),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn tests_of_updates_that_cannot_run_are_said_to_be_skipped_and_why() {
        assert_eq!(
            updates(Some("install rauc".to_owned())),
            "updates      SKIPPED: install rauc; tests of updates did not run"
        );
        assert_eq!(updates(None), "updates      found what they need");
    }

    #[test]
    fn recordings_that_are_not_there_are_said_to_be_skipped_and_where_they_were_sought() {
        let folder = tempfile::tempdir().unwrap();
        let line = || recordings(Some(folder.path().to_path_buf()));
        let sought = folder.path().display();
        assert_eq!(
            line(),
            format!("recordings   SKIPPED: not at {sought}; tests on recorded patients did not run")
        );
        std::fs::create_dir(folder.path().join("bidmc")).unwrap();
        assert_eq!(line(), "recordings   found");
        assert!(STEPS.iter().any(|step| step.name == USES_RECORDINGS));
    }
}
