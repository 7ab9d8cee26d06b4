import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { basename } from "node:path";
import { z } from "zod";
import { contentMessage } from "#cli/drive/content-message.js";
import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import { InstanceDriveRole } from "#gen/configdrive/v1/instance_drive.js";
import { DriveClient } from "#grpc/client.js";
import { planRaw } from "#image/raw.js";
import { writeImage } from "#image/sink/file.js";
import type { FileTree } from "#image/tree.js";
import { CommandFailure } from "../failure.js";
import { fileSource, measured } from "./directory-tree.js";
import type { MkisofsRequest } from "./mkisofs-arguments.js";

/** The label of nova's config drives, and of those that the service builds for an instance. */
const LABEL = "config-2";
/** nova waits for the program as long as it takes; an instance's spawn is not held up for longer than this. */
const DEADLINE_MS = 8000;
/** Where nova says whose drive it is (nova/api/metadata/base.py). */
const METADATA = "openstack/latest/meta_data.json";

const metadata = z.looseObject({ uuid: z.guid(), project_id: z.string().min(1) });

export interface Registering {
  /** Where the service serves gRPC. */
  readonly server: string;
  /** The name that nova-compute and the service know this host by. */
  readonly host?: string | undefined;
  /** Permission bits of the image. */
  readonly mode: number;
}

/**
 * Has the running service build the image that nova asks for, so that it knows the drive from then on, and copies it to where nova
 * wants it, held against the digest. @throws Error where the service does not answer or refuses, and nothing is at the output then
 */
export async function buildRegistered(request: MkisofsRequest, tree: FileTree, how: Registering): Promise<void> {
  if (request.label !== LABEL) throw new CommandFailure(`a drive with the label ${request.label} is not nova's`);
  const { uuid, project_id } = await metadataIn(tree);
  const content = await contentMessage({
    ...{ kind: "tree", tree, format: "iso9660", label: LABEL, maxImageBytes: Number.POSITIVE_INFINITY },
  });
  if (content.$case !== "files") throw new CommandFailure("a config drive is a tree of files");
  const rescue = basename(request.output).endsWith(".rescue");
  using client = new DriveClient(how.server);
  const built = await client.buildInstanceDrive(
    {
      requestId: randomUUID(),
      instanceId: uuid,
      host: how.host ?? hostname(),
      role: rescue ? InstanceDriveRole.INSTANCE_DRIVE_ROLE_RESCUE : InstanceDriveRole.INSTANCE_DRIVE_ROLE_UNSPECIFIED,
      files: content.value,
      format: ImageFormat.IMAGE_FORMAT_ISO9660,
    },
    { deadline: new Date(Date.now() + DEADLINE_MS), projectId: project_id },
  );
  const image = planRaw(fileSource(built.path, await measured(built.path)));
  await writeImage(image, request.output, { mode: how.mode, sha256: built.sha256 });
}

async function metadataIn({ files }: FileTree): Promise<z.infer<typeof metadata>> {
  const file = files.find(({ path }) => path === METADATA);
  if (file === undefined) throw new CommandFailure(`there is no ${METADATA}`);
  const parts: Uint8Array[] = file.data.bytes === undefined ? [] : [file.data.bytes];
  if (file.data.read !== undefined) for await (const part of file.data.read()) parts.push(part);
  return metadata.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
}
