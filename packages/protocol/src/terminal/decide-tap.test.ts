import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import {
  answerOf,
  body,
  cached,
  counting,
  domain,
  heldList,
  issuerKeys,
  makeCard,
  now,
  policy,
  requestFor,
  testSigner,
} from "../testing/fixture.ts";

const day = 86_400;

interface Case {
  readonly policy?: Partial<protocol.TapPolicy>;
  readonly state?: Partial<protocol.CachedState>;
  readonly unsent?: Partial<protocol.CachedState["unsent"]>;
  readonly open?: Partial<protocol.CachedState["open"]>;
  readonly body?: Partial<protocol.AllowanceBody>;
  readonly select?: Partial<protocol.SelectAnswer>;
  readonly amount?: bigint;
  readonly time?: number;
}

async function decide(change: Case): Promise<protocol.TapDecision> {
  const { select } = await makeCard({ body: change.body ?? {}, select: change.select ?? {} });
  const sums = { unsent: { ...cached.unsent, ...change.unsent }, open: { ...cached.open, ...change.open } };
  const state = { ...cached, ...change.state, ...sums };
  return protocol.decideTap(
    { ...policy, ...change.policy },
    state,
    select,
    change.amount ?? 2_500_000n,
    change.time ?? now,
  );
}

async function reasonOf(change: Case): Promise<string> {
  const decision = await decide(change);
  return decision.ok ? "accepted" : decision.reason;
}

const held = (asOf: number): protocol.HeldStatusList[] => [{ ...heldList(), asOf }];

