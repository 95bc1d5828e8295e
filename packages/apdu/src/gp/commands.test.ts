import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { encodeCommand, type CommandApdu } from "../iso7816/command-apdu.ts";
import { aesCbcDecrypt } from "../crypto/aes.ts";
import { aesKeyCheckValue, createKeySet } from "../scp/key-set.ts";
import type { SecureSession } from "../scp/secure-session.ts";
import { createScriptedCard } from "../testing/scripted-card.ts";
import { aesCbcEncrypt } from "../crypto/aes.ts";
import { deleteCommand } from "./delete.ts";
import { externalAuthenticateCommand } from "../scp/external-authenticate.ts";
import { getDataCommand, parseKeyInformation } from "./get-data.ts";
import { getStatusCommand, parseRegistry, readRegistry } from "./get-status.ts";
import { initializeUpdateCommand, parseInitializeUpdate } from "../scp/initialize-update.ts";
import { installCommand } from "./install.ts";
import { putKeyCommand, verifyPutKeyAnswer } from "./put-key.ts";
import { ISSUER_SECURITY_DOMAIN_AID, selectCommand, selectDefaultCommand } from "./select.ts";
import { setStatusCommand } from "./set-status.ts";
import { encodeDataGroup, storeDataGroupCommand } from "./store-data.ts";

const hexOf = (command: CommandApdu) => bytesToHex(encodeCommand(command));
const PACKAGE = bytesFromHex("A000000062 0101");
const MODULE = bytesFromHex("A000000062 0101 01");
const INSTANCE = bytesFromHex("A000000062 0101 02");

describe("GlobalPlatform commands are these bytes", () => {
  it.each([
    ["SELECT", selectCommand(ISSUER_SECURITY_DOMAIN_AID), "00A4040008A00000015100000000"],
    ["SELECT of the default", selectDefaultCommand(), "00A4040000"],
    [
      "INITIALIZE UPDATE",
      initializeUpdateCommand({ keyVersion: 0xff, hostChallenge: bytesFromHex("0102030405060708") }),
      "8050FF0008010203040506070800",
    ],
    [
      "EXTERNAL AUTHENTICATE",
      externalAuthenticateCommand({ securityLevel: 0x13, hostCryptogram: bytesFromHex("0102030405060708") }),
      "80821300080102030405060708",
    ],
    [
      "INSTALL",
      installCommand({ packageAid: PACKAGE, moduleAid: MODULE, instanceAid: INSTANCE }),
      "80E60C002007A000000062010108A00000006201010108A000000062010102010002C9000000",
    ],
    [
      "INSTALL with parameters and privileges",
      installCommand({
        packageAid: PACKAGE,
        moduleAid: MODULE,
        instanceAid: INSTANCE,
        privileges: 0x9efe80,
        parameters: bytesFromHex("AABB"),
      }),
      "80E60C002407A000000062010108A00000006201010108A000000062010102039EFE8004C902AABB0000",
    ],
    ["DELETE", deleteCommand(INSTANCE), "80E400000A4F08A00000006201010200"],
    ["DELETE with related objects", deleteCommand(PACKAGE, { related: true }), "80E40080094F07A000000062010100"],
    ["GET DATA", getDataCommand(0x9f7f), "80CA9F7F00"],
    ["GET STATUS", getStatusCommand("applications"), "80F24002024F0000"],
    ["GET STATUS, next", getStatusCommand("loadFilesAndModules", { next: true }), "80F21003024F0000"],
    [
      "SET STATUS",
      setStatusCommand({ scope: "application", lifeCycle: 0x80, aid: INSTANCE }),
      "80F0408008A000000062010102",
    ],
    [
      "SET STATUS of the card",
      setStatusCommand({ scope: "issuerSecurityDomain", lifeCycle: 0x7f, aid: ISSUER_SECURITY_DOMAIN_AID }),
      "80F0807F08A000000151000000",
    ],
    ["STORE DATA", storeDataGroupCommand(0x7f01, bytesFromHex("07")), "80E28800047F010107"],
  ])("%s", (_name, command, hex) => {
    expect(hexOf(command)).toBe(hex);
  });

  it.each([
    ["an AID of 4 bytes", () => selectCommand(new Uint8Array(4)), "WRONG_LENGTH"],
    ["an AID of 17 bytes", () => deleteCommand(new Uint8Array(17)), "WRONG_LENGTH"],
    [
      "a challenge of 7 bytes",
      () => initializeUpdateCommand({ keyVersion: 0, hostChallenge: new Uint8Array(7) }),
      "WRONG_LENGTH",
    ],
    [
      "long parameters",
      () =>
        installCommand({
          packageAid: PACKAGE,
          moduleAid: MODULE,
          instanceAid: INSTANCE,
          parameters: new Uint8Array(126),
        }),
      "TOO_LONG",
    ],
    [
      "a life cycle of 256",
      () => setStatusCommand({ scope: "application", lifeCycle: 256, aid: INSTANCE }),
      "OUT_OF_RANGE",
    ],
    ["tag 0", () => getDataCommand(0), "OUT_OF_RANGE"],
    ["a data group beyond one command", () => storeDataGroupCommand(0x7f01, new Uint8Array(253)), "TOO_LONG"],
    ["DGI 0", () => encodeDataGroup(0, new Uint8Array(0)), "OUT_OF_RANGE"],
  ])("refuse %s", (_name, build, code) => {
    expect(build).toThrow(expect.objectContaining({ code }));
  });

  it("writes long data groups with a length of three bytes", () => {
    expect(bytesToHex(encodeDataGroup(0x8001, new Uint8Array(254)).slice(0, 4))).toBe("8001FE00");
    expect(bytesToHex(encodeDataGroup(0x8001, new Uint8Array(255)).slice(0, 6))).toBe("8001FF00FF00");
  });
});

