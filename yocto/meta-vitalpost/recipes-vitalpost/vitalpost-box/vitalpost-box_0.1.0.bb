SUMMARY = "What makes a machine a Vitalpost box"
DESCRIPTION = "Firewall, data partition and console: all that is of the box and not of the programs."
HOMEPAGE = "https://vitalpost.invalid/vitalpost"
BUGTRACKER = "https://vitalpost.invalid/vitalpost/issues"
SECTION = "medical"
LICENSE = "MIT | Apache-2.0"
LIC_FILES_CHKSUM = " \
    file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302 \
    file://${COMMON_LICENSE_DIR}/Apache-2.0;md5=89aea4e17d99a7cacdbeed46a0096b10 \
"
CVE_PRODUCT = "vitalpost"

SRC_URI = " \
    file://data-partition.conf \
    file://console.conf \
    file://firewall.nft \
    file://names.conf \
    file://vitalpost-data \
    file://vitalpost-data.service \
    file://vitalpost-firewall.service \
"

S = "${UNPACKDIR}"

inherit allarch systemd features_check

REQUIRED_DISTRO_FEATURES = "systemd"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -d ${D}${datadir}/vitalpost ${D}${libexecdir}/vitalpost
    install -m 0644 ${S}/firewall.nft ${D}${datadir}/vitalpost/
    install -m 0755 ${S}/vitalpost-data ${D}${libexecdir}/vitalpost/

    install -d ${D}${systemd_system_unitdir}
    install -m 0644 ${S}/vitalpost-data.service ${S}/vitalpost-firewall.service ${D}${systemd_system_unitdir}/

    install -d ${D}${systemd_unitdir}/journald.conf.d ${D}${systemd_unitdir}/resolved.conf.d ${D}${nonarch_libdir}/repart.d
    install -m 0644 ${S}/console.conf ${D}${systemd_unitdir}/journald.conf.d/50-vitalpost.conf
    install -m 0644 ${S}/names.conf ${D}${systemd_unitdir}/resolved.conf.d/50-vitalpost.conf
    install -m 0644 ${S}/data-partition.conf ${D}${nonarch_libdir}/repart.d/50-data.conf

    # Where the partitions come to lie; the root itself cannot be written.
    install -d ${D}/data ${D}/boot/firmware ${D}${sysconfdir}/vitalpost
    install -d ${D}${localstatedir}/lib/vitalpost ${D}${localstatedir}/lib/vitalpost-central ${D}${localstatedir}/lib/vitalpost-update

    # What a site says about its network and its clock lies with its configuration.
    install -d ${D}${sysconfdir}/systemd/network ${D}${sysconfdir}/systemd/timesyncd.conf.d
    ln -s ../../vitalpost/site.network ${D}${sysconfdir}/systemd/network/10-site.network
    ln -s ../../vitalpost/timesyncd.conf ${D}${sysconfdir}/systemd/timesyncd.conf.d/50-site.conf
}

FILES:${PN} += " \
    /boot/firmware \
    /data \
    ${datadir}/vitalpost \
    ${localstatedir}/lib \
    ${nonarch_libdir}/repart.d \
    ${systemd_system_unitdir} \
    ${systemd_unitdir}/journald.conf.d \
    ${systemd_unitdir}/resolved.conf.d \
"
RDEPENDS:${PN} = "dosfstools e2fsprogs-e2fsck nftables vitalpost"

SYSTEMD_SERVICE:${PN} = "vitalpost-data.service vitalpost-firewall.service"
