# Boot loader, slots and trust of a box, put into update/system.conf. Only for our own distribution: whoever adds the layer keeps theirs.
FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"

# Settings and keyring lie beside each other, in the part of the system that an image brings.
do_install:append:vitalpost-os() {
    conf="${D}${nonarch_libdir}/rauc/system.conf"
    if [ ! -f "$conf" ]; then
        bbfatal "rauc-conf installs no $conf any more: where its settings lie now must be said here and in systemd/vitalpost-mark-good.service"
    fi
    sed -i \
        -e "s|@COMPATIBLE@|${VITALPOST_COMPATIBLE}|" \
        -e "s|@BOOTLOADER@|${VITALPOST_BOOTLOADER}|" \
        -e "s|@ROOTFS_A@|/dev/disk/by-partlabel/rootfs_a|" \
        -e "s|@ROOTFS_B@|/dev/disk/by-partlabel/rootfs_b|" \
        "$conf"
    if [ "${VITALPOST_BOOTLOADER}" = "grub" ]; then
        sed -i -e "/^bootloader=/a grubenv=/boot/firmware/EFI/BOOT/grubenv" "$conf"
    fi
}

# Its keyring is a source of this recipe, and BitBake reads nothing at all while a source is missing.
# nooelint: oelint.task.noanonpython,oelint.vars.noncoreoverride
python () {
    import os
    keyring = d.getVar('RAUC_KEYRING_FILE') or ''
    if d.getVar('DISTRO') == 'vitalpost-os' and not os.path.isfile(keyring):
        raise bb.parse.SkipRecipe('there is no keyring "%s": make the keys first, see yocto/README.md' % keyring)
}

PACKAGE_ARCH:vitalpost-os = "${MACHINE_ARCH}"
