//! What stands around every answer: the browser is told to trust nothing but this page, and other pages' requests are
//! refused.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;

/// Everything from this origin, nothing inline, no frames around or inside.
const CONTENT_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Adds the headers that every answer carries; answers with patients' data are never kept by a browser.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Tells browsers never to ask for this page without encryption again.
pub(super) async fn https_only(mut response: Response) -> Response {
    let year = HeaderValue::from_static("max-age=31536000");
    response
        .headers_mut()
        .insert(header::STRICT_TRANSPORT_SECURITY, year);
    response
}

/// On a loopback address only this machine's own names are answered to: a foreign name that was made to lead here (DNS
/// rebinding) would make a stranger's page look like the centre's own to the browser.
pub(super) async fn local_name(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if shared.loopback && !names_this_machine(request.headers(), request.uri()) {
        let error = Json(json!({"error": "this name is not the centre's; open its page as localhost"}));
        return (StatusCode::MISDIRECTED_REQUEST, error).into_response();
    }
    next.run(request).await
}

/// At least one host is named, in the header or (HTTP/2) in the URI, and none that is not `localhost` or a loopback
/// address; the port is free.
fn names_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    let is_local = |authority: &Authority| {
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    };
    let named = headers.get_all(header::HOST).iter();
    let named = named.map(|host| Authority::try_from(host.as_bytes()).ok());
    let mut hosts = named.chain(uri.authority().cloned().map(Some)).peekable();
    hosts.peek().is_some() && hosts.all(|host| host.as_ref().is_some_and(is_local))
}

/// A page of another origin may neither act here nor open the live picture. Browsers name the origin in exactly these
/// requests; programs that name none are not led by a page.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
    let checked = acts || headers.contains_key(header::UPGRADE) || headers.contains_key("sec-websocket-key");
    if checked && !origin_is_ours(headers, request.uri()) {
        let error =
            Json(json!({"error": "this page belongs to another address; open the centre's own page"}));
        return (StatusCode::FORBIDDEN, error).into_response();
    }
    next.run(request).await
}

/// No `Origin`, or one whose host and port are those the request was sent to (HTTP/2 names them in the URI).
fn origin_is_ours(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .map(HeaderValue::as_bytes)
        .or_else(|| uri.authority().map(|authority| authority.as_str().as_bytes()));
    let named = origin.to_str().ok().and_then(|origin| {
        origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"))
    });
    host.is_some() && named.map(str::as_bytes) == host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(origin: Option<&'static str>, host: Option<&'static str>, uri: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        if let Some(host) = host {
            headers.insert(header::HOST, HeaderValue::from_static(host));
        }
        origin_is_ours(&headers, &Uri::from_static(uri))
    }

    #[test]
    fn a_host_is_this_machine_only_as_localhost_or_a_loopback_address_on_any_port() {
        let local = |hosts: &[&'static str], uri| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            names_this_machine(&headers, &Uri::from_static(uri))
        };
        for host in [
            "localhost",
            "LocalHost:8090",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8090",
        ] {
            assert!(local(&[host], "/"), "{host}");
        }
        assert!(local(&[], "https://localhost:8090/"));
        for host in [
            "evil.example:8090",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "192.168.0.7",
            "",
        ] {
            assert!(!local(&[host], "/"), "{host}");
        }
        assert!(!local(&[], "/"));
        assert!(!local(&["localhost", "evil.example"], "/"));
        assert!(!local(&["localhost"], "https://evil.example/"));
    }

    #[test]
    fn only_our_own_origin_or_none_may_act() {
        assert!(ours(None, Some("centre:8090"), "/"));
        assert!(ours(Some("https://centre:8090"), Some("centre:8090"), "/"));
        assert!(ours(Some("https://centre"), None, "https://centre/api/v1/live"));
        for origin in [
            "https://evil",
            "null",
            "https://centre:8090.evil",
            "https://centre",
            "ftp://centre:8090",
        ] {
            assert!(!ours(Some(origin), Some("centre:8090"), "/"), "{origin}");
        }
        assert!(!ours(Some("https://centre"), None, "/"));
    }
}
