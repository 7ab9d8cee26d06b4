"""What the service asks of this nova-compute: to show, take away and look at an instance's own drive.

On exchange `configdrive`, topic `configdrive_plugin`, server = the host. Each method can be called again with the same arguments.
"""

import oslo_messaging as messaging
from nova import conf, exception, rpc
from nova.api.metadata import base as instance_metadata
from nova.compute import power_state, vm_states
from nova.virt import configdrive
from oslo_log import log

from configdrive_bridge import claim, place, record, tree

LOG = log.getLogger(__name__)
CONF = conf.CONF

TOPIC = "configdrive_plugin"

# Answers, and not faults of this nova-compute: without this each would stand in its log with a traceback.
_refusing = messaging.expected_exceptions(
    exception.InstanceInvalidState, exception.InstanceNotFound, exception.UnexpectedTaskStateError
)


class Endpoint:
    """The methods; the driver does the work."""

    target = messaging.Target(version="1.1")

    def __init__(self, driver):
        self._driver = driver

    @_refusing
    def choose_device(self, context, instance_id, drive_id):
        """The device that nova gives the instance's own drive."""
        with claim.locked(instance_id, CONF.host) as instance:
            device = self._drive(instance, drive_id).device
        return {"kind": device["type"], "bus": device["bus"], "name": device["dev"]}

    @_refusing
    def show_drive(self, context, instance_id, drive_id, generation, path, size_bytes):
        """Puts an image that stands on this host into the instance's own drive, and shows it."""
        with claim.claimed(instance_id, CONF.host, "showing") as instance:
            drive = self._drive(instance, drive_id)
            known = record.read(instance)
            if known["generation"] > generation:
                # nova built a later one, of which the service is being told: that one stands.
                LOG.info("configdrive: keeps generation %d", known["generation"], instance=instance)
                return
            if known["generation"] == generation and not known["detached"] and drive.is_shown():
                return
            try:
                place.place(path, self._driver.configdrive_path(instance), size_bytes)
            except (OSError, place.WrongImage) as error:
                raise exception.InstanceDeployFailure(reason="configdrive: %s" % error)
            drive.show()
            record.write(instance, drive_id, generation)
        LOG.info("configdrive: shows generation %d of drive %s", generation, drive_id, instance=instance)

    @_refusing
    def hide_drive(self, context, instance_id, drive_id):
        """Takes the drive from the instance, for good until it is shown again; one that is not there is a success.

        An instance that is on another host by now has it there, and its own host is to be asked: that is none.
        """
        if claim.is_being_deleted(instance_id):
            return
        with claim.claimed(instance_id, CONF.host, "hiding") as instance:
            known = record.read(instance)
            if known is None or known["drive"] != drive_id:
                self._driver.configdrive_volumes.require_none(instance, drive_id)
                return
            if known["detached"]:
                return
            self._drive(instance, drive_id).hide()
            record.write(instance, drive_id, known["generation"], detached=True)
        LOG.info("configdrive: drive %s is taken away", drive_id, instance=instance)

    @_refusing
    def render_drive(self, context, instance_id, drive_id):
        """The files that nova would put into the instance's own drive now.

        What nova knows at the first build only is not among them: the administrator's password and injected files.
        """
        with claim.locked(instance_id, CONF.host) as instance:
            self._require_own(instance, drive_id)
            metadata = instance_metadata.InstanceMetadata(instance)
        with configdrive.ConfigDriveBuilder(instance_md=metadata) as made:
            return tree.file_tree(made.mdfiles)

    @_refusing
    def observe_instance(self, context, instance_id):
        """What the instance's own guest has; a rescue system is not that guest."""
        absent = {"running": False, "drives": []}
        try:
            # Nobody waits to look: what nova is at now is looked at afterwards.
            with claim.locked(instance_id, CONF.host, wait=0) as instance:
                known = record.read(instance)
                if instance.vm_state == vm_states.RESCUED:
                    return absent
                drive = self._driver.configdrive_device(instance)
                if drive.guest().get_power_state(self._driver._host) not in (power_state.RUNNING, power_state.PAUSED):
                    return absent
                seen = self._driver.configdrive_volumes.shown(instance)
                if known is not None and not known["detached"] and drive.is_shown():
                    own = {"drive_id": known["drive"], "generation": known["generation"], "device": drive.device["dev"]}
                    seen = [own, *seen]
                return {"running": True, "drives": seen}
        except exception.InstanceNotFound:
            return absent

    def _drive(self, instance, drive_id):
        """:raises nova.exception.InvalidInput: for a drive that is not the instance's own"""
        self._require_own(instance, drive_id)
        return self._driver.configdrive_device(instance)

    def _require_own(self, instance, drive_id):
        """
        :raises nova.exception.InvalidVolume: for a drive that the instance has as a volume
        :raises nova.exception.InvalidInput: for any other that is not its own
        """
        known = record.read(instance)
        if known is None or known["drive"] != drive_id:
            self._driver.configdrive_volumes.require_none(instance, drive_id)
            raise exception.InvalidInput(reason="drive %s is not instance %s's own" % (drive_id, instance.uuid))


def serve(endpoints):
    """Starts a server with these endpoints; the caller stops it. nova's own way to make one picks its way to run threads."""
    target = messaging.Target(exchange="configdrive", topic=TOPIC, server=CONF.host)
    server = rpc.get_server(target, endpoints)
    server.start()
    return server
