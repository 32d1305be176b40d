//! The pages as a browser gets them, over HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// A page's server, as one browser sees it: whoever signs in over it stays so, in every clone.
#[derive(Clone, Debug)]
pub struct Site {
    base: String,
    agent: ureq::Agent,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
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
        }
    }

    /// What a browser sends along.
    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep_cookies(&self, answer: &ureq::http::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for set in answer.get_all("set-cookie") {
            let pair = set
                .to_str()
                .ok()
                .and_then(|set| set.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The body at `path`, when the server answers with 200.
    pub fn text(&self, path: &str) -> Option<String> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let mut answer = request.header("cookie", self.cookies()).call().ok()?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string()
            .ok()?;
        (answer.status() == 200).then_some(body)
    }

    /// The JSON at `path`, when the server answers.
    pub fn json(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&self.text(path)?).ok()
    }

    /// Posts JSON; the status and the answer.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("cookie", self.cookies());
        let mut answer = request
            .send(body.to_string())
            .unwrap_or_else(|error| panic!("POST {path}: {error}"));
        self.keep_cookies(answer.headers());
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        (
            answer.status().as_u16(),
            serde_json::from_str(&text).unwrap_or(Value::Null),
        )
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
