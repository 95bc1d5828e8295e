import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type CardChannel, type CommandApdu, encodeCommand, encodeTlv, type SecureSession } from "@tallystick/apdu";
import {
  openCommand,
  proveCommand,
  storeAddressCommand,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
} from "@tallystick/card";
import {
  cardStates,
  decodeSignature,
  digestOf,
  encodeDerSignature,
  encodeOpening,
  encodeStateProof,
  fromHex,
  instanceAid,
  parseAddress,
  type Signer,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import {
  answerOf,
  card,
  cardKey,
  cardSigner,
  channelOf,
  domain,
  issuer,
  refusedCommand,
  StepsHarness,
} from "../../../test/harness/steps-harness.ts";
import { createMemoryMasterKey } from "@tallystick/keystore";
import { createMasterKeys } from "../../keys/card-keys.ts";
import type { StepData } from "../../journal/journal.ts";
import type { StepName } from "../step-names.ts";
import type { StepRunner, StepWork } from "../step-runner.ts";
import { writeAddress } from "./address.ts";
import { writeDomain } from "./domain.ts";
import { makeKey } from "./generate-key.ts";
import { installApplet } from "./install.ts";
import { writeIssuerKey } from "./issuer-key.ts";
import { signOpening } from "./opening.ts";
import { writeOwner } from "./owner.ts";
import { writePin } from "./pin.ts";
import { provePossession } from "./prove.ts";
import { replaceKeys } from "./replace-keys.ts";

/** Order of secp256k1 (SEC 2 v2.0 §2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const STORE_DATA = 0xe2;
const GET_DATA = 0xca;
const GENERATE_KEY = 0x46;
const PROVE = 0x12;
const OPEN = 0x1e;
const INSTALL = 0xe6;
const GET_STATUS = 0xf2;
const owner = parseAddress(`0x${"0a".repeat(20)}`);
const identity = {
  ...{ domain, owner, issuerKey: { id: 3, publicKey: uncompressKey(issuer.publicKey) } },
  challenge: () => new Uint8Array(16).fill(0x77),
};

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

async function der(digest: Uint8Array, signer: Signer = cardSigner): Promise<Uint8Array> {
  return encodeDerSignature(decodeSignature(await signer.sign(digest)));
}

describe("what is stored on a card", () => {
  const { publicKey } = identity.issuerKey;
  type Write = (channel: CardChannel, steps: StepRunner, what: typeof identity) => Promise<void>;
  const writes: readonly (readonly [StepName, Write, CommandApdu, StepData])[] = [
    ["domain", writeDomain, storeDomainCommand(domain), {}],
    ["issuer-key", writeIssuerKey, storeIssuerKeyCommand({ keyId: 3, publicKey }), { issuerKeyId: 3 }],
    ["address", writeAddress, storeAddressCommand(parseAddress(card)), {}],
    ["owner", writeOwner, storeOwnerCommand(owner), {}],
  ];

  it.each(writes)("%s is sent as it is, once", async (name, write, command, data) => {
    const { channel, sent } = channelOf({ [STORE_DATA]: answerOf(0x9000) });
    await write(channel, harness.runner(), identity);
    await write(channel, harness.runner(), identity);
    expect(sent.map((one) => toHex(one))).toEqual([toHex(encodeCommand(command))]);
    expect(harness.step(name)).toEqual({ state: "done", data });
  });

  it.each(writes)("%s that the card does not take is its refusal", async (name, write, _command, _data) => {
    const command = `STORE DATA ${name.replace("-", " ")}`;
    // By its state, and because its memory is worn out.
    for (const sw of [0x6985, 0x6581]) {
      const { channel } = channelOf({ [STORE_DATA]: answerOf(sw) });
      expect(await refusedCommand(write(channel, harness.runner(), identity))).toBe(command);
      expect(harness.step(name)?.state).toBe("begun");
    }
  });
});

describe("the key pair", () => {
  const publicKey = uncompressKey(cardSigner.publicKey);

  /** Runs the step alone: the journal of these tests has a key already. */
  async function make(channel: CardChannel): Promise<unknown> {
    const results: unknown[] = [];
    const run = async (name: string, { work }: StepWork): Promise<void> => {
      results.push(name, await work({}));
    };
    await makeKey(channel, { run } as unknown as StepRunner);
    return results;
  }

  it("is made once, and comes with the answer", async () => {
    const { channel, sent } = channelOf({ [GENERATE_KEY]: answerOf(0x9000, publicKey) });
    expect(await make(channel)).toEqual(["generate-key", { cardKey, card }]);
    expect(sent.map((one) => one[1])).toEqual([GENERATE_KEY]);
  });

  it("is read where a torn command made it", async () => {
    const { channel, sent } = channelOf({
      [GENERATE_KEY]: answerOf(0x6985),
      [GET_DATA]: answerOf(0x9000, publicKey),
    });
    expect(await make(channel)).toEqual(["generate-key", { cardKey, card }]);
    expect(sent.map((one) => one[1])).toEqual([GENERATE_KEY, GET_DATA]);
  });

  it.each([
    ["makes none", "GENERATE KEY", { [GENERATE_KEY]: answerOf(0x6d00) }],
    ["does not show it", "GET DATA public key", { [GENERATE_KEY]: answerOf(0x6985), [GET_DATA]: answerOf(0x6a88) }],
  ])("is a refusal of a card that %s", async (_what, command, answers) => {
    expect(await refusedCommand(make(channelOf(answers).channel))).toBe(command);
  });
});

