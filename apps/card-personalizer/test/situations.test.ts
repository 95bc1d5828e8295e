import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { startVirtualCard } from "@tallystick/apdu/testing";
import { drawTokenMasterKey, openTokenMasterKey, tokenOf } from "@tallystick/keystore";
import { startSoftHsm } from "@tallystick/keystore/testing";
import { EXIT, type ExitKind } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { until } from "@tallystick/stack";
import {
  startPersonalizationHarness,
  type PersonalizationHarness,
  type HarnessCard,
} from "./harness/personalization-harness.ts";
import type { Ended, IssuerHarness } from "./harness/issuer-harness.ts";
import { SECOND_ISSUER } from "./harness/settlement-state.ts";

let harness: PersonalizationHarness;
let card: HarnessCard;

beforeAll(async () => {
  harness = await startPersonalizationHarness();
});

afterEach(async () => {
  await card.remove();
});

afterAll(async () => {
  await harness.close();
});

/** What the program ended with: its exit code, the failure's code, and that it says what to do. */
function ending({ exitCode, failure }: Ended): unknown {
  const { schema, code, next } = failure ?? {};
  return [exitCode, schema, code, typeof next === "string" && next !== ""];
}

function failedWith(exit: ExitKind, code: string): unknown {
  return [EXIT[exit], "tallystick.failed/1", code, true];
}

/** Waits until the reader shows a card or none: after a change it shows the old state for up to half a second. */
async function readerShows(issuer: IssuerHarness, wanted: "present" | "absent"): Promise<void> {
  await until(`the reader showing a card as ${wanted}`, async () => {
    const { lines } = await issuer.run(["readers", "--config", issuer.configFile, "--json"]);
    return (lines[0]?.["card"] === "present") === (wanted === "present");
  });
}

const masterKeyFile = (key: string): object => ({
  schema: "tallystick.dev-master-key/1",
  development: true,
  masterKey: `0x${key.repeat(16)}`,
});

function writeMasterKey(issuer: IssuerHarness, key: string): void {
  writeFileSync(join(issuer.folder, "master-key.json"), JSON.stringify(masterKeyFile(key)), { mode: 0o600 });
}

