SUMMARY = "A whole box of Vitalpost"
DESCRIPTION = "Read-only root in two slots, one data partition, firewall, watchdog, signed updates; no ssh, no login, no compiler."
HOMEPAGE = "https://vitalpost.invalid/vitalpost"
BUGTRACKER = "https://vitalpost.invalid/vitalpost/issues"
SECTION = "medical"
LICENSE = "MIT"
CVE_PRODUCT = "vitalpost"

inherit core-image features_check vitalpost_keys

VITALPOST_KEYS_NEEDED = "keyring.pem"

REQUIRED_DISTRO_FEATURES = "rauc systemd"

IMAGE_FEATURES += "read-only-rootfs"
IMAGE_INSTALL = " \
    packagegroup-core-boot \
    kernel-image \
    kernel-modules \
    alsa-utils-alsactl \
    alsa-utils-amixer \
    alsa-utils-aplay \
    rauc \
    tzdata-core \
    vitalpost \
    vitalpost-box \
    vitalpost-doc \
    vitalpost-last-resort \
    vitalpost-update \
"
# With these RAUC tells the boot loader which slot comes next.
# nooelint: oelint.vars.specific
IMAGE_INSTALL:append:rpi = " libubootenv-bin"
IMAGE_INSTALL:append:x86-64 = " grub-editenv"
IMAGE_LINGUAS = ""
# It calls a slot good because it has started. vitalpost-mark-good asks the post.
BAD_RECOMMENDATIONS += "rauc-mark-good"

# A whole card, and the file system that a bundle carries. A slot must fit in its partition after every update.
IMAGE_FSTYPES = "wic.zst wic.bmap ext4"
VITALPOST_BOOT_MIB = "128"
VITALPOST_SLOT_MIB = "1024"
VITALPOST_DATA_MIB = "512"
IMAGE_ROOTFS_MAXSIZE = "917504"
# /etc/fstab of base-files has the partitions by name: wic must not write names of one machine's disk into one of the slots.
WIC_CREATE_EXTRA_ARGS = "--no-fstab-update"

WKS_FILE = "vitalpost-efi.wks.in"
# nooelint: oelint.vars.specific
WKS_FILE:rpi = "vitalpost-raspberrypi.wks.in"
WKS_FILE_DEPENDS:append:x86-64 = " grub-efi vitalpost-grubenv"
IMAGE_EFI_BOOT_FILES:x86-64 = "grubenv;EFI/BOOT/grubenv"
# wic reads it when it writes the card, which BitBake cannot know.
do_image_wic[file-checksums] += "${VITALPOST_LAYERDIR}/files/wic/vitalpost-grub.cfg:True"

# Nobody signs in at a box: neither at a screen nor at a serial line. yocto/kas/bring-up.yml lets in whoever brings up a board.
VITALPOST_LOGIN ?= "0"
forbid_login[doc] = "Masks every unit that asks for a name and a password"
forbid_login() {
    install -d ${IMAGE_ROOTFS}${sysconfdir}/systemd/system
    for unit in getty@.service serial-getty@.service console-getty.service debug-shell.service; do
        ln -sf /dev/null ${IMAGE_ROOTFS}${sysconfdir}/systemd/system/$unit
    done
}
# After the presets: systemd refuses a preset that wants a unit which is masked.
ROOTFS_POSTPROCESS_COMMAND:append = " ${@'' if d.getVar('VITALPOST_LOGIN') == '1' else 'forbid_login'}"
