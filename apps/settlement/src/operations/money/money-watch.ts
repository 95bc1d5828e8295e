import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { type NextPass, Repeater, within } from "@tallystick/program";
import { fromHex, toHex } from "@tallystick/protocol";
import { CHAIN_RPC, ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { ChainIdentity } from "../../chain/chain-identity.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import {
  exchangeMoneyFaults,
  type MoneyChange,
  type MoneyFinding,
  replaceMoneyFaults,
} from "../../chain/money/money-faults.ts";
import { failureOfSum, keepFailedSum, keepSum } from "../../chain/money/money-sums.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { Shared } from "../../foundation/shared-read.ts";
import { MoneyReports, type MoneyReport } from "../reconciliation/money-reports.ts";
import { faultsOfSum } from "./solvency.ts";
import { createTransferTrial, TRIAL_CODES, tryTransfers, type TransferTrial } from "./transfer-trials.ts";

/**
 * Looks after the money in a process with the role `workers` (spec §6.14): sums the vault again and
 * again, and tries every minute whether the token moves. What it finds is kept in the database, where
 * fundings, allowances, payouts and readiness look it up.
 */
@Injectable()
export class MoneyWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(MoneyWatch.name);
  private readonly trial: TransferTrial;
  private loops: readonly Repeater[] = [];
  private lastPayee: Uint8Array | null = null;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(MoneyReports) private readonly reports: MoneyReports,
    @Inject(ChainIdentity) private readonly identity: ChainIdentity,
    @Inject(CHAIN_RPC) rpc: ChainRpc,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.trial = createTransferTrial(rpc, contract);
  }

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes("workers")) return;
    const pauseMs = LIMITS.leastSumPauseMs;
    this.loops = [
      new Repeater({ pass: () => this.sum(), pauseMs, log: new Logger("MoneyWatch") }),
      new Repeater({ pass: () => this.tryToken(), pauseMs: LIMITS.transferTrialMs, log: new Logger("TokenTrials") }),
    ];
    for (const loop of this.loops) loop.start();
  }

  /** What hangs in a node's answer is left behind: nothing of it was begun. */
  async beforeApplicationShutdown(): Promise<void> {
    await within(LIMITS.watchEndMs, Promise.all(this.loops.map((loop) => loop.stop())));
  }

  /**
   * One sum of the vault; it is put aside where another process has kept one of a newer block. The
   * next one comes the later, the longer it took.
   */
  async sum(): Promise<NextPass> {
    const began = performance.now();
    const shared = await this.reported(began);
    const tookMs = performance.now() - began;
    if (shared !== null) {
      const { asset, vault } = this.config;
      const { ageMs, value } = shared;
      const found = faultsOfSum(value.money, { asset, vault });
      const finding = { codes: ["INSOLVENT", "LEDGER_DIFFERENCE"], found, at: new Date(this.clock.now()) } as const;
      const change = await this.db.transaction().execute(async (trx) => {
        const isNewest = await keepSum(trx, { ageMs, block: value.money.block });
        return isNewest ? await exchangeMoneyFaults(trx, finding) : null;
      });
      if (change !== null) this.tell(change);
    }
    const pauseMs = Math.max(LIMITS.leastSumPauseMs, tookMs * (LIMITS.sumRest + 1));
    return { afterMs: Math.min(pauseMs, LIMITS.mostSumPauseMs) };
  }

  /** Null where there is none yet. What keeps it from being made is put on record and thrown. */
  private async reported(began: number): Promise<Shared<MoneyReport> | null> {
    try {
      await this.identity.confirm();
      return await this.reports.get({ freshMs: 0, withinMs: LIMITS.mostSumPauseMs });
    } catch (error) {
      await keepFailedSum(this.db, { failure: failureOfSum(error), tookMs: performance.now() - began });
      throw error;
    }
  }

  /** One trial of vault, treasury, the guarantee's account, and some payees in turn. */
  async tryToken(): Promise<void> {
    await this.identity.confirm();
    const payees = await this.payeesInTurn();
    const { treasury, guarantee } = this.signers;
    const parties = {
      ...{ vault: this.contract.vault, treasury: treasury.address, guarantee: guarantee?.address ?? null, payees },
    };
    const { faults, triedPayees } = await tryTransfers(parties, this.trial);
    await this.keep({ codes: TRIAL_CODES, found: faults.filter(({ subject }) => subject === "") });
    const subjects = triedPayees.map((payee) => toHex(payee));
    await this.keep({ codes: ["PAYEE_BLOCKED"], subjects, found: faults.filter(({ subject }) => subject !== "") });
  }

  /** Those that are blocked, so that the end of it is seen, and the next ones of all. */
  private async payeesInTurn(): Promise<readonly Uint8Array[]> {
    const blocked = await this.db
      .selectFrom("money_faults")
      .select("subject")
      .where("code", "=", "PAYEE_BLOCKED")
      .orderBy("seen_at")
      .limit(LIMITS.payeesTried)
      .execute();
    const after = this.lastPayee;
    const next = await this.db
      .selectFrom("terminals")
      .select("payee")
      .distinct()
      .$if(after !== null, (query) => query.where("payee", ">", after))
      .orderBy("payee")
      .limit(LIMITS.payeesTried)
      .execute();
    this.lastPayee = next.length < LIMITS.payeesTried ? null : (next.at(-1)?.payee ?? null);
    const named = new Set([...blocked.map(({ subject }) => subject), ...next.map(({ payee }) => toHex(payee))]);
    return [...named].map((payee) => fromHex(payee, 20));
  }

  private async keep(finding: Omit<MoneyFinding, "at">): Promise<void> {
    this.tell(await replaceMoneyFaults(this.db, { ...finding, at: new Date(this.clock.now()) }));
  }

  private tell({ begun, over }: MoneyChange): void {
    for (const { code, message, next } of begun) this.log.error(`${code}: ${message} ${next}`);
    for (const name of over) this.log.log(`${name.trim()} is over.`);
  }
}
