import type { Stage } from "./stage.js";
import type { Terminal } from "./terminal.js";

/** What a person can do with what is running now: commands that work as they stand, from the project's directory. */
export function whatNext(terminal: Terminal, stage: Stage, driveId: string): void {
  const { guest, service } = stage;
  // A bus of the reader's own has a password of the reader's own.
  const url = process.env.TRANSPORT_URL === undefined ? stage.transportUrl : '"$TRANSPORT_URL"';
  const python = `integration/run/client.py --url ${url}`;
  const grpc = `node_modules/.bin/buf curl --protocol grpc --http2-prior-knowledge`;
  const method = (name: string) => `http://${service.address}/configdrive.v1.DriveService/${name}`;
  const detach = JSON.stringify({ request_id: crypto.randomUUID(), drive_id: driveId, instance_id: guest.instanceId });
  terminal.chapter("All of it still runs. In another terminal, from this directory:");
  terminal.line("\n  the drives, over the bus and over gRPC");
  terminal.line(`    ${python} list_drives`);
  terminal.line(`    ${grpc} -H 'x-project-id: demo' -d '{}' ${method("ListDrives")}`);
  terminal.line("\n  the same with the service's own command, for people");
  terminal.line(`    bin/configdrive drive list --server ${service.address} --project demo`);
  terminal.line("\n  what gRPC offers (server reflection; grpcurl works as well)");
  terminal.line(`    ${grpc} --list-methods http://${service.address}`);
  terminal.line("\n  take the blob from the guest (the same request twice is done once)");
  terminal.line(`    ${python} detach_drive '${detach}'`);
  terminal.line("\n  what an OpenStack caller gets for a mistake");
  terminal.line(`    ${python} get_drive '{"drive": 1}'`);
  terminal.line("\n  the service's log");
  terminal.line(`    tail -f ${service.log}`);
  terminal.line("\nCtrl-C stops everything.");
}
