import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { bytesFromHex, bytesToHex, type CardChannel, encodeCommand } from "@tallystick/apdu";
import { decodeAllowanceBody, decodeDomain, fromHex, RING_SIZE, toAddress } from "@tallystick/protocol";
import {
  generateKeyCommand,
  getChallenge,
  getChallengeCommand,
  getDataObjectCommand,
  getLogCommand,
  getProgress,
  getVersion,
  openCommand,
  pay,
  payCommand,
  payShortCommand,
  presentCertificateCommand,
  prove,
  proveCommand,
  readLogAnswer,
  readProgress,
  select,
  selectInstanceCommand,
  selectShortCommand,
  storeAddressCommand,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storeStateCommand,
  updateAllowance,
  updateAllowanceCommand,
} from "../index.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
}
const vectors = (name: string): readonly Vector[] =>
  (
    JSON.parse(readFileSync(new URL(`../../../../vectors/${name}.json`, import.meta.url), "utf8")) as {
      valid: readonly Vector[];
    }
  ).valid;
const bytesOf = (name: string, index = 0): Uint8Array => fromHex(vectors(name)[index]?.hex ?? "");
const hexOf = (bytes: Uint8Array): string => bytesToHex(bytes).toLowerCase();
const answering =
  (hex: string): CardChannel =>
  async () =>
    await Promise.resolve(bytesFromHex(hex));

describe("commands to the byte (spec §4.2)", () => {
  const payee = toAddress(new Uint8Array(20).fill(0x11));
  const request = bytesOf("pay-request");
  it.each([
    ["SELECT", selectInstanceCommand(), "00a4040008f054414c4c59000100"],
    ["SELECT of the second instance", selectInstanceCommand(2), "00a4040008f054414c4c59000200"],
    ["SELECT in the short form", selectShortCommand(), "00a4040408f054414c4c59000100"],
    ["SELECT of the second instance in it", selectShortCommand(2), "00a4040408f054414c4c59000200"],
    ["PAY in the short form", payShortCommand(request), `8010000143${hexOf(request)}00`],
    ["PAY", payCommand(request), `8010000043${hexOf(request)}00`],
    ["PROVE", proveCommand(new Uint8Array(16).fill(7)), `8012000010${"07".repeat(16)}00`],
    ["GET LOG of a payee", getLogCommand(15, { payee }), `80160f0014${"11".repeat(20)}00`],
    [
      "GET LOG with a terminal's signature",
      getLogCommand(0, { payee, signature: new Uint8Array(64).fill(6) }),
      `8016000054${"11".repeat(20)}${"06".repeat(64)}00`,
    ],
    ["GET CHALLENGE", getChallengeCommand, "8084000010"],
    [
      "PRESENT CERTIFICATE",
      presentCertificateCommand({
        certificate: bytesOf("merchant-certificate"),
        signature: new Uint8Array(64).fill(3),
      }),
      `80180000e3${hexOf(bytesOf("merchant-certificate"))}${"03".repeat(64)}`,
    ],
    ["GET LOG with the right to all", getLogCommand(0), "8016000000"],
    ["GENERATE KEY", generateKeyCommand, "8046000000"],
    ["OPEN", openCommand, "801e000000"],
    ["GET DATA", getDataObjectCommand("publicKey"), "80cadf0700"],
    ["STORE DATA state", storeStateCommand(0x0b), "80e28800047f01010b"],
    ["STORE DATA address", storeAddressCommand(payee), `80e28800177f0414${"11".repeat(20)}`],
    ["STORE DATA owner", storeOwnerCommand(payee), `80e28800177f0514${"11".repeat(20)}`],
    [
      "STORE DATA domain",
      storeDomainCommand(decodeDomain(bytesOf("domain"))),
      `80e288001f7f021c${hexOf(bytesOf("domain"))}`,
    ],
    [
      "STORE DATA issuer key",
      storeIssuerKeyCommand({ keyId: 1, publicKey: new Uint8Array(65).fill(4) }),
      `80e28800457f034201${"04".repeat(65)}`,
    ],
    [
      "UPDATE ALLOWANCE",
      updateAllowanceCommand({ body: bytesOf("allowance-body"), signature: new Uint8Array(64).fill(9) }),
      `801400007e${hexOf(bytesOf("allowance-body"))}${"09".repeat(64)}`,
    ],
  ])("%s", (_name, command, expected) => {
    expect(hexOf(encodeCommand(command))).toBe(expected);
  });
});