describe("readers", () => {
  it("says that no smart card service runs", async () => {
    const issuer = await harness.issuer({ pcscSocket: join("/nonexistent", "pcscd.comm") });
    card = harness.card();
    expect(ending(await issuer.personalize())).toEqual(failedWith("reader", "NO_SERVICE"));
    expect(ending(await issuer.run(["readers", "--config", issuer.configFile, "--json"]))).toEqual(
      failedWith("reader", "NO_SERVICE"),
    );
  });

  it("tells a service that hangs up, and one of another protocol version, from one that is not there", async () => {
    const nextOf = async (pcscSocket: string): Promise<unknown> => {
      const issuer = await harness.issuer({ pcscSocket });
      const ended = await issuer.run(["readers", "--config", issuer.configFile, "--json"]);
      expect(ending(ended)).toEqual(failedWith("reader", "NO_SERVICE"));
      if (!pcscSocket.startsWith(tmpdir())) return ended.failure?.["next"];
      // Whatever the program is asked for, the cause is the same.
      const status = await issuer.run(["status", "--config", issuer.configFile, "--json"]);
      expect(status.failure).toMatchObject({ code: "NO_SERVICE", next: ended.failure?.["next"] });
      const { lines, exitCode } = await issuer.run(["doctor", "--config", issuer.configFile, "--json"]);
      const service = lines.find(({ check }) => check === "service");
      expect([exitCode, service?.["code"], service?.["next"]]).toEqual([
        ...[EXIT.reader, "NO_SERVICE", ended.failure?.["next"]],
      ]);
      return ended.failure?.["next"];
    };
    card = harness.card();
    /** The advice where a service does this with each connection. */
    const nextWith = async (serve: (connection: Socket) => void): Promise<unknown> => {
      const socket = join(tmpdir(), `tallystick-odd-service-${process.pid}.sock`);
      const service = createServer((connection) => serve(connection.on("error", () => undefined)));
      await new Promise<void>((resolve) => service.listen(socket, resolve));
      try {
        return await nextOf(socket);
      } finally {
        service.close();
      }
    };
    const advice = [
      await nextOf(join("/nonexistent", "pcscd.comm")),
      await nextWith((connection) => connection.destroy()),
      await nextWith((connection) => {
        // It says its version, 5.0, and SCARD_E_SERVICE_STOPPED: it refuses ours.
        connection.once("data", () => connection.write(Buffer.from("05000000000000001e001080", "hex")));
      }),
    ];
    expect(new Set(advice).size).toBe(advice.length);
  });

  it("says that the reader is unknown, and lists those that are there", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    const flags = ["--reader", "No such reader 00 00"];
    expect(ending(await issuer.personalize({ flags }))).toEqual(failedWith("reader", "READER_UNKNOWN"));
    await readerShows(issuer, "present");
    const { exitCode, lines } = await issuer.run(["readers", "--config", issuer.configFile, "--json"]);
    expect([exitCode, lines[0]]).toEqual([
      0,
      { schema: "tallystick.reader/1", name: harness.reader.name, card: "present", atr: "3B80800101", inUse: false },
    ]);
  });

  it("says that there is no card", async () => {
    const issuer = await harness.issuer({ cardWaitSeconds: 0 });
    card = harness.card();
    await readerShows(issuer, "absent");
    expect(ending(await issuer.personalize())).toEqual(failedWith("reader", "CARD_ABSENT"));
  });

  it("says that another program holds the card", async () => {
    const issuer = await harness.issuer({ cardWaitSeconds: 1 });
    card = harness.card();
    await card.insert();
    const rival = await holdReader();
    try {
      expect(ending(await issuer.personalize())).toEqual(failedWith("reader", "READER_IN_USE"));
    } finally {
      rival.kill("SIGKILL");
    }
  });

  it("says that the card does not answer", async () => {
    const issuer = await harness.issuer({ commandTimeoutSeconds: 1 });
    card = harness.card();
    await readerShows(issuer, "absent");
    const mute = await startVirtualCard({ mode: "insert", port: harness.reader.port, behaviour: "mute" });
    try {
      await readerShows(issuer, "present");
      expect(ending(await issuer.personalize())).toEqual(failedWith("card", "CARD_MUTE"));
    } finally {
      mute.release();
      await mute.remove();
    }
  });

  it("says that this card knows nothing of what it would have to know", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await readerShows(issuer, "absent");
    const echo = await startVirtualCard({ mode: "insert", port: harness.reader.port, behaviour: "echo" });
    try {
      await readerShows(issuer, "present");
      const ended = await issuer.personalize();
      expect([ended.exitCode, ended.lines.length]).toEqual([EXIT.card, 1]);
      expect(String(ended.lines[0]?.["code"])).toMatch(/^CARD_(NOT_SUITABLE|CONTRADICTS|REFUSED)$/);
    } finally {
      await echo.remove();
    }
  });
});

describe("keys", () => {
  it("refuses default keys in production, unless they are allowed once", async () => {
    const issuer = await harness.issuer({ mode: "production" });
    // In production the terminal's key is brought, not drawn, and no key may be one for development.
    const put = (name: string, content: object): void => {
      writeFileSync(join(issuer.folder, name), JSON.stringify({ ...content, development: false }), { mode: 0o600 });
    };
    put("terminal-key.json", { schema: "tallystick.dev-key/1", privateKey: `0x${"0d".repeat(32)}` });
    card = harness.card();
    await card.insert();
    expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "KEY_FILE_DEVELOPMENT"));
    put("master-key.json", masterKeyFile("c0"));
    const refused = await issuer.personalize();
    expect(ending(refused)).toEqual(failedWith("keys", "DEFAULT_KEYS_REFUSED"));
    expect(refused.lines).toHaveLength(1);
    const allowed = await issuer.personalize({ flags: ["--allow-default-keys"] });
    expect([allowed.exitCode, allowed.lines.at(-1)?.["event"]]).toEqual([0, "done"]);
  });

  it("tries wrong keys once, remembers it, and goes on with the right ones", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    await issuer.personalize({
      signalAt: { line: "replace-keys DONE" },
    });
    writeMasterKey(issuer, "ee");
    expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "WRONG_KEYS"));
    expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "KEYS_REFUSED_BEFORE"));
    expect(ending(await issuer.personalize({ flags: ["--retry-keys"] }))).toEqual(failedWith("keys", "WRONG_KEYS"));
    // A reference that was refused its card for the keys is free for another one.
    await card.remove();
    const first = card;
    card = harness.card();
    await card.insert();
    expect((await issuer.personalize({ reference: "card-2" })).exitCode).toBe(0);
    await card.remove();
    card = first;
    await card.insert();
    expect(ending(await issuer.personalize({ reference: "card-3" }))).toEqual(
      failedWith("card", "CARD_OF_OTHER_REFERENCE"),
    );
    writeMasterKey(issuer, "c0");
    expect((await issuer.personalize()).exitCode).toBe(0);
  });

  it("draws development keys once, and none for production", async () => {
    const issuer = await harness.issuer({ masterKeyFile: "drawn.json" });
    card = harness.card();
    const draw = async (): Promise<Ended> => await issuer.run(["init-keys", "--config", issuer.configFile, "--json"]);
    const first = await draw();
    expect([first.exitCode, first.lines[0]]).toEqual([
      0,
      expect.objectContaining({ development: true, masterKeyCheckValue: expect.stringMatching(/^[0-9A-F]{6}$/) }),
    ]);
    expect((await draw()).lines).toEqual(first.lines);
    issuer.configure({ masterKeyFile: "other.json", mode: "production" });
    expect(ending(await draw())).toEqual(failedWith("usage", "USAGE"));
  });

  it("refuses a key file that is absent, malformed, not marked as a development key, or readable by others", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    const path = join(issuer.folder, "master-key.json");
    for (const content of ["{", "{}", JSON.stringify({ ...masterKeyFile("c0"), development: "no" })]) {
      writeFileSync(path, content);
      expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "KEY_FILE_MALFORMED"));
    }
    chmodSync(path, 0o640);
    expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "KEY_FILE_EXPOSED"));
    issuer.configure({ masterKeyFile: "nowhere.json" });
    expect(ending(await issuer.personalize())).toEqual(failedWith("keys", "KEY_FILE_MISSING"));
  });
});

