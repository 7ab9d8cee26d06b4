"""Runs the rivals for bench/images from one long-lived process, as nova-compute does.

Reads one JSON object a line: {"rival", "tree", "target", "sync"}; answers {"ms"}. What it reads of a tree it keeps.
"""
import io
import json
import os
import shutil
import sys
import tempfile
import time

import pycdlib

LABEL = "config-2"
MKISOFS = ["-ldots", "-allow-lowercase", "-allow-multidot", "-l", "-publisher", "OpenStack Nova",
           "-quiet", "-J", "-r", "-V", LABEL]  # as nova/virt/configdrive.py passes them
trees = {}


def files_of(tree):
    if tree not in trees:
        found = []
        for directory, _, names in os.walk(tree):
            for name in names:
                path = os.path.join(directory, name)
                with open(path, "rb") as f:
                    found.append((os.path.relpath(path, tree), f.read()))
        trees[tree] = sorted(found)
    return trees[tree]


def spawn(*argv):
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=quiet)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        raise RuntimeError("%s: exit status %d" % (argv[0], status))


def genisoimage(tree, target):
    spawn("genisoimage", "-o", target, *MKISOFS, tree)


def xorriso(tree, target):
    spawn("xorriso", "-as", "mkisofs", "-o", target, *MKISOFS, tree)


def nova_route(tree, target):
    directory = tempfile.mkdtemp()
    try:
        for path, data in files_of(tree):
            full = os.path.join(directory, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as f:
                f.write(data)
        genisoimage(directory, target)
    finally:
        shutil.rmtree(directory)


def mkfs_mcopy(tree, target):
    size = max(64 << 20, sum(-(-len(data) // 2048) * 2048 for _, data in files_of(tree)) + (16 << 20))
    with open(target, "wb") as f:
        f.truncate(size)
    spawn("mkfs.vfat", "-n", LABEL, target)
    spawn("mcopy", "-s", "-i", target, *[os.path.join(tree, name) for name in sorted(os.listdir(tree))], "::")


def pycdlib_new(tree, target):
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=LABEL)
    short, made = {"": ""}, {""}

    def plain(path, number, extension):
        directory = os.path.dirname(path)
        return "%s/N%d%s" % (short[directory], number, extension)

    def make(directory):
        if directory in made:
            return
        make(os.path.dirname(directory))
        made.add(directory)
        short[directory] = plain(directory, len(short), "")
        iso.add_directory(short[directory], rr_name=os.path.basename(directory), joliet_path="/" + directory)

    for number, (path, data) in enumerate(files_of(tree)):
        make(os.path.dirname(path))
        iso.add_fp(io.BytesIO(data), len(data), plain(path, number, ".;1"), rr_name=os.path.basename(path),
                   joliet_path="/" + path)
    iso.write(target)
    iso.close()


def to_disk(partial, target):
    for path, then in ((partial, lambda: os.rename(partial, target)), (os.path.dirname(target), lambda: None)):
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        then()


RIVALS = {"genisoimage": genisoimage, "xorriso": xorriso, "nova": nova_route, "mkfs": mkfs_mcopy,
          "pycdlib": pycdlib_new}

for line in sys.stdin:
    request = json.loads(line)
    rival, tree, target = RIVALS[request["rival"]], request["tree"], request["target"]
    files_of(tree)
    start = time.perf_counter()
    rival(tree, target + ".partial" if request["sync"] else target)
    if request["sync"]:
        to_disk(target + ".partial", target)
    print(json.dumps({"ms": (time.perf_counter() - start) * 1000}), flush=True)