/** Each rule with the last value that passes and the first that does not. */
const boundaries: readonly (readonly [string, Case, Case, protocol.ReasonCode])[] = [
  ["state 0B", {}, { select: { state: protocol.cardStates.suspended } }, "CARD_SUSPENDED"],
  ["state 7F", {}, { select: { state: protocol.cardStates.terminated } }, "CARD_TERMINATED"],
  ["cardTag", {}, { select: { cardTag: counting(1, 8) } }, "DOMAIN_NOT_SERVED"],
  ["no domain", {}, { policy: { domains: [] } }, "DOMAIN_NOT_SERVED"],
  ["chain of the domain", {}, { policy: { domains: [{ ...domain, chainId: 1n }] } }, "DOMAIN_NOT_SERVED"],
  ["issuer key id", {}, { body: { issuerKeyId: 2 } }, "ISSUER_KEY_UNKNOWN"],
  [
    "issuer key",
    {},
    { policy: { issuerKeys: [{ domain, id: 1, publicKey: testSigner("another").publicKey }] } },
    "ALLOWANCE_SIGNATURE_WRONG",
  ],
  [
    "key of another domain",
    {},
    { policy: { issuerKeys: issuerKeys.map((key) => ({ ...key, domain: { ...domain, chainId: 1n } })) } },
    "ISSUER_KEY_UNKNOWN",
  ],
  [
    "body not the signed one",
    {},
    { select: { allowanceBody: { ...body, maxSpent: body.maxSpent + 1n } } },
    "ALLOWANCE_SIGNATURE_WRONG",
  ],
  ["clock confirmed", {}, { state: { clockConfirmed: false } }, "CLOCK_UNCONFIRMED"],
  ["clock floor", { state: { clockFloor: now } }, { state: { clockFloor: now + 1 } }, "CLOCK_BELOW_FLOOR"],
  [
    "clock ahead of a live answer",
    { state: { clockAheadSeconds: 300 } },
    { state: { clockAheadSeconds: 301 } },
    "CLOCK_AHEAD",
  ],
  [
    "clock behind a live answer",
    { state: { clockAheadSeconds: -300 } },
    { state: { clockAheadSeconds: -301 } },
    "CLOCK_BEHIND",
  ],
  ["conviction", { state: { convicted: false } }, { state: { convicted: true } }, "STATUS_REVOKED"],
  [
    "certificate withdrawn",
    { state: { withdrawnFrom: now + 1 } },
    { state: { withdrawnFrom: now } },
    "CERTIFICATE_WITHDRAWN",
  ],
  [
    "certificate withdrawn long ago",
    { state: { withdrawnFrom: null } },
    { state: { withdrawnFrom: 0 } },
    "CERTIFICATE_WITHDRAWN",
  ],
  [
    "certificate begins",
    { policy: { certificate: { notBefore: now, notAfter: now } } },
    { policy: { certificate: { notBefore: now + 1, notAfter: now + 2 } } },
    "CERTIFICATE_NOT_VALID",
  ],
  [
    "certificate ends",
    { policy: { certificate: { notBefore: 0, notAfter: now } } },
    { policy: { certificate: { notBefore: 0, notAfter: now - 1 } } },
    "CERTIFICATE_NOT_VALID",
  ],
  ["notBefore", { body: { notBefore: now } }, { body: { notBefore: now + 1 } }, "ALLOWANCE_NOT_YET_VALID"],
  ["notAfter", { body: { notAfter: now } }, { body: { notAfter: now - 1 } }, "ALLOWANCE_EXPIRED"],
  ["a list is held", {}, { state: { statusLists: [] } }, "STATUS_LIST_MISSING"],
  [
    "a list of this domain",
    {},
    { state: { statusLists: [{ ...heldList(), head: { ...heldList().head, domain: { ...domain, chainId: 1n } } }] } },
    "STATUS_LIST_MISSING",
  ],
  [
    "age S",
    { state: { statusLists: held(now - 7 * day) } },
    { state: { statusLists: held(now - 7 * day - 1) } },
    "STATUS_LIST_TOO_OLD",
  ],
  [
    "age + U + C < W",
    {
      policy: { freshness: { ...protocol.defaultFreshness, listAgeSeconds: 10 * day } },
      state: { statusLists: held(now - 8 * day + 1) },
    },
    {
      policy: { freshness: { ...protocol.defaultFreshness, listAgeSeconds: 10 * day } },
      state: { statusLists: held(now - 8 * day) },
    },
    "STATUS_LIST_TOO_OLD",
  ],
  ["card index", { body: { cardIndex: 8 } }, { body: { cardIndex: 9 } }, "CARD_NOT_IN_LIST"],
  ["largest card index", {}, { body: { cardIndex: 0xffffffff } }, "CARD_NOT_IN_LIST"],
  [
    "status 1",
    { state: { statusLists: [heldList({ 4: 1, 6: 1 })] } },
    { state: { statusLists: [heldList({ 5: 1 })] } },
    "STATUS_SUSPENDED",
  ],
  [
    "status 2",
    { state: { statusLists: [heldList({ 4: 2, 6: 2 })] } },
    { state: { statusLists: [heldList({ 5: 2 })] } },
    "STATUS_REVOKED",
  ],
  [
    "status 3",
    { state: { statusLists: [heldList({ 4: 3, 6: 3 })] } },
    { state: { statusLists: [heldList({ 5: 3 })] } },
    "STATUS_LOST",
  ],
  [
    "class 1",
    { body: { flags: 2 } },
    { body: { flags: 2 }, policy: { assuranceClasses: [0] } },
    "ASSURANCE_CLASS_REFUSED",
  ],
  [
    "class 3, even where policy names it",
    {},
    { body: { flags: 6 }, policy: { assuranceClasses: [0, 1, 2, 3] } },
    "ASSURANCE_CLASS_REFUSED",
  ],
  [
    "class 2 within the guaranteed sum",
    { body: { flags: 4 }, policy: { softwareSum: 3_000_000n }, open: { softwareSum: 500_000n } },
    { body: { flags: 4 }, policy: { softwareSum: 3_000_000n }, open: { softwareSum: 500_001n } },
    "SOFTWARE_NOT_GUARANTEED",
  ],
  ["class 2 without a guarantee", {}, { body: { flags: 4 }, amount: 1n }, "SOFTWARE_NOT_GUARANTEED"],
  ["category", {}, { policy: { category: 13 } }, "CATEGORY_NOT_ALLOWED"],
  [
    "category 63",
    { body: { categories: 1n << 63n }, policy: { category: 63 } },
    { body: { categories: (1n << 63n) - 1n }, policy: { category: 63 } },
    "CATEGORY_NOT_ALLOWED",
  ],
  ["terminal's perTap", { policy: { perTap: 2_500_000n } }, { policy: { perTap: 2_499_999n } }, "TERMINAL_PER_TAP"],
  ["unsent sum", { unsent: { sum: 97_500_000n } }, { unsent: { sum: 97_500_001n } }, "TERMINAL_UNSENT_SUM"],
  ["unsent count", { unsent: { count: 9 } }, { unsent: { count: 10 } }, "TERMINAL_UNSENT_COUNT"],
  [
    "age of the oldest unsent",
    { unsent: { oldestTime: now - 6.5 * day + 1 } },
    { unsent: { oldestTime: now - 6.5 * day } },
    "TERMINAL_UNSENT_AGE",
  ],
  [
    "sum of the card's open payments",
    { open: { cardSum: 47_500_000n } },
    { open: { cardSum: 47_500_001n } },
    "TERMINAL_CARD_SUM",
  ],
  [
    "perCardSum itself",
    { policy: { perCardSum: 2_500_000n } },
    { policy: { perCardSum: 2_499_999n } },
    "TERMINAL_CARD_SUM",
  ],
];

