//! Which crate of the workspace may know which: read from the manifests.

use super::Finding;
use crate::workspace::Package;

/// Each member and what it may depend on. `tests` may know all.
const MAY_KNOW: [(&str, &[&str]); 14] = [
    ("vitals", &[]),
    ("drivers", &["vitals"]),
    ("link", &[]),
    ("accounts", &["vitals"]),
    ("alarms", &["vitals"]),
    ("health", &["vitals"]),
    ("recordings", &[]),
    ("openapi", &[]),
    (
        "appliance",
        &[
            "vitals",
            "accounts",
            "alarms",
            "drivers",
            "health",
            "link",
            "recordings",
            "openapi",
            "web-ui",
        ],
    ),
    ("central", &["vitals", "accounts", "health", "link", "web-ui"]),
    ("simulators", &["recordings"]),
    ("web-ui", &[]),
    ("xtask", &[]),
    (
        "tests",
        &[
            "vitals",
            "accounts",
            "alarms",
            "drivers",
            "health",
            "link",
            "appliance",
            "central",
            "recordings",
            "simulators",
            "web-ui",
        ],
    ),
];

/// What a member may also know in its tests: decoders are held against devices that read the sheets for themselves.
const MAY_KNOW_IN_TESTS: [(&str, &str); 2] = [("drivers", "simulators"), ("appliance", "simulators")];

/// Finds manifests that point the wrong way, also for tests and build scripts.
pub fn crates(packages: &[Package]) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in packages {
        let manifest = format!("{}/Cargo.toml", package.name);
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == package.name) else {
            let what = "a new member: say in MAY_KNOW (xtask/src/tidy/arrows.rs) what it may depend on";
            found.push(Finding::at(&manifest, 1, what));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = MAY_KNOW.iter().any(|(name, _)| *name == dependency.name);
            let in_tests = dependency.kind.as_deref() == Some("dev")
                && MAY_KNOW_IN_TESTS.contains(&(package.name.as_str(), dependency.name.as_str()));
            if ours && !in_tests && !allowed.contains(&dependency.name.as_str()) {
                let what = format!(
                    "{} must not depend on {}; move what both need to a crate that both may know (ARCHITECTURE.md)",
                    package.name, dependency.name
                );
                found.push(Finding::at(&manifest, 1, what));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn check(name: &str, dependencies: &[&str]) -> usize {
        let dependencies = dependencies.iter().map(|name| Dependency {
            name: (*name).to_owned(),
            rename: None,
            kind: None,
        });
        crates(&[Package {
            name: name.to_owned(),
            dependencies: dependencies.collect(),
        }])
        .len()
    }

    #[test]
    fn an_arrow_that_points_the_wrong_way_is_found() {
        assert_eq!(check("vitals", &["serde", "drivers"]), 1);
        assert_eq!(check("simulators", &["drivers", "vitals"]), 2);
        assert_eq!(check("xtask", &["vitals"]), 1);
        assert_eq!(check("link", &["vitals"]), 1);
    }

    #[test]
    fn decoders_meet_simulators_in_tests_only() {
        let check = |kind: Option<&str>| {
            let dependency = Dependency {
                name: "simulators".to_owned(),
                rename: None,
                kind: kind.map(str::to_owned),
            };
            let package = Package {
                name: "drivers".to_owned(),
                dependencies: vec![dependency],
            };
            crates(&[package]).len()
        };
        assert_eq!((check(Some("dev")), check(None), check(Some("build"))), (0, 1, 1));
    }

    #[test]
    fn the_arrows_of_the_design_are_allowed() {
        assert_eq!(check("drivers", &["vitals", "serde"]), 0);
        assert_eq!(
            check("appliance", &["vitals", "drivers", "link", "web-ui", "redb"]),
            0
        );
        assert_eq!(check("simulators", &["recordings"]), 0);
        assert_eq!(check("tests", &["appliance", "central", "simulators"]), 0);
    }

    #[test]
    fn a_new_member_must_say_what_it_may_know() {
        assert_eq!(check("newcomer", &[]), 1);
    }
}
