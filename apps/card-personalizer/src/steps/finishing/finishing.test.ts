import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  type AllowanceBody,
  cardStates,
  cardTag,
  decodePayRequest,
  decodeSignature,
  decodeStateProof,
  decodeVoucherBundle,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodeDerSignature,
  encodeDomain,
  encodePayAnswer,
  encodeSelectAnswer,
  encodeStateProof,
  fromHex,
  instanceAid,
  messageHash,
  parseAddress,
  type PayRequest,
  rebuildVoucher,
  type SelectAnswer,
  toHex,
  uncompressKey,
  voucherId,
} from "@tallystick/protocol";
import {
  answerOf,
  card,
  cardSigner,
  channelOf,
  configOf,
  domain,
  issuer,
  refusedCommand,
  START_MS,
  StepsHarness,
} from "../../../test/harness/steps-harness.ts";
import type { CardVisit } from "../../card/card-visit.ts";
import { payTestPayee } from "./final-tap.ts";
import { readBackObjects, readBackSelect } from "./read-back.ts";
import { writeAllowance } from "./write-allowance.ts";

const START = Math.floor(START_MS / 1_000);
const PAY = 0x10;
const UPDATE_ALLOWANCE = 0x14;
const body: AllowanceBody = {
  ...{ issuerKeyId: 1, seq: 1, maxSpent: 20_000_000n, softSpent: 20_000_000n, maxCounter: 1_024 },
  ...{ perTap: 50_000_000n, pinAbove: 50_000_000n, noPinSum: 100_000_000n, noPinCount: 100 },
  ...{ notBefore: START - 86_400, notAfter: START + 86_400, cardIndex: 0, categories: 0xffn, flags: 0 },
};
const owner = parseAddress(`0x${"0a".repeat(20)}`);
const issuerKey = { id: 3, publicKey: uncompressKey(issuer.publicKey) };

let harness: StepsHarness;
let allowanceSignature: Uint8Array;
beforeEach(async () => {
  allowanceSignature = await issuer.sign(digestOf(encodeAllowance({ domain, card: parseAddress(card), body })));
  harness = new StepsHarness({
    allowance: { body: toHex(encodeAllowanceBody(body)), signature: toHex(allowanceSignature) },
  });
});
afterEach(() => {
  harness.remove();
});

function selected(change: Partial<SelectAnswer> = {}): SelectAnswer {
  return {
    ...{ aid: instanceAid(1), version: 1, state: cardStates.personalized },
    ...{ cardTag: cardTag(domain, cardSigner.publicKey), cardKey: cardSigner.publicKey },
    ...{ allowanceBody: body, allowanceSignature, counter: 0, spent: 0n, noPinUsed: 0n, noPinTaps: 0 },
    ...{ head: new Uint8Array(32), ...change },
  };
}

describe("writing the allowance", () => {
  it("sends what the issuer signed", async () => {
    const { channel, sent } = channelOf({ [UPDATE_ALLOWANCE]: answerOf(0x9000) });
    await writeAllowance(channel, harness.runner());
    expect(toHex(sent[0] ?? new Uint8Array(0))).toContain(
      toHex(encodeAllowanceBody(body)).slice(2) + toHex(allowanceSignature).slice(2),
    );
    expect(harness.step("write-allowance")).toEqual({ state: "done", data: {} });
  });

  it("is done where a torn command wrote it, and refused where the card refuses it", async () => {
    const refused = channelOf({ [UPDATE_ALLOWANCE]: answerOf(0x9e0b) });
    expect(await refusedCommand(writeAllowance(refused.channel, harness.runner()))).toBe("UPDATE ALLOWANCE");
    expect(harness.step("write-allowance")?.state).toBe("begun");
    await writeAllowance(channelOf({ [UPDATE_ALLOWANCE]: answerOf(0x9e0a) }).channel, harness.runner());
    expect(harness.step("write-allowance")).toEqual({ state: "done", data: {} });
  });
});

