import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createSigner, decodeUpload, setAsideEntry, toHex, type VoucherBundle } from "@tallystick/protocol";
import { LedgerProofs } from "../../src/books/ledger-log/ledger-proofs.ts";
import { replaceMoneyFaults, type MoneyFault } from "../../src/chain/money/money-faults.ts";
import type { Actor } from "../../src/foundation/http/roles.ts";
import type { CaseView } from "../../src/operations/cases/case-answers.ts";
import { CaseDecisions } from "../../src/operations/cases/case-decisions.ts";
import { CaseViews } from "../../src/operations/cases/case-views.ts";
import { CaseWatch } from "../../src/operations/cases/case-watch.ts";
import type { Evidence } from "../../src/operations/cases/evidence-file.ts";
import { EvidenceReader } from "../../src/operations/cases/evidence-reader.ts";
import { erasePerson } from "../../src/operations/people/erase-person.ts";
import { recordAnomaly } from "../../src/vouchers/states/anomalies.ts";
import { evidenceCommand } from "../../src/verify/evidence/evidence-command.ts";
import { auditedActions } from "../harness/people/audit.ts";
import { keyOf, QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import { forkedAt } from "../harness/quiet/quiet-forks.ts";
import { intakeOf, nextUpload, send } from "../harness/quiet/quiet-intake.ts";

const ADA: Actor = { name: "ada", role: "risk" };

let harness: QuietHarness;
let views: CaseViews;
let decisions: CaseDecisions;
let folder: string;

beforeAll(async () => {
  harness = await QuietHarness.open();
  views = new CaseViews(harness.db, harness.config.asset);
  decisions = new CaseDecisions(harness.db, harness.clock);
  folder = mkdtempSync(join(tmpdir(), "tallystick-cases-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await harness.close();
});
beforeEach(() => {
  harness.nowMs += 1_000;
});

const look = (): Promise<void> => new CaseWatch(harness.db, harness.config, harness.clock).look();

async function casesOf(about: { card?: Uint8Array; payee?: Uint8Array; voucher?: Uint8Array }): Promise<CaseView[]> {
  const both = await Promise.all(
    [false, true].map((resolved) => views.list({ resolved, kind: null, before: null, about })),
  );
  return both.flatMap(({ cases }) => cases);
}

async function onlyCase(about: Parameters<typeof casesOf>[0]): Promise<CaseView & { readonly number: bigint }> {
  const [found, ...more] = await casesOf(about);
  if (found === undefined || more.length > 0) throw new Error(`${1 + more.length} cases instead of one.`);
  return { ...found, number: BigInt(found.id) };
}

const evidenceOf = (id: bigint): Promise<Evidence> =>
  new EvidenceReader(harness.db, views, new LedgerProofs(harness.db), harness.issuer, harness.config).read(id);

/** What the command says about an evidence file with these contents. */
function judged(evidence: unknown, ...options: string[]): boolean {
  const file = join(folder, "evidence.json");
  writeFileSync(file, JSON.stringify(evidence));
  return evidenceCommand([file, ...options]).accepted;
}

describe("a fork's case", () => {
  it("is opened once however often and by how many it is looked for, and proves the fork offline", async () => {
    const { card, first, second, here, elsewhere } = await forkedAt(harness, 7n);
    await Promise.all([look(), look()]);
    await look();
    const found = await onlyCase({ card: card.address });
    expect(found).toMatchObject({ kind: "FORK", state: "open", counter: 1, owner: null });
    // It is also about the merchants of its messages, and about no other one.
    for (const { payee } of [here, elsewhere])
      expect((await casesOf({ payee })).map(({ id }) => id)).toEqual([found.id]);
    expect(await casesOf({ payee: card.address })).toEqual([]);
    const { messages, history } = await views.find(found.number);
    const ids = messages.map(({ voucherId }) => voucherId);
    expect(new Set(ids)).toEqual(new Set([first, second].map((each) => toHex(keyOf(each)))));
    expect(history.map(({ kind }) => kind)).toEqual(["opened"]);

    const evidence = await evidenceOf(found.number);
    const key = ["--issuer-key", toHex(harness.issuer.publicKey)];
    expect(judged(evidence, ...key)).toBe(true);
    expect(evidence.asset).toEqual({ code: harness.config.asset.code, decimals: harness.config.asset.decimals });
    // A file from before it was named is judged like any other.
    expect(judged({ ...evidence, asset: undefined }, ...key)).toBe(true);
    expect(judged(evidence, "--issuer-key", toHex(createSigner(Buffer.alloc(32, 9)).publicKey))).toBe(false);
    const [one, other] = evidence.messages;
    expect(judged({ ...evidence, messages: [one, one] }, ...key)).toBe(false);
    expect(judged({ ...evidence, messages: [one, { ...other, signature: one?.signature }] }, ...key)).toBe(false);
    expect(judged({ ...evidence, domain: { ...evidence.domain, chainId: "1" } }, ...key)).toBe(false);
  });

  it("cannot be resolved while its money is not decided, and says who resolved it and why", async () => {
    const { card, first, second } = await forkedAt(harness, 7n);
    await look();
    const { number: id } = await onlyCase({ card: card.address });
    const decision = { id, reason: "The card is back.", actor: ADA };
    await refuses(decisions.resolve(decision), "CASE_STANDS");
    await harness.setVoucher(first, "final");
    await harness.setVoucher(second, "compensated");
    await look();
    expect(await onlyCase({ card: card.address })).toMatchObject({ state: "over", cost: "0.000007" });
    await refuses(decisions.resolve({ ...decision, actor: { name: null, role: "risk" } }), "NAME_NEEDED");
    for (const reason of ["I ask the cardholder.", "Twice has one effect."])
      await decisions.take({ ...decision, reason });
    await decisions.resolve(decision);
    await decisions.resolve({ ...decision, reason: "Twice has one effect." });
    await refuses(decisions.take(decision), "CASE_RESOLVED");
    const { state, owner, history } = await views.find(id);
    expect([state, owner]).toEqual(["resolved", "ada"]);
    expect(history.map(({ kind, who, reason }) => [kind, who, reason])).toEqual([
      ["opened", null, ""],
      ["ended", null, expect.any(String)],
      ["taken", "ada", "I ask the cardholder."],
      ["resolved", "ada", "The card is back."],
    ]);
    const about = (await auditedActions(harness.db)).filter(([, , , subject]) => subject === `case:${id}`);
    expect(about.map(([action, who, , , details]) => [action, who, details])).toEqual(
      [
        ["case-taken", "I ask the cardholder."],
        ["case-resolved", "The card is back."],
      ].map(([action, reason]) => [
        ...[action, "ada"],
        [
          ["kind", "FORK"],
          ["reason", reason],
        ],
      ]),
    );
    await look();
    expect((await casesOf({ card: card.address })).length).toBe(1);

    await erasePerson(harness.db, { name: "ada", by: "bo", reason: "She asked for it.", now: harness.nowMs });
    const { cases } = await views.list({ resolved: true, kind: null, before: null, about: { card: card.address } });
    expect(JSON.stringify([cases, await views.find(id)])).not.toMatch(/\bada\b|The card is back|I ask/);
  });
});

describe("the case of a card that contradicts itself", () => {
  it("keeps the two messages that showed it, whatever comes later, and proves them offline", async () => {
    const [card, terminal] = [await harness.card(), await harness.terminal()];
    const first = await harness.pay(card, terminal, 5n);
    card.spent += 1n;
    const second = await harness.pay(card, terminal, 6n);
    await send(harness, terminal, { vouchers: [first, second] });
    // More than a case shows.
    const later = [];
    for (let paid = 0; paid < 17; paid += 1) later.push(await harness.pay(card, terminal, 1n));
    harness.nowMs += 1_000;
    await send(harness, terminal, { vouchers: later });
    await look();
    const found = await onlyCase({ card: card.address });
    expect(found).toMatchObject({ kind: "CONTRADICTION", cost: "0.00" });
    const evidence = await evidenceOf(found.number);
    const ids = evidence.messages.map(({ voucherId }) => voucherId).sort();
    expect(ids).toEqual([first, second].map((each) => toHex(keyOf(each))).sort());
    const key = ["--issuer-key", toHex(harness.issuer.publicKey)];
    expect(judged(evidence, ...key)).toBe(true);
    const [one, other] = evidence.messages;
    const bare = evidence.messages.map((each) => ({ ...each, bundle: null }));
    for (const messages of [[], [one], [other], [one, one], bare])
      expect(judged({ ...evidence, messages }, ...key)).toBe(false);
    await harness.setVoucher(second, "compensated");
    expect((await onlyCase({ card: card.address })).cost).toBe("0.000006");
  });

  it("is not proved by a file that only says so", async () => {
    const [card, terminal] = [await harness.card(), await harness.terminal()];
    await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 5n)] });
    const detail = "The other message is nowhere.";
    await recordAnomaly(harness.db, {
      ...{ kind: "FORK_UNPROVED", detail, foundAt: new Date(harness.nowMs), card: card.address },
    });
    await look();
    const { number } = await onlyCase({ card: card.address });
    expect(judged(await evidenceOf(number))).toBe(false);
  });
});

