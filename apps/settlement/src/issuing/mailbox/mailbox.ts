import { Inject, Injectable } from "@nestjs/common";
import {
  cardStatuses,
  cardTag,
  decodeAllowanceBody,
  encodeDomain,
  MAILBOX_CURSOR_LENGTH,
  MAX_MAILBOX_ENTRIES,
  type Domain,
  type MailboxEntry,
  type MailboxPage,
} from "@tallystick/protocol";
import { sql } from "kysely";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/** A signed allowance on its way. */
export interface PostedAllowance {
  readonly card: Uint8Array;
  readonly seq: bigint;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

interface EntryRow {
  readonly card_tag: Uint8Array;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** The statuses of cards that may get what is on its way to them. */
const SERVED = [cardStatuses.valid, cardStatuses.suspended];

/**
 * For each card whose shown seq is below that of its newest allowance, that allowance (spec §6.13).
 * A cursor is the generation of this database and a position; positions grow with the ends of
 * transactions, so that nothing that ends later stands before a cursor.
 */
@Injectable()
export class Mailbox {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** In the transaction that stores the signature. Nothing where a newer one is there. */
  async put(trx: DatabaseTransaction, { card, seq, body, signature }: PostedAllowance): Promise<void> {
    const row = await trx
      .selectFrom("cards")
      .select(["card_key", "shown_seq"])
      .where("card", "=", card)
      .executeTakeFirst();
    if (row === undefined || row.shown_seq >= seq) return;
    await takeLock(trx, "mailbox");
    const tag = cardTag(this.domain, row.card_key);
    await sql`
      insert into mailbox_entries (card, card_tag, seq, body, signature)
      values (${card}, ${tag}, ${seq}, ${body}, ${signature})
      on conflict (card) do update set seq = excluded.seq, body = excluded.body, signature = excluded.signature,
        position = excluded.position
      where mailbox_entries.seq < excluded.seq`.execute(trx);
  }

  /** What stands behind a cursor; all of it where the cursor is none of this database. */
  async page(cursor: Uint8Array): Promise<MailboxPage> {
    const after = await this.positionOf(cursor);
    const rows = await this.entries()
      .where("mailbox_entries.position", ">", after)
      .orderBy("mailbox_entries.position")
      .limit(MAX_MAILBOX_ENTRIES + 1)
      .execute();
    const shown = rows.slice(0, MAX_MAILBOX_ENTRIES);
    const position = shown.at(-1)?.position ?? after;
    return { next: this.cursorAt(position), more: rows.length > shown.length, entries: shown.map(entryOf) };
  }

  /** The newest allowance of one card, where it is above the seq that the card shows. */
  async ofCard(tag: Uint8Array, shownSeq: number): Promise<MailboxPage> {
    const rows = await this.entries()
      .where("mailbox_entries.card_tag", "=", tag)
      .where("mailbox_entries.seq", ">", BigInt(shownSeq))
      .limit(LIMITS.cardsOfTag)
      .execute();
    return { next: new Uint8Array(MAILBOX_CURSOR_LENGTH), more: false, entries: rows.map(entryOf) };
  }

  /** Cards by their tag: one, or more where two share it. */
  async cardsOf(tag: Uint8Array): Promise<readonly Uint8Array[]> {
    const rows = await this.db
      .selectFrom("cards")
      .select("card")
      .where("card_tag", "=", tag)
      .limit(LIMITS.cardsOfTag)
      .execute();
    return rows.map(({ card }) => card);
  }

  /** Forgets what these cards have shown, and puts in what is missing. */
  async tidy(cards: readonly Uint8Array[]): Promise<void> {
    if (cards.length === 0) return;
    const named = sql`${[...cards]}::bytea[]`;
    await sql`
      update cards set card_tag = substring(sha256(${encodeDomain(this.domain)}::bytea || card_key) from 1 for 8)
      where card = any (${named}) and card_tag is null`.execute(this.db);
    await sql`
      delete from mailbox_entries m using cards c
      where m.card = any (${named}) and c.card = m.card and c.shown_seq >= m.seq`.execute(this.db);
    const { rows } = await sql<PostedAllowance>`
      select a.card, a.seq, a.body, a.signature from cards c
      join lateral (select * from allowances a where a.card = c.card and a.signature is not null
        order by a.seq desc limit 1) a on true
      left join mailbox_entries m on m.card = c.card
      where c.card = any (${named}) and a.seq > c.shown_seq and (m.seq is null or m.seq < a.seq)`.execute(this.db);
    for (const posted of rows) await this.db.transaction().execute((trx) => this.put(trx, posted));
  }

  private entries() {
    return this.db
      .selectFrom("mailbox_entries")
      .innerJoin("cards", "cards.card", "mailbox_entries.card")
      .select([
        "mailbox_entries.position",
        "mailbox_entries.card_tag",
        "mailbox_entries.body",
        "mailbox_entries.signature",
      ])
      .whereRef("cards.shown_seq", "<", "mailbox_entries.seq")
      .where("cards.status", "in", SERVED)
      .where("cards.flagged", "=", false);
  }

  private async positionOf(cursor: Uint8Array): Promise<bigint> {
    const view = Buffer.from(cursor);
    const [generation, position] = [view.readBigUInt64BE(0), view.readBigUInt64BE(8)];
    if (generation !== BigInt(this.config.restoreGeneration)) return 0n;
    const { rows } = await sql<{ last: bigint }>`select last_value as last from mailbox_positions`.execute(this.db);
    return position > BigInt(rows[0]?.last ?? 0) ? 0n : position;
  }

  private cursorAt(position: bigint): Uint8Array {
    const cursor = Buffer.alloc(MAILBOX_CURSOR_LENGTH);
    cursor.writeBigUInt64BE(BigInt(this.config.restoreGeneration), 0);
    cursor.writeBigUInt64BE(position, 8);
    return new Uint8Array(cursor);
  }
}

function entryOf({ card_tag: tag, body, signature }: EntryRow): MailboxEntry {
  return {
    cardTag: new Uint8Array(tag),
    body: decodeAllowanceBody(new Uint8Array(body)),
    signature: new Uint8Array(signature),
  };
}
