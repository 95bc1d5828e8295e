import { Inject, Injectable } from "@nestjs/common";
import {
  addressOfKey,
  cardTag,
  digestOf,
  encodeOpening,
  equalBytes,
  parseAddress,
  signatureParity,
  toHex,
  type Domain,
} from "@tallystick/protocol";
import { openCall } from "@tallystick/vault";
import type { Selectable } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { CardsTable } from "../../foundation/database/tables/issuing-tables.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { assertFree, assertUnclaimed } from "./reference-rules.ts";

export type CardRow = Selectable<CardsTable>;

export interface Registration {
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly owner: string;
  /** r ‖ s over TLYO, low s. */
  readonly openingSignature: Uint8Array;
  readonly reference: string;
  /** Check value of the master key that its keys are of. */
  readonly masterKey?: string | undefined;
}

/**
 * The issuer's register of cards. Registering plans the card's opening in the vault, in the same
 * transaction.
 */
@Injectable()
export class CardRegister {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The same registration again answers the same card. Throws Problem CARD_EXISTS for a known card
   * with other particulars, REFERENCE_TAKEN, REFERENCE_CLAIMED, CARD_OWNER, OPENING_SIGNATURE or LIMIT_REACHED.
   */
  async register(registration: Registration, actor: Actor): Promise<CardRow> {
    const card = addressOfKey(registration.cardKey);
    const owner = parseAddress(registration.owner);
    if (equalBytes(owner, this.domain.vault))
      throw new Problem("CARD_OWNER", "The vault could never withdraw; name the cardholder's address or the issuer's.");
    const parity = this.openingParity(registration, owner);
    return retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "cardIndices");
      const known = await trx.selectFrom("cards").selectAll().where("card", "=", card).executeTakeFirst();
      if (known !== undefined) return assertSame(known, registration, owner);
      await assertFree(trx, registration.reference);
      await assertUnclaimed(trx, registration.reference, actor);
      const { next } = await trx
        .selectFrom("cards")
        .select((select) => select.fn.countAll<bigint>().as("next"))
        .executeTakeFirstOrThrow();
      if (next >= BigInt(LIMITS.cards))
        throw new Problem("LIMIT_REACHED", `This vault's list holds ${LIMITS.cards} cards.`);
      const now = new Date(this.clock.now());
      await this.actions.plan(trx, {
        key: openingKey(card),
        kind: "open",
        target: this.contract.vault,
        data: openCall({ card, owner, signature: registration.openingSignature, parity }),
      });
      await enqueue(trx, "status-list", "due", now);
      const row = await trx
        .insertInto("cards")
        .values({
          card,
          card_key: registration.cardKey,
          card_index: Number(next),
          owner,
          opening_signature: registration.openingSignature,
          reference: registration.reference,
          master_key: registration.masterKey ?? null,
          card_tag: cardTag(this.domain, registration.cardKey),
          opened_block: null,
          registered_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const details = { owner: toHex(owner), reference: registration.reference };
      await recordAction(trx, { action: "card-registered", actor, subject: toHex(card), details, at: now });
      return row;
    });
  }

  /** Throws CARD_UNKNOWN. */
  async find(card: Uint8Array, trx: Database | DatabaseTransaction = this.db): Promise<CardRow> {
    const row = await trx.selectFrom("cards").selectAll().where("card", "=", card).executeTakeFirst();
    if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
    return row;
  }

  /** `open` once its opening is final; `opening` while it is on its way to the chain. */
  async stateOf(row: CardRow): Promise<"registered" | "opening" | "open"> {
    if (row.opened_block !== null) return "open";
    const action = await this.db
      .selectFrom("chain_actions")
      .select("state")
      .where("key", "=", openingKey(row.card))
      .executeTakeFirst();
    if (action?.state === "final") return "open";
    return action === undefined || action.state === "planned" ? "registered" : "opening";
  }

  private openingParity(registration: Registration, owner: ReturnType<typeof parseAddress>): 0 | 1 {
    const digest = digestOf(encodeOpening({ domain: this.domain, owner }));
    try {
      return signatureParity(registration.openingSignature, digest, registration.cardKey);
    } catch {
      throw new Problem("OPENING_SIGNATURE", "Let the card sign the opening for this owner and this vault.");
    }
  }
}

/** The key of a card's opening among the chain actions. */
export function openingKey(card: Uint8Array): string {
  return `open:${toHex(card)}`;
}

function assertSame(known: CardRow, registration: Registration, owner: Uint8Array): CardRow {
  const same = Buffer.from(known.owner).equals(owner) && known.reference === registration.reference;
  if (!same) throw new Problem("CARD_EXISTS", "The card is registered with another owner or reference.");
  return known;
}
