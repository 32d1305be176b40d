//! Every outside crate has a reason that is written down, and a user.

use super::Finding;
use super::source::Source;

const LIST: &str = "docs/decisions/0002-dependencies.md";

/// Finds workspace dependencies without a row in the list of reasons, or that no member uses.
pub fn reasons(sources: &[Source]) -> Vec<Finding> {
    let text = |path: &str| {
        sources
            .iter()
            .find(|source| source.path == path)
            .map_or("", |source| &source.text)
    };
    let manifest = text("Cargo.toml");
    let rows: Vec<&str> = text(LIST)
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .collect();
    let mut found = Vec::new();
    for (number, name) in outside(manifest) {
        if !rows
            .iter()
            .any(|row| row.split([',', ' ']).any(|word| word == name))
        {
            let what = format!(
                "{name} has no row in {LIST}: say why it is here, how well it is kept, what it costs"
            );
            found.push(Finding::at("Cargo.toml", number, what));
        }
        let line = format!("{name}.workspace = true");
        if !sources
            .iter()
            .any(|source| source.path.ends_with("/Cargo.toml") && source.text.contains(&line))
        {
            found.push(Finding::at(
                "Cargo.toml",
                number,
                format!("no member uses {name}: remove it here and in {LIST}"),
            ));
        }
    }
    found
}

/// Finds rows about crates that are gone.
pub fn stale_rows(sources: &[Source]) -> Vec<Finding> {
    let text = |path: &str| {
        sources
            .iter()
            .find(|source| source.path == path)
            .map_or("", |source| &source.text)
    };
    let names: Vec<&str> = outside(text("Cargo.toml"))
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    let rows = text(LIST)
        .lines()
        .enumerate()
        .skip_while(|(_, line)| !line.starts_with("|---"))
        .skip(1);
    rows.filter_map(|(number, line)| Some((number + 1, line.strip_prefix("| ")?.split(" |").next()?)))
        .flat_map(|(number, row)| row.split(", ").map(move |name| (number, name)))
        .filter_map(|(number, name)| Some((number, name.split(' ').next()?)))
        .filter(|(_, name)| !names.contains(name))
        .map(|(number, name)| {
            Finding::at(
                LIST,
                number,
                format!("{name} is no dependency any more: remove its row"),
            )
        })
        .collect()
}

/// Names in `[workspace.dependencies]` that are not our own crates, with their lines.
fn outside(manifest: &str) -> Vec<(usize, &str)> {
    let lines = manifest
        .lines()
        .enumerate()
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1);
    lines
        .take_while(|(_, line)| !line.starts_with('['))
        .filter(|(_, line)| !line.contains("path = ") && !line.starts_with('#'))
        .filter_map(|(number, line)| Some((number + 1, line.split_once(" = ")?.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    fn check(list: &str, member: &str) -> Vec<String> {
        let manifest =
            "[workspace]\n\n[workspace.dependencies]\nvitals = { path = \"vitals\" }\nserde_json = \"1\"\n";
        let files = [
            source("Cargo.toml", manifest),
            source(LIST, list),
            source("vitals/Cargo.toml", member),
        ];
        reasons(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_crate_without_a_reason_or_a_user_is_found_with_its_line() {
        let stale = source(
            LIST,
            "| Crate |\n|---|\n| serde_json (x), gone | configuration |\n",
        );
        let manifest = source("Cargo.toml", "[workspace.dependencies]\nserde_json = \"1\"\n");
        assert!(
            stale_rows(&[stale, manifest])[0]
                .to_string()
                .starts_with("docs/decisions/0002-dependencies.md:3: gone")
        );
        let (row, user) = (
            "| serde, serde_json | configuration |\n",
            "serde_json.workspace = true\n",
        );
        assert_eq!(check(row, user), [""; 0]);
        assert!(
            check("| serde | configuration |\n", user)[0].starts_with("Cargo.toml:5: serde_json has no row")
        );
        assert!(
            check(row, "serde.workspace = true\n")[0].starts_with("Cargo.toml:5: no member uses serde_json")
        );
    }
}
