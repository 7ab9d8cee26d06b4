#!/usr/bin/python3
"""An adapter of configdrive-bridge in Python: instances are folders, and a drive that one has is a link in it.

    folder_adapter.py ADDRESS ROOT

listens at ADDRESS (unix:/path or 127.0.0.1:port) and serves the folders below ROOT, each an instance that is on as long as its
folder is there. Made from proto/configdrive/adapter/v1/adapter.proto alone; docs/adapter-process.md goes through it.
"""

import concurrent.futures
import datetime
import os
import re
import signal
import sys
import threading

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from configdrive.adapter.v1 import adapter_pb2 as messages
from configdrive.adapter.v1 import adapter_pb2_grpc as service

INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
LINK = re.compile(r"([0-9a-f-]{36})\.img")
CDROM = messages.DeviceForm(kind=messages.DEVICE_KIND_CDROM, bus=messages.DEVICE_BUS_SCSI)
DISK = messages.DeviceForm(kind=messages.DEVICE_KIND_DISK, bus=messages.DEVICE_BUS_VIRTIO)


class Refused(Exception):
    """A step that is not done, with the gRPC status and one of the service's reasons."""

    def __init__(self, code, reason, message):
        super().__init__(message)
        self.code = code
        self.reason = reason


class FolderAdapter(service.AdapterServiceServicer):
    def __init__(self, root):
        self.root = root
        # One step at a time, whoever calls: links are quick. An adapter of machines has a lock for each of them.
        self.lock = threading.Lock()

    def DescribeAdapter(self, request, context):
        return messages.DescribeAdapterResponse(devices=[CDROM, DISK])

    def ChooseDevice(self, request, context):
        with step(context):
            self.folder(request.instance_id)
            usual = CDROM if request.image.format == messages.IMAGE_FORMAT_ISO9660 else DISK
            form = messages.DeviceForm(kind=request.wish.kind or usual.kind, bus=request.wish.bus or usual.bus)
            name = request.image.drive_id + ".img"
            device = messages.Device(form=form, name=name, reason="a link in the instance's folder")
            return messages.ChooseDeviceResponse(device=device)

    def AttachDevice(self, request, context):
        with step(context), self.lock:
            still_wanted(request, context)
            link = self.link(request.instance_id, request.image.drive_id)
            shown = generation_of(link)
            if shown not in (None, request.image.generation):
                raise Refused(grpc.StatusCode.ALREADY_EXISTS, "DEVICE_BUSY", f"generation {shown} is there already")
            show(link, request.image)
            return messages.AttachDeviceResponse()

    def RefreshDevice(self, request, context):
        with step(context), self.lock:
            still_wanted(request, context)
            show(self.link(request.instance_id, request.image.drive_id), request.image)
            return messages.RefreshDeviceResponse()

    def DetachDevice(self, request, context):
        with step(context), self.lock:
            still_wanted(request, context)
            # Where there is no instance, there is no link.
            if os.path.isdir(os.path.join(self.root, request.instance_id)):
                link = self.link(request.instance_id, request.drive_id)
                for path in (link, link + ".new"):
                    if os.path.lexists(path):
                        os.unlink(path)
            return messages.DetachDeviceResponse()

    def ObserveInstance(self, request, context):
        with step(context), self.lock:
            try:
                folder = self.folder(request.instance_id)
            except Refused:
                return messages.ObserveInstanceResponse(present=False)
            drives = []
            for name in os.listdir(folder):
                if match := LINK.fullmatch(name):
                    generation = generation_of(os.path.join(folder, name))
                    drives.append(messages.Observation(drive_id=match[1], generation=generation, device_name=name))
            return messages.ObserveInstanceResponse(present=True, drives=drives)

    def folder(self, instance_id):
        folder = os.path.join(self.root, instance_id)
        if not INSTANCE.fullmatch(instance_id) or not os.path.isdir(folder):
            raise Refused(grpc.StatusCode.NOT_FOUND, "INSTANCE_NOT_FOUND", "there is no folder for it")
        return folder

    def link(self, instance_id, drive_id):
        return os.path.join(self.folder(instance_id), drive_id + ".img")


def still_wanted(request, context):
    """Refuses what was given up before it began: the process may have stood still since it was asked."""
    now = datetime.datetime.now(datetime.timezone.utc)
    expires_at = request.expires_at.ToDatetime(datetime.timezone.utc)
    if now >= expires_at or not context.is_active():
        raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "HYPERVISOR_UNREACHABLE", "asked for too long ago")


def generation_of(link):
    """The generation that a link shows: images are called GENERATION.img. None where there is no link."""
    try:
        return int(os.path.basename(os.readlink(link)).removesuffix(".img"))
    except FileNotFoundError:
        return None


def show(link, image):
    """Makes a link show an image in one step: a reader sees the old one or the new one."""
    if not os.access(image.path, os.R_OK):
        raise Refused(grpc.StatusCode.INTERNAL, "HYPERVISOR_FAILED", f"{image.path} cannot be read")
    if os.path.lexists(link + ".new"):
        os.unlink(link + ".new")
    os.symlink(image.path, link + ".new")
    os.rename(link + ".new", link)


class step:
    """Answers what goes wrong with a status, and the reason in its details (google.rpc.ErrorInfo)."""

    def __init__(self, context):
        self.context = context

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, OSError):
            error = Refused(grpc.StatusCode.INTERNAL, "HYPERVISOR_FAILED", str(error))
        if isinstance(error, Refused):
            info = error_details_pb2.ErrorInfo(reason=error.reason, domain="configdrive.openstack.org")
            detail = any_pb2.Any()
            detail.Pack(info)
            status = status_pb2.Status(code=error.code.value[0], message=str(error), details=[detail])
            self.context.set_trailing_metadata([("grpc-status-details-bin", status.SerializeToString())])
            self.context.abort(error.code, str(error))


def main(address, root):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
    service.add_AdapterServiceServicer_to_server(FolderAdapter(root), server)
    if server.add_insecure_port(address) == 0:
        sys.exit(f"nothing can listen at {address}")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=5))
    print("serving", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
