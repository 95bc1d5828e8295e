import { Agent } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { callsOf, type ApiDocument } from "@tallystick/program/testing";
import { mayDo, ROLES, ROLES_OF, type Role, STAFF, type StaffRole } from "../src/foundation/rights.ts";
import { MOST_CALLS, MOST_SERIES } from "../src/foundation/figures/limits.ts";
import { invite } from "../src/operations/people/people.ts";
import { listTokens, makeToken, revokeTokens } from "../src/operations/tokens/api-tokens.ts";
import { auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { eventsTold } from "./harness/promql/events-told.ts";
import { ask, TestBrowser } from "./harness/people/browser.ts";
import { RecordedActions } from "./harness/people/recorded-actions.ts";
import { guardedRoutes, type GuardedRoute } from "./harness/people/guarded-routes.ts";
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
    .replace(/\{(id|digest|hash)\}/, ID)
    .replace("{what}", "approval");
}

describe("the doors", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let document: ApiDocument;
  let routes: readonly GuardedRoute[];

  beforeAll(async () => {
    harness = await createHarness();
    await harness.mine(5);
    service = await harness.start(await harness.createDatabase(), {
      http: { requestSeconds: 1, connectionsPerAddress: 4 },
      requestsPerMinute: 3,
      listen: { host: "0.0.0.0", port: 0, hosts: ["settlement.example"] },
      administration: { listen: { host: "127.0.0.1", hosts: ["inside.example"], proxies: ["127.0.0.1"] } },
    });
    routes = guardedRoutes(service);
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

  /** Pages and files of signing in, and the files of every page. */
  const WAY_IN = [
    "GET /console/assets/{name}",
    "GET /sign-in",
    "GET /sign-in/passkey/library.js",
    "GET /sign-in/passkey/script.js",
    "GET /sign-in/provider",
    "GET /sign-in/provider/callback",
    "GET /sign-in/{secret}",
    "POST /sign-in/passkey",
    "POST /sign-in/passkey/options",
    "POST /sign-in/{secret}",
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

  it("say of each route whom it serves, and serve without a token the way in alone", () => {
    expect(routes.map(({ name }) => name).sort()).toEqual([...service.routes].sort());
    // What is asked of every call that writes is asked of all of them.
    const writing = Object.keys(new RecordedActions().ofRoutes(["Post", "Put", "Patch", "Delete"]));
    expect(writing).toEqual(routes.flatMap(({ method, name }) => (method === "GET" ? [] : [name])).sort());
    const openTo = (wanted: string) => routes.filter(({ openTo }) => openTo === wanted).map(({ name }) => name);
    expect(openTo("browsers").sort()).toEqual(WAY_IN);
    expect([...openTo("terminals"), ...openTo("anybody")].sort()).toEqual(TERMINAL_CALLS);
    expect(routes.filter(({ right, openTo }) => right === null && openTo === null)).toEqual([]);
    for (const { name, roles } of callsOf(document)) {
      const right = routes.find((route) => route.name === name)?.right ?? null;
      expect([name, roles]).toEqual([name, right === null ? null : ROLES_OF[right]]);
    }
  });

  it("lead nobody to a page who is not signed in, and take a form from those alone who may decide", async () => {
    const { db } = service.platform;
    const { token } = await makeToken(db, { name: "eve", role: "viewer", days: 1, by: "ada", now: Date.now() });
    const described = new Set(callsOf(document).map(({ name }) => name));
    const pages = routes.filter(({ name, openTo }) => openTo === null && !described.has(name));
    for (const { name, method, template, right, isPage } of pages) {
      const url = `${service.doors.administration}${pathOf(template)}`;
      const anyone = await ask(url, method);
      const led = isPage ? [303, "/sign-in"] : [401, undefined];
      expect([name, anyone.status, anyone.headers["location"]]).toEqual([name, ...led]);
      expect([name, (await ask(`${terminals()}${pathOf(template)}`, method)).code]).toEqual([name, "NOT_FOUND"]);
      if (method === "POST" && right !== "self")
        expect([name, (await ask(url, method, bearer(token))).code]).toEqual([name, "FORBIDDEN"]);
    }
    // What no browser opens by itself: the stream of a page, and what scripts and forms of signing in send.
    expect(
      pages
        .filter(({ isPage }) => !isPage)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      ...["GET /", "GET /console/events", "POST /sign-in/passkey/new", "POST /sign-in/passkey/new/options"],
      ...["POST /sign-in/passkeys/removal", "POST /sign-out"],
    ]);
    expect(pages.length).toBeGreaterThan(35);
  });

  it("let each role make its calls and no others, before a body is looked at", async () => {
    const { db } = service.platform;
    const origin = service.doors.administration;
    const now = Date.now();
    const wrong: string[] = [];
    let made = 0;
    const REFUSED = ["FORBIDDEN", "UNAUTHENTICATED", "FORM_TOKEN"];
    /** Makes calls with what shows a role, the end of its session last. */
    const tryAll = async (role: Role, headers: Record<string, string>, calls: readonly GuardedRoute[]) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const { name, method, template, right, isPage } of calls) {
        // No body: who may not call is refused before it is parsed. A page's form is judged behind it, where its token is.
        const unread =
          method === "GET" || isPage ? undefined : { body: "{", type: { "content-type": "application/json" } };
        const options = unread === undefined ? { agent } : { agent, body: unread.body };
        const { code } = await ask(`${origin}${pathOf(template)}`, method, { ...headers, ...unread?.type }, options);
        const may = right === null || mayDo(role, right);
        if (REFUSED.includes(code ?? "") === may) wrong.push(`${role} ${Object.keys(headers)[0]} ${name}: ${code}`);
        made += 1;
      }
      agent.destroy();
    };
    const isEnd = ({ name }: GuardedRoute) => name === "POST /sign-out";
    const needing = routes.filter(({ openTo }) => openTo === null || openTo === "terminals");
    const inOrder = [...needing.filter((route) => !isEnd(route)), ...needing.filter(isEnd)];
    const ofTokens = inOrder.filter(({ template }) => template.startsWith("/v1/"));
    const byToken = async (role: StaffRole) => {
      const { token } = await makeToken(db, { name: `a-${role}`, role, days: 1, by: "ada", now });
      await tryAll(role, bearer(token), ofTokens);
    };
    const bySession = async (role: Role) => {
      const payee = role === "merchant" ? new Uint8Array(20).fill(7) : null;
      const { secret } = await invite(db, { name: `p-${role}`, role, payee, by: "ada", now });
      const browser = new TestBrowser(origin);
      await browser.post(`/sign-in/${secret}`);
      const cookie = { cookie: `tallystick=${browser.cookie}`, "sec-fetch-site": "same-origin" };
      const begun = await ask(`${origin}/`, "GET", cookie);
      const first = role === "merchant" ? "/own" : "/console";
      expect([role, begun.status, begun.headers["location"]]).toEqual([role, 303, first]);
      for (const { name, method, template } of role === "admin" ? inOrder : []) {
        if (method === "GET") continue;
        const bare = await ask(`${origin}${pathOf(template)}`, method, cookie);
        expect([name, bare.code]).toEqual([name, "FORM_TOKEN"]);
      }
      await tryAll(role, { ...cookie, "tallystick-form": await browser.formToken() }, inOrder);
    };
    for (const { name, method, template, isPage } of inOrder.filter(({ method: its }) => its !== "GET")) {
      const type = { "content-type": "application/json" };
      const { code, headers } = await ask(`${origin}${pathOf(template)}`, method, type, { body: "{" });
      expect([name, code ?? headers["location"]]).toEqual([name, isPage ? "/sign-in" : "UNAUTHENTICATED"]);
    }
    const turns = [...STAFF.map((role) => () => byToken(role)), ...ROLES.map((role) => () => bySession(role))];
    // As many at once as one address may have connections, but one.
    const next = async (): Promise<void> => {
      for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) await turn();
    };
    await Promise.all([next(), next(), next()]);
    expect(wrong).toEqual([]);
    expect(made).toBe(STAFF.length * ofTokens.length + ROLES.length * inOrder.length);
    const rolesOf = (wanted: string) => callsOf(document).find(({ name }) => name === wanted)?.roles;
    expect(rolesOf("POST /v1/payouts")).toEqual(["finance", "operator", "admin"]);
    expect(rolesOf("POST /v1/cards/{card}/suspension")).toEqual(["support", "risk", "issuer", "admin"]);
  });

  it("count every call by itself, however its answer is asked for, and no path that somebody made up", async () => {
    const { administration } = service.doors;
    const counted = async () => {
      const { text } = await ask(`${administration}/metrics`, "GET", bearer(OPERATOR_TOKEN));
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const requests = lines.filter((line) => line.startsWith("tallystick_http_requests_total{"));
      return { lines, calls: new Set(requests.map((line) => /method="\w+",route="[^"]+"/.exec(line)?.[0])) };
    };
    const { lines, calls } = await counted();
    for (const { method, template } of routes) {
      const route = template.replace(/\{(\w+)\}/g, ":$1");
      if (!WAY_IN.includes(`${method} ${template}`)) expect(calls).toContain(`method="${method}",route="${route}"`);
    }
    expect(routes.length).toBeLessThan(MOST_CALLS);
    expect(lines.length).toBeLessThan(MOST_SERIES);
    for (const [method, path] of [
      ["HEAD", "/console"],
      ["PATCH", "/console"],
      ["GET", "/made/up"],
    ] as const)
      await ask(`${administration}${path}`, method, bearer(OPERATOR_TOKEN));
    const added = [...(await counted()).calls].filter((call) => !calls.has(call));
    expect(added.sort()).toEqual(['method="GET",route="other"', 'method="PATCH",route="other"']);
  });

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

  it("lead a browser on from an address without a page, with its status, and tell programs what is wrong", async () => {
    const { administration } = service.doors;
    const browser = { accept: "text/html,*/*" };
    const places = {
      "/console/": "/console",
      "/console/books/periods": "/console",
      "/own/foo?a=1": "/own",
      "/own/": "/own",
    };
    for (const [path, way] of Object.entries(places)) {
      const { status, text, headers } = await ask(`${administration}${path}`, "GET", browser);
      expect([path, status, headers["content-type"], text.includes(`href="${way}"`)]).toEqual([
        ...[path, 404, "text/html; charset=utf-8", true],
      ]);
      expect(headers["content-security-policy"]).toContain("style-src 'self'");
      expect([path, (await ask(`${administration}${path}`, "GET")).code]).toEqual([path, "NOT_FOUND"]);
      expect([path, (await ask(`${terminals()}${path}`, "GET", browser)).code]).toEqual([path, "NOT_FOUND"]);
    }
    // Calls are no pages, whoever asks; and a browser without a session is asked for a token at the root, by a page.
    for (const path of ["/v1/consoles", "/v1/own/foo", "/consoles"])
      expect([path, (await ask(`${administration}${path}`, "GET", browser)).code]).toEqual([path, "NOT_FOUND"]);
    const { status, headers, text } = await ask(`${administration}/`, "GET", browser);
    expect([status, text.includes('href="/console"')]).toEqual([401, true]);
    expect(headers["www-authenticate"]).toMatch(/^Basic /);
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
    const told = await eventsTold(service);
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
    // Those that were looked at; the others are figures of the doors.
    expect(await eventsTold(service)).toEqual({ ...told, unauthenticated: told.unauthenticated + 20 });
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
