import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { createKeySet } from "../scp/key-set.ts";
import type { SecureSession } from "../scp/secure-session.ts";
import { refusal } from "../testing/refusal.ts";
import { createScriptedCard, type ScriptStep } from "../testing/scripted-card.ts";
import { deleteCommand } from "./delete.ts";
import { getDataCommand, parseKeyInformation } from "./get-data.ts";
import { parseRegistry, readRegistry } from "./get-status.ts";
import { initializeUpdateCommand, parseInitializeUpdate } from "../scp/initialize-update.ts";
import { installCommand } from "./install.ts";
import { putKeyCommand, verifyPutKeyAnswer } from "./put-key.ts";
import { selectCommand } from "./select.ts";
import { setStatusCommand } from "./set-status.ts";
import { encodeDataGroup, storeDataGroupCommand } from "./store-data.ts";

const AID = bytesFromHex("A000000062010102");
const aidOf = (length: number) => new Uint8Array(length).fill(0xa0);
const key = new Uint8Array(16).fill(7);
const keysOf = (version: number) => ({ ...createKeySet({ version: 1, enc: key, mac: key, dek: key }), version });
const session = { encryptSensitive: (data: Uint8Array) => data } as unknown as SecureSession;
const install = (changes: Partial<Parameters<typeof installCommand>[0]>) =>
  installCommand({ packageAid: AID, moduleAid: AID, instanceAid: AID, ...changes });

