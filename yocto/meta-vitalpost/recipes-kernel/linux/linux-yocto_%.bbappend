FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"
SRC_URI:append:vitalpost-os = " file://vitalpost.cfg"