describe("INITIALIZE UPDATE's answer", () => {
  it("of SCP02 is split at the counter", () => {
    // GP Card Specification v2.3.1 §E.5.1: key data 10, version, 02, counter 2, challenge 6,
    // cryptogram 8.
    const answer = parseInitializeUpdate(bytesFromHex(`${"11".repeat(10)}0102 0004 A1A2A3A4A5A6 C1C2C3C4C5C6C7C8`));
    expect(answer).toEqual({
      protocol: "SCP02",
      diversificationData: new Uint8Array(10).fill(0x11),
      keyVersion: 1,
      sequenceCounter: bytesFromHex("0004"),
      cardChallenge: bytesFromHex("A1A2A3A4A5A6"),
      cardCryptogram: bytesFromHex("C1C2C3C4C5C6C7C8"),
    });
  });
  it("of SCP03 with a random challenge has no counter", () => {
    const answer = parseInitializeUpdate(bytesFromHex(`${"11".repeat(10)}0103 60 ${"A1".repeat(8)} ${"C1".repeat(8)}`));
    expect(answer).toMatchObject({ protocol: "SCP03", options: 0x60, sequenceCounter: null });
  });
});

describe("PUT KEY", () => {
  const DEK = bytesFromHex("404142434445464748494A4B4C4D4E4F");
  const session = {
    encryptSensitive: (data: Uint8Array) => aesCbcEncrypt(DEK, new Uint8Array(16), data),
  } as unknown as SecureSession;
  const keysOf = (length: number) =>
    createKeySet({
      version: 0x01,
      enc: new Uint8Array(length).fill(0x11),
      mac: new Uint8Array(length).fill(0x22),
      dek: new Uint8Array(length).fill(0x33),
    });

  it("carries version, and type, length, cryptogram and check value of each key", () => {
    const command = putKeyCommand(session, { keys: keysOf(16) });
    expect([command.ins, command.p1, command.p2]).toEqual([0xd8, 0x00, 0x81]);
    const data = command.data ?? new Uint8Array();
    expect(data).toHaveLength(1 + 3 * 23);
    expect(data[0]).toBe(0x01);
    for (const [index, fill] of [0x11, 0x22, 0x33].entries()) {
      const block = data.slice(1 + index * 23, 1 + (index + 1) * 23);
      expect(bytesToHex(block.slice(0, 3))).toBe("881110");
      expect(aesCbcDecrypt(DEK, new Uint8Array(16), block.slice(3, 19))).toEqual(new Uint8Array(16).fill(fill));
      expect(block[19]).toBe(3);
      expect(block.slice(20)).toEqual(aesKeyCheckValue(new Uint8Array(16).fill(fill)));
    }
  });
  it("pads keys of 24 bytes to whole blocks and names their true length", () => {
    const data = putKeyCommand(session, { keys: keysOf(24), replacesVersion: 1 }).data ?? new Uint8Array();
    expect(data).toHaveLength(1 + 3 * 39);
    expect(bytesToHex(data.slice(1, 4))).toBe("882118");
  });
  it("takes only a confirmation of exactly these keys", () => {
    const keys = keysOf(16);
    const checks = [keys.enc, keys.mac, keys.dek].map((key) => bytesToHex(aesKeyCheckValue(key))).join("");
    expect(verifyPutKeyAnswer(bytesFromHex(`01${checks}`), keys)).toBe(true);
    for (const wrong of [`02${checks}`, `01${checks}00`, checks, `01${checks.slice(0, -2)}00`, "02", "0100"]) {
      expect(() => verifyPutKeyAnswer(bytesFromHex(wrong), keys)).toThrow(
        expect.objectContaining({ code: "WRONG_CHECK_VALUE" }),
      );
    }
  });
  it.each(["", "01"])("says that %p confirms nothing, as some chips answer", (answer) => {
    expect(verifyPutKeyAnswer(bytesFromHex(answer), keysOf(16))).toBe(false);
  });
  it.each([0x00, 0x80, 0xff])("refuses the new version %i", (version) => {
    const keys = { ...keysOf(16), version };
    expect(() => putKeyCommand(session, { keys })).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });
});

