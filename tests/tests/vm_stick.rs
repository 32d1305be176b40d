//! A box with two slots in a virtual machine, and sticks that are put into it: udev, systemd, RAUC with the verity format and our
//! scripts and units as they ship, in their sandbox. Slots are files and the boot loader is a script.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tests::clock::wait_for;
use tests::guest::{BOOT_WITHIN, Disk, Guest, Made, tell};
use tests::rauc::{COMPATIBLE, Rauc, image, is_skipped};
use tests::scene::{free_port, text};

/// Bytes of a slot; at [`SLOW`] a stick is read for as long as a hand needs to pull it out.
const SLOT_BYTES: usize = 32 << 20;
/// Bytes a second.
const SLOW: u32 = 1 << 20;
const FAST: u32 = 1 << 30;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy_all(from: &Path, to: &Path) {
    let copied = Command::new("cp").args(["-rL", text(from), text(to)]).status();
    assert!(copied.expect("cp starts").success(), "{}", from.display());
}

/// What a technician would never see: all that makes a box of the machine.
fn media(made: &Made, keys: &Rauc, folder: &Path) {
    fs::create_dir_all(folder).expect("the test's folder is writable");
    fs::copy(made.package(), folder.join("vitalpost.deb")).expect("the package is a file");
    for part in ["update", "systemd", "tests/vm/slots"] {
        copy_all(&repository().join(part), folder);
    }
    fs::copy(keys.path("keys/keyring.pem"), folder.join("keyring.pem")).expect("it was made");
    fs::write(folder.join("compatible"), COMPATIBLE).expect("the folder is writable");
    fs::write(folder.join("slot.img"), image("1.2.0", SLOT_BYTES)).expect("the folder is writable");
}

/// A stick as people format them, with one update on it.
fn stick(bundle: &Path) -> PathBuf {
    let stick = bundle.with_extension("stick");
    let run = |program: &str, args: &[&str]| {
        let ran = Command::new(program).args(args).output();
        let ran = ran.unwrap_or_else(|error| panic!("{program} (package dosfstools, mtools): {error}"));
        assert!(ran.status.success(), "{program}: {ran:?}");
    };
    fs::File::create(&stick)
        .and_then(|file| file.set_len(128 << 20))
        .expect("the folder is writable");
    run("mkfs.vfat", &["-n", "UPDATE", text(&stick)]);
    run("mcopy", &["-i", text(&stick), text(bundle), "::"]);
    stick
}

/// A box with two slots, and the stick for it.
struct TwoSlots {
    guest: Guest,
    stick: PathBuf,
}

impl TwoSlots {
    fn told(&mut self) -> String {
        // As the post sees it, which shows this on its page.
        self.guest
            .tries(
                "nsenter --mount --target $(systemctl show -p MainPID --value vitalpost) setpriv --reuid vitalpost --regid vitalpost --clear-groups cat /run/vitalpost-update/told",
            )
            .1
    }

    fn wait_for_told(&mut self, state: &str) -> String {
        wait_for("the box says what came of it", BOOT_WITHIN, || {
            let told = self.told();
            if told.contains(&format!("state={state}\n")) {
                return Some(told);
            }
            std::thread::sleep(Duration::from_secs(1));
            None
        })
    }

    fn is_judged(&mut self) {
        self.guest.wait_until_up();
        wait_for("the slot is judged", BOOT_WITHIN, || {
            std::thread::sleep(Duration::from_secs(2));
            (self.guest.tries("test -e /run/vitalpost-update/judged").0 == 0).then_some(())
        });
    }

    fn slots(&mut self) -> String {
        let said = self.guest.does(
            "cd /var/lib/slots; cat /run/slot order; for slot in a b; do head -n 1 slot-$slot.img; done; sed -n s/IMAGE_VERSION=//p /etc/os-release",
        );
        said.replace('\n', " ")
    }

    fn journal(&mut self) -> String {
        self.guest
            .does("journalctl -b --no-pager -o cat -u vitalpost-update-stick -u run-vitalpost-stick.mount -u rauc -u vitalpost-mark-good")
    }

