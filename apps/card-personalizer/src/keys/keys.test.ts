import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, desKeyCheckValue } from "@tallystick/apdu";
import { KeyFileError } from "@tallystick/program";
import { createDefaultKeys, createMasterKeys, createTransportKeys } from "./card-keys.ts";
import { createMemoryMasterKey, makeMasterKeyFile, readMasterKeyBytes } from "@tallystick/keystore";
import { drawTerminalKeyFile, openMasterKeys, readTerminalSigner } from "./key-files.ts";
import { createPinFolder, drawDigits } from "./pin-letters.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-keys-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof KeyFileError ? error.code : String(error);
  }
  return "nothing thrown";
}

describe("card keys", () => {
  it("derives other keys for every card and every purpose, and names the master by its check value", async () => {
    const keys = createMasterKeys(createMemoryMasterKey(bytesFromHex("404142434445464748494A4B4C4D4E4F")), 0x30);
    // AES-128 of 16 × 01 under 40…4F begins with 504A77 (GlobalPlatform's well-known check value of the test key).
    expect(keys.name).toBe("504A77");
    const sets = await Promise.all([keys.derive(new Uint8Array(10)), keys.derive(new Uint8Array(10).fill(1))]);
    const texts = sets.flatMap(({ enc, mac, dek }) => [enc, mac, dek].map(bytesToHex));
    expect(new Set(texts).size).toBe(6);
    expect(sets.map(({ version }) => version)).toEqual([0x30, 0x30]);
  });

  it("knows the default keys of every length", async () => {
    for (const [keyBits, last] of [
      [128, "4F"],
      [192, "57"],
      [256, "5F"],
    ] as const) {
      const { mac, version } = await createDefaultKeys({ version: 0xff, keyBits }).derive(new Uint8Array(10));
      expect([mac.length * 8, bytesToHex(mac.slice(0, 2)), bytesToHex(mac.slice(-1)), version]).toEqual([
        ...[keyBits, "4041", last, 0xff],
      ]);
    }
  });

  it("derives transport keys as their maker does", async () => {
    // GlobalPlatformPro, TestPlaintextKeys: check values of 3DES keys of master 40…4F for the data 00…09.
    const master = bytesFromHex("404142434445464748494A4B4C4D4E4F");
    const data = bytesFromHex("00010203040506070809");
    for (const [kdf, check] of [
      ["emv", "C33013"],
      ["visa2", "2BE598"],
    ] as const) {
      const { enc, version } = await createTransportKeys(master, { version: 0x31, kdf }).derive(data);
      expect([bytesToHex(desKeyCheckValue(enc)), version]).toEqual([check, 0x31]);
    }
    const same = await createTransportKeys(master, { version: 1, kdf: "none" }).derive(data);
    expect([same.enc, same.mac, same.dek].map(bytesToHex)).toEqual(Array(3).fill(bytesToHex(master)));
    const own = await createTransportKeys(master, { version: 1, kdf: "kdf3" }).derive(data);
    expect(own.enc).toEqual((await createMasterKeys(createMemoryMasterKey(master), 1).derive(data)).enc);
  });
});

const use = { chainIds: [31_337n] };

describe("key files", () => {
  it("draws a terminal key once, for its owner's eyes only", () => {
    const path = join(folder, "terminal.json");
    expect(codeOf(() => readTerminalSigner(path, use))).toBe("KEY_FILE_MISSING");
    drawTerminalKeyFile(path);
    expect([statSync(path).mode & 0o777, readTerminalSigner(path, use).publicKey.length]).toEqual([0o600, 33]);
    expect(codeOf(() => drawTerminalKeyFile(path))).toBe("KEY_FILE_EXISTS");
  });

  it("opens the present master key and the former ones, each once", () => {
    const paths = [1, 2, 3].map((fill) => {
      const path = join(folder, `master-${fill}.json`);
      makeMasterKeyFile(path, new Uint8Array(16).fill(fill));
      return path;
    });
    const [present = "", ...former] = paths;
    const stock = { ownKeyVersion: 0x30 };
    const open = (formerMasterKeyFiles: readonly string[]) =>
      openMasterKeys({ masterKeyFile: present, formerMasterKeyFiles, stock }, use);
    const names = paths.map(
      (path) => openMasterKeys({ masterKeyFile: path, formerMasterKeyFiles: [], stock }, use).name,
    );
    const keys = open(former);
    expect([keys.name, ...keys.former.map(({ name }) => name)]).toEqual(names);
    for (const twice of [[present], [...former, ...former]])
      expect(codeOf(() => open(twice))).toBe("KEY_FILE_MALFORMED");
    expect(codeOf(() => open([join(folder, "nowhere.json")]))).toBe("KEY_FILE_MISSING");
  });

  it("refuses keys that are malformed or not marked, and says nothing of what they hold", () => {
    const path = join(folder, "master.json");
    const secret = "c0".repeat(16);
    for (const content of [
      { schema: "tallystick.dev-master-key/1", masterKey: `0x${secret}` },
      { schema: "tallystick.dev-master-key/1", development: true, masterKey: `0x${secret}00` },
      { schema: "tallystick.dev-key/1", development: true, masterKey: `0x${secret}` },
    ]) {
      writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
      try {
        readMasterKeyBytes(path, use);
        expect("nothing thrown").toBe("a failure");
      } catch (error) {
        expect([(error as KeyFileError).code, (error as KeyFileError).message.includes(secret)]).toEqual([
          "KEY_FILE_MALFORMED",
          false,
        ]);
      }
    }
  });
});

describe("PIN letters", () => {
  it("draws digits without bias: bytes from 250 on are drawn again", () => {
    const bytes = [255, 250, 249, 0, 251, 17, 9];
    const digits = drawDigits(4, (length) => Uint8Array.from(bytes.splice(0, length)));
    expect(digits).toEqual([9, 0, 7, 9]);
  });

  it("keeps the first draw for a reference, whatever characters it has", () => {
    const sources = [1, 2];
    const open = () =>
      createPinFolder(join(folder, "letters"), (length) => new Uint8Array(length).fill(sources.shift() ?? 3));
    const first = open().secretsOf("a/../b");
    const second = open().secretsOf("a/../b");
    expect([second.pin.join(""), second.puk.join("")]).toEqual([first.pin.join(""), first.puk.join("")]);
    expect([first.pin.length, first.puk.length]).toEqual([4, 8]);
    expect(existsSync(join(folder, "letters", "a%2F..%2Fb.json"))).toBe(true);
  });

  it("refuses a letter of another card and one that was cut off", () => {
    const letters = createPinFolder(folder, (length) => new Uint8Array(length));
    letters.secretsOf("one");
    const content = readFileSync(join(folder, "one.json"), "utf8");
    writeFileSync(join(folder, "two.json"), content, { mode: 0o600 });
    expect(codeOf(() => letters.secretsOf("two"))).toBe("KEY_FILE_MALFORMED");
    writeFileSync(join(folder, "one.json"), content.slice(0, 20));
    expect(codeOf(() => letters.secretsOf("one"))).toBe("KEY_FILE_MALFORMED");
  });
});
