//! Table of contents of the API: each route with what it asks of whoever calls it. There is no other way to add one. What a
//! route takes and gives stands in the signature of its handler, and from there in the API's document.

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use openapi::{Describe, Described};
use vitals::BedId;

use super::caller::{Acting, Caller};
use super::router::{Refused, Served, answer_error};
use super::{
    absence, alarm_log, alarms, audit, devices, document, emergencies, fitting, handover, laboratory, lines,
    merge, messages, moves, nursing, patients, people, scores, screens, self_test, session, signals, socket,
    trend,
};
use crate::access::policy::Access::{self, Open, Person, Screen};
use crate::access::policy::Action;
use crate::access::{By, Desk};

/// One route.
pub(super) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub needs: Access,
    /// What it takes and gives.
    pub describe: Describe,
    serve: MethodRouter<Served>,
}

/// All of them.
pub(super) fn table() -> Vec<Route> {
    let mut all = of_the_ward();
    all.extend(of_the_post());
    all
}

/// Who comes in, what they see of the beds, and what they do there.
#[rustfmt::skip]
fn of_the_ward() -> Vec<Route> {
    use Action::*;
    vec![
        get("/api/v1/openapi.json", Open, document::document),
        get("/api/v1/session", Open, session::session),
        post("/api/v1/session", Open, session::sign_in),
        delete("/api/v1/session", Open, session::sign_out),
        post("/api/v1/claim", Open, session::claim),
        post("/api/v1/begin/check", Open, session::begin_check),
        post("/api/v1/begin", Open, session::begin),
        get("/api/v1/ward", Screen, socket::ward),
        get("/api/v1/live", Screen, socket::live),
        post("/api/v1/alarms/{id}/acknowledge", Person(Acknowledge), alarms::acknowledge),
        post("/api/v1/messages/{id}/read", Person(ReadMessage), messages::read),
        get("/api/v1/beds/{bed}/patient", Person(SeeChart), patients::patient),
        post("/api/v1/beds/{bed}/identify", Person(Admit), patients::identify),
        post("/api/v1/beds/{bed}/specimen", Person(Admit), patients::specimen),
        post("/api/v1/beds/{bed}/discharge", Person(Admit), moves::discharge),
        post("/api/v1/beds/{bed}/transfer", Person(Admit), moves::transfer),
        post("/api/v1/beds/{bed}/same-patient", Person(Admit), absence::answer),
        get("/api/v1/beds/{bed}/earlier", Person(SeeChart), moves::earlier),
        post("/api/v1/beds/{bed}/merge", Person(Merge), merge::merge),
        post("/api/v1/beds/{bed}/observe", Person(Observe), scores::observe),
        post("/api/v1/beds/{bed}/withdraw", Person(Observe), scores::withdraw),
        post("/api/v1/beds/{bed}/care", Person(Observe), scores::care),
        post("/api/v1/beds/{bed}/spo2-scale", Person(SetSpo2Scale), scores::scale),
        post("/api/v1/beds/{bed}/note", Person(WriteNote), nursing::write),
        post("/api/v1/beds/{bed}/note/withdraw", Person(WriteNote), nursing::withdraw),
        get("/api/v1/handover", Person(HandOver), handover::draw),
        get("/api/v1/handovers", Person(SeeChart), handover::list),
        post("/api/v1/handovers", Person(HandOver), handover::offer),
        get("/api/v1/handovers/{id}", Person(SeeChart), handover::read),
        post("/api/v1/handovers/{id}/accept", Person(HandOver), handover::accept),
        get("/api/v1/laboratory", Person(SeeChart), laboratory::laboratory),
        post("/api/v1/laboratory/assign", Person(AssignResult), laboratory::assign),
        post("/api/v1/laboratory/set-aside", Person(AssignResult), laboratory::set_aside),
        post("/api/v1/beds/{bed}/pause", Person(PauseSound), signals::pause_bed),
        post("/api/v1/pause", Person(PauseSound), signals::pause_post),
        post("/api/v1/beds/{bed}/rest", Person(RestSignals), signals::rest_bed),
        post("/api/v1/rest", Person(RestSignals), signals::rest_post),
        post("/api/v1/beds/{bed}/resume", Person(PauseSound), signals::resume_bed),
        post("/api/v1/resume", Person(PauseSound), signals::resume_post),
        get("/api/v1/beds/{bed}/limits", Person(SeeChart), signals::limits),
        post("/api/v1/beds/{bed}/limits", Person(SetLimits), signals::set_limits),
        get("/api/v1/trend", Person(SeeChart), trend::trend),
    ]
}

