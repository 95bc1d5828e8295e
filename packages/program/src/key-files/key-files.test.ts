import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { MAX_KEY_FILE_BYTES } from "../limits.ts";
import { EXIT } from "../lines/exits.ts";
import { KeyFileError } from "./key-file-error.ts";
import { makeKeyFile, readKeyFile } from "./key-file.ts";
import { makePrivate, takeRights } from "./private-file.ts";
import { redactCredentials, redactUrl, redactUrls } from "../redaction/redact-url.ts";
import { makeDevelopmentKey, readAccountKey, readDevelopmentKey } from "./signing-key.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-keys-"));
  path = join(folder, "key.json");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const secret = new Uint8Array(32).fill(0xc0);
const use = { chainIds: [31_337n] };
const secretText = "c0".repeat(32);

/** What is thrown, which must never show the key. */
function errorOf(work: () => unknown): KeyFileError {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    expect(`${error.message} ${error.next} ${String(error.stack)}`).not.toContain("c0c0");
    return error;
  }
  throw new Error("nothing was thrown");
}

function put(content: unknown, mode = 0o600): void {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  chmodSync(path, mode);
}

const good = { schema: "tallystick.dev-key/1", development: true, privateKey: `0x${secretText}` };

describe("a key file", () => {
  it("is made for its owner's eyes only, and never replaced", () => {
    makeDevelopmentKey(path, secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readDevelopmentKey(path, use)).toEqual({ keyId: 1, secretKey: secret });
    const before = readFileSync(path, "utf8");
    expect(errorOf(() => makeDevelopmentKey(path, secret)).code).toBe("KEY_FILE_EXISTS");
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(errorOf(() => makeKeyFile(join(folder, "no", "key.json"), {})).code).toBe("KEY_FILE_INACCESSIBLE");
  });

  it("keeps the id of its key", () => {
    makeDevelopmentKey(path, secret, 7);
    expect(readDevelopmentKey(path, use).keyId).toBe(7);
  });

  it.each([0o600, 0o400, 0o700])("is read with mode %o", (mode) => {
    put(good, mode);
    expect(readDevelopmentKey(path, use).secretKey).toEqual(secret);
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o601, 0o610])("is refused with mode %o", (mode) => {
    put(good, mode);
    expect(errorOf(() => readDevelopmentKey(path, use)).code).toBe("KEY_FILE_EXPOSED");
    chmodSync(path, 0o600);
    expect(readDevelopmentKey(path, use).secretKey).toEqual(secret);
  });

  it("is missed, and is no folder", () => {
    expect(errorOf(() => readDevelopmentKey(path, use))).toMatchObject({
      code: "KEY_FILE_MISSING",
      exit: "keys",
      path,
    });
    mkdirSync(path, { mode: 0o700 });
    expect(errorOf(() => readDevelopmentKey(path, use)).code).toBe("KEY_FILE_INACCESSIBLE");
    expect(EXIT.keys).toBe(3);
  });

  it.each<[string, unknown]>([
    ["no JSON", `{"privateKey":"0x${secretText}"`],
    ["nothing", ""],
    ["a text", JSON.stringify(secretText)],
    ["another schema", { ...good, schema: "tallystick.terminal-key/1" }],
    ["nothing that marks it as for development", { ...good, development: undefined }],
    ["a key that is too short", { ...good, privateKey: `0x${secretText.slice(2)}` }],
    ["a key without 0x", { ...good, privateKey: secretText }],
    ["the zero key", { ...good, privateKey: `0x${"00".repeat(32)}` }],
    ["a surplus field", { ...good, privateKey2: `0x${secretText}` }],
    ["an id above a byte", { ...good, keyId: 256 }],
    ["too much", { ...good, note: "x".repeat(MAX_KEY_FILE_BYTES) }],
  ])("is malformed with %s, and that shows nothing of it", (_, content) => {
    put(content);
    expect(errorOf(() => readDevelopmentKey(path, use)).code).toBe("KEY_FILE_MALFORMED");
  });

  it("holds an account's key as other tools write it", () => {
    put({ address: "0x12", privateKey: `0x${secretText.toUpperCase()}` });
    expect(readAccountKey(path, use)).toEqual(secret);
    put({ privateKey: `0x${"00".repeat(32)}` });
    expect(errorOf(() => readAccountKey(path, use)).code).toBe("KEY_FILE_MALFORMED");
    put({});
    expect(errorOf(() => readAccountKey(path, use)).code).toBe("KEY_FILE_MALFORMED");
    put(good, 0o644);
    expect(errorOf(() => readAccountKey(path, use)).code).toBe("KEY_FILE_EXPOSED");
  });

  it("for development signs where nothing has worth, and nowhere else", () => {
    put(good);
    for (const chainIds of [[31_337n], [1_337n, 11_155_111n], []])
      expect(readDevelopmentKey(path, { chainIds }).keyId).toBe(1);
    for (const other of [{ chainIds: [1n] }, { chainIds: [31_337n, 8_453n] }, { ...use, production: true }]) {
      expect(errorOf(() => readDevelopmentKey(path, other)).code).toBe("KEY_FILE_DEVELOPMENT");
      expect(errorOf(() => readAccountKey(path, other)).code).toBe("KEY_FILE_DEVELOPMENT");
    }
    put({ ...good, development: false });
    expect(readDevelopmentKey(path, { chainIds: [1n], production: true }).secretKey).toEqual(secret);
    put({ privateKey: good.privateKey });
    expect(readAccountKey(path, { chainIds: [1n] })).toEqual(secret);
  });

  it("can have a form of its program's own", () => {
    const schema = z.strictObject({ masterKey: z.string().regex(/^0x[0-9a-f]{32}$/) });
    makeKeyFile(path, { masterKey: `0x${"c0".repeat(16)}` });
    expect(readKeyFile(path, schema).masterKey).toHaveLength(34);
    expect(errorOf(() => readDevelopmentKey(path, use)).code).toBe("KEY_FILE_MALFORMED");
  });
});

