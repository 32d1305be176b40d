SUMMARY = "A signed update for a box of Vitalpost"
DESCRIPTION = "One root slot as a RAUC bundle in verity format, for the machine that it was built for and no other."
HOMEPAGE = "https://vitalpost.invalid/vitalpost"
BUGTRACKER = "https://vitalpost.invalid/vitalpost/issues"
SECTION = "medical"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"
CVE_PRODUCT = "vitalpost"

# Which layout of the store these programs write: before a box takes them, it keeps a copy that it can read itself.
SRC_URI = "file://store-schema"

inherit bundle vitalpost_keys

VITALPOST_KEYS_NEEDED = "keyring.pem signer.pem signer.key"

RAUC_BUNDLE_COMPATIBLE = "${VITALPOST_COMPATIBLE}"
RAUC_BUNDLE_VERSION = "${DISTRO_VERSION}"
RAUC_BUNDLE_DESCRIPTION = "Vitalpost ${DISTRO_VERSION} for ${MACHINE}"
RAUC_BUNDLE_FORMAT = "verity"

RAUC_BUNDLE_SLOTS = "rootfs"
RAUC_SLOT_rootfs = "vitalpost-image"
RAUC_SLOT_rootfs[fstype] = "ext4"
RAUC_BUNDLE_EXTRA_FILES = "store-schema"
