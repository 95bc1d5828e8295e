import { Inject, Injectable } from "@nestjs/common";
import type { ChainRpc } from "@tallystick/evm";
import { sql } from "kysely";
import { CHAIN_RPC } from "../../chain/chain-connections.ts";
import { chainFaults } from "../../chain/chain-faults.ts";
import { ChainIdentity, ChainMismatch } from "../../chain/chain-identity.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { withheldSince } from "../../vouchers/withheld/withheld-views.ts";
import { Queues } from "../../work/queues.ts";
import { GuaranteeStatusReader } from "./guarantee-status.ts";

export interface ReadinessReport {
  readonly ready: boolean;
  readonly reasons: readonly ReadinessNote[];
  /** What a person has to do, although every part answers. */
  readonly warnings: readonly ReadinessNote[];
}

/** One thing to know, by its stable code. */
export interface ReadinessNote {
  readonly code: string;
  readonly message: string;
}

/**
 * What an operator or a load balancer must know. Uploads are taken while the database answers,
 * whatever else fails.
 */
@Injectable()
export class Readiness {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(ChainIdentity) private readonly identity: ChainIdentity,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(GuaranteeStatusReader) private readonly guarantee: GuaranteeStatusReader,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async report(): Promise<ReadinessReport> {
    const [found, faults, owed, withheld] = await Promise.all([
      Promise.all([this.database(), this.chain(), this.queue(), this.paidTwice()]),
      this.chainFaults(),
      this.guarantee.alarms(),
      this.withheld(),
    ]);
    const reasons = [...found.filter((reason) => reason !== null), ...faults, ...owed];
    return { ready: reasons.length === 0, reasons, warnings: withheld === null ? [] : [withheld] };
  }

  private async database() {
    try {
      await sql`select 1`.execute(this.db);
      return null;
    } catch {
      return {
        code: "DATABASE_UNAVAILABLE",
        message: "PostgreSQL does not answer: uploads are refused until it does.",
      };
    }
  }

  private async chain() {
    try {
      const chainId = await this.rpc.chainId();
      if (chainId === this.config.chainId) {
        await this.identity.confirm();
        return null;
      }
      return {
        code: "WRONG_CHAIN",
        message: `The node serves chain ${chainId}; the configuration names ${this.config.chainId}.`,
      };
    } catch (error) {
      if (error instanceof ChainMismatch) return { code: error.code, message: `${error.message} ${error.next}` };
      return { code: "CHAIN_UNREACHABLE", message: "The chain's node does not answer: vouchers are taken and wait." };
    }
  }

  /** What the watcher saw last: no node is asked here. */
  private async chainFaults(): Promise<readonly ReadinessNote[]> {
    try {
      return (await chainFaults(this.db)).map(({ code, detail }) => ({ code, message: detail }));
    } catch {
      // A database that is away has its own reason.
      return [];
    }
  }

  /** Named for a month after it was found; it stays among the anomalies and in the reconciliation. */
  private async paidTwice() {
    try {
      const found = await this.db
        .selectFrom("anomalies")
        .select("detail")
        .where("kind", "=", "PAID_TWICE")
        .where("found_at", ">", new Date(this.clock.now() - LIMITS.paidTwiceAlarmMs))
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return found === undefined ? null : { code: "PAID_TWICE", message: found.detail };
    } catch {
      // A database that is away has its own reason.
      return null;
    }
  }

  /** What is owed must not wait without anybody noticing (spec §6.12). */
  private async withheld() {
    try {
      const { count } = await this.db
        .selectFrom("vouchers")
        .select((select) => select.fn.countAll<bigint>().as("count"))
        .where("state", "=", "withheld")
        .where(withheldSince, "<", new Date(this.clock.now() - LIMITS.withheldAlarmMs))
        .executeTakeFirstOrThrow();
      if (count === 0n) return null;
      return {
        code: "WITHHELD_OVERDUE",
        message: `${count} vouchers have been withheld for more than 7 days: pay or refuse them.`,
      };
    } catch {
      return null;
    }
  }

  private async queue() {
    if ((await this.queues.counts()) !== null) return null;
    return { code: "REDIS_UNAVAILABLE", message: "Redis does not answer: vouchers are taken and wait." };
  }
}
