import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { guaranteeAccounts, treasuryAccounts } from "../../chain/accounts/own-accounts.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import type { KeyRotationsTable } from "../../foundation/database/tables/chain-tables.ts";

export type AccountPurpose = KeyRotationsTable["purpose"];

/** A rotation as it is kept. */
export interface Rotation {
  readonly former: Uint8Array;
  readonly successor: Uint8Array;
  readonly ended: boolean;
}

/** Who announces or cancels, and why. */
export interface RotationOrder {
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/** The newest rotation of a purpose; null where there never was one. */
export async function newestRotation(
  db: Database | DatabaseTransaction,
  purpose: AccountPurpose,
): Promise<Rotation | null> {
  const row = await db
    .selectFrom("key_rotations")
    .select(["former", "successor", "ended_at"])
    .where("purpose", "=", purpose)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { former: row.former, successor: row.successor, ended: row.ended_at !== null };
}

/** The account that the database is bound to; null before a start, and where there is no gas wallet. */
export async function boundAccount(db: Database | DatabaseTransaction, purpose: AccountPurpose) {
  const bound = await db.selectFrom("installation").select(["treasury", "gas"]).executeTakeFirst();
  return bound?.[purpose] ?? null;
}

/**
 * Whether an account may take the place of another, in words; null where it may. No account comes
 * back, and none serves two purposes.
 */
export async function faultOfSuccessor(
  db: Database | DatabaseTransaction,
  successor: Uint8Array,
): Promise<string | null> {
  const rotations = await db.selectFrom("key_rotations").select(["former", "successor"]).execute();
  const known = [
    ...(await treasuryAccounts(db)).map(({ address }) => [address, "is or was the treasury"] as const),
    ...(await guaranteeAccounts(db)).map(({ address }) => [address, "pays or paid compensations"] as const),
    ...rotations.map(({ former }) => [former, "was rotated away"] as const),
    [await boundAccount(db, "gas"), "is the gas wallet"] as const,
  ];
  const found = known.find(([address]) => address !== null && equalBytes(address, successor));
  return found === undefined ? null : `${toHex(successor)} ${found[1]}.`;
}

/**
 * Announces that an account takes the place of the one that the database is bound to. The same
 * announcement again changes nothing. Throws ProgramError ROTATION_UNDER_WAY, ROTATION_ACCOUNT_IN_USE
 * and ROTATION_UNKNOWN.
 */
export async function announceRotation(
  db: Database,
  { purpose, successor }: { readonly purpose: AccountPurpose; readonly successor: Uint8Array },
  { by, reason, at }: RotationOrder,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "keyRotations");
    const newest = await newestRotation(trx, purpose);
    if (newest !== null && equalBytes(newest.successor, successor)) return;
    await assertMayFollow(trx, { purpose, successor, newest });
    const former = await boundAccount(trx, purpose);
    if (former === null) throw unknownRotation(purpose);
    await trx.insertInto("key_rotations").values({ purpose, former, successor, announced_at: at }).execute();
    const details = { former: toHex(former), purpose, reason };
    await recordAction(trx, {
      ...{ action: "key-rotation", actor: { name: by, role: "admin" } },
      ...{ subject: toHex(successor), details, at },
    });
  });
}

/** Throws what `announceRotation` throws, and changes nothing. */
export async function assertMayFollow(
  db: Database | DatabaseTransaction,
  {
    purpose,
    successor,
    newest,
  }: { readonly purpose: AccountPurpose; readonly successor: Uint8Array; readonly newest: Rotation | null },
): Promise<void> {
  if (newest !== null && !newest.ended && !equalBytes(newest.successor, successor)) {
    const next = "End it first, or cancel it with --cancel while nothing was started with the new key.";
    const message = `${toHex(newest.successor)} is taking the place of ${toHex(newest.former)}.`;
    throw new ProgramError("ROTATION_UNDER_WAY", message, { exit: "keys", next });
  }
  const fault = await faultOfSuccessor(db, successor);
  const isKnown = newest !== null && equalBytes(newest.successor, successor);
  if (fault !== null && !isKnown)
    throw new ProgramError("ROTATION_ACCOUNT_IN_USE", fault, { exit: "keys", next: "Draw a key of its own." });
  if ((await boundAccount(db, purpose)) === null) throw unknownRotation(purpose);
}

/** Takes an announcement back that no start has followed. Throws ProgramError ROTATION_UNDER_WAY and ROTATION_UNKNOWN. */
export async function cancelRotation(
  db: Database,
  purpose: AccountPurpose,
  { by, reason, at }: RotationOrder,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "keyRotations");
    // No start may bind the successor meanwhile.
    const bound = await trx.selectFrom("installation").select(["treasury", "gas"]).forUpdate().executeTakeFirst();
    const newest = await newestRotation(trx, purpose);
    if (newest === null || newest.ended) throw unknownRotation(purpose);
    const present = bound?.[purpose] ?? null;
    if (present !== null && equalBytes(present, newest.successor))
      throw new ProgramError("ROTATION_UNDER_WAY", `A start was made with ${toHex(newest.successor)}.`, {
        ...{ exit: "keys", next: "Go on with the rotation; a further one can follow it." },
      });
    await trx.deleteFrom("key_rotations").where("purpose", "=", purpose).where("ended_at", "is", null).execute();
    const details = { former: toHex(newest.former), purpose, reason };
    await recordAction(trx, {
      ...{ action: "key-rotation-cancelled", actor: { name: by, role: "admin" } },
      ...{ subject: toHex(newest.successor), details, at },
    });
  });
}

/** Nothing of the former account is left to do: what it does from now on is not this installation's. */
export async function endRotation(
  db: Database,
  { purpose, former, successor }: Pick<Rotation, "former" | "successor"> & { readonly purpose: AccountPurpose },
  at: Date,
): Promise<void> {
  await db
    .updateTable("key_rotations")
    .set({ ended_at: at })
    .where("purpose", "=", purpose)
    .where("former", "=", former)
    .where("successor", "=", successor)
    .where("ended_at", "is", null)
    .execute();
}

export function unknownRotation(purpose: AccountPurpose): ProgramError {
  const next =
    purpose === "gas"
      ? "Name the new key file with --to; without gas.keyFile the treasury pays, and nothing has to be rotated."
      : "Name the new key file with --to.";
  return new ProgramError("ROTATION_UNKNOWN", `No rotation of the ${purpose} key was announced.`, {
    ...{ exit: "usage", next },
  });
}
