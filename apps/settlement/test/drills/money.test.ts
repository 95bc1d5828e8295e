import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseAddress, toHex, type VoucherBundle } from "@tallystick/protocol";
import { startRpcProxy, type RpcProxy } from "@tallystick/stack";
import { cardCall, transferCall } from "@tallystick/vault";
import { allow, fundByHand, settleByHand } from "../harness/by-hand.ts";
import { type DrillTools, drillTools } from "../harness/drills/drill-tools.ts";
import { printedCommands } from "../harness/drills/printed-commands.ts";
import { eventually } from "../harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "../harness/issued.ts";
import { createHarness, type SettlementHarness, type TestService } from "../harness/settlement-harness.ts";
import { idOf, type TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

/** Milliseconds that the drilled batches wait by a wrong setting: longer than FinalSlow bears. */
const SLOW_MS = 3 * 3_600_000;

/** The word of a card's slot, as the vault answers it, that says whether the card is convicted. */
const FLAGGED_WORD = 2;

describe("drills of payments", () => {
  let harness: SettlementHarness;
  /** Stands before the chain, and lies. */
  let node: RpcProxy;
  let service: TestService;
  let drill: DrillTools;
  let terminal: TestTerminal;
  /** By how much the service's clock is ahead. */
  let aheadMs = 0;
  let database: string;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    node = await startRpcProxy(harness.anvil.rpc);
    harness.startMining();
    drill = drillTools(harness, () => service.doors.administration);
    database = await harness.createDatabase();
    await start();
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service.stop();
    await node.stop();
    await harness.stop();
  });

  const start = async (change: Record<string, unknown> = {}): Promise<void> => {
    const settings = { rpcUrl: node.url, allowancePolicy: { everySeconds: 0, step: "1000000.00" }, ...change };
    service = await harness.start(database, settings, { now: () => Date.now() + aheadMs });
  };
  const restart = async (change: Record<string, unknown>): Promise<void> => {
    await service.stop();
    await start(change);
  };
  const pay = async (card: TestCard, amount: bigint): Promise<VoucherBundle> => {
    const { payee, terminalId } = terminal;
    const sale = await card.pay({ payee, terminalId, amount });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    return sale;
  };
  const becomes = (sale: VoucherBundle, state: string) =>
    eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
      ({ body }) => body.state === state,
    );

  it("PaidTwice: a node lies about a card, the issuer pays, and the vault pays too; the payee gives back, a person says so", async () => {
    const card = await fundedCard(harness, service, "2.00");
    await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    await drill.ready();
    const calm = await drill.scrape();
    // Promised, and more than the card has: it waits for a deposit, unless the vault has convicted the card.
    const asked = toHex(cardCall(card.address));
    node.fault(
      { kind: "change", change: (result, { params: [call] }) => (dataOf(call) === asked ? convicted(result) : result) },
      { methods: ["eth_call"] },
    );
    const sale = await pay(card, 3_000_000n);
    const borne = (await becomes(sale, "compensated")).body.tx as string;
    node.heal();
    await fundByHand(harness, card, 1_000_000n);
    await settleByHand(harness, [sale]);
    await drill.becomes(["SettlementNotReady", "PaidTwice"], calm);
    const { look, act } = printedCommands("PaidTwice");
    const { exit, output } = await drill.follow(look);
    expect(exit).toBe(0);
    for (const named of ["PAID_TWICE", idOf(sale), borne]) expect(output).toContain(named);

    // What the issuer had paid comes back to the account that it came from.
    const back = transferCall({ to: parseAddress(harness.guarantee), baseUnits: 3_000_000n });
    await harness.sendAs(toHex(terminal.payee), back, harness.token);
    const [list = "", resolve = ""] = act;
    // The case is opened with the next look.
    const found = await eventually(
      async () => {
        const { output: listed } = await drill.follow(list);
        const { cases } = JSON.parse(listed) as { cases: readonly { id: string; kind: string; detail: string }[] };
        return cases.filter(({ detail }) => detail.includes(idOf(sale)));
      },
      (cases) => cases.length > 0,
    );
    expect(found.map(({ kind }) => kind)).toEqual(["RECONCILIATION"]);
    expect((await drill.follow(resolve, { CASE: found[0]?.id ?? "" })).exit).toBe(0);
    await drill.ready();
  });

  it("FinalSlow: batches wait for hours, the queues name the stage, and payments are quick by the right setting", async () => {
    const card = await fundedCard(harness, service, "5.00");
    await restart({ batch: { maxVouchers: 50, maxAgeMs: SLOW_MS } });
    await drill.ready();
    const calm = await drill.scrape();
    const slow = await pay(card, 10_000n);
    // Three hours go by, for the service and for the chain.
    aheadMs = SLOW_MS;
    await harness.rpc("evm_increaseTime", [SLOW_MS / 1_000]);
    await becomes(slow, "final");
    const waiting = await pay(card, 10_000n);
    await drill.becomes(["FinalSlow"], calm);
    const { exit, output } = await drill.follow(printedCommands("FinalSlow").look);
    const { vouchers } = JSON.parse(output) as { vouchers: Readonly<Record<string, number>> };
    expect([exit, vouchers["received"], vouchers["batched"] ?? 0]).toEqual([0, 1, 0]);

    const past = await drill.scrape();
    await restart({});
    await becomes(waiting, "final");
    await drill.becomes([], past);
    await drill.ready();
  });

  it("MoneyNotSummed: a node keeps no state of final blocks, readiness says what it answers, and another node ends it", async () => {
    await eventually(
      () => drill.scrape(),
      (figures) => figures.includes("tallystick_vault_surplus_base_units"),
    );
    await drill.ready();
    node.fault({ kind: "error", code: -32_000, message: "missing trie node" }, { methods: ["eth_call"] });
    const blindMs = 20 * 60_000;
    // The age of a sum is by the database's clock, which nobody can turn forward.
    await sql`update money_sums set begun_at = begun_at - ${blindMs}::int * interval '1 millisecond',
      summed_at = summed_at - ${blindMs}::int * interval '1 millisecond'`.execute(service.platform.db);
    await drill.becomes(["MoneyNotSummed"]);
    const { exit, output } = await eventually(
      () => drill.follow(printedCommands("MoneyNotSummed").look),
      (seen) => seen.output.includes("REFUSED"),
    );
    expect([exit, JSON.parse(output)]).toEqual([
      0,
      expect.objectContaining({ ready: true, warnings: [expect.objectContaining({ code: "MONEY_NOT_SUMMED" })] }),
    ]);
    node.heal();
    await drill.ready();
  });
});

function dataOf(call: unknown): string {
  const { data, input } = call as { readonly data?: string; readonly input?: string };
  return data ?? input ?? "";
}

/** The same slot of a card that the vault has convicted. */
function convicted(result: unknown): string {
  const words = String(result).slice(2);
  return `0x${words.slice(0, 64 * FLAGGED_WORD)}${"1".padStart(64, "0")}${words.slice(64 * (FLAGGED_WORD + 1))}`;
}
