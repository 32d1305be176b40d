# Slots, boot loader and trust of a box. Only for our own distribution: whoever adds the layer keeps theirs.
FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"

do_install:append:vitalpost-os() {
    sed -i \
        -e "s|@COMPATIBLE@|${VITALPOST_COMPATIBLE}|" \
        -e "s|@BOOTLOADER@|${VITALPOST_BOOTLOADER}|" \
        ${D}${sysconfdir}/rauc/system.conf
    if [ "${VITALPOST_BOOTLOADER}" != "grub" ]; then
        sed -i -e "/^grubenv=/d" ${D}${sysconfdir}/rauc/system.conf
    fi
}

PACKAGE_ARCH:vitalpost-os = "${MACHINE_ARCH}"