/// The equipment, the people, and what is written down of both.
#[rustfmt::skip]
fn of_the_post() -> Vec<Route> {
    use Action::*;
    vec![
        get("/api/v1/devices", Person(Bind), devices::devices),
        post("/api/v1/devices/{device}/bind", Person(Bind), devices::bind),
        get("/api/v1/lines", Person(SeeLines), lines::lines),
        post("/api/v1/lines", Person(FitLines), fitting::add),
        post("/api/v1/lines/{line}/remove", Person(FitLines), fitting::remove),
        get("/api/v1/lines/{line}/record", Person(FitLines), fitting::recorded),
        post("/api/v1/lines/{line}/record", Person(FitLines), fitting::record),
        post("/api/v1/lines/{line}/record/end", Person(FitLines), fitting::end_record),
        get("/api/v1/fitting", Person(FitLines), fitting::fitting),
        get("/api/v1/fitting/trial", Person(FitLines), fitting::look),
        post("/api/v1/fitting/trial", Person(FitLines), fitting::begin),
        post("/api/v1/fitting/trial/end", Person(FitLines), fitting::end),
        get("/api/v1/system", Person(SeeLines), self_test::system),
        get("/api/v1/self-test", Person(SeeLines), self_test::runs),
        post("/api/v1/self-test", Person(SelfTest), self_test::begin),
        post("/api/v1/self-test/sign", Person(SelfTest), self_test::sign),
        get("/api/v1/self-test/{id}", Person(SeeLines), self_test::kept),
        get("/api/v1/people", Person(ManagePeople), people::people),
        post("/api/v1/people", Person(ManagePeople), people::add),
        post("/api/v1/people/{id}/roles", Person(ManagePeople), people::set_roles),
        post("/api/v1/people/{id}/disable", Person(ManagePeople), people::disable),
        post("/api/v1/people/{id}/enable", Person(ManagePeople), people::enable),
        post("/api/v1/people/{id}/reset", Person(ManagePeople), people::reset),
        get("/api/v1/screens", Person(RegisterScreen), screens::screens),
        post("/api/v1/screens", Person(RegisterScreen), screens::register),
        post("/api/v1/screens/{id}/forget", Person(RegisterScreen), screens::forget),
        post("/api/v1/emergency", Person(OpenEmergency), emergencies::open),
        get("/api/v1/emergencies", Person(ReviewEmergency), emergencies::emergencies),
        post("/api/v1/emergencies/{id}/review", Person(ReviewEmergency), emergencies::review),
        get("/api/v1/audit", Person(SeeAudit), audit::audit),
        get("/api/v1/audit.csv", Person(SeeAudit), audit::table),
        get("/api/v1/alarm-log", Person(SeeAlarmLog), alarm_log::log),
        get("/api/v1/alarm-log.csv", Person(SeeAlarmLog), alarm_log::table),
        get("/api/v1/alarm-log/statistics", Person(SeeAlarmLog), alarm_log::figures),
        get("/api/v1/alarm-log/week", Person(SeeAlarmLog), alarm_log::week),
    ]
}

fn get<T: 'static, H: Handler<T, Served> + Described<T>>(
    path: &'static str,
    needs: Access,
    serve: H,
) -> Route {
    route(Method::GET, path, needs, H::describe, routing::get(serve))
}

