import "reflect-metadata";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { get, request } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { issuer, payee, terminalId, type TestTerminal } from "../../../test/harness/test-terminal.ts";
import { BoxCommands } from "../../doors/box/box-commands.ts";
import { MAX_BOX_LINE_BYTES, MAX_SOCKET_PATH_BYTES } from "../../doors/box/limits.ts";
import { isRightPin } from "../../doors/pins.ts";
import { openBoxTls } from "../../doors/tls/box-tls.ts";
import { runCommandLine } from "../command-line.ts";
import { askBox, boxSocketPath, hearBox } from "./box-socket.ts";
import { serveHelpPage } from "./help-page.ts";
import { type PinInput, readPin } from "./read-pin.ts";

const suite = new TerminalSuite();
let terminal: TestTerminal;
let end: (() => Promise<void>) | null = null;

const commands = () => {
  const { journal, clock, doors } = terminal.gateway;
  return new BoxCommands({ journal, clock, pairing: doors.pairing });
};

beforeEach(async () => {
  terminal = await suite.terminal();
});
afterEach(async () => {
  await end?.();
  end = null;
  suite.removeAll();
});

describe("people at the box", () => {
  it("begin with an owner, have names and PINs of their own, and keep an owner", async () => {
    const box = commands();
    const add = (name: string, role: "owner" | "cashier", pin = "2580") =>
      box.run({ do: "people.add", name, role, pin });
    expect(await codeOfRejection(add("Ann", "cashier"))).toBe("OWNER_FIRST");
    await add("Olga", "owner");
    await add("آن", "cashier", "1111");
    for (const name of ["olga", "OLGA", "Ｏlga"])
      expect(await codeOfRejection(add(name, "cashier"))).toMatch(/^PERSON_/);
    for (const name of ["", " Ann", "Ann ", "a\nb", "\u202eAnn", "x".repeat(41)])
      expect([name, await codeOfRejection(add(name, "cashier"))]).toEqual([name, "PERSON_NAME_REFUSED"]);
    for (const pin of ["", "123", "1234567890123", "12a4", "١٢٣٤"])
      expect([pin, await codeOfRejection(add("Bo", "cashier", pin))]).toEqual([pin, "PIN_REFUSED"]);
    expect(await codeOfRejection(box.run({ do: "people.remove", name: "Olga" }))).toBe("OWNER_LAST");
    await box.run({ do: "people.pin", name: "olga", pin: "9999" });
    expect(await isRightPin(terminal.gateway.journal.people.byName("Olga")?.pin ?? "", "9999")).toBe(true);
    await box.run({ do: "people.remove", name: "آن" });
    await box.run({ do: "people.remove", name: "Olga" });
    expect(await box.run({ do: "people.list" })).toEqual({ did: "people", people: [] });
    expect(await codeOfRejection(box.run({ do: "people.pin", name: "Olga", pin: "9999" }))).toBe("PERSON_UNKNOWN");
    expect(await codeOfRejection(box.run({ do: "devices.revoke", id: "none" }))).toBe("DEVICE_UNKNOWN");
  });
});

describe("the socket of a gateway that runs", () => {
  it("hears commands of its owner alone, and answers refusals as they are", async () => {
    const { journalPath } = terminal.config;
    writeFileSync(boxSocketPath(journalPath), "left over");
    end = await hearBox(journalPath, commands());
    expect(statSync(boxSocketPath(journalPath)).mode & 0o177).toBe(0);
    expect(await askBox(journalPath, { do: "people.add", name: "Olga", role: "owner", pin: "2580" })).toMatchObject({
      event: "added",
    });
    expect(await askBox(journalPath, { do: "people.list" })).toMatchObject({
      people: [{ name: "Olga", role: "owner" }],
    });
    expect(await codeOfRejection(askBox(journalPath, { do: "people.remove", name: "Bo" }))).toBe("PERSON_UNKNOWN");
    expect(await askBox(journalPath, { do: "pair" })).toMatchObject({
      code: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
    });
    for (const line of [
      "{}",
      "no json",
      JSON.stringify({ do: "people.add", name: "x" }),
      "x".repeat(2 * MAX_BOX_LINE_BYTES),
    ])
      expect(await said(boxSocketPath(journalPath), line)).toContain("BOX_COMMAND_REFUSED");
    await end?.();
    end = null;
    expect(existsSync(boxSocketPath(journalPath))).toBe(false);
    expect(await codeOfRejection(askBox(journalPath, { do: "people.list" }))).toBe("BOX_UNREACHABLE");
    expect(await hearBox(`/${"x".repeat(MAX_SOCKET_PATH_BYTES)}`, commands())).toBeNull();
  });
});

