//! Our package in a virtual machine with a real systemd and a real kernel: `cargo xtask vm`. Elsewhere each test says SKIP.
//!
//! Broker, centre and devices run on this machine; the post runs in the guest, its store on a disk that loses at a power cut
//! what it was never told to flush.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tests::clock::{boot_ns, run_for, wait_for};
use tests::comparison::check_store;
use tests::guest::{BOOT_WITHIN, Disk, Guest, Made, tell};
use tests::pages::{PASSWORD, PERSON, bed, value};
use tests::scene::{Scene, free_port, text};

/// How the guest sees this machine.
const HOST: &str = "10.0.2.2";
/// Where the configuration says that the broker is; forwarded to this machine.
const BROKER_PORT: u16 = 8883;

/// A post in the guest, with all that it talks to.
struct Ward {
    scene: Scene,
    guest: Guest,
    results_port: u16,
    /// Specimens whose results the post has acknowledged.
    acknowledged: Vec<String>,
    sent: u32,
}

fn times(name: &str) -> u32 {
    std::env::var(name).map_or(1, |times| times.parse().expect("a number"))
}

/// Random, and different in each run.
fn below(limit: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new();
    random.build_hasher().finish() % limit
}

impl Ward {
    /// Package installed, two monitors and a laboratory connected, the post runs.
    fn installed(made: &Made) -> Ward {
        let mut scene = Scene::new();
        for bed in ["1", "2"] {
            scene.bed(bed);
        }
        scene.monitor_tcp("mon-1", "1", "generator:1:deterioration", &[]);
        scene.monitor_tcp("mon-2", "2", "generator:2", &[]);
        scene.start_broker();
        scene.start_centre();
        let results_port = free_port();
        let folder = scene.path("guest");
        let mut guest = Guest::new(made.clone(), folder, scene.ports().0, results_port);
        let media = scene.path("media");
        std::fs::create_dir_all(&media).expect("the test's folder is writable");
        let package = made.package();
        std::fs::copy(&package, media.join("vitalpost.deb")).expect("the package is a file");
        guest.switch_on(Disk::Honest, Some(&media));
        guest.wait_until_up();
        let said = guest.does("mkdir -p /stick && mount /dev/vdc /stick && dpkg -i /stick/vitalpost.deb");
        assert!(said.contains("the nurses' page is at https://"), "{said}");
        assert!(
            said.contains("the code of the first start"),
            "{said}\n{}",
            guest
                .tries("systemctl status vitalpost; journalctl -u vitalpost -b --no-pager | tail -n 40")
                .1
        );
        claim(&mut guest, &said);
        let mut ward = Ward {
            scene,
            guest,
            results_port,
            acknowledged: Vec::new(),
            sent: 0,
        };
        ward.configure();
        ward.wait_for_page();
        ward
    }

