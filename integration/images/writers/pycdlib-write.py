"""pycdlib-write.py DIRECTORY IMAGE: writes a directory's files as an image with Rock Ridge and Joliet, by pycdlib."""
import os
import sys

import pycdlib

source, image = sys.argv[1:]
iso = pycdlib.PyCdlib()
iso.new(interchange_level=3, vol_ident="config-2", joliet=3, rock_ridge="1.09", sys_ident="LINUX")
plain = {"": ""}
number = 0
for directory, directories, files in os.walk(source):
    above = os.path.relpath(directory, source)
    above = "" if above == "." else above
    directories.sort()
    for name in directories:
        number += 1
        path = os.path.join(above, name)
        plain[path] = f"{plain[above]}/D{number:06}"
        iso.add_directory(plain[path], rr_name=name, joliet_path="/" + path)
    for name in sorted(files):
        number += 1
        path = os.path.join(above, name)
        iso.add_file(os.path.join(directory, name), f"{plain[above]}/F{number:06}.;1", rr_name=name, joliet_path=os.path.join("/", above, name[:60]))
iso.write(image)
iso.close()
