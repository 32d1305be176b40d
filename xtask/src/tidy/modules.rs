//! Which module of the appliance may know which, and which outside crate: read from the paths in the code.
//!
//! `app.rs`, `main.rs` and `lib.rs` wire everything together and are not limited.

use super::Finding;
use super::source::Source;

/// Each module and the sister modules it may name.
const MAY_KNOW: [(&str, &[&str]); 16] = [
    ("clock", &[]),
    ("health", &["clock"]),
    ("config", &[]),
    ("ward", &[]),
    ("sound", &["clock"]),
    ("access", &["clock"]),
    ("selftest", &["clock"]),
    ("store", &["clock", "config", "health"]),
    ("export", &["config", "store"]),
    ("alarm_log", &["export", "store"]),
    ("replay", &["alarm_log", "export", "ward"]),
    ("audit", &["config", "export", "store"]),
    ("broker", &["clock", "config", "health"]),
    ("lines", &["clock", "config", "health"]),
    ("relay", &["clock", "config", "health", "store"]),
    (
        "web",
        &[
            "access",
            "alarm_log",
            "audit",
            "clock",
            "config",
            "health",
            "relay",
            "selftest",
            "store",
            "ward",
        ],
    ),
];

/// Modules that wire the others together.
const UNLIMITED: [&str; 3] = ["app", "main", "lib"];

/// Outside crates with the only modules that may name them.
const OWNED: [(&str, &[&str]); 11] = [
    ("redb", &["store"]),
    // The configuration names its words, such as the version of MQTT; a line of sensors takes its messages over one.
    ("link", &["relay", "broker", "config", "lines"]),
    ("rumqttc", &["relay", "broker"]),
    ("rumqttd", &["broker"]),
    ("axum", &["web"]),
    ("axum_server", &["web"]),
    ("rcgen", &["web"]),
    ("tokio_serial", &["lines"]),
    ("tokio_modbus", &["lines"]),
    ("serialport", &["lines"]),
    ("gpiocdev", &["sound"]),
];

/// Modules that are pure: the domain words, derives, and nothing else from outside.
const PURE: [&str; 1] = ["ward"];
const PURE_MAY_USE: [&str; 3] = ["vitals", "serde", "thiserror"];

/// Finds paths that point the wrong way. `external` are the crates the appliance depends on.
pub fn arrows(sources: &[Source], external: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.is("rs") && !source.is_test())
    {
        let Some(module) = module_of(&source.path) else {
            continue;
        };
        if UNLIMITED.contains(&module) {
            continue;
        }
        let Some((_, may_know)) = MAY_KNOW.iter().find(|(name, _)| *name == module) else {
            let what =
                format!("new module {module}: say in MAY_KNOW (xtask/src/tidy/modules.rs) what it may name");
            found.push(Finding::at(&source.path, 1, what));
            continue;
        };
        let code = source.code();
        for (offset, root, next) in paths(&code) {
            let line = code[..offset].matches('\n').count() + 1;
            let inside = matches!(root, "crate" | "super");
            let fault = if inside && is_sister(next, module) && !may_know.contains(&next) {
                // A child module may have the name of a sister; `super::` then means the child.
                (root == "crate" || !has_child(sources, module, next)).then(|| {
                    format!("{module} must not know {next}; pass what it needs as a value from app.rs")
                })
            } else if inside {
                None
            } else {
                outside(module, root, external)
            };
            found.extend(fault.map(|what| Finding::at(&source.path, line, what)));
        }
    }
    found
}

/// What is wrong with naming the crate `root` in `module`.
fn outside(module: &str, root: &str, external: &[String]) -> Option<String> {
    if let Some((_, owners)) = OWNED.iter().find(|(name, _)| *name == root)
        && !owners.contains(&module)
    {
        return Some(format!(
            "only {} may name {root}; {module} must ask there",
            owners.join(" and ")
        ));
    }
    let pure =
        PURE.contains(&module) && external.iter().any(|name| name == root) && !PURE_MAY_USE.contains(&root);
    pure.then(|| format!("{module} is pure and must not name {root}; it may use std and vitals"))
}

fn module_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("appliance/src/")?;
    let first = rest.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

fn is_sister(name: &str, module: &str) -> bool {
    name != module && (UNLIMITED.contains(&name) || MAY_KNOW.iter().any(|(sister, _)| *sister == name))
}

