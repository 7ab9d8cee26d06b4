import base64
import gzip
import hashlib
import os
import tempfile
import types
import unittest
import uuid
from unittest import mock

from nova import conf
from nova.api.metadata import base as instance_metadata
from nova.virt import configdrive
from nova.virt.ironic import driver as ironic

from configdrive_bridge import builder, options

CONF = conf.CONF
IMAGE = b"image" + bytes(1 << 12)


class Driver:
    """What a builder has of its driver, with a service that has one image for all."""

    def __init__(self, path):
        self.configdrive_service = self
        self.built = None
        self._path = path

    def call(self, context, method, **arguments):
        self.asked = (method, arguments["files"])
        return {
            "drive": {"id": "d"},
            "generation": 1,
            "path": self._path,
            "size_bytes": len(IMAGE),
            "sha256": hashlib.sha256(IMAGE).hexdigest(),
        }

    def configdrive_built(self, instance, built):
        self.built = built


class Metadata:
    """An instance's metadata: one file."""

    def __init__(self, instance, **_):
        self.instance = instance

    def metadata_for_config_drive(self):
        return [("openstack/latest/user_data", b"x")]


class BuilderTest(unittest.TestCase):
    def setUp(self):
        options.register(CONF)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        source = os.path.join(folder.name, "1.img")
        with open(source, "wb") as file:
            file.write(IMAGE)
        self.target = os.path.join(folder.name, "disk.config")
        self.driver = Driver(source)
        self.instance = types.SimpleNamespace(uuid=str(uuid.uuid4()), project_id="p")

    def test_a_drive_is_put_where_nova_wants_it(self):
        with builder.builder_for(self.driver)(instance_md=Metadata(self.instance)) as made:
            made.make_drive(self.target)
        with open(self.target, "rb") as file:
            self.assertEqual(file.read(), IMAGE)
        self.assertEqual(self.driver.asked[0], "build_instance_drive")
        self.assertEqual(self.driver.built["generation"], 1)

    def test_ironic_is_handed_the_drive(self):
        nova = types.SimpleNamespace(_get_network_metadata=lambda node, network_info: None)
        with mock.patch.object(configdrive, "ConfigDriveBuilder", builder.builder_for(self.driver)):
            with mock.patch.object(instance_metadata, "InstanceMetadata", Metadata):
                handed = ironic.IronicDriver._generate_configdrive(nova, None, self.instance, None, None)
        self.assertEqual(gzip.decompress(base64.b64decode(handed)), IMAGE)


if __name__ == "__main__":
    unittest.main()
