import { Instruments } from "./instruments.js";
import { openServiceStatus, type ServiceState } from "./service-status.js";

const well: ServiceState = { catalogAnswers: true, busListens: true, hosts: undefined, draining: false };
const host = (state: "PRESENT" | "AWAY") => ({
  ...{ host: "h", state, hypervisor: { name: "qemu", devices: [] }, launches: false, version: "1" },
  seenAt: new Date(0),
});

test.each<[string, Partial<ServiceState>, number, object]>([
  ["all is well", {}, 200, { ready: true, catalog: "up", bus: "up", hosts: "absent", calls: "up" }],
  ["there is no bus", { busListens: undefined }, 200, { ready: true, bus: "absent" }],
  ["the catalog is away", { catalogAnswers: false }, 503, { ready: false, catalog: "down" }],
  ["the broker is away", { busListens: false }, 503, { ready: false, bus: "down" }],
  ["it drains", { draining: true }, 503, { ready: false, calls: "down" }],
  ["a host is away", { hosts: [host("PRESENT"), host("AWAY")] }, 200, { ready: true, hosts: "down" }],
])("when %s", async (_what, change, status, body) => {
  const instruments = new Instruments();
  let tallies = 0;
  const catalog = {
    tally: async () => {
      tallies++;
      const oldestStartedAt = new Date(Date.now() - 60_000);
      return {
        drives: 7,
        pendingGenerations: 2,
        openOperations: [{ kind: "attach", count: 3, oldestStartedAt } as const],
      };
    },
  };
  await using server = await openServiceStatus("127.0.0.1:0", instruments, catalog, () => ({ ...well, ...change }));
  const answer = await fetch(`${server.url}/readyz`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject(body);
  const page = await (await fetch(`${server.url}/metrics`)).text();
  await (await fetch(`${server.url}/metrics`)).text();
  const up = change.catalogAnswers ?? true;
  expect(page).toContain(`configdrive_catalog_up ${up ? 1 : 0}\n`);
  expect(page).toContain(`configdrive_drives ${up ? 7 : 0}\n`);
  // Two scrapes in a row count the catalog once, and one that is away is not asked.
  expect(tallies).toBe(up ? 1 : 0);
});
