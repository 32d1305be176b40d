FILESEXTRAPATHS:prepend:vitalpost-os := "${THISDIR}/files:"
SRC_URI:append:vitalpost-os = " file://fw_env.config"

do_install:append:vitalpost-os() {
    install -d ${D}${sysconfdir}
    install -m 0644 ${UNPACKDIR}/fw_env.config ${D}${sysconfdir}/fw_env.config
}
FILES:${PN}-bin:append:vitalpost-os = " ${sysconfdir}/fw_env.config"
