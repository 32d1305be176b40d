SUMMARY = "Vitalpost: the post that listens to bedside monitors, and its broker"
SUMMARY:${PN}-central = "Vitalpost: the centre, where doctors see the posts"
SUMMARY:${PN}-update = "Takes a signed image into the other slot, and leaves one that does not work"
SUMMARY:${PN}-last-resort = "Starts a box again when its post cannot be started"
DESCRIPTION = "Collects vital signs from monitors at a health post, shows and alarms, and relays to a telemedicine centre."
HOMEPAGE = "https://${VITALPOST_REPOSITORY}"
BUGTRACKER = "https://${VITALPOST_REPOSITORY}/issues"
SECTION = "medical"
LICENSE = "MIT | Apache-2.0"
LIC_FILES_CHKSUM = " \
    file://LICENSE-APACHE;md5=22a53954e4e0ec258dfce4391e905dac \
    file://LICENSE-MIT;md5=e29f9cacceebef6cc78f23f4012b02da \
"
CVE_PRODUCT = "vitalpost"

# The pages are built and packed by the release: there is no npm here.
SRC_URI = " \
    git://${VITALPOST_REPOSITORY};protocol=https;branch=main;tag=v${PV} \
    https://${VITALPOST_REPOSITORY}/releases/download/v${PV}/vitalpost-pages-${PV}.tar;name=pages;subdir=pages \
"

require ${BPN}-release.inc
require ${BPN}-crates.inc

inherit cargo cargo-update-recipe-crates systemd useradd

# The programs as they are packed everywhere, with symbols for a package of their own, and nothing else of the workspace: it has
# tests, simulators and tools as well.
BUILD_MODE = "--profile dist"
BUILD_DIR = "dist"
CARGO_BUILD_FLAGS:append = " --package appliance --package central --bins"
export VITALPOST_REQUIRE_UI = "1"
VITALPOST_UI_DIST ?= "${UNPACKDIR}/pages"
export VITALPOST_UI_DIST

