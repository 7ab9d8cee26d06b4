"""Adds the one thing that pyproject.toml cannot say: a .pth file beside the package."""

import pathlib

import setuptools
from setuptools.command.build_py import build_py

PTH = "configdrive_bridge.pth"


class BuildWithPth(build_py):
    def run(self):
        super().run()
        self.copy_file(PTH, str(pathlib.Path(self.build_lib, PTH)))

    def get_outputs(self, include_bytecode=1):
        return [*super().get_outputs(include_bytecode), str(pathlib.Path(self.build_lib, PTH))]


setuptools.setup(cmdclass={"build_py": BuildWithPth})
