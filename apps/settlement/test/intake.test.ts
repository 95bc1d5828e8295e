import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  cardTag,
  createSigner,
  digestOf,
  encodeAllowance,
  toHex,
  type VoucherBundle,
} from "@tallystick/protocol";
import { certifiedTerminal } from "./harness/issued.ts";
import { eventsTold } from "./harness/promql/events-told.ts";
import {
  createHarness,
  type TestAnswer,
  type TestService,
  type SettlementHarness,
  IN_A_THREAD,
} from "./harness/settlement-harness.ts";
import { idOf, TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

describe("POST /v1/uploads", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness();
    // No workers: what intake stores stays as it was stored.
    service = await harness.start(await harness.createDatabase(), { roles: ["api"], ...IN_A_THREAD });
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  /**
   * A card with an allowance signed by the issuer's key, outside the funding rule: intake judges
   * signatures alone.
   */
  async function card(change: Record<string, unknown> = {}): Promise<TestCard> {
    const made = new TestCard(harness.domain);
    const now = Math.floor(Date.now() / 1_000);
    const body = {
      issuerKeyId: 1,
      seq: 1,
      maxSpent: 50_000_000n,
      softSpent: 50_000_000n,
      maxCounter: 1_024,
      perTap: 10_000_000n,
      pinAbove: 10_000_000n,
      noPinSum: 50_000_000n,
      noPinCount: 200,
      notBefore: now - 86_400,
      notAfter: now + 86_400,
      cardIndex: 0,
      categories: 0xffffn,
      flags: 0,
      ...change,
    };
    const digest = digestOf(encodeAllowance({ domain: harness.domain, card: made.address, body }));
    made.allowance = { body, signature: await service.platform.issuer.sign(digest) };
    return made;
  }

  const payment = (change: Record<string, unknown> = {}) => ({
    payee: terminal.payee,
    amount: 1_000_000n,
    terminalId: terminal.terminalId,
    ...change,
  });
  const send = (body: unknown): Promise<TestAnswer> => service.call("POST", "/v1/uploads", { body });
  const statuses = (answer: TestAnswer): string[] =>
    answer.body.results.map((result: { status: string }) => result.status);
  const codes = (answer: TestAnswer): (string | null)[] =>
    answer.body.results.map((result: { code: string | null }) => result.code);
  const state = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const held = async () => (await service.call("GET", "/v1/queues")).body;
  const postedHolds = async () => {
    const { rows } = await service.platform.pool.query(
      "select count(*)::int as n from ledger_transfers where kind = 'hold'",
    );
    return (rows[0] as { n: number }).n;
  };

  it("answers in the body's order and stores each voucher with its hold once", async () => {
    const [one, two] = [await card(), await card()];
    const bundles = [await one.pay(payment()), await two.pay(payment()), await one.pay(payment())];
    const before = await postedHolds();
    const upload = await terminal.upload({ vouchers: bundles });
    const first = await send(upload);
    expect(first.status).toBe(200);
    expect(first.body.results.map((result: { voucherId: string }) => result.voucherId)).toEqual(bundles.map(idOf));
    expect(statuses(first)).toEqual(["new", "new", "new"]);
    expect(statuses(await send(upload))).toEqual(["duplicate", "duplicate", "duplicate"]);
    expect(await postedHolds()).toBe(before + 3);
    expect(await state(bundles[0] as VoucherBundle)).toEqual({
      ...{ state: "received", code: null, waits: null, batch: null, tx: null },
      ...{ amount: "1.00", reversed: false, owes: null, refunded: "0.00", refunds: [] },
    });
  });

  it("knows a voucher that comes again in another upload, and twice in one", async () => {
    const one = await card();
    const bundle = await one.pay(payment());
    expect(statuses(await send(await terminal.upload({ vouchers: [bundle, bundle] })))).toEqual(["new", "duplicate"]);
    expect(statuses(await send(await terminal.upload({ vouchers: [bundle] })))).toEqual(["duplicate"]);
  });

  it("gives one upload sent ten times at once one effect", async () => {
    const one = await card();
    const bundles = await Promise.all([one.pay(payment())]);
    const before = await postedHolds();
    const upload = await terminal.upload({ vouchers: bundles });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(upload)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(answers.flatMap(statuses).sort()).toEqual([...Array.from({ length: 9 }, () => "duplicate"), "new"]);
    expect(await postedHolds()).toBe(before + 1);
  });

  it("finds a fork, keeps both messages and revokes the card", async () => {
    const honest = await card();
    const clone = honest.clone();
    const [first, second] = [await honest.pay(payment()), await clone.pay(payment({ amount: 2_000_000n }))];
    expect(statuses(await send(await terminal.upload({ vouchers: [first, second] })))).toEqual(["new", "forked"]);
    const { body } = await service.call("GET", "/v1/forks");
    const fork = body.forks.find((found: { card: string }) => found.card === toHex(honest.address));
    expect(fork).toMatchObject({
      counter: 1,
      vouchers: [idOf(first), idOf(second)].sort(),
      paid: null,
      bearer: "issuer",
    });
    expect(fork.evidence.map((part: { state: string }) => part.state).sort()).toEqual(["forked", "received"]);
    expect((await state(second)).state).toBe("forked");
  });

  it("finds a fork between uploads that arrive at once: exactly one is first", async () => {
    for (let round = 0; round < 5; round += 1) {
      const honest = await card();
      const clone = honest.clone();
      const uploads = [
        await terminal.upload({ vouchers: [await honest.pay(payment())] }),
        await terminal.upload({ vouchers: [await clone.pay(payment({ amount: 2_000_000n }))] }),
      ];
      const answers = await Promise.all(uploads.map(send));
      expect(answers.flatMap(statuses).sort()).toEqual(["forked", "new"]);
    }
  });

  it("takes many uploads of the same cards at once without one failing", async () => {
    const cards = await Promise.all(Array.from({ length: 6 }, () => card()));
    const uploads = [];
    for (let round = 0; round < 6; round += 1) {
      const order = round % 2 === 0 ? cards : [...cards].reverse();
      const vouchers = [];
      for (const one of order) vouchers.push(await one.pay(payment()));
      uploads.push(await terminal.upload({ vouchers }));
    }
    const answers = await Promise.all(uploads.map(send));
    expect(answers.flatMap(statuses)).toEqual(Array.from({ length: 36 }, () => "new"));
  });

  it("convicts a card whose voucher does not follow the one before it, whichever arrives first", async () => {
    const anomaliesOf = async (made: TestCard) => {
      const { anomalies } = await held();
      return anomalies.filter(
        ({ kind, detail }: { kind: string; detail: string }) =>
          kind === "CARD_CONTRADICTION" && detail.includes(toHex(made.address)),
      );
    };
    for (const [name, spoil] of [
      ["link", (made: TestCard) => (made.head = Buffer.alloc(32, 9))],
      ["spent", (made: TestCard) => (made.spent -= 1n)],
    ] as const) {
      for (const reversed of [false, true]) {
        const made = await card();
        const first = await made.pay(payment());
        spoil(made);
        const second = await made.pay(payment());
        for (const bundle of reversed ? [second, first] : [first, second]) {
          expect(statuses(await send(await terminal.upload({ vouchers: [bundle] })))).toEqual(["new"]);
        }
        expect([name, reversed, (await anomaliesOf(made)).length]).toEqual([name, reversed, 1]);
      }
    }
    const honest = await card();
    const bundles = [await honest.pay(payment()), await honest.pay(payment()), await honest.pay(payment())];
    await send(await terminal.upload({ vouchers: bundles.slice(1) }));
    await send(await terminal.upload({ vouchers: bundles.slice(0, 1) }));
    expect(await anomaliesOf(honest)).toEqual([]);
  });

  it("records a broken chain of uploads and takes the vouchers all the same", async () => {
    const broken = await certifiedTerminal(harness, service);
    const one = await card();
    const pay = (amount: bigint) => one.pay(payment({ payee: broken.payee, terminalId: broken.terminalId, amount }));
    await send(await broken.upload({ vouchers: [await pay(1n)] }));
    // The journal was restored from an old copy: the same sequence number, another body.
    broken.seq = 1;
    broken.head = new Uint8Array(32);
    expect(statuses(await send(await broken.upload({ vouchers: [await pay(2n)] })))).toEqual(["new"]);
    broken.seq = 7;
    expect(statuses(await send(await broken.upload({ vouchers: [await pay(3n)] })))).toEqual(["new"]);
    broken.seq = 8;
    broken.head = randomBytes(32);
    expect(statuses(await send(await broken.upload({ vouchers: [await pay(4n)] })))).toEqual(["new"]);
    const { anomalies } = await held();
    const kinds = anomalies
      .filter(({ payee }: { payee: string }) => payee === toHex(broken.payee))
      .map(({ kind }: { kind: string }) => kind);
    expect(kinds.sort()).toEqual(["UPLOAD_FORK", "UPLOAD_GAP", "UPLOAD_HEAD"]);
  });

  it("records a first upload that names a journal head before it, and takes its vouchers", async () => {
    const restored = await certifiedTerminal(harness, service);
    restored.head = randomBytes(32);
    const one = await card();
    const bundle = await one.pay(payment({ payee: restored.payee, terminalId: restored.terminalId }));
    expect(statuses(await send(await restored.upload({ vouchers: [bundle] })))).toEqual(["new"]);
    const { anomalies } = await held();
    const kinds = anomalies
      .filter(({ payee }: { payee: string }) => payee === toHex(restored.payee))
      .map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(["UPLOAD_HEAD"]);
  });

  it("believes what the vault has paid before the message that came here first", async () => {
    const honest = await card();
    const clone = honest.clone();
    const [first, paid] = [await honest.pay(payment()), await clone.pay(payment({ amount: 2_000_000n }))];
    expect(statuses(await send(await terminal.upload({ vouchers: [first] })))).toEqual(["new"]);
    // Somebody else submitted the other message, and the vault took it.
    await service.platform.db
      .insertInto("settled_items")
      .values({
        ...{ voucher_id: Buffer.from(idOf(paid).slice(2), "hex"), card: honest.address, counter: 1n },
        ...{ payee: terminal.payee, amount_units: 2_000_000n },
        ...{ transaction_hash: randomBytes(32), block_number: 1n },
      })
      .execute();
    expect(statuses(await send(await terminal.upload({ vouchers: [paid] })))).toEqual(["new"]);
    expect((await state(paid)).state).toBe("final");
  });

  it("refuses what is not signed as it claims, with the code, and takes the rest", async () => {
    const one = await card();
    const good = await one.pay(payment());
    const wrongSignature = { ...(await one.pay(payment())), signature: good.signature };
    const wrongContext = await one.pay(payment());
    const foreignPayee = await one.pay(payment({ payee: addressOfKey(createSigner(randomBytes(32)).publicKey) }));
    const otherCard = new TestCard(harness.domain);
    otherCard.allowance = one.allowance;
    const unknownKey = await card({ issuerKeyId: 9 });
    const told = await eventsTold(service);
    const answer = await send(
      await terminal.upload({
        vouchers: [
          wrongSignature,
          { ...wrongContext, context: { ...wrongContext.context, time: 1 } },
          foreignPayee,
          await otherCard.pay(payment()),
          await unknownKey.pay(payment()),
          good,
        ],
      }),
    );
    expect(codes(answer)).toEqual([
      "VOUCHER_SIGNATURE",
      "CONTEXT_MISMATCH",
      "FOREIGN_PAYEE",
      "ALLOWANCE_SIGNATURE",
      "UNKNOWN_ISSUER_KEY",
      null,
    ]);
    expect(statuses(answer)).toEqual([...Array.from({ length: 5 }, () => "refused"), "new"]);
    expect(await state(foreignPayee)).toMatchObject({ state: "refused", code: "FOREIGN_PAYEE" });
    // One line for the upload.
    expect(await eventsTold(service)).toEqual({ ...told, refusal: told.refusal + 1 });
  });

  it("refuses a voucher of another vault or chain", async () => {
    const one = await card();
    const elsewhere = await one.pay(payment());
    const wrong = { ...elsewhere, message: { ...elsewhere.message, domain: { ...harness.domain, chainId: 1n } } };
    expect(codes(await send(await terminal.upload({ vouchers: [wrong] })))).toEqual(["WRONG_DOMAIN"]);
  });

  it("names a malformed entry by the id its sender knows and takes the others", async () => {
    const one = await card();
    const good = await one.pay(payment());
    const upload = await terminal.upload({ vouchers: [await one.pay(payment()), good] });
    const body = Buffer.from(upload.body.slice(2), "hex");
    // The amount of the first voucher becomes zero: key 33, M's amount at 56.
    body.fill(0, 1 + 3 + 33 + 56, 1 + 3 + 33 + 62);
    const resigned = await terminal.upload({
      entries: [
        { kind: 1, data: body.subarray(4, 386) },
        { kind: 1, data: body.subarray(389) },
      ],
    });
    const answer = await send(resigned);
    expect(codes(answer)).toEqual(["MALFORMED_VOUCHER", null]);
    expect(answer.body.results[1].voucherId).toBe(idOf(good));
  });

  it.each([
    ["LATE", { time: Math.floor(Date.now() / 1_000) - 605_101 }, { notBefore: 0 }],
    ["AHEAD_OF_CLOCK", { time: Math.floor(Date.now() / 1_000) + 3_600 }, { notAfter: 0xffff_ffff }],
    ["OVER_PER_TAP", { amount: 10_000_001n }, {}],
    ["OVER_MAX_SPENT", { amount: 1_000_000n }, { maxSpent: 999_999n, softSpent: 0n }],
    ["OVER_COUNTER", {}, { maxCounter: 0 }],
    ["OVER_CATEGORY", {}, { categories: 0n }],
    ["OVER_VALIDITY", {}, { notAfter: 1 }],
    // Nobody entered a PIN, and the amount needs one.
    ["OVER_NO_PIN", { amount: 1_000_000n }, { pinAbove: 500_000n }],
    ["SOFTWARE_CARD", {}, { flags: 4 }],
    ["CERTIFICATE_CATEGORY", { category: 4 }, {}],
    ["OTHER_TERMINAL", { terminalId: Buffer.alloc(8, 1) }, {}],
  ])("takes but does not promise: %s", async (code, paid, allowance) => {
    const one = await card(allowance);
    const bundle = await one.pay(payment(paid));
    const answer = await send(await terminal.upload({ vouchers: [bundle] }));
    expect(statuses(answer)).toEqual(["new"]);
    expect(codes(answer)).toEqual([code]);
    expect(await state(bundle)).toMatchObject({ state: "received", code });
  });

  it("takes a voucher under another signed allowance, and does not promise it", async () => {
    const one = await card();
    const bundle = await one.pay(payment());
    const body = { ...bundle.allowanceBody, seq: 9 };
    const digest = digestOf(encodeAllowance({ domain: harness.domain, card: one.address, body }));
    const allowanceSignature = await service.platform.issuer.sign(digest);
    const answer = await send(
      await terminal.upload({ vouchers: [{ ...bundle, allowanceBody: body, allowanceSignature }] }),
    );
    expect([statuses(answer), codes(answer)]).toEqual([["new"], ["SEQ_MISMATCH"]]);
  });

  const reversal = (bundle: VoucherBundle) => ({
    cardKey: bundle.cardKey,
    request: {
      cardTag: cardTag(harness.domain, bundle.cardKey),
      counter: bundle.message.counter,
      payee: bundle.message.payee,
      amount: bundle.message.amount,
      time: bundle.context.time,
      challenge: bundle.context.challenge,
      terminalId: bundle.context.terminalId,
      category: bundle.context.category,
    },
  });

  it("takes a reversed voucher out of what will be batched, whichever comes first", async () => {
    const one = await card();
    const [early, late, together] = [await one.pay(payment()), await one.pay(payment()), await one.pay(payment())];
    await send(await terminal.upload({ vouchers: [early] }));
    await send(await terminal.upload({ reversals: [reversal(early), reversal(late)] }));
    expect(statuses(await send(await terminal.upload({ vouchers: [late] })))).toEqual(["new"]);
    await send(await terminal.upload({ vouchers: [together], reversals: [reversal(together)] }));
    for (const bundle of [early, late, together]) expect((await state(bundle)).state).toBe("cancelled");
  });

  it("lets no terminal reverse what another one asked for", async () => {
    const thief = await certifiedTerminal(harness, service);
    const one = await card();
    const bundle = await one.pay(payment());
    await send(await terminal.upload({ vouchers: [bundle] }));
    await send(await thief.upload({ reversals: [reversal(bundle)] }));
    expect((await state(bundle)).state).toBe("received");
  });

  it("answers the whole upload 403 when it is not a certified terminal's", async () => {
    const one = await card();
    const upload = await terminal.upload({ vouchers: [await one.pay(payment())] });
    const another = await certifiedTerminal(harness, service);
    const answers = await Promise.all(
      [
        { ...upload, signature: (await another.upload({})).signature },
        {
          ...upload,
          certificate: another.certificate.certificate,
          certificateSignature: another.certificate.signature,
        },
        { ...upload, certificateSignature: another.certificate.signature },
        { ...upload, body: "0x01" },
      ].map(send),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.type).toContain("application/problem+json");
      expect(answer.body).toMatchObject({ status: 403, code: "UPLOAD_UNTRUSTED" });
    }
  });

  it("answers 400 to a body with a broken frame, and stores nothing of it", async () => {
    const frames = ["0x", "0x02", "0x01ff0000", "0x01010001aa", `0x01${"01017e".concat("00".repeat(381))}`];
    for (const body of frames) {
      const bytes = Buffer.from(body.slice(2), "hex");
      const upload = await terminal.upload({});
      const head = Buffer.from(upload.upload.slice(2), "hex");
      digestOf(bytes).forEach((byte, index) => (head[96 + index] = byte));
      const signature = toHex(await terminal.signer.sign(digestOf(head)));
      const answer = await send({ ...upload, upload: toHex(head), signature, body });
      expect([body.slice(0, 12), answer.status, answer.body.code]).toEqual([
        body.slice(0, 12),
        400,
        "MALFORMED_UPLOAD",
      ]);
    }
  });

  it("keeps evidence permanently: rows cannot be changed or removed", async () => {
    const { pool } = service.platform;
    for (const table of ["uploads", "counter_claims", "forks", "anomalies", "refused_entries", "cancellations"]) {
      await expect(pool.query(`delete from ${table}`)).rejects.toMatchObject({ code: "TS001" });
    }
    await expect(pool.query("update uploads set seq = 99")).rejects.toMatchObject({ code: "TS001" });
  });
});
