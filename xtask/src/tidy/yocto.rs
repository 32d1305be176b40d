//! The image is of this version, of these crates, and of one mind with the programs' own files.

use super::Finding;
use super::source::Source;
use crate::yocto::{LAYER, crates as list};

/// Finds a list of crates that is not that of Cargo.lock.
pub fn crates(sources: &[Source]) -> Vec<Finding> {
    let wanted = match list::list(text(sources, list::LOCK)) {
        Ok(wanted) => wanted,
        Err(error) => return vec![Finding::at(list::LOCK, 1, format!("{error:#}"))],
    };
    let present = text(sources, list::LIST);
    if present == wanted {
        return Vec::new();
    }
    let same = present
        .lines()
        .zip(wanted.lines())
        .take_while(|(one, other)| one == other);
    vec![Finding::at(list::LIST, same.count() + 1, list::STALE)]
}

/// What stands in two files and must be the same in both.
struct Agreement {
    /// File, what stands before the value, what stands after it.
    here: (&'static str, &'static str, &'static str),
    there: (&'static str, &'static str, &'static str),
    why: &'static str,
}

const RECIPE: &str = "recipes-vitalpost/vitalpost/vitalpost_";
const BOX: &str = "recipes-vitalpost/vitalpost-box";
const AGREEMENTS: [Agreement; 6] = [
    Agreement {
        here: ("conf/distro/vitalpost-os.conf", "\nDISTRO_VERSION = \"", "\""),
        there: ("/Cargo.toml", "\nversion = \"", "\""),
        why: "an image is called by the version of its programs",
    },
    Agreement {
        here: (
            "conf/distro/vitalpost-os.conf",
            "\nWATCHDOG_RUNTIME_SEC = \"",
            "\"",
        ),
        there: (
            "/systemd/system.conf.d/50-vitalpost-watchdog.conf",
            "\nRuntimeWatchdogSec=",
            "\n",
        ),
        why: "the board's watchdog has one time",
    },
    Agreement {
        here: ("/appliance/deb/vitalpost.toml", "\nlisten = \"0.0.0.0:", "\""),
        there: (BOX, "tcp dport ", " accept comment \"the page\""),
        why: "the firewall lets in what the first configuration listens on",
    },
    Agreement {
        here: (BOX, "tcp dport ", " accept comment \"the broker"),
        there: ("/systemd/vitalpost-broker.service", "--listen [::]:", " "),
        why: "the firewall lets in what the broker's unit listens on",
    },
    Agreement {
        here: ("recipes-vitalpost/bundles/files/store-schema", "", "\n"),
        there: ("/appliance/src/store/rows.rs", "pub const SCHEMA: u32 = ", ";"),
        why: "a bundle says which layout of the store its programs write",
    },
    Agreement {
        here: (BOX, "meta skuid { ", ","),
        there: (RECIPE, "--system --uid ", " --gid vitalpost "),
        why: "the firewall lets the post's user out, by its number",
    },
];

/// Finds values that differ between the layer and what they are about, and recipes of another version.
pub fn agreements(sources: &[Source]) -> Vec<Finding> {
    let mut found: Vec<Finding> = AGREEMENTS
        .iter()
        .filter_map(|Agreement { here, there, why }| {
            let (at, one) = value(sources, here);
            let (beside, other) = value(sources, there);
            let what = || format!("{one:?} here and {other:?} in {beside}, but {why}");
            (one.is_none() || one != other).then(|| Finding::at(at, 1, what()))
        })
        .collect();
    let version = value(sources, &AGREEMENTS[0].there).1.unwrap_or_default();
    let recipes = sources.iter().filter(|source| {
        let of_ours = source.path.starts_with(&format!("{LAYER}/recipes-vitalpost/"));
        of_ours && source.is("bb")
    });
    for recipe in recipes {
        let named = recipe
            .path
            .rsplit_once('_')
            .and_then(|(_, tail)| tail.strip_suffix(".bb"));
        if named.is_some_and(|named| named != version) {
            let what = format!("the programs are {version}: rename the recipe");
            found.push(Finding::at(&recipe.path, 1, what));
        }
    }
    found
}

/// The first value between the two texts, on one line, in a file whose path begins so; a path with `/` before it begins at the root.
fn value<'a>(
    sources: &'a [Source],
    (path, before, after): &(&'static str, &'static str, &'static str),
) -> (&'a str, Option<&'a str>) {
    let whole = match path.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None => format!("{LAYER}/{path}"),
    };
    let mut files = sources.iter().filter(|source| source.path.starts_with(&whole));
    let found = files.find_map(|source| {
        let mut places = source.text.match_indices(before);
        places.find_map(|(at, _)| {
            let value = source.text[at + before.len()..].split_once(after)?.0;
            (!value.contains('\n')).then_some((source.path.as_str(), value))
        })
    });
    match found {
        Some((path, value)) => (path, Some(value)),
        None => (path, None),
    }
}

fn text<'a>(sources: &'a [Source], path: &str) -> &'a str {
    sources
        .iter()
        .find(|source| source.path == path)
        .map_or("", |source| &source.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    const LOCK: &str = "[[package]]\nname = \"memchr\"\nversion = \"2.7.6\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"f52b00d39961fc5b2736ea853c9cc86238e165017a493d1d5c8eac6bdc4cc273\"\n";

    #[test]
    fn a_list_that_is_not_that_of_the_lock_is_found_at_its_first_other_line() {
        let fresh = list::list(LOCK).unwrap();
        let check = |present: &str| {
            let files = [source(list::LOCK, LOCK), source(list::LIST, present)];
            crates(&files).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(check(&fresh), [""; 0]);
        let stale = check(&fresh.replace("2.7.6", "2.7.5"));
        assert_eq!(stale, [format!("{}:4: {}", list::LIST, list::STALE)]);
        assert_eq!(check("").len(), 1);
    }

    #[test]
    fn a_lock_that_an_image_cannot_be_built_from_is_found() {
        let git = LOCK.replace(
            "registry+https://github.com/rust-lang/crates.io-index",
            "git+https://example.org/x#1",
        );
        let found = crates(&[source(list::LOCK, &git)]);
        assert!(
            found[0]
                .to_string()
                .starts_with("Cargo.lock:1: memchr 2.7.6 comes from a git repository")
        );
    }

    #[test]
    fn values_that_differ_and_values_that_are_gone_are_found() {
        let all = crate::tidy::source::load(&crate::workspace::root()).unwrap();
        let check = |path: &str, from: &str, to: &str| {
            let changed = all.iter().map(|one| {
                let changed = one.path == path;
                assert!(!changed || one.text.contains(from), "{path} has no {from}");
                source(
                    &one.path,
                    &if changed {
                        one.text.replace(from, to)
                    } else {
                        one.text.clone()
                    },
                )
            });
            agreements(&changed.collect::<Vec<_>>()).len()
        };
        assert_eq!(check("", "", ""), 0);
        let firewall = "yocto/meta-vitalpost/recipes-vitalpost/vitalpost-box/files/firewall.nft";
        assert_eq!(check(firewall, "tcp dport 8443", "tcp dport 443"), 1);
        assert_eq!(check(firewall, "tcp dport 8883", "tcp dport 1883"), 1);
        assert_eq!(check(firewall, "950,", "952,"), 1);
        assert_eq!(
            check("systemd/system.conf.d/50-vitalpost-watchdog.conf", "=10s", "=20s"),
            1
        );
        // The distribution's version, and the names of programs, box and bundle.
        assert_eq!(
            check("Cargo.toml", "\nversion = \"0.1.0\"", "\nversion = \"0.1.1\""),
            4
        );
    }
}
