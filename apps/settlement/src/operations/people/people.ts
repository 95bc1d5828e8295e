import { randomBytes, randomUUID } from "node:crypto";
import { ProgramError } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { endAskedBy } from "../../books/approvals/approvals.ts";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { tokenHash } from "../../foundation/http/tokens.ts";
import { LINK_MS, PEOPLE, SECRET_BYTES } from "../../foundation/people/limits.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Role, StaffRole } from "../../foundation/rights.ts";
import { barAccount, isBarred } from "./barred-accounts.ts";

/** In whose name the audit log has who came by an identity provider. */
const PROVIDER = "identity-provider";

/** Who is invited, and by whom. */
export interface Invitation {
  readonly name: string;
  readonly role: Role;
  /** The 20 bytes of a merchant's payee; null for everybody else. */
  readonly payee: Uint8Array | null;
  readonly by: string;
  /** Milliseconds. */
  readonly now: number;
}

/** A person as it is shown. */
export interface PersonView {
  readonly name: string;
  readonly role: Role;
  readonly payee: string | null;
  readonly invitedBy: string;
  readonly invitedAt: string;
  readonly state: "invited" | "active" | "removed";
  /** Sessions that have not ended. */
  readonly sessions: number;
}

/**
 * Lets a person sign in once by a link, and gives it a role. An invitation of somebody who is there
 * already is a new link, and ends the ones before; with another role or payee it ends the sessions
 * too. Who came by an identity provider comes by the link from now on, and by the provider no more.
 * Answers the link's secret, which is kept nowhere. Rejects with ProgramError PEOPLE_FULL.
 */
export async function invite(db: Database, invitation: Invitation): Promise<{ secret: string; endsAt: Date }> {
  const { name, role, payee, by, now } = invitation;
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const [at, endsAt] = [new Date(now), new Date(now + LINK_MS)];
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "people");
    const before = await trx.selectFrom("people").selectAll().where("name", "=", name).executeTakeFirst();
    if (before === undefined || before.removed_at !== null) await assertRoom(trx);
    const fields = { role, payee, invited_by: by, invited_at: at, removed_at: null, subject: null };
    const { id } = await trx
      .insertInto("people")
      .values({ name, id: randomUUID(), ...fields })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(fields))
      .returning("id")
      .executeTakeFirstOrThrow();
    await endLinks(trx, name, at);
    if (before !== undefined && !isSame(before, invitation)) await endSessions(trx, name, at);
    if (typeof before?.subject === "string") await leaveProvider(trx, { name, subject: before.subject, at });
    await trx
      .insertInto("sign_in_links")
      .values({ hash: tokenHash(secret), person: name, made_at: at, ends_at: endsAt })
      .execute();
    const details = { role, ...(payee === null ? {} : { payee: toHex(payee) }), person: name };
    const actor = { name: by, role: "admin" } as const;
    await recordAction(trx, { action: "person-invited", actor, subject: id, details, at });
  });
  return { secret, endsAt };
}

/**
 * Removes a person: its sessions and links end at the next call, and what it asked a second person
 * for ends undecided. Answers whether it was there.
 */
export async function removePerson(
  db: Database,
  removed: { name: string; by: string; reason: string; now: number },
): Promise<boolean> {
  const { name, by, reason } = removed;
  const at = new Date(removed.now);
  return await db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable("people")
      .set({ removed_at: at })
      .where("name", "=", name)
      .where("removed_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (row === undefined) return false;
    await endLinks(trx, name, at);
    await trx.deleteFrom("passkeys").where("person", "=", name).execute();
    await endSessions(trx, name, at);
    await endAskedBy(trx, name);
    const actor = { name: by, role: "admin" } as const;
    const details = { person: name, reason };
    await recordAction(trx, { action: "person-removed", actor, subject: row.id, details, at });
    return true;
  });
}

