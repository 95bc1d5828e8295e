import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { digestOf, disowningText, encodeReversal, fromHex, toHex, type VoucherBundle } from "@tallystick/protocol";
import { WithheldDeposits } from "../src/vouchers/withheld/withheld-deposits.ts";
import { claim } from "./harness/claim.ts";
import { fundByHand } from "./harness/by-hand.ts";
import { auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { eventually, holdsEventually } from "./harness/eventually.ts";
import { allowanceRequest, certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { reversalOf } from "./harness/return-harness.ts";
import { booksBecome, reasonsBecome, warningsBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  SECOND_OPERATOR_TOKEN,
  type SettlementHarness,
  type TestAnswer,
  type TestService,
} from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import { TestPayee } from "./harness/test-payee.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

const UNNAMED_TOKEN = "a-token-of-nobody-in-particular";
const SAME_PERSON_TOKEN = "another-token-of-the-operator-ada";
const DAY_MS = 86_400_000;

describe("what the issuer owes and persons decide about", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    const tokens = harness.config["tokens"] as object[];
    service = await harness.start(await harness.createDatabase(), {
      guarantee: { ...(harness.config["guarantee"] as object), perCard: "5.00" },
      tokens: [
        ...tokens,
        { token: UNNAMED_TOKEN, role: "operator" },
        { token: SAME_PERSON_TOKEN, role: "operator", name: "ada" },
      ],
      approvals: { above: "20.00" },
    });
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const view = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const becomes = (bundle: VoucherBundle, state: string) =>
    eventually(
      () => view(bundle),
      (seen) => seen.state === state,
    );
  const send = async (terminal: TestTerminal, upload: Parameters<TestTerminal["upload"]>[0]) =>
    service.call("POST", "/v1/uploads", { body: await terminal.upload(upload) });
  const pay = (card: TestCard, terminal: TestTerminal, amount: bigint, time?: number) =>
    card.pay({
      payee: terminal.payee,
      amount,
      terminalId: terminal.terminalId,
      ...(time === undefined ? {} : { time }),
    });
  const decide = (bundle: VoucherBundle, what: "payment" | "refusal", body: object, token = OPERATOR_TOKEN) =>
    service.call("POST", `/v1/withheld/${idOf(bundle)}/${what}`, { token, body });
  const reason = "the merchant keeps the rules";
  const codeOf = ({ status, body }: TestAnswer) => [status, body.code];
  const listed = async (bundle: VoucherBundle) => {
    const { body } = await service.call("GET", "/v1/withheld", { token: OPERATOR_TOKEN });
    return body.withheld.find(({ voucherId }: { voucherId: string }) => voucherId === idOf(bundle));
  };
  const audited = async (subject: string) => {
    const { body } = await service.call("GET", "/v1/audit/entries", { token: OPERATOR_TOKEN });
    const entries = (body.entries as readonly KeptEntry[]).map(auditedEntry);
    return entries.filter((entry) => entry[3] === subject).map((entry) => entry.slice(0, 5));
  };
  const balanced = () => booksBecome(service);

  /** One unit of money more on a card of 20.00, and an allowance for all of it. */
  async function topUp(card: TestCard): Promise<void> {
    const path = `/v1/cards/${toHex(card.address)}`;
    const body = { amount: "1.00", key: "second", reason };
    await service.call("POST", `${path}/fundings`, { token: ISSUER_TOKEN, body });
    const asked = { token: ISSUER_TOKEN, body: allowanceRequest() };
    const { body: allowance } = await eventually(
      () => service.call("POST", `${path}/allowances`, asked),
      (answer) => answer.status === 200,
    );
    card.load(allowance);
  }

  /** A fork's loser, for which a person has to decide: it is above what the issuer bears by itself. */
  async function withheldLoser(
    terminal: TestTerminal,
    { winner, over = 0n }: { readonly winner?: TestTerminal; readonly over?: bigint } = {},
  ): Promise<VoucherBundle> {
    const one = winner ?? (await certifiedTerminal(harness, service));
    const card = await fundedCard(harness, service, "20.00");
    if (over > 0n) await topUp(card);
    const amount = over > 0n ? 20_000_000n + over : 6_000_000n;
    const clone = card.clone();
    const [first, second] = [await pay(card, one, amount), await pay(clone, terminal, amount)];
    await send(one, { vouchers: [first] });
    await becomes(first, "final");
    await send(terminal, { vouchers: [second] });
    await becomes(second, "withheld");
    return second;
  }

  /** A promised voucher that its card's balance does not cover, as it is when W has gone by. */
  async function withheldForBalance(
    terminal: TestTerminal,
    state = "withheld",
  ): Promise<{ card: TestCard; clone: TestCard; sale: VoucherBundle }> {
    const card = await fundedCard(harness, service, "2.00");
    const clone = card.clone();
    const sale = await pay(card, terminal, 3_000_000n);
    await send(terminal, { vouchers: [sale] });
    await becomes(sale, "skipped");
    await service.platform.db
      .updateTable("vouchers")
      .set({ state, withheld_ground: "UNPAID", withheld_at: new Date(), dispute: null })
      .where("id", "=", fromHex(idOf(sale)))
      .execute();
    return { card, clone, sale };
  }

  it("is paid by one person, once, where the vault can never pay it", async () => {
    const loser = await withheldLoser(await certifiedTerminal(harness, service));
    const roles = ["risk", "finance", "operator", "admin"];
    expect(await listed(loser)).toMatchObject({
      ...{ ground: "PER_CARD", amount: "6.00", overdue: false, decisions: [] },
      ...{ payment: { roles, persons: 1 }, refusal: { roles, persons: 2 } },
    });
    expect((await service.call("GET", "/console/returns")).body).toContain("nothing yet");
    expect(codeOf(await decide(loser, "payment", { reason }, ISSUER_TOKEN))).toEqual([403, "FORBIDDEN"]);
    expect(codeOf(await decide(loser, "payment", { reason }, UNNAMED_TOKEN))).toEqual([403, "NAME_NEEDED"]);
    for (const bad of ["", "  ", "two\nlines", "x".repeat(201)])
      expect(codeOf(await decide(loser, "payment", { reason: bad }))).toEqual([400, "REASON_NEEDED"]);
    expect(await audited(idOf(loser))).toEqual([]);

    const answers = await Promise.all(Array.from({ length: 4 }, () => decide(loser, "payment", { reason })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 200)?.body).toEqual({
      ...{ voucherId: idOf(loser), way: "compensation", state: "compensating" },
    });
    await becomes(loser, "compensated");
    expect((await view(loser)).code).toBeNull();
    expect(codeOf(await decide(loser, "payment", { reason }))).toEqual([409, "NOT_WITHHELD"]);
    expect(codeOf(await decide(loser, "refusal", { reason, ground: "LATE" }))).toEqual([409, "NOT_WITHHELD"]);
    expect(await listed(loser)).toBeUndefined();
    const details = [
      ["way", "compensation"],
      ["units", "6000000"],
      ["ground", "PER_CARD"],
      ["reason", reason],
    ];
    expect(await audited(idOf(loser))).toEqual([["withheld-paid", "ada", "operator", idOf(loser), details]]);
    await balanced();
  });

  it("is paid by two persons above the sum, and so is a merchant: the second is not the first, and may do it", async () => {
    const paid = await certifiedTerminal(harness, service);
    const amount = 20_000_001n;
    const loser = await withheldLoser(await certifiedTerminal(harness, service), { winner: paid, over: 1n });
    const payee = toHex(paid.payee);
    const payOut = (token = OPERATOR_TOKEN) => service.call("POST", "/v1/payouts", { token, body: { payee, reason } });
    for (const [ask, subject, action, details] of [
      [() => decide(loser, "payment", { reason }), idOf(loser), "withheld-paid", [["way", "compensation"]]],
      [payOut, payee, "payout", []],
    ] as const) {
      const first = await ask();
      expect(codeOf(first)).toEqual([409, "SECOND_PERSON_NEEDED"]);
      const { approval } = first.body;
      expect((await ask()).body.approval).toBe(approval);
      expect(await audited(subject)).toEqual([]);
      const approve = (token: string) =>
        service.call("POST", `/v1/approvals/${approval}/approval`, { token, body: { reason: "looked at it" } });
      for (const token of [OPERATOR_TOKEN, SAME_PERSON_TOKEN])
        expect(codeOf(await approve(token))).toEqual([409, "SECOND_PERSON_NEEDED"]);
      expect(codeOf(await approve(ISSUER_TOKEN))).toEqual([403, "FORBIDDEN"]);
      expect(codeOf(await approve(UNNAMED_TOKEN))).toEqual([403, "NAME_NEEDED"]);
      const both = await Promise.all([approve(SECOND_OPERATOR_TOKEN), approve(SECOND_OPERATOR_TOKEN)]);
      // Whoever comes second is told that it is over, or of the payout that is under way; it is done once.
      for (const { status, body } of both) expect([409, "approved"]).toContain(status === 200 ? body.state : status);
      const [done, ...others] = await audited(subject);
      expect([both.some(({ status }) => status === 200), others]).toEqual([true, []]);
      expect(done?.slice(0, 4)).toEqual([action, "bo", "operator", subject]);
      expect(done?.[4]).toEqual(
        expect.arrayContaining([
          ...details,
          ["reason", "looked at it"],
          ["asked-by", "ada"],
          ["asked-because", reason],
        ]),
      );
    }
    await becomes(loser, "compensated");
    await eventually(
      async () => (await service.platform.contract.merchant(paid.payee, "latest")).withdrawn,
      (withdrawn) => withdrawn === amount,
    );
    // The payout that is under way is answered again until it is final.
    await eventually(payOut, ({ body }) => body.code === "NOTHING_OWED");
    await balanced();
  });

  it("stays withheld when the limits are raised: a person decides, and no rule that comes later", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const loser = await withheldLoser(terminal);
    await service.platform.db
      .updateTable("vouchers")
      .set({ amount_units: 4_000_000n })
      .where("id", "=", fromHex(idOf(loser)))
      .execute();
    // Now it fits the published limit, and it is looked at in every pass.
    const other = await withheldLoser(await certifiedTerminal(harness, service));
    expect(await view(loser)).toMatchObject({ state: "withheld", code: "PER_CARD" });
    expect(await view(other)).toMatchObject({ state: "withheld" });
    // The books know the true amount.
    await service.platform.db
      .updateTable("vouchers")
      .set({ amount_units: 6_000_000n })
      .where("id", "=", fromHex(idOf(loser)))
      .execute();
  });

  it("is paid by a deposit of what its card lacks, where the vault can still pay it", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const { sale } = await withheldForBalance(terminal);
    await harness.stopMining();
    const answer = await decide(sale, "payment", { reason });
    expect([answer.status, answer.body]).toEqual([200, { voucherId: idOf(sale), way: "deposit", state: "withheld" }]);
    expect(codeOf(await decide(sale, "payment", { reason }, SECOND_OPERATOR_TOKEN))).toEqual([
      409,
      "PAYMENT_UNDER_WAY",
    ]);
    const refusal = { reason, ground: "OVER_MAX_SPENT" };
    expect(codeOf(await decide(sale, "refusal", refusal))).toEqual([409, "PAYMENT_UNDER_WAY"]);
    expect((await listed(sale)).decisions).toMatchObject([
      { kind: "payment", way: "deposit", who: "ada", ground: "UNPAID" },
    ]);
    harness.startMining();
    await becomes(sale, "final");
    // The watcher says that the sale is final, and the sender that the deposit is.
    const deposits = service.platform.db
      .selectFrom("chain_actions")
      .select(["kind", "state"])
      .where("key", "like", `deposit:${idOf(sale)}%`);
    await holdsEventually(
      () => deposits.execute(),
      (rows) => expect(rows).toEqual([{ kind: "fund", state: "final" }]),
    );
    await balanced();
  });

  it("is paid by the vault without anybody's word when somebody else brings the balance", async () => {
    const { card, sale } = await withheldForBalance(await certifiedTerminal(harness, service));
    await fundByHand(harness, card, 1_000_000n);
    await becomes(sale, "final");
    expect(await view(sale)).toMatchObject({ code: null });
  });

  /** A decision to pay by a deposit, as an empty treasury leaves it: refused before it had a nonce. */
  async function depositWithoutEffect(sale: VoucherBundle, changedAt: Date): Promise<string> {
    const id = fromHex(idOf(sale));
    return service.platform.db.transaction().execute(async (trx) => {
      const voucher = await trx.selectFrom("vouchers").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      const planned = await service.app.get(WithheldDeposits).plan(trx, voucher, 1_000_000n);
      const refused = { state: "refused", failure: "SIMULATION", changed_at: changedAt };
      await trx.updateTable("chain_actions").set(refused).where("id", "=", planned).execute();
      const decided = { kind: "payment", way: "deposit", ground: "UNPAID", who: "ada", statement: null } as const;
      await trx
        .insertInto("withheld_decisions")
        .values({ voucher_id: id, action_id: planned, ...decided, reason, decided_at: new Date() })
        .execute();
      return planned;
    });
  }
  const stateOfAction = async (id: string) =>
    (await service.platform.db.selectFrom("chain_actions").select("state").where("id", "=", id).executeTakeFirst())
      ?.state;
  const tomorrow = () => new Date(Date.now() + DAY_MS);

  it("tries a deposit again that had no effect, with one decision", async () => {
    const { sale } = await withheldForBalance(await certifiedTerminal(harness, service));
    const action = await depositWithoutEffect(sale, tomorrow());
    expect(codeOf(await decide(sale, "payment", { reason }))).toEqual([409, "PAYMENT_UNDER_WAY"]);
    const { db } = service.platform;
    await db
      .updateTable("chain_actions")
      .set({ changed_at: new Date(0) })
      .where("id", "=", action)
      .execute();
    await becomes(sale, "final");
    await eventually(
      () => stateOfAction(action),
      (state) => state === "mined" || state === "final",
    );
  });

  it("is compensated, and no deposit tried again, where the vault can never pay it any more", async () => {
    const { clone, sale } = await withheldForBalance(await certifiedTerminal(harness, service));
    const action = await depositWithoutEffect(sale, tomorrow());
    const other = await certifiedTerminal(harness, service);
    const rival = await pay(clone, other, 1_000_000n);
    await claim(harness, rival);
    await send(other, { vouchers: [rival] });
    await becomes(rival, "final");
    const answer = await decide(sale, "payment", { reason });
    expect([answer.status, answer.body.way]).toEqual([200, "compensation"]);
    await becomes(sale, "compensated");
    expect(await stateOfAction(action)).toBe("refused");
    await balanced();
  });

  it("is refused by two persons, on a ground of the judge that holds", async () => {
    const { sale } = await withheldForBalance(await certifiedTerminal(harness, service));
    const wrong = { reason, ground: "OVER_PER_TAP" };
    expect(codeOf(await decide(sale, "refusal", wrong))).toEqual([409, "GROUND_DOES_NOT_HOLD"]);
    expect(codeOf(await decide(sale, "refusal", { reason, ground: "PER_CARD" }))).toEqual([400, "MALFORMED_BODY"]);
    expect(codeOf(await decide(sale, "refusal", { reason, ground: "DISOWNED" }))).toEqual([
      409,
      "GROUND_DOES_NOT_HOLD",
    ]);
    const right = { reason, ground: "OVER_MAX_SPENT" };
    expect(codeOf(await decide(sale, "refusal", right, UNNAMED_TOKEN))).toEqual([403, "NAME_NEEDED"]);
    expect((await decide(sale, "refusal", right)).body).toEqual({
      ...{ voucherId: idOf(sale), refused: false, state: "withheld" },
    });
    for (const token of [OPERATOR_TOKEN, SAME_PERSON_TOKEN])
      expect(codeOf(await decide(sale, "refusal", right, token))).toEqual([409, "SECOND_PERSON_NEEDED"]);
    expect(await view(sale)).toMatchObject({ state: "withheld" });
    const answer = await decide(sale, "refusal", right, SECOND_OPERATOR_TOKEN);
    expect([answer.status, answer.body.refused]).toEqual([200, true]);
    expect(await view(sale)).toMatchObject({ state: "disputed", code: "OVER_MAX_SPENT" });
    const details = [
      ["ground", "OVER_MAX_SPENT"],
      ["reason", reason],
    ];
    expect(await audited(idOf(sale))).toEqual([
      ["withheld-refused", "bo", "operator", idOf(sale), details],
      ["withheld-refusal-proposed", "ada", "operator", idOf(sale), details],
    ]);
  });

  it("counts no proposal of before it was withheld again, and refuses at once with two persons alone", async () => {
    const { sale } = await withheldForBalance(await certifiedTerminal(harness, service));
    const right = { reason, ground: "OVER_MAX_SPENT" };
    await decide(sale, "refusal", right);
    await service.platform.db
      .updateTable("vouchers")
      .set({ withheld_at: new Date(Date.now() + 1_000) })
      .where("id", "=", fromHex(idOf(sale)))
      .execute();
    expect((await decide(sale, "refusal", right, SECOND_OPERATOR_TOKEN)).body).toMatchObject({ refused: false });
  });

  it("decides nothing about what is not withheld, or not known", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service, "2.00");
    const sale = await pay(card, terminal, 1_000_000n);
    expect(codeOf(await decide(sale, "payment", { reason }))).toEqual([404, "NOT_FOUND"]);
    await send(terminal, { vouchers: [sale] });
    await becomes(sale, "final");
    expect(codeOf(await decide(sale, "payment", { reason }))).toEqual([409, "NOT_WITHHELD"]);
    expect(codeOf(await decide(sale, "refusal", { reason, ground: "LATE" }))).toEqual([409, "NOT_WITHHELD"]);
  });

  it("keeps every decision: its rows are neither changed nor removed", async () => {
    const { pool } = service.platform;
    for (const table of ["withheld_decisions", "certificate_withdrawals", "late_reversals", "reversal_confirmations"]) {
      await expect(pool.query(`delete from ${table}`)).rejects.toMatchObject({ code: "TS001" });
      await expect(pool.query(`truncate ${table} cascade`)).rejects.toMatchObject({ code: "TS001" });
    }
  });

  describe("after the withdrawal of its certificate", () => {
    let payee: TestPayee;
    let terminal: TestTerminal;
    let withdrawnFrom: number;
    const withdraw = (of: TestTerminal, body: object, token = ISSUER_TOKEN) =>
      service.call("POST", `/v1/merchants/${toHex(of.payee)}/terminals/${toHex(of.terminalId)}/withdrawal`, {
        ...{ token, body },
      });
    /** Waits until what arrives now arrives after the withdrawal. */
    const laterThan = (seconds: number) =>
      eventually(
        async () => Math.floor(Date.now() / 1_000),
        (now) => now > seconds,
      );

    /** A message of a counter that another terminal was paid for. */
    async function loser(time: number, amount = 1_000_000n): Promise<VoucherBundle> {
      const one = await certifiedTerminal(harness, service);
      const card = await fundedCard(harness, service, "20.00");
      const clone = card.clone();
      const first = await pay(card, one, amount);
      await send(one, { vouchers: [first] });
      await becomes(first, "final");
      return pay(clone, terminal, amount, time);
    }

    beforeAll(async () => {
      payee = new TestPayee();
      terminal = await certifiedTerminal(harness, service, {}, payee.address);
    });

    it("is withdrawn by a named person, for good, from a time on that is not past", async () => {
      const now = Math.floor(Date.now() / 1_000);
      expect(codeOf(await withdraw(terminal, { from: now - 60, reason }))).toEqual([422, "WITHDRAWAL_RANGE"]);
      expect(codeOf(await withdraw(terminal, {}))).toEqual([400, "REASON_NEEDED"]);
      expect(codeOf(await withdraw(terminal, { reason }, OPERATOR_TOKEN))).toEqual([403, "FORBIDDEN"]);
      const unknown = { payee: terminal.payee, terminalId: new Uint8Array(8) } as TestTerminal;
      expect(codeOf(await withdraw(unknown, { reason }))).toEqual([404, "NOT_FOUND"]);
      const planned = await withdraw(terminal, { from: now + 3_600, reason });
      expect(planned.body.withdrawnFrom).toBe(now + 3_600);
      const brought = await withdraw(terminal, { reason: "stolen" });
      withdrawnFrom = brought.body.withdrawnFrom as number;
      expect(withdrawnFrom).toBeGreaterThanOrEqual(now);
      expect(withdrawnFrom).toBeLessThan(now + 3_600);
      expect((await withdraw(terminal, { reason: "again" })).body.withdrawnFrom).toBe(withdrawnFrom);
      const name = `${toHex(terminal.payee)}:${toHex(terminal.terminalId)}`;
      const found = await audited(name);
      expect(found.map(([action, who]: unknown[]) => [action, who])).toEqual([
        ["certificate-withdrawn", "ida"],
        ["certificate-withdrawn", "ida"],
        ["certificate", "ida"],
      ]);
      await laterThan(withdrawnFrom);
    });

    it("gets no certificate again, not even the same, and takes no other terminal along", async () => {
      const request = { token: ISSUER_TOKEN, body: terminal.certificateRequest() };
      expect(codeOf(await service.call("POST", "/v1/merchants", request))).toEqual([409, "CERTIFICATE_WITHDRAWN"]);
      await certifiedTerminal(harness, service, {}, payee.address);
    });

    it("is taken, given a receipt, and paid by the vault where that can", async () => {
      const card = await fundedCard(harness, service, "5.00");
      const sale = await pay(card, terminal, 1_000_000n, withdrawnFrom + 1);
      const answer = await send(terminal, { vouchers: [sale] });
      expect(answer.body).toMatchObject({ results: [{ status: "new", code: "CERTIFICATE_WITHDRAWN" }] });
      expect(answer.body.receipt).toMatch(/^0x/);
      await becomes(sale, "final");
    });

    it("is disputed where it was sold later, and owed where it was sold before", async () => {
      const [before, later] = [await loser(withdrawnFrom), await loser(withdrawnFrom + 1)];
      await send(terminal, { vouchers: [before, later] });
      await becomes(later, "disputed");
      expect(await view(later)).toMatchObject({ code: "CERTIFICATE_WITHDRAWN" });
      await becomes(before, "withheld");
      expect(await view(before)).toMatchObject({ code: "CERTIFICATE_WITHDRAWN" });
      const paid = await decide(before, "payment", { reason });
      expect(paid.body).toMatchObject({ way: "compensation" });
      await becomes(before, "compensated");
    });

    it("is refused by two persons where its payee disowns it with its own key", async () => {
      const sale = await loser(withdrawnFrom);
      await send(terminal, { vouchers: [sale] });
      await becomes(sale, "withheld");
      const text = disowningText(harness.domain, fromHex(idOf(sale)));
      const another = { reason, ground: "DISOWNED", signature: await new TestPayee().sign(text) };
      for (const body of [another, { reason, ground: "DISOWNED" }])
        expect(codeOf(await decide(sale, "refusal", body))).toEqual([422, "PAYEE_SIGNATURE"]);
      const body = { reason, ground: "DISOWNED", signature: await payee.sign(text) };
      expect((await decide(sale, "refusal", body)).body).toMatchObject({ refused: false });
      const second = { reason, ground: "DISOWNED" };
      expect(codeOf(await decide(sale, "refusal", second, SECOND_OPERATOR_TOKEN))).toEqual([422, "PAYEE_SIGNATURE"]);
      expect((await decide(sale, "refusal", body, SECOND_OPERATOR_TOKEN)).body).toMatchObject({ refused: true });
      expect(await view(sale)).toMatchObject({ state: "disputed", code: "DISOWNED" });
    });

    it("is reversed by nobody but its payee", async () => {
      const sale = await loser(withdrawnFrom);
      await send(terminal, { vouchers: [sale] });
      await becomes(sale, "withheld");
      const reversal = reversalOf(harness.domain, sale);
      await send(terminal, { reversals: [reversal] });
      expect(await view(sale)).toMatchObject({ state: "withheld", reversed: false });
      const id = toHex(digestOf(encodeReversal({ domain: harness.domain, ...reversal })));
      const waiting = async () => {
        const { body } = await service.call("GET", "/v1/returns");
        return body.unconfirmed.find((row: { id: string }) => row.id === id);
      };
      const shown = await waiting();
      expect(shown).toMatchObject({ payee: toHex(payee.address), voucherId: idOf(sale), amount: "1.00" });
      expect((await service.call("GET", "/console/returns")).body).toContain(id);
      const confirm = async (who: TestPayee, of = id) =>
        service.call("POST", `/v1/reversals/${of}/confirmation`, { body: { signature: await who.sign(shown.text) } });
      expect(codeOf(await confirm(new TestPayee()))).toEqual([422, "PAYEE_SIGNATURE"]);
      expect(codeOf(await confirm(payee, `0x${"00".repeat(32)}`))).toEqual([404, "NOT_FOUND"]);
      expect(await view(sale)).toMatchObject({ state: "withheld", reversed: false });
      for (let time = 0; time < 2; time += 1) {
        const answer = await confirm(payee);
        expect([answer.status, answer.body]).toEqual([200, { id, confirmed: true }]);
      }
      expect(await view(sale)).toMatchObject({ state: "cancelled", reversed: true, owes: "release" });
      expect(await waiting()).toBeUndefined();
    });
  });

  it("raises an alarm after 7 days", async () => {
    const loser = await withheldLoser(await certifiedTerminal(harness, service));
    // The fork is a case.
    await warningsBecome(service, ["CASES_OPEN"], { ready: true });
    const week = 7 * DAY_MS;
    for (const [ahead, overdue] of [
      [week - 600_000, false],
      [week + 60_000, true],
    ] as const) {
      const clock = { now: () => Date.now() + ahead };
      const later = await harness.start(service.platform.config.databaseUrl, { roles: ["api"] }, clock);
      try {
        // To a clock that is ahead, the chain's newest block is old, and terminals are silent.
        const others = ["CASES_OPEN", "CHAIN_STANDS", "TERMINALS_SILENT"];
        await warningsBecome(later, [...(overdue ? ["WITHHELD_OVERDUE"] : []), ...others]);
        // What is under way at this moment is as old to it, and goes on.
        expect((await reasonsBecome(later, [])).body.ready).toBe(true);
        const { body: metrics } = await eventually(
          () => later.call("GET", "/metrics", { token: OPERATOR_TOKEN }),
          (seen) => (seen.body as string).includes("tallystick_withheld_units"),
        );
        expect(metrics.includes('tallystick_alarm{code="WITHHELD_OVERDUE"} 1')).toBe(overdue);
        expect(metrics).toMatch(/^tallystick_withheld_units [1-9]/m);
        expect((await later.call("GET", "/")).body.includes("WITHHELD_OVERDUE")).toBe(overdue);
        const { body: list } = await later.call("GET", "/v1/withheld", { token: OPERATOR_TOKEN });
        const row = list.withheld.find(({ voucherId }: { voucherId: string }) => voucherId === idOf(loser));
        expect(row.overdue).toBe(overdue);
      } finally {
        await later.stop();
      }
    }
  });
});