/** What a socket answers to a line. */
async function said(path: string, line: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.end(`${line}\n`));
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(text);
    });
  });
}

describe("a PIN", () => {
  const typing = (text: string): PinInput =>
    Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined }, {}).on(
      "newListener",
      function type(this: PassThrough, event: string) {
        if (event === "data") setImmediate(() => this.write(text));
      },
    );

  it("is read from the standard input, or typed twice and never shown", async () => {
    const input = new PassThrough();
    input.end("2580\r\nmore\n");
    expect(await readPin(input, () => undefined)).toBe("2580");
    const shown: string[] = [];
    expect(await readPin(typing("25x\u007f80\r"), (text) => shown.push(text))).toBe("2580");
    expect(shown.join("")).not.toMatch(/[0-9]/);
    expect(await codeOfRejection(readPin(typing("\u0003"), () => undefined))).toBe("PIN_REFUSED");
  });
});

describe("the commands", () => {
  it("work on a journal that nobody uses, and on one that the gateway uses", async () => {
    const folder = join(terminal.folder, "box");
    mkdirSync(folder);
    const file = join(folder, "terminal.json");
    const config = {
      ...{
        journal: "journal.db",
        reader: "Reader 00 00",
        payee: toHex(payee),
        category: 12,
        tls: { names: ["counter.local"] },
      },
      ...{ terminalId: toHex(terminalId), terminalKeyFile: "key.json", listen: { host: "127.0.0.1", port: 8300 } },
      issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
      domains: [{ chainId: 31_337, vault: `0x${"51".repeat(20)}`, asset: { code: "USDC", decimals: 6 } }],
    };
    writeFileSync(file, JSON.stringify(config));
    const run = async (pin: string | null, ...args: readonly string[]) => {
      const out: string[] = [];
      const input = new PassThrough();
      input.end(`${pin ?? ""}\n`);
      const write = { writeLine: (line: string) => out.push(line), writeError: (line: string) => out.push(line) };
      const exit = await runCommandLine([...args, "--config", file, "--json"], { ...write, input });
      return { exit, line: JSON.parse(out[0] ?? "{}") as Record<string, unknown> };
    };
    await runCommandLine(["--config", file, "--init-keys"], {
      writeLine: () => undefined,
      writeError: () => undefined,
    });
    expect(await run("2580", "people", "add", "Olga", "--role", "owner")).toMatchObject({
      exit: 0,
      line: { answer: { event: "added" } },
    });
    expect(await run("2580", "people", "add", "Bo", "--role", "king")).toMatchObject({ exit: 2 });
    expect(await run(null, "people", "list")).toMatchObject({ line: { answer: { people: [{ name: "Olga" }] } } });
    expect(await run(null, "people", "remove", "Bo")).toMatchObject({ exit: 2, line: { code: "PERSON_UNKNOWN" } });
    const { line: tls } = await run(null, "tls", "init");
    const { line } = await run(null, "pair");
    expect(line).toMatchObject({
      ...{ schema: "tallystick.pairing/1", help: "http://counter.local:8301" },
      url: `https://counter.local:8300/#pair=${String(line["code"])}`,
      keyFingerprint: tls["keyFingerprint"],
    });
    expect(await run(null, "devices", "list")).toMatchObject({ line: { answer: { devices: [] } } });
    expect(await run(null, "devices", "revoke", "x")).toMatchObject({ line: { code: "DEVICE_UNKNOWN" } });
  });
});

describe("the plain page", () => {
  it("gives out the authority, by its own names, and nothing else", async () => {
    const box = await openBoxTls({ folder: join(terminal.folder, "tls"), names: ["counter.local"] }, terminal.now);
    const door = { host: "127.0.0.1", port: 0, hosts: ["counter.local"], proxies: [] };
    const server = await serveHelpPage({ door, port: 0, tls: () => box, terminalPort: () => 8300 });
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string, host = "counter.local:8301", method = "GET") =>
      await new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
        const call = (method === "GET" ? get : request)(
          { port, host: "127.0.0.1", path, method, headers: { host } },
          (answer) => {
            let text = "";
            answer.on("data", (chunk) => (text += String(chunk)));
            answer.on("end", () => {
              resolve({ status: answer.statusCode, text });
            });
          },
        );
        call.on("error", reject);
        call.end();
      });
    expect((await ask("/")).text).toContain(box.authorityFingerprint);
    expect(await ask("/tallystick-box.crt")).toEqual({ status: 200, text: box.authority });
    for (const path of ["/box.key.pem", "/../authority.key.pem", "/v1/session", "/tallystick-box.crt?x"])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    expect((await ask("/", "evil.example")).status).toBe(421);
    expect((await ask("/", "counter.local", "POST")).status).toBe(405);
    server.close();
  });
});
