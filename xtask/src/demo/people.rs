//! The people of the demo: its post is claimed with the code that it prints at its first start, and gets a nurse.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::folder::Folder;
use super::port;

/// Where the code stands in the post's log.
const CODE_AFTER: &str = "the code for it is ";

/// Kept beside the stores, for a demo that is started again with `--keep`.
const PASSWORD_FILE: &str = "password.txt";

/// Claims the post and makes the nurse, unless an earlier demo has. Returns the password of both.
pub fn sign_up(folder: &Folder, nurse_page: u16) -> Result<String> {
    let session = port::json(nurse_page, "GET /api/v1/session", None, "")?.told;
    let file = folder.stores().join(PASSWORD_FILE);
    if session["claimed"] == true {
        return fs::read_to_string(&file).with_context(|| {
            format!(
                "the post has people already, and {} does not say their password",
                file.display()
            )
        });
    }
    let log = folder.logs().join("post.log");
    let code = claim_code(&log)?;
    let password = password()?;
    fs::write(&file, &password).with_context(|| format!("cannot write {}", file.display()))?;
    let matron = json!({
        "code": code, "person": "matron", "name": "Demo matron", "password": password,
    });
    let claimed = done(port::json(nurse_page, "POST /api/v1/claim", Some(&matron), "")?)?;
    let nurse = json!({ "id": "nurse", "name": "Demo nurse", "roles": ["nurse"] });
    let added = port::json(nurse_page, "POST /api/v1/people", Some(&nurse), &claimed.cookie)?;
    let begins = json!({ "person": "nurse", "code": done(added)?.told["code"], "password": password });
    done(port::json(nurse_page, "POST /api/v1/begin", Some(&begins), "")?)?;
    Ok(password)
}

fn done(answer: port::Answer) -> Result<port::Answer> {
    if answer.status != 200 {
        bail!("the post says {}: {}", answer.status, answer.told["error"]);
    }
    Ok(answer)
}

fn claim_code(log: &Path) -> Result<String> {
    let text = fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
    // The last start's: an earlier one's is not good any more.
    let after = text.rsplit_once(CODE_AFTER).map(|(_, after)| after);
    let code = after.and_then(|after| after.lines().next());
    Ok(code
        .context("the post printed no code to claim it")?
        .trim()
        .to_owned())
}

/// Another one for each demo: there are no passwords that everybody knows.
fn password() -> Result<String> {
    let mut random = [0u8; 8];
    fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut random))
        .context("no randomness")?;
    let words: Vec<String> = random
        .chunks(2)
        .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    Ok(format!("demo-{}", words.join("-")))
}

/// What the page says of who may come in.
pub fn told(password: &str) -> String {
    format!("sign in as nurse / {password}    (who makes accounts is matron, same password)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_the_last_start_is_the_one_that_is_good() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("post.log");
        fs::write(
            &log,
            format!("x {CODE_AFTER}AAAA-AAAA-AAAA-AAAA\nready\nx {CODE_AFTER}BBBB-BBBB-BBBB-BBBB\nready\n"),
        )
        .unwrap();
        assert_eq!(claim_code(&log).unwrap(), "BBBB-BBBB-BBBB-BBBB");
        fs::write(&log, "ready\n").unwrap();
        assert!(claim_code(&log).is_err());
    }

    #[test]
    fn no_two_demos_share_a_password() {
        assert_ne!(password().unwrap(), password().unwrap());
    }
}
