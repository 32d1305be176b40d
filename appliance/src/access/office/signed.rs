//! Self-tests that a person signed: kept whole beside the accounts, and named in the audit with the hash of what was signed.
//!
//! Unlike everything else here, a result that the card does not take is not kept at all: a person is told that it was signed
//! only when it is on the card.

use accounts::people::PersonId;
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vitals::{ClockTrust, Masked};

use super::super::files::TESTS;
use super::super::{By, DeskError};
use super::Office;

/// Most results that are kept; the audit names all.
pub(in crate::access) const TESTS_MAX: usize = 40;
/// Most bytes of all of them, so that a sealed file can still be read.
const TESTS_BYTES_MAX: usize = 600_000;
/// Longest remark.
pub(in crate::access) const REMARK_CHARS_MAX: usize = 300;

/// What a person signs.
#[derive(Clone, Debug)]
pub struct Signing {
    /// When the test began, by the wall clock, in milliseconds since 1970.
    pub began_ms: i64,
    /// How far that clock could be believed.
    pub trust: ClockTrust,
    /// What was found, row by row.
    pub rows: Value,
    /// How many rows are how, for the audit.
    pub summary: String,
    /// What the person has to say.
    pub remark: String,
}

/// A result that was signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedTest {
    /// Its number; never used again.
    pub id: u64,
    /// When the test began, by the wall clock, in milliseconds since 1970.
    pub began_ms: i64,
    /// When it was signed, by the same clock.
    pub signed_ms: i64,
    /// How far that clock could be believed.
    pub trust: ClockTrust,
    /// Whose account signed it.
    pub person: PersonId,
    /// Their name.
    pub name: Masked<String>,
    /// What they had to say.
    pub remark: Masked<String>,
    /// What was found, row by row.
    pub rows: Value,
    /// SHA-256 of `[began_ms, remark, rows]` as JSON, in hexadecimal digits: the audit has it too.
    pub sha256: String,
}

impl SignedTest {
    /// True while it says what was signed.
    pub fn is_whole(&self) -> bool {
        self.sha256 == sha256(self.began_ms, self.remark.reveal(), &self.rows)
    }
}

/// All that are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct SignedTests {
    made: u64,
    tests: Vec<SignedTest>,
}

impl SignedTests {
    fn keep(&mut self, test: SignedTest) -> Result<(), serde_json::Error> {
        self.tests.push(test);
        while self.tests.len() > 1
            && (self.tests.len() > TESTS_MAX || serde_json::to_vec(&self.tests)?.len() > TESTS_BYTES_MAX)
        {
            self.tests.remove(0);
        }
        Ok(())
    }
}

impl Office {
    /// Keeps a result durably, and tells the audit.
    pub(in crate::access) fn sign_test(
        &mut self,
        signing: Signing,
        by: &By,
    ) -> Result<SignedTest, DeskError> {
        let remark = signing.remark.trim().to_owned();
        if remark.chars().count() > REMARK_CHARS_MAX || remark.chars().any(char::is_control) {
            return Err(DeskError::BadRemark);
        }
        let person = by.account().ok_or(DeskError::NobodySigns)?;
        let mut tests = self.tests.clone();
        tests.made += 1;
        let sha256 = sha256(signing.began_ms, &remark, &signing.rows);
        let test = SignedTest {
            id: tests.made,
            began_ms: signing.began_ms,
            signed_ms: self.wall().as_unix_ms(),
            trust: signing.trust,
            person,
            name: Masked::new(by.name().to_owned()),
            remark: Masked::new(remark),
            rows: signing.rows,
            sha256,
        };
        let kept = tests
            .keep(test.clone())
            .map_err(std::io::Error::from)
            .and_then(|()| self.files.write_now(TESTS, &tests));
        if let Err(error) = kept {
            tracing::error!(file = TESTS, %error, "the result of a self-test cannot be kept");
            return Err(DeskError::NotKept(error.to_string()));
        }
        self.tests = tests;
        let told = by.did("sign_self_test", format!("self_test:{}", test.id));
        let after = format!("{}; sha256 {}", signing.summary, test.sha256);
        self.changed(told, None, Some(after));
        Ok(test)
    }

    /// Those that are kept, newest first.
    pub(in crate::access) fn signed_tests(&self) -> Vec<SignedTest> {
        self.tests.tests.iter().rev().cloned().collect()
    }
}

fn sha256(began_ms: i64, remark: &str, rows: &Value) -> String {
    let text = serde_json::json!([began_ms, remark, rows]).to_string();
    vitals::audit::digits(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}