describe("what is refused is named with what came and what was expected", () => {
  it.each([
    ["a short name in SELECT", () => selectCommand(aidOf(4)), refusal("WRONG_LENGTH", { field: "aid", actual: 4 })],
    ["a long name in SELECT", () => selectCommand(aidOf(17)), refusal("WRONG_LENGTH", { field: "aid", actual: 17 })],
    ["a short name in DELETE", () => deleteCommand(aidOf(4)), refusal("WRONG_LENGTH", { field: "aid", actual: 4 })],
    [
      "a short package name",
      () => install({ packageAid: aidOf(4) }),
      refusal("WRONG_LENGTH", { field: "package AID", actual: 4 }),
    ],
    [
      "a short module name",
      () => install({ moduleAid: aidOf(4) }),
      refusal("WRONG_LENGTH", { field: "module AID", actual: 4 }),
    ],
    [
      "a short instance name",
      () => install({ instanceAid: aidOf(4) }),
      refusal("WRONG_LENGTH", { field: "instance AID", actual: 4 }),
    ],
    ["long parameters", () => install({ parameters: new Uint8Array(126) }), refusal("TOO_LONG", { actual: 128 })],
    [
      "a short name in SET STATUS",
      () => setStatusCommand({ scope: "application", lifeCycle: 1, aid: aidOf(4) }),
      refusal("WRONG_LENGTH", { field: "aid", actual: 4 }),
    ],
    [
      "a life cycle",
      () => setStatusCommand({ scope: "application", lifeCycle: 256, aid: AID }),
      refusal("OUT_OF_RANGE", { field: "life cycle", value: 256, min: 0, max: 255 }),
    ],
    ["tag 0", () => getDataCommand(0), refusal("OUT_OF_RANGE", { field: "tag", value: 0, min: 1, max: 0xffff })],
    [
      "a tag of three bytes",
      () => getDataCommand(0x10000),
      refusal("OUT_OF_RANGE", { field: "tag", value: 0x10000, min: 1, max: 0xffff }),
    ],
    [
      "DGI 0",
      () => encodeDataGroup(0, key),
      refusal("OUT_OF_RANGE", { field: "DGI tag", value: 0, min: 1, max: 0xffff }),
    ],
    [
      "a long data group",
      () => storeDataGroupCommand(0x7f01, new Uint8Array(253)),
      refusal("TOO_LONG", { actual: 256 }),
    ],
    [
      "a host challenge of 12 bytes",
      () => initializeUpdateCommand({ keyVersion: 0, hostChallenge: new Uint8Array(12) }),
      refusal("WRONG_LENGTH", { actual: 12 }),
    ],
    [
      "a new key version",
      () => putKeyCommand(session, { keys: keysOf(0x80) }),
      refusal("OUT_OF_RANGE", { field: "new key version", value: 0x80, min: 1, max: 0x7f }),
    ],
    [
      "a confirmation of other keys",
      () => verifyPutKeyAnswer(new Uint8Array(10), keysOf(1)),
      refusal("WRONG_CHECK_VALUE", { keyVersion: 1 }),
    ],
    [
      "INITIALIZE UPDATE's answer of 12 bytes",
      () => parseInitializeUpdate(new Uint8Array(12)),
      refusal("WRONG_LENGTH", { actual: 12, expected: 13 }),
    ],
    [
      "an answer of an unknown protocol",
      () => parseInitializeUpdate(bytesFromHex(`${"00".repeat(11)}0400`)),
      refusal("UNSUPPORTED", { protocol: 4 }),
    ],
    [
      "an answer of SCP02 with 29 bytes",
      () => parseInitializeUpdate(bytesFromHex(`${"00".repeat(11)}02${"00".repeat(17)}`)),
      refusal("WRONG_LENGTH", { actual: 29, expected: 28 }),
    ],
    [
      "an answer of SCP03 without its counter",
      () => parseInitializeUpdate(bytesFromHex(`${"00".repeat(11)}0370${"00".repeat(16)}`)),
      refusal("WRONG_LENGTH", { actual: 29, expected: 32 }),
    ],
    [
      "an answer of SCP03 with a counter that it does not have",
      () => parseInitializeUpdate(bytesFromHex(`${"00".repeat(11)}0361${"00".repeat(35)}`)),
      refusal("WRONG_LENGTH", { actual: 48, expected: 45 }),
    ],
    [
      "a registry entry of another tag",
      () => parseRegistry(bytesFromHex("E400")),
      refusal("WRONG_VALUE", { tag: 0xe4 }),
    ],
    [
      "a whole registry entry of another tag",
      () => parseRegistry(bytesFromHex("E10E4F08A0000001510000009F700101")),
      refusal("WRONG_VALUE", { tag: 0xe1 }),
    ],
    [
      "privileges of two bytes",
      () => parseRegistry(bytesFromHex("E3124F08A000000151000000 9F700101C5029E00")),
      refusal("WRONG_LENGTH", { actual: 2 }),
    ],
    [
      "a registry entry that is primitive",
      () => parseRegistry(bytesFromHex("E300")),
      refusal("WRONG_VALUE", { tag: 0x4f, found: 0 }),
    ],
    [
      "key information of another tag",
      () => parseKeyInformation(bytesFromHex("E100")),
      refusal("WRONG_VALUE", { tag: 0xe1 }),
    ],
    ...["E006C10401018810", "E004C0020101", "E005C003010188", "E007C0050101881088"].map(
      (hex) =>
        [
          `key information ${hex}`,
          () => parseKeyInformation(bytesFromHex(hex)),
          refusal("WRONG_VALUE", { tag: Number.parseInt(hex.slice(4, 6), 16) }),
        ] as const,
    ),
  ] as readonly (readonly [string, () => unknown, Error])[])("%s", (_name, work, error) => {
    expect(work).toThrow(error);
  });
});

