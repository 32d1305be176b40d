//! The pages as a browser gets them, over HTTP: with its cookies, and with a person who signs in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// Who signs in when a test only wants to see or do something.
pub const PERSON: &str = "grace";
/// Their password.
pub const PASSWORD: &str = "seven goats on the hill";

/// A page's server, as one browser knows it.
#[derive(Clone, Debug)]
pub struct Site {
    base: String,
    agent: ureq::Agent,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    /// The log of a post that lets [`PERSON`] in: the code of its first start stands there.
    log: Option<PathBuf>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers, as they came.
    pub headers: String,
    /// The body.
    pub text: String,
}

impl Answered {
    /// The body, as data.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

impl Site {
    /// The server at 127.0.0.1:`port`.
    pub fn at(port: u16) -> Site {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .http_status_as_error(false)
            .build();
        Site {
            base: format!("http://127.0.0.1:{port}"),
            agent: config.into(),
            cookies: Arc::default(),
            log: None,
        }
    }

    /// Another browser, in which nobody is signed in.
    pub fn other_browser(&self) -> Site {
        Site {
            cookies: Arc::default(),
            log: None,
            ..self.clone()
        }
    }

    /// Signs [`PERSON`] in whenever the post asks for it; makes their account with the code in this log.
    pub fn with_person(self, log: PathBuf) -> Site {
        Site {
            log: Some(log),
            ..self
        }
    }

    /// Asks; no answer when nobody listens.
    pub fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Option<Answered> {
        let answered = self.ask_once(method, path, body)?;
        if answered.status != 401 || !self.enter() {
            return Some(answered);
        }
        self.ask_once(method, path, body)
    }

    fn ask_once(&self, method: &str, path: &str, body: Option<&str>) -> Option<Answered> {
        let cookies = self.cookies();
        let url = format!("{}{path}", self.base);
        let answer = match (method, body) {
            ("POST", body) => self
                .agent
                .post(url)
                .header("cookie", cookies)
                .header("content-type", "application/json")
                .send(body.unwrap_or_default()),
            ("DELETE", _) => self.agent.delete(url).header("cookie", cookies).call(),
            _ => self.agent.get(url).header("cookie", cookies).call(),
        };
        let mut answer = answer.ok()?;
        let set = answer.headers().get_all("set-cookie").iter();
        for cookie in set.filter_map(|cookie| cookie.to_str().ok()) {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.keep(name, value);
            }
        }
        let headers = format!("{:?}", answer.headers());
        let body = answer.body_mut().with_config().limit(1 << 30);
        let text = body.read_to_string().ok()?;
        Some(Answered {
            status: answer.status().as_u16(),
            headers,
            text,
        })
    }

    /// The cookies, as a browser sends them.
    pub fn cookies(&self) -> String {
        let jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&self, name: &str, value: &str) {
        let mut jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if value.is_empty() {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Makes the first account or signs in; true when that worked.
    fn enter(&self) -> bool {
        let Some(log) = &self.log else { return false };
        let claimed = self
            .ask_once("GET", "/api/v1/session", None)
            .is_some_and(|session| session.json()["claimed"] == true);
        let (path, body) = if claimed {
            let body = json!({ "person": PERSON, "password": PASSWORD });
            ("/api/v1/session", body)
        } else {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            let Some(code) = claim_code(&log) else {
                return false;
            };
            let body = json!({ "code": code, "person": PERSON, "name": "Grace", "password": PASSWORD });
            ("/api/v1/claim", body)
        };
        let entered = self.ask_once("POST", path, Some(&body.to_string()));
        entered.is_some_and(|entered| entered.status == 200)
    }

    /// The body at `path`, when the server answers with 200.
    pub fn text(&self, path: &str) -> Option<String> {
        let answered = self.ask("GET", path, None)?;
        (answered.status == 200).then_some(answered.text)
    }

    /// The JSON at `path`, when the server answers.
    pub fn json(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&self.text(path)?).ok()
    }

    /// Posts JSON; the status and the answer.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answered = self
            .ask("POST", path, Some(&body.to_string()))
            .unwrap_or_else(|| panic!("POST {path}: no answer"));
        (answered.status, answered.json())
    }

    /// The nurse's page, as data.
    pub fn ward(&self) -> Option<Value> {
        self.json("/api/v1/ward")
    }

    /// The doctor's page, as data.
    pub fn centre(&self) -> Option<Value> {
        self.json("/api/v1/centre")
    }
}

/// The code of the first start that was printed last.
pub fn claim_code(log: &str) -> Option<&str> {
    let (_, rest) = log.rsplit_once("the code for it is ")?;
    rest.split_whitespace().next()
}

/// One bed of a ward snapshot.
pub fn bed<'a>(ward: &'a Value, id: &str) -> &'a Value {
    let beds = ward["beds"].as_array().expect("a ward has beds");
    beds.iter()
        .find(|bed| bed["id"] == id)
        .unwrap_or_else(|| panic!("no bed {id} in {ward}"))
}

/// One value of a bed.
pub fn value<'a>(bed: &'a Value, code: &str) -> Option<&'a Value> {
    bed["values"]
        .as_array()?
        .iter()
        .find(|value| value["code"] == code)
}

/// The open alarms of a bed whose condition starts with `condition`.
pub fn alarms<'a>(ward: &'a Value, bed: &str, condition: &str) -> Vec<&'a Value> {
    let all = ward["alarms"].as_array().expect("a ward lists its alarms");
    let fits = |alarm: &&Value| {
        alarm["bed"] == bed
            && alarm["condition"]
                .as_str()
                .is_some_and(|key| key.starts_with(condition))
    };
    all.iter().filter(fits).collect()
}
