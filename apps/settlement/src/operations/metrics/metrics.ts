import { Inject, Injectable } from "@nestjs/common";
import { ACTION_STATES } from "@tallystick/evm";
import { Gauge, Registry } from "prom-client";
import { VOUCHER_STATES } from "../../vouchers/states/voucher-states.ts";
import { Queues } from "../../jobs/queues.ts";
import { BUILD } from "../../foundation/figures/build.ts";
import { figuresText } from "../../foundation/figures/figures.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { MoneyReports, type MoneyReport } from "../reconciliation/money-reports.ts";
import { Readiness } from "../readiness/readiness.ts";
import { SharedRead } from "../../foundation/shared-read.ts";
import { ACCOUNT_FIGURES_MS } from "./limits.ts";
import { type AccountFigures, type StateFigures, StateFigureReader } from "./state-figures.ts";
import { type WorkFigures, WorkFigureReader } from "./work-figures.ts";

/** Every gauge, with what it shows and the labels it has. */
export const GAUGES = {
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
  tallystick_money_sum_age_seconds: [
    "Age of the newest sum of the vault; before the first, since it is tried. Figures of the sum are absent when it is old.",
  ],
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
  tallystick_ready: ["1 where money moves, 0 where it does not."],
  tallystick_fuel_batches: [
    "Batches that the gas of the gas wallet pays, or the treasury's where there is none; absent while the chain cannot be read.",
  ],
  tallystick_vault_surplus_base_units: [
    "Base units that the vault holds above what it owes; below zero it is insolvent. Absent while it cannot be read.",
  ],
  tallystick_unfinal_units_by_age: ["Units of vouchers that are neither paid nor given up, by age.", "age"],
  tallystick_gas_per_voucher: ["Gas a voucher in the newest batches whose fees are booked; absent before the first."],
  tallystick_silent_terminals: ["Silent terminals: not withdrawn, heard once, and not for 8 hours."],
  tallystick_nonce_gap: ["Nonces that were given out and that no block has used, by account.", "account"],
  tallystick_gas_wallet_wei: [
    "The chain's own coin at the gas wallet; absent where there is none, or while it cannot be read.",
  ],
  tallystick_treasury_gas_wei: ["The chain's own coin at the treasury; absent while it cannot be read."],
  tallystick_treasury_tokens_units: ["Tokens at the treasury; absent while they cannot be read."],
  tallystick_build_info: ["1, with the versions of the program and of Node.", "version", "node"],
  tallystick_alarm: ["1 for each reason for which the service is not ready, and each warning.", "code"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

const OPEN_STATES = VOUCHER_STATES.filter((state) => state !== "final" && state !== "compensated");

type GaugeName = keyof typeof GAUGES;
type Labels = Readonly<Record<string, string>>;

type SetGauge = (name: GaugeName, value: number, labels?: Labels) => void;

/** Nothing is as old as the figure of a part that hangs: then it is absent. */
const ONCE = { freshMs: 0, withinMs: LIMITS.answerWaitMs } as const;

/**
 * The service in figures, in the text format of Prometheus. What is stored is read where it is kept,
 * and what no row keeps is counted by the process; a part that hangs is not waited for.
 */
@Injectable()
export class Metrics {
  private readonly work: SharedRead<WorkFigures>;
  private readonly states: SharedRead<StateFigures>;
  private readonly accounts: SharedRead<AccountFigures>;
  private readonly jobs: SharedRead<Awaited<ReturnType<Queues["counts"]>>>;

  constructor(
    @Inject(WorkFigureReader) work: WorkFigureReader,
    @Inject(MoneyReports) private readonly reports: MoneyReports,
    @Inject(Queues) queues: Queues,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(StateFigureReader) states: StateFigureReader,
  ) {
    this.states = new SharedRead({ read: () => states.read(), rest: 0 });
    this.accounts = new SharedRead({ read: () => states.accounts(), rest: 0 });
    this.work = new SharedRead({ read: () => work.read(), rest: 0 });
    this.jobs = new SharedRead({ read: () => queues.counts(), rest: 0 });
  }

  async text(): Promise<string> {
    const registry = new Registry();
    const [work, states, accounts, money, jobs, ready] = await Promise.all([
      present(this.work),
      present(this.states),
      present(this.accounts, ACCOUNT_FIGURES_MS),
      this.money(),
      present(this.jobs),
      this.readiness.report(),
    ]);
    const set = setterOf(registry);
    set("tallystick_ready", ready.ready ? 1 : 0);
    for (const { code } of [...ready.reasons, ...ready.warnings]) set("tallystick_alarm", 1, { code });
    for (const [topic, states] of Object.entries(jobs ?? {}))
      for (const [state, count] of Object.entries(states)) set("tallystick_queue_jobs", count, { topic, state });
    set("tallystick_build_info", 1, { version: BUILD.version, node: process.versions.node });
    if (work !== null) setWork(set, work);
    if (states !== null) setStates(set, states);
    if (accounts !== null) setSenders(set, accounts);
    this.setAccounts(set);
    if (money !== null) setMoney(set, money);
    return `${await registry.metrics()}\n${await figuresText()}`;
  }

  private setAccounts(set: SetGauge): void {
    const { guarantee, fuel } = this.readiness;
    if (fuel !== null) set("tallystick_fuel_batches", fuel.batches);
    if (guarantee === null) return;
    set("tallystick_guarantee_tokens_units", Number(guarantee.tokens));
    set("tallystick_guarantee_gas_wei", Number(guarantee.gas));
  }

  /** Null while the chain or the database cannot be read: an alarm names what is away. */
  private async money(): Promise<MoneyReport | null> {
    try {
      const shared = await this.reports.get({ freshMs: LIMITS.moneyFiguresMs, withinMs: LIMITS.answerWaitMs });
      return shared === null || shared.ageMs > 2 * LIMITS.moneyFiguresMs ? null : shared.value;
    } catch {
      return null;
    }
  }
}

/** What was read now, or null. */
async function present<T>(shared: SharedRead<T>, freshMs = 0): Promise<T | null> {
  try {
    const read = await shared.get({ ...ONCE, freshMs });
    return read === null || read.ageMs > freshMs + LIMITS.answerWaitMs ? null : read.value;
  } catch {
    return null;
  }
}

function setWork(set: SetGauge, work: WorkFigures): void {
  for (const state of OPEN_STATES) set("tallystick_vouchers", work.vouchers.get(state) ?? 0, { state });
  for (const state of ACTION_STATES) set("tallystick_chain_actions", work.actions.get(state) ?? 0, { state });
  for (const [kind, count] of work.anomalies) set("tallystick_anomalies", count, { kind });
  set("tallystick_outbox_calls", work.outbox);
  set("tallystick_oldest_unbatched_seconds", work.oldestUnbatchedSeconds);
  set("tallystick_unfinal_units", Number(work.unfinalUnits));
  set("tallystick_owed_returns", work.owedReturns);
  set("tallystick_issuer_owes_units", Number(work.issuerOwesUnits));
  set("tallystick_withheld_units", Number(work.withheldUnits));
  set("tallystick_oldest_withheld_seconds", work.oldestWithheldSeconds);
  set("tallystick_paid_twice_units", Number(work.paidTwiceUnits));
  if (work.chainAgeSeconds !== null) set("tallystick_chain_age_seconds", work.chainAgeSeconds);
  if (work.sumAgeSeconds !== null) set("tallystick_money_sum_age_seconds", work.sumAgeSeconds);
}

function setStates(set: SetGauge, { unitsByAge, gasPerVoucher, silentTerminals }: StateFigures): void {
  for (const [age, units] of unitsByAge) set("tallystick_unfinal_units_by_age", Number(units), { age });
  if (gasPerVoucher !== null) set("tallystick_gas_per_voucher", gasPerVoucher);
  set("tallystick_silent_terminals", silentTerminals);
}

function setSenders(set: SetGauge, { nonceGap, gasWalletWei, treasuryWei, treasuryTokensUnits }: AccountFigures): void {
  for (const [account, gap] of nonceGap) set("tallystick_nonce_gap", gap, { account });
  if (gasWalletWei !== null) set("tallystick_gas_wallet_wei", Number(gasWalletWei));
  set("tallystick_treasury_gas_wei", Number(treasuryWei));
  set("tallystick_treasury_tokens_units", Number(treasuryTokensUnits));
}

function setMoney(set: SetGauge, { money, anchors }: MoneyReport): void {
  set("tallystick_ledger_difference_units", Number(money.ledgerDifference));
  set("tallystick_vault_surplus_base_units", Number(money.vault.surplusBaseUnits));
  set("tallystick_ledger_log_entries", anchors.log.size);
  set("tallystick_disagreeing_anchors", anchors.disagreeing.length);
}

/**
 * Gauges are made when their first value comes, so that what is not known is absent and never 0.
 */
function setterOf(registry: Registry): SetGauge {
  const made = new Map<GaugeName, Gauge>();
  return (name, value, labels = {}) => {
    const [help, ...labelNames] = GAUGES[name];
    const gauge = made.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] });
    made.set(name, gauge);
    gauge.set(labels, value);
  };
}