fn post<T: 'static, H: Handler<T, Served> + Described<T>>(
    path: &'static str,
    needs: Access,
    serve: H,
) -> Route {
    route(Method::POST, path, needs, H::describe, routing::post(serve))
}

fn delete<T: 'static, H: Handler<T, Served> + Described<T>>(
    path: &'static str,
    needs: Access,
    serve: H,
) -> Route {
    route(Method::DELETE, path, needs, H::describe, routing::delete(serve))
}

fn route(
    method: Method,
    path: &'static str,
    needs: Access,
    describe: Describe,
    serve: MethodRouter<Served>,
) -> Route {
    Route {
        method,
        path,
        needs,
        describe,
        serve,
    }
}

/// The table as a router, each route behind its gate.
pub(super) fn gated(desk: &Desk) -> Router<Served> {
    table().into_iter().fold(Router::new(), |router, route| {
        let gate = Gate {
            desk: desk.clone(),
            needs: route.needs,
            acts: route.method != Method::GET,
        };
        let serve = route
            .serve
            .route_layer(middleware::from_fn_with_state(gate, admit));
        router.route(route.path, serve)
    })
}

#[derive(Clone)]
struct Gate {
    desk: Desk,
    needs: Access,
    acts: bool,
}

/// Lets a request through to its handler, or not (I9).
async fn admit(State(gate): State<Gate>, params: RawPathParams, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::of(&parts);
    let passes = match gate.needs {
        Access::Open => Ok(None),
        Access::Screen => caller.view(&gate.desk).map(|_| None).ok_or_else(sign_in_first),
        Access::Person(action) => {
            let named = params.iter().find(|(name, _)| *name == "bed").map(|(_, bed)| bed);
            let bed = bed_of(named, parts.uri.query());
            may(&gate.desk, &caller, action, gate.acts, bed.as_ref()).map(Some)
        }
    };
    match passes {
        Ok(acting) => {
            parts.extensions.insert(caller);
            acting.map(|acting| parts.extensions.insert(acting));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => refused.into_response(),
    }
}

fn may(
    desk: &Desk,
    caller: &Caller,
    action: Action,
    acts: bool,
    bed: Option<&BedId>,
) -> Result<Acting, Refused> {
    let signed = caller.signed(desk, acts);
    let signed = signed.ok_or_else(sign_in_first)?;
    let by = By::person(&signed, &caller.seat(desk));
    if signed.may(action, bed) {
        return Ok(Acting { signed, by });
    }
    let subject = bed.map_or_else(String::new, |bed| format!("bed:{bed}"));
    let refused: Result<(), _> = Err(NOT_ALLOWED);
    desk.tell_refused(by.tried(action.key(), subject, &refused));
    Err(answer_error(StatusCode::FORBIDDEN, NOT_ALLOWED))
}

const NOT_ALLOWED: &str = "your role does not allow this";

fn sign_in_first() -> Refused {
    answer_error(StatusCode::UNAUTHORIZED, "sign in first")
}

/// Which bed a request is about, for what an emergency opens: in the path, or `bed=` in the query.
fn bed_of(named: Option<&str>, query: Option<&str>) -> Option<BedId> {
    let asked = || {
        let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
        let bed = pairs.find(|(name, _)| *name == "bed").map(|(_, bed)| bed);
        // Said twice, or written in another way than it could be: about no bed that an emergency opens.
        bed.filter(|_| !pairs.any(|(name, _)| name == "bed"))
    };
    named.or_else(asked)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emergency_opens_the_bed_that_is_asked_for_and_no_other() {
        let bed = |text: &str| Some(text.parse::<BedId>().unwrap());
        assert_eq!(bed_of(Some("1"), Some("bed=2")), bed("1"));
        assert_eq!(bed_of(None, Some("value=spo2&bed=2")), bed("2"));
        for none in [
            None,
            Some(""),
            Some("bed"),
            Some("bed=1&bed=2"),
            Some("signal=fridge"),
        ] {
            assert_eq!(bed_of(None, none), None, "{none:?}");
        }
    }
}
