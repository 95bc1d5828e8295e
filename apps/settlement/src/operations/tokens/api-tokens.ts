import { randomBytes, randomUUID } from "node:crypto";
import { ProgramError } from "@tallystick/program";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database } from "../../foundation/database/database.ts";
import type { StaffRole } from "../../foundation/rights.ts";
import { tokenHash } from "../../foundation/http/tokens.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { DAY_MS, MADE_TOKENS, TOKEN_BITS } from "./limits.ts";

/** A token as it is shown: what it is itself, only who has it knows. */
export interface ApiTokenView {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly endsAt: string;
  readonly state: "valid" | "ended" | "revoked";
}

/** Marks a token for those who search for secrets that leaked. */
const PREFIX = "tally_";

/**
 * Makes a token for a person or a program; the database keeps its hash, and the audit log who made it for whom. Several
 * of one name may be valid, so that one can take the place of another without a gap.
 * @param made.days whole days until it ends
 * @param made.by who makes it
 * @param made.now milliseconds
 * Rejects with ProgramError TOKENS_FULL.
 */
export async function makeToken(
  db: Database,
  made: { name: string; role: StaffRole; days: number; by: string; now: number },
): Promise<{ readonly token: string; readonly view: ApiTokenView }> {
  const { name, role, by, now } = made;
  const token = `${PREFIX}${randomBytes(TOKEN_BITS / 8).toString("base64url")}`;
  const id = randomUUID();
  const [madeAt, endsAt] = [new Date(now), new Date(now + made.days * DAY_MS)];
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "apiTokens");
    const { count } = await trx
      .selectFrom("api_tokens")
      .select((select) => select.fn.countAll<bigint>().as("count"))
      .where("revoked_at", "is", null)
      .where("ends_at", ">", madeAt)
      .executeTakeFirstOrThrow();
    if (Number(count) >= MADE_TOKENS)
      throw new ProgramError("TOKENS_FULL", `${MADE_TOKENS} tokens are valid.`, {
        ...{ exit: "failed", next: "Revoke those that nobody uses." },
      });
    await trx
      .insertInto("api_tokens")
      .values({ id, hash: tokenHash(token), name, role, made_by: by, made_at: madeAt, ends_at: endsAt })
      .execute();
    const details = { role, ends: endsAt.toISOString(), person: name };
    await recordAction(trx, {
      action: "token-made",
      actor: { name: by, role: "admin" },
      subject: id,
      details,
      at: madeAt,
    });
  });
  const shown = { id, name, role, madeBy: by, madeAt: madeAt.toISOString(), endsAt: endsAt.toISOString() };
  return { token, view: { ...shown, state: "valid" } };
}

/** Every token that was made, the newest first. */
export async function listTokens(db: Database, now: number): Promise<readonly ApiTokenView[]> {
  const rows = await db
    .selectFrom("api_tokens")
    .selectAll()
    .orderBy("made_at", "desc")
    .orderBy("id")
    .limit(LIMITS.listRows)
    .execute();
  return rows.map(({ id, name, role, made_by: madeBy, made_at: madeAt, ends_at: endsAt, revoked_at: revoked }) => ({
    ...{ id, name, role, madeBy, madeAt: madeAt.toISOString(), endsAt: endsAt.toISOString() },
    state: revoked !== null ? "revoked" : endsAt.getTime() > now ? "valid" : "ended",
  }));
}

/**
 * Revokes every valid token of a name, or the one with an id: the next call with it is refused. Answers how many; once
 * more has no second effect and no second entry.
 */
export async function revokeTokens(
  db: Database,
  revoked: { name: string; id: string | null; by: string; reason: string; now: number },
): Promise<number> {
  const { name, id, by, reason, now } = revoked;
  const at = new Date(now);
  return await db.transaction().execute(async (trx) => {
    const rows = await trx
      .updateTable("api_tokens")
      .set({ revoked_at: at })
      .where("name", "=", name)
      .where("revoked_at", "is", null)
      .$if(id !== null, (query) => query.where("id", "=", id ?? ""))
      .returning("id")
      .execute();
    for (const row of rows.toSorted((a, b) => a.id.localeCompare(b.id))) {
      const details = { person: name, reason };
      await recordAction(trx, {
        action: "token-revoked",
        actor: { name: by, role: "admin" },
        subject: row.id,
        details,
        at,
      });
    }
    return rows.length;
  });
}
