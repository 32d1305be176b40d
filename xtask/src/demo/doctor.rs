//! The demo's doctor: an account made on the command line, and begun at the centre's page as any doctor begins.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::app::{self, App};
use super::folder::Folder;
use crate::clock;

/// What one types to sign in.
pub const ID: &str = "dr.demo";
/// The password: this machine's simulated patients are all that it protects.
pub const PASSWORD: &str = "herons wade at noon";
const NAME: &str = "Dr Demo";
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Makes the doctor, unless a kept folder has one. The centre's page must answer.
pub fn make(binaries: &Path, folder: &Folder, port: u16) -> Result<()> {
    let kept = app::file(&folder.stores(), ID);
    if kept.is_file() {
        return Ok(());
    }
    let config = folder.path("central.toml");
    let mut add = Command::new(binaries.join("vitalpost-central"));
    add.args(["user", "add", ID, "--name", NAME, "--role", "doctor", "--config"]);
    let added = add
        .arg(&config)
        .output()
        .context("cannot start vitalpost-central")?;
    let said = String::from_utf8_lossy(&added.stdout);
    ensure!(
        added.status.success(),
        "the demo's doctor cannot be made: {}",
        String::from_utf8_lossy(&added.stderr)
    );
    let code = said
        .lines()
        .nth(1)
        .context("no code to begin was printed")?
        .trim();
    let hello = post(
        port,
        "/api/v1/begin/check",
        &json!({ "person": ID, "code": code }),
    )?;
    let typing = hello["second"]["typing"]
        .as_str()
        .context("no secret for an app")?;
    let digits = App::from_typing(typing)?.shows(clock::wall_s());
    let own = json!({ "person": ID, "code": code, "password": PASSWORD, "digits": digits });
    post(port, "/api/v1/begin", &own)?;
    std::fs::write(&kept, typing).with_context(|| format!("cannot write {}", kept.display()))
}

fn post(port: u16, path: &str, body: &Value) -> Result<Value> {
    let body = body.to_string();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("the centre's page")?;
    stream.set_read_timeout(Some(ANSWER_WAIT))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context("the centre's page")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("{path}: {}: {body}", head.lines().next().unwrap_or_default());
    }
    serde_json::from_str(body).with_context(|| format!("the answer to {path}"))
}
