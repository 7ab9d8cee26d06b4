"""What becomes of an instance's own drive when nova moves it, or starts it again."""

import os

from nova import conf, exception
from nova.compute import task_states
from nova.virt import configdrive
from nova.virt.libvirt import utils as libvirt_utils
from oslo_concurrency import processutils
from oslo_log import log

from configdrive_bridge import domain_drive, mixin, place, record, service

LOG = log.getLogger(__name__)
CONF = conf.CONF

_SHELVING = (task_states.SHELVING, task_states.SHELVING_OFFLOADING)


class MovesMixin:
    """Brings a drive to where its instance goes, and tells the service where it is. In front of nova's libvirt driver."""

    def migrate_disk_and_power_off(self, context, instance, *args, **kwargs):
        disks = super().migrate_disk_and_power_off(context, instance, *args, **kwargs)
        self.configdrive_left(instance)
        return disks

    def finish_migration(self, context, migration, instance, *args, **kwargs):
        known = record.read(instance)
        if known is not None and not os.path.exists(self.configdrive_path(instance)):
            # A drive that was taken away is none of the disks that nova copies; nova would have it built anew.
            self._configdrive_try_bring(context, instance, known)
        super().finish_migration(context, migration, instance, *args, **kwargs)
        built = self._configdrive_built.pop(instance.uuid, None)
        if built is not None:
            # nova saves the instance when this is over.
            record.write(instance, built["drive"], built["generation"], record.is_detached(instance))
        self._configdrive_is_here(context, instance)

    def finish_revert_migration(self, context, instance, *args, **kwargs):
        super().finish_revert_migration(context, instance, *args, **kwargs)
        self._configdrive_is_here(context, instance)

    def pre_live_migration(self, context, instance, block_device_info, network_info, disk_info, migrate_data):
        """nova 26 copies the file of a cdrom here; from 31.0 on what it makes here stays all zeros.

        libvirt copies the disks that a guest can write to, and a vfat drive is one of them.
        """
        prepared = super().pre_live_migration(
            context, instance, block_device_info, network_info, disk_info, migrate_data
        )
        if migrate_data.is_shared_instance_path or not self._configdrive_is_file() or record.is_detached(instance):
            return prepared
        if not configdrive.required_by(instance) or self.configdrive_device(instance).device["type"] != "cdrom":
            return prepared
        folder = libvirt_utils.get_instance_path_at_destination(instance, migrate_data)
        path = os.path.join(folder, domain_drive.NAME)
        known = record.read(instance)
        if known is not None and CONF.configdrive_bridge.enabled:
            if self._configdrive_try_bring(context, instance, known, path):
                return prepared
        if place.is_blank(path):
            self._configdrive_copy(instance, path)
        return prepared

    def post_live_migration(self, context, instance, *args, **kwargs):
        self.configdrive_left(instance)
        super().post_live_migration(context, instance, *args, **kwargs)

    def post_live_migration_at_destination(self, context, instance, *args, **kwargs):
        super().post_live_migration_at_destination(context, instance, *args, **kwargs)
        self._configdrive_is_here(context, instance)

    def destroy(self, context, instance, *args, **kwargs):
        super().destroy(context, instance, *args, **kwargs)
        if mixin.is_deleted(instance):
            return
        # Here it is no more, but it lives: gone back to its old host, shelved, or evacuated while this one was down.
        if instance.task_state == task_states.RESIZE_REVERTING:
            self.configdrive_left(instance)
        elif instance.task_state in _SHELVING or instance.host != CONF.host:
            if record.read(instance) is not None:
                self.configdrive_record(context, instance)

    def _hard_reboot(self, context, instance, *args, **kwargs):
        # nova's start of an instance is this too, and so is what it does for each when its host comes up.
        changed = self._configdrive_before_start(context, instance)
        super()._hard_reboot(context, instance, *args, **kwargs)
        if changed:
            self._configdrive_is_here(context, instance)

    def _configdrive_before_start(self, context, instance):
        """Has the pending generation in the file, and the file there at all. Gives whether the guest will see another than before.

        :raises nova.exception.InstanceDeployFailure: where the file is gone and the service cannot give it
        """
        known = record.read(instance)
        if known is None or known["detached"] or not self._configdrive_is_file():
            return False
        path = self.configdrive_path(instance)
        gone = not os.path.exists(path)
        if not gone and not CONF.configdrive_bridge.enabled:
            return False
        try:
            staged = self._configdrive_staged(context, instance, 0)
            generation = int(staged["generation"])
            if generation == known["generation"] and not gone:
                return False
            self._configdrive_put(staged, path)
        except service.Unavailable as error:
            if gone:
                raise exception.InstanceDeployFailure(reason="configdrive: %s" % error)
            LOG.warning("configdrive: starts with the drive as it is: %s", error, instance=instance)
            return False
        LOG.info("configdrive: generation %d is in its place", generation, instance=instance)
        if generation == known["generation"]:
            return False
        record.write(instance, known["drive"], generation)
        instance.save()
        return True

    def _configdrive_try_bring(self, context, instance, known, path=None):
        """Has the generation here that the guest sees, or of a drive that was taken away the next to be seen."""
        path = path or self.configdrive_path(instance)
        try:
            staged = self._configdrive_staged(context, instance, 0 if known["detached"] else known["generation"])
            if not place.holds(path, int(staged["size_bytes"]), staged["sha256"]):
                self._configdrive_put(staged, path)
        except service.Unavailable as error:
            LOG.warning("configdrive: the service did not bring the drive: %s", error, instance=instance)
            return False
        LOG.info("configdrive: the drive has come to this host", instance=instance)
        return True

    def _configdrive_staged(self, context, instance, generation):
        """:raises service.Unavailable: for every reason"""
        try:
            return self.configdrive_service.call(
                service.context_of(context, instance),
                "stage_instance_drive",
                instance_id=instance.uuid,
                host=CONF.host,
                generation=generation,
            )
        except exception.InvalidInput as error:
            raise service.Unavailable(str(error))

    @staticmethod
    def _configdrive_put(staged, path):
        try:
            place.place(staged["path"], path, int(staged["size_bytes"]), staged["sha256"])
        except (OSError, place.WrongImage) as error:
            raise service.Unavailable("the image could not be put in its place: %s" % error)

    def _configdrive_copy(self, instance, path):
        """As nova 26 does it. A migration that would lose the drive ends here, and the instance stays where it is."""
        try:
            self._remotefs.copy_file("%s:%s" % (instance.host, path), path)
        except processutils.ProcessExecutionError as error:
            raise exception.MigrationError(reason="configdrive: the drive did not come to this host: %s" % error)
        LOG.info("configdrive: the drive was copied from %s", instance.host, instance=instance)

    def _configdrive_is_here(self, context, instance):
        """Tells the service what the guest sees on this host."""
        known = record.read(instance)
        if known is not None and not known["detached"]:
            device = self.configdrive_device(instance).device
            self.configdrive_record(context, instance, known["generation"], device)

    def _configdrive_is_file(self):
        """Whether drives are files here, and not volumes of a Ceph cluster that every host sees."""
        return self._get_disk_config_image_type() == "raw"
