"""nova's driver without a hypervisor, which builds drives as a real one does: for tests and for measuring."""

import os
import shutil

from nova import conf
from nova.api.metadata import base as instance_metadata
from nova.virt import configdrive, fake
from oslo_utils import fileutils

from configdrive_bridge import mixin

CONF = conf.CONF


class FakeWithDrives(fake.FakeDriver):
    """nova's own fake driver makes no config drive; this one makes it where the libvirt driver would."""

    def spawn(self, context, instance, image_meta, injected_files, admin_password, *args, **kwargs):
        if configdrive.required_by(instance):
            folder = _folder(instance)
            fileutils.ensure_tree(folder)
            extra = {"admin_pass": admin_password} if admin_password else {}
            metadata = instance_metadata.InstanceMetadata(instance, content=injected_files, extra_md=extra)
            with configdrive.ConfigDriveBuilder(instance_md=metadata) as made:
                made.make_drive(os.path.join(folder, "disk.config"))
        super().spawn(context, instance, image_meta, injected_files, admin_password, *args, **kwargs)

    def destroy(self, context, instance, *args, **kwargs):
        super().destroy(context, instance, *args, **kwargs)
        shutil.rmtree(_folder(instance), ignore_errors=True)


class FakeDriver(mixin.BuildMixin, FakeWithDrives):
    """Drives are built by the service."""


def _folder(instance):
    return os.path.join(CONF.instances_path, instance.uuid)
