"""nova's VMware driver with drives built by the service."""

from nova.virt.vmwareapi import driver

from configdrive_bridge import mixin


class VMwareVCDriver(mixin.BuildMixin, driver.VMwareVCDriver):
    """Drives are built by the service; vCenter gets them as nova uploads any."""
