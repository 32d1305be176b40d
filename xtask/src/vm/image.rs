//! The system of the virtual machine: a minimal Debian 12 with a kernel, an agent for the tests, and nothing of ours yet.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command;
use crate::dist::Arch;

/// What is in it beside Debian's smallest set and a kernel.
const PACKAGES: &str = "systemd,systemd-sysv,udev,dbus,iproute2,kmod,initramfs-tools,init-system-helpers,adduser,e2fsprogs,curl,ca-certificates,procps,rauc,rauc-service";

/// Said before the kernel is installed, which makes it: an initial system with what this machine needs and nothing else.
/// Emulated, each megabyte of it costs a second.
const SMALL_INITRD: &str = "mkdir -p $1/etc/initramfs-tools/conf.d $1/usr/share/initramfs-tools/modules.d; echo MODULES=list > $1/etc/initramfs-tools/conf.d/guest; printf 'virtio_pci\\nvirtio_blk\\next4\\n' > $1/usr/share/initramfs-tools/modules.d/guest";

/// Where each file of `tests/vm` goes, and what may be done with it.
const FILES: [(&str, &str, u32); 6] = [
    ("agent", "usr/local/sbin/agent", 0o755),
    ("agent.service", "etc/systemd/system/agent.service", 0o644),
    ("page.socket", "etc/systemd/system/page.socket", 0o644),
    ("page.service", "etc/systemd/system/page.service", 0o644),
    ("guest.modules", "etc/modprobe.d/guest.conf", 0o644),
    ("guest.watchdog", "etc/systemd/system.conf.d/guest.conf", 0o644),
];

/// What is started at the boot: unit, its place, who wants it.
const STARTED: [(&str, &str, &str); 2] = [
    ("agent.service", "/etc/systemd/system", "sysinit.target.wants"),
    ("page.socket", "/etc/systemd/system", "sockets.target.wants"),
];

/// What a virtual machine for tests has no use for.
const NOT_STARTED: [&str; 12] = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dbus.service",
    "dbus.socket",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "serial-getty@ttyAMA0.service",
    "serial-getty@ttyS0.service",
    "systemd-logind.service",
];

/// The data partition is a disk of its own; a box that cannot mount it comes up all the same.
const FSTAB: &str = "/dev/vda / ext4 defaults 0 1\nLABEL=data /var/lib/vitalpost ext4 noatime,nofail,x-systemd.device-timeout=600 0 2\n";

/// Makes `root.ext4`, `vmlinuz` and `initrd` in a folder of `target/vm`; what was downloaded once is kept. Returns the folder.
pub fn build(root: &Path, target: &Path, arch: Arch) -> Result<PathBuf> {
    let folder = target.join("vm").join(arch.of_debian());
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let packages = format!("{PACKAGES},linux-image-{}", arch.of_debian());
    let made = format!("{packages}\n{SMALL_INITRD}");
    let (system, done) = (folder.join("rootfs"), folder.join("rootfs.done"));
    if fs::read_to_string(&done).unwrap_or_default() != made {
        let _ = fs::remove_dir_all(&system);
        let arch = format!("--arch={}", arch.of_debian());
        let include = format!("--include={packages}");
        let hook = format!("--essential-hook={SMALL_INITRD}");
        let place = system.display().to_string();
        command::run(
            &folder,
            "mmdebstrap",
            &[&arch, "--variant=minbase", &include, &hook, "bookworm", &place],
        )?;
        // Where it was busy, mmdebstrap leaves it mounted.
        let _ = command::answer("umount", &[&system.join("proc").display().to_string()]);
        fs::write(&done, made)?;
    }
    furnish(&root.join("tests/vm"), &system)?;
    for (name, to) in [("vmlinuz", "vmlinuz"), ("initrd.img", "initrd")] {
        fs::copy(system.join(name), folder.join(to)).with_context(|| format!("the system has no /{name}"))?;
    }
    let image = folder.join("root.ext4");
    let _ = fs::remove_file(&image);
    let (place, image_text) = (system.display().to_string(), image.display().to_string());
    command::run(&folder, "mkfs.ext4", &["-q", "-d", &place, &image_text, "2G"])?;
    Ok(folder)
}

fn furnish(from: &Path, system: &Path) -> Result<()> {
    for (name, to, mode) in FILES {
        let to = system.join(to);
        fs::create_dir_all(to.parent().unwrap_or(system))?;
        fs::copy(from.join(name), &to).with_context(|| format!("cannot write {}", to.display()))?;
        fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
    }
    for (unit, place, wants) in STARTED {
        let wants = system.join("etc/systemd/system").join(wants);
        fs::create_dir_all(&wants)?;
        let link = wants.join(unit);
        let _ = fs::remove_file(&link);
        symlink(format!("{place}/{unit}"), link)?;
    }
    for unit in NOT_STARTED {
        let mask = system.join("etc/systemd/system").join(unit);
        let _ = fs::remove_file(&mask);
        symlink("/dev/null", mask)?;
    }
    fs::write(system.join("etc/fstab"), FSTAB)?;
    fs::write(system.join("etc/hostname"), "post\n")?;
    fs::write(system.join("etc/hosts"), "127.0.0.1 localhost post\n")?;
    fs::create_dir_all(system.join("var/lib/vitalpost"))?;
    fs::create_dir_all(system.join("var/log/journal"))?;
    Ok(())
}
