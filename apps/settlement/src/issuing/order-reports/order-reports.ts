import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import {
  ConfigError,
  reportDomain,
  ReportSignatureError,
  type VerifiedReport,
  verifyReport,
} from "@tallystick/program";
import { digestOf, encodeDomain, equalBytes, fromHex, toHex, type Domain } from "@tallystick/protocol";
import { type Selectable, sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { OrderReportsTable } from "../../foundation/database/tables/issuing-tables.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { SharedRead } from "../../foundation/shared-read.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { REPORTS_FRESH_MS } from "./limits.ts";
import { compareReports, knownOf, namedIn } from "./compare-reports.ts";
import type { OrderReportAnswer } from "./order-report-answers.ts";

/** The register of the stations' signed reports of orders (spec §6.10). */
@Injectable()
export class OrderReports {
  private readonly comparison: SharedRead<void>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const read = (): Promise<void> => compareReports(db, new Date(clock.now()));
    this.comparison = new SharedRead({ read, rest: LIMITS.sumRest });
  }

  /**
   * Keeps a report as it came; the same one a second time has no further effect. Throws Problem
   * ORDER_REPORT_FORM, ORDER_REPORT_DOMAIN or ORDER_REPORT_SIGNATURE.
   */
  async store(text: string, actor: Actor): Promise<OrderReportAnswer> {
    const bytes = new TextEncoder().encode(text);
    const report = this.verify(bytes);
    const digest = digestOf(bytes);
    const { head, sum, terminal } = report;
    return await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      const named = namedIn(report);
      const row = await trx
        .insertInto("order_reports")
        .values({
          ...{ digest, report: text, order_name: head.order, station: head.station, operator: head.operator },
          ...{ payee: fromHex(terminal.payee), terminal_id: fromHex(terminal.terminalId) },
          ...{ made_at: new Date(head.madeAt * 1_000), cards: sum.cards, ready: sum.ready, deposited: sum.deposited },
          ...{ named_cards: sql`${named.cards}::bytea[]`, named_fundings: sql`${named.fundings}::uuid[]` },
          ...{ ...(await knownOf(named, trx)), compared_at: at, received_at: at },
        })
        .onConflict((conflict) => conflict.column("digest").doNothing())
        .returning(SHOWN)
        .executeTakeFirst();
      if (row === undefined) return this.answer(await kept(trx, digest));
      const { cards, ready, deposited } = sum;
      const details = { cards: String(cards), ready: String(ready), deposited };
      await recordAction(trx, { action: "order-report", actor, subject: toHex(digest), details, at });
      return this.answer(row);
    });
  }

  /**
   * The newest reports, the last that came first, each beside what is registered and final. For
   * that comparison this waits at most `withinMs`; then each shows what was known at its last one.
   */
  async newest({ rows, withinMs }: { readonly rows: number; readonly withinMs: number }): Promise<OrderReportAnswer[]> {
    await this.comparison.get({ freshMs: REPORTS_FRESH_MS, withinMs });
    const listed = await this.db
      .selectFrom("order_reports")
      .select(SHOWN)
      .orderBy("received_at", "desc")
      .orderBy("digest", "desc")
      .limit(rows)
      .execute();
    return listed.map((row) => this.answer(row));
  }

  /** A report's text. Throws Problem NOT_FOUND, also where it was erased with who made it (spec §6.11). */
  async text(digest: Uint8Array): Promise<string> {
    const row = await this.db
      .selectFrom("order_reports")
      .select("report")
      .where("digest", "=", digest)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "No report has this digest.");
    const { report } = row;
    if (report === "") throw new Problem("NOT_FOUND", "This report's text was erased with who made it.");
    return report;
  }

  private verify(bytes: Uint8Array): VerifiedReport {
    const domain = reportDomain(bytes);
    if (domain !== null && !equalBytes(encodeDomain(domain), encodeDomain(this.domain)))
      throw new Problem("ORDER_REPORT_DOMAIN", "Send it to the settlement of its own vault.");
    const issuerKeys = this.issuer.knownKeys.map((key) => ({ ...key, domain: this.domain }));
    try {
      return verifyReport(bytes, { issuerKeys, source: "The report" });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const code = error instanceof ReportSignatureError ? "ORDER_REPORT_SIGNATURE" : "ORDER_REPORT_FORM";
      throw new Problem(code, error.message);
    }
  }

  private answer(row: Shown): OrderReportAnswer {
    const { station, operator, cards, ready, deposited } = row;
    return {
      ...{ digest: toHex(new Uint8Array(row.digest)), order: row.order_name, station, operator },
      ...{ payee: toHex(new Uint8Array(row.payee)), terminalId: toHex(new Uint8Array(row.terminal_id)) },
      ...{ madeAt: row.made_at.toISOString(), receivedAt: row.received_at.toISOString(), cards, ready, deposited },
      known: { cards: row.known_cards, deposited: formatTotal(row.known_units, this.asset) },
    };
  }
}

type Shown = Pick<Selectable<OrderReportsTable>, (typeof SHOWN)[number]>;

/** All but the text and what it names, which may be megabytes. */
const SHOWN = [
  ...(["digest", "order_name", "station", "operator", "payee", "terminal_id", "made_at", "cards", "ready"] as const),
  ...(["deposited", "known_cards", "known_units", "received_at"] as const),
] as const;

async function kept(trx: DatabaseTransaction, digest: Uint8Array): Promise<Shown> {
  return await trx.selectFrom("order_reports").select(SHOWN).where("digest", "=", digest).executeTakeFirstOrThrow();
}
