import { contract, methodOf } from "./contract.js";
import { latest } from "./version.js";

test("every method has its name on the bus and its version", () => {
  expect(contract().methods.map((method) => [method.name, method.busName, method.since])).toEqual([
    ["PopulateVolume", "populate_volume", "1.0"],
    ["AttachDrive", "attach_drive", "1.0"],
    ["RefreshDrive", "refresh_drive", "1.0"],
    ["DetachDrive", "detach_drive", "1.0"],
    ["UpdateDrive", "update_drive", "1.1"],
    ["BuildInstanceDrive", "build_instance_drive", "1.2"],
    ["RecordInstanceDrive", "record_instance_drive", "1.2"],
    ["StageInstanceDrive", "stage_instance_drive", "1.2"],
    ["ConnectDrive", "connect_drive", "1.2"],
    ["DisconnectDrive", "disconnect_drive", "1.2"],
    ["ReleaseInstance", "release_instance", "1.2"],
    ["DeclareHost", "declare_host", "1.2"],
    ["GetDrive", "get_drive", "1.0"],
    ["ListDrives", "list_drives", "1.0"],
    ["DeleteDrive", "delete_drive", "1.0"],
    ["InspectDrive", "inspect_drive", "1.1"],
    ["DiffDrive", "diff_drive", "1.1"],
    ["GetCapabilities", "get_capabilities", "1.1"],
    ["UploadContent", "upload_content", "1.1"],
    ["DownloadImage", "download_image", "1.1"],
    ["WatchDrives", "watch_drives", "1.1"],
    ["RunInstances", "run_instances", "1.2"],
    ["TerminateInstances", "terminate_instances", "1.2"],
    ["StopInstance", "stop_instance", "1.2"],
    ["StartInstance", "start_instance", "1.2"],
    ["GetInstance", "get_instance", "1.2"],
    ["ListInstances", "list_instances", "1.2"],
  ]);
  expect(contract().version).toBe("1.2");
});

test("custom options are read: limits, secrets, inline content, required oneofs", () => {
  const request = methodOf("PopulateVolume").request;
  expect(request.maxInlineBytes).toBe(3 * 1024 * 1024);
  expect(request.oneofs).toMatchObject([{ name: "content", required: true }]);
  expect(request.fields.get("request_id")?.limit).toMatchObject({ required: true, shape: "SHAPE_UUID" });
  const blob = request.fields.get("blob")?.type;
  if (typeof blob !== "object" || blob.kind !== "message") throw new Error("blob is a message");
  expect(blob.fields.get("data")).toMatchObject({ secret: true, limit: { inline: true, maxBytes: 3 * 1024 * 1024 } });
});

test("an optional field has presence and belongs to no oneof", () => {
  const field = methodOf("PopulateVolume").request.fields.get("delete_on_termination");
  expect(field).toMatchObject({ presence: true, property: "deleteOnTermination" });
  expect(field?.oneof).toBeUndefined();
});

test("versions are compared as numbers", () => {
  expect(latest("1.0", ["1.2", "1.10", "1.9"])).toBe("1.10");
  expect(() => latest("1.0", ["1"])).toThrow("not a major.minor version");
});
