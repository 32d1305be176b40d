//! The built pages, inside the binary: the nurse's page of a post and the doctor's page of the centre.
//!
//! What holds here:
//! - a page is served whole from one build, never mixed: everything embedded comes from one dist folder;
//! - a binary built without its pages says so on the screen instead of showing nothing;
//! - no request path reaches outside the page's own folder ([`asset_from_dir`]).

use std::borrow::Cow;
use std::fs;
use std::path::{Component, Path};

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Shown where the pages were not built in.
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// [`build_id`] of the placeholder, and of pages that carry no id.
pub const NO_BUILD_ID: &str = "none";

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// The nurse's page, served by the appliance.
    Post,
    /// The doctor's page, served by the centre.
    Centre,
}

impl Page {
    /// The page's folder below the dist folder.
    pub fn folder(self) -> &'static str {
        match self {
            Page::Post => "post",
            Page::Centre => "centre",
        }
    }

    fn embedded(self) -> &'static [(&'static str, &'static [u8])] {
        match self {
            Page::Post => POST,
            Page::Centre => CENTRE,
        }
    }
}

/// One file of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The file's content.
    pub bytes: Cow<'static, [u8]>,
    /// The value for `Content-Type`.
    pub mime: &'static str,
    /// The value for `ETag`, with its quotes. The same content has the same one.
    pub etag: String,
    /// True for files whose name changes with their content (`/assets/...`): they may be cached for ever. All others
    /// must be asked for again each time, or a browser keeps an old page over an update.
    pub immutable: bool,
}

impl Asset {
    fn new(path: &str, bytes: Cow<'static, [u8]>) -> Self {
        let etag = format!("\"{:016x}\"", fingerprint(&bytes));
        let immutable = path.starts_with("assets/");
        Asset {
            bytes,
            mime: mime(path),
            etag,
            immutable,
        }
    }
}

/// The embedded file at a request path; `/` is the page itself. `None`: no such file.
pub fn asset(page: Page, path: &str) -> Option<Asset> {
    let path = file_path(path);
    let files = page.embedded();
    if files.is_empty() && path == "index.html" {
        return Some(Asset::new(path, Cow::Borrowed(PLACEHOLDER.as_bytes())));
    }
    let (_, bytes) = files.iter().find(|(name, _)| *name == path)?;
    Some(Asset::new(path, Cow::Borrowed(bytes)))
}

/// [`asset`] of the nurse's page.
pub fn post(path: &str) -> Option<Asset> {
    asset(Page::Post, path)
}

/// [`asset`] of the doctor's page.
pub fn centre(path: &str) -> Option<Asset> {
    asset(Page::Centre, path)
}

/// The same from a dist folder on disk (`--ui-dir`), read anew at each request. `None` for whatever is not a plain
/// file below the page's folder, links out of it included.
pub fn asset_from_dir(dir: &Path, page: Page, path: &str) -> Option<Asset> {
    let path = file_path(path);
    let plain = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.contains('\\') || path.contains('\0') {
        return None;
    }
    let root = fs::canonicalize(dir.join(page.folder())).ok()?;
    let file = fs::canonicalize(root.join(path)).ok()?;
    if !file.starts_with(&root) || !file.is_file() {
        return None;
    }
    Some(Asset::new(path, Cow::Owned(fs::read(file).ok()?)))
}

/// The id that the embedded page carries. The live interface sends it, and a page that carries another one reloads
/// itself at a calm moment.
pub fn build_id(page: Page) -> &'static str {
    let index = page.embedded().iter().find(|(name, _)| *name == "index.html");
    index.map_or(NO_BUILD_ID, |(_, bytes)| id_in(bytes))
}

/// [`build_id`] of the page in a dist folder on disk.
pub fn build_id_from_dir(dir: &Path, page: Page) -> String {
    let index = fs::read(dir.join(page.folder()).join("index.html")).unwrap_or_default();
    id_in(&index).to_owned()
}

