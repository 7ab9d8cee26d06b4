"""What an instance remembers of its drive: one key of its system metadata, which nova keeps through its whole life."""

import json

KEY = "configdrive_bridge"


def read(instance):
    """The record: `drive`, `generation` and `detached`; None of an instance without a drive of the service's."""
    text = instance.system_metadata.get(KEY)
    return json.loads(text) if text else None


def write(instance, drive, generation, detached=False):
    """Puts a record into the object; whoever has the instance saves it.

    nova saves the system metadata as a whole, so an object that was loaded before another's save must not save this.
    """
    record = {"drive": drive, "generation": generation, "detached": detached}
    instance.system_metadata[KEY] = json.dumps(record, separators=(",", ":"))


def forget(instance):
    """Of an instance whose drive nova built itself."""
    instance.system_metadata.pop(KEY, None)


def is_detached(instance):
    """Whether somebody took the drive away, and nobody gave it back."""
    record = read(instance)
    return bool(record and record["detached"])
