"""Puts an image of the service's where nova wants it."""

import contextlib
import hashlib
import os
import shutil

_CHUNK = 1 << 20


class WrongImage(Exception):
    """What the service staged is not what it said."""


def place(source, target, size, sha256=None):
    """Copies an image into a file of nova's own, and renames it into place only once its bytes were seen to be right.

    The file belongs to nova-compute's user with the mode that nova's own builder leaves, so what nova does with it afterwards is
    what it always does. Runs of zeros become holes, as in a volume that nova makes itself.
    :param sha256: what the bytes must have; None where the service looked at them itself
    :raises WrongImage: for another size or digest, and nothing is left of it
    :raises OSError: where a file cannot be read or written
    """
    partial = "%s.%d.part" % (target, os.getpid())
    try:
        with open(source, "rb") as image, open(partial, "wb") as copy:
            digest = hashlib.sha256()
            while True:
                chunk = image.read(_CHUNK)
                if not chunk:
                    break
                digest.update(chunk)
                if chunk.count(0) == len(chunk):
                    copy.seek(len(chunk), os.SEEK_CUR)
                else:
                    copy.write(chunk)
            copy.truncate()
            copied = copy.tell()
            copy.flush()
            os.fsync(copy.fileno())
        found = digest.hexdigest()
        if copied != size or found != (sha256 or found):
            raise WrongImage(
                "%s has %d bytes with sha256 %s; the service said %d and %s" % (source, copied, found, size, sha256)
            )
        os.rename(partial, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)


def fill(source, target, size, sha256=None):
    """The same for a file that stands there already: it stays the one that somebody may have open, as with nova's own builder.

    ironic's part of nova reads the drive by the file that it opened before.
    """
    checked = "%s.checked" % target
    place(source, checked, size, sha256)
    try:
        shutil.copyfile(checked, target)
    finally:
        os.unlink(checked)


def holds(path, size, sha256):
    """Whether a file has these bytes already."""
    try:
        if os.path.getsize(path) != size:
            return False
        with open(path, "rb") as file:
            digest = hashlib.sha256()
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                digest.update(chunk)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == sha256


def is_blank(path):
    """Whether a file is missing, or has nothing but zeros."""
    try:
        with open(path, "rb") as file:
            return all(chunk.count(0) == len(chunk) for chunk in iter(lambda: file.read(_CHUNK), b""))
    except FileNotFoundError:
        return True