fn has_child(sources: &[Source], module: &str, name: &str) -> bool {
    let file = format!("appliance/src/{module}/{name}.rs");
    let folder = format!("appliance/src/{module}/{name}/mod.rs");
    sources
        .iter()
        .any(|source| source.path == file || source.path == folder)
}

/// All paths `root::next` in the code, with their offset; a group `root::{a, b::c}` gives one entry per member.
fn paths(code: &str) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = &code[..at];
        let start = before.rfind(|c: char| !is_word(c)).map_or(0, |end| end + 1);
        let root = &before[start..];
        let continues = before[..start].ends_with("::") && root != "super";
        if root.is_empty() || continues {
            continue;
        }
        let rest = &code[at + 2..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(members(group).into_iter().map(|next| (start, root, next))),
            None => found.push((start, root, leading_word(rest))),
        }
    }
    found
}

/// First words of the members of a `use` group, up to its closing brace.
fn members(group: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut expecting) = (0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expecting = true,
            c if depth == 0 && expecting && is_word(c) => {
                found.push(leading_word(&group[at..]));
                expecting = false;
            }
            _ => {}
        }
    }
    found
}

fn leading_word(text: &str) -> &str {
    &text[..text.find(|c: char| !is_word(c)).unwrap_or(text.len())]
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    fn check(path: &str, text: &str) -> Vec<String> {
        let external = ["tokio", "redb", "vitals", "axum", "rumqttd", "serde"].map(str::to_owned);
        let found = arrows(&[source(path, text)], &external);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_pure_module_that_reaches_out_is_found_with_its_line() {
        let found = check(
            "appliance/src/ward/mod.rs",
            "use vitals::Bed;\n\nuse tokio::sync::mpsc;\n",
        );
        assert_eq!(
            found,
            ["appliance/src/ward/mod.rs:3: ward is pure and must not name tokio; it may use std and vitals"]
        );
        assert_eq!(
            check("appliance/src/ward/mod.rs", "fn f() { crate::web::push() }").len(),
            1
        );
        assert_eq!(check("appliance/src/ward.rs", "use crate::relay::Link;").len(), 1);
    }

    #[test]
    fn the_store_never_knows_relay_or_web_however_it_is_spelled() {
        for text in [
            "use crate::relay::X;",
            "use crate::{clock::Clock, web};",
            "use crate::{\n    clock::{Clock, ClockError},\n    relay::X,\n};",
            "use super::web::X;",
        ] {
            assert_eq!(check("appliance/src/store/mod.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn only_its_owner_names_an_outside_crate() {
        assert_eq!(
            check("appliance/src/relay/mod.rs", "use redb::Database;").len(),
            1
        );
        assert_eq!(check("appliance/src/lines/mod.rs", "use axum::Router;").len(), 1);
        assert_eq!(
            check("appliance/src/web/mod.rs", "fn f(b: rumqttd::Broker) {}").len(),
            1
        );
        assert_eq!(
            check("appliance/src/store/file.rs", "use redb::Database;").len(),
            0
        );
    }

    #[test]
    fn what_the_design_allows_is_not_found() {
        assert_eq!(
            check("appliance/src/app.rs", "use crate::{relay, store, ward, web};").len(),
            0
        );
        assert_eq!(
            check("appliance/src/relay/mod.rs", "use crate::store::Store;").len(),
            0
        );
        assert_eq!(
            check(
                "appliance/src/ward/mod.rs",
                "// tokio::spawn\nuse std::fmt; use crate::ward::x::Y;"
            )
            .len(),
            0
        );
        assert_eq!(
            check(
                "appliance/src/ward/tests.rs",
                "use proptest::prelude::*; use tokio::time;"
            )
            .len(),
            0
        );
        assert_eq!(check("central/src/store.rs", "use redb::Database;").len(), 0);
    }

    #[test]
    fn a_new_module_must_say_what_it_may_name() {
        assert_eq!(check("appliance/src/consult/mod.rs", "").len(), 1);
    }

    #[test]
    fn a_child_with_the_name_of_a_sister_is_the_child() {
        let files = [
            source("appliance/src/store/mod.rs", "mod web;"),
            source("appliance/src/store/web.rs", ""),
            source("appliance/src/store/x.rs", "use super::web::Y;"),
        ];
        assert_eq!(arrows(&files, &[]), []);
    }
}