describe("the case of a card that signed too much", () => {
  it("keeps as few of its messages as prove it with its largest allowance, offline", async () => {
    const [card, terminal] = [await harness.card({}, { maxSpent: 100n, softSpent: 100n }), await harness.terminal()];
    const sales: VoucherBundle[] = [];
    for (const amount of [1n, 60n, 2n, 40n, 3n, 5n]) sales.push(await harness.pay(card, terminal, amount));
    await send(harness, terminal, { vouchers: sales });
    await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 1n)] });
    await look();
    const found = await onlyCase({ card: card.address });
    expect(found).toMatchObject({ kind: "EXCESS", cost: "0.00" });
    const evidence = await evidenceOf(found.number);
    const ids = new Set(evidence.messages.map(({ voucherId }) => voucherId));
    expect(ids).toEqual(new Set([1, 3, 5].map((index) => toHex(keyOf(sales[index] as VoucherBundle)))));
    const key = ["--issuer-key", toHex(harness.issuer.publicKey)];
    expect(judged(evidence, ...key)).toBe(true);
    // Exactly what it was allowed, a message twice, a larger allowance that nobody signed, and none at all.
    const { messages, allowance } = evidence;
    const exact = messages.filter(({ voucherId }) => voucherId !== toHex(keyOf(sales[5] as VoucherBundle)));
    expect(judged({ ...evidence, messages: exact }, ...key)).toBe(false);
    expect(judged({ ...evidence, messages: [...exact, ...exact] }, ...key)).toBe(false);
    expect(judged({ ...evidence, messages: [] }, ...key)).toBe(false);
    expect(judged({ ...evidence, cardKey: null }, ...key)).toBe(false);
    const forged = { ...allowance, signature: toHex(Buffer.alloc(64, 1)) };
    expect(judged({ ...evidence, allowance: forged }, ...key)).toBe(false);
    const bare = messages.map((each) => ({ ...each, bundle: null }));
    expect(judged({ ...evidence, messages: bare }, ...key)).toBe(true);
    expect(judged({ ...evidence, messages: bare, allowance: null }, ...key)).toBe(false);
  });
});

