"""Reads the layer with BitBake's own parser and fetcher, over stand-ins for the layers below it.

The stand-ins are empty classes and nearly empty recipes: what is seen here is that every file of ours can be read and expanded for each
machine, that each append fits its recipe, that each local file is there and that each crate has its checksum. What the classes
of openembedded-core make of it is not seen.

    read-layer.py LAYER FOLDER      FOLDER: for what is made on the way
"""

import glob
import logging
import os
import re
import shutil
import sys
import types
from pathlib import Path

# Servers of BitBake that its package of Python modules lacks; reading asks none of them.
for name in ("hashserv", "hashserv.client", "prserv", "prserv.serv"):
    sys.modules[name] = types.ModuleType(name)

import bb.codeparser  # noqa: E402
import bb.cookerdata  # noqa: E402
import bb.fetch2  # noqa: E402

CLASSES = (
    "allarch base bundle cargo cargo-update-recipe-crates core-image create-spdx deploy features_check nopackages systemd useradd"
)
# What each machine puts into OVERRIDES, and the layers that are there for it.
MACHINES = {
    "raspberrypi4-64": ("rpi", "core rauc networking-layer raspberrypi"),
    "genericx86-64": ("x86-64", "core rauc networking-layer"),
}
# What our appends lean on in the recipes that they are for: nothing, or this.
BELOW = {"rauc-conf.bb": 'SRC_URI = "file://system.conf file://${RAUC_KEYRING_FILE}"\n'}
KEYS = ("keyring.pem", "signer.pem", "signer.key")
# The part of openembedded-core's bitbake.conf that our files lean on.
BITBAKE_CONF = """
DISTRO = "vitalpost-os"
MACHINE = "{machine}"
VITALPOST_KEYS = "{keys}"
THISDIR = "${{@os.path.dirname(d.getVar('FILE', False))}}"
FILE_DIRNAME = "${{@os.path.dirname(d.getVar('FILE', False))}}"
PN = "${{@bb.parse.vars_from_file(d.getVar('FILE', False), d)[0] or 'defaultpkgname'}}"
PV = "${{@bb.parse.vars_from_file(d.getVar('FILE', False), d)[1] or '1.0'}}"
PR = "r0"
BPN = "${{PN}}"
BP = "${{BPN}}-${{PV}}"
OVERRIDES = "${{MACHINE}}:{overrides}:${{DISTRO}}:pn-${{PN}}"
FILESEXTRAPATHS ?= "__default:"
FILESPATH = "${{@d.getVar('FILESEXTRAPATHS').replace('__default:', '')}}${{FILE_DIRNAME}}/${{BP}}:${{FILE_DIRNAME}}/${{BPN}}:${{FILE_DIRNAME}}/files"
DL_DIR = "${{TOPDIR}}/downloads"
PERSISTENT_DIR = "${{TOPDIR}}/cache"
BB_NO_NETWORK = "1"
require conf/distro/${{DISTRO}}.conf
"""


def stand_in(build, layer, machine, keys):
    """Lays out a build folder with a layer that stands for all those below ours."""
    overrides, collections = MACHINES[machine]
    below = build / "below"
    for folder in (below / "conf", below / "classes", below / "recipes", build / "conf"):
        folder.mkdir(parents=True)
    for one in CLASSES.split():
        (below / "classes" / f"{one}.bbclass").write_text("")
    each = "".join(f'BBFILE_PATTERN_{one} = "^{below}/"\nLAYERSERIES_COMPAT_{one} = "wrynose"\n' for one in collections.split())
    (below / "conf/layer.conf").write_text(
        f'BBPATH .= ":${{LAYERDIR}}"\nBBFILES += "${{LAYERDIR}}/recipes/*.bb"\n'
        f'BBFILE_COLLECTIONS += "{collections}"\nLAYERSERIES_CORENAMES = "wrynose"\n{each}'
    )
    (below / "conf/bitbake.conf").write_text(BITBAKE_CONF.format(machine=machine, overrides=overrides, keys=keys))
    (build / "conf/bblayers.conf").write_text(f'BBPATH = "${{TOPDIR}}"\nBBFILES ?= ""\nBBLAYERS = "{below} {layer}"\n')
    return below


