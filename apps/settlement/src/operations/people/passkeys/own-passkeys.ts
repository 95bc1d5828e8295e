import { createHash } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { recordAction } from "../../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../../foundation/database/database.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { ADD_PASSKEY_MS } from "../../../foundation/people/limits.ts";

/** A passkey as its person sees it. */
export interface PasskeyView {
  readonly id: string;
  /** What its person calls it; null of one from before they had names. */
  readonly name: string | null;
  readonly madeAt: Date;
  readonly usedAt: Date | null;
}

/** A person's own passkeys: which there are, and the end of one of them. */
@Injectable()
export class OwnPasskeys {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The oldest first. */
  async list({ actor: { name } }: Session): Promise<readonly PasskeyView[]> {
    const rows = await this.db
      .selectFrom("passkeys")
      .select(["id", "name", "made_at", "used_at"])
      .where("person", "=", name)
      .orderBy("made_at")
      .orderBy("id")
      .execute();
    return rows.map((row) => ({ id: row.id, name: row.name, madeAt: row.made_at, usedAt: row.used_at }));
  }

  /**
   * Removes a passkey of the session's person, and ends the person's other sessions: one of them may
   * be on a device that is lost. Throws Problem FORBIDDEN where the session may not, NOT_FOUND,
   * and LAST_PASSKEY where the person could not come back without it.
   */
  async remove(session: Session, id: string): Promise<void> {
    assertMayChange(session, this.clock.now());
    const { actor } = session;
    const at = new Date(this.clock.now());
    await this.db.transaction().execute(async (trx) => {
      // Two removals at once do not both leave the other one. Whoever signs in meanwhile waits for nothing here.
      const person = await trx
        .selectFrom("people")
        .select("id")
        .where("name", "=", actor.name)
        .forNoKeyUpdate()
        .executeTakeFirstOrThrow();
      const own = await trx.selectFrom("passkeys").select(["id", "name"]).where("person", "=", actor.name).execute();
      const removed = own.find((each) => each.id === id);
      if (removed === undefined) throw new Problem("NOT_FOUND", "You have no such passkey.");
      if (own.length === 1)
        throw new Problem("LAST_PASSKEY", "Add another passkey first, or ask an administrator for a sign-in link.");
      await trx.deleteFrom("passkeys").where("id", "=", id).where("person", "=", actor.name).execute();
      await trx
        .updateTable("sessions")
        .set({ ended_at: at })
        .where("person", "=", actor.name)
        .where("ended_at", "is", null)
        .where("id", "<>", session.id)
        .execute();
      await recordPasskey(trx, { action: "passkey-removed", session, person: person.id, ...removed, at });
    });
  }
}

/**
 * Passkeys are added and removed just after signing in: a cookie that was stolen later does neither. Whoever comes by
 * the identity provider has none. Throws Problem FORBIDDEN.
 */
export function assertMayChange({ beganAt, provided }: Session, now: number): void {
  if (provided)
    throw new Problem("FORBIDDEN", "You come in by your organisation's sign-in, which has no passkeys here.");
  if (now - beganAt < ADD_PASSKEY_MS) return;
  throw new Problem("FORBIDDEN", "Passkeys are changed just after signing in; sign in again.");
}

/** Writes into the audit log that a passkey came or went; it stands there by the hash of its id. */
export async function recordPasskey(
  trx: DatabaseTransaction,
  passkey: {
    readonly action: "passkey-added" | "passkey-removed";
    readonly session: Session;
    /** The person's id. */
    readonly person: string;
    readonly id: string;
    readonly name: string | null;
    readonly at: Date;
  },
): Promise<void> {
  const { action, session, person, id, name, at } = passkey;
  const hash = toHex(new Uint8Array(createHash("sha256").update(id, "utf8").digest()));
  const details = { passkey: hash, ...(name === null ? {} : { name }) };
  await recordAction(trx, { action, actor: session.actor, subject: person, details, at });
}
