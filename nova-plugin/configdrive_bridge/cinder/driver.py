"""Drives of the service as Cinder's volumes.

    # cinder.conf
    [DEFAULT]
    enabled_backends = configdrive
    [configdrive]
    volume_driver = configdrive_bridge.cinder.driver.ConfigDriveVolumeDriver
    volume_backend_name = configdrive

A volume's `provider_id` is its drive. Cinder counts whole GiB; the device that a guest sees is as large as what the drive holds.
"""

import base64
import io
import uuid

from cinder import exception, interface
from cinder.volume import driver

from configdrive_bridge.cinder import service

# Most that goes to the service in one message: the contract's limit of inline content.
MOST_BYTES = 3 << 20
# Formats of images whose bytes are what a guest reads.
FORMATS = ("raw", "iso")
# What a volume without content is: nothing is known of what it shall hold, so it is small, and reads as zeros.
EMPTY_BYTES = 1 << 20
_GIB = 1 << 30


@interface.volumedriver
class ConfigDriveVolumeDriver(driver.VolumeDriver):
    """The service has the drives; nova-compute's part of this package shows them (`configdrive_bridge.volumes`)."""

    VERSION = "1.0.0"
    CI_WIKI_NAME = "configdrive-bridge"

    def do_setup(self, context):
        self._service = service.Service(self.configuration)

    def check_for_setup_error(self):
        """Nothing is asked of the service here: one that is away for now is no reason to have no backend until a restart."""

    def get_volume_stats(self, refresh=False):
        return {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name") or "configdrive",
            "vendor_name": "configdrive-bridge",
            "driver_version": self.VERSION,
            "storage_protocol": "configdrive",
            "total_capacity_gb": "infinite",
            "free_capacity_gb": "infinite",
            "reserved_percentage": 0,
            "multiattach": False,
            "QoS_support": False,
        }

    def create_volume(self, volume):
        """A drive that reads as zeros, until somebody puts something into it."""
        return self._create(volume, b"\0", EMPTY_BYTES)

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """A drive with an image's bytes: at once, so that nothing else is written before."""
        return self._create(volume, _bytes_of(context, image_service, image_meta)), True

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        """Puts an image into a volume that exists (`os-reimage`): the next generation of its drive."""
        data = _bytes_of(context, image_service, image_service.show(context, image_id))
        self._call(
            volume,
            "populate_volume",
            request_id=str(uuid.uuid4()),
            drive_id=volume.provider_id,
            blob={"data": data},
            when_attached="WHEN_ATTACHED_STAGE",
        )

    def delete_volume(self, volume):
        if volume.provider_id:
            self._call(volume, "delete_drive", request_id=_request(volume, "delete"), drive_id=volume.provider_id)

    def manage_existing_get_size(self, volume, existing_ref):
        """Whole GiB that hold the drive."""
        drive = self._existing(volume, existing_ref)
        newest = [one for one in drive["generations"] if one["number"] == drive.get("pending_generation")]
        return max(1, -(-int(newest[0]["size_bytes"]) // _GIB)) if newest else 1

    def manage_existing(self, volume, existing_ref):
        """Makes a volume of a drive that the service has, however it was populated: `source-id` is its id."""
        drive = self._existing(volume, existing_ref)
        if drive.get("attachments"):
            raise exception.ManageExistingInvalidReference(existing_ref=existing_ref, reason="an instance has the drive")
        return self._keep(volume, drive["id"])

    def unmanage(self, volume):
        """Leaves the drive to the service, as it is."""

    def initialize_connection(self, volume, connector, initiator_data=None):
        return {"driver_volume_type": "configdrive", "data": {"drive_id": volume.provider_id, "volume_id": volume.id}}

    def terminate_connection(self, volume, connector, **kwargs):
        """nova-compute tells the service itself, once the guest has let go."""

    def create_export(self, context, volume, connector):
        """A drive needs none."""

    def ensure_export(self, context, volume):
        """A drive needs none."""

    def remove_export(self, context, volume):
        """A drive needs none."""

    def _create(self, volume, data, size=0):
        made = self._call(
            volume,
            "populate_volume",
            request_id=_request(volume, "create"),
            blob={"data": base64.b64encode(data).decode("ascii") if isinstance(data, bytes) else data},
            size_bytes=size,
        )
        return self._keep(volume, made["drive"]["id"])

    def _keep(self, volume, drive_id):
        """A drive is ephemeral until it has its volume: where Cinder fails in between, the service removes it by its age."""
        self._call(
            volume, "update_drive", request_id=_request(volume, "keep"), drive_id=drive_id, delete_on_termination=False
        )
        return {"provider_id": drive_id}

    def _existing(self, volume, existing_ref):
        drive_id = existing_ref.get("source-id")
        if not drive_id:
            raise exception.ManageExistingInvalidReference(
                existing_ref=existing_ref, reason="source-id is required: the id of a drive"
            )
        try:
            return self._service.call(volume.project_id, "get_drive", drive_id=drive_id)["drive"]
        except service.Missing as error:
            raise exception.ManageExistingInvalidReference(existing_ref=existing_ref, reason=str(error))

    def _call(self, volume, method, **arguments):
        try:
            return self._service.call(volume.project_id, method, **arguments)
        except service.Missing as error:
            raise exception.VolumeBackendAPIException(data="configdrive: %s" % error)


def _bytes_of(context, image_service, image_meta):
    """An image's bytes in base64.

    :raises cinder.exception.ImageUnacceptable: for one that is not raw, or too large for the service to take in one message
    """
    image_id = image_meta["id"]
    form, size = image_meta["disk_format"], image_meta["size"]
    if form not in FORMATS or image_meta["container_format"] != "bare":
        raise exception.ImageUnacceptable(
            image_id=image_id, reason="disk_format %s: a drive takes %s, bare" % (form, " and ".join(FORMATS))
        )
    if size > MOST_BYTES:
        raise exception.ImageUnacceptable(
            image_id=image_id, reason="size %d: a drive takes at most %d bytes from an image" % (size, MOST_BYTES)
        )
    data = io.BytesIO()
    image_service.download(context, image_id, data)
    return base64.b64encode(data.getvalue()).decode("ascii")


def _request(volume, what):
    """The same request of a volume has the same id whenever it is sent."""
    return str(uuid.uuid5(uuid.UUID(volume.id), "configdrive:%s" % what))
