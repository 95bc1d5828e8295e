import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { reasonText, lineText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { CONTACT_CHARACTERS, NAME_CHARACTERS } from "./limits.ts";

/** One line of any script, which begins and ends with a letter or sign. */
export const merchantNameSchema = z.strictObject({
  name: lineText(NAME_CHARACTERS),
  /** How a person there is reached. */
  contact: z.union([z.literal(""), lineText(CONTACT_CHARACTERS)]).default(""),
  reason: reasonText,
});

export type MerchantName = z.infer<typeof merchantNameSchema>;

export const terminalNameSchema = z.strictObject({ name: lineText(NAME_CHARACTERS), reason: reasonText });

export type TerminalName = z.infer<typeof terminalNameSchema>;

/** What people call merchants and terminals, which the chain knows by addresses alone. */
@Injectable()
export class PartyNames {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws Problem NOT_FOUND where the payee has no terminal. */
  async nameMerchant(payee: Uint8Array, { name, contact, reason }: MerchantName, actor: Actor): Promise<void> {
    await this.assertKnown(payee, null);
    const at = new Date(this.clock.now());
    await retryingTransaction(this.db, async (trx) => {
      await trx
        .insertInto("merchant_names")
        .values({ payee, name, contact, changed_at: at })
        .onConflict((conflict) => conflict.column("payee").doUpdateSet({ name, contact, changed_at: at }))
        .execute();
      const details = { name, reason };
      await recordAction(trx, { action: "named", actor, subject: toHex(payee), details, at });
    });
  }

  /** Throws Problem NOT_FOUND where it was never certified. */
  async nameTerminal(
    payee: Uint8Array,
    terminalId: Uint8Array,
    { name, reason }: TerminalName,
    actor: Actor,
  ): Promise<void> {
    await this.assertKnown(payee, terminalId);
    const at = new Date(this.clock.now());
    await retryingTransaction(this.db, async (trx) => {
      await trx
        .insertInto("terminal_names")
        .values({ payee, terminal_id: terminalId, name, changed_at: at })
        .onConflict((conflict) => conflict.columns(["payee", "terminal_id"]).doUpdateSet({ name, changed_at: at }))
        .execute();
      const subject = `${toHex(payee)}:${toHex(terminalId)}`;
      await recordAction(trx, { action: "named", actor, subject, details: { name, reason }, at });
    });
  }

  private async assertKnown(payee: Uint8Array, terminalId: Uint8Array | null): Promise<void> {
    const row = await this.db
      .selectFrom("terminals")
      .select("payee")
      .where("payee", "=", payee)
      .$if(terminalId !== null, (query) => query.where("terminal_id", "=", terminalId ?? new Uint8Array()))
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "No certificate names it.");
  }
}
