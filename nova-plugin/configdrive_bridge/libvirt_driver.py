"""nova's libvirt driver with drives built by the service."""

import os

from nova import conf
from nova.virt.libvirt import blockinfo, driver
from nova.virt.libvirt import utils as libvirt_utils

from configdrive_bridge import claim, domain_drive, endpoint, mixin, moves, record, volumes

CONF = conf.CONF


class LibvirtDriver(moves.MovesMixin, mixin.BuildMixin, driver.LibvirtDriver):
    """Drives are built by the service, and come, go and change while their instance lives."""

    def init_host(self, host):
        self.configdrive_volumes = volumes.DriveVolumes(self)
        # Before anybody can make a new one.
        claim.release_all(host)
        super().init_host(host)

    def configdrive_endpoints(self):
        return [endpoint.Endpoint(self)]

    def configdrive_path(self, instance):
        """Where nova has the instance's own drive."""
        return os.path.join(libvirt_utils.get_instance_path(instance), domain_drive.NAME)

    def configdrive_device(self, instance):
        """The instance's own drive as a device of its domain."""
        return domain_drive.DomainDrive(self, instance, self.configdrive_path(instance))

    def configdrive_spawned_on(self, instance, image_meta, block_device_info):
        info = blockinfo.get_disk_info(CONF.libvirt.virt_type, instance, image_meta, block_device_info)
        return info["mapping"].get(domain_drive.NAME)

    def _get_volume_driver(self, connection_info):
        if connection_info.get("driver_volume_type") == volumes.TYPE:
            return self.configdrive_volumes
        return super()._get_volume_driver(connection_info)

    def _get_guest_storage_config(self, context, instance, image_meta, disk_info, rescue, *args, **kwargs):
        if rescue or not record.is_detached(instance) or domain_drive.NAME not in disk_info["mapping"]:
            return super()._get_guest_storage_config(context, instance, image_meta, disk_info, rescue, *args, **kwargs)
        mapping = disk_info["mapping"]
        if mapping[domain_drive.NAME]["bus"] not in domain_drive.FIXED_BUSES:
            # Only here: everywhere else the drive goes on holding its name.
            rest = {name: value for name, value in mapping.items() if name != domain_drive.NAME}
            disk_info = dict(disk_info, mapping=rest)
        path = self.configdrive_path(instance)
        devices = super()._get_guest_storage_config(context, instance, image_meta, disk_info, rescue, *args, **kwargs)
        for device in devices:
            if getattr(device, "source_path", None) == path:
                _empty(device)
        return devices


def _empty(device):
    """Makes a drive's element one without a medium, which nova's own classes cannot write."""
    write = device.format_dom

    def format_dom():
        element = write()
        for source in element.findall("source"):
            element.remove(source)
        return element

    device.format_dom = format_dom
