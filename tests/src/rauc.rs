//! A box with two slots, as RAUC sees it: a D-Bus of its own, slots that are files, a bootloader that is a script, and our
//! scripts and settings as they ship. Of an image only its version is there, in its first line.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use appliance::selftest::software::{self, Software};
use nix::unistd::Uid;
use tempfile::TempDir;

use crate::clock::wait_for;
use crate::process::{Process, program};
use crate::scene::text;

/// What this box calls itself.
pub const COMPATIBLE: &str = "vitalpost-test-board";

/// What must be on the machine: the command, the Debian package.
const TOOLS: [(&str, &str); 4] = [
    ("rauc", "rauc"),
    ("dbus-daemon", "dbus-daemon"),
    ("mksquashfs", "squashfs-tools"),
    ("openssl", "openssl"),
];

/// Bytes of an image, and of a slot.
const IMAGE_BYTES: usize = 256 << 10;

const BOOTLOADER: &str = r#"#!/bin/sh
# Keeps what U-Boot keeps in its environment: the order of the slots, and which of them are bad.
cd "$(dirname "$0")/boot"
case "$1" in
    get-primary) for slot in $(cat order); do [ "$(cat "$slot")" = bad ] || { echo "$slot"; exit 0; }; done; exit 1 ;;
    set-primary) for slot in A B; do [ "$slot" = "$2" ] || other="$slot"; done; echo "$2 $other" > order; echo good > "$2" ;;
    get-state) cat "$2" ;;
    set-state) echo "$3" > "$2" ;;
esac
"#;

/// The box. Dropping it stops its RAUC and its D-Bus.
pub struct Rauc {
    slot: String,
    starts: u32,
    service: Option<Process>,
    _bus: Process,
    // Last, so that it outlives what writes there.
    folder: TempDir,
}

/// What a script said, and whether it worked.
#[derive(Debug)]
pub struct Said {
    /// It ended with 0.
    pub worked: bool,
    /// All of its output.
    pub text: String,
}

/// Why this machine has no such box; it is said here, so that no test passes silently.
pub fn is_skipped(what: &str) -> bool {
    let why = if !Uid::effective().is_root() {
        "RAUC mounts bundles, which only root may".to_owned()
    } else {
        let has = |command: &str| {
            ["/usr/bin", "/usr/sbin", "/bin"]
                .iter()
                .any(|at| Path::new(at).join(command).is_file())
        };
        let missing: Vec<&str> = TOOLS
            .iter()
            .filter(|(command, _)| !has(command))
            .map(|(_, package)| *package)
            .collect();
        if missing.is_empty() {
            return false;
        }
        format!("install {}", missing.join(" "))
    };
    println!("SKIPPED: {what}: {why}");
    true
}

impl Rauc {
    /// Slot A runs version `version`, slot B holds the same.
    pub fn with(version: &str) -> Rauc {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let at = folder.path();
        for made in [
            "bin",
            "boot",
            "keys",
            "run/rauc",
            "usr/lib/rauc",
            "etc/vitalpost",
            "usr/libexec/vitalpost",
            "proc/sys/kernel/random",
            "var/lib/vitalpost",
        ] {
            fs::create_dir_all(at.join(made)).expect("the folder is writable");
        }
        for (slot, file) in [("A", "slot-a.img"), ("B", "slot-b.img")] {
            fs::write(at.join(file), image(version, IMAGE_BYTES)).expect("the folder is writable");
            fs::write(at.join("boot").join(slot), "good\n").expect("the folder is writable");
        }
        fs::write(at.join("boot/order"), "A B\n").expect("the folder is writable");
        fs::write(
            at.join("var/lib/vitalpost/kept"),
            image("what patients' records are here", IMAGE_BYTES),
        )
        .expect("the folder is writable");
        install_scripts(at);
        make_keys(&at.join("keys"));
        fs::copy(at.join("keys/keyring.pem"), at.join("usr/lib/rauc/keyring.pem"))
            .expect("the keyring was made");
        fs::write(at.join("usr/lib/rauc/system.conf"), settings(at)).expect("the folder is writable");
        let bus = start_bus(at);
        let mut rauc = Rauc {
            slot: String::new(),
            starts: 0,
            service: None,
            _bus: bus,
            folder,
        };
        rauc.boot();
        rauc
    }

