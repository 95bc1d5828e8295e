import { randomBytes, randomUUID } from "node:crypto";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import type { SignInWay } from "../../foundation/database/tables/people-tables.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { tokenHash } from "../../foundation/http/tokens.ts";
import type { Role } from "../../foundation/rights.ts";
import { SECRET_BYTES, SESSIONS_OF_ONE } from "../../foundation/people/limits.ts";

/** A session that has begun: what its cookie holds is kept nowhere. */
export interface BegunSession {
  readonly secret: string;
  readonly person: string;
  readonly role: Role;
}

/**
 * Begins a session of a person. A person has a bounded number of them; the oldest ones end.
 * @param begun.lastsMs milliseconds after which it ends in any case
 */
export async function beginSession(
  trx: DatabaseTransaction,
  begun: { person: string; way: SignInWay; lastsMs: number; now: number },
): Promise<BegunSession> {
  const { person, way, lastsMs, now } = begun;
  const at = new Date(now);
  const open = await trx
    .selectFrom("sessions")
    .select("id")
    .where("person", "=", person)
    .where("ended_at", "is", null)
    .orderBy("began_at", "desc")
    .offset(SESSIONS_OF_ONE - 1)
    .execute();
  const tooMany = open.map(({ id }) => id);
  if (tooMany.length > 0) await trx.updateTable("sessions").set({ ended_at: at }).where("id", "in", tooMany).execute();
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  await trx
    .insertInto("sessions")
    .values({
      ...{ id: randomUUID(), hash: tokenHash(secret), person, way },
      ...{ began_at: at, seen_at: at, ends_at: new Date(now + lastsMs) },
    })
    .execute();
  const { role } = await trx.selectFrom("people").select("role").where("name", "=", person).executeTakeFirstOrThrow();
  return { secret, person, role };
}

/** Tells the log of a session that began, when it is stored. */
export function tellSignIn({ person }: BegunSession, way: SignInWay): void {
  tellEvent("sign-in", `${person} by a ${way}`);
}

/** Ends one session; once more has no effect. */
export async function endSession(db: Database, id: string, now: number): Promise<void> {
  await db
    .updateTable("sessions")
    .set({ ended_at: new Date(now) })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

/**
 * Begins the session of a sign-in link, which works once, in its time, and while its person is not
 * removed and comes by no identity provider; null otherwise.
 */
export async function useLink(
  db: Database,
  used: { secret: string; lastsMs: number; now: number },
): Promise<BegunSession | null> {
  const { secret, lastsMs, now } = used;
  const at = new Date(now);
  const begun = await db.transaction().execute(async (trx) => {
    const link = await trx
      .updateTable("sign_in_links")
      .from("people")
      .set({ used_at: at })
      .whereRef("people.name", "=", "sign_in_links.person")
      .where("hash", "=", tokenHash(secret))
      .where("used_at", "is", null)
      .where("ends_at", ">", at)
      .where("removed_at", "is", null)
      .where("subject", "is", null)
      .returning("person")
      .executeTakeFirst();
    return link === undefined ? null : await beginSession(trx, { person: link.person, way: "link", lastsMs, now });
  });
  if (begun !== null) tellSignIn(begun, "link");
  return begun;
}

/** A link that signs nobody in any more. */
export interface SpentLink {
  /** The session that it began, where it was used by somebody who is signed in; null otherwise. */
  readonly session: string | null;
}

/** A link that was used, replaced by a newer one or is out of its time; null of others, also of what is no link. */
export async function spentLink(db: Database, secret: string, now: number): Promise<SpentLink | null> {
  const row = await db
    .selectFrom("sign_in_links")
    // Both begin at the same time: in one transaction.
    .leftJoin("sessions", (join) =>
      join
        .onRef("sessions.person", "=", "sign_in_links.person")
        .onRef("sessions.began_at", "=", "sign_in_links.used_at")
        .on("sessions.way", "=", "link"),
    )
    .select("sessions.id as session")
    .where("sign_in_links.hash", "=", tokenHash(secret))
    .where((is) => is.or([is("used_at", "is not", null), is("sign_in_links.ends_at", "<=", new Date(now))]))
    .executeTakeFirst();
  return row ?? null;
}
