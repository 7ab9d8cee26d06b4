"""What cloud-init's DataSourceVMware makes of guestinfo variables: its own code, by its environment transport (VMX_GUESTINFO_…)."""

import json
import sys

from cloudinit.sources import DataSourceVMware as vmware

metadata = vmware.process_metadata(vmware.load_json_or_yaml(vmware.guestinfo_envvar("metadata")))
data = {name: vmware.guestinfo_envvar(name) for name in ("userdata", "vendordata")}
json.dump({"metadata": metadata, **data}, sys.stdout)