    fn is_let_go(&mut self) {
        wait_for("the stick is let go", Duration::from_secs(60), || {
            (self.guest.tries("findmnt /run/vitalpost/stick").0 != 0).then_some(())
        });
    }

    fn does_not_read_one_that_was_in_at_the_start(&mut self) {
        println!("a stick that is in when the box is switched on is not read");
        self.guest.shut_down();
        self.guest.switch_on(Disk::Honest, None);
        self.guest.put_in(&self.stick, FAST);
        self.is_judged();
        assert_eq!(self.slots(), "A A B 1.2.0 1.2.0 1.2.0");
        let asked = "systemctl show -p ConditionResult --value vitalpost-update-stick; test -e /dev/vitalpost-stick && echo seen";
        assert_eq!(self.guest.tries(asked).1, "no\nseen", "{}", self.journal());
        self.guest.pull_out();
    }

    fn is_not_harmed_by_one_that_is_pulled_out(&mut self) {
        println!("one that is pulled out too early harms nothing");
        self.guest.put_in(&self.stick, SLOW);
        self.wait_for_told("installing");
        self.guest.pull_out();
        let told = self.wait_for_told("refused");
        assert!(
            told.contains("could not be installed, and 1.2.0 runs on"),
            "{told}\n{}",
            self.journal()
        );
        self.is_let_go();
        assert!(
            self.slots().starts_with("A A B 1.2.0 "),
            "the slot that runs is the next"
        );
    }

    fn installs_from_one_that_stays_in(&mut self) {
        println!("one that stays in is installed, and let go");
        self.guest.put_in(&self.stick, FAST);
        let told = self.wait_for_told("installed");
        assert!(told.contains("version=1.3.0"), "{told}");
        self.is_let_go();
        assert_eq!(self.slots(), "A B A 1.2.0 1.3.0 1.2.0", "{}", self.journal());
        self.guest.pull_out();
    }

    fn tries_and_keeps_it_when_switched_off_and_on(&mut self) {
        println!("switched off and on, the new version is tried and kept");
        self.guest.cut_power();
        self.guest.switch_on(Disk::Honest, None);
        self.is_judged();
        let journal = self.journal();
        assert!(
            journal.contains("slot B is good: version 1.3.0 works"),
            "{journal}"
        );
        assert_eq!(self.slots(), "B B A 1.2.0 1.3.0 1.3.0");
        let told = self.guest.tries("test -e /run/vitalpost-update/told").0;
        assert_eq!(told, 1, "nothing is left to say");
    }
}

#[test]
fn a_stick_that_is_put_in_updates_a_box_and_one_that_is_pulled_out_harms_nothing() {
    let Some(made) = Made::find("sticks that are put into a box") else {
        return;
    };
    if is_skipped("sticks that are put into a box") {
        return;
    }
    let keys = Rauc::with("1.2.0");
    let folder = keys.path("vm");
    media(&made, &keys, &folder.join("media"));
    let stick = stick(&keys.verity_bundle("update", "1.3.0", SLOT_BYTES));
    let mut guest = Guest::new(made, folder.join("guest"), free_port(), free_port()).with_usb();
    guest.switch_on(Disk::Honest, Some(&folder.join("media")));
    guest.wait_until_up();
    guest.does("mkdir -p /stick && mount /dev/vdc /stick && dpkg -i /stick/vitalpost.deb && bash /stick/slots/install && umount /stick");
    let mut unit = TwoSlots { guest, stick };
    unit.does_not_read_one_that_was_in_at_the_start();
    unit.is_not_harmed_by_one_that_is_pulled_out();
    unit.installs_from_one_that_stays_in();
    unit.tries_and_keeps_it_when_switched_off_and_on();
    tell(
        "a stick with an update",
        "not read when it was in at the start; pulled out in the middle, the old version runs on; put in, installed (verity) and let go; switched off and on, tried and kept",
    );
}
