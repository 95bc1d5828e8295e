import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type ApiDocument,
  assertCommitted,
  type CallExample,
  callsOf,
  exampleFault,
  rewriteCommitted,
} from "@tallystick/program/testing";
import {
  certificateRequestDigits,
  digestOf,
  disowningText,
  encodeCertificateRequest,
  encodeVoucherStatesRequest,
  fromHex,
  terminalRequestKinds,
  toChecksumAddress,
  toHex,
  uncompressKey,
  type VoucherBundle,
} from "@tallystick/protocol";
import { projectRoot } from "@tallystick/stack";
import { withdrawCall } from "@tallystick/vault";
import { makeToken } from "../src/operations/tokens/api-tokens.ts";
import { problems, type ProblemCode } from "../src/foundation/http/problem.ts";
import { eventually } from "./harness/eventually.ts";
import { allowanceRequest, certifiedTerminal, fundedCard as anyFundedCard, registeredCard } from "./harness/issued.ts";
import { merchantBrowser } from "./harness/people/browser.ts";
import { ReturnHarness } from "./harness/return-harness.ts";
import { DOCUMENT_FILE, ISSUER_TOKEN, OPERATOR_TOKEN, type TestAnswer } from "./harness/settlement-harness.ts";
import { orderReport } from "./harness/issuing/order-report.ts";
import { idOf, TestCard } from "./harness/test-card.ts";
import { TestPayee } from "./harness/test-payee.ts";
import { TestTerminal } from "./harness/test-terminal.ts";

const reference = {
  documentFile: DOCUMENT_FILE,
  pageFile: join(projectRoot(), "docs/reference/settlement-calls.md"),
  command: "pnpm --filter @tallystick/settlement reference",
};

/** Pages for people, and no calls of the API. */
const PAGES = /^[A-Z]+ \/(?:$|console|own|sign-in|sign-out)/;

/** The framework answers 404 to a method that a path does not have; the other one is a page's alone. */
const NEVER_ANSWERED: readonly ProblemCode[] = ["METHOD_NOT_ALLOWED", "LAST_PASSKEY"];

const TOKENS = { operator: OPERATOR_TOKEN, issuer: ISSUER_TOKEN };