describe("the proof that a card holds its key", () => {
  const state = { counter: 0, spent: 0n, seq: 0, state: cardStates.installed, head: new Uint8Array(32) };
  const proof = (challenge: Uint8Array, of = domain) => digestOf(encodeStateProof({ domain: of, challenge, ...state }));
  const answer = (signature: Uint8Array) => {
    const fixed = new Uint8Array(47);
    fixed[14] = cardStates.installed;
    return answerOf(0x9000, Uint8Array.of(...fixed, ...signature));
  };

  it("is over a fresh challenge, and by that key", async () => {
    const { channel, sent } = channelOf({ [PROVE]: answer(await der(proof(identity.challenge()))) });
    await provePossession(channel, harness.runner(), identity);
    expect(toHex(sent[0] ?? new Uint8Array(0))).toBe(toHex(encodeCommand(proveCommand(identity.challenge()))));
    expect(harness.step("prove")).toEqual({ state: "done", data: {} });
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ["another key", () => der(proof(identity.challenge()), issuer)],
    ["another challenge", () => der(proof(new Uint8Array(16)))],
    ["another domain", () => der(proof(identity.challenge(), { ...domain, chainId: 1n }))],
    ["no signature", () => Promise.resolve(new Uint8Array(8))],
  ])("with %s convicts the card", async (_what, signature) => {
    const { channel } = channelOf({ [PROVE]: answer(await signature()) });
    await expect(provePossession(channel, harness.runner(), identity)).rejects.toMatchObject({
      code: "CARD_CONTRADICTS",
    });
    expect(harness.step("prove")?.state).toBe("begun");
  });

  it.each([
    ["no sign byte", (number: number[]) => number],
    ["33 bytes for every number", (number: number[]) => [0, ...number]],
  ])("by that key in an encoding with %s is named as an encoding", async (_what, form) => {
    const parts = decodeSignature(await cardSigner.sign(proof(identity.challenge())));
    // The other s of the same signature, whose first bit is set: DER gives it a sign byte.
    const highS = ORDER - parts.s;
    const integer = (value: bigint) => form([...fromHex(`0x${value.toString(16).padStart(64, "0")}`)]);
    const numbers = [integer(parts.r), integer(highS)].flatMap((number) => [0x02, number.length, ...number]);
    const { channel } = channelOf({ [PROVE]: answer(Uint8Array.of(0x30, numbers.length, ...numbers)) });
    await expect(provePossession(channel, harness.runner(), identity)).rejects.toMatchObject({
      code: "CARD_NOT_SUITABLE",
    });
  });

  it("in another encoding by another key convicts the card all the same", async () => {
    const parts = decodeSignature(await issuer.sign(proof(identity.challenge())));
    const integer = (value: bigint) => [0, ...fromHex(`0x${value.toString(16).padStart(64, "0")}`)];
    const numbers = [integer(parts.r), integer(parts.s)].flatMap((number) => [0x02, number.length, ...number]);
    for (const bytes of [
      Uint8Array.of(0x30, numbers.length, ...numbers),
      Uint8Array.of(0x30, numbers.length + 1, ...numbers, 0),
      Uint8Array.of(0x30, numbers.length, ...numbers.slice(0, 35), 0x03, ...numbers.slice(36)),
      Uint8Array.of(0x30, 0x04, 0x02, 0x09, 0x01, 0x02),
    ]) {
      const { channel } = channelOf({ [PROVE]: answer(bytes) });
      await expect(provePossession(channel, harness.runner(), identity)).rejects.toMatchObject({
        code: "CARD_CONTRADICTS",
      });
    }
  });

  it("that is refused is the card's refusal", async () => {
    const { channel } = channelOf({ [PROVE]: answerOf(0x6985) });
    expect(await refusedCommand(provePossession(channel, harness.runner(), identity))).toBe("PROVE");
  });
});