describe("reading a card back", () => {
  /** What the card reads back, by the tag of GET DATA. */
  const objects = (): Map<number, Uint8Array> =>
    new Map([
      [0xdf03, encodeDomain(domain)],
      [0xdf04, Uint8Array.of(3, ...issuerKey.publicKey)],
      [0xdf07, uncompressKey(cardSigner.publicKey)],
      [0xdf06, fromHex(card)],
      [0xdf05, owner],
      [0xdf02, Uint8Array.of(0x7f, cardStates.personalized)],
    ]);

  async function read(
    shown: ReadonlyMap<number, Uint8Array>,
    { hasPin = false, answer = selected() as SelectAnswer | null } = {},
  ): Promise<SelectAnswer> {
    const transmit = (command: Uint8Array) => {
      const value = shown.get(((command[2] ?? 0) << 8) | (command[3] ?? 0));
      return Promise.resolve(value === undefined ? answerOf(0x6a88) : answerOf(0x9000, value));
    };
    const visit = {
      selectApplet: () => Promise.resolve(answer === null ? null : { kind: "personalized", answer }),
    } as unknown as CardVisit;
    const identity = { domain, issuerKey, owner, challenge: () => new Uint8Array(16), hasPin };
    await readBackObjects(transmit, harness.runner(), identity);
    return await readBackSelect(visit, harness.runner(), configOf());
  }

  it("is content with what was written, and answers what SELECT shows", async () => {
    expect(await read(objects())).toEqual(selected());
    expect(harness.step("read-back")).toEqual({ state: "done", data: {} });
  });

  it.each([0xdf03, 0xdf04, 0xdf07, 0xdf06, 0xdf05])("notices another object %p", async (tag) => {
    const value = objects().get(tag)?.slice() ?? new Uint8Array(0);
    value[value.length - 1] = (value.at(-1) ?? 0) ^ 1;
    await expect(read(new Map([...objects(), [tag, value]]))).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
    expect(harness.step("read-back")?.state).toBe("begun");
    const without = objects();
    without.delete(tag);
    await expect(read(without)).rejects.toMatchObject({ code: "CARD_REFUSED" });
  });

  it("wants a PIN where one was written, an allowance and a state", async () => {
    const progress = (bits: number, state: number = cardStates.personalized) =>
      new Map([...objects(), [0xdf02, Uint8Array.of(bits, state)]]);
    const noPin = 0x7f & ~(1 << 5);
    await read(progress(noPin));
    const contradicts = { code: "CARD_CONTRADICTS" };
    harness.remove();
    harness = new StepsHarness({
      allowance: { body: toHex(encodeAllowanceBody(body)), signature: toHex(allowanceSignature) },
    });
    await expect(read(progress(noPin), { hasPin: true })).rejects.toMatchObject(contradicts);
    await expect(read(progress(0x7f & ~(1 << 6)))).rejects.toMatchObject(contradicts);
    await expect(read(progress(0x7f, cardStates.suspended))).rejects.toMatchObject(contradicts);
    await expect(read(new Map([...objects()].filter(([tag]) => tag !== 0xdf02)))).rejects.toMatchObject({
      code: "CARD_REFUSED",
    });
    await read(progress(0x7f), { hasPin: true });
  });

  it.each<[string, Partial<SelectAnswer>]>([
    ["key", { cardKey: issuer.publicKey }],
    ["tag", { cardTag: new Uint8Array(8) }],
    ["allowance", { allowanceBody: { ...body, perTap: 1n } }],
    ["newer allowance that is not the issuer's", { allowanceBody: { ...body, seq: 2 } }],
    ["signature of the allowance", { allowanceSignature: new Uint8Array(64).fill(1) }],
  ])("notices another %s in SELECT, at once and later", async (_what, change) => {
    const contradicts = { code: "CARD_CONTRADICTS" };
    await expect(read(objects(), { answer: selected(change) })).rejects.toMatchObject(contradicts);
    await read(objects());
    await expect(read(objects(), { answer: selected(change) })).rejects.toMatchObject(contradicts);
  });

  it("takes a newer allowance of the issuer's that reached the card meanwhile", async () => {
    const newer = { ...body, seq: 2, maxSpent: 40_000_000n };
    const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card: parseAddress(card), body: newer })));
    const shown = selected({ allowanceBody: newer, allowanceSignature: signature });
    expect(await read(objects(), { answer: shown })).toEqual(shown);
    const foreign = await cardSigner.sign(digestOf(encodeAllowance({ domain, card: parseAddress(card), body: newer })));
    const forged = selected({ allowanceBody: newer, allowanceSignature: foreign });
    await expect(read(objects(), { answer: forged })).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
  });

  it("notices a card that shows no allowance", async () => {
    await expect(read(objects(), { answer: null })).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
  });
});

