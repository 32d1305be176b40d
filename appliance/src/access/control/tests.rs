use std::io::{BufRead, BufReader as Reader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Stream;
use std::sync::Mutex;

use vitals::audit::{Actor, Outcome, Telling};

use super::*;
use crate::access::DeskOptions;
use crate::clock::Clock;

struct Bench {
    folder: tempfile::TempDir,
    told: Arc<Mutex<Vec<Telling>>>,
    stop: CancellationToken,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let (stop, told) = (CancellationToken::new(), Arc::<Mutex<Vec<Telling>>>::default());
        let options = DeskOptions {
            networks: Vec::new(),
            folder: folder.path().to_owned(),
            seal: None,
            place: "Kintampo".to_owned(),
        };
        let tells = told.clone();
        let tell = Box::new(move |telling: &Telling| {
            tells.lock().unwrap().push(telling.clone());
            true
        });
        let (desk, _, _) = Desk::open_quietly(options, Clock::system().unwrap(), tell, stop.clone()).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(async { listen(folder.path()) }).unwrap();
        let checkup: CheckupNow = Arc::new(checkup::tests::healthy);
        runtime.spawn(serve(
            listener,
            folder.path().to_owned(),
            desk,
            checkup,
            stop.clone(),
        ));
        Bench {
            folder,
            told,
            stop,
            runtime,
        }
    }

    fn connect(&self) -> Stream {
        let stream = Stream::connect(socket_in(self.folder.path())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    fn ask(&self, line: &str) -> serde_json::Value {
        let mut stream = self.connect();
        // It may be closed before all of a line that is too long is read.
        let _ = stream.write_all(line.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = String::new();
        Reader::new(stream).read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

#[test]
fn accounts_are_made_listed_disabled_and_reset_on_the_word_of_the_user_who_asked() {
    let bench = Bench::new();
    let mode = std::fs::metadata(socket_in(bench.folder.path()))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    for id in ["grace", "john"] {
        let order =
            format!("{{\"do\":\"add\",\"id\":\"{id}\",\"name\":\"{id} O.\",\"roles\":[\"senior_nurse\"]}}\n");
        let made = bench.ask(&order);
        assert_eq!(made["code"].as_str().unwrap().len(), 19, "{made}");
        assert!(bench.ask(&order)["error"].as_str().unwrap().contains("already"));
    }
    assert_eq!(
        bench.ask("{\"do\":\"disable\",\"id\":\"john\"}\n"),
        serde_json::json!({})
    );
    let people = bench.ask("{\"do\":\"list\"}\n");
    assert_eq!(
        people["people"][1],
        serde_json::json!({"id": "john", "name": "john O.", "roles": ["senior_nurse"], "disabled": true, "begun": false})
    );
    let last = bench.ask("{\"do\":\"disable\",\"id\":\"grace\"}\n");
    assert!(last["error"].as_str().unwrap().contains("last account"), "{last}");
    assert!(bench.ask("{\"do\":\"reset\",\"id\":\"grace\"}\n")["code"].is_string());
    let told = bench.told.lock().unwrap();
    let actions: Vec<&str> = told.iter().map(|told| told.action.as_str()).collect();
    assert_eq!(
        actions,
        ["add_person", "add_person", "disable_person", "reset_person"]
    );
    let user = user_name(geteuid());
    assert!(
        told.iter()
            .all(|told| told.who == Actor::System { user: user.clone() })
    );
}

#[test]
fn what_is_asked_about_an_update_stands_in_the_audit_allowed_or_not() {
    let bench = Bench::new();
    assert_eq!(bench.ask("{\"do\":\"health\"}\n")["health"]["high_alarms"], 2);
    let ask = |words: &str| {
        bench.ask(&format!(
            "{{\"do\":\"update\",\"asked\":{{\"step\":\"install\",\"running\":\"1.2.0\",\"offered\":\"1.3.0\",\"older\":false,{words}}}}}\n"
        ))
    };
    let refused = ask("\"by\":\"\",\"during_alarm\":false");
    assert!(
        refused["error"]
            .as_str()
            .unwrap()
            .contains("look after the patient first"),
        "{refused}"
    );
    let allowed = ask("\"by\":\"Kofi\",\"during_alarm\":true");
    assert_eq!(
        allowed,
        serde_json::json!({"allowed": {"older": false, "high_alarms": 2}})
    );
    let told = bench.told.lock().unwrap();
    let outcomes: Vec<_> = told
        .iter()
        .map(|told| (told.action.as_str(), told.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("update_install", Outcome::Refused),
            ("update_install", Outcome::Done)
        ]
    );
    let after = told[1].after.as_ref().unwrap().reveal();
    assert_eq!(
        after,
        "1.3.0, decided by Kofi, although 2 alarm(s) of high priority are open"
    );
}

#[test]
fn a12_what_is_not_understood_or_too_long_is_refused_in_words() {
    let bench = Bench::new();
    let long = format!(
        "{{\"do\":\"disable\",\"id\":\"{}\"}}\n",
        "x".repeat(usize::try_from(ASKED_BYTES_MAX).unwrap())
    );
    for line in [
        "nonsense\n",
        "{\"do\":\"claim\"}\n",
        "{\"do\":\"list\",\"more\":1}\n",
        "{\"do\":\"list\"}",
        &long,
        "",
    ] {
        let answer = bench.ask(line);
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert!(bench.told.lock().unwrap().is_empty());
}

#[test]
fn a12_those_who_say_nothing_hold_up_nobody_for_long() {
    let bench = Bench::new();
    let silent: Vec<Stream> = (0..AT_ONCE_MAX).map(|_| bench.connect()).collect();
    let answer = bench.ask("{\"do\":\"list\"}\n");
    assert_eq!(answer["people"], serde_json::json!([]));
    drop(silent);
    bench.stop.cancel();
    bench.runtime.block_on(async {
        while socket_in(bench.folder.path()).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
}