    /// The scene's configuration, with the places of the guest.
    fn configure(&mut self) {
        let scene = &self.scene;
        let certificates = scene.path("certificates");
        let here = |name: &str| format!("{:?}", certificates.join(name));
        let config = scene
            .config()
            .replace(
                &format!("{:?}", scene.path("store.redb")),
                "\"/var/lib/vitalpost/vitalpost.redb\"",
            )
            .replace(
                &format!("listen = \"127.0.0.1:{}\"", scene.ports().0),
                "listen = \"127.0.0.1:8081\"",
            )
            .replace(
                &format!("port = {}", scene.ports().1),
                &format!("port = {BROKER_PORT}"),
            )
            .replace("tcp = \"127.0.0.1:", &format!("tcp = \"{HOST}:"))
            .replace(&here("ca.pem"), "\"/etc/vitalpost/ca.pem\"")
            .replace(&here("demo.pem"), "\"/etc/vitalpost/demo.pem\"")
            .replace(&here("demo.key"), "\"/etc/vitalpost/demo.key\"");
        let laboratory = format!(
            "[[line]]\nid = \"laboratory\"\nlisten = \"0.0.0.0:2576\"\nsenders = [\"{HOST}\"]\nfamily = \"hl7\"\nfield = \"MSH-3\"\n\
             [[line.source]]\nlocation = \"LIS\"\ndevice = \"lis\"\nresults = \"laboratory\"\n"
        );
        for name in ["ca.pem", "demo.pem", "demo.key"] {
            let content = std::fs::read_to_string(certificates.join(name)).expect("the scene made it");
            self.guest.writes(&format!("/etc/vitalpost/{name}"), &content);
        }
        self.guest
            .writes("/etc/vitalpost/vitalpost.toml", &(config + &laboratory));
        let unit =
            |listen: &str| format!("[Socket]\nListenStream={listen}\n[Install]\nWantedBy=sockets.target\n");
        self.guest.writes(
            "/etc/systemd/system/broker.socket",
            &unit(&format!("127.0.0.1:{BROKER_PORT}")),
        );
        let proxy = format!(
            "[Service]\nExecStart=/lib/systemd/systemd-socket-proxyd {HOST}:{}\n",
            self.scene.ports().1
        );
        self.guest.writes("/etc/systemd/system/broker.service", &proxy);
        self.guest.does("systemd-tmpfiles --create vitalpost.conf && systemctl daemon-reload && systemctl enable --now broker.socket 2>&1");
        // What was just installed is on the system's disk before the first cut, as it is when a technician has left.
        self.guest
            .does("vitalpost check /etc/vitalpost/vitalpost.toml && systemctl restart vitalpost && sync");
    }

    /// Waits for the end of the boot without asking again and again: the emulated processor has enough to do.
    fn wait_for_boot(&mut self) {
        self.guest.wait_until_up();
        self.guest.tries("systemctl is-system-running --wait");
    }

    /// Waits until the page answers; nobody signs in.
    fn wait_for_answer(&self) {
        let page = self.scene.nurse();
        wait_for("the page of the post in the guest", BOOT_WITHIN, || {
            let answered = page.ask("GET", "/api/v1/session", None);
            pause_unless(answered.filter(|answered| answered.status == 200))
        });
    }

    /// Waits for the page and signs in. A post that has lost its accounts is claimed with the code in its log.
    fn wait_for_page(&mut self) {
        self.wait_for_answer();
        let said = self.guest.does("journalctl -u vitalpost -b -o cat --no-pager");
        std::fs::write(self.scene.path("post.log"), said).expect("the test's folder is writable");
        let nurse = self.scene.nurse();
        wait_for("somebody is signed in", BOOT_WITHIN, || {
            pause_unless(nurse.ward())
        });
    }

    fn wait_for_numbers(&self) {
        let nurse = self.scene.nurse();
        wait_for("numbers of both beds", BOOT_WITHIN, || {
            let ward = nurse.ward()?;
            let shown = |id| {
                value(bed(&ward, id), "hr")
                    .is_some_and(|value| value["value"].is_number() || value["value"].is_string())
            };
            pause_unless((shown("1") && shown("2")).then_some(()))
        });
    }

    /// A laboratory sends a result; true when the post has acknowledged it: it is durable then.
    fn send_result(&mut self) -> bool {
        self.sent += 1;
        let specimen = format!("CUT-{}", self.sent);
        let exchanged = exchange(self.results_port, &result(&specimen, self.sent));
        let stored = exchanged.is_some_and(|answer| answer.contains("MSA|AA"));
        if stored {
            self.acknowledged.push(specimen);
        }
        stored
    }

    fn wait_for_centre(&self) {
        let nurse = self.scene.nurse();
        wait_for("the centre has confirmed everything", BOOT_WITHIN, || {
            let ward = nurse.ward()?;
            (ward["centre"]["state"] == "up" && ward["centre"]["waiting"] == 0).then_some(())
        });
    }

