import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { makeDevelopmentKey } from "@tallystick/program";
import { fromHex } from "@tallystick/protocol";
import { eventually, holdsEventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { raisedBy } from "./harness/promql/rules.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";
import { COUNTERS, HISTOGRAMS } from "../src/foundation/figures/figures.ts";
import { MOST_GAUGES } from "../src/foundation/figures/limits.ts";
import { GAUGES } from "../src/operations/metrics/metrics.ts";
import { idOf } from "./harness/test-card.ts";

const figures = [...Object.keys(COUNTERS), ...Object.keys(HISTOGRAMS)];

/** Shown only where there is something to show. */
const ABSENT = ["tallystick_alarm", "tallystick_anomalies"];

describe("GET /metrics", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    // With a gas wallet, so that every account has its figures.
    const keyFile = join(dirname(harness.configFile), "gas-key.json");
    makeDevelopmentKey(keyFile, fromHex(harness.anvil.accounts[2]?.privateKey ?? "", 32));
    service = await harness.start(await harness.createDatabase(), { gas: { keyFile } });
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  /** The last two scrapes, as the rules of the alarms look at them. */
  let before = "";
  let now = "";

  /** Samples by name with labels, as Prometheus reads them. */
  async function samples(of: TestService): Promise<Map<string, number>> {
    const answer = await of.call("GET", "/metrics", { token: OPERATOR_TOKEN });
    expect([answer.status, answer.type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    [before, now] = [now, answer.body as string];
    const lines = (answer.body as string).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  }

  /** One voucher was paid in one batch, which used this gas, and nothing waits. */
  function expectPaid(seen: Map<string, number>, gasUsed: number): void {
    expect(seen.get("tallystick_outbox_calls")).toBe(0);
    expect(seen.has('tallystick_vouchers{state="final"}')).toBe(false);
    expect(seen.get('tallystick_vouchers{state="received"}')).toBe(0);
    expect(seen.get('tallystick_chain_actions{state="final"}')).toBeGreaterThan(2);
    expect(seen.get("tallystick_unfinal_units")).toBe(0);
    expect(seen.get("tallystick_oldest_unbatched_seconds")).toBe(0);
    expect(seen.get("tallystick_ledger_difference_units")).toBe(0);
    expect(seen.get("tallystick_disagreeing_anchors")).toBe(0);
    expect(seen.get("tallystick_issuer_owes_units")).toBe(0);
    expect(seen.get("tallystick_guarantee_tokens_units")).toBe(100_000_000);
    expect(seen.get("tallystick_guarantee_gas_wei")).toBeGreaterThan(0);
    expect(seen.get('tallystick_queue_jobs{topic="batch",state="failed"}')).toBe(0);
    expect([...seen.keys()].filter((name) => name.startsWith("tallystick_alarm"))).toEqual([]);
    expect(raisedBy({ before, now })).toEqual([]);
    for (const stage of ["received", "verified", "posted", "batched", "mined", "final"])
      expect([stage, seen.get(`tallystick_stage_vouchers_total{stage="${stage}"}`)]).toEqual([stage, 1]);
    expect(seen.get("tallystick_final_seconds_count")).toBe(1);
    expect(seen.get('tallystick_upload_entries_total{result="new"}')).toBe(1);
    expect(seen.get('tallystick_transactions_total{kind="settle",attempt="first"}')).toBe(1);
    const uploads = '{door="terminals",method="POST",route="/v1/uploads",status="2xx"}';
    expect(seen.get(`tallystick_http_requests_total${uploads}`)).toBe(1);
    expect(seen.get('tallystick_refused_callers_total{status="401"}')).toBe(1);
    expect(seen.get('tallystick_nonce_gap{account="treasury"}')).toBe(0);
    expect(seen.get('tallystick_nonce_gap{account="gas"}')).toBe(0);
    expect(seen.get("tallystick_gas_wallet_wei")).toBeGreaterThan(0);
    expect(seen.get("tallystick_gas_per_voucher")).toBe(gasUsed);
    expect(seen.get("tallystick_gas_per_voucher")).toBeGreaterThan(10_000);
    expect(seen.get("tallystick_treasury_gas_wei")).toBeGreaterThan(0);
    expect(seen.get("tallystick_silent_terminals")).toBe(0);
    expect(seen.get("process_resident_memory_bytes")).toBeGreaterThan(0);
    expect([...seen.keys()].some((name) => name.startsWith("tallystick_build_info{version="))).toBe(true);
    // Every name that a rule or a dashboard may ask for is one that is exported.
    const named = [...seen.keys()].map((name) => name.replace(/\{.*$/, ""));
    for (const name of Object.keys(GAUGES).filter((each) => !ABSENT.includes(each))) expect(named).toContain(name);
  }

  it("is for operators alone", async () => {
    expect((await service.call("GET", "/metrics", { token: null })).body.code).toBe("UNAUTHENTICATED");
    expect((await service.call("GET", "/metrics", { token: ISSUER_TOKEN })).body.code).toBe("FORBIDDEN");
  });

  it("counts what waits and what was paid", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const sale = await card.pay({ payee: terminal.payee, amount: 1_250_000n, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    await eventually(
      () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
      ({ body }) => body.state === "final",
    );
    // What the one batch used, and not what it was simulated with; the watcher says that the voucher is
    // final, the sender looks after its own transactions, and their fees are booked later.
    const fees = service.platform.db
      .selectFrom("chain_fees")
      .innerJoin("batches", "batches.action_id", "chain_fees.action_id")
      .select(["chain_fees.gas_used", "batches.gas_estimate"]);
    const fee = await eventually(
      () => fees.executeTakeFirst(),
      (booked) => booked !== undefined,
    );
    expect(fee?.gas_used).not.toBe(fee?.gas_estimate);
    // A part that takes longer than a scrape waits is absent in that scrape.
    const seen = await holdsEventually(
      () => samples(service),
      (found) => expectPaid(found, Number(fee?.gas_used)),
    );

    // What is no counter: with every anomaly and alarm that there may be at once, and room for more.
    const stored = [...seen.keys()].filter((name) => !figures.some((figure) => name.startsWith(figure)));
    expect(stored.length + 100).toBeLessThan(MOST_GAUGES);

    const still = await harness.start(service.platform.config.databaseUrl, {
      roles: ["api"],
      ...{ rpcUrl: "http://127.0.0.1:9", redisUrl: "redis://127.0.0.1:9" },
    });
    try {
      await service.stop();
      const next = await card.pay({ payee: terminal.payee, amount: 750_000n, terminalId: terminal.terminalId });
      await still.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [next] }) });
      await holdsEventually(
        () => samples(still),
        (away) => {
          expect(away.get("tallystick_oldest_unbatched_seconds")).toBeGreaterThan(0);
          expect(away.get("tallystick_unfinal_units")).toBe(750_000);
          expect(away.get('tallystick_unfinal_units_by_age{age="5m"}')).toBe(750_000);
          expect(away.get('tallystick_vouchers{state="received"}')).toBe(1);
          expect(away.get("tallystick_outbox_calls")).toBeGreaterThan(0);
          expect(away.get('tallystick_alarm{code="CHAIN_UNREACHABLE"}')).toBe(1);
          expect(away.get('tallystick_alarm{code="REDIS_UNAVAILABLE"}')).toBe(1);
          expect(raisedBy({ before, now })).toEqual(["SettlementNotReady", "PartAway"]);
          for (const absent of ["tallystick_ledger_difference_units", "tallystick_queue_jobs", "tallystick_guarantee"])
            expect([...away.keys()].filter((name) => name.startsWith(absent))).toEqual([]);
        },
      );
    } finally {
      await still.stop();
    }
  });
});
