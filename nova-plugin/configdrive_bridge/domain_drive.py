"""An instance's own drive as a device of its libvirt domain: where it is, and how it comes, goes and changes."""

import copy
import functools
import time

import libvirt
from lxml import etree
from nova import conf
from nova import context as nova_context
from nova import objects
from nova.compute import power_state
from nova.virt import driver as virt_driver
from nova.virt.libvirt import blockinfo

CONF = conf.CONF
NAME = "disk.config"
# These buses plug nothing: their drive stays, with or without a medium.
FIXED_BUSES = ("ide", "sata", "fdc")
# How often, and after how many seconds again, a medium is changed against a guest that closes the tray.
TRAY_ATTEMPTS = 10
TRAY_PAUSE = 0.3


class DomainDrive:
    """The drive of one instance, by nova's own driver and libvirt."""

    def __init__(self, driver, instance, path):
        self._driver = driver
        self._instance = instance
        self._path = path
        bdms = objects.BlockDeviceMappingList.get_by_instance_uuid(nova_context.get_admin_context(), instance.uuid)
        devices = virt_driver.get_block_device_info(instance, bdms)
        info = blockinfo.get_disk_info(CONF.libvirt.virt_type, instance, instance.image_meta, devices)
        self._mapping = info["mapping"]

    @property
    def device(self):
        """The device that nova gives it: `dev`, `bus` and `type` (cdrom or disk)."""
        return self._mapping[NAME]

    def guest(self):
        """:raises nova.exception.InstanceNotFound: where there is no domain"""
        return self._driver._host.get_guest(self._instance)

    def is_shown(self):
        """Whether the domain has the drive with its medium, running or not."""
        return _medium(self._element(self.guest())) is not None

    def show(self):
        """Shows what stands at the path now, whatever was shown before.

        QEMU holds the file that it opened: a drive goes and comes, and where nothing can be plugged its medium does.
        """
        guest = self.guest()
        element = self._element(guest)
        if element is None:
            self._plug(guest)
        elif self.device["bus"] in FIXED_BUSES:
            if _medium(element) is not None:
                self._change_medium(guest, element, None)
            self._change_medium(guest, element, self._path)
        else:
            self._unplug(guest)
            self._plug(guest)

    def hide(self):
        """Takes the drive away, or its medium where the bus lets no drive go."""
        guest = self.guest()
        element = self._element(guest)
        if element is None:
            return
        if self.device["bus"] not in FIXED_BUSES:
            self._unplug(guest)
        elif _medium(element) is not None:
            self._change_medium(guest, element, None)

    def _element(self, guest):
        """The drive's element: the one with its file, or else an empty one with its name."""
        root = etree.fromstring(guest.get_xml_desc())
        disks = root.findall("./devices/disk")
        for disk in disks:
            if _medium(disk) == self._path:
                return disk
        for disk in disks:
            if _medium(disk) is None and disk.get("device") == "cdrom" and _name(disk) == self.device["dev"]:
                return disk
        return None

    def _change_medium(self, guest, element, path):
        changed = copy.deepcopy(element)
        for source in changed.findall("source"):
            changed.remove(source)
        for derived in changed.findall("backingStore"):
            changed.remove(derived)
        if path is not None:
            etree.SubElement(changed, "source", file=path)
        flags = libvirt.VIR_DOMAIN_AFFECT_CONFIG
        if guest.is_active():
            flags |= libvirt.VIR_DOMAIN_AFFECT_LIVE
        description = etree.tostring(changed, encoding="unicode")
        for left in reversed(range(TRAY_ATTEMPTS)):
            try:
                # nova's Guest can attach and detach; it has nothing that updates.
                guest._domain.updateDeviceFlags(description, flags)
                return
            except libvirt.libvirtError as error:
                # A guest that looks at its drive closes the tray that libvirt has just opened.
                if left == 0 or "is not open" not in str(error):
                    raise
                time.sleep(TRAY_PAUSE)

    def _plug(self, guest):
        mapping = dict(self._mapping)
        if self.device["bus"] == "scsi":
            mapping["unit"] = self._driver._get_scsi_controller_next_unit(guest)
        device = self._driver._get_guest_disk_config(
            self._instance, NAME, mapping, self._instance.flavor, self._driver._get_disk_config_image_type()
        )
        self._driver._set_cache_mode(device)
        live = guest.get_power_state(self._driver._host) in (power_state.RUNNING, power_state.PAUSED)
        guest.attach_device(device, persistent=True, live=live)

    def _unplug(self, guest):
        shown = guest.get_disk(self._path)
        name = shown.target_dev if shown is not None else self.device["dev"]
        self._driver._detach_with_retry(
            guest, self._instance.uuid, functools.partial(guest.get_disk, name), device_name=name
        )


def _medium(disk):
    """The file that a disk element shows. Of an emptied tray libvirt keeps a source that names none."""
    source = None if disk is None else disk.find("source")
    return None if source is None else source.get("file")


def _name(disk):
    return disk.find("target").get("dev")