describe("the evidence about a terminal", () => {
  it("holds uploads that the terminal signed, also one that was set aside and never came", async () => {
    const terminal = await harness.terminal();
    const aside = await nextUpload(terminal, {});
    const told = { upload: decodeUpload(aside.upload), signature: aside.signature };
    await nextUpload(terminal, {});
    await intakeOf(harness).take(await nextUpload(terminal, { entries: [setAsideEntry(told)] }));
    await look();
    const found = await casesOf({ payee: terminal.payee });
    expect(found.map(({ kind }) => kind).sort()).toEqual(["POISONED_UPLOAD", "UPLOAD_GAP"]);
    const key = ["--issuer-key", toHex(harness.issuer.publicKey)];
    for (const { id } of found) {
      const evidence = await evidenceOf(BigInt(id));
      expect(judged(evidence, ...key)).toBe(true);
      const [first] = evidence.uploads;
      const forged = { ...first, signature: toHex(Buffer.alloc(64, 1)) };
      expect(judged({ ...evidence, uploads: [forged] }, ...key)).toBe(false);
    }
  });
});

describe("a case whose cause ends by itself", () => {
  it("ends with the decision about a withheld voucher, and with the upload that was missing", async () => {
    const terminal = await harness.terminal();
    const card = await harness.card();
    const voucher = await harness.pay(card, terminal, 3n);
    const missing = await nextUpload(terminal, { vouchers: [voucher] });
    await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 4n)] });
    await look();
    const gap = await onlyCase({ payee: terminal.payee });
    expect(gap).toMatchObject({ kind: "UPLOAD_GAP", state: "open" });
    await refuses(decisions.resolve({ id: gap.number, reason: "I saw it.", actor: ADA }), "CASE_STANDS");
    await intakeOf(harness).take(missing);
    await harness.setVoucher(voucher, "withheld");
    await look();
    expect(await views.find(gap.number)).toMatchObject({ state: "resolved" });
    const withheld = await onlyCase({ voucher: keyOf(voucher) });
    expect(withheld).toMatchObject({ kind: "WITHHELD", state: "open", cost: "0.000003" });
    await harness.setVoucher(voucher, "compensated");
    await look();
    expect(await onlyCase({ voucher: keyOf(voucher) })).toMatchObject({ state: "resolved" });
  });

  it("is another case when chain and books differ once more", async () => {
    const difference: MoneyFault = { code: "LEDGER_DIFFERENCE", subject: "", message: "They differ.", next: "Look." };
    const find = (found: readonly MoneyFault[]) =>
      replaceMoneyFaults(harness.db, { codes: ["LEDGER_DIFFERENCE"], found, at: new Date((harness.nowMs += 1_000)) });
    const breaks = async (): Promise<string[]> => {
      const { cases } = await views.list({ resolved: false, kind: "RECONCILIATION", before: null });
      return cases.map(({ state }) => state);
    };
    for (const times of [1, 2]) {
      await find([difference]);
      await look();
      expect(await breaks()).toEqual(times === 1 ? ["open"] : ["open", "over"]);
      await find([]);
      await look();
    }
    expect(await breaks()).toEqual(["over", "over"]);
  });
});
