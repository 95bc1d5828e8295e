import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { cardStatuses, equalBytes, toHex } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { ISSUER_SIGNERS, VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { signerOf, type IssuerSigners } from "../../chain/issuer-signers.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { Allowances } from "../allowances/allowances.ts";
import { exposureOf } from "../allowances/exposure.ts";
import type { CardRow } from "../cards/card-register.ts";
import { certainUnits } from "./certain-units.ts";
import { ReplacementDeposits } from "./replacement-deposits.ts";
import type { ReplacementAnswer } from "./replacement-requests.ts";
import { ReplacementRuns } from "./replacement-runs.ts";
import { ReplacementViews } from "./replacement-views.ts";

/** A card, the one that takes its place, and why. */
export interface RequestedReplacement {
  readonly card: Uint8Array;
  readonly successor: Uint8Array;
  readonly reason: string;
}

/** Lets a card take the place of another one of the issuer's (spec §6.10). */
@Injectable()
export class Replacements {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(ReplacementRuns) private readonly runs: ReplacementRuns,
    @Inject(ReplacementDeposits) private readonly deposits: ReplacementDeposits,
    @Inject(ReplacementViews) private readonly views: ReplacementViews,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /**
   * The card is lost in the list from now on, its owner's withdrawal is asked for, and what is certain goes to the successor
   * at once, or when another person has approved it. The same replacement again answers how far it is. Throws Problem NAME_NEEDED, CARD_UNKNOWN, CARD_REPLACED,
   * OWNER_NOT_ISSUER, CARD_REVOKED for a successor, and CHAIN_UNREACHABLE.
   */
  async request(request: RequestedReplacement, actor: Actor): Promise<ReplacementAnswer> {
    const requestedBy = personOf(actor);
    const { card, successor, reason } = request;
    if (equalBytes(card, successor)) throw new Problem("CARD_REPLACED", "A card does not replace itself.");
    const [bound, slot] = await Promise.all([this.allowances.boundOf(card), this.contract.card(card, "finalized")]);
    await retryingTransaction(this.db, async (trx) => {
      const old = await lockedCard(trx, card);
      if (await isKnown(trx, request)) return;
      this.assertReplaceable(old, await lockedCard(trx, successor));
      const exposure = await exposureOf(trx, old, BigInt(this.config.restoreGeneration) * BigInt(LIMITS.restoreJump));
      const isBroken = old.flagged || old.status === cardStatuses.revoked;
      const advance = certainUnits({ bound, exposure, balance: slot.balance, isBroken });
      const at = new Date(this.clock.now());
      if (old.status !== cardStatuses.revoked) await setLost(trx, card);
      await enqueue(trx, "status-list", "due", at);
      await trx
        .insertInto("replacements")
        .values({
          ...{ card, successor, reason, requested_by: requestedBy, role: actor.role, station: actor.station ?? null },
          ...{ advance_units: advance, next_look_at: at, created_at: at },
        })
        .execute();
      const details = { successor: toHex(successor), advance: advance.toString(), reason };
      await recordAction(trx, { action: "card-replaced", actor, subject: toHex(card), details, at });
    });
    await this.runs.advance(card);
    return this.view(card);
  }

  /** A person asks for a held rest again. Throws Problem NOT_FOUND, NAME_NEEDED. */
  async askForRest(card: Uint8Array, reason: string, actor: Actor): Promise<ReplacementAnswer> {
    await this.deposits.askAgain(card, reason, actor);
    await this.runs.advance(card);
    return await this.view(card);
  }

  /** Throws Problem NOT_FOUND. */
  async view(card: Uint8Array): Promise<ReplacementAnswer> {
    const found = await this.views.find(card);
    if (found === null) throw new Problem("NOT_FOUND", "No card replaces this one.");
    const { pending, readyAt } = await this.contract.card(card, "latest");
    const pendingWithdrawal = formatTotal(pending, this.asset);
    return { ...found, pendingWithdrawal, readyAt: pending === 0n ? null : Number(readyAt) };
  }

  private assertReplaceable(old: CardRow, successor: CardRow): void {
    if (signerOf("request-withdrawal", this.signers, old.owner) === null)
      throw new Problem("OWNER_NOT_ISSUER", `Its owner is ${toHex(old.owner)}: let it ask back what is on the card.`);
    if (successor.status !== cardStatuses.valid || successor.flagged)
      throw new Problem("CARD_REVOKED", "The successor must be a valid card.");
  }
}

/** Locks the row: no allowance is stored for the card meanwhile. Throws CARD_UNKNOWN. */
async function lockedCard(trx: DatabaseTransaction, card: Uint8Array): Promise<CardRow> {
  const row = await trx.selectFrom("cards").selectAll().where("card", "=", card).forUpdate().executeTakeFirst();
  if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register both cards first.");
  return row;
}

/** Whether this very replacement is there. Throws CARD_REPLACED for another one of either card. */
async function isKnown(trx: DatabaseTransaction, { card, successor }: RequestedReplacement): Promise<boolean> {
  const rows = await trx
    .selectFrom("replacements")
    .select(["card", "successor"])
    .where((where) => where.or([where("card", "in", [card, successor]), where("successor", "=", successor)]))
    .execute();
  if (rows.length === 0) return false;
  const [only] = rows;
  const isSame =
    rows.length === 1 && equalBytes(only?.card ?? card, card) && equalBytes(only?.successor ?? card, successor);
  if (isSame) return true;
  throw new Problem("CARD_REPLACED", "Look at both cards' replacements; take a new card for this one.");
}

async function setLost(trx: DatabaseTransaction, card: Uint8Array): Promise<void> {
  await trx.updateTable("cards").set({ status: cardStatuses.lost }).where("card", "=", card).execute();
}