    /// A file of the box.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The post whose configuration this is runs on the box.
    pub fn runs_the_post_of(&self, config: &Path) {
        std::os::unix::fs::symlink(config, self.path("etc/vitalpost/vitalpost.toml"))
            .expect("the folder is writable");
    }

    /// The box starts again: the bootloader chooses the slot.
    pub fn boot(&mut self) {
        if let Some(service) = self.service.take() {
            service.stop();
        }
        let chosen = self
            .command(&self.path("bootloader"))
            .arg("get-primary")
            .output()
            .expect("a shell");
        String::from_utf8_lossy(&chosen.stdout)
            .trim()
            .clone_into(&mut self.slot);
        self.starts += 1;
        // It lies in memory.
        let _ = fs::remove_dir_all(self.path("run/vitalpost-update"));
        fs::write(
            self.path("proc/sys/kernel/random/boot_id"),
            format!("start-{}\n", self.starts),
        )
        .expect("the folder is writable");
        let version = format!("IMAGE_VERSION={}\n", self.version_in(&self.slot));
        fs::write(self.path("etc/os-release"), version).expect("the folder is writable");
        let boot_slot = format!("--override-boot-slot={}", self.slot);
        let config = format!("--conf={}", text(&self.path("usr/lib/rauc/system.conf")));
        let env = env_of(self.folder.path());
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let args = [config.as_str(), &boot_slot, "service"];
        let service = Process::start_with(
            "rauc",
            Path::new("/usr/bin/rauc"),
            &args,
            &env,
            self.folder.path(),
        );
        self.service = Some(service);
        wait_for("RAUC answers", Duration::from_secs(30), || {
            self.run("bin/rauc", &["status"]).worked.then_some(())
        });
    }

    /// The slot that runs.
    pub fn slot(&self) -> &str {
        &self.slot
    }

    /// The version in a slot.
    pub fn version_in(&self, slot: &str) -> String {
        let file = if slot == "A" { "slot-a.img" } else { "slot-b.img" };
        let bytes = fs::read(self.path(file)).expect("a slot is a file");
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        String::from_utf8_lossy(line).into_owned()
    }

    /// What the bootloader would start now.
    pub fn next_slot(&self) -> String {
        let said = self.run("bootloader", &["get-primary"]);
        said.text.trim().to_owned()
    }

    /// Makes a bundle signed with `KEY.pem` of the box's keys.
    pub fn bundle(&self, name: &str, version: &str, compatible: &str, key: &str) -> PathBuf {
        self.bundle_of(name, version, (compatible, key), appliance::store::SCHEMA)
    }

    /// The same for a version that writes the store with the layout `schema`; (`compatible`, `key`).
    pub fn bundle_of(
        &self,
        name: &str,
        version: &str,
        (compatible, key): (&str, &str),
        schema: u32,
    ) -> PathBuf {
        let manifest = manifest(version, compatible);
        self.packed(name, &manifest, &image(version, IMAGE_BYTES), key, schema)
    }

    /// A good one in the format that boxes take, with an image of so many bytes. A kernel without device-mapper cannot install it.
    pub fn verity_bundle(&self, name: &str, version: &str, bytes: usize) -> PathBuf {
        let manifest = format!("{}\n[bundle]\nformat=verity\n", manifest(version, COMPATIBLE));
        let schema = appliance::store::SCHEMA;
        self.packed(name, &manifest, &image(version, bytes), "signer", schema)
    }