    /// What was acknowledged is at the centre, and nothing else was lost; the power is off afterwards.
    fn check(mut self) -> (usize, usize) {
        self.scene.simulators.clear();
        run_for(8);
        self.wait_for_centre();
        // What is made while stopping goes to the centre after the next start.
        self.guest.does("systemctl restart vitalpost");
        self.wait_for_centre();
        self.guest.cut_power();
        let disk = self.guest.data_disk();
        let looked = Command::new("e2fsck").args(["-p", text(&disk)]).output();
        let looked = looked.expect("e2fsck starts");
        assert!(
            matches!(looked.status.code(), Some(0 | 1)),
            "the disk needs a person: {looked:?}"
        );
        let store = self.scene.path("kept.redb");
        dump(&disk, "/vitalpost.redb", &store);
        let (readings, events) = check_store(&mut self.scene, &store);
        let all: String = events.values().map(|event| format!("{event}\n")).collect();
        let lost: Vec<&String> = self
            .acknowledged
            .iter()
            .filter(|specimen| !all.contains(&format!("\"{specimen}\"")))
            .collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        (readings, self.acknowledged.len())
    }
}

/// Makes the first account at the page as it is packaged, with the code that the package printed.
fn claim(guest: &mut Guest, said: &str) {
    let code = said
        .split_once("claimed: ")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    let body = json!({ "code": code, "person": PERSON, "name": "Grace", "password": PASSWORD });
    let claimed = guest.does(&format!(
        "curl -sk -w '%{{http_code}}' -H 'content-type: application/json' -d '{body}' https://127.0.0.1:8443/api/v1/claim"
    ));
    assert!(claimed.ends_with("200"), "{said}\n{claimed}");
}

/// The next look comes later where there is nothing yet: each one is work for the guest.
fn pause_unless<T>(found: Option<T>) -> Option<T> {
    if found.is_none() {
        std::thread::sleep(Duration::from_millis(500));
    }
    found
}

