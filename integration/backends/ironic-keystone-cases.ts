import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Ironic, type IronicNode } from "#integration/rigs/ironic.js";
import { Keystone } from "#integration/rigs/keystone.js";
import { Scope } from "#integration/rigs/scope.js";
import { OwnToken } from "#keystone/own-token.js";
import { put, seen, wait } from "../adapters/case.js";
import { sampleIso } from "../adapters/sample-image.js";
import { openOn } from "./ironic-backend.js";

const PATIENT = { answerMs: 60_000, unplugMs: 60_000 };

/** An Ironic that asks Keystone who calls, as one that runs with nova does. */
export function keystoneCases(): void {
  describe("Keystone's tokens", () => {
    const scope = new Scope();
    let keystone: Keystone;
    let ironic: Ironic;
    let node: IronicNode;
    let images: string;

    /** Tokens of one of Keystone's users. */
    const tokensOf = (username: string, password = keystone.password) =>
      new OwnToken(
        {
          ...{ authUrl: keystone.url, username, password, answerMs: PATIENT.answerMs },
          ...{ userDomainName: "Default", projectName: "service", projectDomainName: "Default" },
        },
        Date.now,
      );

    beforeAll(async () => {
      keystone = await scope.own(Keystone.start());
      const project = await keystone.project("service");
      await keystone.user("ironic", project, ["service", "admin"]);
      await keystone.user("configdrive", project, ["admin"]);
      await keystone.user("reader", project, ["reader"]);
      const credentials = { kind: "keystone", tokens: tokensOf("configdrive") } as const;
      const lines = [
        ...["[keystone_authtoken]", "auth_type = password", `auth_url = ${keystone.url}`, "username = ironic"],
        ...[`password = ${keystone.password}`, "project_name = service"],
        ...["user_domain_name = Default", "project_domain_name = Default"],
        // The rig's Keystone has that one.
        "interface = public",
        // A token that was taken back is not believed any longer than it is asked about.
        "token_cache_time = -1",
      ];
      ironic = await scope.own(Ironic.start({ strategy: "keystone", credentials, lines }));
      images = join(ironic.directory, "images");
      await mkdir(images);
      node = await scope.own(ironic.node());
    }, 300_000);
    afterAll(() => scope[Symbol.asyncDispose](), 60_000);

    test("a drive comes and goes; a token that was taken back is followed by the next one", async () => {
      const tokens = tokensOf("configdrive");
      const hypervisor = openOn(ironic, PATIENT, { credentials: { kind: "keystone", tokens } });
      const image = await sampleIso(images, randomUUID(), 1);
      const device = await put(hypervisor, node.id, image, {});
      const first = await tokens.get();
      await keystone.revoke(first);
      expect(await keystone.takes(first)).toBe(false);
      expect(await seen(hypervisor, node.id)).toEqual({ [image.driveId]: 1 });
      expect(await tokens.get()).not.toBe(first);
      await hypervisor.detach(node.id, image.driveId, device, false, wait());
      expect(await ironic.kept()).toEqual([]);
      await hypervisor.close();
    });

    test("who may not change nodes, and who does not get a token, is told", async () => {
      const image = await sampleIso(images, randomUUID(), 1);
      for (const [tokens, told] of [
        [tokensOf("reader"), "status 40"],
        [tokensOf("configdrive", "a-wrong-one"), "does not let the service in"],
      ] as const) {
        const hypervisor = openOn(ironic, PATIENT, { credentials: { kind: "keystone", tokens } });
        await expect(put(hypervisor, node.id, image, {})).rejects.toMatchObject({
          reason: "HYPERVISOR_UNREACHABLE",
          message: expect.stringContaining(told),
        });
        await hypervisor.close();
      }
      expect(await ironic.kept()).toEqual([]);
    });
  });
}
