//! What each route asks of whoever calls it. A route is written together with its requirement; without one it does not
//! compile, since [`Route`] is the only way into the router.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use serde_json::json;
use vitals::Masked;
use vitals::audit::{Outcome, Telling};

use super::Shared;
use crate::access::policy::Action;
use crate::access::{Signed, Token};

/// The cookie that holds a session's token. Not the post's: in a browser that has both open as `localhost`, one would sign
/// the other out.
pub(super) const COOKIE: &str = "vitalpost_centre_session";

/// What a caller must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Anybody: how one signs in and out.
    Open,
    /// Signed in, and allowed to do this.
    May(Action),
}

/// How a route is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Delete,
}

/// One route with its requirement.
pub(super) struct Route {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    handler: MethodRouter<Arc<Shared>>,
}

impl Route {
    pub(super) fn new<H, T>(verb: Verb, path: &'static str, needs: Needs, handler: H) -> Route
    where
        H: Handler<T, Arc<Shared>>,
        T: 'static,
    {
        let handler = match verb {
            Verb::Get => routing::get(handler),
            Verb::Post => routing::post(handler),
            Verb::Delete => routing::delete(handler),
        };
        Route {
            verb,
            path,
            needs,
            handler,
        }
    }
}

/// The routes, each behind its requirement.
pub(super) fn routes(table: Vec<Route>, shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    table.into_iter().fold(Router::new(), |router, route| {
        let guarded = match route.needs {
            Needs::Open => route.handler,
            Needs::May(action) => route.handler.route_layer(middleware::from_fn_with_state(
                (shared.clone(), action, route.verb),
                only,
            )),
        };
        router.route(route.path, guarded)
    })
}

/// Who calls: a person who may.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) signed: Signed,
    pub(super) token: Token,
    pub(super) from: IpAddr,
}

impl Caller {
    /// What the audit is told of something this person did.
    pub(super) fn did(&self, action: &str, subject: String) -> Telling {
        Telling {
            who: self.signed.actor(),
            from: self.from.to_string(),
            action: action.to_owned(),
            outcome: Outcome::Done,
            subject,
            before: None,
            after: None,
        }
    }

    /// What the audit is told of something that was not done, and why.
    pub(super) fn refused(&self, action: &str, subject: String, why: String) -> Telling {
        Telling {
            outcome: Outcome::Refused,
            after: Some(Masked::new(why)),
            ..self.did(action, subject)
        }
    }
}

async fn only(
    State((shared, action, verb)): State<(Arc<Shared>, Action, Verb)>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    // Looking on is a pause, doing something is not.
    let acts = verb != Verb::Get;
    let token = token_of(request.headers());
    let signed = token.and_then(|token| Some((shared.site.desk.signed(&token, acts)?, token)));
    let Some((signed, token)) = signed else {
        return refuse(StatusCode::UNAUTHORIZED, "sign in first");
    };
    let caller = Caller {
        signed,
        token,
        from: from.ip(),
    };
    if !caller.signed.may(action) {
        let subject = format!("path:{}", request.uri().path());
        let told = caller.refused(action.key(), subject, "not allowed".to_owned());
        // Refused all the same when the audit is busy.
        shared.site.book.note(told).ok();
        return refuse(StatusCode::FORBIDDEN, "your account may not do this");
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// The token in the session's cookie.
pub(super) fn token_of(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .find_map(|(_, value)| Token::from_cookie(value))
}

pub(super) fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