describe("the first payment", () => {
  const config = configOf();
  const { testPayee } = config;

  async function paid(request: PayRequest, signer = cardSigner, allowanceSeq = 1): Promise<Uint8Array> {
    const answer = { counter: 1, spent: 1n, allowanceSeq, cvm: 0, flags: 0, link: new Uint8Array(32) } as const;
    const digest = messageHash(rebuildVoucher(domain, request, answer).message);
    const signature = encodeDerSignature(decodeSignature(await signer.sign(digest)));
    return answerOf(0x9000, encodePayAnswer({ ...answer, signature }));
  }

  /** Pays with a card that answers by this; gives the requests it was sent. */
  async function tap(
    answer: (request: PayRequest) => Promise<Uint8Array>,
    select: SelectAnswer = selected(),
  ): Promise<string[]> {
    const requests: string[] = [];
    const channel = async (command: Uint8Array) => {
      expect(command[1]).toBe(PAY);
      const bytes = command.slice(5, 72);
      requests.push(toHex(bytes));
      return await answer(decodePayRequest(bytes));
    };
    const certificate = () => Promise.reject(new Error("no certificate is asked for"));
    await payTestPayee(channel, harness.runner(), { config, environment: harness.environment, select, certificate });
    return requests;
  }

  it("is one unit to the issuer's own payee, and leaves a voucher", async () => {
    const [request = ""] = await tap(paid);
    expect(decodePayRequest(fromHex(request))).toEqual({
      ...{ cardTag: selected().cardTag, counter: 1, payee: testPayee.payee, amount: 1n, time: START },
      ...{ challenge: new Uint8Array(16).fill(0xab), terminalId: testPayee.terminalId, category: testPayee.category },
    });
    const { data, state } = harness.step("final-tap") ?? { data: {}, state: "begun" };
    expect(state).toBe("done");
    const bundle = decodeVoucherBundle(fromHex(String(data["bundle"])));
    expect(data["request"]).toBe(request);
    expect(data["select"]).toBe(toHex(encodeSelectAnswer(selected())));
    expect(data["voucherId"]).toBe(toHex(voucherId(parseAddress(card), bundle.message)));
  });

  it("is read again by the same request where its answer was torn, though time has passed", async () => {
    const torn = tap(() => Promise.reject(new Error("torn")));
    await expect(torn).rejects.toBeInstanceOf(Error);
    const request = String(harness.step("final-tap")?.data["request"]);
    harness.nowMs += 60_000;
    expect(await tap(paid, selected({ counter: 1, spent: 1n }))).toEqual([request]);
  });

  it("counts under whichever allowance the card held where a newer one came between two attempts", async () => {
    const newer = { ...body, seq: 2 };
    const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card: parseAddress(card), body: newer })));
    const now = { allowanceBody: newer, allowanceSignature: signature };
    await expect(tap(() => Promise.reject(new Error("torn")))).rejects.toBeInstanceOf(Error);
    const seqOf = (): number =>
      decodeVoucherBundle(fromHex(String(harness.step("final-tap")?.data["bundle"]))).allowanceBody.seq;
    const begun = harness.step("final-tap")?.data ?? {};
    // The debit was torn away, and is made under the newer one.
    await tap((request) => paid(request, cardSigner, 2), selected(now));
    expect(seqOf()).toBe(2);
    // The debit was made under the older one, and is read again.
    harness.remove();
    harness = new StepsHarness();
    harness.journal.beginStep("r", "final-tap", begun, START_MS);
    await tap((request) => paid(request), selected({ ...now, counter: 1, spent: 1n, noPinUsed: 1n, noPinTaps: 1 }));
    expect(seqOf()).toBe(1);
  });

  it("is of a card that has paid nobody", async () => {
    await expect(tap(paid, selected({ counter: 1, spent: 1n }))).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
    expect(harness.step("final-tap")).toBeNull();
  });

  it("is refused where the card refuses it, or signs it with another key", async () => {
    await expect(tap(() => Promise.resolve(answerOf(0x9e06)))).rejects.toMatchObject({ code: "CARD_REFUSED" });
    await expect(tap((request) => paid(request, issuer))).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
    expect(harness.step("final-tap")?.state).toBe("begun");
  });
});

