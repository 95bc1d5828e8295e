import { Inject, Injectable, Logger } from "@nestjs/common";
import { SETTLED_ACTION_STATES } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { encodeVaultCall, type CardSlot } from "@tallystick/vault";
import { sql } from "kysely";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CardBounds } from "../allowances/card-bounds.ts";
import { withdrawalMayCome } from "./card-movements.ts";
import { ReplacementDeposits } from "./replacement-deposits.ts";
import { isRestDue, type ReplacementRow, restUnits } from "./replacement-parts.ts";

type LookedAt = Pick<ReplacementRow, "card" | "withdrawn_units">;

/**
 * Carries replacements on (spec §6.10): the advance, the withdrawal when it is ripe, one more where it expired or where
 * more came onto the card, the rest when it is through. Every step follows from what chain and database show, and may run any number of times; the
 * withdrawal waits for no deposit.
 */
@Injectable()
export class ReplacementRuns {
  private readonly log = new Logger(ReplacementRuns.name);

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ReplacementDeposits) private readonly deposits: ReplacementDeposits,
    @Inject(CardBounds) private readonly bounds: CardBounds,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Looks at some of those that are due. One that cannot go on now does not hold up the others. */
  async sweep(): Promise<void> {
    const rows = await this.db
      .selectFrom("replacements")
      .select(["card", "withdrawn_units"])
      .where("emptied_at", "is", null)
      .where("next_look_at", "<=", new Date(this.clock.now()))
      // Those that are done wait behind those that are not, however many a version before left.
      .orderBy(sql`done_at is not null`)
      .orderBy("next_look_at")
      .limit(LIMITS.listRows)
      .execute();
    for (const row of rows) {
      const { card } = row;
      try {
        await this.advance(card);
      } catch (error) {
        this.log.warn(`Replacement of ${toHex(card)}: ${error instanceof Error ? error.message : String(error)}`);
        await this.look(row);
      }
    }
  }

  /** Takes one replacement as far as it can go now. Throws what the node or the database throws. */
  async advance(card: Uint8Array): Promise<void> {
    const found = await this.open(card);
    if (found === null) return;
    await this.deposits.advance(found);
    if (found.withdrawn_units !== null) await this.deposits.rest(found);
    const row = await this.open(card);
    if (row !== null) await this.withdraw(row);
    await this.look(found);
  }

  /** One whose card was not seen empty: it is not done, or a version ended it that did not look; null where there is none. */
  private async open(card: Uint8Array): Promise<ReplacementRow | null> {
    const rows = this.db
      .selectFrom("replacements")
      .selectAll()
      .where("card", "=", card)
      .where("emptied_at", "is", null);
    return (await rows.executeTakeFirst()) ?? null;
  }

  /**
   * Asks back what the card holds, and takes it when that is ripe: both by what final and newest block show. What came
   * onto it since it was asked for is asked back behind that, and is not taken before what came first is given on.
   */
  private async withdraw(row: ReplacementRow): Promise<void> {
    const { card } = row;
    const blocks = await this.bounds.blocks();
    if (blocks === null) return;
    const [final, latest] = await Promise.all([
      this.contract.card(card, blocks.finalized.number),
      this.contract.card(card, blocks.latest.number),
    ]);
    const time = blocks.finalized.timestamp;
    if (row.done_at !== null && (latest.balance > 0n || isLive(latest, time))) await this.deposits.reopen(row);
    if (isLive(latest, time)) {
      const isGivenOn = !isRestDue(row) || restUnits(row) <= 0n;
      if (isGivenOn && isLive(final, time) && time >= final.readyAt) await this.take(row, final.readyAt);
    } else if (latest.balance > 0n) {
      if (await this.mayAsk(row, blocks.finalized.number)) await this.ask(row, latest.balance);
    } else if (final.balance === 0n) await this.endEmpty(row, blocks.finalized.number);
  }

  /** A card that was emptied behind the block up to which events were taken in has a withdrawal that nobody counted yet. */
  private async endEmpty(row: ReplacementRow, final: bigint): Promise<void> {
    const cursor = await this.db.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
    if (cursor === undefined) return;
    const { block_number: taken } = cursor;
    const { balance } = await this.contract.card(row.card, taken);
    if (balance === 0n) await this.deposits.endEmpty(row, { final, taken });
  }

  /** The first, or one after another one that ended and expired, or was refused. */
  private async mayAsk({ card, requests }: ReplacementRow, final: bigint): Promise<boolean> {
    if (requests === 0) return true;
    const keys = [`request-withdrawal:${toHex(card)}:${requests}`];
    const before = await this.db
      .selectFrom("chain_actions")
      .select("state")
      .where("key", "in", keys)
      .executeTakeFirst();
    const isOver = before === undefined || SETTLED_ACTION_STATES.some((state) => state === before.state);
    return isOver && !(await withdrawalMayCome(this.db, card, final));
  }

  private async ask({ card, requests }: ReplacementRow, units: bigint): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      const changed = await trx
        .updateTable("replacements")
        .set({ requests: requests + 1 })
        .where("card", "=", card)
        .where("requests", "=", requests)
        .returning("card")
        .executeTakeFirst();
      if (changed === undefined) return;
      await this.actions.plan(trx, {
        key: `request-withdrawal:${toHex(card)}:${requests + 1}`,
        kind: "request-withdrawal",
        account: await ownerOf(trx, card),
        target: this.contract.vault,
        data: encodeVaultCall("requestWithdrawal", [card, units]),
      });
    });
  }

  /** Takes what is ripe; a request is carried out once. */
  private async take({ card }: ReplacementRow, readyAt: bigint): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await this.actions.plan(trx, {
        key: `withdraw-card:${toHex(card)}:${readyAt}`,
        kind: "withdraw-card",
        account: await ownerOf(trx, card),
        target: this.contract.vault,
        data: encodeVaultCall("withdrawFromCard", [card]),
      });
    });
  }

  private async look({ card, withdrawn_units: withdrawn }: LookedAt): Promise<void> {
    await this.db
      .updateTable("replacements")
      .set({ next_look_at: new Date(this.clock.now() + LIMITS.replacementLookMs) })
      .where("card", "=", card)
      // What an event found meanwhile is looked at at once.
      .where("withdrawn_units", "is not distinct from", withdrawn)
      .execute();
  }
}

/** The vault takes both calls from the card's owner alone, which another treasury may be by now. */
async function ownerOf(trx: DatabaseTransaction, card: Uint8Array): Promise<Uint8Array> {
  const { owner } = await trx.selectFrom("cards").select("owner").where("card", "=", card).executeTakeFirstOrThrow();
  return owner;
}

/** A withdrawal that is asked for and has not expired. */
function isLive({ pending, readyAt }: CardSlot, time: bigint): boolean {
  return pending > 0n && time <= readyAt + LIMITS.withdrawalOpenSeconds;
}
