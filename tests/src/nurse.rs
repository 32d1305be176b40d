//! A nurse at the post's page: claims it with the code of its first start, and signs in again whenever that is over.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

/// What every test's nurse types.
const PASSWORD: &str = "seven green mangoes";

/// Where the code of the first start stands in the post's log.
const CODE_AFTER: &str = "the code for it is ";

/// Signs in as "Grace".
#[derive(Debug)]
pub struct Nurse {
    log: PathBuf,
    cookie: Mutex<String>,
}

impl Nurse {
    /// Of the post that logs into this file.
    pub fn of_post(log: PathBuf) -> Nurse {
        Nurse {
            log,
            cookie: Mutex::default(),
        }
    }

    /// What her browser sends along.
    pub fn cookie(&self) -> String {
        self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Signs in at `base`; false when the post does not let her in now.
    pub fn signs_in(&self, agent: &ureq::Agent, base: &str) -> bool {
        let Some(is_claimed) = is_claimed(agent, base) else {
            return false;
        };
        let (path, body) = if is_claimed {
            ("session", json!({ "person": "grace", "password": PASSWORD }))
        } else {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let Some((_, code)) = log.rsplit_once(CODE_AFTER) else {
                return false;
            };
            let code = code.lines().next().unwrap_or_default();
            let body = json!({ "code": code, "person": "grace", "name": "Grace", "password": PASSWORD });
            ("claim", body)
        };
        let request = agent
            .post(format!("{base}/api/v1/{path}"))
            .header("content-type", "application/json");
        let Ok(answer) = request.send(body.to_string()) else {
            return false;
        };
        let cookie = answer.headers().get("set-cookie");
        let cookie = cookie.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let Some(cookie) = cookie.filter(|_| answer.status() == 200) else {
            return false;
        };
        *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = cookie.to_owned();
        true
    }
}

fn is_claimed(agent: &ureq::Agent, base: &str) -> Option<bool> {
    let mut answer = agent.get(format!("{base}/api/v1/session")).call().ok()?;
    let told: Value = serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?;
    told["claimed"].as_bool()
}
