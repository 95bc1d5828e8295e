import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { RpcError } from "@tallystick/evm";
import { encodeVoucherStatesRequest, fromHex, terminalRequestKinds, toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { moneyFaults } from "../src/chain/money/money-faults.ts";
import { moneySum } from "../src/chain/money/money-sums.ts";
import type { VaultContract } from "../src/chain/vault-contract.ts";
import { MoneyWatch } from "../src/operations/money/money-watch.ts";
import { Reconciliation } from "../src/operations/reconciliation/reconciliation.ts";
import { mint } from "./harness/by-hand.ts";
import { eventually, holdsEventually } from "./harness/eventually.ts";
import { allowanceRequest, certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { raisedBy } from "./harness/promql/rules.ts";
import { metricsBecome, reasonsBecome, warningsBecome } from "./harness/readiness.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type SettlementHarness,
  type TestService,
} from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";
import { pauseToken, setHolding } from "./harness/token-stops.ts";

const SCALE = 1_000;

describe("the watch of the money", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let card: TestCard;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness("PackedVault", { scale: SCALE });
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
    terminal = await certifiedTerminal(harness, service);
    card = await fundedCard(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  /** The reconciliation once the newest block of now is recorded. */
  async function reconciled() {
    const latest = (await service.platform.rpc.block("latest"))?.number ?? 0n;
    const { body } = await eventually(
      () => service.call("GET", "/v1/reconciliation"),
      (seen) => BigInt(seen.body.block ?? 0) >= latest,
    );
    return body;
  }

  const fund = (key: string) =>
    service.call("POST", `/v1/cards/${toHex(card.address)}/fundings`, {
      body: { amount: "1.00", key, reason: "a test" },
      token: ISSUER_TOKEN,
    });
  const allow = () =>
    service.call("POST", `/v1/cards/${toHex(card.address)}/allowances`, {
      body: allowanceRequest(),
      token: ISSUER_TOKEN,
    });
  const payOut = () =>
    service.call("POST", "/v1/payouts", {
      body: { payee: toHex(terminal.payee), reason: "a test" },
      token: OPERATOR_TOKEN,
    });
  const codeOf = ({ body }: { readonly body: { readonly code?: string } }) => body.code;

  it("shows tokens that were sent straight to the vault in a line of their own", async () => {
    const before = (await reconciled()).vault;
    expect(before).toMatchObject({ held: before.owes, surplus: "0.00" });
    const straight = transferCall({ to: harness.domain.vault, baseUnits: 1_500n });
    await harness.sendAs(harness.treasury, straight, harness.token);
    expect(await reconciled()).toMatchObject({ ledgerDifference: "0", vault: { surplus: "0.0015" } });
    // Of anyone too, and below one unit.
    await mint(harness, toHex(harness.domain.vault), 7n);
    expect(await reconciled()).toMatchObject({ ledgerDifference: "0", vault: { surplus: "0.001507" } });
    await reasonsBecome(service, []);
  });

  it("alarms when the vault's tokens are gone, stops what would bind more, and goes on when they are back", async () => {
    const { vault } = harness.domain;
    const baseUnits = await service.platform.contract.tokenBalance(vault, "latest");
    await setHolding(harness, { account: vault, baseUnits: 0n });
    const { body } = await reasonsBecome(service, ["INSOLVENT"]);
    expect(body.reasons[0].next).toContain(toHex(vault));
    expect(await reconciled()).toMatchObject({
      ledgerDifference: "0",
      vault: { held: "0.00", surplus: expect.stringMatching(/^-/) },
    });
    for (const refused of [await fund("while-insolvent"), await allow()])
      expect([refused.status, codeOf(refused)]).toEqual([503, "INSOLVENT"]);
    expect((await service.call("GET", "/")).body).toContain("INSOLVENT");
    await metricsBecome(service, (text) => {
      expect(text).toContain('tallystick_alarm{code="INSOLVENT"} 1');
      expect(text).toContain("tallystick_ready 0");
      expect(raisedBy({ before: text, now: text })).toEqual(["SettlementNotReady", "VaultInsolvent"]);
    });
    await setHolding(harness, { account: vault, baseUnits });
    await reasonsBecome(service, []);
    expect((await fund("while-insolvent")).status).toBe(200);
  });

  it("finds a token that is paused, says so to everybody whom it stops, and settles all the same", async () => {
    const sale = await card.pay({ payee: terminal.payee, amount: 1_000n, terminalId: terminal.terminalId });
    const watch = service.app.get(MoneyWatch);
    const unpause = await pauseToken(harness);
    await watch.tryToken();
    const { body } = await reasonsBecome(service, ["TOKEN_STOPPED"]);
    expect(body.reasons[0].message).toContain("Paused");
    await metricsBecome(service, (text) =>
      expect(raisedBy({ before: text, now: text })).toEqual(["SettlementNotReady", "MoneyStopped"]),
    );
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    await eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
      (seen) => seen.body.state === "final",
    );
    for (const refused of [await fund("while-paused"), await payOut()]) {
      expect([refused.status, codeOf(refused)]).toEqual([503, "TRANSFERS_STOPPED"]);
      expect(refused.body).toMatchObject({ fault: "TOKEN_STOPPED", detail: expect.stringContaining("Paused") });
    }
    const ids = encodeVoucherStatesRequest([fromHex(idOf(sale), 32)]);
    const asked = await terminal.ask(terminalRequestKinds.voucherStates, ids);
    const states = await service.call("POST", "/v1/requests", { body: asked });
    expect(states.body.notices).toMatchObject([{ code: "TOKEN_STOPPED", since: expect.any(Number) }]);
    expect(states.body.notices[0].message.includes("Paused")).toBe(true);
    await unpause();
    await watch.tryToken();
    await reasonsBecome(service, []);
    expect((await payOut()).status).toBe(200);
  });

  it("reads no card of others that never had money", async () => {
    const { db, contract } = service.platform;
    await db
      .insertInto("chain_events")
      .values(
        Array.from({ length: 1_500 }, (_, index) => ({
          ...{ block_number: 0n, log_index: index, block_hash: Buffer.alloc(32), transaction_hash: Buffer.alloc(32) },
          ...{ final: true, kind: "opened", payee: null, units: null, detail: "{}" },
          card: Buffer.from(index.toString(16).padStart(40, "0"), "hex"),
        })),
      )
      .execute();
    let reads = 0;
    await reportWith(service, (...of) => {
      reads += 1;
      return contract.card(...of);
    });
    expect(reads).toBe(1);
  });

  it("keeps since when, and knows payees one by one", async () => {
    const { db } = service.platform;
    // A trial in the background finds that the payee can be paid, and takes it away.
    const blocked = () =>
      db
        .insertInto("money_faults")
        .values({
          ...{ code: "PAYEE_BLOCKED", subject: toHex(terminal.payee), message: "Blacklisted.", next: "Ask." },
          ...{ since: new Date(0), seen_at: new Date(0) },
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    await holdsEventually(
      async () => {
        await blocked();
        return (await service.call("GET", "/v1/readiness")).body;
      },
      (body) =>
        expect(body).toMatchObject({
          ready: true,
          warnings: [{ code: "PAYEE_BLOCKED", since: new Date(0).toISOString() }],
        }),
    );
    // The next trial finds that the payee can be paid.
    await service.app.get(MoneyWatch).tryToken();
    expect(await moneyFaults(db)).toEqual([]);
    await warningsBecome(service, []);
  });

  it("says that it is blind where the node no longer has the final block's state, and sees again by itself", async () => {
    const { db, contract } = service.platform;
    const balances = jest
      .spyOn(contract, "tokenBalance")
      .mockRejectedValue(new RpcError("REFUSED", "missing trie node"));
    const summed = (ageMs: number) =>
      db
        .updateTable("money_sums")
        .set({ summed_at: new Date(Date.now() - ageMs) })
        .executeTakeFirst();
    await eventually(
      () => moneySum(db),
      (record) => record?.failure?.startsWith("REFUSED") === true,
    );
    await summed(1_200_000);
    await warningsBecome(service, ["MONEY_NOT_SUMMED"], { ready: true, warnings: [{ since: expect.any(String) }] });
    await metricsBecome(service, (text) => expect(raisedBy({ before: text, now: text })).toEqual(["MoneyNotSummed"]));
    await summed(7_200_000);
    expect((await reasonsBecome(service, ["MONEY_NOT_SUMMED"])).body.ready).toBe(false);
    balances.mockRestore();
    await reasonsBecome(service, []);
    await warningsBecome(service, []);
    expect((await moneySum(db))?.failure).toBeNull();
  });

  it("compares one moment of the books, also where an account is opened while the chain is read", async () => {
    const { db, contract } = service.platform;
    const { postings } = partsOf(service);
    const units = 7n;
    const report = await reportWith(service, async (...of) => {
      await db
        .transaction()
        .execute((trx) => postings.moved(trx, "opening:meanwhile", { kind: "minted", units, to: "guarantee" }));
      return await contract.card(...of);
    });
    expect(report.ledgerDifference).toBe(0n);
    const { ledgerDifference } = await reportWith(service, contract.card);
    expect(ledgerDifference).toBe(2n * units);
  });
});

/** What a reconciliation is made with. */
function partsOf(service: TestService) {
  return service.app.get(Reconciliation) as unknown as {
    readonly postings: ConstructorParameters<typeof Reconciliation>[3];
  };
}

/** A report of the service's own books and chain, whose cards are read by `card`. */
function reportWith(service: TestService, card: VaultContract["card"]) {
  const { db, rpc, contract, config } = service.platform;
  const { postings } = partsOf(service);
  return new Reconciliation(db, rpc, { ...contract, card }, postings, config).report();
}