    fn packed(&self, name: &str, manifest: &str, image: &[u8], key: &str, schema: u32) -> PathBuf {
        let from = self.path(&format!("bundle-{name}"));
        fs::create_dir(&from).expect("a name is used once");
        fs::write(from.join("rootfs.img"), image).expect("the folder is writable");
        fs::write(from.join("store-schema"), format!("{schema}\n")).expect("the folder is writable");
        fs::write(from.join("manifest.raucm"), manifest).expect("the folder is writable");
        let bundle = self.path(&format!("{name}.raucb"));
        let key = |end: &str| text(&self.path(&format!("keys/{key}.{end}"))).to_owned();
        let made = Command::new("/usr/bin/rauc")
            .args([
                "bundle",
                "--cert",
                &key("pem"),
                "--key",
                &key("key"),
                text(&from),
                text(&bundle),
            ])
            .output()
            .expect("rauc is there");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        bundle
    }

    /// `vitalpost-update` as a technician types it.
    pub fn update(&self, words: &[&str]) -> Said {
        self.run("bin/vitalpost-update", words)
    }

    /// What runs after each start; the post has `wait_s` seconds.
    pub fn gate(&self, wait_s: u32) -> Said {
        let mut gate = self.command(&self.path("usr/libexec/vitalpost/vitalpost-update-gate"));
        gate.env("VITALPOST_UPDATE_WAIT_S", wait_s.to_string())
            .env("VITALPOST_UPDATE_SETTLE_S", "1");
        said(&gate.output().expect("it starts"))
    }

    /// Runs a program of the box.
    pub fn run(&self, program: &str, args: &[&str]) -> Said {
        said(
            &self
                .command(&self.path(program))
                .args(args)
                .output()
                .expect("it starts"),
        )
    }

    /// What the post shows of the box's software.
    pub fn software(&self) -> Software {
        software::read(self.folder.path())
    }

    /// Whether a stick that is put in now is looked at: what its unit asks.
    pub fn accepts_sticks(&self) -> bool {
        let unit = shipped("../systemd/box/vitalpost-update-stick.service");
        let unit = fs::read_to_string(unit).expect("it ships");
        let asked: Vec<&str> = unit
            .lines()
            .filter_map(|line| line.strip_prefix("ConditionPathExists=/"))
            .collect();
        assert_eq!(asked.len(), 2, "{asked:?}");
        asked.iter().all(|path| self.path(path).exists())
    }

    /// What is in the journal.
    pub fn journal(&self) -> String {
        fs::read_to_string(self.path("journal")).unwrap_or_default()
    }

    /// How often the box was asked to start again.
    pub fn reboots(&self) -> usize {
        let asked = fs::read_to_string(self.path("systemctl")).unwrap_or_default();
        asked.lines().filter(|line| *line == "reboot").count()
    }

    /// The records on the data partition are as they were.
    pub fn data_is_untouched(&self) -> bool {
        let folder = self.path("var/lib/vitalpost");
        let kept = fs::read(folder.join("kept")).expect("it was there");
        kept == image("what patients' records are here", IMAGE_BYTES)
            && fs::read_dir(folder).expect("it was there").count() == 1
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(env_of(self.folder.path()));
        command
    }
}

