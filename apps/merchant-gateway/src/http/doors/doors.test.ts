import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { FREE_PIN_TRIES, FIRST_PIN_WAIT_SECONDS, MAX_WRONG_CODES, PAIRING_CODE_SECONDS } from "../../doors/limits.ts";
import { hashPin } from "../../doors/pins.ts";
import type { Role } from "../../journal/doors/person-store.ts";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import { TestTerminal } from "../../../test/harness/test-terminal.ts";

const HOST = "counter.local:8300";
let terminal: TestTerminal;
let server: TestApp;
let kept: ReadonlyMap<string, string>;

interface Asked {
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

async function call(method: "GET" | "POST" | "PUT" | "DELETE", url: string, asked: Asked = {}) {
  const { from = "10.0.0.9", headers = {}, body } = asked;
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await server.app.inject({
    ...{ method, url, remoteAddress: from, headers: { host: HOST, ...type, ...headers } },
    ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const isJson = /json/.test(String(answer.headers["content-type"]));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: (isJson ? JSON.parse(answer.payload) : {}) as Record<string, unknown>,
  };
}

async function people(...of: readonly (readonly [string, Role, string])[]): Promise<void> {
  const { journal } = terminal.gateway;
  for (const [name, role, digits] of of) {
    const pin = kept.get(digits) ?? (await hashPin(digits));
    journal.write(() => {
      journal.people.add({ name, role, pin }, terminal.now);
    });
  }
}

/** Pairs a device; what it sends from then on. */
async function pair(name = "Tablet") {
  const { code } = terminal.gateway.doors.pairing.offer();
  const { body, headers } = await call("POST", "/v1/pairing", { body: { code, name } });
  const [cookie = ""] = String(headers["set-cookie"]).split(";");
  return {
    id: (body["device"] as { readonly id: string }).id,
    page: { cookie },
    program: { authorization: `Bearer ${String(body["key"])}` },
  };
}

const signIn = (headers: Record<string, string>, name: string, pin: string) =>
  call("POST", "/v1/session", { headers, body: { name, pin } });

/** The log of who did what; the journal is closed for it. */
function logged(kind: string) {
  terminal.gateway.journal.close();
  const file = new Database(terminal.config.journalPath, { readonly: true });
  const rows = file.prepare("SELECT subject, state, body FROM event WHERE kind = ? ORDER BY seq").all(kind);
  file.close();
  return (rows as readonly { readonly subject: string; readonly state: string; readonly body: string }[]).map(
    ({ subject, state, body }) => ({ subject, state, ...(JSON.parse(body) as Record<string, unknown>) }),
  );
}

beforeEach(async () => {
  kept ??= new Map(await Promise.all(["1111", "2222", "3333"].map(async (pin) => [pin, await hashPin(pin)] as const)));
  const listen = { host: "0.0.0.0", port: 0, hosts: ["counter.local"], proxies: [] };
  terminal = await TestTerminal.make({ listen, pairing: true });
  terminal.reader.card = await terminal.card();
  server = await createTestApp(terminal.gateway);
});
afterEach(async () => {
  await server.close();
  terminal.remove();
});

describe("a device that is not paired", () => {
  it("is told that, may be paired, and gets nothing else", async () => {
    expect(await call("GET", "/v1/session")).toMatchObject({
      status: 200,
      body: { device: null, person: null, people: [], needed: "pairing" },
    });
    expect((await call("GET", "/")).status).toBe(200);
    for (const [method, url] of [
      ["GET", "/v1/readiness"],
      ["GET", "/v1/sales"],
      ["GET", "/v1/taps"],
      ["GET", "/v1/events"],
      ["GET", "/v1/devices"],
      ["GET", "/v1/lanes"],
      ["GET", "/livez"],
      ["GET", "/openapi.json"],
      ["GET", "//v1/sales"],
      ["GET", "/%761/sales"],
      ["GET", "/V1/sales"],
      ["POST", "/v1/session"],
      ["DELETE", "/v1/session"],
      ["POST", "/v1/taps"],
      ["PUT", "/v1/sales/one"],
      ["POST", "/v1/sync"],
      ["POST", "/"],
    ] as const)
      expect([url, await call(method, url)]).toMatchObject([url, { status: 401, body: { code: "PAIRING_NEEDED" } }]);
    expect((await call("GET", "/v1/readiness", { from: "127.0.0.1" })).status).toBe(200);
    expect((await call("GET", "/v1/readiness", { from: "::1" })).status).toBe(200);
  });

  it("is paired by a code, once, and known by cookie or key until it is revoked", async () => {
    const { code, expiresAt } = terminal.gateway.doors.pairing.offer();
    expect(expiresAt).toBe(terminal.now + PAIRING_CODE_SECONDS);
    const typed = { code: code.toLowerCase().replace("-", " "), name: "Bar tablet" };
    const paired = await call("POST", "/v1/pairing", { body: typed });
    expect(paired).toMatchObject({ status: 200, body: { device: { name: "Bar tablet" }, key: expect.any(String) } });
    const cookie = String(paired.headers["set-cookie"]);
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(part);
    expect(await call("POST", "/v1/pairing", { body: typed })).toMatchObject({ body: { code: "PAIRING_CODE_WRONG" } });
    const page = { cookie: cookie.split(";")[0] ?? "" };
    const program = { authorization: `Bearer ${String(paired.body["key"])}` };
    for (const headers of [page, program])
      expect(await call("GET", "/v1/session", { headers })).toMatchObject({
        body: { device: { name: "Bar tablet" }, needed: "none" },
      });
    const { device } = paired.body as { readonly device: { readonly id: string } };
    await terminal.gateway.engine.rest();
    expect(await call("GET", "/v1/devices", { headers: page })).toMatchObject({
      body: { devices: [{ id: device.id }] },
    });
    expect(terminal.gateway.doors.pairing.isStillIn({ kind: "page", device: { ...device, name: "" } })).toBe(true);
    const other = await pair("Other");
    expect((await call("DELETE", `/v1/devices/${device.id}`, { headers: other.page })).status).toBe(200);
    expect(terminal.gateway.doors.pairing.isStillIn({ kind: "page", device: { ...device, name: "" } })).toBe(false);
    expect((await call("GET", "/v1/sales", { headers: page })).body["code"]).toBe("PAIRING_NEEDED");
    expect((await call("GET", "/v1/sales", { headers: program })).body["code"]).toBe("UNAUTHENTICATED");
    expect((await call("DELETE", `/v1/devices/${device.id}`, { headers: other.page })).body["code"]).toBe(
      "DEVICE_UNKNOWN",
    );
    expect(logged("device").map(({ state }) => state)).toEqual([
      "code made",
      "paired",
      "code made",
      "paired",
      "revoked",
    ]);
  });

  it("has a code for its time alone, and guesses none", async () => {
    const late = terminal.gateway.doors.pairing.offer();
    terminal.now += PAIRING_CODE_SECONDS;
    expect((await call("POST", "/v1/pairing", { body: { code: late.code, name: "x" } })).body["code"]).toBe(
      "PAIRING_CODE_WRONG",
    );
    const { code } = terminal.gateway.doors.pairing.offer();
    for (let time = 0; time < MAX_WRONG_CODES; time += 1)
      await call("POST", "/v1/pairing", { from: `10.0.1.${time}`, body: { code: `0000-00${10 + time}`, name: "x" } });
    expect((await call("POST", "/v1/pairing", { body: { code, name: "x" } })).body["code"]).toBe("PAIRING_CODE_WRONG");
    let last = await call("POST", "/v1/pairing", { from: "10.0.0.66", body: { code: "A", name: "x" } });
    for (let time = 0; time < 20; time += 1)
      last = await call("POST", "/v1/pairing", { from: "10.0.0.66", body: { code: "A", name: "x" } });
    expect(last).toMatchObject({ status: 429, body: { code: "PAIRING_SLOWED" } });
    expect(Number(last.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("hostile pages, names and devices", () => {
  it("get nothing by another name, from another page, with a form, or too long a body", async () => {
    const { page } = await pair();
    const body = { amount: "1.00" };
    const rebound = { ...page, host: "evil.example", origin: "http://evil.example" };
    expect((await call("PUT", "/v1/sales/one", { headers: rebound, body })).body["code"]).toBe("MISDIRECTED_HOST");
    for (const origin of [
      "http://evil.example",
      "null",
      "https://counter.local",
      "https://counter.local:8300.evil.example",
    ])
      expect((await call("PUT", "/v1/sales/one", { headers: { ...page, origin }, body })).body["code"]).toBe(
        "FOREIGN_ORIGIN",
      );
    const { code } = terminal.gateway.doors.pairing.offer();
    const foreign = { headers: { origin: "http://evil.example" }, body: { code, name: "x" } };
    expect((await call("POST", "/v1/pairing", foreign)).body["code"]).toBe("FOREIGN_ORIGIN");
    const form = { ...page, "content-type": "text/plain" };
    expect((await call("POST", "/v1/sales/one/cancel", { headers: form, body: "{}" })).body["code"]).toBe(
      "UNSUPPORTED_MEDIA",
    );
    const long = { code, name: "x".repeat(20_000) };
    expect((await call("POST", "/v1/pairing", { body: long })).body["code"]).toBe("BODY_TOO_LARGE");
    for (const name of ["", " ", "a\nb", "\u202eb", "x".repeat(65)])
      expect((await call("POST", "/v1/pairing", { body: { code, name } })).body["code"]).toBe("MALFORMED_REQUEST");
    for (const cookie of ["tallystick-device=x", "tallystick-device", "tallystick-device=; a=b", "=", ";"])
      expect((await call("GET", "/v1/sales", { headers: { cookie } })).body["code"]).toBe("PAIRING_NEEDED");
    expect(terminal.gateway.journal.sales.byId("one")).toBeNull();
  });
});

describe("people", () => {
  it("sign in with their PIN, sell, and do what their role allows; who did it is in the log", async () => {
    await people(["Olga", "owner", "1111"], ["Max", "manager", "2222"], ["Ann", "cashier", "3333"]);
    const { page, program, id } = await pair();
    expect(await call("GET", "/v1/session", { headers: page })).toMatchObject({
      body: {
        needed: "person",
        person: null,
        people: [{ name: "Ann" }, { name: "Max" }, { name: "Olga", role: "owner" }],
      },
    });
    const sale = { headers: page, body: { amount: "1.00" } };
    expect(await call("PUT", "/v1/sales/one", sale)).toMatchObject({ status: 401, body: { code: "PERSON_NEEDED" } });
    expect(await signIn(page, "ANN", "3333")).toMatchObject({
      body: { needed: "none", person: { name: "Ann", role: "cashier" } },
    });
    expect(await call("PUT", "/v1/sales/one", sale)).toMatchObject({ status: 200, body: { cashier: "Ann" } });
    await terminal.gateway.sales.settled();
    const tap = terminal.gateway.journal.taps.bySale("one")?.id ?? "";
    for (const [method, url, body] of [
      ["POST", "/v1/sales/one/reversal", {}],
      ["POST", "/v1/sales/one/refunds", { refundId: "r" }],
      ["POST", `/v1/taps/${tap}/cancel`, {}],
      ["POST", `/v1/taps/${tap}/refund`, { refundId: "r" }],
      ["PUT", "/v1/lanes/1", { reader: "Spare" }],
      ["DELETE", `/v1/devices/${id}`, undefined],
    ] as const)
      expect([url, await call(method, url, { headers: page, body })]).toMatchObject([
        url,
        { status: 403, body: { code: "ROLE_TOO_LOW" } },
      ]);
    expect(
      (await call("POST", "/v1/sales/one/refunds", { headers: program, body: { refundId: "r" } })).body["code"],
    ).toBe("ROLE_TOO_LOW");
    expect((await call("GET", "/v1/devices", { headers: page })).body["code"]).toBe("ROLE_TOO_LOW");
    await signIn(page, "Max", "2222");
    expect(await call("POST", "/v1/sales/one/reversal", { headers: page, body: {} })).toMatchObject({
      body: { state: "reversed" },
    });
    expect((await call("DELETE", "/v1/session", { headers: page })).body).toMatchObject({
      person: null,
      needed: "person",
    });
    expect(logged("action")).toEqual([
      { subject: "one", state: "reversal", person: "Max", role: "manager", device: id },
    ]);
    expect(
      logged("person")
        .map(({ subject, state }) => [subject, state])
        .slice(3),
    ).toEqual([
      ...[
        ["Ann", "signed in"],
        ["Max", "signed in"],
        ["Max", "signed out"],
      ],
    ]);
  });

  it("have no part in what a register with a key or a configured token sells", async () => {
    await people(["Olga", "owner", "1111"]);
    const { program } = await pair("Register");
    expect((await call("PUT", "/v1/sales/one", { headers: program, body: { amount: "1.00" } })).status).toBe(200);
    await terminal.gateway.sales.settled();
    expect((await call("POST", "/v1/sales/one/reversal", { headers: program, body: {} })).body["code"]).toBe(
      "PERSON_NEEDED",
    );
    expect((await call("POST", "/v1/sales/one/reversal", { from: "127.0.0.1", body: {} })).body["code"]).toBe(
      "PERSON_NEEDED",
    );
  });

  it("who are guessed wait longer and longer, also after a restart, and nobody else does", async () => {
    await people(["Olga", "owner", "1111"], ["Ann", "cashier", "3333"]);
    const { page } = await pair();
    const codes: unknown[] = [];
    for (let time = 0; time <= FREE_PIN_TRIES; time += 1) codes.push((await signIn(page, "Olga", "9999")).body["code"]);
    expect(new Set(codes)).toEqual(new Set(["PIN_WRONG"]));
    await server.close();
    terminal.restart();
    server = await createTestApp(terminal.gateway);
    const locked = await signIn(page, "Olga", "1111");
    expect(locked).toMatchObject({ status: 429, body: { code: "PIN_LOCKED" } });
    expect(locked.headers["retry-after"]).toBe(String(FIRST_PIN_WAIT_SECONDS));
    expect((await signIn(page, "Ann", "3333")).status).toBe(200);
    terminal.now += FIRST_PIN_WAIT_SECONDS;
    expect((await signIn(page, "Olga", "9999")).body["code"]).toBe("PIN_WRONG");
    terminal.now += FIRST_PIN_WAIT_SECONDS;
    expect((await signIn(page, "Olga", "1111")).headers["retry-after"]).toBe(String(FIRST_PIN_WAIT_SECONDS));
    terminal.now += FIRST_PIN_WAIT_SECONDS;
    expect((await signIn(page, "Olga", "1111")).status).toBe(200);
    expect((await signIn(page, "Nobody", "1111")).body["code"]).toBe("PIN_WRONG");
    expect((await signIn(page, "Olga", "12ab")).body["code"]).toBe("MALFORMED_REQUEST");
  });

  it("are not tried many times at once", async () => {
    await people(["Olga", "owner", "1111"]);
    const { page } = await pair();
    const tries = Array.from({ length: 12 }, () => signIn(page, "Olga", "9999"));
    const codes = (await Promise.all(tries)).map(({ body }) => body["code"]);
    expect(codes.filter((code) => code === "PIN_WRONG")).toHaveLength(FREE_PIN_TRIES + 1);
  });

  it("who are removed are signed out", async () => {
    await people(["Olga", "owner", "1111"], ["Ann", "cashier", "3333"]);
    const { page } = await pair();
    await signIn(page, "Ann", "3333");
    const { journal } = terminal.gateway;
    const ann = journal.people.byName("Ann");
    if (ann === null) throw new Error("Ann is gone");
    journal.write(() => {
      journal.people.remove(ann, terminal.now);
    });
    expect((await call("PUT", "/v1/sales/one", { headers: page, body: { amount: "1.00" } })).body["code"]).toBe(
      "PERSON_NEEDED",
    );
  });
});
