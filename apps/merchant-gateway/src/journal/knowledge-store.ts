import { toHex } from "@tallystick/protocol";
import type Database from "better-sqlite3";
import type { EventChain } from "./event-chain.ts";
import { plain } from "./tap-record.ts";

/** A status list as it was received and verified. */
export interface HeldListRecord {
  readonly domainBytes: Uint8Array;
  /** `TLYS`, 81 bytes. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  /** Uncompressed. */
  readonly list: Uint8Array;
}

/** What this till knows of a card from vouchers whose signature it verified. */
export interface CardSeen {
  readonly counter: number;
  readonly spent: bigint;
  readonly allowanceSeq: number;
  /** SHA-256 of M of `counter`. */
  readonly head: Uint8Array;
}

/** What the till has learned and must not forget: status lists, cards, the clock's floor. */
export class KnowledgeStore {
  private readonly database: Database.Database;
  private readonly chain: EventChain;

  constructor(database: Database.Database, chain: EventChain) {
    this.database = database;
    this.chain = chain;
  }

  statusList(domainBytes: Uint8Array): HeldListRecord | null {
    const row = this.database
      .prepare<[Uint8Array], { readonly head: Uint8Array; readonly signature: Uint8Array; readonly list: Uint8Array }>(
        "SELECT head, signature, list FROM status_list WHERE domain = ?",
      )
      .get(domainBytes);
    if (row === undefined) return null;
    return { domainBytes, head: plain(row.head), signature: plain(row.signature), list: plain(row.list) };
  }

  /** Replaces the list held; the caller has verified it and compared the numbers. */
  keepStatusList(record: HeldListRecord, now: number): void {
    this.database
      .prepare(
        `INSERT INTO status_list (domain, head, signature, list, fetched_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (domain) DO UPDATE SET head = excluded.head, signature = excluded.signature, list = excluded.list,
           fetched_at = excluded.fetched_at`,
      )
      .run(record.domainBytes, record.head, record.signature, record.list, now);
    this.chain.append({
      at: now,
      kind: "status-list",
      subject: toHex(record.domainBytes),
      state: "held",
      body: JSON.stringify({ head: toHex(record.head) }),
    });
  }

  card(domainBytes: Uint8Array, cardKey: Uint8Array): CardSeen | null {
    const row = this.database
      .prepare<
        [Uint8Array, Uint8Array],
        { readonly counter: bigint; readonly spent: bigint; readonly allowance_seq: bigint; readonly head: Uint8Array }
      >("SELECT counter, spent, allowance_seq, head FROM card_seen WHERE domain = ? AND card_key = ?")
      .get(domainBytes, cardKey);
    if (row === undefined) return null;
    return {
      counter: Number(row.counter),
      spent: row.spent,
      allowanceSeq: Number(row.allowance_seq),
      head: plain(row.head),
    };
  }

  /** Remembers a card as a verified voucher showed it; an older voucher, read again, changes nothing. */
  seeCard(domainBytes: Uint8Array, cardKey: Uint8Array, seen: CardSeen): void {
    this.database
      .prepare(
        `INSERT INTO card_seen (domain, card_key, counter, spent, allowance_seq, head) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (domain, card_key) DO UPDATE SET counter = excluded.counter, spent = excluded.spent,
           allowance_seq = excluded.allowance_seq, head = excluded.head
         WHERE excluded.counter > card_seen.counter`,
      )
      .run(domainBytes, cardKey, seen.counter, seen.spent, seen.allowanceSeq, seen.head);
  }

  /** The lowest time that can be true, in seconds. */
  clockFloor(): number {
    const row = this.database.prepare<[], { readonly seconds: bigint }>("SELECT seconds FROM clock_floor").get();
    return Number(row?.seconds ?? 0n);
  }

  /** Raises the floor; a lower value changes nothing. */
  raiseClockFloor(seconds: number): void {
    this.database.prepare("UPDATE clock_floor SET seconds = ? WHERE seconds < ?").run(seconds, seconds);
  }
}