describe("the reference of the API", () => {
  let harness: ReturnHarness;
  let document: ApiDocument;
  const examples = new Map<string, CallExample>();
  /** The cookie of a merchant that has signed in. */
  let merchant = "";

  beforeAll(async () => {
    harness = await ReturnHarness.create("ReferenceVault", { approvals: { above: "1000000.00" } });
    document = (await harness.service.call("GET", "/openapi.json")).body as ApiDocument;
    await makeExamples();
  });
  afterAll(async () => {
    await harness.stop();
  });

  /** Makes a call, again until its answer is what the example shall show, and keeps it as the example. */
  async function example(
    name: string,
    path: string,
    {
      body,
      until = () => true,
      as,
    }: { body?: unknown; until?: (answer: TestAnswer["body"]) => boolean; as?: keyof typeof TOKENS } = {},
  ): Promise<TestAnswer["body"]> {
    const [method = ""] = name.split(" ");
    const call = callsOf(document).find((each) => each.name === name);
    const [, first] = Object.entries(TOKENS).find(([role]) => call?.roles?.includes(role)) ?? [];
    const token = as === undefined ? first : TOKENS[as];
    const signedIn = call?.roles?.join() === "merchant" ? { token: null, cookie: merchant } : {};
    const answer = await eventually(
      () =>
        harness.service.call(method, path, {
          ...{ body, station: "station 2" },
          ...(token === undefined ? {} : { token }),
          ...signedIn,
        }),
      (seen) => seen.status === 200 && until(seen.body),
    );
    examples.set(name, { path, ...(body === undefined ? {} : { body }), answer: answer.body });
    return answer.body;
  }

  async function makeExamples(): Promise<void> {
    const terminal = new TestTerminal(harness.settlement.domain);
    terminal.certificate = await example("POST /v1/merchants", "/v1/merchants", {
      body: terminal.certificateRequest(),
    });
    await joining();
    const card = await fundedCard();
    await settledPayments(card, terminal);
    const payee = toHex(terminal.payee);
    const { id } = await example("POST /v1/payouts", "/v1/payouts", {
      body: { payee, reason: "The week of the fair." },
    });
    await example("GET /v1/payouts/{id}", `/v1/payouts/${id}`, { until: ({ state }) => state === "final" });
    const report = await orderReport(terminal, [{ card: toHex(card.address), funding: null, deposited: "0.00" }]);
    const { digest } = await example("POST /v1/order-reports", "/v1/order-reports", { body: { report } });
    await example("GET /v1/order-reports", "/v1/order-reports");
    await example("GET /v1/order-reports/{digest}", `/v1/order-reports/${String(digest)}`);
    const again = { body: { reason: "The payee asked." } };
    await example("POST /v1/payouts/{id}/retry", `/v1/payouts/${id}/retry`, again);
    const refused = await refusedPayout(payee);
    await failedActions([String(id), refused]);
    await example("POST /v1/payouts/{id}/abandon", `/v1/payouts/${refused}/abandon`, again);
    await decisions();
    await readings(payee);
  }

  /** A terminal that asks for its first certificate, one that is refused, and a payee that is confirmed. */
  async function joining(): Promise<void> {
    const asked = async (terminal: TestTerminal): Promise<{ request: string; signature: string }> => {
      const { domain, payee, terminalId, signer } = terminal;
      const [terminalKey, time] = [uncompressKey(signer.publicKey), Math.floor(Date.now() / 1_000)];
      const bytes = encodeCertificateRequest({ domain, payee, terminalId, terminalKey, category: 3, time });
      return { request: toHex(bytes), signature: toHex(await signer.sign(digestOf(bytes))) };
    };
    const path = "/v1/certificate-requests";
    const terminal = new TestTerminal(harness.settlement.domain);
    const body = await asked(terminal);
    const { id } = await example(`POST ${path}`, path, { body });
    const { category: _c, terminalId: _i, terminalKey: _k, ...limits } = terminal.certificateRequest();
    const digits = certificateRequestDigits(fromHex(body.request));
    const payee = toChecksumAddress(terminal.payee);
    await example(`GET ${path}`, path);
    await example(`POST ${path}/{id}/approval`, `${path}/${id}/approval`, {
      body: { ...limits, digits, payee, reason: "Read back." },
    });
    await example(`GET ${path}/{id}`, `${path}/${id}`);
    const other = await harness.service.call("POST", path, { body: await asked(new TestTerminal(terminal.domain)) });
    const reason = "Nobody knows this merchant.";
    await example(`POST ${path}/{id}/refusal`, `${path}/${other.body.id}/refusal`, { body: { reason } });
    await example("POST /v1/payees/{payee}/confirmation", `/v1/payees/${toHex(terminal.payee)}/confirmation`, {
      body: { reason: "The merchant read it back by telephone." },
    });
  }

  /** A withdrawn certificate, a reversal that its payee confirms, and what persons decide. */
  async function decisions(): Promise<void> {
    const { settlement, service } = harness;
    const payee = new TestPayee();
    const terminal = await certifiedTerminal(settlement, service, {}, payee.address);
    const path = `/v1/merchants/${toHex(terminal.payee)}/terminals/${toHex(terminal.terminalId)}/withdrawal`;
    const name = "POST /v1/merchants/{payee}/terminals/{terminalId}/withdrawal";
    const { withdrawnFrom } = await example(name, path, { body: { reason: "The terminal was stolen." } });
    await eventually(
      async () => Math.floor(Date.now() / 1_000),
      (now) => now > withdrawnFrom,
    );
    const [paid, refused, reversed] = [
      await withheldLoser(terminal, withdrawnFrom),
      await withheldLoser(terminal, withdrawnFrom),
      await withheldLoser(terminal, withdrawnFrom),
    ];
    await example("GET /v1/withheld", "/v1/withheld");
    const reason = "The merchant's books show the sale.";
    await example("POST /v1/withheld/{id}/payment", `/v1/withheld/${idOf(paid)}/payment`, { body: { reason } });
    const signature = await payee.sign(disowningText(settlement.domain, fromHex(idOf(refused))));
    await example("POST /v1/withheld/{id}/refusal", `/v1/withheld/${idOf(refused)}/refusal`, {
      body: { ground: "DISOWNED", reason: "The payee did not sell this.", signature },
    });
    await caseWork(toHex(terminal.payee), toHex(terminal.terminalId));
    const upload = await terminal.upload({ reversals: [harness.reversal(reversed)] });
    await service.call("POST", "/v1/uploads", { body: upload });
    const { unconfirmed } = (await service.call("GET", "/v1/returns")).body;
    const [{ id, text }] = unconfirmed;
    await example("POST /v1/reversals/{id}/confirmation", `/v1/reversals/${id}/confirmation`, {
      body: { signature: await payee.sign(text) },
    });
  }

  /** Names, a case that is resolved, and a closed period. */
  async function caseWork(payee: string, terminalId: string): Promise<void> {
    const [merchants, named] = ["/v1/merchants/{payee}", { name: "Café Hull", reason: "As its sign says." }];
    const body = { ...named, contact: "Ines, +49 30 1234567" };
    await example(`PUT ${merchants}/name`, `/v1/merchants/${payee}/name`, { body });
    const terminal = `/v1/merchants/${payee}/terminals/${terminalId}/name`;
    const name = { name: "Kiosk 2", reason: "As its sign says." };
    await example(`PUT ${merchants}/terminals/{terminalId}/name`, terminal, { body: name });
    const isOver = ({ kind, state }: { kind: string; state: string }) => kind === "FORK" && state === "over";
    const { cases } = await example("GET /v1/cases", "/v1/cases", { until: (answer) => answer.cases.some(isOver) });
    const path = `/v1/cases/${String(cases.find(isOver).id)}`;
    await example("GET /v1/cases/{id}", path);
    await example("GET /v1/cases/{id}/evidence", `${path}/evidence`);
    await example("POST /v1/cases/{id}/owner", `${path}/owner`, { body: { reason: "I ask the cardholder." } });
    const done = { body: { reason: "The card is back and destroyed." } };
    await example("POST /v1/cases/{id}/resolution", `${path}/resolution`, done);
    await example("POST /v1/periods", "/v1/periods", { body: { reason: "The month is over." } });
    const { periods } = await example("GET /v1/periods", "/v1/periods");
    await example("GET /v1/periods/{id}", `/v1/periods/${String(periods[0].id)}`);
  }

  /** A fork's loser that was sold before its certificate was withdrawn, and came afterwards. */
  async function withheldLoser(terminal: TestTerminal, time: number): Promise<VoucherBundle> {
    const card = await anyFundedCard(harness.settlement, harness.service);
    const clone = card.clone();
    await harness.paid(card, 1_000_000n);
    const { payee, terminalId } = terminal;
    const loser = await clone.pay({ payee, terminalId, amount: 1_000_000n, time });
    await harness.service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [loser] }) });
    await harness.becomes(loser, { state: "withheld" });
    return loser;
  }

  /** A payout that the vault would undo, and that is tried again much later. */
  async function refusedPayout(payee: string): Promise<string> {
    const { db, contract, signer } = harness.service.platform;
    const [action, payout] = [randomUUID(), randomUUID()];
    const at = new Date();
    await db
      .insertInto("chain_actions")
      .values({
        ...{ id: action, key: `withdraw:${payout}`, kind: "withdraw", account: signer.address },
        ...{ target: contract.vault, data: withdrawCall(fromHex(payee)), after_actions: [] },
        ...{ state: "refused", nonce: null, gas: null, failure: "SIMULATION: NothingToWithdraw" },
        ...{ mined_hash: null, mined_block: null, mined_block_hash: null, created_at: at, changed_at: at },
        retry_at: new Date(at.getTime() + 86_400_000),
      })
      .execute();
    await db
      .insertInto("payouts")
      .values({ id: payout, payee: fromHex(payee), action_id: action, created_at: at })
      .execute();
    return payout;
  }

  /** The actions of a payout that is done, and of one that was refused. */
  async function failedActions([done = "", refused = ""]: readonly string[]): Promise<void> {
    const { db } = harness.service.platform;
    const actionOf = async (payout: string): Promise<string> =>
      (await db.selectFrom("payouts").select("action_id").where("id", "=", payout).executeTakeFirstOrThrow()).action_id;
    await example("GET /v1/actions/failed", "/v1/actions/failed");
    const asked = { body: { reason: "The payee asked." }, as: "operator" } as const;
    await example("POST /v1/actions/{id}/retry", `/v1/actions/${await actionOf(done)}/retry`, asked);
    await example("POST /v1/actions/{id}/abandon", `/v1/actions/${await actionOf(refused)}/abandon`, asked);
  }

  async function fundedCard(): Promise<TestCard> {
    const { domain, treasury } = harness.settlement;
    const wanted = { body: { reference: "A-0001" } };
    await example("POST /v1/references/claim", "/v1/references/claim", wanted);
    await example("POST /v1/references/release", "/v1/references/release", wanted);
    const card = new TestCard(domain);
    const path = `/v1/cards/${toHex(card.address)}`;
    await example("POST /v1/cards", "/v1/cards", {
      body: {
        cardKey: toHex(card.signer.publicKey),
        owner: treasury,
        openingSignature: toHex(await card.opening(treasury)),
        reference: "A-0001",
      },
    });
    await example("POST /v1/cards/{card}/reference", `${path}/reference`, {
      body: { reference: "A-0002", reason: "Its label is another one's." },
    });
    const body = { amount: "20.00", key: "first", reason: "Order of 7 March." };
    const { id } = await example("POST /v1/cards/{card}/fundings", `${path}/fundings`, { body });
    await example("GET /v1/fundings/{id}", `/v1/fundings/${id}`, { until: ({ state }) => state === "final" });
    await example("POST /v1/fundings/{id}/retry", `/v1/fundings/${id}/retry`, {
      body: { reason: "The treasury is filled again." },
    });
    const tooMuch = { token: ISSUER_TOKEN, body: { amount: "900000.00", key: "too much", reason: "a test" } };
    const dear = await harness.service.call("POST", `${path}/fundings`, tooMuch);
    const given = `/v1/fundings/${String(dear.body.id)}/abandon`;
    await example("POST /v1/fundings/{id}/abandon", given, { body: { reason: "A slip of the key." } });
    await approvals(path);
    const allowance = await example("POST /v1/cards/{card}/allowances", `${path}/allowances`, {
      body: allowanceRequest(),
    });
    await example("GET /v1/cards/{card}/allowances/latest", `${path}/allowances/latest`);
    await example("POST /v1/cards/{card}/limits", `${path}/limits`, {
      body: { perTap: "50.00", reason: "The cardholder asked." },
    });
    await example("POST /v1/cards/{card}/keys", `${path}/keys`, {
      body: { masterKey: "504A77", issuerKeyId: 1, reason: "It came to the station." },
    });
    const { allowance: stopped } = await example("POST /v1/cards/{card}/suspension", `${path}/suspension`, {
      body: { reason: "Reported lost." },
    });
    expect(stopped).not.toBeNull();
    await example("POST /v1/cards/{card}/release", `${path}/release`, { body: { reason: "Found again." } });
    await example("GET /v1/cards/{card}", path, { until: ({ balanceFinal }) => balanceFinal === "20.00" });
    card.load(allowance);
    return card;
  }

  /** Two deposits above the sum that needs a second person, who approves the one and refuses the other. */
  async function approvals(card: string): Promise<void> {
    const { db } = harness.service.platform;
    const { token } = await makeToken(db, { name: "uma", role: "issuer", days: 1, by: "ada", now: Date.now() });
    const fund = async (key: string) => {
      const body = { amount: "2000000.00", key, reason: "A whole town's cards." };
      return (await harness.service.call("POST", `${card}/fundings`, { token, body })).body;
    };
    const reason = { body: { reason: "I have looked at it." } };
    const [{ approval: first }, { approval: second }] = [await fund("town"), await fund("town again")];
    await example("GET /v1/approvals", "/v1/approvals");
    await example("POST /v1/approvals/{id}/approval", `/v1/approvals/${first}/approval`, { ...reason, as: "issuer" });
    await example("POST /v1/approvals/{id}/refusal", `/v1/approvals/${second}/refusal`, { ...reason, as: "issuer" });
    const { id } = await fund("town");
    await harness.service.call("POST", `/v1/fundings/${id}/abandon`, { token, ...reason });
  }

  /** A payment that is paid, one that is reversed and refunded, and two of one counter. */
  async function settledPayments(card: TestCard, terminal: TestTerminal): Promise<void> {
    const pay = (from: TestCard) =>
      from.pay({ payee: terminal.payee, amount: 2_500_000n, terminalId: terminal.terminalId });
    const sale = await pay(card);
    await example("POST /v1/uploads", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    const { batch } = await example("GET /v1/vouchers/{id}", `/v1/vouchers/${idOf(sale)}`, {
      until: ({ state }) => state === "final",
    });
    const asked = encodeVoucherStatesRequest([fromHex(idOf(sale), 32)]);
    const body = await terminal.ask(terminalRequestKinds.voucherStates, asked);
    await example("POST /v1/requests", "/v1/requests", { body });
    await ownReadings(terminal, idOf(sale));
    await example("GET /v1/batches", "/v1/batches");
    await example("GET /v1/batches/{id}", `/v1/batches/${batch}`);
    const entry = `hold:${idOf(sale)}`;
    await example("GET /v1/ledger/proofs/inclusion", `/v1/ledger/proofs/inclusion?entry=${entry}`);
    const reversed = await harness.paid(card, 1_000_000n);
    await harness.send({ reversals: [harness.reversal(reversed)] });
    await harness.refund(card, 1_000_000n, reversed);
    await harness.becomes(reversed, { state: "refunded" });
    const path = `/v1/cards/${toHex(card.address)}/status`;
    await example("PUT /v1/cards/{card}/status", path, {
      body: { status: "suspended", reason: "asked by its cardholder" },
    });
    const clone = card.clone();
    const vouchers = [await pay(card), await pay(clone)];
    await harness.service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
    await example("GET /v1/forks", "/v1/forks", { until: ({ forks }) => forks.length === 1 });
  }

  /** What the merchant itself sees. */
  async function ownReadings(terminal: TestTerminal, sale: string): Promise<void> {
    merchant = (await merchantBrowser(harness.service, terminal.payee)).cookie ?? "";
    await example("GET /v1/own", "/v1/own");
    await example("GET /v1/own/vouchers", "/v1/own/vouchers");
    await example("GET /v1/own/vouchers/{id}", `/v1/own/vouchers/${sale}`);
    await example("GET /v1/own/vouchers/{id}/proof", `/v1/own/vouchers/${sale}/proof`);
    await example("GET /v1/own/batches", "/v1/own/batches");
    await example("GET /v1/own/payouts", "/v1/own/payouts");
    await example("GET /v1/own/statements", "/v1/own/statements?from=2026-01-01&to=2026-01-31");
    const path = `/v1/own/terminals/${toHex(terminal.terminalId)}/receipts`;
    await example("GET /v1/own/terminals/{terminalId}/receipts", path);
  }

  /** A lost card, and the one that takes its place. */
  async function replacement(): Promise<void> {
    const { settlement, service } = harness;
    const [lost, successor] = [await anyFundedCard(settlement, service), await registeredCard(settlement, service)];
    const path = `/v1/cards/${toHex(lost.address)}/replacement`;
    const body = { successor: toHex(successor.address), reason: "left in a taxi" };
    await example("POST /v1/cards/{card}/replacement", path, { body });
    await example("POST /v1/cards/{card}/replacement/rest", `${path}/rest`, { body: { reason: "It is right." } });
    await example("GET /v1/cards/{card}/replacement", path, { until: ({ readyAt }) => readyAt !== null });
  }

  /** An alarm, and somebody who looks after it. */
  async function alarms(): Promise<void> {
    const id = randomUUID();
    const at = new Date();
    const said = { message: "The treasury's gas pays 7 batches.", next: "Send ether to it." };
    const alarm = { id, code: "GAS_LOW", level: "warning" as const, ...said, since: at, seen_at: at };
    await harness.service.platform.db.insertInto("alarms").values(alarm).execute();
    await example("GET /v1/alarms", "/v1/alarms");
    await example("POST /v1/alarms/{id}/acknowledgement", `/v1/alarms/${id}/acknowledgement`, { body: {} });
  }

  /** What only reads. */
  async function readings(payee: string): Promise<void> {
    await example("GET /v1/returns", "/v1/returns");
    await replacement();
    await alarms();
    await example("GET /v1/float", "/v1/float");
    await example("GET /v1/cards", "/v1/cards");
    await example("GET /v1/issuer", "/v1/issuer");
    await example("GET /v1/merchants", "/v1/merchants");
    await example("GET /v1/payouts", "/v1/payouts");
    await example("GET /v1/fees", "/v1/fees?from=2026-01-01&to=2026-01-31&by=batch");
    await example("GET /v1/fees/accounts", "/v1/fees/accounts");
    await example("GET /v1/fees/vouchers/{id}", `/v1/fees/vouchers/0x${"34".repeat(32)}`);
    await example("GET /v1/costs", "/v1/costs?from=2026-01-01&to=2026-12-31");
    await example(
      "GET /v1/merchants/{payee}/statements",
      `/v1/merchants/${payee}/statements?from=2026-01-01&to=2026-01-31`,
    );
    await example("GET /v1/ledger/root", "/v1/ledger/root?size=4");
    await example("GET /v1/ledger/proofs/consistency", "/v1/ledger/proofs/consistency?from=4&to=7");
    await example("GET /v1/reconciliation", "/v1/reconciliation", {
      until: ({ ledgerDifference }) => ledgerDifference === "0",
    });
    await example("GET /v1/audit/root", "/v1/audit/root?size=4");
    await example("GET /v1/audit/entries", "/v1/audit/entries?before=4");
    await example("GET /v1/audit/proofs/inclusion", "/v1/audit/proofs/inclusion?entry=1&size=4");
    await example("GET /v1/audit/proofs/consistency", "/v1/audit/proofs/consistency?from=2&to=4");
    for (const path of ["/v1/status-list", "/v1/domain", "/v1/readiness", "/livez", "/v1/queues", "/metrics"])
      await example(`GET ${path}`, path);
  }

  it("describes every route, and none besides", () => {
    const described = callsOf(document).map(({ name }) => name);
    const calls = [...harness.service.routes].filter((route) => !PAGES.test(route));
    expect([...described].sort()).toEqual(calls.sort());
    expect(new Set(callsOf(document).map(({ operationId }) => operationId)).size).toBe(described.length);
  });

  it("names every code of the table at some call", () => {
    const named = new Set(callsOf(document).flatMap((call) => [...call.problems.values()].flat()));
    expect(problems.codes.filter((code) => !named.has(code))).toEqual(NEVER_ANSWERED);
  });

  it("answers a method that a path does not have like a path that is none", async () => {
    const { status, body } = await harness.service.call("DELETE", "/v1/cards");
    expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
  });

  it("has a schema that fits a real request and its answer at every call", () => {
    for (const call of callsOf(document)) {
      const made = examples.get(call.name);
      expect([call.name, made === undefined ? "was not called" : exampleFault(call, made)]).toEqual([call.name, null]);
    }
  });

  it("is committed as the service serves it, with an example of every call", () => {
    if (process.env["REWRITE_REFERENCE"] === "1") rewriteCommitted(reference, document, examples);
    assertCommitted(reference, document);
  });
});
