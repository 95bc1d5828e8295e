import { Inject, Injectable, Logger } from "@nestjs/common";
import { formatAmount, type Asset } from "@tallystick/money";
import { toAddress, toHex } from "@tallystick/protocol";
import type { PayeeAnswer } from "@tallystick/protocol/wire";
import { transferCall } from "@tallystick/vault";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { FIRST_UNITS } from "./limits.ts";

/** Throws Problem PAYEE_UNCONFIRMED while a payee got its first unit and nobody has said that it came. */
export async function assertPayeeConfirmed(trx: DatabaseTransaction, payee: Uint8Array): Promise<void> {
  const row = await trx.selectFrom("first_units").select("confirmed_at").where("payee", "=", payee).executeTakeFirst();
  if (row === undefined || row.confirmed_at !== null) return;
  throw new Problem(
    "PAYEE_UNCONFIRMED",
    "Have the payee's owner say on the terminal that the unit came, or confirm it with a reason. The vault pays the payee whoever calls withdraw.",
  );
}

/** One unit to each new payee, by which its owner sees that the address is its own (spec §6.15). */
@Injectable()
export class FirstUnits {
  private readonly log = new Logger(FirstUnits.name);

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
  ) {}

  /** Plans the transfer in the caller's transaction; a payee that had one gets no second. */
  async send(trx: DatabaseTransaction, payee: Uint8Array, at: Date): Promise<void> {
    const actionId = await this.actions.plan(trx, {
      key: `first-unit:${toHex(payee)}`,
      kind: "first-unit",
      target: this.contract.token,
      data: transferCall({ to: toAddress(payee), baseUnits: FIRST_UNITS * this.asset.scale }),
    });
    await trx
      .insertInto("first_units")
      .values({ payee, action_id: actionId, sent_at: at })
      .onConflict((conflict) => conflict.column("payee").doNothing())
      .execute();
  }

  /** How far a payee's first unit is. */
  async view(payee: Uint8Array, db: Database | DatabaseTransaction = this.db): Promise<PayeeAnswer> {
    const row = await db
      .selectFrom("first_units")
      .innerJoin("chain_actions", "chain_actions.id", "first_units.action_id")
      .select(["first_units.confirmed_at", "chain_actions.mined_hash"])
      .where("first_units.payee", "=", payee)
      .executeTakeFirst();
    if (row === undefined) return { state: "known", amount: null, tx: null };
    return {
      state: row.confirmed_at === null ? "sent" : "confirmed",
      amount: formatAmount(FIRST_UNITS, this.asset),
      tx: row.mined_hash === null ? null : toHex(row.mined_hash),
    };
  }

  /** The payee's owner says on a terminal that it came. Throws Problem PAYEE_UNCONFIRMED while it is in no block. */
  async cameTo(payee: Uint8Array, terminalId: Uint8Array): Promise<PayeeAnswer> {
    return retryingTransaction(this.db, async (trx) => {
      const { state, tx } = await this.view(payee, trx);
      if (state === "sent" && tx === null)
        throw new Problem("PAYEE_UNCONFIRMED", "The unit is in no block yet: look again when it is.");
      if (state === "sent") {
        await this.confirm(trx, payee, { by: `terminal ${toHex(terminalId)}`, reason: null });
        this.log.log(`${toHex(payee)}: its first unit came, says terminal ${toHex(terminalId)}.`);
      }
      return this.view(payee, trx);
    });
  }

  /** A person of the issuer says so. Throws Problem NOT_FOUND for a payee that had none, and NAME_NEEDED. */
  async confirmBy(actor: Actor, payee: Uint8Array, reason: string): Promise<PayeeAnswer> {
    const by = personOf(actor);
    return retryingTransaction(this.db, async (trx) => {
      const { state } = await this.view(payee, trx);
      if (state === "known") throw new Problem("NOT_FOUND", "No first unit was sent to this payee; it needs none.");
      if (state === "sent") {
        const at = await this.confirm(trx, payee, { by, reason });
        const subject = toHex(payee);
        await recordAction(trx, { action: "payee-confirmed", actor, subject, details: { reason }, at });
      }
      return this.view(payee, trx);
    });
  }

  private async confirm(
    trx: DatabaseTransaction,
    payee: Uint8Array,
    { by, reason }: { readonly by: string; readonly reason: string | null },
  ): Promise<Date> {
    const at = new Date(this.clock.now());
    await trx
      .updateTable("first_units")
      .set({ confirmed_at: at, confirmed_by: by, reason })
      .where("payee", "=", payee)
      .where("confirmed_at", "is", null)
      .execute();
    return at;
  }
}
