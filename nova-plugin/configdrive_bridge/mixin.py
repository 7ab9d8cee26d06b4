"""What every driver gets in front of nova's own: drives that the service builds, and what it is told of them."""

import uuid

from nova import conf
from nova.compute import task_states, vm_states
from nova.virt import configdrive

from configdrive_bridge import answers, builder, endpoint, options, record, service

CONF = conf.CONF


class BuildMixin:
    """Has drives built by the service, at the one place where every driver of nova's builds them."""

    def __init__(self, *args, **kwargs):
        options.register(CONF)
        self.configdrive_service = None
        self._configdrive_server = None
        # What was built for an instance and not shown yet, by the instance; nova builds each in a thread of its own.
        self._configdrive_built = {}
        # What was told of an instance last: an earlier word that the service has not taken yet must not come after it.
        self._configdrive_told = {}
        super().__init__(*args, **kwargs)

    def init_host(self, host):
        super().init_host(host)
        # nova has its transport by now, and looks the builder up at each use.
        heard = answers.Answers(CONF.host)
        self.configdrive_service = service.Service(heard)
        configdrive.ConfigDriveBuilder = builder.builder_for(self)
        self._configdrive_server = endpoint.serve([heard, *self.configdrive_endpoints()])

    def cleanup_host(self, host):
        if self._configdrive_server is not None:
            self._configdrive_server.stop()
            self._configdrive_server.wait()
        super().cleanup_host(host)

    def configdrive_endpoints(self):
        """What the service can ask of this nova-compute."""
        return []

    def spawn(self, context, instance, image_meta, *args, **kwargs):
        self._configdrive_built.pop(instance.uuid, None)
        try:
            super().spawn(context, instance, image_meta, *args, **kwargs)
        finally:
            built = self._configdrive_built.pop(instance.uuid, None)
        if built is None:
            # nova built it, or there is none. One that was taken away stays away.
            if not record.is_detached(instance):
                record.forget(instance)
            return
        # nova saves the instance when the spawn is over.
        detached = record.is_detached(instance)
        record.write(instance, built["drive"], built["generation"], detached)
        if detached:
            return
        device = self.configdrive_spawned_on(instance, image_meta, kwargs.get("block_device_info"))
        if device is not None:
            self.configdrive_record(context, instance, built["generation"], device)

    def destroy(self, context, instance, *args, **kwargs):
        super().destroy(context, instance, *args, **kwargs)
        # nova destroys in every hard reboot, rebuild and shelve too: only a deleted instance takes its drives with it.
        if is_deleted(instance):
            self.configdrive_left(instance)
            self.configdrive_service.tell(
                service.context_of(context, instance),
                "release_instance",
                request_id=str(uuid.uuid5(uuid.UUID(instance.uuid), "configdrive:deleted")),
                instance_id=instance.uuid,
                host=CONF.host,
            )

    def configdrive_built(self, instance, built):
        """Remembers a drive that was put in its place until nova has shown it. A rescue system's is nobody's to change."""
        if not built["rescue"]:
            self._configdrive_built[instance.uuid] = built

    def configdrive_not_built(self, instance):
        """nova builds the drive itself: what the service knows of an earlier one is not what the guest sees."""
        self._configdrive_built.pop(instance.uuid, None)

    def configdrive_spawned_on(self, instance, image_meta, block_device_info):
        """The device that a spawned instance has its drive on (`type`, `bus`, `dev`); None where the driver cannot tell."""
        return None

    def configdrive_left(self, instance):
        """What was told of the instance on this host is so no more; its next host tells what is."""
        self._configdrive_told.pop(instance.uuid, None)

    def configdrive_record(self, context, instance, generation=None, device=None):
        """Tells the service what the instance has now on this host; without a generation, that it has nothing here any more."""
        word = self._configdrive_told[instance.uuid] = object()
        shown = {}
        if generation is not None:
            shown["generation"] = generation
            shown["device"] = {
                "kind": "DEVICE_KIND_%s" % device["type"].upper(),
                "bus": "DEVICE_BUS_%s" % device["bus"].upper(),
                "name": device["dev"],
                "reason": "nova chose it",
            }
        self.configdrive_service.tell(
            service.context_of(context, instance),
            "record_instance_drive",
            lambda: self._configdrive_told.get(instance.uuid) is word,
            request_id=str(uuid.uuid4()),
            instance_id=instance.uuid,
            host=CONF.host,
            **shown,
        )


def is_deleted(instance):
    """Whether nova destroys an instance's domain for good, so that the instance takes its drives with it."""
    if instance.deleted or instance.task_state == task_states.DELETING:
        return True
    # With reclaim_instance_interval nova deletes what its time is over of without a task state; who restores one has a task state.
    return instance.vm_state == vm_states.SOFT_DELETED and instance.task_state is None