describe("what a command refuses to send", () => {
  it("wrong lengths", () => {
    expect(() => payCommand(new Uint8Array(66))).toThrow(expect.objectContaining({ code: "ANSWER_LENGTH" }));
    expect(() => proveCommand(new Uint8Array(17))).toThrow(expect.objectContaining({ code: "ANSWER_LENGTH" }));
    expect(() => updateAllowanceCommand({ body: new Uint8Array(61), signature: new Uint8Array(64) })).toThrow(
      expect.objectContaining({ code: "ANSWER_LENGTH" }),
    );
    expect(() => updateAllowanceCommand({ body: new Uint8Array(62), signature: new Uint8Array(65) })).toThrow(
      expect.objectContaining({ code: "ANSWER_LENGTH" }),
    );
    expect(() => storeIssuerKeyCommand({ keyId: 1, publicKey: new Uint8Array(33) })).toThrow(
      expect.objectContaining({ code: "ANSWER_LENGTH" }),
    );
    const payee = toAddress(new Uint8Array(20).fill(1));
    for (const length of [63, 65])
      expect(() => getLogCommand(0, { payee, signature: new Uint8Array(length) })).toThrow(
        expect.objectContaining({ code: "ANSWER_LENGTH" }),
      );
    expect(() =>
      presentCertificateCommand({ certificate: new Uint8Array(119), signature: new Uint8Array(64) }),
    ).toThrow(expect.objectContaining({ code: "ANSWER_LENGTH" }));
  });
  it.each([-1, RING_SIZE, 0.5])("an age of %p", (age) => {
    expect(() => getLogCommand(age)).toThrow(RangeError);
  });
  it.each([-1, 256])("a key id of %p", (keyId) => {
    expect(() => storeIssuerKeyCommand({ keyId, publicKey: new Uint8Array(65) })).toThrow(RangeError);
  });
});