describe("a file of its owner's", () => {
  it("is made for him alone, and others lose the rights that they had", () => {
    expect([makePrivate(path), statSync(path).mode & 0o777]).toEqual([false, 0o600]);
    writeFileSync(path, "kept");
    chmodSync(path, 0o664);
    expect([makePrivate(path), statSync(path).mode & 0o777]).toEqual([true, 0o600]);
    expect(readFileSync(path, "utf8")).toBe("kept");
    chmodSync(path, 0o404);
    expect([takeRights(path), statSync(path).mode & 0o777]).toEqual([true, 0o400]);
    expect(takeRights(join(folder, "none"))).toBe(false);
  });
});

describe("a URL", () => {
  it.each([
    ["no answer from postgres://a:secret@db:5432/x, try 2", "no answer from postgres://…@db:5432/x, try 2"],
    ['{"url":"redis://:sec@ret@db"}', '{"url":"redis://…@db"}'],
    ["https://node.example/v3/path a@b", "https://node.example/v3/path a@b"],
  ])("in a line of a log shows no password: %s", (line, shown) => {
    expect(redactCredentials(line)).toBe(shown);
  });

  it.each([
    ["https://mainnet.example/v3/0123456789abcdef", "https://mainnet.example/…"],
    ["http://127.0.0.1:8545", "http://127.0.0.1:8545"],
    ["https://node.example/?key=secret#secret", "https://node.example"],
    ["postgres://tally:secret@db.example:5432/tallystick?sslkey=secret", "postgres://…@db.example:5432/tallystick"],
    ["redis://:secret@127.0.0.1:6379/1", "redis://…@127.0.0.1:6379/1"],
    ["wss://user@node.example/secret", "wss://…@node.example/…"],
    ["not a url with a secret", "(not a URL)"],
  ])("is shown without its secrets: %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
    expect(shown).not.toContain("secret");
  });

  it("is found in a sentence of another library", () => {
    expect(redactUrls('no answer (url="https://node.example/v3/secret", try 2) of postgres://a:secret@db/x.')).toBe(
      'no answer (url="https://node.example/…", try 2) of postgres://…@db/x.',
    );
  });
});