/// What stands in the environment of everything that runs on the box.
fn env_of(at: &Path) -> [(&'static str, String); 4] {
    [
        // Whoever runs this test may have one; this box writes its journal itself.
        ("JOURNAL_STREAM", String::new()),
        (
            "PATH",
            format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", text(&at.join("bin"))),
        ),
        ("VITALPOST_UPDATE_ROOT", text(at).to_owned()),
        (
            "DBUS_SYSTEM_BUS_ADDRESS",
            format!("unix:path={}", text(&at.join("bus"))),
        ),
    ]
}

fn said(output: &Output) -> Said {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    Said {
        worked: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

fn manifest(version: &str, compatible: &str) -> String {
    format!("[update]\ncompatible={compatible}\nversion={version}\n\n[image.rootfs]\nfilename=rootfs.img\n")
}

/// What stands for the image of a version: it in the first line, and bytes that do not compress to nothing.
pub fn image(version: &str, size: usize) -> Vec<u8> {
    let mut bytes = format!("{version}\n").into_bytes();
    let mut state = 0x2545_f491_4f6c_dd1d_u64 ^ version.len() as u64;
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../update").join(name)
}

fn install_scripts(at: &Path) {
    for (name, to) in [
        ("common.sh", "usr/libexec/vitalpost/common.sh"),
        ("before-install", "usr/libexec/vitalpost/before-install"),
        (
            "vitalpost-update-gate",
            "usr/libexec/vitalpost/vitalpost-update-gate",
        ),
        (
            "vitalpost-store-back",
            "usr/libexec/vitalpost/vitalpost-store-back",
        ),
        ("vitalpost-update", "bin/vitalpost-update"),
    ] {
        fs::copy(shipped(name), at.join(to)).expect("it ships");
    }
    std::os::unix::fs::symlink(program("vitalpost"), at.join("bin/vitalpost"))
        .expect("the folder is writable");
    let config = at.join("usr/lib/rauc/system.conf");
    let note = |file: &str| format!("#!/bin/sh\necho \"$@\" >> {}\n", text(&at.join(file)));
    for (name, script) in [
        (
            "bin/rauc",
            format!("#!/bin/sh\nexec /usr/bin/rauc --conf={} \"$@\"\n", text(&config)),
        ),
        ("bin/logger", note("journal")),
        ("bin/systemctl", note("systemctl")),
        ("bootloader", BOOTLOADER.to_owned()),
    ] {
        let file = at.join(name);
        fs::write(&file, script).expect("the folder is writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
}

/// The settings as they ship, with what the image fills in.
fn settings(at: &Path) -> String {
    let shipped = fs::read_to_string(shipped("system.conf")).expect("it ships");
    let path = |name: &str| text(&at.join(name)).to_owned();
    let handlers = format!("[handlers]\nbootloader-custom-backend={}", path("bootloader"));
    let filled = [
        ("=/", format!("={}/", text(at))),
        ("@COMPATIBLE@", COMPATIBLE.to_owned()),
        ("@BOOTLOADER@", "custom".to_owned()),
        ("@ROOTFS_A@", path("slot-a.img")),
        ("@ROOTFS_B@", path("slot-b.img")),
        ("type=ext4", "type=raw".to_owned()),
        // A kernel without device-mapper cannot read the other format.
        ("bundle-formats=-plain", String::new()),
        ("[handlers]", handlers),
    ];
    filled.iter().fold(shipped, |settings, (from, to)| {
        assert!(settings.contains(from), "the settings have no {from} any more");
        settings.replace(from, to)
    })
}

/// The keys as `make-keys` makes them: `signer`; `revoked`, who may not sign any more; `foreign`, of another root.
fn make_keys(at: &Path) {
    fs::write(at.join("password"), "correct horse\n").expect("the folder is writable");
    let make = |words: &[&str]| {
        let made = Command::new(shipped("make-keys"))
            .args(words)
            .env("ROOT_PASSWORD_FILE", at.join("password"))
            .output()
            .expect("it starts");
        assert!(
            made.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    };
    let put_as = |name: &str, from: &Path| {
        for end in ["pem", "key"] {
            fs::rename(
                from.join(format!("signer.{end}")),
                at.join(format!("{name}.{end}")),
            )
            .expect("it was made");
        }
    };
    make(&["root", text(at)]);
    make(&["signer", text(at)]);
    put_as("revoked", at);
    make(&["revoke", text(at), text(&at.join("revoked.pem"))]);
    make(&["signer", text(at)]);
    let other = at.join("other");
    make(&["root", text(&other)]);
    make(&["signer", text(&other)]);
    put_as("foreign", &other);
}

fn start_bus(at: &Path) -> Process {
    let policy =
        "<allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>";
    let config = format!(
        "<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\">{policy}</policy></busconfig>\n",
        text(&at.join("bus"))
    );
    let file = at.join("bus.conf");
    fs::write(&file, config).expect("the folder is writable");
    let option = format!("--config-file={}", text(&file));
    let daemon = Path::new("/usr/bin/dbus-daemon");
    let bus = Process::start_system("bus", daemon, &[&option, "--nofork"], at);
    wait_for("the bus listens", Duration::from_secs(20), || {
        at.join("bus").exists().then_some(())
    });
    bus
}
