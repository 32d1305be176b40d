SUMMARY = "GRUB's environment: which slot is good, and which comes first"
DESCRIPTION = "GRUB writes into the blocks of this file and never makes it longer: it has 1024 bytes from the beginning."
HOMEPAGE = "https://vitalpost.invalid/vitalpost"
BUGTRACKER = "https://vitalpost.invalid/vitalpost/issues"
SECTION = "bootloaders"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"
CVE_PRODUCT = "vitalpost"

SRC_URI = "file://grubenv"

S = "${UNPACKDIR}"

inherit deploy nopackages

COMPATIBLE_HOST = "x86_64.*-linux"

do_configure[noexec] = "1"
do_compile[noexec] = "1"
do_install[noexec] = "1"

do_deploy() {
    install -m 0644 ${S}/grubenv ${DEPLOYDIR}/
}
addtask deploy after do_install before do_build
