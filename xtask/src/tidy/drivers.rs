//! Each folder in `drivers/src` is one device family, complete: a technician who owns the cable finds everything there.

use std::collections::BTreeMap;

use super::Finding;

const ROOT: &str = "drivers/src/";
const FILES: [&str; 3] = ["mod.rs", "README.md", "sample.toml"];
const CASES_MIN: usize = 3;

/// Finds families that lack a file or test cases.
pub fn folders(paths: &[&str]) -> Vec<Finding> {
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in paths {
        if let Some((family, file)) = path.strip_prefix(ROOT).and_then(|rest| rest.split_once('/')) {
            families.entry(family).or_default().push(file);
        }
    }
    let mut found = Vec::new();
    for (family, files) in families {
        let mod_rs = format!("{ROOT}{family}/mod.rs");
        for name in FILES.iter().filter(|name| !files.contains(*name)) {
            let what = format!("the family {family} has no {name}; copy the shape of a neighbour");
            found.push(Finding::at(&mod_rs, 1, what));
        }
        let cases = cases(&files);
        if cases < CASES_MIN {
            let what =
                format!("{cases} test cases, at least {CASES_MIN}: normal, cut in the middle, probe off");
            found.push(Finding::at(&mod_rs, 1, what));
        }
    }
    found
}

/// Folders in `testcases`, each named after what happened.
fn cases(files: &[&str]) -> usize {
    let mut names: Vec<&str> = files
        .iter()
        .filter_map(|file| file.strip_prefix("testcases/")?.split_once('/'))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [&str; 8] = [
        "drivers/src/catalog.rs",
        "drivers/src/nonin/mod.rs",
        "drivers/src/nonin/README.md",
        "drivers/src/nonin/sample.toml",
        "drivers/src/nonin/testcases/normal/capture.hex",
        "drivers/src/nonin/testcases/normal/expected.txt",
        "drivers/src/nonin/testcases/torn/capture.hex",
        "drivers/src/nonin/testcases/probe_off/capture.hex",
    ];

    #[test]
    fn a_whole_family_is_fine_and_each_missing_part_is_found() {
        assert_eq!(folders(&WHOLE), []);
        for part in [1, 2, 3, 6, 7] {
            let rest: Vec<&str> = WHOLE
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != part)
                .map(|(_, p)| *p)
                .collect();
            assert_eq!(folders(&rest).len(), 1, "without {}", WHOLE[part]);
        }
    }

    #[test]
    fn two_files_of_one_case_are_one_case() {
        let files = ["testcases/a/capture.hex", "testcases/a/expected.txt"];
        assert_eq!(cases(&files), 1);
    }
}