describe("keys in an HSM", () => {
  it("make a card, and a card is moved to the next master key and issuer key at a visit", async () => {
    const hsm = startSoftHsm();
    try {
      const issuer = await harness.issuer();
      const { library } = hsm;
      const { pin, pinFile, tokenLabel } = hsm.makeToken("station");
      const token = tokenOf({ library, tokenLabel, pinFile }, join(hsm.folder, "none"));
      const names = ["cards-1", "cards-2"].map((keyLabel) => {
        drawTokenMasterKey(token, { label: keyLabel, extractable: false, bytes: 32 });
        const file = { schema: "tallystick.pkcs11-master-key/1", library, tokenLabel, keyLabel, pinFile };
        writeFileSync(join(issuer.folder, `${keyLabel}.json`), JSON.stringify(file), { mode: 0o600 });
        return Buffer.from(openTokenMasterKey(token, keyLabel).checkValue).toString("hex").toUpperCase();
      });
      issuer.configure({ masterKeyFile: "cards-1.json" });
      card = harness.card();
      await card.insert();
      const made = await issuer.personalize();
      expect([made.exitCode, made.text.includes(pin)]).toEqual([0, false]);

      const first = { id: 1, publicKey: toHex(issuer.settlement.issuerKey.publicKey) };
      const second = { id: 2, publicKey: toHex(SECOND_ISSUER.publicKey) };
      const present = { masterKeyFile: "cards-2.json", issuerKeys: [second, first] };
      const renew = () =>
        issuer.run(["cards", "renew", "--reason", "new keys", "--config", issuer.configFile, "--json"]);
      issuer.configure(present);
      expect(ending(await renew())).toEqual(failedWith("keys", "WRONG_KEYS"));
      issuer.configure({ ...present, formerMasterKeyFiles: ["cards-1.json"] });
      const renewed = await renew();
      expect(renewed.lines).toMatchObject([
        { masterKey: { before: names[0], now: names[1] }, issuerKey: { before: 1, now: 2 }, seq: 2 },
      ]);
      expect((await renew()).lines).toMatchObject([
        { masterKey: { before: names[1], now: names[1] }, issuerKey: { before: 2, now: 2 }, seq: 2 },
      ]);
      const changes = issuer.settlement.changes.map(({ masterKey, issuerKeyId }) => [masterKey, issuerKeyId]);
      expect(changes).toEqual([
        [names[1], undefined],
        [undefined, 2],
        [names[1], undefined],
      ]);
      // The card is opened by the new keys alone from now on.
      issuer.configure(present);
      const args = ["--config", issuer.configFile, "--reference", "card-1", "--json"];
      expect((await issuer.run(["suspend", ...args])).exitCode).toBe(0);
      writeFileSync(join(hsm.folder, "station.pin"), "a wrong one", { mode: 0o600 });
      expect(ending(await issuer.run(["release", ...args]))).toEqual(failedWith("keys", "HSM_PIN_WRONG"));
    } finally {
      hsm.end();
    }
  });
});

