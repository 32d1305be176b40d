//! Embeds the built pages (`dist/post`, `dist/centre`) or, where they were not built, nothing: the library then serves
//! its placeholder. `VITALPOST_REQUIRE_UI=1` makes absence an error, `VITALPOST_UI_DIST` points at a ready dist folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

fn main() {
    println!("cargo::rerun-if-env-changed=VITALPOST_REQUIRE_UI");
    println!("cargo::rerun-if-env-changed=VITALPOST_UI_DIST");
    println!("cargo::rerun-if-changed=build.rs");
    let dist = dist_folder();
    println!("cargo::rerun-if-changed={}", dist.display());

    let mut generated = String::new();
    for (name, folder) in [("POST", "post"), ("CENTRE", "centre")] {
        let root = dist.join(folder);
        let mut files = Vec::new();
        if root.join("index.html").is_file() {
            collect(&root, &mut files)
                .unwrap_or_else(|error| panic!("cannot read the built page in {}: {error}", root.display()));
            files.sort();
        } else if env::var_os("VITALPOST_REQUIRE_UI").is_some_and(|v| v == "1") {
            panic!(
                "VITALPOST_REQUIRE_UI=1, but {} is not there: run `cargo xtask ui` first, or point VITALPOST_UI_DIST at a built dist folder",
                root.join("index.html").display()
            );
        }
        writeln!(generated, "static {name}: &[(&str, &[u8])] = &[").expect("a String takes any text");
        for file in &files {
            let path = web_path(&root, file);
            let file = file.display().to_string();
            writeln!(generated, "    ({path:?}, include_bytes!({file:?})),")
                .expect("a String takes any text");
        }
        generated.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("pages.rs");
    fs::write(&out, generated).unwrap_or_else(|error| panic!("cannot write {}: {error}", out.display()));
}

/// The dist folder to embed. Cargo takes a watched path that does not exist as always changed and would rebuild
/// everything above this crate each time, so the usual place is created empty, and dated back so that creating it is
/// not itself a change. Where that is refused (a read-only checkout) the cost is only those rebuilds.
fn dist_folder() -> PathBuf {
    if let Some(ready) = env::var_os("VITALPOST_UI_DIST") {
        return PathBuf::from(ready);
    }
    let manifest = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let dist = PathBuf::from(manifest).join("dist");
    if !dist.exists() {
        let made =
            fs::create_dir(&dist).and_then(|()| fs::File::open(&dist)?.set_modified(SystemTime::UNIX_EPOCH));
        if let Err(error) = made {
            println!("cargo::warning=cannot create {}: {error}", dist.display());
        }
    }
    dist
}

/// All files below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(fs::canonicalize(entry.path())?);
        }
    }
    Ok(())
}

/// `assets/post-1a2b.js` for a file below the page's root.
fn web_path(root: &Path, file: &Path) -> String {
    let root =
        fs::canonicalize(root).unwrap_or_else(|error| panic!("cannot read {}: {error}", root.display()));
    let inside = file.strip_prefix(&root).expect("collected below this root");
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
