# Boot loader, slots and trust of a box, put into update/system.conf. Only for our own distribution: whoever adds the layer keeps theirs.
FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"

do_install:append:vitalpost-os() {
    sed -i \
        -e "s|@COMPATIBLE@|${VITALPOST_COMPATIBLE}|" \
        -e "s|@BOOTLOADER@|${VITALPOST_BOOTLOADER}|" \
        -e "s|@ROOTFS_A@|/dev/disk/by-partlabel/rootfs_a|" \
        -e "s|@ROOTFS_B@|/dev/disk/by-partlabel/rootfs_b|" \
        ${D}${sysconfdir}/rauc/system.conf
    if [ "${VITALPOST_BOOTLOADER}" = "grub" ]; then
        sed -i -e "/^bootloader=/a grubenv=/boot/firmware/EFI/BOOT/grubenv" ${D}${sysconfdir}/rauc/system.conf
    fi
}

PACKAGE_ARCH:vitalpost-os = "${MACHINE_ARCH}"