describe("settlement", () => {
  it("says that it does not answer, before anything is written to a card", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    issuer.configure({ settlement: { url: await deadUrl(), token: "x".repeat(16) } });
    const ended = await issuer.personalize();
    expect(ending(ended)).toEqual(failedWith("network", "SETTLEMENT_UNREACHABLE"));
    expect(ended.lines).toHaveLength(1);
  });

  it("says that a deposit failed for good, and makes another one where the first failed", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    issuer.settlement.failFundings(99);
    expect(ending(await issuer.personalize())).toEqual(failedWith("network", "FUNDING_REFUSED"));
    expect(ending(await issuer.personalize())).toEqual(failedWith("network", "FUNDING_REFUSED"));
    issuer.settlement.failFundings(0);
    expect((await issuer.personalize()).exitCode).toBe(0);
    expect([...issuer.settlement.fundings.values()].map(({ state }) => state)).toEqual(["failed", "failed", "final"]);
    // A finished card is not given other limits, and nothing pretends so.
    expect(ending(await issuer.personalize({ flags: ["--per-tap", "1.00"] }))).toEqual(
      failedWith("usage", "LIMITS_DIFFER"),
    );
    // Its reference is this card's, also for a station that knows nothing of it.
    issuer.configure({ journal: "another.sqlite" });
    expect(ending(await issuer.personalize())).toEqual(failedWith("usage", "REFERENCE_TAKEN"));
  });

  it("refuses a settlement whose key is not the pinned one", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    issuer.settlement.changeKey();
    const ended = await issuer.personalize();
    expect(ending(ended)).toEqual(failedWith("keys", "ISSUER_KEY_MISMATCH"));
    expect(ended.lines).toHaveLength(1);
  });

  it("waits no longer for finality than is configured, and goes on later", async () => {
    const issuer = await harness.issuer({ finalityTimeoutSeconds: 1 });
    card = harness.card();
    await card.insert();
    issuer.settlement.freezeChain(true);
    expect(ending(await issuer.personalize())).toEqual(failedWith("network", "NOT_FINAL"));
    issuer.settlement.freezeChain(false);
    issuer.configure({});
    expect((await issuer.personalize()).exitCode).toBe(0);
  });
});

describe("usage", () => {
  it.each([
    [[], "USAGE"],
    [["frobnicate"], "USAGE"],
    [["personalize", "--config", "x.json"], "USAGE"],
    [["personalize", "--config", "nowhere.json", "--reference", "r"], "CONFIG"],
    [["status", "--config", "nowhere.json"], "CONFIG"],
  ] as const)("refuses %j with %s", async (args, code) => {
    const issuer = await harness.issuer();
    card = harness.card();
    expect(ending(await issuer.run([...args, "--json"]))).toEqual(failedWith("usage", code));
  });

  it("refuses references, owners and deposits that cannot be, and a second program on one journal", async () => {
    const issuer = await harness.issuer();
    card = harness.card();
    await card.insert();
    expect(ending(await issuer.personalize({ reference: "späti" }))).toEqual(failedWith("usage", "USAGE"));
    expect(ending(await issuer.personalize({ flags: ["--owner", "0x00"] }))).toEqual(failedWith("usage", "CONFIG"));
    expect(ending(await issuer.personalize({ flags: ["--fund", "-1"] }))).toEqual(failedWith("usage", "CONFIG"));
    expect(ending(await issuer.personalize({ flags: ["--pinless-count", "many"] }))).toEqual(
      failedWith("usage", "CONFIG"),
    );
    const seconds: Promise<Ended>[] = [];
    const first = await issuer.personalize({
      signalAt: { line: "domain BEGUN", signal: "SIGSTOP" },
      onLine: (line, child) => {
        if (line["step"] !== "domain" || line["code"] !== "BEGUN") return;
        seconds.push(issuer.personalize().finally(() => child.kill("SIGCONT")));
      },
    });
    expect(first.exitCode).toBe(0);
    expect((await Promise.all(seconds)).map(ending)).toEqual([failedWith("store", "JOURNAL_IN_USE")]);
  });
});

/** A program that connects to the card alone and holds it until it is killed. */
async function holdReader(): Promise<ChildProcess> {
  const program = `
    process.env.PCSCLITE_CSOCK_NAME = ${JSON.stringify(harness.socket)};
    const { createPcscProvider } = await import("@tallystick/apdu/pcsc");
    const reader = createPcscProvider().reader(${JSON.stringify(harness.reader.name)});
    await reader.waitForCard({ timeoutMs: 60_000 });
    await reader.connect();
    console.log("held");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", program]);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the program that should hold the card ended with ${code}`)));
  });
  return child;
}

/** An address of this machine at which nobody listens. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 1}`;
}
