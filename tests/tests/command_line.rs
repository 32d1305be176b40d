//! `vitalpost user` beside a post that runs, and where none runs.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::json;
use tests::clock::wait_for;
use tests::process::program;
use tests::scene::{Scene, text};

/// Runs it; what it printed, and whether it worked.
fn user(scene: &Scene, words: &[&str]) -> (bool, String) {
    let config = scene.path("vitalpost.toml");
    let args = [&["user"], words, &["--config", text(&config)]].concat();
    let ran: Output = Command::new(program("vitalpost"))
        .args(args)
        .output()
        .expect("it starts");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8(said).expect("text"))
}

fn code_in(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("    "));
    line.unwrap_or_else(|| panic!("no code in {said}"))
        .trim()
        .to_owned()
}

/// Makes an account where no post has ever run; its code.
fn before_the_first_start(scene: &Scene) -> String {
    let senior = ["add", "amina", "--name", "Amina", "--role", "senior_nurse"];
    let (worked, said) = user(scene, &senior);
    assert!(worked, "{said}");
    let first = code_in(&said);
    let (worked, said) = user(scene, &senior);
    assert!(!worked && said.contains("already"), "{said}");
    let (worked, said) = user(scene, &["add", "x2", "--name", "X", "--role", "chief"]);
    assert!(
        !worked && said.contains("privacy_officer") && said.contains("senior_nurse"),
        "the roles are named: {said}"
    );
    let (worked, said) = user(scene, &["list"]);
    assert!(
        worked && said.contains("amina\tAmina\tsenior_nurse\thas not begun"),
        "{said}"
    );
    first
}

#[test]
fn accounts_are_made_and_changed_beside_a_post_that_runs_and_where_none_runs() {
    let mut scene = Scene::new();
    scene.bed("1");
    std::fs::write(scene.path("vitalpost.toml"), scene.config()).expect("the folder is writable");

    let first = before_the_first_start(&scene);

    // Beside the post.
    scene.launch_post();
    let browser = scene.nurse().other_browser();
    wait_for("the page answers", Duration::from_secs(60), || {
        browser.text("/api/v1/session")
    });
    let socket = scene.path("control.sock");
    wait_for("the post hears the command line", Duration::from_secs(20), || {
        socket.exists().then_some(())
    });
    let mode = std::fs::metadata(&socket)
        .expect("the socket")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(browser.json("/api/v1/session").expect("the session")["claimed"] == true);
    let begin = json!({ "person": "amina", "code": first, "password": "seven goats on the hill" });
    assert_eq!(browser.post("/api/v1/begin", &begin).0, 200);
    let (worked, said) = user(
        &scene,
        &["add", "john", "--name", "John", "--role", "nurse", "viewer"],
    );
    assert!(worked, "{said}");
    let second = code_in(&said);
    let (_, people) = browser.post("/api/v1/people/john/roles", &json!({ "roles": ["nurse"] }));
    assert!(people.is_object(), "{people}");
    let (worked, said) = user(&scene, &["disable", "john"]);
    assert!(worked && said.contains("let in no more"), "{said}");
    let john = browser.other_browser();
    let begin = json!({ "person": "john", "code": second, "password": "eight goats on the hill" });
    assert_eq!(john.post("/api/v1/begin", &begin).0, 401);
    assert!(user(&scene, &["enable", "john"]).0);
    let (worked, said) = user(&scene, &["disable", "amina"]);
    assert!(!worked && said.contains("last account"), "{said}");
    let (worked, said) = user(&scene, &["disable", "nobody-here"]);
    assert!(!worked && said.contains("nobody has this sign-in name"), "{said}");

    // Killed, so that the socket lies there without anybody behind it.
    scene.post.take().expect("it runs").kill();
    assert!(socket.exists());
    let (worked, said) = user(&scene, &["reset", "john"]);
    assert!(worked, "{said}");
    let third = code_in(&said);
    scene.launch_post();
    wait_for("the page answers again", Duration::from_secs(60), || {
        browser.text("/api/v1/session")
    });
    let begin = json!({ "person": "john", "code": third, "password": "eight goats on the hill" });
    assert_eq!(john.post("/api/v1/begin", &begin).0, 200);
    let log = scene.post.as_ref().expect("it runs").log();
    for code in [first, second, third] {
        assert!(
            !log.contains(&code),
            "a code is printed once, and not by the post"
        );
    }
    assert!(scene.post.take().expect("it runs").stop().success());
    assert!(!socket.exists(), "a post that ends takes its socket away");
}
