import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { digestOf, verifyDigest } from "@tallystick/protocol";
import { codeOf } from "../../test/harness/codes.ts";
import { makeTerminalKey, readTerminalKey } from "./terminal-key.ts";

let path: string;
let folder: string;
const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-key-"));
  path = join(folder, "key.json");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the terminal's key", () => {
  it("is made for its owner's eyes only, and signs as its public half says", async () => {
    const publicKey = makeTerminalKey(path, random);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const signer = readTerminalKey(path);
    expect(signer.publicKey).toEqual(publicKey);
    const digest = digestOf(Uint8Array.of(1));
    expect(verifyDigest(await signer.sign(digest), digest, publicKey)).toBe(true);
  });

  it("is never replaced", () => {
    const publicKey = makeTerminalKey(path, random);
    expect(codeOf(() => makeTerminalKey(path, random))).toBe("KEY_FILE_EXISTS");
    expect(readTerminalKey(path).publicKey).toEqual(publicKey);
  });

  it("is refused where others may read it, where it is missing, and where it is something else", () => {
    expect(codeOf(() => readTerminalKey(path))).toBe("KEY_FILE_MISSING");
    makeTerminalKey(path, random);
    chmodSync(path, 0o640);
    expect(codeOf(() => readTerminalKey(path))).toBe("KEY_FILE_EXPOSED");
    chmodSync(path, 0o600);
    for (const text of [
      "",
      "{}",
      '{"schema":"tallystick.terminal-key/1","privateKey":"0x00"}',
      `{"schema":"tallystick.terminal-key/1","privateKey":"0x${"00".repeat(32)}"}`,
    ]) {
      writeFileSync(path, text);
      expect(codeOf(() => readTerminalKey(path))).toBe("KEY_FILE_MALFORMED");
    }
  });
});
