# For what is built with the keys of our own updates (yocto/README.md): without them, or for another distribution, there is no
# such recipe, and BitBake says why.
# nooelint: oelint.task.noanonpython
python () {
    import os
    if d.getVar('DISTRO') != 'vitalpost-os':
        raise bb.parse.SkipRecipe('it is for a box: build it with DISTRO = "vitalpost-os"')
    keys = d.getVar('VITALPOST_KEYS') or ''
    missing = [name for name in d.getVar('VITALPOST_KEYS_NEEDED').split() if not os.path.isfile(os.path.join(keys, name))]
    if not keys or missing:
        raise bb.parse.SkipRecipe('VITALPOST_KEYS = "%s" lacks %s: make the keys first, see yocto/README.md' % (keys, ', '.join(missing)))
}
