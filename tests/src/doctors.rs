//! A doctor for a test: made on the command line as in life, with an app for the six digits.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use accounts::totp::TotpSecret;
use serde_json::{Value, json};
use vitals::WallTime;

use crate::clock::wall_ms;
use crate::pages::Site;

/// The name that stands at the bedside.
pub const NAME: &str = "Dr Test";
/// The account.
pub const ID: &str = "test.doctor";
const PASSWORD: &str = "four calm herons wade";
/// A code is good for so long, once.
const STEP_MS: i64 = 30_000;

/// A doctor who has begun.
#[derive(Debug)]
pub struct Doctor {
    app: TotpSecret,
    /// When the code was shown that was used last.
    used_ms: i64,
}

impl Doctor {
    /// Makes the account of the centre with this configuration, begins and is signed in at its page, which must answer.
    pub fn make(central: &Path, config: &Path, page: &Site) -> Doctor {
        let mut add = Command::new(central);
        add.args(["user", "add", ID, "--name", NAME, "--role", "doctor", "--config"]);
        let added = add.arg(config).output().expect("the program starts");
        let said = String::from_utf8_lossy(&added.stdout).into_owned();
        assert!(
            added.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&added.stderr)
        );
        let code = said.lines().nth(1).expect("the second line is the code").trim();

        let hello = page
            .post("/api/v1/begin/check", &json!({ "person": ID, "code": code }))
            .1;
        let typing = hello["second"]["typing"].as_str();
        let app = typing.and_then(TotpSecret::from_typing);
        let app = app.unwrap_or_else(|| panic!("no secret for an app: {hello}"));
        let digits = app.shows(WallTime::from_unix_ms(wall_ms()));
        let own = json!({ "person": ID, "code": code, "password": PASSWORD, "digits": digits });
        let (status, answer) = page.post("/api/v1/begin", &own);
        assert_eq!(status, 200, "{answer}");
        Doctor { app, used_ms: 0 }
    }

    /// Signs in anew, after a restart of the centre. Codes are good once: the third time within half a minute waits.
    pub fn sign_in(&mut self, page: &Site) {
        let mut at_ms = wall_ms();
        while at_ms / STEP_MS <= self.used_ms / STEP_MS {
            at_ms += STEP_MS;
        }
        while at_ms / STEP_MS > wall_ms() / STEP_MS + 1 {
            std::thread::sleep(Duration::from_millis(100));
        }
        self.used_ms = at_ms;
        let code = self.app.shows(WallTime::from_unix_ms(at_ms));
        let proof = json!({ "person": ID, "password": PASSWORD, "code": code });
        let (status, answer): (u16, Value) = page.post("/api/v1/session", &proof);
        assert_eq!(status, 200, "{answer}");
    }
}
