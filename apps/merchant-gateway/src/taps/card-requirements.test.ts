import { describe, expect, it } from "@jest/globals";
import { ReaderError } from "@tallystick/apdu";
import { cardTag, encodePayRequest, instanceAid, type PayRequest, type SelectAnswer } from "@tallystick/protocol";
import {
  allowanceBody,
  domain,
  issuer,
  payee,
  signCertificate,
  START,
  terminalId,
} from "../../test/harness/test-terminal.ts";
import type { GivenCertificate } from "../config/gateway-config.ts";
import type { TapCard } from "../reader/tap-card.ts";
import { meetCardRequirements } from "./card-requirements.ts";
import type { Chosen } from "./choose-instance.ts";

const pin = Uint8Array.of(1, 2, 3, 4);
const certificate = { certificate: new Uint8Array(163), signature: new Uint8Array(64) };

/** A card that answers what a test gives, and what it was asked. */
function cardOf(answers: {
  readonly certificate?: Awaited<ReturnType<TapCard["presentCertificate"]>> | Error;
  readonly pin?: Awaited<ReturnType<TapCard["verifyPin"]>> | Error;
}) {
  const asked: unknown[] = [];
  const say = <T>(what: unknown, answer: T | Error | undefined) => {
    asked.push(what);
    if (answer === undefined) return Promise.reject(new Error("nobody expected this"));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const card = {
    presentCertificate: (shown: unknown) => say(shown, answers.certificate),
    verifyPin: (use: unknown) => say(use, answers.pin),
  } as unknown as TapCard;
  return { card, asked };
}

/** Asks of a card that wants a certificate, a PIN above 1.00, or neither. */
async function meet(
  answers: Parameters<typeof cardOf>[0],
  { amount = 1n, entered = null as Uint8Array | null, flags = 0, held = certificate as GivenCertificate | null } = {},
) {
  const select: SelectAnswer = {
    ...{ aid: instanceAid(1), version: 1, state: 7, cardTag: cardTag(domain, issuer.publicKey) },
    ...{ cardKey: issuer.publicKey, allowanceBody: { ...allowanceBody, pinAbove: 1_000_000n, flags } },
    ...{ allowanceSignature: new Uint8Array(64), counter: 0, spent: 0n, noPinUsed: 0n, noPinTaps: 0 },
    head: new Uint8Array(32),
  };
  const pay: PayRequest = {
    ...{ cardTag: select.cardTag, counter: 1, payee, amount, time: START, challenge: new Uint8Array(16) },
    ...{ terminalId, category: 12 },
  };
  const { card, asked } = cardOf(answers);
  const drawn: number[] = [];
  const randomBytes = (length: number) => new Uint8Array(length).fill(drawn.push(length));
  const chosen = { select, policy: { served: { domain, certificate: held } } } as unknown as Chosen;
  const outcome = await meetCardRequirements(card, chosen, {
    request: encodePayRequest(pay),
    pin: entered,
    randomBytes,
  });
  return { outcome, asked, drawn, pay };
}

describe("what a card requires before PAY", () => {
  it("is nothing where it asks for no certificate and no PIN was entered", async () => {
    expect(await meet({})).toMatchObject({ outcome: { ok: true, pinVerified: false }, asked: [] });
    expect(await meet({}, { amount: 2_000_000n })).toMatchObject({ outcome: { pinVerified: false }, asked: [] });
  });

  it("never is a PIN where the PIN rule asks for none, though one was entered", async () => {
    expect(await meet({}, { amount: 1_000_000n, entered: pin })).toMatchObject({
      ...{ outcome: { ok: true, pinVerified: false }, asked: [], drawn: [] },
    });
  });

  it("is the PIN for this very request, in a session with fresh secrets", async () => {
    const { outcome, asked, drawn, pay } = await meet({ pin: null }, { amount: 1_000_001n, entered: pin });
    expect(outcome).toEqual({ ok: true, pinVerified: true });
    const terminal = {
      ...{ domain, cardKey: issuer.publicKey },
      ...{ challenge: new Uint8Array(16).fill(1), ephemeralSecret: new Uint8Array(32).fill(2) },
    };
    expect(asked).toEqual([{ terminal, pin, request: pay }]);
    expect(drawn).toEqual([16, 32]);
  });

  it("is refused with the card's word where it does not take the PIN", async () => {
    const refusal = { code: "PIN_WRONG", sw: "63C2" } as never;
    const { outcome } = await meet({ pin: refusal }, { amount: 1_000_001n, entered: pin });
    expect(outcome).toEqual({ ok: false, code: "PIN_WRONG", sw: "63C2" });
  });

  it("is the merchant's certificate, before a PIN, where the allowance demands one", async () => {
    const both = { certificate: null, pin: null };
    const { outcome, asked } = await meet(both, { amount: 1_000_001n, entered: pin, flags: 1 });
    expect(outcome).toEqual({ ok: true, pinVerified: true });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(certificate);
    expect(await meet({ certificate: null }, { flags: 1 })).toMatchObject({
      outcome: { ok: true, pinVerified: false },
    });
    expect(await meet({}, { flags: 1, held: null })).toMatchObject({ outcome: { ok: true }, asked: [] });
  });

  it("is the certificate by the issuer key that the card holds, where several keys sign", async () => {
    const [own, other] = [await signCertificate({ issuerKeyId: 2 }), await signCertificate()];
    const shown = async (held: GivenCertificate) => (await meet({ certificate: null }, { flags: 1, held })).asked[0];
    expect(await shown({ ...own, others: [other] })).toBe(other);
    const first = { ...other, others: [own] };
    expect(await shown(first)).toBe(first);
    const neither = { ...own, others: [await signCertificate({ issuerKeyId: 3 })] };
    expect(await shown(neither)).toBe(neither);
  });

  it("ends with the certificate where the card does not believe it: no PIN is sent", async () => {
    const refusal = { code: "CERTIFICATE_REFUSED", sw: "9E0B" } as never;
    const { outcome, asked } = await meet({ certificate: refusal }, { amount: 1_000_001n, entered: pin, flags: 1 });
    expect(outcome).toEqual({ ok: false, code: "CERTIFICATE_REFUSED", sw: "9E0B" });
    expect(asked).toHaveLength(1);
  });

  it("names how the card went away, and that it was torn where nobody knows", async () => {
    const gone = new ReaderError("CARD_REMOVED", { reader: "r" });
    const wanted = { amount: 1_000_001n, entered: pin };
    expect((await meet({ pin: gone }, wanted)).outcome).toEqual({ ok: false, code: "CARD_REMOVED", sw: null });
    expect((await meet({ pin: new Error("?") }, wanted)).outcome).toEqual({ ok: false, code: "TORN", sw: null });
    expect((await meet({ certificate: gone }, { flags: 1 })).outcome).toMatchObject({ code: "CARD_REMOVED" });
  });
});
