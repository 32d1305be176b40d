# files/wic/vitalpost-grub.cfg finds its disk by a pattern.
GRUB_BUILDIN:append:vitalpost-os = " regexp"
