"""Makes our drivers importable under nova's name for virt drivers.

nova looks for `compute_driver` below `nova.virt` and nowhere else, and from 2025.1 on that package has one folder only. So the
.pth file of this package adds a finder that answers for one name, and no file of nova's is added or changed.
"""

import importlib.util
import os
import sys

NAME = "nova.virt.configdrive_bridge"


class DriverFinder:
    """Finds `nova.virt.configdrive_bridge` in this package."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != NAME:
            return None
        return importlib.util.spec_from_file_location(name, os.path.join(os.path.dirname(__file__), "drivers.py"))


def install():
    """Adds the finder, once. Runs whenever a Python of this installation starts: it does nothing else."""
    if DriverFinder not in sys.meta_path:
        sys.meta_path.append(DriverFinder)
