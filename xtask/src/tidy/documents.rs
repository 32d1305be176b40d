//! Documents that lie are worse than none: decisions keep their form, links lead somewhere, commands exist.

use clap::CommandFactory;

use super::Finding;
use super::source::Source;

/// What every decision says.
const HEADINGS: [&str; 3] = ["## Is", "## Is not", "## What would change our mind"];
const WORD: &str = "cargo xtask ";

/// Finds decisions without their headings or number.
pub fn decisions(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources {
        let Some(name) = source.path.strip_prefix("docs/decisions/") else {
            continue;
        };
        let numbered = name
            .split_once('-')
            .is_some_and(|(n, _)| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()));
        if !numbered || !source.is("md") {
            found.push(Finding::at(
                &source.path,
                1,
                "name it NNNN-title.md, with the next free number",
            ));
        }
        for heading in HEADINGS
            .iter()
            .filter(|heading| !source.text.lines().any(|line| line == **heading))
        {
            found.push(Finding::at(
                &source.path,
                1,
                format!("the heading `{heading}` is missing"),
            ));
        }
    }
    found
}

/// Finds links to files that do not exist. Addresses in the net are not followed.
pub fn links(sources: &[Source], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is("md")) {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in prose(&source.text) {
            for (_, rest) in line
                .match_indices("](")
                .map(|(at, open)| line[at..].split_at(open.len()))
            {
                let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
                let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
                if !elsewhere && !exists(&joined(folder, target)) {
                    found.push(Finding::at(
                        &source.path,
                        number,
                        format!("the link leads to nothing: {target}"),
                    ));
                }
            }
        }
    }
    found
}

/// Finds `cargo xtask` commands in documents and in `.ci/run` that this program would refuse.
pub fn commands(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.is("md") || source.path == ".ci/run")
    {
        for (number, line) in source.text.lines().enumerate() {
            for command in commands_in(line) {
                let words = std::iter::once("xtask").chain(command.split_whitespace());
                if let Err(error) = crate::Cli::command().try_get_matches_from(words)
                    && error.use_stderr()
                {
                    let what = format!("`{WORD}{command}` is not a command: see cargo xtask --help");
                    found.push(Finding::at(&source.path, number + 1, what));
                }
            }
        }
    }
    if let Some(run) = sources.iter().find(|source| source.path == ".ci/run")
        && !run.text.lines().any(|line| line == "cargo xtask test")
    {
        found.push(Finding::at(&run.path, 1, "must call exactly `cargo xtask test`"));
    }
    found
}

/// What follows `cargo xtask` where it is written as a command: in backticks or at the start of a line.
fn commands_in(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let bare = line.trim_start().trim_start_matches("$ ");
    if let Some(rest) = bare.strip_prefix(WORD) {
        found.push(rest.split(['#', '`']).next().unwrap_or(rest).trim());
    }
    let quoted = format!("`{WORD}");
    for (at, _) in line.match_indices(&quoted) {
        let rest = &line[at + quoted.len()..];
        found.push(rest.split('`').next().unwrap_or(rest).trim());
    }
    // `cargo xtask WORD` speaks of commands in general.
    found.retain(|command| !command.starts_with(|c: char| c.is_ascii_uppercase()));
    found
}

/// Numbered lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((number + 1, line))
    })
}

/// `target` as seen from `folder`, with `..` resolved.
fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    #[test]
    fn a_decision_without_what_would_change_our_mind_is_found() {
        let whole = "# T\n\n## Is\nx\n\n## Is not\nx\n\n## What would change our mind\nx\n";
        assert_eq!(decisions(&[source("docs/decisions/0001-x.md", whole)]), []);
        let cut = "# T\n\n## Is\nx\n\n## Is not\nx\n";
        assert_eq!(decisions(&[source("docs/decisions/0001-x.md", cut)]).len(), 1);
        assert_eq!(decisions(&[source("docs/decisions/x.md", whole)]).len(), 1);
    }

    #[test]
    fn a_link_that_leads_to_nothing_is_found_with_its_line() {
        let text = "# T\n[a](../ARCHITECTURE.md#parts) [b](gone.md)\n```\n[c](also-gone.md)\n```\n[d](https://x.example/)\n";
        let found = links(&[source("docs/x.md", text)], &|path| path == "ARCHITECTURE.md");
        assert_eq!(
            found,
            [Finding::at("docs/x.md", 2, "the link leads to nothing: gone.md")]
        );
    }

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        for good in [
            "cargo xtask demo",
            "  cargo xtask demo --seed 3   # deterministic",
            "see `cargo xtask tidy`.",
        ] {
            assert_eq!(commands(&[source("README.md", good)]), [], "{good}");
        }
        for bad in [
            "cargo xtask launch",
            "see `cargo xtask demo --fast`",
            "$ cargo xtask e2e --times",
        ] {
            assert_eq!(commands(&[source("README.md", bad)]).len(), 1, "{bad}");
        }
        assert_eq!(commands(&[source("README.md", "each is `cargo xtask WORD`")]), []);
    }

    #[test]
    fn continuous_integration_runs_what_people_run() {
        assert_eq!(
            commands(&[source(".ci/run", "#!/bin/bash\ncargo xtask test\n")]),
            []
        );
        assert_eq!(
            commands(&[source(".ci/run", "#!/bin/bash\ncargo test\n")]).len(),
            1
        );
    }
}
