import { type CardObservation, toHex } from "@tallystick/protocol";
import type { EventChain } from "./event-chain.ts";
import type { Statements } from "./statements.ts";
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

interface SightingRow {
  readonly counter: bigint;
  readonly amount: bigint;
  readonly spent: bigint;
  readonly allowance_seq: bigint;
  readonly link: Uint8Array;
  readonly message_hash: Uint8Array;
}

function sightingOf(row: SightingRow): CardObservation {
  return {
    counter: Number(row.counter),
    amount: row.amount,
    spent: row.spent,
    allowanceSeq: Number(row.allowance_seq),
    link: plain(row.link),
    messageHash: plain(row.message_hash),
  };
}

/** What the till has learned and must not forget: status lists, cards, the clock's floor. */
export class KnowledgeStore {
  private readonly statements: Statements;
  private readonly chain: EventChain;

  constructor(statements: Statements, chain: EventChain) {
    this.statements = statements;
    this.chain = chain;
  }

  statusList(domainBytes: Uint8Array): HeldListRecord | null {
    const row = this.statements
      .prepare<[Uint8Array], { readonly head: Uint8Array; readonly signature: Uint8Array; readonly list: Uint8Array }>(
        "SELECT head, signature, list FROM status_list WHERE domain = ?",
      )
      .get(domainBytes);
    if (row === undefined) return null;
    return { domainBytes, head: plain(row.head), signature: plain(row.signature), list: plain(row.list) };
  }

  /** Replaces the list held; the caller has verified it and compared the numbers. */
  keepStatusList(record: HeldListRecord, now: number): void {
    this.statements
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

  /**
   * What this till verified of a card around a counter: every payment with that number, and its nearest neighbours on both
   * sides. Farther ones agreed with these when they were seen.
   */
  sightings(domainBytes: Uint8Array, cardKey: Uint8Array, counter: number): readonly CardObservation[] {
    const rows = (condition: string): readonly CardObservation[] =>
      this.statements
        .prepare<[Uint8Array, Uint8Array, number], SightingRow>(
          `SELECT * FROM sighting WHERE domain = ? AND card_key = ? AND counter ${condition}`,
        )
        .all(domainBytes, cardKey, counter)
        .map(sightingOf);
    return [...rows("= ?"), ...rows("< ? ORDER BY counter DESC LIMIT 1"), ...rows("> ? ORDER BY counter LIMIT 1")];
  }

  /**
   * What verified payments say a card had spent after its payment `counter`: each tells its own `spent` and the one before it.
   * Several values contradict each other.
   */
  spentAfter(domainBytes: Uint8Array, cardKey: Uint8Array, counter: number): readonly bigint[] {
    if (counter === 0) return [0n];
    return this.statements
      .prepare<[Uint8Array, Uint8Array, number, number], Pick<SightingRow, "counter" | "amount" | "spent">>(
        "SELECT counter, amount, spent FROM sighting WHERE domain = ? AND card_key = ? AND counter IN (?, ?)",
      )
      .all(domainBytes, cardKey, counter, counter + 1)
      .map((row) => (Number(row.counter) === counter ? row.spent : row.spent - row.amount));
  }

  /** Remembers a payment whose signature was verified; the same one again changes nothing. */
  seeCard(domainBytes: Uint8Array, cardKey: Uint8Array, seen: CardObservation): void {
    this.statements
      .prepare("INSERT OR IGNORE INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .run(domainBytes, cardKey, seen.counter, seen.amount, seen.spent, seen.allowanceSeq, seen.link, seen.messageHash);
  }

  /** The lowest time that can be true, in seconds. */
  clockFloor(): number {
    const row = this.statements.prepare<[], { readonly seconds: bigint }>("SELECT seconds FROM clock_floor").get();
    return Number(row?.seconds ?? 0n);
  }

  /** Raises the floor; a lower value changes nothing. */
  raiseClockFloor(seconds: number): void {
    this.statements.prepare("UPDATE clock_floor SET seconds = ? WHERE seconds < ?").run(seconds, seconds);
  }
}
