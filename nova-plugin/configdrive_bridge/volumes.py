"""Volumes of nova's that are drives of the service: connection type `configdrive`, by `configdrive_bridge.cinder`."""

import contextlib
import glob
import os
import time
import uuid

from lxml import etree
from nova import conf, exception
from nova.compute import task_states
from nova.virt.libvirt import blockinfo
from nova.virt.libvirt.volume import volume as libvirt_volume
from oslo_context import context as oslo_context
from oslo_log import log

from configdrive_bridge import place, service

LOG = log.getLogger(__name__)
CONF = conf.CONF

TYPE = "configdrive"
# Seconds after which a drive that something else is done with is asked for again.
_BUSY_PAUSE = 0.5


class DriveVolumes(libvirt_volume.LibvirtBaseVolumeDriver):
    """Connects a drive to an instance by a call to the service, and shows a copy of its image, which the guest cannot write.

    nova disconnects and connects in every hard reboot and start, so that is when a guest sees what was staged meanwhile. One that
    comes here in a live migration has what it has.
    """

    def __init__(self, driver):
        super().__init__(driver._host, is_block_dev=False)
        self._driver = driver
        # Instances with the drives that they have from before their domain shows them until after it shows them no more.
        self._connected = {}

    def connect_volume(self, connection_info, instance):
        data = connection_info["data"]
        drive_id = data["drive_id"]
        answer = self._call(
            instance,
            "connect_drive",
            drive_id=drive_id,
            running=instance.task_state == task_states.MIGRATING,
            device={
                "kind": "DEVICE_KIND_DISK",
                "bus": "DEVICE_BUS_%s" % _bus(instance).upper(),
                "name": data["volume_id"],
                "reason": "nova chose it",
            },
        )
        generation, path = int(answer["generation"]), _path(drive_id, int(answer["generation"]))
        self._connected.setdefault(instance.uuid, {})[drive_id] = generation
        try:
            os.makedirs(_folder(), mode=0o711, exist_ok=True)
            place.place(answer["path"], path, int(answer["size_bytes"]), answer["sha256"])
        except (OSError, place.WrongImage) as error:
            with contextlib.suppress(exception.InternalError):
                self.disconnect_volume(connection_info, instance)
            raise exception.VolumeAttachFailed(volume_id=data["volume_id"], reason="configdrive: %s" % error)
        # nova keeps the data with its block device mapping; get_config is given it.
        data["device_path"] = path
        LOG.info("configdrive: drive %s, generation %d, is a volume", drive_id, generation, instance=instance)

    def disconnect_volume(self, connection_info, instance, force=False):
        drive_id = connection_info["data"]["drive_id"]
        try:
            self._call(instance, "disconnect_drive", drive_id=drive_id)
        finally:
            self._connected.get(instance.uuid, {}).pop(drive_id, None)
            for path in glob.glob(_path(drive_id, "*")):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)

    def get_config(self, connection_info, disk_info):
        device = super().get_config(connection_info, disk_info)
        device.source_type = "file"
        device.source_path = connection_info["data"]["device_path"]
        device.readonly = True
        return device

    def extend_volume(self, connection_info, instance, requested_size):
        """:raises NotImplementedError: always: a drive is as large as its content"""
        raise NotImplementedError()

    def shown(self, instance):
        """What the instance has: `drive_id`, `generation` and `device` of each; its domain's, where nova-compute is a new one."""
        found = dict(self._connected.get(instance.uuid, {}))
        devices = {}
        for disk in etree.fromstring(self.host.get_guest(instance).get_xml_desc()).iterfind("./devices/disk"):
            source = disk.find("source")
            folder, name = os.path.split("" if source is None else source.get("file", ""))
            if folder == _folder():
                drive_id, generation, _ = name.split(".")
                found[drive_id], devices[drive_id] = int(generation), disk.find("target").get("dev")
        return [
            {"drive_id": drive_id, "generation": generation, "device": devices.get(drive_id, "")}
            for drive_id, generation in found.items()
        ]

    def require_none(self, instance, drive_id):
        """:raises nova.exception.InvalidVolume: where the instance has the drive as a volume"""
        if any(seen["drive_id"] == drive_id for seen in self.shown(instance)):
            reason = "instance %s has drive %s as a volume: detach it by nova's API" % (instance.uuid, drive_id)
            raise exception.InvalidVolume(reason=reason)

    def _call(self, instance, method, **arguments):
        context = service.context_of(oslo_context.get_current(), instance)
        asked = {"request_id": str(uuid.uuid4()), "instance_id": instance.uuid, "host": CONF.host, **arguments}
        end = time.monotonic() + CONF.configdrive_bridge.build_timeout
        while True:
            try:
                return self._driver.configdrive_service.call(context, method, **asked)
            except service.Unavailable as error:
                # Such as new content that is being built: it ends by itself.
                if "[DRIVE_BUSY]" not in str(error) or time.monotonic() + _BUSY_PAUSE > end:
                    raise exception.InternalError("configdrive: %s" % error)
                time.sleep(_BUSY_PAUSE)


def _bus(instance):
    return blockinfo.get_disk_bus_for_device_type(instance, CONF.libvirt.virt_type, instance.image_meta, "disk")


def _folder():
    return os.path.join(CONF.state_path, "configdrive")


def _path(drive_id, generation):
    return os.path.join(_folder(), "%s.%s.img" % (drive_id, generation))