describe("the registry", () => {
  const FIRST = "E3114F08A000000151000000 9F700101 C5019E".replaceAll(" ", "");
  const SECOND = "E3164F07A0000000620101 9F700101 8408A000000062010101".replaceAll(" ", "");

  it("is parsed from entries", () => {
    expect(parseRegistry(bytesFromHex(`E3134F08A000000151000000 9F70010F C5039EFE80`))).toEqual([
      { aid: ISSUER_SECURITY_DOMAIN_AID, lifeCycle: 0x0f, privileges: 0x9efe80, modules: [] },
    ]);
    expect(parseRegistry(bytesFromHex(`E3174F07A0000000620101 9F700101 8408A000000062010101`))).toEqual([
      { aid: PACKAGE, lifeCycle: 1, privileges: 0, modules: [MODULE] },
    ]);
  });
  it("is read over several answers that may cut an entry in two", async () => {
    const whole = `${FIRST}${SECOND.replace("E316", "E317")}`;
    const card = createScriptedCard([
      ["80F24002024F0000", `${whole.slice(0, 50)}6310`],
      ["80F24003024F0000", `${whole.slice(50)}9000`],
    ]);
    expect((await readRegistry(card.channel, "applications")).map(({ aid }) => bytesToHex(aid))).toEqual([
      "A000000151000000",
      "A0000000620101",
    ]);
  });
  it("may be empty", async () => {
    expect(await readRegistry(createScriptedCard([["80F24002024F0000", "6A88"]]).channel, "applications")).toEqual([]);
  });
  it("is read in the older form, and without modules, where a card knows no other", async () => {
    const older = createScriptedCard([
      ["80F24002024F0000", "6A86"],
      ["80F24000024F0000", "08A0000001510000000F9E 07A00000006201016310"],
      ["80F24001024F0000", "07009000"],
    ]);
    expect(await readRegistry(older.channel, "applications")).toEqual([
      { aid: ISSUER_SECURITY_DOMAIN_AID, lifeCycle: 0x0f, privileges: 0x9e, modules: [] },
      { aid: PACKAGE, lifeCycle: 0x07, privileges: 0, modules: [] },
    ]);
    const oldest = createScriptedCard([
      ["80F21002024F0000", "6A86"],
      ["80F21000024F0000", "6A86"],
      ["80F22002024F0000", "6A86"],
      ["80F22000024F0000", "07A000000062010101009000"],
    ]);
    expect(await readRegistry(oldest.channel, "loadFilesAndModules")).toEqual([
      { aid: PACKAGE, lifeCycle: 1, privileges: 0, modules: [] },
    ]);
    oldest.assertFinished();
  });
  it("of the older form names modules, and is refused where it ends too early", async () => {
    const card = (answer: string) =>
      createScriptedCard([
        ["80F21002024F0000", "6A86"],
        ["80F21000024F0000", `${answer}9000`],
      ]).channel;
    expect(await readRegistry(card("07A0000000620101010001 08A000000062010101"), "loadFilesAndModules")).toEqual([
      { aid: PACKAGE, lifeCycle: 1, privileges: 0, modules: [MODULE] },
    ]);
    for (const cut of ["07A0000000620101", "07A0000000620101010001", "07A0000000620101010001 08A0", "08A0"])
      await expect(readRegistry(card(cut), "loadFilesAndModules")).rejects.toMatchObject({ code: "TRUNCATED" });
  });
  it("cannot be read where every form is refused", async () => {
    const refuses = async () => bytesFromHex("6A86");
    await expect(readRegistry(refuses, "loadFilesAndModules")).rejects.toMatchObject({ context: { sw: 0x6a86 } });
  });
  it("gives up on a card that never stops announcing data, and passes refusals on", async () => {
    await expect(readRegistry(async () => bytesFromHex("6310"), "applications")).rejects.toMatchObject({
      code: "TOO_LONG",
    });
    await expect(readRegistry(async () => bytesFromHex("6982"), "applications")).rejects.toMatchObject({
      code: "STATUS",
      context: { sw: 0x6982 },
    });
  });
  it.each([
    ["another tag", "E400", "WRONG_VALUE"],
    ["no name", "E3049F700101", "WRONG_VALUE"],
    ["privileges of two bytes", "E3124F08A000000151000000 9F700101C5029E00", "WRONG_LENGTH"],
  ])("refuses an entry with %s", (_name, hex, code) => {
    expect(() => parseRegistry(bytesFromHex(hex))).toThrow(expect.objectContaining({ code }));
  });
});

