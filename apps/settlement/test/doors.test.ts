import { Agent } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { callsOf, type ApiDocument } from "@tallystick/program/testing";
import { ROLES, type Role, STAFF } from "../src/foundation/rights.ts";
import { invite } from "../src/operations/people/people.ts";
import { listTokens, makeToken, revokeTokens } from "../src/operations/tokens/api-tokens.ts";
import { auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { ask, TestBrowser } from "./harness/people/browser.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  SECOND_OPERATOR_TOKEN,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const ADDRESS = `0x${"12".repeat(20)}`;
const ID = `0x${"34".repeat(32)}`;

/** A path of the document with values in the place of its names. */
function pathOf(template: string): string {
  return template
    .replace(/\{(card|payee)\}/, ADDRESS)
    .replace("{terminalId}", `0x${"56".repeat(8)}`)
    .replace(/\{(id|digest)\}/, ID);
}

describe("the doors", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let document: ApiDocument;

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    service = await harness.start(await harness.createDatabase(), {
      http: { requestSeconds: 1, connectionsPerAddress: 4 },
      requestsPerMinute: 3,
      listen: { host: "0.0.0.0", port: 0, hosts: ["settlement.example"] },
      administration: { listen: { host: "127.0.0.1", hosts: ["inside.example"], proxies: ["127.0.0.1"] } },
    });
    document = (await service.call("GET", "/openapi.json")).body as ApiDocument;
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  /** Terminals' door by an address of this machine. */
  const terminals = () => service.doors.terminals.replace("0.0.0.0", "127.0.0.1");

  const TERMINAL_CALLS = [
    "GET /livez",
    "GET /v1/certificate-requests/{id}",
    "GET /v1/domain",
    "GET /v1/status-list",
    "POST /v1/certificate-requests",
    "POST /v1/requests",
    "POST /v1/reversals/{id}/confirmation",
    "POST /v1/uploads",
  ];

  it("serve terminals what authenticates itself, and nothing else", async () => {
    const served: string[] = [];
    for (const { name } of callsOf(document)) {
      const [method = "", template = ""] = name.split(" ");
      for (const headers of [{}, bearer(OPERATOR_TOKEN)]) {
        const { status, code } = await ask(`${terminals()}${pathOf(template)}`, method, headers);
        if (status !== 404 || code !== "NOT_FOUND" || template.startsWith("/v1/reversals")) served.push(name);
      }
    }
    expect([...new Set(served)].sort()).toEqual(TERMINAL_CALLS);
    for (const path of ["/", "/openapi.json"])
      expect((await ask(`${terminals()}${path}`, "GET", bearer(OPERATOR_TOKEN))).code).toBe("NOT_FOUND");
  });

  it("need a token for everything at administration's but whether the process lives", async () => {
    const { administration } = service.doors;
    const calls = [...callsOf(document).map(({ name }) => name), "GET /", "GET /openapi.json"];
    expect((await ask(`${administration}/livez`, "GET")).status).toBe(200);
    for (const name of calls.filter((call) => call !== "GET /livez")) {
      const [method = "", template = ""] = name.split(" ");
      const answer = await ask(`${administration}${pathOf(template)}`, method);
      expect([name, answer.status, answer.code]).toEqual([name, 401, "UNAUTHENTICATED"]);
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic /);
    }
  });

  it("lead nobody into the console who is not signed in, and take a form from those alone who may decide", async () => {
    const { db } = service.platform;
    const routes = [...service.routes].filter((route) => / \/console(\/|$)/.test(route) && !route.includes("/assets/"));
    const { token } = await makeToken(db, { name: "eve", role: "viewer", days: 1, by: "ada", now: Date.now() });
    for (const name of routes) {
      const [method = "", template = ""] = name.split(" ");
      const url = `${service.doors.administration}${pathOf(template)}`;
      const anyone = await ask(url, method);
      const led = template === "/console/events" ? [401, undefined] : [303, "/sign-in"];
      expect([name, anyone.status, anyone.headers["location"]]).toEqual([name, ...led]);
      if (method === "POST") expect([name, (await ask(url, method, bearer(token))).code]).toEqual([name, "FORBIDDEN"]);
    }
    expect(routes.length).toBeGreaterThan(15);
  });

  it("let each role make its calls and no others, before a body is looked at", async () => {
    const { db } = service.platform;
    const origin = service.doors.administration;
    const now = Date.now();
    const wrong: string[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    /** Makes every call with what shows a role. */
    const tryAll = async (role: Role, headers: Record<string, string>): Promise<void> => {
      for (const { name, roles } of callsOf(document)) {
        if (roles === null) continue;
        const [method = "", template = ""] = name.split(" ");
        const { code } = await ask(`${origin}${pathOf(template)}`, method, headers, { agent });
        const made = code !== "FORBIDDEN" && code !== "UNAUTHENTICATED" && code !== "FORM_TOKEN";
        if (made !== roles.includes(role)) wrong.push(`${role} ${Object.keys(headers)[0]} ${name}: ${code}`);
      }
    };
    for (const role of STAFF) {
      const { token } = await makeToken(db, { name: `a-${role}`, role, days: 1, by: "ada", now });
      await tryAll(role, bearer(token));
    }
    for (const role of ROLES) {
      const payee = role === "merchant" ? new Uint8Array(20).fill(7) : null;
      const { secret } = await invite(db, { name: `p-${role}`, role, payee, by: "ada", now });
      const browser = new TestBrowser(origin);
      await browser.post(`/sign-in/${secret}`);
      const form = { "sec-fetch-site": "same-origin", "tallystick-form": await browser.formToken() };
      await tryAll(role, { cookie: `tallystick=${browser.cookie}`, ...form });
    }
    agent.destroy();
    expect(wrong).toEqual([]);
    const rolesOf = (wanted: string) => callsOf(document).find(({ name }) => name === wanted)?.roles;
    expect(rolesOf("POST /v1/payouts")).toEqual(["finance", "operator", "admin"]);
    expect(rolesOf("POST /v1/cards/{card}/suspension")).toEqual(["support", "risk", "issuer", "admin"]);
  }, 60_000);

  it("know a token that was made until it ends or is revoked, and who made it", async () => {
    const { db } = service.platform;
    let asked = 0;
    // Each from an address of its own, since wrong tokens are counted by the address.
    const read = (token: string) => {
      const headers = { ...bearer(token), "x-forwarded-for": `198.51.100.${(asked += 1)}` };
      return ask(`${service.doors.administration}/v1/queues`, "GET", headers);
    };
    const now = Date.now();
    const DAY = 86_400_000;
    const made = { name: "ida", role: "viewer", days: 2, by: "ada" } as const;
    const [first, second, past] = [
      await makeToken(db, { ...made, now }),
      await makeToken(db, { ...made, now }),
      await makeToken(db, { ...made, now: now - 2 * DAY }),
    ];
    const answers = async () =>
      await Promise.all([first, second, past].map(async ({ token }) => (await read(token)).status));
    expect(await answers()).toEqual([200, 200, 401]);
    const revoked = { name: "ida", by: "ada", reason: "a new one took its place", now };
    expect(await revokeTokens(db, { ...revoked, id: first.view.id })).toBe(1);
    expect(await answers()).toEqual([401, 200, 401]);
    expect([
      await revokeTokens(db, { ...revoked, id: null }),
      await revokeTokens(db, { ...revoked, id: null }),
    ]).toEqual([2, 0]);
    expect(await answers()).toEqual([401, 401, 401]);
    const listed = (await listTokens(db, now)).filter(({ name }) => name === "ida");
    expect(listed.map(({ state }) => state)).toEqual(["revoked", "revoked", "revoked"]);
    const kept = await db.selectFrom("api_tokens").selectAll().where("name", "=", "ida").execute();
    expect(JSON.stringify(kept)).not.toContain(first.token);
    const { entries } = (await service.call("GET", "/v1/audit/entries", { token: OPERATOR_TOKEN })).body;
    const about = (entries as readonly KeptEntry[])
      .map(auditedEntry)
      .filter(([, , , , details]) => details.some(([name, value]) => name === "person" && value === "ida"));
    expect(about.map(([action]) => action)).toEqual([
      ...["token-revoked", "token-revoked", "token-revoked", "token-made", "token-made", "token-made"],
    ]);
  });

  it("answer an address that asks too often when to come back, and others as before", async () => {
    const from = async (address: string) =>
      await ask(`${service.doors.administration}/livez`, "GET", { "x-forwarded-for": address });
    for (let asked = 0; asked < 3; asked += 1) expect((await from("203.0.113.9")).status).toBe(200);
    const refused = await from("203.0.113.9");
    expect([refused.status, refused.code]).toEqual([429, "LIMIT_REACHED"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect([(await from("203.0.113.10")).status, (await from("127.0.0.1")).status]).toEqual([200, 200]);
  });

  it("read the books to nobody without a token, also through the proofs", async () => {
    for (const path of ["/v1/ledger/root", "/v1/ledger/proofs/inclusion?entry=0&size=1", "/v1/reconciliation"]) {
      expect((await ask(`${service.doors.administration}${path}`, "GET")).code).toBe("UNAUTHENTICATED");
      expect((await ask(`${terminals()}${path}`, "GET")).code).toBe("NOT_FOUND");
    }
  });

  it("take a typed password for reading, and for nothing that changes something", async () => {
    const { administration } = service.doors;
    const basic = (token: string) => ({ authorization: `Basic ${Buffer.from(`x:${token}`).toString("base64")}` });
    expect((await ask(`${administration}/`, "GET", basic(OPERATOR_TOKEN))).status).toBe(200);
    expect((await ask(`${administration}/v1/payouts`, "POST", basic(OPERATOR_TOKEN))).code).toBe("UNAUTHENTICATED");
    expect((await ask(`${administration}/metrics`, "GET", basic(ISSUER_TOKEN))).code).toBe("FORBIDDEN");
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ["its address", {}, undefined],
    ["localhost", { host: "localhost" }, undefined],
    ["a configured name", { host: "Settlement.example:8400" }, undefined],
    ["another name", { host: "evil.example" }, "MISDIRECTED_HOST"],
    ["a name that ends like one of ours", { host: "xsettlement.example" }, "MISDIRECTED_HOST"],
    ["the other door's name", { host: "inside.example" }, "MISDIRECTED_HOST"],
    ["its own page", { host: "localhost:1", origin: "http://localhost:1" }, undefined],
    ["a page elsewhere", { host: "localhost", origin: "http://evil.example" }, "FOREIGN_ORIGIN"],
    ["a page without a place", { host: "localhost", origin: "null" }, "FOREIGN_ORIGIN"],
    ["a rebound page", { host: "evil.example", origin: "http://evil.example" }, "MISDIRECTED_HOST"],
  ])("are opened by %s or not", async (_, headers, code) => {
    expect((await ask(`${terminals()}/v1/domain`, "GET", headers)).code).toBe(code);
    const withToken = { ...headers, ...bearer(OPERATOR_TOKEN) };
    const answer = await ask(`${service.doors.administration}/v1/domain`, "GET", withToken);
    const other = headers["host"]?.toLowerCase().startsWith("settlement") === true ? "MISDIRECTED_HOST" : code;
    expect(answer.code).toBe(headers["host"] === "inside.example" ? undefined : other);
  });

  it("count wrong tokens, answer 429 with a time, and let one in that was right before", async () => {
    const url = `${service.doors.administration}/v1/queues`;
    expect((await ask(url, "GET", bearer(OPERATOR_TOKEN))).status).toBe(200);
    const codes: (string | undefined)[] = [];
    let wait: string | undefined;
    for (let time = 0; time < 25; time += 1) {
      const answer = await ask(url, "GET", bearer(`wrong-token-${time}`));
      codes.push(answer.code);
      wait = answer.headers["retry-after"];
    }
    expect(codes.filter((code) => code === "UNAUTHENTICATED")).toHaveLength(20);
    expect(codes.slice(20)).toEqual(Array<string>(5).fill("WRONG_TOKENS"));
    expect(Number(wait)).toBeGreaterThan(0);
    expect(Number(wait)).toBeLessThanOrEqual(60);
    expect((await ask(url, "GET", bearer(OPERATOR_TOKEN))).status).toBe(200);
    // A token that was never right from here is not looked at either.
    expect((await ask(url, "GET", bearer(SECOND_OPERATOR_TOKEN))).code).toBe("WRONG_TOKENS");
  });

  it.each<[string, () => string]>([
    ["terminals'", terminals],
    ["administration's", () => service.doors.administration],
  ])("end a body that comes without end at %s", async (_, url) => {
    const { hostname, port } = new URL(url());
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (data: Buffer) => (text += data.toString("utf8")));
    socket.write(
      "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
        `Authorization: Bearer ${OPERATOR_TOKEN}\r\nContent-Length: 1000000\r\n\r\n{`,
    );
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"code":"REQUEST_TIMEOUT"');
  });
});
