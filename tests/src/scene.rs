//! A whole post and centre as real processes: certificates, broker, centre, appliance, simulated devices.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::{Standstill, wait_for};
use crate::doctors::Doctor;
use crate::pages::Site;
use crate::process::{Process, program};
use crate::truth::Truth;

/// How long a program may take to answer after its start, on a loaded machine.
pub const START_WITHIN: Duration = Duration::from_secs(30);

/// The processes of one test. Dropping it kills them all.
#[derive(Debug)]
pub struct Scene {
    broker_port: u16,
    nurse_port: u16,
    nurse: Site,
    doctor_port: u16,
    /// What programs find in their environment.
    environment: Vec<(&'static str, String)>,
    doctor: Site,
    doctor_account: Option<Doctor>,
    /// What the post's `[centre]` says beside address and files.
    centre_keys: String,
    lines: String,
    beds: String,
    truths: Vec<PathBuf>,
    /// The broker, while it runs.
    pub broker: Option<Process>,
    /// The centre, while it runs.
    pub centre: Option<Process>,
    /// The appliance, while it runs.
    pub post: Option<Process>,
    /// Whether the machine itself stood still meanwhile.
    pub standstill: Standstill,
    /// Simulators by their line.
    pub simulators: Vec<(String, Process)>,
    // Last, so that it outlives the processes and their logs.
    folder: TempDir,
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

impl Default for Scene {
    fn default() -> Scene {
        Scene::new()
    }
}

impl Scene {
    /// Certificates and configurations; nothing runs yet.
    pub fn new() -> Scene {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (nurse_port, doctor_port) = (free_port(), free_port());
        let scene = Scene {
            broker_port: free_port(),
            nurse_port,
            nurse: Site::at(nurse_port).with_person(folder.path().join("post.log")),
            environment: Vec::new(),
            doctor_port,
            doctor: Site::at(doctor_port),
            doctor_account: None,
            centre_keys: String::new(),
            lines: String::new(),
            beds: String::new(),
            truths: Vec::new(),
            broker: None,
            centre: None,
            post: None,
            standstill: Standstill::watch(),
            simulators: Vec::new(),
            folder,
        };
        let certificates = scene.path("certificates");
        let args = [
            "certificates",
            "--dir",
            text(&certificates),
            "--server-name",
            "localhost",
            "--post",
            "demo",
        ];
        let mut made = scene.process("certificates", "vitalpost-central", &args);
        assert!(made.wait(START_WITHIN).success(), "{}", made.log());
        scene
    }

    /// Four beds and a fridge on five devices, heard over three lines; broker, centre and post run.
    pub fn small_ward() -> Scene {
        let mut scene = Scene::new();
        for bed in ["1", "2", "3", "4"] {
            scene.bed(bed);
        }
        scene.nonin("oxi-1", "1", "2", "generator:1:deterioration", &[]);
        scene.nonin("oxi-2", "2", "7", "generator:2:probe-off", &[]);
        let link = scene.path("tty-bus");
        let truth = scene.truth_file("bus");
        let units = [
            (1, "bedside-invented", "mon-3", Some("3")),
            (2, "bedside-invented", "mon-4", Some("4")),
        ];
        scene.modbus_line(
            "bus",
            &format!("serial = {link:?}\nbaud = 19200\nparity = \"even\""),
            &[units[0], units[1], (3, "xy-md02", "fridge", None)],
        );
        let args = [
            "modbus-rtu",
            "--link",
            text(&link),
            "--truth",
            text(&truth),
            "--unit",
            "1=mon-3:bedside:generator:3",
            "--unit",
            "2=mon-4:bedside:generator:4:artefact",
            "--unit",
            "3=fridge:xy-md02",
        ];
        scene.simulator("bus", &args);
        scene.start_broker();
        scene.start_centre();
        scene.start_post();
        scene
    }

    /// Programs that are started from now on log all they can.
    pub fn log_everything(&mut self) {
        self.environment("VITALPOST_LOG", "trace");
    }

    /// What programs that are started from now on find in their environment.
    pub fn environment(&mut self, name: &'static str, value: &str) {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_owned()));
    }

    /// Where the post's page is, and where the broker listens.
    pub fn ports(&self) -> (u16, u16) {
        (self.nurse_port, self.broker_port)
    }

    /// A file or folder of this test.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The post's page, as somebody sees it who is not signed in.
    pub fn stranger(&self) -> Site {
        self.nurse.other_browser()
    }

    /// The nurse's page, in one browser; Grace signs in whenever she is asked to.
    pub fn nurse(&self) -> Site {
        self.nurse.clone()
    }

    /// The doctor's page; a doctor is signed in there.
    pub fn doctor(&self) -> Site {
        self.doctor.clone()
    }

    fn process(&self, name: &str, program: &str, args: &[&str]) -> Process {
        let environment: Vec<_> = self
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let program = crate::process::program(program);
        Process::start_with(name, &program, args, &environment, self.folder.path())
    }

    fn certificate(&self, file: &str) -> String {
        text(&self.path("certificates").join(file)).to_owned()
    }

    /// Starts the broker.
    pub fn start_broker(&mut self) {
        let listen = format!("127.0.0.1:{}", self.broker_port);
        let (ca, certificate, key) = (
            self.certificate("ca.pem"),
            self.certificate("broker.pem"),
            self.certificate("broker.key"),
        );
        let args = [
            "broker",
            "--listen",
            &listen,
            "--ca",
            &ca,
            "--certificate",
            &certificate,
            "--key",
            &key,
        ];
        self.broker = Some(self.process("broker", "vitalpost", &args));
    }

    /// Starts Mosquitto in the place of our broker, with the same certificates and the same rules on topics.
    pub fn start_mosquitto(&mut self) {
        let topics = "\
            pattern write vitalpost/v1/%u/up/+\n\
            pattern write vitalpost/v1/%u/state\n\
            pattern read vitalpost/v1/%u/down/+\n\
            pattern write vitalpost/v1/%u\n\
            pattern read vitalpost/v1/%u/sensor/+\n\
            user centre\n\
            topic read vitalpost/v1/+/up/+\n\
            topic read vitalpost/v1/+/state\n\
            topic write vitalpost/v1/+/down/+\n";
        let acl = self.path("mosquitto.acl");
        std::fs::write(&acl, topics).expect("the test's folder is writable");
        // Started by root it would become a user who cannot read this test's folder.
        let config = format!(
            "user root\npersistence false\nlog_dest stderr\nlistener {} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\n\
             require_certificate true\nuse_identity_as_username true\nallow_anonymous false\nacl_file {}\n",
            self.broker_port,
            self.certificate("ca.pem"),
            self.certificate("broker.pem"),
            self.certificate("broker.key"),
            text(&acl),
        );
        let file = self.path("mosquitto.conf");
        std::fs::write(&file, config).expect("the test's folder is writable");
        let args = ["-c", text(&file), "-v"];
        let program = mosquitto();
        self.broker = Some(Process::start_system(
            "mosquitto",
            &program,
            &args,
            self.folder.path(),
        ));
    }

    /// Starts the centre, waits until its page answers, and signs the doctor in.
    pub fn start_centre(&mut self) {
        let config = format!(
            "name = \"Test centre\"\n[store]\npath = {:?}\n[web]\nlisten = \"127.0.0.1:{}\"\n[broker]\nhost = \"localhost\"\nport = {}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
            self.path("central.redb"),
            self.doctor_port,
            self.broker_port,
            self.certificate("ca.pem"),
            self.certificate("centre.pem"),
            self.certificate("centre.key"),
        );
        let file = self.path("central.toml");
        std::fs::write(&file, config).expect("the test's folder is writable");
        self.centre = Some(self.process("centre", "vitalpost-central", &["run", "--config", text(&file)]));
        let doctor = self.doctor();
        let centre = self.centre.as_mut().expect("just started");
        wait_for("the centre's page answers", START_WITHIN, || {
            assert!(centre.runs(), "the centre ended:\n{}", centre.log());
            doctor.json("/api/v1/session")
        });
        match &mut self.doctor_account {
            Some(account) => account.sign_in(&doctor),
            none => *none = Some(Doctor::make(&program("vitalpost-central"), &file, &doctor)),
        }
    }

    /// The appliance's configuration, as it stands in `vitalpost.toml`.
    pub fn config(&self) -> String {
        format!(
            "post = \"demo\"\nname = \"Test post\"\n[store]\npath = {:?}\ncommit_window_s = 1\n[web]\nlisten = \"127.0.0.1:{}\"\n[centre]\nhost = \"localhost\"\nport = {}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n{}{}{}",
            self.path("store.redb"),
            self.nurse_port,
            self.broker_port,
            self.certificate("ca.pem"),
            self.certificate("demo.pem"),
            self.certificate("demo.key"),
            self.centre_keys,
            self.beds,
            self.lines,
        )
    }

    /// Starts the appliance with [`Scene::config`] without waiting for it.
    pub fn launch_post(&mut self) {
        let config = self.config();
        self.launch_post_with(&config);
    }

    /// Starts the appliance with this configuration without waiting for it.
    pub fn launch_post_with(&mut self, config: &str) {
        let file = self.path("vitalpost.toml");
        std::fs::write(&file, config).expect("the test's folder is writable");
        self.post = Some(self.process("post", "vitalpost", &["run", "--config", text(&file)]));
    }

    /// Starts the appliance and waits until its page answers.
    pub fn start_post(&mut self) {
        self.launch_post();
        let nurse = self.nurse();
        let post = self.post.as_mut().expect("just launched");
        wait_for("the nurse's page answers", START_WITHIN, || {
            assert!(post.runs(), "the appliance ended:\n{}", post.log());
            nurse.ward()
        });
    }

    /// Which MQTT the post speaks, if not MQTT 5.
    pub fn post_speaks(&mut self, mqtt: &str) {
        self.centre_keys = format!("mqtt = {mqtt:?}\n");
    }

    /// Adds a bed.
    pub fn bed(&mut self, id: &str) {
        self.beds += &format!("[[bed]]\nid = \"{id}\"\nlabel = \"Bed {id}\"\ncategory = \"adult\"\n");
    }

    /// Adds a Nonin oximeter on a serial line at a bed, and starts it.
    pub fn nonin(&mut self, device: &str, bed: &str, format: &str, patient: &str, more: &[&str]) {
        let link = self.path(&format!("tty-{device}"));
        self.lines += &format!(
            "[[line]]\nid = \"line-{device}\"\nserial = {link:?}\nfamily = \"nonin\"\ndevice = \"{device}\"\nbed = \"{bed}\"\n"
        );
        self.start_nonin(device, format, patient, more);
    }

    /// Starts (again) the oximeter of a line that [`Scene::nonin`] added: the cable is put back.
    pub fn start_nonin(&mut self, device: &str, format: &str, patient: &str, more: &[&str]) {
        let (link, truth) = (self.path(&format!("tty-{device}")), self.truth_file(device));
        let mut args = vec![
            "nonin",
            "--link",
            text(&link),
            "--format",
            format,
            "--patient",
            patient,
        ];
        args.extend(["--device", device, "--truth", text(&truth)]);
        args.extend(more);
        let process = self.process(&format!("sim-{device}"), "vitalpost-simulators", &args);
        wait_for("the simulator opens its port", START_WITHIN, || {
            link.exists().then_some(())
        });
        self.simulators.push((device.to_owned(), process));
    }

    /// Adds a line of sensors (`device`, `bed`) over the scene's broker, and makes their certificates.
    pub fn sensors(&mut self, devices: &[(&str, Option<&str>)]) {
        let file = |name: &str| self.certificate(name);
        let mut line = format!(
            "[[line]]\nid = \"sensors\"\nfamily = \"sensor_json\"\nbroker = \"localhost:{}\"\nca = {:?}\n\
             certificate = {:?}\nkey = {:?}\n",
            self.broker_port,
            file("ca.pem"),
            file("demo.pem"),
            file("demo.key"),
        );
        let names: Vec<String> = devices
            .iter()
            .map(|(device, _)| format!("demo/{device}"))
            .collect();
        let certificates = self.path("certificates");
        let mut args = vec![
            "certificates",
            "--dir",
            text(&certificates),
            "--server-name",
            "localhost",
        ];
        args.extend(names.iter().flat_map(|name| ["--sensor", name.as_str()]));
        let mut made = self.process("sensor-certificates", "vitalpost-central", &args);
        assert!(made.wait(START_WITHIN).success(), "{}", made.log());
        for (device, bed) in devices {
            line += &format!("[[line.source]]\ndevice = \"{device}\"\nsilent_after_s = 10\n");
            if let Some(bed) = bed {
                line += &format!("bed = \"{bed}\"\n");
            }
        }
        self.lines += &line;
    }

    /// Starts a sensor that calls itself `device`, with the certificate in `file`; a fridge where no patient is named.
    pub fn sensor(&mut self, device: &str, file: &str, patient: Option<&str>) {
        let broker = format!("localhost:{}", self.broker_port);
        let [ca, certificate, key] =
            ["ca.pem", &format!("{file}.pem"), &format!("{file}.key")].map(|name| self.certificate(name));
        let mut args = vec![
            "sensor",
            "--broker",
            &broker,
            "--ca",
            &ca,
            "--certificate",
            &certificate,
        ];
        args.extend(["--key", &key, "--post", "demo", "--name", device]);
        args.extend(patient.iter().flat_map(|patient| ["--patient", patient]));
        self.simulator(&format!("{device}-as-{file}"), &args);
    }

    /// The truth log of a simulator; each start has its own file.
    pub fn truth_file(&mut self, name: &str) -> PathBuf {
        let file = self.path(&format!("truth-{name}-{}.jsonl", self.truths.len()));
        self.truths.push(file.clone());
        file
    }

    /// Adds a serial Modbus line with these units (`unit`, `map`, `device`, `bed`).
    pub fn modbus_line(&mut self, id: &str, port: &str, units: &[(u8, &str, &str, Option<&str>)]) {
        self.lines += &format!("[[line]]\nid = \"{id}\"\n{port}\nfamily = \"modbus\"\n");
        for (unit, map, device, bed) in units {
            self.lines += &format!("[[line.unit]]\nunit = {unit}\nmap = \"{map}\"\ndevice = \"{device}\"\n");
            if let Some(bed) = bed {
                self.lines += &format!("bed = \"{bed}\"\n");
            }
        }
    }

    /// Adds a bedside monitor alone on a serial Modbus line at a bed, and starts it.
    pub fn monitor_rtu(&mut self, device: &str, bed: &str, patient: &str, more: &[&str]) {
        let link = self.path(&format!("tty-{device}"));
        let unit = (1, "bedside-invented", device, Some(bed));
        self.modbus_line(device, &format!("serial = {link:?}"), &[unit]);
        self.monitor("modbus-rtu", &["--link", text(&link)], device, patient, more);
    }

    /// Adds a bedside monitor behind a TCP port at a bed, and starts it.
    pub fn monitor_tcp(&mut self, device: &str, bed: &str, patient: &str, more: &[&str]) {
        let listen = format!("127.0.0.1:{}", free_port());
        let unit = (1, "bedside-invented", device, Some(bed));
        self.modbus_line(device, &format!("tcp = \"{listen}\""), &[unit]);
        self.monitor("modbus-tcp", &["--listen", &listen], device, patient, more);
    }

    fn monitor(&mut self, transport: &str, port: &[&str], device: &str, patient: &str, more: &[&str]) {
        let (truth, unit) = (self.truth_file(device), format!("1={device}:bedside:{patient}"));
        let args = [
            &[transport],
            port,
            &["--truth", text(&truth), "--unit", &unit],
            more,
        ]
        .concat();
        self.simulator(device, &args);
    }

    /// Starts a simulator with these arguments.
    pub fn simulator(&mut self, name: &str, args: &[&str]) {
        let process = self.process(&format!("sim-{name}"), "vitalpost-simulators", args);
        self.simulators.push((name.to_owned(), process));
    }

    /// Pulls a device's cable: its simulator is gone, and with it the port.
    pub fn pull_cable(&mut self, name: &str) {
        let place = self.simulators.iter().position(|(line, _)| line == name);
        let (_, process) = self.simulators.swap_remove(place.expect("a running simulator"));
        process.kill();
        // A killed process cannot remove its link; the kernel removes a real device's.
        let _ = std::fs::remove_file(self.path(&format!("tty-{name}")));
    }

    /// What all simulators sent so far.
    pub fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        self.truths
            .iter()
            .filter(|file| file.exists())
            .for_each(|file| truth.read(file));
        truth
    }
}

/// Debian keeps daemons where only root has them in PATH.
fn mosquitto() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let daemons = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(daemons)
        .map(|folder| folder.join("mosquitto"))
        .find(|file| file.is_file())
        .expect("Mosquitto is not on this machine; install the package mosquitto (Debian: sudo apt-get install mosquitto)")
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("test folders have plain names")
}
