"""nova's libvirt driver with drives built by the service."""

from nova.virt.libvirt import driver

from configdrive_bridge import mixin


class LibvirtDriver(mixin.BuildMixin, driver.LibvirtDriver):
    """Drives are built by the service."""
