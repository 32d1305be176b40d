//! What systemd sees of the real programs: ready when they are, a watchdog that only a working program feeds, an exit
//! status that tells a wrong configuration from a fault. The units themselves: `cargo xtask test`.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::clock::wait_for;
use tests::process::Process;
use tests::scene::{START_WITHIN, Scene, text};

/// Within this systemd wants to hear of the program; it pings twice as often.
const WATCHDOG: Duration = Duration::from_secs(2);

/// systemd's end of the notification socket of one program.
struct Systemd(UnixDatagram);

impl Systemd {
    /// The next program of the scene tells this one.
    fn of_the_next(scene: &mut Scene, name: &str) -> Systemd {
        let path = scene.path(&format!("{name}.notify"));
        let socket = UnixDatagram::bind(&path).expect("the test's folder is writable");
        socket
            .set_nonblocking(true)
            .expect("a socket can be told not to wait");
        scene.environment("NOTIFY_SOCKET", text(&path));
        scene.environment("WATCHDOG_USEC", &WATCHDOG.as_micros().to_string());
        Systemd(socket)
    }

    /// One message, if one is there.
    fn heard(&self) -> Option<String> {
        let mut buffer = [0; 512];
        let bytes = self.0.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..bytes]).into_owned())
    }

    fn hears(&self, what: &str) {
        wait_for(what, START_WITHIN, || {
            self.heard().filter(|message| message.contains(what))
        });
    }
}

fn is_ready_is_watched_and_says_that_it_stops(systemd: &Systemd, mut program: Process) {
    systemd.hears("READY=1");
    for _ in 0..3 {
        systemd.hears("WATCHDOG=1");
    }
    program.signal(Signal::SIGSTOP);
    // What was on its way when it stopped.
    std::thread::sleep(Duration::from_millis(200));
    while systemd.heard().is_some() {}
    std::thread::sleep(2 * WATCHDOG);
    assert_eq!(systemd.heard(), None, "fed by a program that stands still");
    program.signal(Signal::SIGCONT);
    systemd.hears("WATCHDOG=1");
    // Read while it stops: a socket that nobody reads is soon full, and says nothing more.
    program.signal(Signal::SIGTERM);
    systemd.hears("STOPPING=1");
    assert!(program.wait(START_WITHIN).success());
}

#[test]
fn post_broker_and_centre_are_ready_when_they_are_and_feed_the_watchdog_only_while_they_work() {
    let mut scene = Scene::new();
    scene.bed("1");
    let systemd = Systemd::of_the_next(&mut scene, "broker");
    scene.start_broker();
    let broker = (systemd, scene.broker.take().unwrap());
    let systemd = Systemd::of_the_next(&mut scene, "centre");
    scene.start_centre();
    let centre = (systemd, scene.centre.take().unwrap());
    let systemd = Systemd::of_the_next(&mut scene, "post");
    scene.start_post();
    let post = (systemd, scene.post.take().unwrap());
    std::thread::scope(|all| {
        for (systemd, program) in [broker, centre, post] {
            all.spawn(move || is_ready_is_watched_and_says_that_it_stops(&systemd, program));
        }
    });
}

#[test]
fn a_wrong_configuration_ends_with_a_status_of_its_own() {
    let mut scene = Scene::new();
    scene.launch_post_with("nonsense");
    let status = scene.post.as_mut().unwrap().wait(START_WITHIN);
    assert_eq!(status.code(), Some(78));

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = scene.config();
    let listen = config
        .lines()
        .find(|line| line.starts_with("listen"))
        .unwrap()
        .to_owned();
    let elsewhere = format!("listen = \"{}\"", taken.local_addr().unwrap());
    scene.launch_post_with(&config.replace(&listen, &elsewhere));
    let status = scene.post.as_mut().unwrap().wait(START_WITHIN);
    assert_eq!(status.code(), Some(1), "another program may give the port back");
}
