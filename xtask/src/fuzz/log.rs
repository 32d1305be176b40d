//! What libFuzzer said, as far as a person wants to know.

use std::path::PathBuf;

/// The end of one target's run.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// Inputs tried.
    pub executions: u64,
    /// Edges of the program that were reached.
    pub edges: u64,
    /// Inputs that broke a promise, with where they lie.
    pub findings: Vec<PathBuf>,
    /// What was broken, in the program's words.
    pub words: Vec<String>,
    /// The run ended as it should.
    succeeded: bool,
    log: PathBuf,
}

/// Reads the log of a run.
pub fn read(text: &str, succeeded: bool, log: PathBuf) -> Said {
    let number = |word: &str| {
        let mut found = text.lines().rev().filter_map(|line| line.split_once(word));
        let digits = found.find_map(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
        digits.unwrap_or(0)
    };
    let findings = text
        .lines()
        .filter_map(|line| line.split_once("Test unit written to "))
        .map(|(_, file)| PathBuf::from(file.trim()));
    let panic = text.lines().skip_while(|line| !line.contains("panicked at"));
    let words = panic
        .take_while(|line| !line.starts_with("stack backtrace"))
        .take(4);
    // A crash leaves no statistics; the last line of progress counts as well.
    let progress = |line: &str| line.strip_prefix('#')?.split('\t').next()?.trim().parse().ok();
    let executions = match number("stat::number_of_executed_units:") {
        0 => text.lines().rev().find_map(progress).unwrap_or(0),
        known => known,
    };
    Said {
        executions,
        edges: number(" cov: "),
        findings: findings.collect(),
        words: words.map(str::to_owned).collect(),
        succeeded,
        log,
    }
}

impl Said {
    /// A promise was broken, or the run did not end as it should.
    pub fn is_broken(&self) -> bool {
        !self.succeeded || !self.findings.is_empty()
    }

    /// For people.
    pub fn sentence(&self) -> String {
        let reached = format!("{} executions, {} edges", self.executions, self.edges);
        if !self.is_broken() {
            return format!("{reached}, nothing found");
        }
        let log = self.log.display();
        let words = self.words.join("\n   ");
        format!("{reached}, {} found; see {log}\n   {words}", self.findings.len())
    }
}

/// One line for each target.
pub fn table(rows: &[(String, Said)]) -> String {
    let line = |cells: [&str; 4]| format!("{:20} {:>12} {:>8} {:>9}", cells[0], cells[1], cells[2], cells[3]);
    let head = line(["target", "executions", "edges", "findings"]);
    let rows = rows.iter().map(|(target, said)| {
        let cells = [said.executions, said.edges].map(|number| number.to_string());
        let findings = match said.findings.len() {
            0 if said.is_broken() => "failed".to_owned(),
            count => count.to_string(),
        };
        line([target, &cells[0], &cells[1], &findings])
    });
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "#2\tINITED cov: 69 ft: 69 corp: 1/30b\n#9631\tDONE   cov: 641 ft: 2673 corp: 456/289Kb\n\
        stat::number_of_executed_units: 9632\n";
    const BAD: &str = "#23\tNEW    cov: 130 ft: 162\n#1690\tREDUCE cov: 219 ft: 299\n\
        thread '<unnamed>' (1) panicked at src/wire.rs:63:9:\nassertion failed\nstack backtrace:\n   0: x\n\
        artifact_prefix='f/'; Test unit written to f/a-crash-f0f7\n";

    #[test]
    fn a_good_run_tells_its_executions_and_edges() {
        let said = read(GOOD, true, PathBuf::new());
        assert_eq!(
            (said.executions, said.edges, said.is_broken()),
            (9_632, 641, false)
        );
        assert_eq!(said.sentence(), "9632 executions, 641 edges, nothing found");
    }

    #[test]
    fn a_crash_tells_where_its_input_lies_and_what_was_broken() {
        let said = read(BAD, false, PathBuf::from("l"));
        assert_eq!(
            (said.executions, said.edges, said.is_broken()),
            (1_690, 219, true)
        );
        assert_eq!(said.findings, [PathBuf::from("f/a-crash-f0f7")]);
        assert!(
            said.sentence().ends_with("assertion failed"),
            "{}",
            said.sentence()
        );
    }

    #[test]
    fn a_program_that_does_not_start_is_no_success() {
        let said = read("", false, PathBuf::new());
        assert!(said.is_broken());
        assert!(table(&[("nonin".to_owned(), said)]).ends_with("failed"));
    }
}
