import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { freePort } from "@tallystick/stack";
import type { Card } from "../stack/card.ts";
import type { ReaderSlot } from "../stack/reader-slot.ts";
import { alarmNote, configureForPeople, type Received } from "./settlement/alarms.ts";
import { requireDevelopmentChain } from "./development-chain.ts";
import { isOwnDoor } from "./door.ts";
import { framedPolicy } from "./frame.ts";
import { DEVELOPMENT_CHAIN_ID, MAX_BODY_BYTES, MAX_CLOCK_SHIFT_SECONDS, MAX_COPIES, MAX_NOTES } from "./limits.ts";
import { createNotes } from "./notes.ts";
import { SandboxError } from "./sandbox-error.ts";
import { startServer } from "./server.ts";
import { configureTerminal } from "./terminals.ts";
import { createWallet, type Wallet } from "./wallet.ts";

describe("the chain of the sandbox", () => {
  const require = async (shown: unknown, ...named: unknown[]): Promise<void> =>
    await requireDevelopmentChain({ rpc: "http://node", named, ask: () => Promise.resolve(shown) });

  it("is the development one, by the node and by every configuration", async () => {
    await expect(
      require(`0x${DEVELOPMENT_CHAIN_ID.toString(16)}`, DEVELOPMENT_CHAIN_ID, "31337"),
    ).resolves.toBeUndefined();
  });

  it.each<[unknown, ...unknown[]]>([
    ["0x1"],
    [null],
    [{}],
    ["0x2105", DEVELOPMENT_CHAIN_ID],
    ["0x7a69", DEVELOPMENT_CHAIN_ID, 8453],
    ["0x7a69", undefined],
    ["0x7a69", "1"],
  ])("is no other: %p %p %p", async (shown, ...named) => {
    await expect(require(shown, ...named)).rejects.toMatchObject({ code: "NOT_A_DEVELOPMENT_CHAIN" });
  });
});

describe("the sandbox's door", () => {
  it.each([
    [{ host: "localhost:9000" }, true],
    [{ host: "127.0.0.1:9000", origin: "http://127.0.0.1:9000" }, true],
    [{ host: "localhost:9000", origin: "http://127.0.0.1:9000" }, true],
    [{}, false],
    [{ host: "evil.example:9000" }, false],
    [{ host: "localhost:9001" }, false],
    [{ host: "localhost:9000", origin: "http://evil.example" }, false],
    [{ host: "localhost:9000", origin: "null" }, false],
    [{ host: "localhost:9000", origin: "http://localhost:9001" }, false],
  ])("%j: %p", (headers, opens) => {
    expect(isOwnDoor(headers, 9000)).toBe(opens);
  });

  it("changes of a gateway's policy who may frame it, and nothing else", () => {
    expect(framedPolicy("default-src 'self';frame-ancestors 'none'; script-src 'self'", "http://localhost:1")).toBe(
      "default-src 'self'; script-src 'self'; frame-ancestors http://localhost:1",
    );
  });
});

describe("a terminal of the sandbox", () => {
  it("is configured as a merchant's, with the sandbox's lines", () => {
    const merchant = {
      listen: { port: 1 },
      payee: "0x1",
      settlementUrl: "http://a",
      claim: { rpcUrl: "b", keyFile: "k" },
    };
    const story = { cardWaitSeconds: 15, sync: { background: false } };
    expect(configureTerminal({ ...merchant, ...story }, { settlement: "http://s", chain: "http://c" })).toEqual({
      ...merchant,
      settlementUrl: "http://s",
      claim: { rpcUrl: "http://c", keyFile: "k" },
      clock: { batteryBacked: true },
      sync: { intervalSeconds: 5 },
    });
  });

  it("sees the clock that the switch sets", () => {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-clock-"));
    const file = join(folder, "shift");
    const read = (shift: string | undefined): number => {
      writeFileSync(file, shift ?? "");
      const preload = fileURLToPath(new URL("../../clock/shift-clock.mjs", import.meta.url));
      const { stdout } = spawnSync(
        process.execPath,
        ["--import", preload, "-e", "console.log(Date.now(), +new Date(), +new Date(5), new Date() instanceof Date)"],
        { env: { TALLYSTICK_CLOCK_SHIFT: file }, encoding: "utf8" },
      );
      const [now = "", made = "", fixed, isDate] = stdout.trim().split(" ");
      expect([fixed, isDate]).toEqual(["5", "true"]);
      expect(Math.abs(Number(made) - Number(now))).toBeLessThan(1_000);
      return Number(now) - Date.now();
    };
    expect(Math.abs(read("0"))).toBeLessThan(60_000);
    expect(Math.abs(read("nonsense"))).toBeLessThan(60_000);
    expect(Math.abs(read(String(-MAX_CLOCK_SHIFT_SECONDS)) + MAX_CLOCK_SHIFT_SECONDS * 1_000)).toBeLessThan(60_000);
    rmSync(folder, { recursive: true });
  });
});