describe("the key information template", () => {
  it("lists keys by identifier, version, type and length", () => {
    expect(parseKeyInformation(bytesFromHex("E00C C00401018810 C00402018810"))).toEqual([
      { identifier: 1, version: 1, components: [{ type: 0x88, length: 16 }] },
      { identifier: 2, version: 1, components: [{ type: 0x88, length: 16 }] },
    ]);
  });
  it("reads the extended form, whose components have four bytes, with usage and access behind them", () => {
    expect(parseKeyInformation(bytesFromHex("E00C C00A01FFFF88001001380100"))).toEqual([
      { identifier: 1, version: 0xff, components: [{ type: 0x88, length: 16 }] },
    ]);
    expect(parseKeyInformation(bytesFromHex("E00E C00C0130FF880020FFA004000138"))).toEqual([
      {
        ...{ identifier: 1, version: 0x30 },
        components: [
          { type: 0x88, length: 32 },
          { type: 0xa0, length: 1024 },
        ],
      },
    ]);
    expect(parseKeyInformation(bytesFromHex("E008 C0060101FF880010"))).toHaveLength(1);
  });
  it.each([
    ...["E100", "E006C10401018810", "E005C003010188", "E007C0050101881088"],
    ...[
      "E007C0050101FF8800",
      "E00AC0080101FF8800100238",
      "E00BC0090101FF880010013802",
      "E00DC00B0101FF8800100138010000",
    ],
  ])("refuses %s", (hex) => {
    expect(() => parseKeyInformation(bytesFromHex(hex))).toThrow(expect.objectContaining({ code: "WRONG_VALUE" }));
  });
});
