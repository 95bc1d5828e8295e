import { describe, expect, it } from "@jest/globals";
import { isLoopback, isLoopbackUrl } from "./addresses.ts";
import { tokenOf } from "./bearer-token.ts";
import { callerOf, type Door, doorFault, type DoorRequest, openDoorFault } from "./door.ts";

const door = (change: Partial<Door> = {}): Door => ({ host: "0.0.0.0", port: 0, hosts: [], proxies: [], ...change });

const request = (
  headers: DoorRequest["headers"],
  { remoteAddress = "10.0.0.9", localAddress = "10.0.0.7" } = {},
): DoorRequest => ({ headers, raw: { socket: { remoteAddress, localAddress } } });

const codeOf = (headers: DoorRequest["headers"], change?: Partial<Door>, socket?: Parameters<typeof request>[1]) =>
  doorFault(request(headers, socket), door(change))?.code ?? null;

describe("a door", () => {
  it.each(["localhost", "LOCALHOST:8400", "127.0.0.1", "127.9.9.9:1", "[::1]:8400", "10.0.0.7:8400", "localhost."])(
    "answers to %s",
    (host) => {
      expect(codeOf({ host })).toBeNull();
    },
  );

  it.each(["", "evil.example", "evil.example:8400", "10.0.0.8", "localhost.evil.example", "127.0.0.1.evil.example"])(
    "does not answer to '%s'",
    (host) => {
      expect(codeOf({ host })).toBe("MISDIRECTED_HOST");
    },
  );

  it("does not answer without a name", () => {
    expect(codeOf({})).toBe("MISDIRECTED_HOST");
  });

  it("answers to the names that it was given, whatever address it listens at", () => {
    for (const host of ["127.0.0.1", "0.0.0.0", "10.0.0.7"]) {
      expect(codeOf({ host: "Shelf.example:80" }, { host, hosts: ["shelf.example"] })).toBeNull();
      expect(codeOf({ host: "evil.example" }, { host, hosts: ["shelf.example"] })).toBe("MISDIRECTED_HOST");
    }
    expect(codeOf({ host: "shelf.local" }, { host: "shelf.local" })).toBeNull();
    expect(codeOf({ host: "10.0.0.7" }, {}, { localAddress: "::ffff:10.0.0.7" })).toBeNull();
    expect(codeOf({ host: "[fe80::7]" }, {}, { localAddress: "fe80::7" })).toBeNull();
  });

  it("answers its own page and no other", () => {
    const host = "localhost:8300";
    expect(codeOf({ host, origin: `http://${host}` })).toBeNull();
    expect(codeOf({ host, origin: `https://${host}` })).toBeNull();
    for (const origin of ["http://evil.example", "null", "http://localhost", `http://${host}.evil.example`, ""])
      expect(codeOf({ host, origin })).toBe("FOREIGN_ORIGIN");
  });

  it("answers its proxies alone where it names any", () => {
    const proxies = ["10.0.0.9"];
    const host = "localhost";
    expect(codeOf({ host }, { proxies })).toBeNull();
    expect(codeOf({ host }, { proxies }, { remoteAddress: "::ffff:10.0.0.9" })).toBeNull();
    for (const remoteAddress of ["10.0.0.8", "127.0.0.1", "::1"])
      expect(codeOf({ host }, { proxies }, { remoteAddress })).toBe("NOT_THROUGH_PROXY");
  });

  it("stays closed to other machines without a credential or a proxy", () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.7", "shelf.local", "127.0.0.1.evil.example"]) {
      expect(openDoorFault({ host, proxies: [] }, false)).not.toBeNull();
      expect(openDoorFault({ host, proxies: [] }, true)).toBeNull();
      expect(openDoorFault({ host, proxies: ["10.0.0.9"] }, false)).toBeNull();
    }
    for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
      expect(openDoorFault({ host, proxies: [] }, false)).toBeNull();
  });

  it("tells callers apart by what its own proxies say, and believes nobody else", () => {
    const forwarded = { "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.9" };
    expect(callerOf(request(forwarded), { proxies: ["10.0.0.9"] })).toBe("192.0.2.1");
    expect(callerOf(request(forwarded), { proxies: [] })).toBe("10.0.0.9");
    expect(callerOf(request({}), { proxies: ["10.0.0.9"] })).toBe("10.0.0.9");
    expect(callerOf(request({ "x-forwarded-for": ["1.1.1.1", " ::ffff:2.2.2.2"] }), { proxies: ["10.0.0.9"] })).toBe(
      "2.2.2.2",
    );
  });

  it("knows its own machine by name", () => {
    expect([isLoopback("127.0.0.256.example"), isLoopback("0.0.0.0"), isLoopback("")]).toEqual([false, false, false]);
    expect(["http://[::1]:80/x", "http://localhost./", "http://127.0.0.1"].map(isLoopbackUrl)).toEqual([
      ...[true, true, true],
    ]);
    expect(["http://localhost.example", "http://127.example", "http://10.0.0.1"].map(isLoopbackUrl)).toEqual([
      ...[false, false, false],
    ]);
  });
});

describe("a token", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it.each<[string | undefined, string | null]>([
    ["Bearer a-token", "a-token"],
    ["bearer a-token", "a-token"],
    [basic("ada:a:token"), "a:token"],
    [basic(":a-token"), "a-token"],
    [basic("ada:"), null],
    [basic("a-token"), null],
    ["Bearer ", null],
    ["Bearer two words", null],
    [`Bearer ${"x".repeat(513)}`, null],
    ["Digest a-token", null],
    [undefined, null],
  ])("in %s is %s", (authorization, token) => {
    expect(tokenOf(authorization, { basic: true })).toBe(token);
  });

  it("counts as a password only where that is allowed", () => {
    expect(tokenOf(basic("ada:a-token"), { basic: false })).toBeNull();
    expect(tokenOf("Bearer a-token", { basic: false })).toBe("a-token");
  });
});