def configuration():
    """What BitBake makes of the configuration of the folder that we are in."""
    config = bb.cookerdata.CookerConfiguration()
    config.env, config.prefile, config.postfile = {}, [], []
    config.tracking, config.skip_fragments = False, False
    builder = bb.cookerdata.CookerDataBuilder(config, True)
    builder.parseBaseConfiguration()
    return builder


def check(data, recipe):
    """Expands each variable of a recipe, reads its shell, and asks the fetcher for each source; returns how many crates there were."""
    for key in data.keys():
        value = data.getVar(key)
        if value and data.getVarFlag(key, "func", False) and not data.getVarFlag(key, "python", False):
            try:
                bb.codeparser.ShellParser(key, logging.getLogger()).parse_shell(value)
            except Exception as error:
                sys.exit(f"{recipe}: {key} is no shell: {error}")
    crates = 0
    for uri in (data.getVar("SRC_URI") or "").split():
        source = bb.fetch2.FetchData(uri, data)
        if source.type == "file":
            source.setup_localpath(data)
            if os.path.exists(source.localpath):
                continue
            sys.exit(f"{recipe}: {uri} is in none of {data.getVar('FILESPATH')}")
        if source.type == "crate":
            crates += 1
            if not re.fullmatch("[0-9a-f]{64}", source.sha256_expected or ""):
                sys.exit(f"{recipe}: {uri} has no sha256sum")
    return crates


def read(layer, build, machine, keys):
    """Reads every recipe and append of the layer; returns the words about it."""
    below = stand_in(build, layer, machine, keys)
    os.chdir(build)
    # What an append is for, with a version where the name leaves it open.
    appends = [file for pattern in configuration().data.getVar("BBFILES").split() for file in glob.glob(pattern) if file.endswith(".bbappend")]
    by_recipe = {}
    for append in appends:
        name = Path(append).stem.replace("_%", "_1.0")
        by_recipe.setdefault(str(below / "recipes" / f"{name}.bb"), []).append(append)
    for recipe in by_recipe:
        Path(recipe).write_text(BELOW.get(Path(recipe).name, ""))
    builder = configuration()
    recipes = sorted(file for pattern in builder.data.getVar("BBFILES").split() for file in glob.glob(pattern) if file.endswith(".bb"))
    crates, skipped = 0, []
    for recipe in recipes:
        for data in builder.parseRecipeVariants(recipe, by_recipe.get(recipe, [])).values():
            if reason := data.getVar("__SKIPPED", False):
                skipped.append(f"{data.getVar('PN')}: {reason}")
            else:
                crates += check(data, recipe)
    return len(recipes), len(appends), crates, skipped


def main():
    layer, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    shutil.rmtree(folder, ignore_errors=True)
    keys = folder / "keys"
    keys.mkdir(parents=True)
    for name in KEYS:
        (keys / name).write_text("")
    for machine in MACHINES:
        recipes, appends, crates, skipped = read(layer, folder / machine, machine, keys)
        if skipped:
            sys.exit(f"{machine}: with keys nothing may be left out: {'; '.join(skipped)}")
        if crates == 0:
            sys.exit(f"{machine}: no recipe has a crate")
        print(f"BitBake {bb.__version__} reads the layer for {machine}: {recipes} recipes, {appends} appends, {crates} crates with checksums")
        _, _, _, skipped = read(layer, folder / f"{machine}-without-keys", machine, folder / "none")
        names = sorted(reason.split(":")[0] for reason in skipped)
        if names != ["rauc-conf", "vitalpost-bundle", "vitalpost-image"] or not all("make the keys first" in reason for reason in skipped):
            sys.exit(f"{machine}: without keys RAUC's settings, image and bundle must be left out, and nothing else: {skipped}")


try:
    main()
except (bb.BBHandledException, bb.parse.ParseError, bb.data_smart.ExpansionError, bb.fetch2.BBFetchException) as error:
    sys.exit(f"the layer cannot be read: {error}")