describe("decideTap (spec §5.4)", () => {
  it("accepts a card that meets every rule, and names its domain, address and class", async () => {
    const { signer } = await makeCard();
    await expect(decide({})).resolves.toEqual({
      ok: true,
      domain,
      card: protocol.addressOfKey(signer.publicKey),
      assuranceClass: 0,
      goOnline: false,
    });
  });

  it.each(boundaries)(
    "%s: the last value that passes and the first that does not",
    async (_rule, passes, fails, reason) => {
      expect(await reasonOf(passes)).toBe("accepted");
      expect(await reasonOf(fails)).toBe(reason);
    },
  );

  it("asks the terminal to go online above softSpent, not at it", async () => {
    const at = { body: { softSpent: 2_500_001n } };
    expect(await decide(at)).toMatchObject({ ok: true, goOnline: false });
    expect(await decide({ ...at, amount: 2_500_001n })).toMatchObject({ ok: true, goOnline: true });
  });

  it("does not judge the caps that are the card's to refuse", async () => {
    expect(await reasonOf({ body: { maxSpent: 0n, maxCounter: 0, perTap: 0n, noPinCount: 0 } })).toBe("accepted");
  });

  it("refuses a card that shows the last number that there is, because PAY can ask for none above it", async () => {
    expect(await reasonOf({ select: { counter: protocol.MAX_U32 } })).toBe("CARD_COUNTER_CAP");
    expect(await reasonOf({ select: { counter: protocol.MAX_U32 - 1 } })).toBe("accepted");
  });

  it("names the first rule that does not hold when all fail at once", async () => {
    const order: (readonly [Case, protocol.ReasonCode])[] = [
      [{ select: { state: protocol.cardStates.suspended } }, "CARD_SUSPENDED"],
      [{ policy: { issuerKeys: [] } }, "ISSUER_KEY_UNKNOWN"],
      [{ state: { clockConfirmed: false } }, "CLOCK_UNCONFIRMED"],
      [{ state: { clockFloor: now + 1 } }, "CLOCK_BELOW_FLOOR"],
      [{ state: { clockAheadSeconds: 301 } }, "CLOCK_AHEAD"],
      [{ state: { withdrawnFrom: now } }, "CERTIFICATE_WITHDRAWN"],
      [{ policy: { certificate: { notBefore: now + 1, notAfter: now + 1 } } }, "CERTIFICATE_NOT_VALID"],
      [{ body: { notAfter: now - 1 } }, "ALLOWANCE_EXPIRED"],
      [{ state: { statusLists: [heldList({ 5: 3 })] } }, "STATUS_LOST"],
      [{ policy: { assuranceClasses: [] } }, "ASSURANCE_CLASS_REFUSED"],
      [{ policy: { category: 1 } }, "CATEGORY_NOT_ALLOWED"],
      [{ policy: { perTap: 0n } }, "TERMINAL_PER_TAP"],
      [{ unsent: { sum: 100_000_000n } }, "TERMINAL_UNSENT_SUM"],
      [{ unsent: { count: 10 } }, "TERMINAL_UNSENT_COUNT"],
      [{ unsent: { oldestTime: 0 } }, "TERMINAL_UNSENT_AGE"],
      [{ policy: { perCardSum: 0n } }, "TERMINAL_CARD_SUM"],
    ];
    for (let index = 0; index < order.length; index += 1) {
      const rest = order.slice(index);
      const merged: Case = {
        policy: Object.assign({}, ...rest.map(([change]) => change.policy)),
        state: Object.assign({}, ...rest.map(([change]) => change.state)),
        unsent: Object.assign({}, ...rest.map(([change]) => change.unsent)),
        body: Object.assign({}, ...rest.map(([change]) => change.body)),
        select: Object.assign({}, ...rest.map(([change]) => change.select)),
      };
      expect(await reasonOf(merged)).toBe(order[index]?.[1]);
    }
  });

  it.each([
    [0n, now],
    [-1n, now],
    [1n << 48n, now],
    [1n, -1],
    [1n, 1.5],
    [1n, 2 ** 32],
  ])("throws for the amount %s at time %s", async (amount, time) => {
    await expect(decide({ amount, time })).rejects.toMatchObject({ code: "OUT_OF_RANGE" });
  });

  it("refuses a card whose key is no point, and one that borrows another card's allowance", async () => {
    const { select } = await makeCard();
    const noPoint = Uint8Array.of(2, ...new Uint8Array(31), 5);
    const lying = { ...select, cardKey: noPoint, cardTag: protocol.cardTag(domain, noPoint) };
    expect(protocol.decideTap(policy, cached, lying, 1n, now)).toEqual({ ok: false, reason: "CARD_KEY_INVALID" });
    const thief = testSigner("thief").publicKey;
    const borrowed = { ...select, cardKey: thief, cardTag: protocol.cardTag(domain, thief) };
    expect(protocol.decideTap(policy, cached, borrowed, 1n, now)).toEqual({
      ok: false,
      reason: "ALLOWANCE_SIGNATURE_WRONG",
    });
  });
});

