"""pycdlib-trees.py IMAGE...: reads images with pycdlib and prints, for each, a JSON line: name space -> path -> SHA-256."""
import hashlib
import io
import json
import sys

import pycdlib


def tree(iso, keyword):
    found = {}
    for directory, _, files in iso.walk(**{keyword: "/"}):
        for name in files:
            path = directory.rstrip("/") + "/" + name
            content = io.BytesIO()
            iso.get_file_from_iso_fp(content, **{keyword: path})
            found[path[1:]] = hashlib.sha256(content.getvalue()).hexdigest()
    return found


for image in sys.argv[1:]:
    iso = pycdlib.PyCdlib()
    iso.open(image)
    print(json.dumps({space: tree(iso, space + "_path") for space in ("rr", "joliet", "iso")}))
    iso.close()
