//! What came in from outside, against `deny.toml`.

use anyhow::Result;

use crate::{command, tools, workspace};

/// Licences, bans and sources always; advisories where their list can be fetched, and otherwise that is said.
pub fn check() -> Result<()> {
    let path = tools::path(&[tools::DENY])?;
    let env = [("PATH", path.as_str())];
    let deny = |checks: &[&str]| {
        let args = [
            &[
                "deny",
                "--locked",
                "--log-level",
                "error",
                "check",
                "--hide-inclusion-graph",
            ],
            checks,
        ]
        .concat();
        command::run_with(&workspace::root(), workspace::cargo(), &args, &env)
    };
    deny(&["licenses", "bans", "sources"])?;
    if !can_fetch_advisories(&path) {
        println!("NOT CHECKED: known vulnerabilities; their list cannot be fetched from here");
        return Ok(());
    }
    deny(&["advisories"])
}

/// True when the list is here or can be had.
fn can_fetch_advisories(path: &str) -> bool {
    let fetched = command::prepared(
        &workspace::root(),
        &workspace::cargo(),
        &["deny", "--log-level", "off", "fetch", "db"],
        &[("PATH", path)],
    )
    .output();
    fetched.is_ok_and(|fetched| fetched.status.success())
}