/// `vite.config.ts` writes `<meta name="vitalpost-build" content="...">`.
fn id_in(html: &[u8]) -> &str {
    let html = std::str::from_utf8(html).unwrap_or_default();
    html.split_once("name=\"vitalpost-build\" content=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or(NO_BUILD_ID, |(id, _)| id)
}

fn file_path(request_path: &str) -> &str {
    match request_path.trim_start_matches('/') {
        "" => "index.html",
        path => path,
    }
}

fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a, 64 bits: tells two builds of a file apart; it protects against nothing.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [Page; 2] = [Page::Post, Page::Centre];

    /// A dist folder with both pages and a secret beside and above them.
    fn dist() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for page in ["post", "centre"] {
            fs::create_dir_all(dir.path().join(page).join("assets")).unwrap();
            let html = format!("<meta name=\"vitalpost-build\" content=\"id-of-{page}\">{page}");
            fs::write(dir.path().join(page).join("index.html"), html).unwrap();
            fs::write(dir.path().join(page).join("assets/a-1.js"), page).unwrap();
        }
        fs::write(dir.path().join("secret.txt"), "secret").unwrap();
        dir
    }

    #[test]
    fn every_page_answers_at_its_root_whether_built_or_not() {
        for page in PAGES {
            let index = asset(page, "/").unwrap();
            assert_eq!(index.mime, "text/html; charset=utf-8");
            assert_eq!(asset(page, "/index.html"), Some(index.clone()));
            assert!(!index.immutable);
            assert_eq!(asset(page, "/no-such-file.js"), None);
            let built = !page.embedded().is_empty();
            assert_eq!(
                built,
                build_id(page) != NO_BUILD_ID,
                "{page:?}: a built page carries its id"
            );
        }
        assert_eq!(post("/"), asset(Page::Post, "/"));
        assert_eq!(centre("/"), asset(Page::Centre, "/"));
    }

    #[test]
    fn the_placeholder_says_what_to_run_and_needs_nothing_that_the_csp_forbids() {
        assert!(PLACEHOLDER.contains("cargo xtask ui"));
        assert!(
            !PLACEHOLDER.contains("<script")
                && !PLACEHOLDER.contains("<style")
                && !PLACEHOLDER.contains("style=")
        );
    }

    #[test]
    fn what_a_page_refers_to_is_embedded_with_it() {
        for page in PAGES {
            let index = asset(page, "/").unwrap();
            let html = std::str::from_utf8(&index.bytes).unwrap();
            for reference in html.split("=\"/").skip(1).filter_map(|rest| rest.split_once('"')) {
                assert!(
                    asset(page, reference.0).is_some(),
                    "{page:?} refers to /{}",
                    reference.0
                );
            }
        }
    }

    #[test]
    fn a_folder_serves_its_own_files_with_type_etag_and_build_id() {
        let dir = dist();
        let index = asset_from_dir(dir.path(), Page::Centre, "/").unwrap();
        assert!(index.bytes.ends_with(b"centre"));
        let script = asset_from_dir(dir.path(), Page::Post, "/assets/a-1.js").unwrap();
        assert_eq!(
            (script.mime, script.immutable),
            ("text/javascript; charset=utf-8", true)
        );
        assert!(script.etag.starts_with('"') && script.etag.ends_with('"'));
        let other = asset_from_dir(dir.path(), Page::Centre, "/assets/a-1.js").unwrap();
        assert_ne!(script.etag, other.etag, "other content, other etag");
        assert_eq!(build_id_from_dir(dir.path(), Page::Post), "id-of-post");
        assert_eq!(
            build_id_from_dir(Path::new("/nonexistent"), Page::Post),
            NO_BUILD_ID
        );
    }

    #[test]
    fn no_path_leaves_the_pages_folder() {
        let dir = dist();
        let full = dir.path().join("secret.txt");
        let full = full.to_str().unwrap();
        for path in [
            "../secret.txt",
            "/../secret.txt",
            "//../secret.txt",
            "assets/../../secret.txt",
            "../centre/index.html",
            "./index.html/..",
            "..",
            ".",
            "assets",
            "assets/",
            "..\\secret.txt",
            "index.html\0",
            full,
            &format!("/{full}"),
        ] {
            assert_eq!(asset_from_dir(dir.path(), Page::Post, path), None, "{path:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let dir = dist();
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), dir.path().join("post/link.txt")).unwrap();
        assert_eq!(asset_from_dir(dir.path(), Page::Post, "/link.txt"), None);
    }
}
