"""nova's builder of config drives, with the service in the place of mkisofs and mkfs."""

import os
import uuid

from nova import conf, exception
from nova.virt import configdrive
from oslo_context import context as oslo_context
from oslo_log import log

from configdrive_bridge import place, service, tree

LOG = log.getLogger(__name__)
CONF = conf.CONF

# nova's vfat drives have this size; a drive that migrates between hosts with and without the plugin stays alike.
_VFAT_BYTES = configdrive.CONFIGDRIVESIZE_BYTES


def builder_for(driver):
    """The builder class that a driver's part of nova uses: one for each driver object, so that tests can have several."""

    class Builder(configdrive.ConfigDriveBuilder):
        def __init__(self, instance_md=None):
            super().__init__(instance_md=instance_md)
            self._instance = instance_md.instance if instance_md is not None else None

        def make_drive(self, path):
            instance = self._instance
            if instance is None or not wanted(instance):
                return super().make_drive(path)
            try:
                built = _build(driver, instance, self.mdfiles, path)
            except service.Unavailable as error:
                if CONF.configdrive_bridge.when_unavailable == "build":
                    LOG.warning("configdrive: %s; nova builds the drive itself", error, instance=instance)
                    driver.configdrive_not_built(instance)
                    return super().make_drive(path)
                raise exception.InstanceDeployFailure(reason="configdrive: %s" % error)
            LOG.info("configdrive: drive %(drive)s, generation %(generation)s", built, instance=instance)
            driver.configdrive_built(instance, built)

    return Builder


def wanted(instance):
    """Whether the service is to build this instance's drives."""
    ours = CONF.configdrive_bridge
    if not ours.enabled:
        return False
    if not ours.opt_in:
        return True
    asked = (
        instance.flavor.extra_specs.get("configdrive:bridge"),
        instance.system_metadata.get("image_configdrive_bridge"),
    )
    return any(str(value).lower() in ("true", "1", "yes", "on") for value in asked)


def _build(driver, instance, files, path):
    """Has a drive built, puts it at `path`, and gives what is to be remembered of it."""
    form = CONF.config_drive_format
    if form not in ("iso9660", "vfat"):
        raise exception.ConfigDriveUnknownFormat(format=form)
    rescue = os.path.basename(path).endswith(".rescue")
    answer = driver.configdrive_service.call(
        service.context_of(oslo_context.get_current(), instance),
        "build_instance_drive",
        request_id=str(uuid.uuid4()),
        instance_id=instance.uuid,
        host=CONF.host,
        role="INSTANCE_DRIVE_ROLE_RESCUE" if rescue else "INSTANCE_DRIVE_ROLE_UNSPECIFIED",
        files=tree.file_tree(files),
        format="IMAGE_FORMAT_%s" % form.upper(),
        size_bytes=_VFAT_BYTES if form == "vfat" else 0,
    )
    put = place.fill if os.path.exists(path) else place.place
    try:
        put(answer["path"], path, int(answer["size_bytes"]), answer["sha256"])
    except (OSError, place.WrongImage) as error:
        raise service.Unavailable("the image could not be put in its place: %s" % error)
    return {
        "drive": answer["drive"]["id"],
        "generation": int(answer["generation"]),
        "sha256": answer["sha256"],
        "rescue": rescue,
    }
