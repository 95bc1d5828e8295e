import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import {
  answerOf,
  body,
  cached,
  counting,
  domain,
  makeCard,
  now,
  policy,
  requestFor,
  testSigner,
} from "../testing/fixture.ts";

/**
 * What the terminal saw of this card before: its first payment, as the honest SELECT of the fixture
 * shows it.
 */
const first: protocol.CardObservation = {
  counter: 1,
  amount: 1n,
  spent: 1n,
  allowanceSeq: 7,
  link: new Uint8Array(32),
  messageHash: counting(0x21, 32),
};

/** The two forms in which a terminal asks (spec §5.16). */
type Form = "long" | "short";

/** What a terminal that knows the card takes its short answer for; null where it asks in the long form. */
function rebuilt(shown: protocol.SelectAnswer, known: protocol.SelectAnswer): protocol.SelectAnswer | null {
  const bytes = protocol.encodeShortSelectAnswer(protocol.shortSelectAnswer(shown));
  return protocol.rebuildSelectAnswer(protocol.decodeShortSelectAnswer(bytes), known);
}

/**
 * Runs a whole tap of a card that lies in SELECT and pays consistently with its lie; "long form" where a
 * terminal does not go on in the short one.
 */
async function tapWith(
  lie: Partial<protocol.SelectAnswer>,
  observations: readonly protocol.CardObservation[] = [first],
  form: Form = "long",
): Promise<string> {
  const { signer, select } = await makeCard();
  const lying = { ...select, ...lie };
  const seen = form === "long" ? lying : rebuilt(lying, select);
  if (seen === null) return "long form";
  const decision = protocol.decideTap(policy, cached, seen, 2_500_000n, now);
  if (!decision.ok) return decision.reason;
  const request = requestFor(seen);
  const signed = await answerOf({ signer, select: lying }, request);
  const bytes = protocol.encodeShortPayAnswer(signed);
  const answer =
    form === "long"
      ? signed
      : protocol.rebuildPayAnswer(protocol.decodeShortPayAnswer(bytes), { select: seen, request });
  const verdict = protocol.checkVoucher({ domain, select: seen, request, answer, observations, pinVerified: false });
  return verdict.ok ? "accepted" : verdict.reason;
}

describe("a card that lies in one field of SELECT and pays as if it were true", () => {
  it("is accepted when it does not lie", async () => {
    expect(await tapWith({})).toBe("accepted");
    expect(await tapWith({}, [first], "short")).toBe("accepted");
  });

  it.each<[string, Partial<protocol.SelectAnswer>, string, string?]>([
    ["state suspended", { state: protocol.cardStates.suspended }, "CARD_SUSPENDED"],
    ["state terminated", { state: protocol.cardStates.terminated }, "CARD_TERMINATED"],
    ["cardTag", { cardTag: counting(1, 8) }, "DOMAIN_NOT_SERVED"],
    // The short form says neither key nor body: the terminal's own are true.
    ["card key without its tag", { cardKey: testSigner("thief").publicKey }, "DOMAIN_NOT_SERVED", "accepted"],
    [
      "card key with its tag",
      { cardKey: testSigner("thief").publicKey, cardTag: protocol.cardTag(domain, testSigner("thief").publicKey) },
      "ALLOWANCE_SIGNATURE_WRONG",
      "DOMAIN_NOT_SERVED",
    ],
    ["maxSpent", { allowanceBody: { ...body, maxSpent: body.maxSpent + 1n } }, "ALLOWANCE_SIGNATURE_WRONG", "accepted"],
    ["card index", { allowanceBody: { ...body, cardIndex: 4 } }, "ALLOWANCE_SIGNATURE_WRONG", "accepted"],
    ["seq", { allowanceBody: { ...body, seq: 8 } }, "ALLOWANCE_SIGNATURE_WRONG", "long form"],
    ["seq, an older one", { allowanceBody: { ...body, seq: 6 } }, "ALLOWANCE_SIGNATURE_WRONG", "long form"],
    ["issuer signature", { allowanceSignature: counting(0, 64) }, "ALLOWANCE_SIGNATURE_WRONG", "accepted"],
    ["counter again", { counter: 0, spent: 0n, head: new Uint8Array(32) }, "COUNTER_USED_TWICE"],
    ["counter ahead without spending", { counter: 5 }, "SPENT_MISMATCH"],
    ["counter ahead, too little spent", { counter: 5, spent: 4n }, "SPENT_MISMATCH"],
    ["spent one less", { spent: 0n }, "SPENT_MISMATCH"],
    ["spent one more", { spent: 2n }, "SIGHTING_MISMATCH"],
    ["head", { head: counting(0x22, 32) }, "SIGHTING_MISMATCH"],
    ["noPinUsed above the cap", { noPinUsed: body.noPinSum }, "OVER_NO_PIN"],
    ["noPinTaps at the cap", { noPinTaps: body.noPinCount }, "OVER_NO_PIN"],
  ])("is named for its %s", async (_field, lie, reason, inShort = reason) => {
    expect(await tapWith(lie)).toBe(reason);
    expect(await tapWith(lie, [first], "short")).toBe(inShort);
  });

  it("about a seq that is remembered, and signs its own, is named by its full answer", async () => {
    const { signer, select } = await makeCard();
    const request = requestFor(select);
    const signed = await answerOf({ signer, select }, request, { allowanceSeq: body.seq - 1 });
    const short = protocol.decodeShortPayAnswer(protocol.encodeShortPayAnswer(signed));
    const paid = { domain, select, request, observations: [first], pinVerified: false };
    const verdicts = [protocol.rebuildPayAnswer(short, { select, request }), signed].map((answer) =>
      protocol.checkVoucher({ ...paid, answer }),
    );
    expect(verdicts).toMatchObject([{ reason: "VOUCHER_SIGNATURE_WRONG" }, { reason: "SEQ_MISMATCH" }]);
  });

  it.each<[string, Partial<protocol.SelectAnswer>, readonly protocol.CardObservation[]]>([
    [
      "a first meeting hides an older counter: settlement finds the fork, the issuer bears it",
      { counter: 0, spent: 0n, head: new Uint8Array(32) },
      [],
    ],
    [
      "a counter ahead with just enough spent: settlement misses the vouchers between, and pays nothing for them",
      { counter: 5, spent: 5n },
      [first],
    ],
    ["a first meeting hides what was spent: settlement finds the gap, the issuer bears it", { spent: 3n }, []],
    ["a head nobody can check at a first meeting: settlement finds the broken chain", { head: counting(9, 32) }, []],
    [
      "no-PIN sums made small: the caps of the allowance bound the loss, the issuer bears it",
      { noPinUsed: 0n, noPinTaps: 0 },
      [first],
    ],
    ["the instance's AID: it names nothing that is paid", { aid: protocol.instanceAid(9) }, [first]],
  ])("cannot be named by the terminal, and the loss is the issuer's: %s", async (_lie, lie, observations) => {
    expect(await tapWith(lie, observations)).toBe("accepted");
    expect(await tapWith(lie, observations, "short")).toBe("accepted");
  });
});
