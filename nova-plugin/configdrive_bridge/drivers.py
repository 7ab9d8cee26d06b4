"""The classes that `compute_driver` can name: nova's own drivers, each with our part in front.

`compute_driver = configdrive_bridge.LibvirtDriver`, `.FakeDriver`, `.VMwareVCDriver` or `.IronicDriver`. Only the driver that is
asked for is imported, since the others' libraries need not be there.
"""

import importlib

_DRIVERS = {
    "LibvirtDriver": "configdrive_bridge.libvirt_driver",
    "FakeDriver": "configdrive_bridge.fake_driver",
    "VMwareVCDriver": "configdrive_bridge.vmware_driver",
    "IronicDriver": "configdrive_bridge.ironic_driver",
}


def __getattr__(name):
    module = _DRIVERS.get(name)
    if module is None:
        raise AttributeError("configdrive_bridge has no driver %s; it has %s" % (name, ", ".join(_DRIVERS)))
    return getattr(importlib.import_module(module), name)