describe("the wallet", () => {
  let wallet: Wallet;
  let lying: Map<number, string>;
  let tears: Map<string, () => void>;

  /** A card that is a name on a place. */
  function openFake(name: string): Card {
    let place: number | undefined;
    return {
      name,
      folder: name,
      insert: (slot, tear) => {
        place = slot.cardhost.port;
        if (lying.has(place)) throw new Error("two cards on one reader");
        lying.set(place, name);
        const torn = new Promise<Record<string, unknown>>((resolve) => tears.set(name, () => resolve({})));
        return Promise.resolve({ nextEvent: () => (tear === undefined ? Promise.reject(new Error()) : torn) } as never);
      },
      remove: () => {
        if (place !== undefined) lying.delete(place);
        place = undefined;
        return Promise.resolve();
      },
      kill: () => Promise.resolve(),
      copy: (other) => {
        if (place !== undefined) throw new Error("it lies on a reader");
        return openFake(other);
      },
    };
  }

  const slot = (port: number): ReaderSlot => ({
    name: "r",
    cardhost: { port, listen: false },
    pcscSocket: null,
    vpcd: null,
  });
  const planned = (name: string) => ({ name, title: name, about: "", address: `0x${name}`, pin: null });
  const places = () => Object.fromEntries(wallet.list().map(({ name, place }) => [name, place]));

  beforeEach(() => {
    lying = new Map();
    tears = new Map();
    const readers = new Map([
      ["A", slot(1)],
      ["B", slot(2)],
    ]);
    wallet = createWallet({
      ...{ cards: ["ada", "bea"].map(planned), readers, notes: createNotes(() => 0) },
      open: openFake,
    });
  });

  it("has one card on a reader, and a card on one reader", async () => {
    await wallet.hold("ada", "A");
    await wallet.hold("bea", "A");
    expect(places()).toEqual({ ada: null, bea: "A" });
    await wallet.hold("bea", "B");
    expect(places()).toEqual({ ada: null, bea: "B" });
    await wallet.take("bea");
    await wallet.take("bea");
    expect(lying.size).toBe(0);
  });

  it("takes a torn card away, and only where it still lies loosely", async () => {
    await wallet.hold("ada", "A", { tear: true });
    expect(wallet.list()[0]).toMatchObject({ place: "A", tears: true });
    tears.get("ada")?.();
    await new Promise(setImmediate);
    expect(wallet.list()[0]).toMatchObject({ place: null, tears: false });
    await wallet.hold("ada", "A", { tear: true });
    const stale = tears.get("ada");
    await wallet.hold("ada", "B");
    stale?.();
    await new Promise(setImmediate);
    expect(places()).toMatchObject({ ada: "B" });
  });

  it("copies a card as often as it fits, and names what it does not have", async () => {
    await wallet.hold("ada", "A");
    for (let count = 0; count < MAX_COPIES; count += 1) await wallet.copy("ada");
    expect(wallet.list().filter(({ copyOf }) => copyOf === "ada")).toHaveLength(MAX_COPIES);
    expect(wallet.list().at(-1)).toMatchObject({ address: "0xada", place: null });
    await expect(wallet.copy("ada")).rejects.toMatchObject({ code: "TOO_MANY_COPIES" });
    await expect(wallet.hold("cyd", "A")).rejects.toMatchObject({ code: "CARD_UNKNOWN" });
    await expect(wallet.hold("ada", "C")).rejects.toMatchObject({ code: "TERMINAL_UNKNOWN" });
  });

  it("keeps as many notes as it shows", () => {
    const notes = createNotes(() => 7);
    for (let count = 0; count <= MAX_NOTES; count += 1) notes.add(String(count));
    expect(notes.list()).toHaveLength(MAX_NOTES);
    expect(notes.list()[0]).toEqual({ at: 7, text: String(MAX_NOTES) });
  });
});