do_install() {
    install -d ${D}${bindir}
    for program in vitalpost vitalpost-central; do
        install -m 0755 ${B}/target/${CARGO_TARGET_SUBDIR}/$program ${D}${bindir}/
    done

    install -d ${D}${libexecdir}/vitalpost
    install -m 0755 ${S}/systemd/fault-light ${D}${libexecdir}/vitalpost/

    for script in before-install vitalpost-update-gate vitalpost-store-back; do
        install -m 0755 ${S}/update/$script ${D}${libexecdir}/vitalpost/
    done
    install -m 0644 ${S}/update/common.sh ${D}${libexecdir}/vitalpost/
    install -m 0755 ${S}/update/vitalpost-update ${D}${bindir}/

    # What a new post starts with. A box copies it to where it can be written; the Debian package has the same file.
    install -d ${D}${datadir}/vitalpost
    install -m 0644 ${S}/appliance/deb/vitalpost.toml ${D}${datadir}/vitalpost/

    install -d ${D}${systemd_system_unitdir}/vitalpost.service.d
    for unit in vitalpost vitalpost-broker vitalpost-failed vitalpost-central vitalpost-mark-good vitalpost-store-back; do
        install -m 0644 ${S}/systemd/$unit.service ${D}${systemd_system_unitdir}/
    done
    install -m 0644 ${S}/systemd/box/reboot-when-nothing-helps.conf ${D}${systemd_system_unitdir}/vitalpost.service.d/
    install -m 0644 ${S}/systemd/box/*.service ${S}/systemd/box/*.mount ${D}${systemd_system_unitdir}/

    for folder in sysusers.d tmpfiles.d modules-load.d; do
        install -d ${D}${nonarch_libdir}/$folder
        install -m 0644 ${S}/systemd/$folder/*.conf ${D}${nonarch_libdir}/$folder/
    done
    install -d ${D}${systemd_unitdir}/system.conf.d ${D}${nonarch_base_libdir}/udev/rules.d
    install -m 0644 ${S}/systemd/system.conf.d/*.conf ${D}${systemd_unitdir}/system.conf.d/
    install -m 0644 ${S}/systemd/udev/*.rules ${S}/systemd/box/*.rules ${D}${nonarch_base_libdir}/udev/rules.d/

    for package in ${BPN} ${BPN}-central; do
        install -d ${D}${docdir}/$package
        install -m 0644 ${S}/docs/operate/*.md ${D}${docdir}/$package/
    done
    install -d ${D}${docdir}/${BPN}/examples ${D}${docdir}/${BPN}-central/examples
    install -m 0644 ${S}/appliance/vitalpost.sample.toml ${D}${docdir}/${BPN}/examples/
    install -m 0644 ${S}/central/vitalpost-central.sample.toml ${D}${docdir}/${BPN}-central/examples/
}

# The centre is a package of its own: it runs elsewhere than the post.
PACKAGE_BEFORE_PN += "${PN}-central ${PN}-last-resort ${PN}-update"

FILES:${PN}-central += " \
    ${bindir}/vitalpost-central \
    ${systemd_system_unitdir}/vitalpost-central.service \
    ${nonarch_libdir}/sysusers.d/vitalpost-central.conf \
    ${nonarch_libdir}/tmpfiles.d/vitalpost-central.conf \
"

FILES:${PN}-last-resort += "${systemd_system_unitdir}/vitalpost.service.d/reboot-when-nothing-helps.conf"

FILES:${PN}-update += " \
    ${bindir}/vitalpost-update \
    ${libexecdir}/vitalpost/before-install \
    ${libexecdir}/vitalpost/common.sh \
    ${libexecdir}/vitalpost/vitalpost-store-back \
    ${libexecdir}/vitalpost/vitalpost-update-gate \
    ${systemd_system_unitdir}/vitalpost-mark-good.service \
    ${systemd_system_unitdir}/vitalpost-store-back.service \
    ${systemd_system_unitdir}/vitalpost-update-stick.service \
    ${systemd_system_unitdir}/run-vitalpost-stick.mount \
    ${nonarch_base_libdir}/udev/rules.d/80-vitalpost-stick.rules \
"

FILES:${PN} += " \
    ${libexecdir}/vitalpost \
    ${systemd_system_unitdir}/vitalpost.service \
    ${systemd_system_unitdir}/vitalpost-broker.service \
    ${systemd_system_unitdir}/vitalpost-failed.service \
    ${systemd_unitdir}/system.conf.d \
    ${nonarch_libdir}/sysusers.d/vitalpost.conf \
    ${nonarch_libdir}/tmpfiles.d/vitalpost.conf \
    ${nonarch_libdir}/modules-load.d/vitalpost.conf \
    ${nonarch_base_libdir}/udev/rules.d \
"
RDEPENDS:${PN} = "alsa-utils-aplay"
RDEPENDS:${PN}-last-resort = "${PN}"
# A file is written to the disk before its name is: busybox may have no such `sync`.
RDEPENDS:${PN}-update = "${PN} coreutils rauc"
RRECOMMENDS:${PN} = " \
    kernel-module-usbserial \
    kernel-module-ftdi-sio \
    kernel-module-cp210x \
    kernel-module-ch341 \
    kernel-module-pl2303 \
    kernel-module-cdc-acm \
"

SYSTEMD_PACKAGES = "${PN} ${PN}-central ${PN}-update"
# The one for a failed start and the one for a stick are never enabled: they are called.
SYSTEMD_SERVICE:${PN} = "vitalpost.service vitalpost-broker.service"
SYSTEMD_SERVICE:${PN}-central = "vitalpost-central.service"
SYSTEMD_SERVICE:${PN}-update = "vitalpost-mark-good.service vitalpost-store-back.service"

# Numbers of their own: what they own stays on the data partition over every update. The sysusers files name the same users.
USERADD_PACKAGES = "${PN} ${PN}-central"
GROUPADD_PARAM:${PN} = "--system gpio; --system --gid 950 vitalpost"
USERADD_PARAM:${PN} = "--system --uid 950 --gid vitalpost --home-dir ${localstatedir}/lib/vitalpost --no-create-home --shell ${base_sbindir}/nologin --comment 'Vitalpost post' vitalpost"
GROUPADD_PARAM:${PN}-central = "--system --gid 951 vitalpost-central"
USERADD_PARAM:${PN}-central = "--system --uid 951 --gid vitalpost-central --home-dir ${localstatedir}/lib/vitalpost-central --no-create-home --shell ${base_sbindir}/nologin --comment 'Vitalpost centre' vitalpost-central"
