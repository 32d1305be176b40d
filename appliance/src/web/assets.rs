//! The page's own files, from the binary or from a folder.

use std::path::PathBuf;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use web_ui::{Asset, Page};

use super::router::{Served, answer_error};

/// Where the page's files come from.
#[derive(Debug)]
pub(super) struct Pages {
    ui_dir: Option<PathBuf>,
}

impl Pages {
    pub fn new(ui_dir: Option<PathBuf>) -> Pages {
        Pages { ui_dir }
    }

    fn find(&self, path: &str) -> Option<Asset> {
        match &self.ui_dir {
            Some(dir) => web_ui::asset_from_dir(dir, Page::Post, path),
            None => web_ui::asset(Page::Post, path),
        }
    }

    /// Names the build of the page: a page whose own differs reloads at a calm moment.
    pub fn build_id(&self) -> String {
        match &self.ui_dir {
            Some(dir) => web_ui::build_id_from_dir(dir, Page::Post),
            None => web_ui::build_id(Page::Post).to_owned(),
        }
    }
}

pub(super) async fn page(State(served): State<Served>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asset) = served.pages.find(uri.path()) else {
        return answer_error(StatusCode::NOT_FOUND, "no such page; the ward is at /").into_response();
    };
    let caching = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [
        (header::ETAG, asset.etag.clone()),
        (header::CACHE_CONTROL, caching.to_owned()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == asset.etag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (
        common,
        [(header::CONTENT_TYPE, asset.mime)],
        Body::from(asset.bytes.into_owned()),
    )
        .into_response()
}
