//! The page's files: built in, or from a folder while a page is being developed.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use web_ui::{Asset, Page};

use super::Shared;

/// Where the files come from.
pub struct Pages {
    dir: Option<PathBuf>,
    build: String,
}

impl Pages {
    /// The files built into the program, or those of a dist folder.
    pub fn new(dir: Option<PathBuf>) -> Pages {
        let build = match &dir {
            Some(dir) => web_ui::build_id_from_dir(dir, Page::Centre),
            None => web_ui::build_id(Page::Centre).to_owned(),
        };
        Pages { dir, build }
    }

    /// The id of the page's build: an open page with another one loads itself anew.
    pub fn build(&self) -> &str {
        &self.build
    }

    fn asset(&self, path: &str) -> Option<Asset> {
        match &self.dir {
            Some(dir) => web_ui::asset_from_dir(dir, Page::Centre, path),
            None => web_ui::asset(Page::Centre, path),
        }
    }
}

/// Any path that is not of the API.
pub(super) async fn page(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(asset) = shared.site.pages.asset(uri.path()) else {
        return (StatusCode::NOT_FOUND, "There is no such page here.\n").into_response();
    };
    let cache = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == asset.etag.as_bytes());
    let head = [
        (header::CONTENT_TYPE, asset.mime.to_owned()),
        (header::ETAG, asset.etag),
        (header::CACHE_CONTROL, cache.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, asset.bytes.into_owned()).into_response()
}

/// Any path of the API that is not there.
pub(super) async fn no_such_api(uri: Uri) -> Response {
    let error = json!({"error": format!("there is no {} in this interface", uri.path())});
    (StatusCode::NOT_FOUND, Json(error)).into_response()
}
