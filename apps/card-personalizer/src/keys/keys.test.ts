import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "@tallystick/apdu";
import { KeyFileError } from "@tallystick/program";
import { createMasterKeys, defaultKeys } from "./card-keys.ts";
import { drawTerminalKeyFile, readMasterKey, readTerminalSigner } from "./key-files.ts";
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
    const keys = createMasterKeys(bytesFromHex("404142434445464748494A4B4C4D4E4F"));
    // AES-128 of 16 × 01 under 40…4F begins with 504A77 (GlobalPlatform's well-known check value of the test key).
    expect(keys.name).toBe("504A77");
    const sets = await Promise.all([keys.derive(new Uint8Array(10)), keys.derive(new Uint8Array(10).fill(1))]);
    const texts = sets.flatMap(({ enc, mac, dek }) => [enc, mac, dek].map(bytesToHex));
    expect(new Set(texts).size).toBe(6);
    expect(sets.map(({ version }) => version)).toEqual([1, 1]);
    expect(bytesToHex(defaultKeys().mac)).toBe("404142434445464748494A4B4C4D4E4F");
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
        readMasterKey(path, use);
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
