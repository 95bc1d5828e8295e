import { ProgramError } from "@tallystick/program";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { barAccount } from "./barred-accounts.ts";

/** Stands where a name was that may not be empty. */
const ERASED = "erased";

/**
 * Erases a person's name, and what was written with it, from everything that holds them: words of
 * the audit log, decisions, alarms, stations' claims and reports, tokens, sessions. The entries stay, and prove the same without. Answers
 * the number of entries that lost their words. Rejects with ProgramError STILL_HERE for who may sign
 * in or has a valid token.
 */
export async function erasePerson(
  db: Database,
  erased: { name: string; by: string; reason: string; now: number },
): Promise<number> {
  const { name, by, reason } = erased;
  const at = new Date(erased.now);
  return await db.transaction().execute(async (trx) => {
    await assertGone(trx, name, at);
    const words = await trx
      .updateTable("audit_words")
      .set({ salt: null, words: null, names: [], erased_at: at })
      .where(sql<boolean>`names @> array[${name}]`)
      .returning("position")
      .execute();
    const empty = { who: "", reason: "", erased_at: at };
    await trx.updateTable("withheld_decisions").set(empty).where("who", "=", name).execute();
    await trx.updateTable("certificate_withdrawals").set(empty).where("who", "=", name).execute();
    await trx.updateTable("api_tokens").set({ name: ERASED }).where("name", "=", name).execute();
    await trx.updateTable("api_tokens").set({ made_by: ERASED }).where("made_by", "=", name).execute();
    await trx.updateTable("people").set({ invited_by: ERASED }).where("invited_by", "=", name).execute();
    await trx.updateTable("alarms").set({ acknowledged_by: ERASED }).where("acknowledged_by", "=", name).execute();
    await eraseApprovals(trx, name);
    await eraseIssuing(trx, name);
    await eraseJoining(trx, name);
    await eraseCases(trx, name);
    const id = await forget(trx, name, at);
    const details = { entries: String(words.length), reason };
    const actor = { name: by, role: "admin" } as const;
    await recordAction(trx, { action: "person-erased", actor, subject: id ?? "token", details, at });
    return words.length;
  });
}

async function eraseApprovals(trx: DatabaseTransaction, name: string): Promise<void> {
  await trx.deleteFrom("movements_alone").where("person", "=", name).execute();
  await trx.updateTable("approvals").set({ asked_by: ERASED, reason: "" }).where("asked_by", "=", name).execute();
  const decided = { decided_by: ERASED, decided_reason: "" };
  await trx.updateTable("approvals").set(decided).where("decided_by", "=", name).execute();
}

/** A report's signature is of its whole text, which says who worked there: of it the digest and the sums stay. */
async function eraseIssuing(trx: DatabaseTransaction, name: string): Promise<void> {
  await sql`update replacements set
      requested_by = case when requested_by = ${name} then ${ERASED} else requested_by end,
      reason = case when requested_by = ${name} then '' else reason end,
      rest_asked_by = case when rest_asked_by = ${name} then ${ERASED} else rest_asked_by end,
      rest_reason = case when rest_asked_by = ${name} then '' else rest_reason end
    where requested_by = ${name} or rest_asked_by = ${name}`.execute(trx);
  await trx.updateTable("reference_claims").set({ operator: ERASED }).where("operator", "=", name).execute();
  await trx.updateTable("order_reports").set({ operator: ERASED, report: "" }).where("operator", "=", name).execute();
}

async function eraseJoining(trx: DatabaseTransaction, name: string): Promise<void> {
  await trx
    .updateTable("certificate_requests")
    .set((update) => ({
      decided_by: ERASED,
      reason: update.case().when("reason", "is", null).then(null).else("").end(),
    }))
    .where("decided_by", "=", name)
    .execute();
  const erased = { confirmed_by: ERASED, reason: null };
  await trx.updateTable("first_units").set(erased).where("confirmed_by", "=", name).execute();
}

async function eraseCases(trx: DatabaseTransaction, name: string): Promise<void> {
  await trx.updateTable("case_events").set({ who: ERASED, reason: "" }).where("who", "=", name).execute();
  await trx.updateTable("cases").set({ owner: ERASED }).where("owner", "=", name).execute();
}

async function assertGone(trx: DatabaseTransaction, name: string, at: Date): Promise<void> {
  const person = await trx
    .selectFrom("people")
    .select("name")
    .where("name", "=", name)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  const token = await trx
    .selectFrom("api_tokens")
    .select("id")
    .where("name", "=", name)
    .where("revoked_at", "is", null)
    .where("ends_at", ">", at)
    .executeTakeFirst();
  if (person === undefined && token === undefined) return;
  const next = "Run people remove and tokens revoke first.";
  throw new ProgramError("STILL_HERE", `${name} may sign in, or has a valid token.`, { exit: "failed", next });
}

/** Answers the id by which the audit log still knows the person; null where it never signed in. Its account at a provider stays out. */
async function forget(trx: DatabaseTransaction, name: string, at: Date): Promise<string | null> {
  await trx.deleteFrom("sessions").where("person", "=", name).execute();
  await trx.deleteFrom("sign_in_links").where("person", "=", name).execute();
  await trx.deleteFrom("passkeys").where("person", "=", name).execute();
  const row = await trx.deleteFrom("people").where("name", "=", name).returning(["id", "subject"]).executeTakeFirst();
  if (typeof row?.subject === "string") await barAccount(trx, row.subject, at);
  return row?.id ?? null;
}
