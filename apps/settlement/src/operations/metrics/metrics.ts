import { Inject, Injectable } from "@nestjs/common";
import { ACTION_STATES } from "@tallystick/evm";
import { Gauge, Registry } from "prom-client";
import { VOUCHER_STATES } from "../../vouchers/states/voucher-states.ts";
import { Queues } from "../../work/queues.ts";
import { GuaranteeStatusReader } from "../readiness/guarantee-status.ts";
import { Readiness } from "../readiness/readiness.ts";
import { MoneyFigureReader } from "./money-figures.ts";
import { WorkFigureReader } from "./work-figures.ts";

/** Every gauge, with what it shows and the labels it has. */
const gauges = {
  tallystick_vouchers: ["Vouchers by state, without those that were paid.", "state"],
  tallystick_chain_actions: ["Actions of the chain sender by state.", "state"],
  tallystick_queue_jobs: ["Jobs that Redis knows, by topic and state; absent while Redis is away.", "topic", "state"],
  tallystick_outbox_calls: ["Wake-up calls that no queue was given yet."],
  tallystick_oldest_unbatched_seconds: ["Age of the oldest voucher that waits for a batch."],
  tallystick_unfinal_units: ["Units of vouchers that are neither paid nor given up."],
  tallystick_owed_returns: ["Reversed vouchers that their payees have to release or refund."],
  tallystick_paid_twice_units: ["Units of vouchers that the vault and the issuer have both paid."],
  tallystick_chain_age_seconds: ["Age of the last final block whose events are recorded."],
  tallystick_ledger_difference_units: ["Difference between chain and books; absent while either cannot be read."],
  tallystick_issuer_owes_units: ["Units that the issuer owes for vouchers that the vault did not pay."],
  tallystick_guarantee_tokens_units: [
    "Tokens at the account that compensations are paid from; absent while they cannot be read.",
  ],
  tallystick_guarantee_gas_wei: [
    "The chain's own coin at the account that compensations are paid from; absent while it cannot be read.",
  ],
  tallystick_ledger_log_entries: ["Entries of the ledger's log."],
  tallystick_disagreeing_anchors: ["Ledger roots on the chain that do not agree with the log."],
  tallystick_anomalies: ["Anomalies on record by kind.", "kind"],
  tallystick_withheld_units: ["Units that the issuer owes and a person has to decide about."],
  tallystick_oldest_withheld_seconds: ["Age of the oldest withheld voucher."],
  tallystick_alarm: ["1 for each reason for which the service is not ready, and each warning.", "code"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

const OPEN_STATES = VOUCHER_STATES.filter((state) => state !== "final" && state !== "compensated");

type GaugeName = keyof typeof gauges;
type Labels = Readonly<Record<string, string>>;

/**
 * The service in figures, in the text format of Prometheus. Each scrape asks the database; nothing
 * is counted in memory.
 */
@Injectable()
export class Metrics {
  constructor(
    @Inject(WorkFigureReader) private readonly work: WorkFigureReader,
    @Inject(MoneyFigureReader) private readonly money: MoneyFigureReader,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(GuaranteeStatusReader) private readonly guarantee: GuaranteeStatusReader,
  ) {}

  async text(): Promise<string> {
    const registry = new Registry();
    const [work, money, queues, ready, guarantee] = await Promise.all([
      this.work.read(),
      this.money.read(),
      this.queues.counts(),
      this.readiness.report(),
      this.guarantee.read(),
    ]);
    const set = setterOf(registry);
    for (const state of OPEN_STATES) set("tallystick_vouchers", work.vouchers.get(state) ?? 0, { state });
    for (const state of ACTION_STATES) set("tallystick_chain_actions", work.actions.get(state) ?? 0, { state });
    for (const [kind, count] of work.anomalies) set("tallystick_anomalies", count, { kind });
    for (const { code } of [...ready.reasons, ...ready.warnings]) set("tallystick_alarm", 1, { code });
    for (const [topic, states] of Object.entries(queues ?? {}))
      for (const [state, count] of Object.entries(states)) set("tallystick_queue_jobs", count, { topic, state });
    set("tallystick_outbox_calls", work.outbox);
    set("tallystick_oldest_unbatched_seconds", work.oldestUnbatchedSeconds);
    set("tallystick_unfinal_units", Number(work.unfinalUnits));
    set("tallystick_owed_returns", work.owedReturns);
    set("tallystick_issuer_owes_units", Number(work.issuerOwesUnits));
    if (guarantee !== null) {
      set("tallystick_guarantee_tokens_units", Number(guarantee.tokens));
      set("tallystick_guarantee_gas_wei", Number(guarantee.gas));
    }
    set("tallystick_withheld_units", Number(work.withheldUnits));
    set("tallystick_oldest_withheld_seconds", work.oldestWithheldSeconds);
    set("tallystick_paid_twice_units", Number(work.paidTwiceUnits));
    if (work.chainAgeSeconds !== null) set("tallystick_chain_age_seconds", work.chainAgeSeconds);
    if (money !== null) {
      set("tallystick_ledger_difference_units", Number(money.ledgerDifferenceUnits));
      set("tallystick_ledger_log_entries", money.logEntries);
      set("tallystick_disagreeing_anchors", money.disagreeingAnchors);
    }
    return registry.metrics();
  }
}

/**
 * Gauges are made when their first value comes, so that what is not known is absent and never 0.
 */
function setterOf(registry: Registry): (name: GaugeName, value: number, labels?: Labels) => void {
  const made = new Map<GaugeName, Gauge>();
  return (name, value, labels = {}) => {
    const [help, ...labelNames] = gauges[name];
    const gauge = made.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] });
    made.set(name, gauge);
    gauge.set(labels, value);
  };
}
