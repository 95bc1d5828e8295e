import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type ReaderProvider, ReaderError } from "@tallystick/apdu";
import { asFailure } from "../failures.ts";
import { chooseReader } from "./reader-config.ts";
import { explainService, programsWithReaders } from "./service-cause.ts";

const provider = (...names: string[]): ReaderProvider =>
  ({
    list: () => Promise.resolve(names.map((name) => ({ name, card: "absent", atr: null, inUse: false }))),
    reader: (name: string) => ({ name }),
    close: () => Promise.resolve(),
  }) as unknown as ReaderProvider;

describe("a reader by its name", () => {
  const readers = provider("ACS ACR1252 00 00", "ACS ACR1252 00 01", "Identiv uTrust 01 00");
  const chosen = async (name?: string) => (await chooseReader(readers, name)).name;

  it("is named as a whole or by a part that it alone has", async () => {
    expect(await chosen("ACS ACR1252 00 01")).toBe("ACS ACR1252 00 01");
    expect(await chosen("utrust")).toBe("Identiv uTrust 01 00");
    expect((await chooseReader(provider("one", "one more"), "one")).name).toBe("one");
    expect((await chooseReader(provider("only"), undefined)).name).toBe("only");
  });

  it("is refused with the names of those there are where none or several have it", async () => {
    for (const [name, shown] of [
      ["acs", "ACS ACR1252 00 01"],
      ["none", "Identiv"],
      [undefined, "Identiv"],
    ] as const) {
      const { code, message } = asFailure(await chosen(name).catch((error: unknown) => error));
      expect([code, message.includes(shown)]).toEqual(["READER_UNKNOWN", true]);
    }
    await expect(chooseReader(provider(), "x")).rejects.toMatchObject({ code: "READER_UNKNOWN" });
  });
});

describe("a reader service that does not serve", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-service-"));
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function nextOf(socket: string): Promise<string> {
    const failure = asFailure(await explainService(new ReaderError("NO_SERVICE"), socket));
    expect(failure.code).toBe("NO_SERVICE");
    return failure.next;
  }

  /** A service of that socket: it hangs up, or answers a version. */
  async function serving(name: string, answer: Uint8Array | null): Promise<string> {
    const path = join(folder, name);
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (answer === null) socket.destroy();
      else socket.once("data", () => socket.write(answer));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  }

  it("is named by its cause, each with a remedy of its own", async () => {
    const otherVersion = new Uint8Array(12);
    otherVersion[0] = 9;
    const remedies = [
      await nextOf(join(folder, "none")),
      await nextOf(await serving("closed", null)),
      await nextOf(await serving("version", otherVersion)),
    ];
    expect(new Set(remedies).size).toBe(remedies.length);
  });

  it("leaves every other error as it is", async () => {
    const error = new ReaderError("READER_UNKNOWN");
    expect(await explainService(error, join(folder, "none"))).toBe(error);
  });
});

it("names the programs that have the service's library loaded, and not the service, nor those without", () => {
  const proc = mkdtempSync(join(tmpdir(), "tallystick-proc-"));
  const process_ = (id: string, name: string, maps: string): void => {
    mkdirSync(join(proc, id));
    writeFileSync(join(proc, id, "maps"), maps);
    writeFileSync(join(proc, id, "comm"), `${name}\n`);
  };
  process_("11", "gnome-software", "7f00 /usr/lib/libpcsclite.so.1.0.0");
  process_("12", "pcscd", "7f00 /usr/lib/libpcsclite.so.1.0.0");
  process_("13", "bash", "7f00 /usr/lib/libc.so.6");
  mkdirSync(join(proc, "14"));
  expect(programsWithReaders(proc)).toEqual(["gnome-software (process 11)"]);
  expect(programsWithReaders(join(proc, "none"))).toEqual([]);
});
