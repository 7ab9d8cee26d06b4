import { errorFor } from "../error-for.js";
import { FakeDrives } from "../fake-drives.js";
import { jsonDoor } from "../json-door.js";
import { osloFailure } from "../oslo-failure.js";
import type { Caller } from "../policy/caller.js";
import { Policy } from "../policy/policy.js";
import { CallerRates, noRates, type RateSettings } from "./caller-rates.js";

const DRIVE = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";

function open(settings: Partial<RateSettings>) {
  const drives = new FakeDrives(() => DRIVE);
  const rates = new CallerRates({ ...noRates, ...settings }, () => 0);
  const door = jsonDoor({ drives, policy: new Policy(), rates });
  const call = (method: string, args: object, who: Partial<Caller> = {}, projectId = "p") => {
    const caller: Caller = {
      ...{
        userId: "u",
        projectId: "p",
        roles: ["member", "reader"],
        isAdmin: false,
        systemScope: "",
        serviceRoles: [],
      },
      ...who,
    };
    const signal = new AbortController().signal;
    return door.callJson(method, args, { caller, projectId, openstackRequestId: "req-1", signal });
  };
  return { drives, call };
}

const limited = (rate: string) => ({ reason: "RATE_LIMITED", metadata: { rate } });
const one = { perSecond: 1, atOnce: 1 };
const populate = (bytes: number) => ({
  request_id: DRIVE,
  blob: { data: Buffer.alloc(bytes).toString("base64") },
});

test("a user who calls too often is refused before anything is looked at, whatever the project; others are not", async () => {
  const { call, drives } = open({ userCalls: one });
  await call("list_drives", {});
  await expect(call("list_drives", {})).rejects.toMatchObject(limited("user_calls"));
  await expect(call("get_drive", { drive_id: "none" }, { projectId: "q" }, "q")).rejects.toMatchObject(
    limited("user_calls"),
  );
  await call("list_drives", {}, { userId: "other" });
  expect(drives.seen).toHaveLength(2);
});

test("calls that the policy refuses count too, but not for the project that they named", async () => {
  const { call } = open({ userCalls: { perSecond: 1, atOnce: 2 }, projectCalls: one });
  const foreign = () => call("list_drives", {}, { userId: "x", projectId: "x" }, "p");
  await expect(foreign()).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await expect(foreign()).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await expect(foreign()).rejects.toMatchObject(limited("user_calls"));
  await call("list_drives", {});
});

test("a project's calls are counted over all its users", async () => {
  const { call } = open({ projectCalls: one });
  await call("list_drives", {});
  await expect(call("list_drives", {}, { userId: "other" })).rejects.toMatchObject(limited("project_calls"));
});

test("content that was too much is taken, and holds up the project's next call", async () => {
  const { call } = open({ projectBytes: { perSecond: 100, atOnce: 1000 } });
  await call("populate_volume", populate(1500));
  const failure = await call("list_drives", {}).catch((error: unknown) => error);
  expect(failure).toMatchObject(limited("project_bytes"));
  expect(failure).toMatchObject({ retryAfterMs: 5010, metadata: { retry_after_ms: "5010" } });
});

test("content that is refused is not counted", async () => {
  const { call } = open({ projectBytes: { perSecond: 100, atOnce: 1000 } });
  await expect(call("populate_volume", populate(4_000_000))).rejects.toMatchObject({ reason: "CONTENT_TOO_LARGE" });
  await call("list_drives", {});
});

test.each([{ roles: ["service"] }, { roles: ["admin"] }, { isAdmin: true }])("%j is not counted", async (who) => {
  const { call } = open({ userCalls: one, projectCalls: one, projectBytes: one });
  for (let turn = 0; turn < 3; turn++) await call("populate_volume", populate(10), who);
});

test("a caller without a user is counted by its project", async () => {
  const { call } = open({ userCalls: one });
  await call("list_drives", {}, { userId: "" });
  await expect(call("list_drives", {}, { userId: "" })).rejects.toMatchObject(limited("user_calls"));
  await call("list_drives", {}, { userId: "", projectId: "q" }, "q");
});

test("an oslo caller learns how long to wait", async () => {
  const { call } = open({ userCalls: one });
  await call("list_drives", {});
  const answer = errorFor(await call("list_drives", {}).catch((error: unknown) => error));
  expect(osloFailure(answer)).toMatchObject({ class: "ServiceUnavailable", kwargs: { retry_after_ms: "1000" } });
});
