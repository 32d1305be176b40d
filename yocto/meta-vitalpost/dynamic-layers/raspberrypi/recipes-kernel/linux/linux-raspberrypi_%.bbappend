FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/../../../../recipes-kernel/linux/files:"
SRC_URI:append:vitalpost-os = " file://vitalpost.cfg"
