"""A deploy interface of Ironic that does to a file what its agent does to a node's disk: it writes the config drive there."""

import base64
import gzip
import os
import time

from ironic.common import exception
from ironic.drivers import base
from ironic.drivers.modules import fake

# The rig's folder: `disks` in it has a file for each node, named by the node; a file `refuse`, `wait` or `fail` says what deploys are to do.
RIG = os.environ["RIG_DIRECTORY"]


class DiskDeploy(fake.FakeDeploy):
    """Writes the config drive at every deploy and rebuild, and takes it away when the instance goes."""

    def validate(self, task):
        if os.path.exists(os.path.join(RIG, "refuse")):
            raise exception.InvalidParameterValue("this node is not to be deployed")

    @base.deploy_step(priority=100)
    def deploy(self, task):
        while os.path.exists(os.path.join(RIG, "wait")):
            time.sleep(0.05)
        if os.path.exists(os.path.join(RIG, "fail")):
            raise RuntimeError("the disk cannot be written")
        self._write(task.node.uuid, task.node.instance_info.get("configdrive"))

    def tear_down(self, task):
        self._write(task.node.uuid, None)
        return super().tear_down(task)

    @staticmethod
    def _write(name, configdrive):
        disk = os.path.join(RIG, "disks", name)
        if configdrive is None:
            if os.path.exists(disk):
                os.unlink(disk)
            return
        with open(disk + ".new", "wb") as file:
            file.write(gzip.decompress(base64.b64decode(configdrive, validate=True)))
        os.rename(disk + ".new", disk)
