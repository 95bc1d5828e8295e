import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import type { SignedAllowance } from "../allowances/allowances.ts";
import { CardRegister } from "../cards/card-register.ts";
import { CardLimits } from "./card-limits.ts";

/** What a station gives a card, and why. */
export interface KeysOrder {
  readonly card: Uint8Array;
  /** Check value of the master key that the card's keys are of now. */
  readonly masterKey: string | null;
  /** The issuer key that the station is about to write to the card. */
  readonly issuerKeyId: number | null;
  readonly reason: string;
}

/** Which keys cards have (spec §6.10): the register knows it, so that every station finds the right ones. */
@Injectable()
export class CardKeys {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(CardLimits) private readonly limits: CardLimits,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Writes down the master key, and signs the card's allowance by the issuer key; null where none is
   * asked for. A second time has no further effect. Throws what CardLimits.renewUnder throws.
   */
  async change({ card, masterKey, issuerKeyId, reason }: KeysOrder, actor: Actor): Promise<SignedAllowance | null> {
    if (masterKey !== null) await this.write({ card, masterKey, reason }, actor);
    return issuerKeyId === null ? null : this.limits.renewUnder(card, issuerKeyId, { actor, reason });
  }

  private async write(
    { card, masterKey, reason }: { card: Uint8Array; masterKey: string; reason: string },
    actor: Actor,
  ): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      const before = (await this.cards.find(card, trx)).master_key;
      if (before === masterKey) return;
      await trx.updateTable("cards").set({ master_key: masterKey }).where("card", "=", card).execute();
      const details = { before: before ?? "", masterKey, reason };
      const at = new Date(this.clock.now());
      await recordAction(trx, { action: "card-keys", actor, subject: toHex(card), details, at });
    });
  }
}
