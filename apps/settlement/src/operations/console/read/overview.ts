import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { failedGroups, type FailedGroup } from "../../../chain/refused/failed-actions.ts";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { CONFIG, type Config } from "../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { CaseViews } from "../../cases/case-views.ts";
import { Readiness } from "../../readiness/readiness.ts";
import { SharedRead } from "../../../foundation/shared-read.ts";
import { OVERVIEW_FRESH_MS, PAGE_WAIT_MS, SHORT_ROWS } from "../limits.ts";
import { MerchantReader, type SilenceView } from "./merchants.ts";
import { MoneyTexts, type MoneyFigures } from "./money-texts.ts";
import { situationOf, type OpenGroup, type Situation, type SituationGrounds } from "./situation.ts";
import { standingReplacements, type StandingReplacements } from "./waiting/standing-replacements.ts";
import { WaitingReader, type ShortAlarm, type WaitingForPeople } from "./waiting/waiting.ts";

/** What the first screen says, as texts. */
export interface Overview {
  readonly situation: Situation;
  readonly fuelOf: "the gas wallet" | "the treasury";
  readonly fuel: {
    readonly account: string;
    readonly wei: string;
    readonly batches: number;
  } | null;
  /** Null where the programme has none, and while the chain does not answer: `hasGuarantee` tells them apart. */
  readonly guarantee: { readonly account: string; readonly tokens: string; readonly gas: string } | null;
  readonly hasGuarantee: boolean;
  readonly money: MoneyFigures;
  readonly next: { readonly vouchers: number; readonly amount: string; readonly latest: string } | null;
  readonly cases: number;
  readonly alarms: {
    readonly count: number;
    /** `isOver`: what it tells of has ended, and its end is not told yet. */
    readonly newest: readonly (ShortAlarm & { readonly isOver: boolean })[];
  };
  /** The last final block that was taken in. */
  readonly block: string | null;
  /** Seconds since the figures of the database were read; null while there are none. */
  readonly ageSeconds: number | null;
}

interface Records {
  readonly open: readonly OpenGroup[];
  readonly refused: readonly FailedGroup[];
  readonly standing: StandingReplacements | null;
  readonly cases: { readonly count: number; readonly since: Date | null };
  readonly block: string | null;
  readonly silent: SilenceView;
  readonly waiting: WaitingForPeople;
}

/** Reads the first screen once for everybody who looks, within a second whatever hangs. */
@Injectable()
export class OverviewReader {
  private readonly records: SharedRead<Records>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(MoneyTexts) private readonly money: MoneyTexts,
    @Inject(CaseViews) private readonly cases: CaseViews,
    @Inject(MerchantReader) private readonly merchants: MerchantReader,
    @Inject(WaitingReader) private readonly waiting: WaitingReader,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.records = new SharedRead({ read: () => this.readRecords(), rest: 1 });
  }

  async read(): Promise<Overview> {
    const [{ reasons, warnings }, records, money] = await Promise.all([
      this.readiness.report(),
      this.newest(),
      this.money.read(),
    ]);
    const { fuel, guarantee } = this.readiness;
    const open = records?.value.open ?? null;
    const received = open?.find(({ state }) => state === "received");
    return {
      situation: situationOf({
        ...{ reasons, warnings, open, refused: records?.value.refused ?? [] },
        standing: records?.value.standing ?? null,
        cases: records?.value.cases ?? { count: 0, since: null },
        silent: records === null ? [] : silentLines(records.value.silent),
        approvals: records?.value.waiting.approvals ?? null,
        requests: records?.value.waiting.requests ?? null,
        now: this.clock.now(),
        amountText: (units) => this.amount(units),
        asset: this.asset,
      }),
      fuelOf: this.readiness.fuelOf,
      fuel: fuel === null ? null : { account: toHex(fuel.account), wei: fuel.wei.toString(), batches: fuel.batches },
      hasGuarantee: this.config.guarantee.keyFile !== undefined,
      guarantee:
        guarantee === null
          ? null
          : {
              account: toHex(guarantee.account),
              tokens: this.amount(guarantee.tokens),
              gas: guarantee.gas.toString(),
            },
      money,
      next:
        received === undefined
          ? null
          : {
              vouchers: received.count,
              amount: this.amount(received.units),
              latest: new Date(received.since.getTime() + this.config.batch.maxAgeMs).toISOString(),
            },
      cases: records?.value.cases.count ?? 0,
      alarms: records === null ? { count: 0, newest: [] } : alarmsOf(records.value),
      block: records?.value.block ?? null,
      ageSeconds: records === null ? null : Math.round(records.ageMs / 1_000),
    };
  }

  private async newest() {
    try {
      const withinMs = readingWaitMs(this.records.newest);
      return await this.records.get({ freshMs: OVERVIEW_FRESH_MS, withinMs });
    } catch {
      // What is away is among the reasons.
      return null;
    }
  }

  /** Open vouchers stand in a partial index; what has ended is not counted. */
  private async readRecords(): Promise<Records> {
    const [open, refused, standing, cases, cursor, silent, waiting] = await Promise.all([
      sql<{ state: string; count: number; units: string; since: Date }>`
        select state, count(*)::int as count, sum(amount_units)::text as units, min(received_at) as since
        from vouchers where state in ('received', 'batched', 'skipped', 'forked', 'withheld', 'compensating')
        group by state order by since`.execute(this.db),
      failedGroups(this.db, SHORT_ROWS),
      standingReplacements(this.db, this.clock.now()),
      this.cases.open(),
      this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst(),
      this.merchants.silent(),
      this.waiting.read(),
    ]);
    return {
      open: open.rows.map(({ units, ...row }) => ({ ...row, units: BigInt(units) })),
      ...{ refused, standing, cases, silent, waiting, block: cursor?.block_number.toString() ?? null },
    };
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}

/** Alarms end when readiness has looked again: that no case is open any more is seen here before. */
export function alarmsOf({ waiting, cases }: Pick<Records, "waiting" | "cases">): Overview["alarms"] {
  const { count, newest } = waiting.alarms;
  const isOver = (code: string): boolean => code === "CASES_OPEN" && cases.count === 0;
  return { count, newest: newest.map((alarm) => ({ ...alarm, isOver: isOver(alarm.code) })) };
}

/**
 * How long a page waits for its figures: before the first reading there is nothing to show meanwhile,
 * and after a pause in which nobody looked only what is old.
 */
export function readingWaitMs(newest: { readonly ageMs: number } | null): number {
  const isOld = newest === null || newest.ageMs >= LIMITS.pageOldSeconds * 1_000;
  return isOld ? LIMITS.answerWaitMs : PAGE_WAIT_MS;
}

/** A line for each that is named, and one for the others. */
function silentLines({ count, terminals }: SilenceView): SituationGrounds["silent"] {
  const named = terminals.map(({ payee, terminalId, merchant, silence }) => ({
    text: `${merchant === null ? "" : `${merchant}, `}${silence}`,
    href: `/console/merchants/${payee}#t-${terminalId}`,
  }));
  const others = count - named.length;
  if (others === 0) return named;
  return [...named, { text: `${others} more silent for less long.`, href: "/console/merchants" }];
}
