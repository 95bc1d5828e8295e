import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import type { FloatAnswer } from "../../float/float-answers.ts";
import { FloatReport } from "../../float/float-report.ts";
import type { OrderReportAnswer } from "../../../issuing/order-reports/order-report-answers.ts";
import { OrderReports } from "../../../issuing/order-reports/order-reports.ts";
import { type Shared, SharedRead } from "../../../foundation/shared-read.ts";
import { FLOAT_FRESH_MS, LONG_ROWS, PAGE_WAIT_MS, SHORT_ROWS } from "../limits.ts";

/** What one issuing station has claimed to make, and how far it is. */
export interface StationLine {
  readonly station: string;
  /** Cards of references that it claimed: all, and of them those registered, open, with a final deposit, seen at a terminal. */
  readonly claimed: number;
  readonly registered: number;
  readonly open: number;
  readonly loaded: number;
  readonly seen: number;
  readonly lastAt: string;
}

/** A reference that a station claimed, and what its card waits for. */
export interface OrderedCardLine {
  readonly reference: string;
  readonly station: string;
  readonly operator: string | null;
  readonly at: string;
  /** Null before the card is registered. */
  readonly card: string | null;
  /** Of its first deposit; null before one is asked for. */
  readonly deposit: string | null;
  readonly state: "to be made" | "opening" | "no deposit" | "deposit under way" | "ready" | "in use";
}

/** What the stations do, and the newest of their cards. */
export interface OrdersView {
  readonly stations: readonly StationLine[];
  readonly cards: readonly OrderedCardLine[];
  /** The newest signed reports that stations sent. */
  readonly reports: readonly OrderReportAnswer[];
  readonly next: string | null;
}

/** The programme for pages: what is on cards in all, and what the issuing stations make. */
@Injectable()
export class ProgrammeReader {
  private readonly shared: SharedRead<FloatAnswer>;
  private readonly work: SharedRead<readonly StationLine[]>;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(FloatReport) float: FloatReport,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(OrderReports) private readonly reports: OrderReports,
  ) {
    this.shared = new SharedRead({ read: () => float.read(), rest: 1 });
    this.work = new SharedRead({ read: () => this.stations(), rest: 1 });
  }

  /** It looks at every card with money: one reading for everybody. Null while it is read for the first time. */
  async float(): Promise<{ readonly float: FloatAnswer; readonly ageSeconds: number } | null> {
    const read = await newest(this.shared);
    return read === null ? null : { float: read.value, ageSeconds: Math.round(read.ageMs / 1_000) };
  }

  /** The newest claims; those before a place that an earlier page named. */
  async orders(before: string | null): Promise<OrdersView> {
    const place = placeOf(before);
    const [stations, claims, reports] = await Promise.all([
      newest(this.work),
      this.claims(place),
      this.reports.newest({ rows: SHORT_ROWS, withinMs: PAGE_WAIT_MS }),
    ]);
    const shown = claims.slice(0, LONG_ROWS);
    const last = shown.at(-1);
    return {
      stations: stations?.value ?? [],
      cards: shown,
      reports,
      next: claims.length > LONG_ROWS && last !== undefined ? `${Date.parse(last.at)} ${last.reference}` : null,
    };
  }

  private async stations(): Promise<readonly StationLine[]> {
    const { rows } = await sql<Omit<StationLine, "lastAt"> & { last_at: Date }>`
      select claims.station, count(*)::int as claimed, count(cards.card)::int as registered,
        count(cards.opened_block)::int as open,
        count(*) filter (where exists (select from fundings join chain_actions on chain_actions.id = fundings.action_id
          where fundings.card = cards.card and chain_actions.state = 'final'))::int as loaded,
        count(*) filter (where cards.shown_seq > 0)::int as seen, max(claims.claimed_at) as last_at
      from reference_claims claims left join cards on cards.reference = claims.reference
      group by claims.station order by max(claims.claimed_at) desc limit ${SHORT_ROWS}`.execute(this.db);
    return rows.map(({ last_at, ...line }) => ({ ...line, lastAt: last_at.toISOString() }));
  }

  private async claims(place: { readonly at: Date; readonly reference: string } | null) {
    const { rows } = await sql<{
      reference: string;
      station: string;
      operator: string | null;
      claimed_at: Date;
      card: Uint8Array | null;
      open: boolean;
      seen: boolean;
      units: bigint | null;
      funding: string | null;
    }>`
      select claims.*, cards.card, cards.opened_block is not null as open, coalesce(cards.shown_seq, 0) > 0 as seen,
        first.amount_units as units, first.state as funding
      from (select * from reference_claims
        ${place === null ? sql`` : sql`where (claimed_at, reference) < (${place.at}, ${place.reference})`}
        order by claimed_at desc, reference desc limit ${LONG_ROWS + 1}) claims
      left join cards on cards.reference = claims.reference
      left join lateral (select fundings.amount_units, chain_actions.state from fundings
        join chain_actions on chain_actions.id = fundings.action_id
        where fundings.card = cards.card order by fundings.created_at desc limit 1) first on true
      order by claims.claimed_at desc, claims.reference desc`.execute(this.db);
    return rows.map((row): OrderedCardLine => {
      const { reference, station, operator, card, units } = row;
      return {
        ...{ reference, station, operator, at: row.claimed_at.toISOString() },
        card: card === null ? null : toHex(new Uint8Array(card)),
        deposit: units === null ? null : formatTotal(units, this.asset),
        state: stateOf(row),
      };
    });
  }
}

/** Only before the first reading there is nothing to show meanwhile. */
async function newest<T>(shared: SharedRead<T>): Promise<Shared<T> | null> {
  const withinMs = shared.newest === null ? LIMITS.answerWaitMs : PAGE_WAIT_MS;
  return await shared.get({ freshMs: FLOAT_FRESH_MS, withinMs });
}

function stateOf(row: {
  readonly card: Uint8Array | null;
  readonly open: boolean;
  readonly seen: boolean;
  readonly funding: string | null;
}): OrderedCardLine["state"] {
  if (row.card === null) return "to be made";
  if (row.seen) return "in use";
  if (!row.open) return "opening";
  if (row.funding === null) return "no deposit";
  return row.funding === "final" ? "ready" : "deposit under way";
}

/** Milliseconds and a reference, as `next` says it; null of anything else. */
function placeOf(text: string | null): { readonly at: Date; readonly reference: string } | null {
  const [, ms, reference] = /^(\d{1,15}) (.{1,128})$/s.exec(text ?? "") ?? [];
  return ms === undefined || reference === undefined ? null : { at: new Date(Number(ms)), reference };
}