describe("the last step of a card whose first allowance is 0 (spec §4.8)", () => {
  const config = configOf();
  const PROVE = 0x12;
  const PRESENT_CERTIFICATE = 0x18;
  const signed = { certificate: new Uint8Array(163).fill(1), signature: new Uint8Array(64).fill(2) };

  /** PROVE's answer to a command. */
  async function proved(command: Uint8Array, seq = 1, signer = cardSigner): Promise<Uint8Array> {
    const state = { counter: 0, spent: 0n, seq, state: cardStates.personalized, head: new Uint8Array(32) };
    const proof = encodeStateProof({ domain, challenge: command.slice(5, 21), ...state });
    const signature = encodeDerSignature(decodeSignature(await signer.sign(digestOf(proof))));
    return answerOf(0x9000, Uint8Array.of(...proof.slice(48, 95), ...signature));
  }

  /** Finishes with a card that answers PAY by this word; gives the instructions it was sent. */
  async function finish(
    sw: number,
    allowance: Partial<AllowanceBody> = {},
    prove: (command: Uint8Array) => Promise<Uint8Array> = proved,
  ): Promise<number[]> {
    const sent: number[] = [];
    const channel = async (command: Uint8Array) => {
      sent.push(command[1] ?? 0);
      if (command[1] === PROVE) return await prove(command);
      return command[1] === PRESENT_CERTIFICATE ? answerOf(0x9000) : answerOf(sw);
    };
    const select = selected({ allowanceBody: { ...body, maxSpent: 0n, softSpent: 0n, ...allowance } });
    const certificate = () => Promise.resolve(signed);
    await payTestPayee(channel, harness.runner(), { config, environment: harness.environment, select, certificate });
    return sent;
  }

  it("is a proof of state and a refusal at the cap, and says that it saw the configuration", async () => {
    expect(await finish(0x9e06)).toEqual([PROVE, PAY]);
    const { data, state } = harness.step("final-tap") ?? { data: {}, state: "begun" };
    expect([state, data["seen"], data["sw"], data["bundle"]]).toEqual(["done", "configuration", "9E06", undefined]);
    expect(decodeStateProof(fromHex(String(data["proof"])))).toMatchObject({ seq: 1, counter: 0 });
  });

  it.each([{ pinAbove: 0n }, { noPinSum: 0n }, { noPinCount: 0 }])(
    "wants the PIN before the cap with %p",
    async (rule) => {
      await expect(finish(0x9e06, rule)).rejects.toMatchObject({ code: "CARD_REFUSED" });
      expect(await finish(0x9e07, rule)).toEqual([PROVE, PAY]);
      expect(harness.step("final-tap")?.data["sw"]).toBe("9E07");
    },
  );

  it("shows the certificate to a card that wants it", async () => {
    expect(await finish(0x9e06, { flags: 1 })).toEqual([PROVE, PRESENT_CERTIFICATE, PAY]);
  });

  it.each([0x9e01, 0x9e02, 0x9e03, 0x9e04, 0x9e05, 0x9e07, 0x9e0c])("is not done by the refusal %p", async (sw) => {
    await expect(finish(sw)).rejects.toMatchObject({ code: "CARD_REFUSED" });
    expect(harness.step("final-tap")?.state).toBe("begun");
  });

  it("is not done by a proof of another key or another allowance", async () => {
    await expect(finish(0x9e06, {}, (command) => proved(command, 1, issuer))).rejects.toMatchObject({
      code: "CARD_CONTRADICTS",
    });
    await expect(finish(0x9e06, {}, (command) => proved(command, 2))).rejects.toMatchObject({
      code: "CARD_CONTRADICTS",
    });
  });
});
