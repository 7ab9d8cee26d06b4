"""Runs a program of OpenStack that Debian's python3-* packages bring no command for.

Usage: program.py NAME MODULE [argument ...], such as program.py nova-compute nova.cmd.compute --config-file …
"""

import importlib
import sys

name, module = sys.argv[1:3]
sys.argv = [name, *sys.argv[3:]]
sys.exit(importlib.import_module(module).main())