describe("checkVoucher (spec §5.4)", () => {
  async function tap(
    change: Partial<protocol.PaidTap> = {},
    lies: Parameters<typeof answerOf>[2] = {},
    card?: Awaited<ReturnType<typeof makeCard>>,
  ) {
    const used = card ?? (await makeCard());
    const request = change.request ?? requestFor(used.select);
    const answer = await answerOf(used, request, lies);
    return protocol.checkVoucher({
      domain,
      select: used.select,
      request,
      answer,
      observations: [],
      pinVerified: false,
      ...change,
    });
  }

  it("accepts an honest card and bundles what an upload needs", async () => {
    const verdict = await tap();
    if (!verdict.ok) throw new Error(verdict.reason);
    const again = protocol.decodeVoucherBundle(protocol.encodeVoucherBundle(verdict.voucher.bundle));
    expect(protocol.judgeVoucher(again, { checks: protocol.createSignatureChecks(issuerKeys) })).toMatchObject({
      worth: "promised",
      voucher: { id: verdict.voucher.id, card: verdict.voucher.card },
    });
  });

  it.each([
    ["counter", { counter: 3 }, "COUNTER_MISMATCH"],
    ["spent one less", { spent: 2_500_000n }, "SPENT_MISMATCH"],
    ["spent one more", { spent: 2_500_002n }, "SPENT_MISMATCH"],
    ["seq older", { allowanceSeq: 6 }, "SEQ_MISMATCH"],
    ["seq newer", { allowanceSeq: 8 }, "SEQ_MISMATCH"],
    ["link", { link: counting(0x22, 32) }, "LINK_MISMATCH"],
    ["a PIN that nobody entered", { cvm: 1 as const }, "CVM_MISMATCH"],
  ])("names the lie of a card in %s, and keeps its voucher as evidence", async (_field, lies, reason) => {
    const verdict = await tap({}, lies);
    expect(verdict).toMatchObject({ ok: false, reason });
    expect(verdict.voucher).not.toBeNull();
  });

  it("compares with every earlier observation, and not only with the first", async () => {
    const agreeing = {
      counter: 1,
      amount: 1n,
      spent: 1n,
      allowanceSeq: 7,
      link: new Uint8Array(32),
      messageHash: counting(0x21, 32),
    };
    const contradicting = { ...agreeing, counter: 5, spent: 5n };
    expect(await tap({ observations: [agreeing] })).toMatchObject({ ok: true });
    for (const observations of [
      [agreeing, contradicting],
      [contradicting, agreeing],
    ])
      expect(await tap({ observations })).toMatchObject({ ok: false, reason: "SIGHTING_MISMATCH" });
  });

  it("says that the signature is wrong when the card signed other bytes than were asked", async () => {
    const card = await makeCard();
    const request = requestFor(card.select);
    for (const asked of [
      { ...request, amount: request.amount + 1n },
      { ...request, payee: protocol.toAddress(counting(1, 20)) },
      { ...request, challenge: counting(0x41, 16) },
      { ...request, time: request.time + 1 },
      { ...request, terminalId: counting(0xa2, 8) },
      { ...request, category: 13 },
    ]) {
      const answer = await answerOf(card, asked);
      const verdict = protocol.checkVoucher({
        domain,
        select: card.select,
        request,
        answer,
        observations: [],
        pinVerified: false,
      });
      expect(verdict).toEqual({ ok: false, reason: "VOUCHER_SIGNATURE_WRONG", voucher: null });
    }
    const answer = await answerOf(card, request);
    const elsewhere = { ...domain, chainId: 1n };
    expect(
      protocol.checkVoucher({
        domain: elsewhere,
        select: card.select,
        request,
        answer,
        observations: [],
        pinVerified: false,
      }).ok,
    ).toBe(false);
    const other = await answerOf({ ...card, signer: testSigner("another") }, request);
    expect(
      protocol.checkVoucher({
        domain,
        select: card.select,
        request,
        answer: other,
        observations: [],
        pinVerified: false,
      }),
    ).toMatchObject({ reason: "VOUCHER_SIGNATURE_WRONG" });
  });

  it("refuses an answer that is checked against a SELECT which does not precede it", async () => {
    const card = await makeCard();
    const request = { ...requestFor(card.select), counter: card.select.counter + 2 };
    expect(await tap({ request }, {}, card)).toMatchObject({ ok: false, reason: "COUNTER_MISMATCH" });
  });

  const caps: readonly (readonly [
    string,
    Partial<protocol.AllowanceBody>,
    Partial<protocol.AllowanceBody>,
    protocol.ReasonCode,
  ])[] = [
    ["notBefore", { notBefore: now }, { notBefore: now + 1 }, "OVER_VALIDITY"],
    ["notAfter", { notAfter: now }, { notAfter: now - 1 }, "OVER_VALIDITY"],
    ["category", {}, { categories: ~(1n << 12n) & protocol.MAX_U64 }, "OVER_CATEGORY"],
    ["perTap", { perTap: 2_500_000n }, { perTap: 2_499_999n }, "OVER_PER_TAP"],
    ["pinAbove", { pinAbove: 2_500_000n }, { pinAbove: 2_499_999n }, "OVER_NO_PIN"],
    ["noPinSum", { noPinSum: 2_500_001n }, { noPinSum: 2_500_000n }, "OVER_NO_PIN"],
    ["noPinCount", { noPinCount: 2 }, { noPinCount: 1 }, "OVER_NO_PIN"],
    ["maxCounter", { maxCounter: 2 }, { maxCounter: 1 }, "OVER_COUNTER"],
    ["maxSpent", { maxSpent: 2_500_001n }, { maxSpent: 2_500_000n }, "OVER_MAX_SPENT"],
  ];
  it.each(caps)("holds the card to its cap %s, at the boundary", async (_cap, kept, broken, reason) => {
    expect(await tap({}, {}, await makeCard({ body: kept }))).toMatchObject({ ok: true });
    expect(await tap({}, {}, await makeCard({ body: broken }))).toMatchObject({ ok: false, reason });
  });

  it("does not ask for a PIN where one was verified", async () => {
    const card = await makeCard({ body: { pinAbove: 0n, noPinSum: 0n, noPinCount: 0 } });
    expect(await tap({ pinVerified: true }, { cvm: 1 }, card)).toMatchObject({ ok: true });
  });
});
