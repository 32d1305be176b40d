FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"
