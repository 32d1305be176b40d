# U-Boot says which slot is the root. The board's firmware switches bounds of memory off unless told otherwise.
CMDLINE_ROOTFS:vitalpost-os = "rootfstype=ext4 rootwait ro"
CMDLINE:append:vitalpost-os = " cgroup_enable=memory fsck.repair=yes systemd.gpt_auto=0 panic=10"