describe("settlement for people who try it", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallystick-sandbox-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("asks a second person above a sum, and tells the sandbox of alarms, signed", () => {
    const configFile = join(folder, "settlement.json");
    writeFileSync(configFile, '{"chainId":31337}');
    const secret = configureForPeople({ configFile, folder, port: 4_711 });
    const config = JSON.parse(readFileSync(configFile, "utf8"));
    expect(config).toMatchObject({ chainId: 31_337, approvals: { above: "20.00" } });
    const [way] = config.alarms.ways;
    expect(way).toMatchObject({ kind: "webhook", url: "http://127.0.0.1:4711/alarm", private: true });
    expect([readFileSync(way.secretFile, "utf8").trim(), statSync(way.secretFile).mode & 0o777]).toEqual([
      ...[secret, 0o600],
    ]);

    const signed = (text: string): Received => {
      const made = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(`a.7.${text}`);
      const headers = { "webhook-id": "a", "webhook-timestamp": "7" };
      return { text, headers: { ...headers, "webhook-signature": `v1,old v1,${made.digest("base64")}` } };
    };
    const text = '{"type":"alarm.raised","data":{"code":"CASES_OPEN","message":"A case is open."}}';
    const came = signed(text);
    expect(alarmNote(secret, came)).toContain("CASES_OPEN. A case is open.");
    expect(alarmNote(secret, signed(text.replace("raised", "ended")))).toContain("CASES_OPEN is over");
    for (const wrong of [
      { ...came, text: `${text} ` },
      { ...came, headers: {} },
      { ...came, headers: { ...came.headers, "webhook-id": "b" } },
    ])
      expect(() => alarmNote(secret, wrong)).toThrow(SandboxError);
  });
});

describe("the sandbox's server", () => {
  let url: string;
  let done: unknown[];
  let stop: () => void;

  beforeEach(async () => {
    done = [];
    const port = await freePort();
    const actions = {
      signed: (_: unknown, received: Received) => Promise.resolve(void done.push(received)),
      hold: (body: unknown) => Promise.resolve(void done.push(body)),
      fail: () => Promise.reject(new SandboxError("SETTLEMENT_DOWN", "down")),
    };
    ({ url, stop } = await startServer({
      port,
      state: () => ({ done }),
      actions,
      frames: () => ["http://localhost:1"],
    }));
  });
  afterEach(() => stop());

  const post = async (path: string, body: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const all = { "content-type": "application/json", ...headers };
    const answer = await fetch(url + path, { method: "POST", headers: all, body });
    const { code = null } = (await answer.json()) as { code?: string };
    return [answer.status, code];
  };

  it("serves its page to itself and does its actions", async () => {
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain(
      "frame-src http://localhost:1; frame-ancestors 'none'",
    );
    expect(await post("/hold", '{"card":"ada"}', { origin: url })).toEqual([200, null]);
    expect(done).toEqual([{ card: "ada" }]);
    expect(await post("/fail", "{}")).toEqual([409, "SETTLEMENT_DOWN"]);
  });

  it("hands on what came as it came, so that a signature over it can be checked", async () => {
    expect(await post("/signed", '{ "a":1}', { "webhook-id": "x" })).toEqual([200, null]);
    expect(done).toMatchObject([{ text: '{ "a":1}', headers: { "webhook-id": "x" } }]);
  });

  it("refuses what another page sends, and what is no action", async () => {
    expect(await post("/hold", "{}", { origin: "http://evil.example" })).toEqual([403, "NOT_THIS_PAGE"]);
    expect(await post("/hold", "{}", { "content-type": "text/plain" })).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await post("/hold", "nonsense")).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await post("/hold", JSON.stringify("x".repeat(MAX_BODY_BYTES)))).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await post("/toString", "{}")).toEqual([404, "NOT_FOUND"]);
    expect((await fetch(`${url}/../package.json`)).status).toBe(404);
    expect(done).toEqual([]);
  });
});
