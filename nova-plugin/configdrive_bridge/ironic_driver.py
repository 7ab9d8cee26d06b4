"""nova's ironic driver with drives built by the service."""

from nova.virt.ironic import driver

from configdrive_bridge import mixin


class IronicDriver(mixin.BuildMixin, driver.IronicDriver):
    """Drives are built by the service; ironic gets them as nova hands any to it."""
