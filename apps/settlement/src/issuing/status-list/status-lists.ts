import { Inject, Injectable } from "@nestjs/common";
import {
  decodeStatusListHead,
  digestOf,
  encodeStatusList,
  encodeStatusListHead,
  packStatusList,
  statusListHash,
  type CardStatus,
  type Domain,
} from "@tallystick/protocol";
import type { Selectable } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { StatusListsTable } from "../../foundation/database/tables/issuing-tables.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { effectiveStatus } from "../cards/card-statuses.ts";
import { RuleSuspender } from "./rule-suspender.ts";
import { VoidSuspender } from "./void-suspender.ts";

export interface SignedStatusList {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  /** Raw deflate. */
  readonly list: Uint8Array;
  /** The same head by each key that signs beside the present one: cards that hold that key take its beacon. */
  readonly others: readonly SignedHead[];
}

/** A head and its signature. */
export interface SignedHead {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
}

type StoredList = Selectable<StatusListsTable>;

/**
 * Publishes status lists (spec §3.5). Each is stored before it is signed and its sequence only
 * grows. Every answer is a list that contains every change committed before, so a revocation never
 * waits for a timer.
 */
@Injectable()
export class StatusLists {
  private others: { readonly head: Uint8Array; readonly heads: readonly SignedHead[] } | null = null;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(RuleSuspender) private readonly rule: RuleSuspender,
    @Inject(VoidSuspender) private readonly voids: VoidSuspender,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The newest list; made anew when a status changed or the stored one is old. */
  async current(): Promise<SignedStatusList> {
    // Read before the suspensions: the list then contains all that blocks up to `asOf` asked for,
    // and maybe more.
    const asOf = await this.newestFinalTime();
    await this.rule.pass();
    await this.voids.pass();
    const stored = await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "statusLists");
      return this.refresh(trx, asOf);
    });
    const signature = stored.signature ?? (await this.sign(stored));
    return { head: stored.head, signature, list: packStatusList(stored.list), others: await this.headsOf(stored.head) };
  }

  /** The head by the other keys, equal but for the key id (spec §6.10); signed once for each head. */
  private async headsOf(head: Uint8Array): Promise<readonly SignedHead[]> {
    const present = decodeStatusListHead(head);
    if (this.others !== null && Buffer.from(this.others.head).equals(head)) return this.others.heads;
    const heads: SignedHead[] = [];
    for (const { id, sign } of this.issuer.signers) {
      if (id === present.issuerKeyId) continue;
      const other = encodeStatusListHead({ ...present, issuerKeyId: id });
      heads.push({ head: other, signature: await sign(digestOf(other)) });
    }
    this.others = { head, heads };
    return heads;
  }

  private async sign(stored: StoredList): Promise<Uint8Array> {
    // Another process may have stored it, by another present key.
    const named = this.issuer.signerOf(decodeStatusListHead(stored.head).issuerKeyId);
    if (named === null) throw new Problem("ISSUER_KEY", "The newest list is of a key that signs no more.");
    const signature = await named.sign(digestOf(stored.head));
    await this.db.updateTable("status_lists").set({ signature }).where("seq", "=", stored.seq).execute();
    return signature;
  }

  private async newestFinalTime(): Promise<bigint> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_time").executeTakeFirst();
    if (cursor !== undefined) return cursor.block_time;
    throw new Problem(
      "CHAIN_UNREACHABLE",
      "No final block was read yet, so a list could not name the block it covers. Ask again later.",
    );
  }

  private async refresh(trx: DatabaseTransaction, asOf: bigint): Promise<StoredList> {
    const newest = await trx.selectFrom("status_lists").selectAll().orderBy("seq", "desc").limit(1).executeTakeFirst();
    const statuses = await this.statuses(trx);
    const list = encodeStatusList(statuses);
    const now = this.clock.now();
    const issuedAt = Math.floor(now / 1_000);
    // A block's time may be ahead of this clock; a list is never of a time after its issue.
    const as_of = asOf < issuedAt ? asOf : BigInt(issuedAt);
    if (newest !== undefined) {
      const { cards, issuerKeyId } = decodeStatusListHead(newest.head);
      const unchanged =
        issuerKeyId === this.issuer.keyId && cards === statuses.length && Buffer.from(newest.list).equals(list);
      if (unchanged && now - newest.issued_at.getTime() < this.config.statusList.maxAgeSeconds * 1_000) return newest;
    }
    const seq = (newest?.seq ?? 0n) + 1n;
    const head = encodeStatusListHead({
      domain: this.domain,
      issuerKeyId: this.issuer.keyId,
      seq: Number(seq),
      issuedAt,
      asOf: Number(as_of),
      cards: statuses.length,
      listHash: statusListHash(list),
    });
    await trx
      .updateTable("cards")
      .set({ revoked_listed_at: new Date(now) })
      .where("revoked_listed_at", "is", null)
      .where((where) => where.or([where("status", "=", 2), where("flagged", "=", true)]))
      .execute();
    return trx
      .insertInto("status_lists")
      .values({ seq, head, signature: null, list, issued_at: new Date(now), as_of })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  private async statuses(trx: DatabaseTransaction): Promise<CardStatus[]> {
    const rows = await trx
      .selectFrom("cards")
      .select(["card_index", "status", "rule_suspended", "void_suspended", "flagged"])
      .orderBy("card_index")
      .execute();
    return rows.map((row, index) => {
      if (row.card_index !== index) throw new Error(`Card index ${index} is missing from the register.`);
      return effectiveStatus(row);
    });
  }
}
