import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { decodeMerchantCertificate, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { payeeBalances } from "../../../books/postings/payee-balances.ts";
import { payoutsOf } from "../../../issuing/payouts/payouts-of.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import type { ReachedLine } from "../view/money-reached.tsx";
import { LONG_ROWS, SHORT_ROWS, TERMINAL_ROWS } from "../limits.ts";
import { heardAt, isSilent } from "../../../issuing/lists/silence.ts";
import { type Silence, SilentTerminals } from "../../silence/silent-terminals.ts";
import { moneyReached } from "../../statements/money-reached.ts";
import { type Listened, silenceText } from "./silence.ts";
import { type PayoutApproval, payoutApprovals } from "./waiting/payout-approvals.ts";

/** A terminal with its newest certificate. */
export interface TerminalView {
  readonly payee: string;
  readonly terminalId: string;
  readonly name: string | null;
  readonly merchant: string | null;
  readonly contact: string | null;
  readonly perTap: string;
  readonly unsent: string;
  readonly perCard: string;
  readonly validTo: string;
  readonly state: "valid" | "expired" | "not valid yet" | "withdrawn";
  /** From when on its certificates are withdrawn, and why; the reason is null where it was erased. */
  readonly withdrawn: { readonly from: string; readonly reason: string | null } | null;
  /** ISO 8601; null of one that never brought an upload. */
  readonly heardAt: string | null;
  /** What its silence means; null of one that is not silent. */
  readonly silence: string | null;
}

/** Who is silent, as sentences: those who are for longest, and how many there are of all merchants. */
export interface SilenceView {
  readonly count: number;
  readonly terminals: readonly (Pick<TerminalView, "payee" | "terminalId" | "merchant"> & {
    readonly silence: string;
  })[];
}

/** A merchant with what it is owed and what it sold last. */
export interface MerchantView {
  readonly payee: string;
  readonly name: string | null;
  readonly contact: string | null;
  readonly terminals: readonly TerminalView[];
  /** By the books, with the currency: earned and not yet withdrawn, on the way, and paid out ever. */
  readonly owed: string;
  readonly onTheWay: string;
  readonly paidOut: string;
  /** The part of what is on the way that the issuer pays; null where that is none. */
  readonly issuerOwes: string | null;
  readonly vouchers: readonly VoucherLine[];
  /** Payouts that wait for a second person, and those that one refused. */
  readonly asked: readonly PayoutApproval[];
  readonly payouts: readonly {
    readonly id: string;
    readonly state: string;
    /** Null until the books have it. */
    readonly amount: string | null;
    readonly at: string;
    readonly tx: string | null;
  }[];
  /** What makes up all that was paid out, the newest first. */
  readonly reached: readonly ReachedLine[];
  /** And the sum of what came before the last of them; null where all is listed. */
  readonly reachedBefore: string | null;
}

/** A voucher in a list. */
export interface VoucherLine {
  readonly id: string;
  readonly amount: string;
  readonly state: string;
  readonly card: string;
  readonly payee: string;
  /** What the merchant is called; null where nobody has named it. */
  readonly merchant: string | null;
  readonly at: string;
}

interface TerminalRow {
  readonly payee: Uint8Array;
  readonly terminal_id: Uint8Array;
  readonly certificate: Uint8Array;
  readonly name: string | null;
  readonly merchant: string | null;
  readonly contact: string | null;
  readonly heard: Date | null;
  readonly silent: boolean;
  readonly withdrawn: string | null;
  readonly withdrawn_reason: string | null;
}

/** Merchants and terminals: names, certificates, when they were heard last, and who is silent. */
@Injectable()
export class MerchantReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(SilentTerminals) private readonly silences: SilentTerminals,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Terminals by payee and id, those after one of them; silent ones say so. */
  async terminals(
    after: string | null,
  ): Promise<{ readonly terminals: readonly TerminalView[]; readonly next: string | null }> {
    const place = /^0x([0-9a-f]{40})-0x([0-9a-f]{16})$/.exec(after ?? "");
    const bytes = (hex: string | undefined): Uint8Array => Buffer.from(hex ?? "", "hex");
    const rows = await this.rows(
      place === null ? sql`true` : sql`(payee, terminal_id) > (${bytes(place[1])}, ${bytes(place[2])})`,
    );
    const shown = rows.slice(0, TERMINAL_ROWS);
    const last = shown.at(-1);
    const next =
      rows.length > TERMINAL_ROWS && last !== undefined ? `${toHex(last.payee)}-${toHex(last.terminal_id)}` : null;
    return { terminals: await this.described(shown), next };
  }

  /** Sentences about silent terminals, of whatever merchant and page. */
  async silent(): Promise<SilenceView> {
    const silence = await this.silences.read();
    const terminals = silence.terminals.map((each) => ({
      ...{ payee: each.payee, terminalId: each.terminalId, merchant: each.merchant },
      silence: this.silenceText({ name: each.name ?? each.terminalId, heardAt: each.heardAt }, silence),
    }));
    return { count: silence.count, terminals };
  }

  /** Throws Problem NOT_FOUND for a payee without any terminal. */
  async find(payee: Uint8Array): Promise<MerchantView> {
    const rows = await this.rows(sql`payee = ${payee}`);
    const [first] = rows;
    if (first === undefined) throw new Problem("NOT_FOUND", "No terminal is certified for this payee.");
    const [terminals, books, vouchers, payouts, paid, asked] = await Promise.all([
      this.described(rows.slice(0, TERMINAL_ROWS)),
      this.books(payee),
      this.vouchers(payee),
      this.payouts(payee),
      this.reached(payee),
      payoutApprovals(this.db, { payee, asset: this.asset, now: this.clock.now() }),
    ]);
    return {
      payee: toHex(payee),
      name: first.merchant,
      contact: first.contact,
      terminals,
      ...books,
      vouchers,
      payouts,
      ...paid,
      asked,
    };
  }

  private async rows(condition: ReturnType<typeof sql>): Promise<readonly TerminalRow[]> {
    const { rows } = await sql<TerminalRow>`
      with newest as (
        select distinct on (payee, terminal_id) payee, terminal_id, certificate from terminals
        where ${condition} order by payee, terminal_id, issued_at desc limit ${TERMINAL_ROWS + 1})
      select t.*, n.name, m.name as merchant, m.contact,
        ${heardAt("t")} as heard, coalesce(${isSilent("t", this.clock.now())}, false) as silent,
        w.withdrawn_from::text as withdrawn, w.reason as withdrawn_reason
      from newest t left join lateral (
        select withdrawn_from, reason from certificate_withdrawals
        where payee = t.payee and terminal_id = t.terminal_id order by withdrawn_from, id limit 1) w on true
        left join terminal_names n on n.payee = t.payee and n.terminal_id = t.terminal_id
        left join merchant_names m on m.payee = t.payee
      order by t.payee, t.terminal_id`.execute(this.db);
    return rows;
  }

  private async described(rows: readonly TerminalRow[]): Promise<readonly TerminalView[]> {
    const now = this.clock.now();
    const silence = rows.some(({ silent }) => silent) ? await this.silences.read() : null;
    return rows.map((row) => {
      const { perTap, unsentSum, unsentCount, perCardSum, ...times } = decodeMerchantCertificate(row.certificate);
      const [terminalId, heard] = [toHex(row.terminal_id), row.heard];
      return {
        ...{ payee: toHex(row.payee), terminalId, state: this.stateOf(row, times, now) },
        ...{ name: row.name, merchant: row.merchant, contact: row.contact },
        perTap: this.amount(perTap),
        unsent: `${this.amount(unsentSum)} in ${unsentCount} vouchers`,
        perCard: this.amount(perCardSum),
        validTo: new Date(times.notAfter * 1_000).toISOString(),
        heardAt: heard === null ? null : heard.toISOString(),
        withdrawn: withdrawnOf(row),
        silence:
          silence === null || !row.silent || heard === null
            ? null
            : this.silenceText({ name: row.name ?? terminalId, heardAt: heard.getTime() }, silence),
      };
    });
  }

  /** Which terminal has a missing payment is not known where another one, of whatever merchant, is silent too. */
  private silenceText(terminal: Listened, { runs, count }: Silence): string {
    const told = { runs, now: this.clock.now(), others: count > 1 };
    return silenceText(terminal, { ...told, amountText: (units) => this.amount(units) });
  }

  private stateOf(
    { withdrawn }: TerminalRow,
    { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
    now: number,
  ): TerminalView["state"] {
    const seconds = now / 1_000;
    if (withdrawn !== null && Number(withdrawn) <= seconds) return "withdrawn";
    if (notAfter < seconds) return "expired";
    return notBefore > seconds ? "not valid yet" : "valid";
  }

  private async books(payee: Uint8Array): Promise<Pick<MerchantView, "owed" | "onTheWay" | "paidOut" | "issuerOwes">> {
    const { owed, accepted, paidOut, issuerOwes } = await payeeBalances(this.db, payee);
    return {
      ...{ owed: this.amount(owed), onTheWay: this.amount(accepted), paidOut: this.amount(paidOut) },
      issuerOwes: issuerOwes === 0n ? null : this.amount(issuerOwes),
    };
  }

  /** The newest of each of its terminals, by the index of that, and of them the newest. */
  private async vouchers(payee: Uint8Array): Promise<readonly VoucherLine[]> {
    const { rows } = await sql<VoucherRow>`
      select v.* from (select distinct terminal_id from terminals where payee = ${payee} limit ${TERMINAL_ROWS}) t
      cross join lateral (
        select id, amount_units::text as units, state, card, received_at as at from vouchers
        where payee = ${payee} and terminal_id = t.terminal_id order by received_at desc limit ${LONG_ROWS}) v
      order by v.at desc limit ${LONG_ROWS}`.execute(this.db);
    return rows.map(({ id, units, state, card, at }) => ({
      ...{ id: toHex(id), amount: this.amount(BigInt(units)), state, card: toHex(card), at: at.toISOString() },
      ...{ payee: toHex(payee), merchant: null },
    }));
  }

  private async reached(payee: Uint8Array): Promise<Pick<MerchantView, "reached" | "reachedBefore">> {
    const { reached, before } = await moneyReached(this.db, payee, SHORT_ROWS);
    const lines = reached.map(({ units, at, ...each }) => ({
      ...{ ...each, amount: this.amount(units), at: at.toISOString() },
    }));
    return { reached: lines, reachedBefore: before === 0n ? null : this.amount(before) };
  }

  private async payouts(payee: Uint8Array): Promise<MerchantView["payouts"]> {
    const rows = await payoutsOf(this.db, payee, SHORT_ROWS);
    return rows.map(({ id, created_at, state, mined_hash, units }) => ({
      amount: units === null ? null : this.amount(BigInt(units)),
      ...{ id, state, at: created_at.toISOString(), tx: mined_hash === null ? null : toHex(mined_hash) },
    }));
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}

function withdrawnOf({ withdrawn, withdrawn_reason: reason }: TerminalRow): TerminalView["withdrawn"] {
  if (withdrawn === null) return null;
  return { from: new Date(Number(withdrawn) * 1_000).toISOString(), reason: reason === "" ? null : reason };
}

interface VoucherRow {
  readonly id: Uint8Array;
  readonly units: string;
  readonly state: string;
  readonly card: Uint8Array;
  readonly at: Date;
}