describe("the opening", () => {
  const digest = (who = owner) => digestOf(encodeOpening({ domain, owner: who }));

  it("is kept as r ‖ s with low s, by the card's key for this owner", async () => {
    const signature = await cardSigner.sign(digest());
    const { channel, sent } = channelOf({ [OPEN]: answerOf(0x9000, await der(digest())) });
    await signOpening(channel, harness.runner(), identity);
    expect(toHex(sent[0] ?? new Uint8Array(0))).toBe(toHex(encodeCommand(openCommand)));
    expect(harness.step("opening")).toEqual({ state: "done", data: { openingSignature: toHex(signature) } });
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ["by another key", () => der(digest(), issuer)],
    ["for another owner", () => der(digest(parseAddress(`0x${"0b".repeat(20)}`)))],
  ])("%s convicts the card", async (_what, signature) => {
    const { channel } = channelOf({ [OPEN]: answerOf(0x9000, await signature()) });
    await expect(signOpening(channel, harness.runner(), identity)).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
  });

  it("that is refused is the card's refusal", async () => {
    const { channel } = channelOf({ [OPEN]: answerOf(0x9e01) });
    expect(await refusedCommand(signOpening(channel, harness.runner(), identity))).toBe("OPEN");
  });
});

describe("the applet", () => {
  const entry = (aid: Uint8Array) =>
    encodeTlv([
      0xe3,
      [
        [0x4f, aid],
        [0x9f70, Uint8Array.of(7)],
      ],
    ] as never);
  const registry = (...aids: Uint8Array[]) =>
    answerOf(0x9000, Uint8Array.of(...aids.flatMap((aid) => [...entry(aid)])));
  const install = async (answers: Parameters<typeof channelOf>[0], isInstalled = false) => {
    const { channel, sent } = channelOf(answers);
    const session = { transmit: channel } as unknown as SecureSession;
    await installApplet(session, harness.runner(), { instance: 2, isInstalled });
    return sent.map((one) => one[1]);
  };

  it("is installed by one command", async () => {
    expect(await install({ [INSTALL]: answerOf(0x9000, Uint8Array.of(0)) })).toEqual([INSTALL]);
    expect(harness.step("install")).toEqual({ state: "done", data: { instance: 2 } });
  });

  it.each([0x6a89, 0x6a8a])("was installed by a torn command where the card says %p and shows it", async (sw) => {
    const answers = { [INSTALL]: answerOf(sw), [GET_STATUS]: registry(instanceAid(1), instanceAid(2)) };
    expect(await install(answers)).toEqual([INSTALL, GET_STATUS]);
  });

  it("is not installed again where it could be selected", async () => {
    expect(await install({}, true)).toEqual([]);
  });

  it.each([0x6a88, 0x6a82])("cannot be installed without its package (%p)", async (sw) => {
    await expect(install({ [INSTALL]: answerOf(sw) })).rejects.toMatchObject({ code: "CARD_NOT_SUITABLE" });
  });

  it.each([
    ...[0x9f01, 0x9f02, 0x9f03, 0x9f04, 0x9f05, 0x9f06, 0x9f07, 0x9f08],
    ...[0x6a84, 0x6985, 0x6a80, 0x6a81, 0x6f00],
  ])("that the chip cannot run (%p) is no fault of the card's owner", async (sw) => {
    // Of a chip that names an engine nothing else is asked.
    const answers = { [INSTALL]: answerOf(sw), ...(sw >> 8 === 0x9f ? {} : { [GET_DATA]: answerOf(0x6a88) }) };
    await expect(install(answers)).rejects.toMatchObject({ code: "CARD_NOT_SUITABLE" });
  });

  it("that the card does not install for another reason is that reason", async () => {
    await expect(install({ [INSTALL]: answerOf(0x6982) })).rejects.toMatchObject({ code: "STATUS" });
  });

  it("that the registry does not name convicts the card", async () => {
    const answers = { [INSTALL]: answerOf(0x6a89), [GET_STATUS]: registry(instanceAid(1)) };
    await expect(install(answers)).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
    expect(harness.step("install")?.state).toBe("begun");
  });
});

