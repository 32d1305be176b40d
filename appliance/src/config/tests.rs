//! Each folder under `testcases/config` is one configuration and what must be said about it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn root(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

/// What `vitalpost check` says about the file in this folder.
fn said(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("vitalpost.toml")).unwrap();
    let file = Path::new("vitalpost.toml");
    let mut said = match parse(file, folder, &text) {
        Ok(config) => report::summary(file, &config),
        Err(errors) => errors.to_string(),
    };
    said.push('\n');
    said
}

#[test]
fn each_broken_configuration_gets_the_error_that_its_folder_expects() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut folders: Vec<PathBuf> = fs::read_dir(root("testcases/config"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let mut differences = String::new();
    for folder in &folders {
        let said = said(folder);
        let expected = folder.join("expected.txt");
        if update {
            fs::write(&expected, said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            let name = folder.file_name().unwrap().display();
            let _ = writeln!(differences, "--- {name}\n{said}");
        }
    }
    assert!(folders.len() > 10, "only {} cases were found", folders.len());
    assert!(
        differences.is_empty(),
        "said something else than expected.txt (UPDATE_EXPECT=1 rewrites it):\n{differences}"
    );
}

#[test]
fn only_the_good_case_is_accepted() {
    for entry in fs::read_dir(root("testcases/config")).unwrap() {
        let folder = entry.unwrap().path();
        let good = load(&folder.join("vitalpost.toml")).is_ok();
        assert_eq!(good, folder.ends_with("good"), "{}", folder.display());
    }
}

#[test]
fn a_page_on_the_network_needs_no_certificate_and_check_says_what_it_gets() {
    let text = "post = \"demo\"\nname = \"Demo\"\n[store]\npath = \"store.redb\"\n[web]\nlisten = \"0.0.0.0:8443\"\n";
    let given = format!("{text}certificate = \"site.pem\"\nkey = \"site.key\"\n");
    for (text, expected) in [
        (
            text,
            "0.0.0.0:8443, HTTPS with a certificate that the post makes itself",
        ),
        (&given, "0.0.0.0:8443, HTTPS with /site.pem"),
    ] {
        let config = parse(Path::new("x.toml"), Path::new("/"), text).unwrap();
        let summary = report::summary(Path::new("x.toml"), &config);
        assert!(summary.contains(&format!("page on {expected}\n")), "{summary}");
    }
}

#[test]
fn the_shipped_sample_can_be_used_as_it_is() {
    let config = load(&root("vitalpost.sample.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(!config.beds.is_empty() && config.lines.len() > 2 && config.centre.is_some());
}

#[test]
fn a_new_post_starts_with_a_page_that_the_site_reaches() {
    let config = load(&root("deb/vitalpost.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(config.web.listen.ip().is_unspecified() && !config.beds.is_empty());
}

#[test]
fn the_shipped_sample_names_every_key() {
    let sample = fs::read_to_string(root("vitalpost.sample.toml")).unwrap();
    let types = ["src/config.rs", "src/config/line.rs", "src/config/sound.rs"];
    let types = types.map(|file| fs::read_to_string(root(file)).unwrap());
    let types = types.concat();
    let keys = types
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    for (key, kind) in keys.filter(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
        // Those that are tables, or that the file does not hold.
        if matches!(
            key,
            "beds"
                | "lines"
                | "units"
                | "sources"
                | "registers"
                | "store"
                | "web"
                | "centre"
                | "sound"
                | "destinations"
                | "digest"
        ) {
            continue;
        }
        assert!(
            sample.contains(&format!("{key} = ")),
            "no `{key}` ({kind}) in vitalpost.sample.toml"
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load(Path::new("/nonexistent/vitalpost.toml")).unwrap_err();
    assert!(matches!(error, ConfigErrors::Unreadable { .. }));
    assert!(
        error.to_string().contains("/nonexistent/vitalpost.toml"),
        "{error}"
    );
}

#[test]
fn paths_are_relative_to_the_folder_of_the_file() {
    let config = load(&root("testcases/config/good/vitalpost.toml")).unwrap();
    assert_eq!(config.store.path, root("testcases/config/good/vitalpost.redb"));
}

#[test]
fn an_error_in_a_line_with_letters_of_several_bytes_points_at_the_right_column() {
    let text = "post = \"demo\"\nname = \"Ürümqi\" x\n";
    let error = parse(Path::new("f.toml"), Path::new(""), text).unwrap_err();
    let ConfigErrors::Wrong { problems, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((problems[0].line, problems[0].column), (2, 17), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_text_whatever_makes_it_panic(text in "(\\PC|\n|\\[\\[line\\]\\]|unit = |\"){0,80}") {
        let _ = parse(Path::new("f.toml"), Path::new(""), &text).map_err(|errors| errors.to_string());
    }
}