describe("what just fits", () => {
  it("names of 5 and of 16 bytes", () => {
    for (const length of [5, 16]) expect(selectCommand(aidOf(length)).data).toHaveLength(length);
  });
  it("125 bytes of parameters", () => {
    expect(install({ parameters: new Uint8Array(125) }).data).toHaveLength(3 * 9 + 2 + 128 + 1);
  });
  it("privileges of one byte, and of three", () => {
    expect(bytesToHex(install({ privileges: 0xff }).data?.slice(27, 29) ?? new Uint8Array())).toBe("01FF");
    expect(bytesToHex(install({ privileges: 0x100 }).data?.slice(27, 31) ?? new Uint8Array())).toBe("03000100");
  });
  it("a data group of 255 bytes", () => {
    expect(storeDataGroupCommand(0x7f01, new Uint8Array(252)).data).toHaveLength(255);
  });
  it("DELETE without options leaves related objects", () => {
    expect(deleteCommand(AID, {}).p2).toBe(0);
    expect(deleteCommand(AID).p2).toBe(0);
  });
  it("an empty key information template", () => {
    expect(parseKeyInformation(bytesFromHex("E000"))).toEqual([]);
  });
  it("key information of several components", () => {
    expect(parseKeyInformation(bytesFromHex("E008C006010188108210"))).toEqual([
      {
        identifier: 1,
        version: 1,
        components: [
          { type: 0x88, length: 16 },
          { type: 0x82, length: 16 },
        ],
      },
    ]);
  });
  it("SCP03's counter of three bytes behind the cryptogram, in S8 and in S16", () => {
    const data = (bytes: number, options: string) =>
      parseInitializeUpdate(
        bytesFromHex(`${"11".repeat(10)}0103${options}${"A1".repeat(bytes)}${"C1".repeat(bytes)}00082A`),
      );
    for (const [bytes, options] of [
      [8, "70"],
      [16, "71"],
    ] as const) {
      expect(data(bytes, options)).toEqual({
        protocol: "SCP03",
        diversificationData: new Uint8Array(10).fill(0x11),
        keyVersion: 1,
        options: Number.parseInt(options, 16),
        cardChallenge: new Uint8Array(bytes).fill(0xa1),
        cardCryptogram: new Uint8Array(bytes).fill(0xc1),
        sequenceCounter: bytesFromHex("00082A"),
      });
    }
  });
});

describe("reading the registry", () => {
  const more = (rounds: number): readonly ScriptStep[] =>
    Array.from({ length: rounds }, (_value, round) => [
      encodedHex(round === 0 ? "80F24002024F0000" : "80F24003024F0000"),
      "6310",
    ]);
  const encodedHex = (hex: string) => hex;

  it("gives up after 64 answers and asks no more", async () => {
    const card = createScriptedCard(more(64));
    await expect(readRegistry(card.channel, "applications")).rejects.toEqual(refusal("TOO_LONG", { rounds: 64 }));
    card.assertFinished();
  });

  it("takes the end in the 64th answer", async () => {
    const script = [...more(63), ["80F24003024F0000", "9000"] as const];
    expect(await readRegistry(createScriptedCard(script).channel, "applications")).toEqual([]);
  });

  it("takes a missing object for an empty registry only in the first answer", async () => {
    const script: readonly ScriptStep[] = [...more(1), ["80F24003024F0000", "6A88"]];
    await expect(readRegistry(createScriptedCard(script).channel, "applications")).rejects.toEqual(
      refusal("STATUS", { command: "GET STATUS", sw: 0x6a88, triesLeft: null }),
    );
  });
});

describe("PUT KEY", () => {
  it("adds a set unless a version to replace is given", () => {
    expect(putKeyCommand(session, { keys: keysOf(1) }).p1).toBe(0);
    expect(putKeyCommand(session, { keys: keysOf(1), replacesVersion: 0x30 }).p1).toBe(0x30);
    expect(encodeCommand(putKeyCommand(session, { keys: keysOf(0x7f) }))[0]).toBe(0x80);
  });
  it("takes its answer for one of AES keys unless other keys are named", () => {
    const keys = keysOf(1);
    const checkValue = "D5D67F";
    expect(() => verifyPutKeyAnswer(bytesFromHex(`01${checkValue.repeat(3)}`), keys)).toThrow(
      refusal("WRONG_CHECK_VALUE", { keyVersion: 1 }),
    );
    expect(() => verifyPutKeyAnswer(new Uint8Array(10), keys, "SCP02")).toThrow(
      refusal("WRONG_CHECK_VALUE", { keyVersion: 1 }),
    );
  });
  it("overwrites the padded copy of a key", () => {
    const seen: Uint8Array[] = [];
    const watching = {
      encryptSensitive: (data: Uint8Array) => {
        seen.push(data);
        return data.slice();
      },
    } as unknown as SecureSession;
    putKeyCommand(watching, { keys: keysOf(1) });
    expect(seen).toEqual(Array(3).fill(new Uint8Array(16)));
  });
});