/** Everybody who was ever invited, by name. */
export async function listPeople(db: Database, now: number): Promise<readonly PersonView[]> {
  const rows = await db
    .selectFrom("people")
    .leftJoin("sessions", "sessions.person", "people.name")
    .select(["people.name", "people.role", "people.payee", "people.invited_by", "people.invited_at"])
    .select("people.removed_at")
    .select((select) =>
      select.fn
        .count<bigint>("sessions.id")
        .filterWhere("sessions.ended_at", "is", null)
        .filterWhere("sessions.ends_at", ">", new Date(now))
        .as("open"),
    )
    .select((select) => select.fn.count<bigint>("sessions.id").as("all"))
    .groupBy("people.name")
    .orderBy("people.name")
    .limit(PEOPLE)
    .execute();
  return rows.map((row) => ({
    ...{ name: row.name, role: row.role, payee: row.payee === null ? null : toHex(row.payee) },
    ...{ invitedBy: row.invited_by, invitedAt: row.invited_at.toISOString(), sessions: Number(row.open) },
    state: row.removed_at !== null ? "removed" : Number(row.all) > 0 ? "active" : "invited",
  }));
}

async function assertRoom(trx: DatabaseTransaction): Promise<void> {
  const { count } = await trx
    .selectFrom("people")
    .select((select) => select.fn.countAll<bigint>().as("count"))
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  if (Number(count) < PEOPLE) return;
  const next = "Remove those who do not come any more.";
  throw new ProgramError("PEOPLE_FULL", `${PEOPLE} people may sign in.`, { exit: "failed", next });
}

function isSame(before: { role: Role; payee: Uint8Array | null; removed_at: Date | null }, now: Invitation): boolean {
  const payeeOf = (payee: Uint8Array | null) => (payee === null ? null : toHex(payee));
  return before.removed_at === null && before.role === now.role && payeeOf(before.payee) === payeeOf(now.payee);
}

/** Of who is invited instead nothing stays that it had as the provider's. */
async function leaveProvider(
  trx: DatabaseTransaction,
  left: { readonly name: string; readonly subject: string; readonly at: Date },
): Promise<void> {
  const { name, subject, at } = left;
  await barAccount(trx, subject, at);
  await trx.deleteFrom("passkeys").where("person", "=", name).execute();
  await endSessions(trx, name, at);
}

async function endLinks(trx: DatabaseTransaction, person: string, at: Date): Promise<void> {
  await trx
    .updateTable("sign_in_links")
    .set({ used_at: at })
    .where("person", "=", person)
    .where("used_at", "is", null)
    .execute();
}

/** Ends every session of a person. */
export async function endSessions(trx: DatabaseTransaction, person: string, at: Date): Promise<void> {
  await trx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("person", "=", person)
    .where("ended_at", "is", null)
    .execute();
}

/**
 * Lets a person in by what an identity provider says: a new one, or the one that it was before, with
 * the role of now. Another person's name is not taken over, and an account that was removed, or is
 * somebody's who was invited instead, stays out. Throws Problem FORBIDDEN.
 */
export async function addProvided(
  trx: DatabaseTransaction,
  provided: { subject: string; name: string; role: StaffRole; now: number },
): Promise<string> {
  const { subject, name, role, now } = provided;
  const at = new Date(now);
  await takeLock(trx, "people");
  const before = await trx.selectFrom("people").selectAll().where("subject", "=", subject).executeTakeFirst();
  if (before?.removed_at === null && before.role === role) return before.name;
  if (before === undefined ? await isBarred(trx, subject) : before.removed_at !== null)
    throw new Problem("FORBIDDEN", "You were removed here.");
  const changed = { role, payee: null, invited_by: PROVIDER, invited_at: at, removed_at: null };
  if (before !== undefined) {
    await trx.updateTable("people").set(changed).where("name", "=", before.name).execute();
    await endSessions(trx, before.name, at);
  } else {
    await assertRoom(trx);
    const added = await trx
      .insertInto("people")
      .values({ name, id: randomUUID(), subject, ...changed })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .returning("name")
      .executeTakeFirst();
    if (added === undefined) throw new Problem("FORBIDDEN", `Somebody else is called ${name} here.`);
  }
  const person = before?.name ?? name;
  const { id } = await trx.selectFrom("people").select("id").where("name", "=", person).executeTakeFirstOrThrow();
  const actor = { name: PROVIDER, role: "admin" } as const;
  await recordAction(trx, { action: "person-invited", actor, subject: id, details: { role, person }, at });
  return person;
}