describe("the PIN", () => {
  const secrets = () => ({ pin: Uint8Array.of(1, 2, 3, 4), puk: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  const run = async (sw = 0x9000) => {
    const given = secrets();
    const { channel, sent } = channelOf({ [STORE_DATA]: answerOf(sw) });
    const encrypted: Uint8Array[] = [];
    const session = {
      transmit: channel,
      encryptSensitive: (data: Uint8Array) => {
        encrypted.push(data.slice());
        return data.map((byte) => byte ^ 0xff);
      },
    } as unknown as SecureSession;
    const asked: string[] = [];
    const letters = { secretsOf: (reference: string) => (asked.push(reference), given) };
    const outcome = writePin(session, harness.runner(), { letters, reference: "r" });
    await outcome.catch(() => undefined);
    return { outcome, given, sent: sent.map((one) => one[1]), encrypted, asked };
  };

  it("goes to an applet that knows one, enciphered, and is overwritten here", async () => {
    const { outcome, given, sent, encrypted, asked } = await run();
    await outcome;
    expect(sent).toEqual([STORE_DATA]);
    expect(asked).toEqual(["r"]);
    expect(encrypted).toHaveLength(1);
    expect([...given.pin, ...given.puk].every((digit) => digit === 0)).toBe(true);
    expect(harness.step("pin")).toEqual({ state: "done", data: {} });
  });

  it("is overwritten here where the card refuses it", async () => {
    const { outcome, given } = await run(0x6985);
    expect(await refusedCommand(outcome)).toBe("STORE DATA PIN");
    expect([...given.pin, ...given.puk].every((digit) => digit === 0)).toBe(true);
  });

  it("is not for an applet that knows no such object", async () => {
    const { outcome, given } = await run(0x6a88);
    await expect(outcome).rejects.toMatchObject({ code: "CARD_NOT_SUITABLE" });
    expect([...given.pin, ...given.puk].every((digit) => digit === 0)).toBe(true);
  });
});

describe("the card's own keys", () => {
  const keys = createMasterKeys(createMemoryMasterKey(new Uint8Array(16).fill(0xc0)), 0x30);

  it("are not put where they opened the channel", async () => {
    const { channel, sent } = channelOf({});
    const identified = {
      session: { transmit: channel, diversificationData: fromHex(`0x${"01".repeat(10)}`) } as never,
      cardName: "0a",
      hasStockKeys: false,
      keysName: "own",
      sharesKeys: false,
    };
    await replaceKeys(identified, harness.runner(), keys);
    expect(sent).toEqual([]);
    expect(harness.step("replace-keys")).toEqual({
      state: "done",
      data: { keys: keys.name, own: "FB63B7-E3E114-891DC7" },
    });
  });

  it.each([
    ["added to a card with its first ones", 0xff, 0x00],
    ["put in place of others", 0x01, 0x01],
  ])("are %s, and destroyed here whatever the card says", async (_what, keyVersion, p1) => {
    const { channel, sent } = channelOf({ 0xd8: answerOf(0x6985) });
    let destroyed = 0;
    const watched = {
      name: keys.name,
      derive: async (data: Uint8Array) => {
        const set = await keys.derive(data);
        const destroy = set.destroy.bind(set);
        return Object.assign(set, { destroy: () => ((destroyed += 1), destroy()) });
      },
    };
    const session = {
      ...{ transmit: channel, keyVersion, diversificationData: fromHex(`0x${"01".repeat(10)}`) },
      encryptSensitive: (data: Uint8Array) => data,
    };
    const identified = {
      session: session as never,
      cardName: "0a",
      hasStockKeys: true,
      keysName: "own",
      sharesKeys: false,
    };
    await expect(replaceKeys(identified, harness.runner(), watched)).rejects.toMatchObject({
      code: "STATUS",
    });
    expect(sent[0]?.[2]).toBe(p1);
    expect(destroyed).toBe(1);
  });

  it.each([
    ["its version alone", [0x30]],
    ["nothing", []],
  ])("are taken as put by a card that answers %s", async (_what, answer) => {
    const { channel } = channelOf({ 0xd8: answerOf(0x9000, Uint8Array.from(answer)) });
    const session = {
      ...{ transmit: channel, keyVersion: 0xff, diversificationData: fromHex(`0x${"01".repeat(10)}`) },
      encryptSensitive: (data: Uint8Array) => data,
    };
    const identified = {
      session: session as never,
      cardName: "0a",
      hasStockKeys: true,
      keysName: "own",
      sharesKeys: false,
    };
    await replaceKeys(identified, harness.runner(), keys);
    expect(harness.step("replace-keys")).toEqual({
      state: "done",
      data: { keys: keys.name, own: "FB63B7-E3E114-891DC7" },
    });
  });
});