describe("answers", () => {
  it.each(vectors("select-answer").map((vector) => [vector.name, vector] as const))(
    "SELECT %s",
    async (_name, { hex }) => {
      const result = await select(answering(`${hex.slice(2)}9000`));
      expect(result).toMatchObject({
        ok: true,
        value: { kind: hex.length > 100 ? "personalized" : "blank", bytes: fromHex(hex) },
      });
    },
  );

  it("SELECT keeps every field of the allowance", async () => {
    const result = await select(answering(`${vectors("select-answer")[0]?.hex.slice(2) ?? ""}9000`));
    if (!result.ok || result.value.kind !== "personalized") throw new Error("the vector was not read");
    expect(result.value.answer.allowanceBody).toEqual(decodeAllowanceBody(bytesOf("allowance-body")));
  });

  it.each(vectors("pay-answer").map((vector) => [vector.name, vector] as const))("PAY %s", async (_name, { hex }) => {
    expect(await pay(answering(`${hex.slice(2)}9000`), bytesOf("pay-request"))).toMatchObject({
      ok: true,
      value: { flags: 0 },
    });
  });

  it.each([
    ["9e01", "CARD_STATE"],
    ["9e06", "CARD_SPENDING_CAP"],
    ["9e08", "CARD_OUT_OF_TURN"],
    ["63c2", "CARD_WRONG_PIN"],
    ["6983", "CARD_PIN_BLOCKED"],
    ["6a80", "CARD_REFUSED"],
  ])("a refusal %s is the value %s", async (sw, reason) => {
    const result = await pay(answering(sw), bytesOf("pay-request"));
    expect(result).toMatchObject({ ok: false, sw: Number.parseInt(sw, 16), reason });
  });

  it.each(["", "90"])("a torn answer %p is thrown, never a success", async (hex) => {
    await expect(pay(answering(hex), bytesOf("pay-request"))).rejects.toMatchObject({ code: "TORN" });
  });

  it("PROVE is read field by field", async () => {
    const head = "22".repeat(32);
    const result = await prove(
      answering(`00000003000000356601000000070b${head}3006020101020101` + "9000"),
      new Uint8Array(16),
    );
    expect(result).toEqual({
      ok: true,
      value: {
        counter: 3,
        spent: 3_499_521n,
        seq: 7,
        state: 0x0b,
        head: new Uint8Array(32).fill(0x22),
        signature: bytesFromHex("3006020101020101"),
      },
    });
  });

  it.each([
    ["without a signature", `0000000300000035660100000007 07${"22".repeat(32)}`],
    ["in an unknown state", `000000030000003566010000000708${"22".repeat(32)}30`],
  ])("PROVE %s is not believed", async (_name, data) => {
    await expect(prove(answering(`${data.replaceAll(" ", "")}9000`), new Uint8Array(16))).rejects.toMatchObject({
      name: "CardError",
    });
  });

  it("progress is a bit for each step, and nothing else", async () => {
    expect(readProgress(Uint8Array.of(0b0101_1111, 0x07))).toEqual({
      ...{ domain: true, issuerKey: true, keyPair: true, address: true, owner: true, pin: false, allowance: true },
      state: 0x07,
    });
    await expect(getProgress(answering("80079000"))).rejects.toMatchObject({ code: "ANSWER_VALUE" });
    await expect(getProgress(answering("01029000"))).rejects.toMatchObject({ code: "ANSWER_VALUE" });
    await expect(getProgress(answering("019000"))).rejects.toMatchObject({ code: "ANSWER_LENGTH" });
  });

  it("a card says which commands it has, the short forms by bit 4", async () => {
    const has = { replay: true, pin: true, certificate: true, beacon: true };
    expect(await getVersion(answering("010102000f9000"))).toEqual({
      ok: true,
      value: { version: 1, build: 0x0102, ...has, shortForms: false },
    });
    expect(await getVersion(answering("010001ff109000"))).toMatchObject({
      value: { build: 1, replay: false, beacon: false, shortForms: true },
    });
    expect(await getVersion(answering("6d00"))).toMatchObject({ ok: false, sw: 0x6d00 });
    await expect(getVersion(answering("0100010f9000"))).rejects.toMatchObject({ code: "ANSWER_LENGTH" });
  });

  it("a command that answers nothing refuses data", async () => {
    const allowance = { body: new Uint8Array(62), signature: new Uint8Array(64) };
    expect(await updateAllowance(answering("9000"), allowance)).toEqual({ ok: true, value: null });
    await expect(updateAllowance(answering("009000"), allowance)).rejects.toMatchObject({ code: "ANSWER_LENGTH" });
  });

  it("GET CHALLENGE answers 16 bytes and no other number", async () => {
    const challenge = "0123456789abcdef0123456789abcdef";
    expect(await getChallenge(answering(`${challenge}9000`))).toEqual({ ok: true, value: bytesFromHex(challenge) });
    await expect(getChallenge(answering(`${challenge}009000`))).rejects.toMatchObject({ code: "ANSWER_LENGTH" });
    await expect(getChallenge(answering("01029000"))).rejects.toMatchObject({ code: "ANSWER_LENGTH" });
    expect(await getChallenge(answering("9e01"))).toMatchObject({ ok: false, reason: "CARD_STATE" });
  });

  it("GET LOG splits the record from its signature", () => {
    const record = bytesOf("card-record");
    const answer = new Uint8Array(record.length + 8);
    answer.set(record);
    answer.set(bytesFromHex("3006020101020101"), record.length);
    expect(readLogAnswer(answer).signature).toEqual(bytesFromHex("3006020101020101"));
    expect(() => readLogAnswer(record)).toThrow(expect.objectContaining({ code: "ANSWER_LENGTH" }));
  });
});
