"""A disk that keeps what it was told in memory until it is told to flush: an nbdkit plugin for power cuts.

nbdkit python holding-disk.py file=DISK [lies=1] [seed=N]

What is written waits in memory, in sectors; some of them reach the file at once, in no order, as on a real disk. A flush, or a
write with FUA, brings the rest there, and a power cut (kill -9) loses what waits. With lies=1 a flush is only said to be
done: sectors reach the file when more than HELD_MAX wait, and a cut loses the others.
"""
import os
import random

import nbdkit

API_VERSION = 2
SECTOR = 512
# What a lying card holds back: 4 MiB.
HELD_MAX = 8192
# Of a hundred sectors so many reach the file at once.
EARLY_PERCENT = 30

options = {"file": None, "lies": "0", "seed": "0"}
held = {}
chance = random.Random()
disk = None


def config(key, value):
    options[key] = value


def config_complete():
    global disk
    chance.seed(int(options["seed"]))
    disk = os.open(options["file"], os.O_RDWR)


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(h):
    return os.fstat(disk).st_size


def can_fua(h):
    return nbdkit.FUA_NATIVE


def can_flush(h):
    return True


def can_multi_conn(h):
    return False


def pread(h, buf, offset, flags):
    buf[:] = os.pread(disk, len(buf), offset)
    for place in range(offset // SECTOR, (offset + len(buf)) // SECTOR):
        if place in held:
            start = place * SECTOR - offset
            buf[start:start + SECTOR] = held[place]


def pwrite(h, buf, offset, flags):
    honest_now = flags & nbdkit.FLAG_FUA and options["lies"] == "0"
    data = bytes(buf)
    for start in range(0, len(data), SECTOR):
        place = (offset + start) // SECTOR
        held[place] = data[start:start + SECTOR]
        if honest_now or chance.randrange(100) < EARLY_PERCENT:
            settle(place)
    while options["lies"] == "1" and len(held) > HELD_MAX:
        settle(chance.choice(list(held)))


def flush(h, flags):
    if options["lies"] == "1":
        return
    for place in list(held):
        settle(place)


def settle(place):
    os.pwrite(disk, held.pop(place), place * SECTOR)
