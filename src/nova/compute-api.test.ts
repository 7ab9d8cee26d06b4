import { NovaStandIn } from "#integration/rigs/nova-stand-in.js";
import { OwnToken } from "#keystone/own-token.js";
import { ComputeApi, NovaApiFailure } from "./compute-api.js";

const { signal } = new AbortController();
let nova: NovaStandIn;
let api: ComputeApi;
beforeEach(async () => {
  nova = await NovaStandIn.start();
  const names = { userDomainName: "Default", projectName: "service", projectDomainName: "Default" };
  const login = { authUrl: nova.url, username: "configdrive", password: "secret", answerMs: 10_000, ...names };
  api = new ComputeApi({ endpoint: `${nova.url}/v2.1/`, answerMs: 10_000 }, new OwnToken(login, Date.now));
});
afterEach(async () => {
  await nova[Symbol.asyncDispose]();
});

test("a server is there, or nova says itself that it is not", async () => {
  nova.servers.add("i1");
  await api.requireAllShown(signal);
  expect(await api.has("i1", signal)).toBe(true);
  expect(await api.has("i2", signal)).toBe(false);
  expect(nova.asked).toEqual([
    "POST /v3/auth/tokens?nocatalog",
    "GET /v2.1/servers?all_tenants=true&limit=1",
    "GET /v2.1/servers/i1",
    "GET /v2.1/servers/i2",
  ]);
});

test("a token that was revoked is fetched anew, once", async () => {
  nova.servers.add("i1");
  expect(await api.has("i1", signal)).toBe(true);
  nova.tokens.clear();
  expect(await api.has("i1", signal)).toBe(true);
  nova.instead.set("GET /v2.1/servers/", { status: 401 });
  await expect(api.has("i1", signal)).rejects.toThrow(/it answered 401 when it was asked for server i1/);
});

test.each([
  ["an address where there is no nova", { status: 404, body: { message: "no such page" } }],
  ["a load balancer without a nova", { status: 503 }],
  ["too many questions", { status: 429 }],
  ["a user who may not ask", { status: 403 }],
  ["an error of nova's", { status: 500 }],
])("%s is no word about a server", async (_, answer) => {
  nova.instead.set("GET /v2.1/servers/", answer);
  await expect(api.has("i1", signal)).rejects.toThrow(NovaApiFailure);
});

test("who sees the servers of one project only is refused: the others' would seem to be gone", async () => {
  nova.instead.set("GET /v2.1/servers?", { status: 403 });
  await expect(api.requireAllShown(signal)).rejects.toThrow(/needs the role admin/);
});

test.each([
  ["a wrong password", { status: 401 }, "it answered 401"],
  [
    "a token for no project",
    {
      status: 201,
      headers: { "x-subject-token": "t" },
      body: { token: { expires_at: "2100-01-01T00:00:00.000000Z" } },
    },
    "its answer has no token for a project",
  ],
])("%s is what Keystone is said to have answered", async (_, answer, said) => {
  nova.instead.set("POST /v3/auth/tokens", answer);
  const whole = `Keystone at ${nova.url} does not let the service in as configdrive: ${said}`;
  await expect(api.has("i1", signal)).rejects.toThrow(whole);
});

test("a nova that is away is named", async () => {
  const closed = await NovaStandIn.start();
  await closed[Symbol.asyncDispose]();
  const away = new ComputeApi(
    { endpoint: `${closed.url}/v2.1`, answerMs: 10_000 },
    { get: async () => "token", forget: () => undefined },
  );
  await expect(away.has("i1", signal)).rejects.toThrow(`nova's API at ${closed.url}/v2.1`);
});
