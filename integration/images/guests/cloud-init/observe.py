"""Runs cloud-init's local stage as a boot does, then prints as JSON what the data source that it chose has read."""
import base64
import json
import sys

from cloudinit.cmd import main
from cloudinit.sources import pkl_load

sys.argv = ["cloud-init", "init", "--local"]
status = main.main()
source = pkl_load("/var/lib/cloud/instance/obj.pkl")
raw = source.get_userdata_raw() or b""
text = raw if isinstance(raw, bytes) else raw.encode()
print(
    json.dumps(
        {
            "status": status,
            "source": str(source),
            "instance_id": source.get_instance_id(),
            "public_keys": source.get_public_ssh_keys(),
            "user_data": base64.b64encode(text).decode(),
            "metadata": source.metadata,
        },
        default=str,
    )
)
