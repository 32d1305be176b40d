//! The pages as a browser gets them, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::nurse::Nurse;

/// A page's server.
#[derive(Clone, Debug)]
pub struct Site {
    base: String,
    agent: ureq::Agent,
    nurse: Option<Arc<Nurse>>,
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
            nurse: None,
        }
    }

    /// Where this nurse is signed in, or signs in again when she is not.
    pub fn with(self, nurse: &Arc<Nurse>) -> Site {
        let nurse = Some(nurse.clone());
        Site { nurse, ..self }
    }

    /// The body at `path`, when the server answers with 200.
    pub fn text(&self, path: &str) -> Option<String> {
        let ask = |cookie: String| {
            let request = self.agent.get(format!("{}{path}", self.base));
            request.header("cookie", cookie).call()
        };
        let mut answer = ask(self.cookie()).ok()?;
        if answer.status() == 401 && self.signs_in() {
            answer = ask(self.cookie()).ok()?;
        }
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

    fn cookie(&self) -> String {
        self.nurse
            .as_ref()
            .map(|nurse| nurse.cookie())
            .unwrap_or_default()
    }

    fn signs_in(&self) -> bool {
        let nurse = self.nurse.as_ref();
        nurse.is_some_and(|nurse| nurse.signs_in(&self.agent, &self.base))
    }

    /// Posts JSON; the status and the answer.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("cookie", self.cookie())
            .header("content-type", "application/json");
        let mut answer = request
            .send(body.to_string())
            .unwrap_or_else(|error| panic!("POST {path}: {error}"));
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
