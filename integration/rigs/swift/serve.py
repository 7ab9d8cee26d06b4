"""Runs one of Swift's servers with a configuration directory of its own: python3 serve.py proxy-server FILE DIRECTORY.

Swift looks for swift.conf in /etc/swift unless a program says otherwise; nothing else of it is changed.
"""
import sys

from swift.common import utils

role, configuration, directory = sys.argv[1:]
utils.set_swift_dir(directory)

from swift.common.wsgi import run_wsgi  # noqa: E402 (reads swift.conf when it is imported)

sys.exit(run_wsgi(configuration, role, verbose=True))
