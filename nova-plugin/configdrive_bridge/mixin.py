"""What every driver gets in front of nova's own: drives that the service builds, and what it is told of them."""

import uuid

from nova import conf
from nova.compute import task_states
from nova.virt import configdrive
from oslo_log import log

from configdrive_bridge import builder, options, service

LOG = log.getLogger(__name__)
CONF = conf.CONF


class BuildMixin:
    """Has drives built by the service, at the one place where every driver of nova's builds them."""

    def __init__(self, *args, **kwargs):
        options.register(CONF)
        self.configdrive_service = None
        super().__init__(*args, **kwargs)

    def init_host(self, host):
        super().init_host(host)
        # nova has its transport by now, and looks the builder up at each use.
        self.configdrive_service = service.Service()
        configdrive.ConfigDriveBuilder = builder.builder_for(self)

    def destroy(self, context, instance, *args, **kwargs):
        super().destroy(context, instance, *args, **kwargs)
        # nova destroys in every hard reboot, rebuild and shelve too: only a deleted instance takes its drives with it.
        if instance.task_state == task_states.DELETING:
            self.configdrive_service.cast(
                service.context_of(context, instance),
                "release_instance",
                request_id=str(uuid.uuid5(uuid.UUID(instance.uuid), "configdrive:deleted")),
                instance_id=instance.uuid,
                host=CONF.host,
            )
