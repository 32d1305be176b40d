# files/wic/vitalpost-grub.cfg finds its disk by a pattern, and starts again where a slot has no kernel.
GRUB_BUILDIN:append:vitalpost-os = " reboot regexp sleep"
