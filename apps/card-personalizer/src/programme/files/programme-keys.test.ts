import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { drawTokenMasterKey, drawTokenSigningKey, openTokenSigningKey, tokenOf } from "@tallystick/keystore";
import { startSoftHsm, type SoftHsm } from "@tallystick/keystore/testing";
import { createSigner, toHex, uncompressKey } from "@tallystick/protocol";
import type { Answers } from "../answers/load-answers.ts";
import { openProgrammeKeys } from "./programme-keys.ts";

const SIGNING = ["treasury", "guarantee", "issuer", "issuerTerminal", "testPayee"] as const;
const TERMINAL = new Uint8Array(32).fill(7);

let hsm: SoftHsm;
let answers: Answers;
let addresses: Readonly<Record<string, string>>;

beforeAll(() => {
  hsm = startSoftHsm();
  const { library, folder } = hsm;
  const { pinFile, tokenLabel } = hsm.makeToken("programme");
  const token = tokenOf({ library, tokenLabel, pinFile }, join(folder, "none"));
  const put = (role: string, content: object): readonly [string, string] => {
    const path = join(folder, `${role}.json`);
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return [role, path];
  };
  mkdirSync(join(folder, "keys"));
  for (const label of SIGNING) drawTokenSigningKey(token, { label, extractable: false });
  drawTokenMasterKey(token, { label: "master", extractable: false, bytes: 16 });
  const named = { library, tokenLabel, pinFile };
  const keys = Object.fromEntries([
    ...SIGNING.map((role) => put(role, { schema: "tallystick.pkcs11-key/1", ...named, keyLabel: role, keyId: 3 })),
    put("master", { schema: "tallystick.pkcs11-master-key/1", ...named, keyLabel: "master" }),
    put("terminal", {
      ...{ schema: "tallystick.terminal-key/1", privateKey: toHex(TERMINAL) },
      publicKey: toHex(createSigner(TERMINAL).publicKey),
    }),
  ]);
  addresses = Object.fromEntries(SIGNING.map((role) => [role, toHex(openTokenSigningKey(token, role).address)]));
  // Only what keys are opened by: the rest of the answers is the other steps'.
  answers = { mode: "production", chainId: 1n, folder, keys, guarantee: { bears: true } } as unknown as Answers;
});
afterAll(() => {
  hsm.end();
});

it("opens a programme's keys in an HSM, for production as well, and draws none", () => {
  const keys = openProgrammeKeys(answers);
  expect([toHex(keys.treasury.address), keys.guaranteeAddress, keys.testPayee]).toEqual([
    ...[addresses["treasury"], addresses["guarantee"], addresses["testPayee"]],
  ]);
  expect([keys.issuerKey.id, keys.checkValues.treasury]).toEqual([3, addresses["treasury"]]);
  expect(keys.checkValues.master).toMatch(/^[0-9A-F]{6}$/);
  expect(keys.terminalKey).toBe(toHex(uncompressKey(createSigner(TERMINAL).publicKey)));
});

it("signs a transaction of the programme's making with the treasury's key in it", async () => {
  const { treasury } = openProgrammeKeys(answers);
  const { raw } = await treasury.sign({
    ...{ chainId: 1n, nonce: 0n, to: new Uint8Array(20).fill(1), data: new Uint8Array(0), gas: 21_000n },
    ...{ maxFee: 2n, priorityFee: 1n, accessList: [] },
  });
  expect(raw[0]).toBe(2);
});

it("finds no key where one is missing, in production", () => {
  const { issuer: _, ...keys } = answers.keys;
  expect(() => openProgrammeKeys({ ...answers, keys })).toThrow(expect.objectContaining({ code: "KEY_FILE_MISSING" }));
});