/// Takes a file out of a disk that nobody has mounted.
fn dump(disk: &std::path::Path, file: &str, to: &std::path::Path) {
    let command = format!("dump {file} {}", text(to));
    let output = Command::new("debugfs")
        .args(["-R", &command, text(disk)])
        .output();
    let output = output.expect("debugfs starts");
    assert!(to.exists(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn result(specimen: &str, number: u32) -> String {
    format!(
        "MSH|^~\\&|LIS|HOSP|||20261130120000||ORU^R01|{number}|P|2.3.1\rPID|1||PT-{number}^^^LAB^MR\r\
         OBR|1||{specimen}|CRP\rOBX|1|SN|1988-5^CRP^LN||<^0.5|mg/L|0-5|N|||F\r"
    )
}

/// Sends one message over MLLP and reads the answer.
fn exchange(port: u16, message: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream
        .write_all(format!("\u{b}{message}\u{1c}\r").as_bytes())
        .ok()?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while byte[0] != 0x1c {
        stream.read_exact(&mut byte).ok()?;
        answer.push(byte[0]);
    }
    String::from_utf8(answer).ok()
}

#[test]
fn the_package_installs_runs_survives_kills_and_is_purged() {
    let Some(made) = Made::find("the life of a package") else {
        return;
    };
    let mut ward = Ward::installed(&made);
    ward.wait_for_numbers();
    ward.is_started_again_whatever_ends_it();
    ward.keeps_everything_through_an_upgrade();
    ward.shows_a_wrong_configuration();
    println!("removed and purged");
    ward.guest.does("dpkg -r vitalpost");
    assert_eq!(ward.guest.tries("pgrep -x vitalpost").0, 1, "nothing of it runs");
    let said = ward.guest.does("dpkg -P vitalpost");
    assert!(
        said.contains("kept /var/lib/vitalpost") && said.contains("kept /etc/vitalpost"),
        "{said}"
    );
    let ours = "find / -xdev -name '*vitalpost*' -not -path '/proc/*' -not -path '/sys/*' -not -path '/tmp/*' -not -path '/stick/*' -not -path '/var/log/*'";
    let left = ward.guest.does(&format!("{ours} | sort | tr '\\n' ' '"));
    assert_eq!(
        left, "/etc/vitalpost /var/lib/vitalpost",
        "what docs/operate/install.md says"
    );
}

/// The life of the package, part by part.
impl Ward {
    fn process(&mut self) -> String {
        self.guest.does("systemctl show -p MainPID --value vitalpost")
    }

    fn is_started_again_whatever_ends_it(&mut self) {
        let first = self.process();
        self.guest.does("systemctl kill -s KILL vitalpost");
        self.wait_for_page();
        self.wait_for_numbers();
        let second = self.process();
        assert_ne!(first, second, "systemd has started it again");
        println!("a post that stands still is ended by its watchdog");
        let stopped = boot_ns();
        self.guest.does(&format!("kill -STOP {second}"));
        wait_for("another process", Duration::from_secs(90), || {
            let now = self.process();
            (now != second && now != "0").then_some(())
        });
        let again = (boot_ns() - stopped) / 1_000_000_000;
        tell(
            "a post that stands still",
            &format!("ended by its watchdog; another process after {again} s"),
        );
        self.wait_for_page();
        self.wait_for_numbers();
    }

    fn keeps_everything_through_an_upgrade(&mut self) {
        println!("an upgrade keeps what is there");
        let files = "ls /var/lib/vitalpost | sort | tr '\\n' ' '";
        let before = self.guest.does(files);
        self.guest.does("cd /tmp && dpkg-deb -R /stick/vitalpost.deb newer && sed -i 's/^Version: .*/Version: 99.0.0-1/' newer/DEBIAN/control && dpkg-deb -b newer newer.deb");
        self.guest
            .does("DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i /tmp/newer.deb");
        assert_eq!(
            self.guest.does("dpkg-query -W -f '${Version}' vitalpost"),
            "99.0.0-1"
        );
        self.wait_for_page();
        self.wait_for_numbers();
        assert_eq!(self.guest.does(files), before);
        let person = json!({ "person": PERSON, "password": PASSWORD });
        let (status, _) = self.scene.nurse().post("/api/v1/session", &person);
        assert_eq!(status, 200, "accounts are there after the upgrade");
        let configured = self
            .guest
            .does("grep -c 'post = \"demo\"' /etc/vitalpost/vitalpost.toml");
        assert_eq!(configured, "1", "and the configuration");
    }

    fn shows_a_wrong_configuration(&mut self) {
        println!("a wrong configuration is shown, and not tried without end");
        self.guest.does("cp /etc/vitalpost/vitalpost.toml /tmp/good.toml; echo nonsense >> /etc/vitalpost/vitalpost.toml; systemctl restart vitalpost || true");
        let state = |guest: &mut Guest, unit: &str| guest.tries(&format!("systemctl is-active {unit}")).1;
        wait_for("the unit that shows the fault", Duration::from_secs(30), || {
            (state(&mut self.guest, "vitalpost-failed") == "activating").then_some(())
        });
        self.guest.does("cp /tmp/good.toml /etc/vitalpost/vitalpost.toml");
        wait_for("the post, by itself", Duration::from_secs(120), || {
            (state(&mut self.guest, "vitalpost") == "active").then_some(())
        });
    }
}

#[test]
fn i1_power_cuts_on_an_honest_disk_lose_nothing_acknowledged() {
    let Some(made) = Made::find("power cuts on an honest disk") else {
        return;
    };
    let cuts = times("VITALPOST_CUTS");
    let mut ward = Ward::installed(&made);
    ward.wait_for_numbers();
    let mut recoveries = Vec::new();
    for cut in 1..=cuts {
        let long = below(4_000);
        let until = boot_ns() + long * 1_000_000;
        while boot_ns() < until {
            ward.send_result();
        }
        ward.guest.cut_power();
        let on = boot_ns();
        ward.guest.switch_on(Disk::Honest, None);
        // One in five boots is cut as well.
        if below(5) == 0 {
            std::thread::sleep(Duration::from_millis(below(8_000)));
            ward.guest.cut_power();
            ward.guest.switch_on(Disk::Honest, None);
        }
        ward.wait_for_boot();
        ward.wait_for_answer();
        recoveries.push(Duration::from_nanos(boot_ns() - on));
        let aside = ward.guest.does("ls /var/lib/vitalpost | grep -c damaged || true");
        assert_eq!(aside, "0", "a store was set aside after cut {cut}");
        if cut % 5 == 0 {
            println!(
                "{cut} of {cuts} cuts, {} results acknowledged",
                ward.acknowledged.len()
            );
        }
    }
    ward.wait_for_page();
    ward.wait_for_numbers();
    recoveries.sort();
    let (median, worst) = (recoveries[recoveries.len() / 2], recoveries[recoveries.len() - 1]);
    let (readings, results) = ward.check();
    tell(
        &format!("{cuts} power cuts on a disk that keeps its word"),
        &format!(
            "came back by itself {cuts} times, no store set aside; {results} results acknowledged, 0 lost; {readings} readings kept, each at the centre once; from power to the page {:.0} s (median), {:.0} s (longest)",
            median.as_secs_f64(),
            worst.as_secs_f64()
        ),
    );
}

#[test]
fn a_disk_that_lies_costs_records_and_never_the_watch() {
    let Some(made) = Made::find("power cuts on a lying disk") else {
        return;
    };
    let lies = times("VITALPOST_LIES");
    let mut ward = Ward::installed(&made);
    ward.wait_for_numbers();
    ward.guest.does("systemctl stop vitalpost");
    ward.guest.shut_down();
    ward.guest.switch_on(Disk::Lying, None);
    ward.wait_for_boot();
    ward.wait_for_page();
    let (mut kept, mut aside, mut gone) = (0, 0, 0);
    for cut in 1..=lies {
        std::thread::sleep(Duration::from_millis(below(3_000)));
        ward.guest.cut_power();
        ward.guest.switch_on(Disk::Lying, None);
        ward.wait_for_boot();
        ward.wait_for_page();
        ward.wait_for_numbers();
        let said = ward.guest.does("journalctl -u vitalpost -b -o cat --no-pager");
        let (is_aside, is_gone) = (
            said.contains("was set aside as"),
            said.contains("the store is gone"),
        );
        let now = ward.scene.nurse().ward().expect("the page answers");
        let is_alarm = now["alarms"].to_string().contains("store_set_aside");
        // One that is readable may hold the open alarm of a cut before.
        let is_lost = is_aside || is_gone;
        assert!(is_alarm || !is_lost, "cut {cut}: no alarm: {said}");
        aside += u32::from(is_aside);
        gone += u32::from(is_gone);
        kept += u32::from(!is_lost);
        println!("cut {cut} of {lies}: set aside {aside}, gone {gone}, readable {kept}");
    }
    tell(
        &format!("{lies} power cuts on a disk that lies"),
        &format!(
            "came up and watched {lies} times; the store set aside {aside} times, gone {gone} times, each an alarm; readable {kept} times"
        ),
    );
}

#[test]
fn a_kernel_that_hangs_is_started_again_by_the_board() {
    let Some(made) = Made::find("a kernel that hangs") else {
        return;
    };
    let mut ward = Ward::installed(&made);
    ward.wait_for_numbers();
    let watchdog = ward.guest.does("rm /etc/systemd/system.conf.d/guest.conf; systemctl daemon-reexec; sleep 1; systemctl show -p RuntimeWatchdogUSec --value");
    assert_eq!(watchdog, "10s", "what the package says");
    // Written by a process of its own: the answer to this command would never come.
    ward.guest
        .does("echo 1 > /proc/sys/kernel/sysrq; (sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &");
    let crashed = boot_ns();
    ward.guest.wait_until_up_again();
    let up = (boot_ns() - crashed) / 1_000_000_000;
    tell(
        "a kernel that hangs",
        &format!("started again by the board's watchdog; up {up} s after the crash"),
    );
    ward.wait_for_page();
    ward.wait_for_numbers();
}
