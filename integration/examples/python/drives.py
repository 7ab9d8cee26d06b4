#!/usr/bin/python3
"""What a program does with drives: makes one, shows it to an instance, changes it, and takes it away.

    protoc --proto_path=proto --python_out=code --grpc_python_out=code --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin \\
        proto/configdrive/v1/*.proto proto/google/rpc/*.proto
    PYTHONPATH=code drives.py unix:/run/configdrive/grpc.sock vm-1

Made from the protos alone (docs/contract.md).
"""

import sys
import time
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2

from configdrive.v1 import content_pb2, drive_service_pb2 as messages, drive_service_pb2_grpc

PATIENCE_S = 30


def details_of(error):
    """The service's reason and, where the same request may succeed later, the seconds until then."""
    reason, retry_after = error.code().name, None
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    return reason, retry_after


def call(method, request):
    """Makes a call, and makes it again where that may help: with the same request_id, which rejoins what was begun."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return method(request, timeout=end - time.monotonic(), metadata=[("x-project-id", "demo")])
        except grpc.RpcError as error:
            _, retry_after = details_of(error)
            if retry_after is None or time.monotonic() + retry_after > end:
                raise
            time.sleep(retry_after)


def settings(role):
    """The one file of the drive."""
    return content_pb2.FileTree(files=[content_pb2.File(path="config.json", content=('{"role": "%s"}' % role).encode())])


def request_id():
    return str(uuid.uuid4())


def shown(drive):
    for attachment in drive.attachments:
        print(f"{attachment.instance_id} sees generation {attachment.observed_generation}")


def main(target, instance_id):
    with grpc.insecure_channel(target) as channel:
        drives = drive_service_pb2_grpc.DriveServiceStub(channel)
        made = call(drives.PopulateVolume, messages.PopulateVolumeRequest(request_id=request_id(), files=settings("web")))
        drive_id = made.drive.id
        attach = messages.AttachDriveRequest(request_id=request_id(), drive_id=drive_id, instance_id=instance_id)
        shown(call(drives.AttachDrive, attach).drive)

        staged = messages.PopulateVolumeRequest(
            request_id=request_id(),
            drive_id=drive_id,
            files=settings("db"),
            when_attached=messages.WHEN_ATTACHED_STAGE,
        )
        call(drives.PopulateVolume, staged)
        for change in call(drives.DiffDrive, messages.DiffDriveRequest(drive_id=drive_id)).changes:
            print(f"{change.after.path} will change")
        shown(call(drives.RefreshDrive, messages.RefreshDriveRequest(request_id=request_id(), drive_id=drive_id)).drive)

        try:
            call(drives.DeleteDrive, messages.DeleteDriveRequest(request_id=request_id(), drive_id=drive_id))
        except grpc.RpcError as error:
            print(f"not deleted: {details_of(error)[0]}")
        call(drives.DetachDrive, messages.DetachDriveRequest(request_id=request_id(), drive_id=drive_id))
        call(drives.DeleteDrive, messages.DeleteDriveRequest(request_id=request_id(), drive_id=drive_id))
        print("deleted")


if __name__ == "__main__":
    main(*sys.argv[1:])
