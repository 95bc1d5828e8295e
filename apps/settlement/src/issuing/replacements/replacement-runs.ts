import { Inject, Injectable, Logger } from "@nestjs/common";
import { SETTLED_ACTION_STATES } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { encodeVaultCall, type CardSlot } from "@tallystick/vault";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { CardBounds } from "../allowances/card-bounds.ts";
import { ReplacementDeposits } from "./replacement-deposits.ts";
import type { ReplacementRow } from "./replacement-parts.ts";

type LookedAt = Pick<ReplacementRow, "card" | "withdrawn_units">;

/**
 * Carries replacements on (spec §6.10): the advance, the withdrawal when it is ripe, one more where it expired, the rest
 * when it is through. Every step follows from what chain and database show, and may run any number of times; the
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
      .where("done_at", "is", null)
      .where("next_look_at", "<=", new Date(this.clock.now()))
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
    const row = await this.open(card);
    if (row === null) return;
    await this.deposits.advance(row);
    if (row.withdrawn_units === null) return await this.withdraw(row);
    await this.deposits.rest(row);
    await this.look(row);
  }

  /** One that is not done; null where there is none. */
  private async open(card: Uint8Array): Promise<ReplacementRow | null> {
    const rows = this.db.selectFrom("replacements").selectAll().where("card", "=", card).where("done_at", "is", null);
    return (await rows.executeTakeFirst()) ?? null;
  }

  /** Asks back what the card holds, and takes it when that is ripe: both by what final and newest block show. */
  private async withdraw(row: ReplacementRow): Promise<void> {
    const { card } = row;
    const blocks = await this.bounds.blocks();
    if (blocks === null) return await this.look(row);
    const [final, latest] = await Promise.all([
      this.contract.card(card, blocks.finalized.number),
      this.contract.card(card, blocks.latest.number),
    ]);
    const time = blocks.finalized.timestamp;
    if (isLive(latest, time)) {
      if (isLive(final, time) && time >= final.readyAt) await this.take(row, final.readyAt);
    } else if (final.balance === 0n && latest.balance === 0n && row.requests === 0)
      return await this.deposits.endEmpty(row);
    else if (latest.balance > 0n && (await this.mayAsk(row))) await this.ask(row, latest.balance);
    await this.look(row);
  }

  /** The first, or one after another one that ended and expired, or was refused. */
  private async mayAsk({ card, requests }: ReplacementRow): Promise<boolean> {
    if (requests === 0) return true;
    const keys = [`request-withdrawal:${toHex(card)}:${requests}`];
    const before = await this.db
      .selectFrom("chain_actions")
      .select("state")
      .where("key", "in", keys)
      .executeTakeFirst();
    const open = await this.db
      .selectFrom("chain_actions")
      .select("id")
      .where("key", "like", `withdraw-card:${toHex(card)}:%`)
      .where("state", "not in", [...SETTLED_ACTION_STATES])
      .limit(1)
      .executeTakeFirst();
    return (
      open === undefined && (before === undefined || SETTLED_ACTION_STATES.some((state) => state === before.state))
    );
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
