import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDevelopmentKey } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { startSoftHsm, type SoftHsm } from "../testing/index.ts";
import { drawTokenMasterKey, drawTokenSigningKey } from "../pkcs11/draw-keys.ts";
import { makeMasterKeyFile, openMasterKey, readMasterKeyBytes } from "./master-key-file.ts";
import { tokenOf } from "./reference-file.ts";
import { openSigningKey } from "./signing-key-file.ts";

let hsm: SoftHsm;
let path: string;
let files = 0;
const use = { chainIds: [31_337n] };
const production = { chainIds: [1n], production: true };

beforeAll(() => {
  hsm = startSoftHsm();
  const { pin, tokenLabel } = hsm.makeToken("files");
  const token = tokenOf({ library: hsm.library, tokenLabel, pinVariable: "PIN" }, "none", {
    variables: { PIN: pin },
  });
  drawTokenSigningKey(token, { label: "issuer-2", extractable: false });
  drawTokenMasterKey(token, { label: "cards-1", extractable: false, bytes: 32 });
});

afterAll(() => {
  hsm.end();
});

beforeEach(() => {
  path = join(hsm.folder, `key-${(files += 1)}.json`);
});

function put(content: unknown, name = path): string {
  writeFileSync(name, JSON.stringify(content), { mode: 0o600 });
  return name;
}

function reference(changes: object = {}): object {
  return {
    schema: "tallystick.pkcs11-key/1",
    library: hsm.library,
    ...{ tokenLabel: "files", keyLabel: "issuer-2", keyId: 2, pinFile: "files.pin" },
    ...changes,
  };
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "nothing thrown";
}

describe("a key file", () => {
  it("names a key in an HSM, which production takes, or a development key, which it does not", async () => {
    const { keyId, key } = openSigningKey(put(reference()), production);
    expect([keyId, (await key.sign(new Uint8Array(32))).length]).toEqual([2, 64]);
    const master = put(reference({ schema: "tallystick.pkcs11-master-key/1", keyLabel: "cards-1", keyId: undefined }));
    expect(openMasterKey(master, production).bytes).toBe(32);
    const [signing, cards] = [`${path}.signing`, `${path}.cards`];
    makeDevelopmentKey(signing, new Uint8Array(32).fill(1), 7);
    makeMasterKeyFile(cards, new Uint8Array(16).fill(1));
    expect([openSigningKey(signing, use).keyId, openMasterKey(cards, use).bytes]).toEqual([7, 16]);
    expect(toHex(readMasterKeyBytes(cards, use))).toBe(`0x${"01".repeat(16)}`);
    for (const open of [() => openSigningKey(signing, production), () => openMasterKey(cards, production)])
      expect(codeOf(open)).toBe("KEY_FILE_DEVELOPMENT");
  });

  it.each<[string, object, string]>([
    ["another schema", { schema: "tallystick.pkcs11-key/2" }, "KEY_FILE_MALFORMED"],
    ["no label", { keyLabel: undefined }, "KEY_FILE_MALFORMED"],
    ["an id above a byte", { keyId: 256 }, "KEY_FILE_MALFORMED"],
    ["a PIN in it", { pin: "4711" }, "KEY_FILE_MALFORMED"],
    ["a label that no token can have", { tokenLabel: "x".repeat(33) }, "KEY_FILE_MALFORMED"],
    ["no library", { library: "/nowhere.so" }, "HSM_LIBRARY_MISSING"],
    ["another token", { tokenLabel: "nobody's" }, "HSM_NOT_FOUND"],
    ["another key", { keyLabel: "issuer-3" }, "HSM_KEY_MISSING"],
  ])("is refused with %s", (_name, changes, code) => {
    expect(codeOf(() => openSigningKey(put(reference(changes)), use))).toBe(code);
  });

  it.each<[string, object, string]>([
    ["no place of the PIN", { pinFile: undefined }, "HSM_PIN_MISSING"],
    ["two places of it", { pinVariable: "PIN" }, "HSM_PIN_MISSING"],
    ["a variable that is not set", { pinFile: undefined, pinVariable: "PIN" }, "HSM_PIN_MISSING"],
    ["a file that is not there", { pinFile: "nowhere.pin" }, "KEY_FILE_MISSING"],
    ["a file that others may read", { pinFile: "open.pin" }, "KEY_FILE_EXPOSED"],
    ["a file without a PIN", { pinFile: "empty.pin" }, "HSM_PIN_MISSING"],
  ])("finds no PIN with %s", (_name, changes, code) => {
    // A token of its own, so that no other key's login serves.
    const label = `pin-${files}`;
    hsm.makeToken(label);
    writeFileSync(join(hsm.folder, "open.pin"), "4711", { mode: 0o644 });
    writeFileSync(join(hsm.folder, "empty.pin"), "\n", { mode: 0o600 });
    const file = put(reference({ ...changes, tokenLabel: label }));
    expect(codeOf(() => openSigningKey(file, use, { variables: {} }))).toBe(code);
  });

  it("takes no key of the other kind", () => {
    expect(codeOf(() => openMasterKey(put(reference()), use))).toBe("KEY_FILE_MALFORMED");
    const master = put(reference({ schema: "tallystick.pkcs11-master-key/1", keyId: undefined }));
    expect(codeOf(() => openSigningKey(master, use))).toBe("KEY_FILE_MALFORMED");
  });
});
