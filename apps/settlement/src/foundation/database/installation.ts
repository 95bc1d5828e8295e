import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Config } from "../config/config.ts";
import { NEWEST_BLOCK } from "./copies/limits.ts";
import type { Issuer } from "../keys/issuer.ts";
import type { Database, DatabaseTransaction } from "./database.ts";

/** The database belongs to another vault, or to a later restore than the configuration knows. */
export class InstallationMismatch extends ProgramError {
  override readonly name = "InstallationMismatch";

  constructor(message: string, next: string) {
    super("INSTALLATION_MISMATCH", message, { exit: "store", next });
  }
}

/**
 * A key is another one than the database was started with: the books would count another account's
 * tokens, or vouchers under the former key would be refused.
 */
export class KeyChanged extends ProgramError {
  override readonly name = "KeyChanged";

  constructor(code: "TREASURY_CHANGED" | "GAS_WALLET_CHANGED" | "ISSUER_KEY_CHANGED", message: string, next: string) {
    super(code, message, { exit: "keys", next });
  }
}

/** The keys that an installation is bound to. */
export interface InstallationKeys {
  /** The treasury's address. */
  readonly treasury: Uint8Array;
  /** The gas wallet's address; null where the treasury pays for everything. */
  readonly gas: Uint8Array | null;
  readonly issuer: Pick<Issuer, "keyId" | "knownKeys" | "signers">;
}

type Named = Pick<Config, "chainId" | "vault" | "token" | "restoreGeneration">;

/**
 * Binds a database to its vault, its treasury and its issuer's keys permanently: books of two vaults
 * must never mix. The restore generation only grows, or an allowance could get a sequence number that
 * was signed before. Answers whether its books have no final block yet. Rejects with
 * InstallationMismatch or KeyChanged; then nothing was changed.
 */
export async function bindInstallation(db: Database, config: Named, keys: InstallationKeys): Promise<boolean> {
  const { chainId, vault, token, restoreGeneration } = config;
  return await db.transaction().execute(async (trx) => {
    await trx
      .insertInto("installation")
      .values({
        ...{ chain_id: chainId, vault, token, restore_generation: restoreGeneration },
        treasury: keys.treasury,
        // An empty database is the oldest copy: only a person says that what the chain has is lost.
        accepted_block: restoreGeneration > 0 ? NEWEST_BLOCK : 0n,
      })
      .onConflict((conflict) => conflict.column("singleton").doNothing())
      .execute();
    // No announcement is taken back meanwhile.
    await trx.selectFrom("installation").select("singleton").forUpdate().execute();
    await assertBound(trx, config, keys);
    // A raised generation says that a copy was restored: what the chain knows more is accepted.
    await trx
      .updateTable("installation")
      .set({ accepted_block: NEWEST_BLOCK })
      .where("restore_generation", "<", restoreGeneration)
      .execute();
    await trx
      .updateTable("installation")
      .set({
        ...{ restore_generation: restoreGeneration, treasury: keys.treasury },
        // Also where none is named any more: what it sent is still known as this installation's.
        ...(keys.gas === null ? {} : { gas: keys.gas }),
      })
      .execute();
    await keepFirstTreasury(trx, keys.treasury);
    await bindIssuerKeys(trx, keys);
    return (await trx.selectFrom("chain_cursor").select("block_number").executeTakeFirst()) === undefined;
  });
}

/**
 * Compares the configuration with what the database was started with, and changes nothing. A database
 * without an installation fits any. Rejects with InstallationMismatch or KeyChanged.
 */
export async function assertBound(
  db: Database | DatabaseTransaction,
  { chainId, vault, token, restoreGeneration }: Named,
  { treasury, gas, issuer }: InstallationKeys,
): Promise<void> {
  const bound = await db.selectFrom("installation").selectAll().executeTakeFirst();
  if (bound === undefined) return;
  const same = bound.chain_id === chainId && equalBytes(bound.vault, vault) && equalBytes(bound.token, token);
  if (!same) {
    throw new InstallationMismatch(
      "The database belongs to another chain, vault or token.",
      "Use a database of its own for each vault.",
    );
  }
  if (restoreGeneration < bound.restore_generation) {
    throw new InstallationMismatch(
      `The database was started with restoreGeneration ${bound.restore_generation}; the configuration has ${restoreGeneration}.`,
      "Set restoreGeneration to at least the former value: it never goes back.",
    );
  }
  await assertAccounts(db, bound, { treasury, gas });
  await assertIssuerKeys(db, issuer);
}

/** Treasury and gas wallet change by a rotation that was announced, and never back (spec §6.19). */
async function assertAccounts(
  db: Database | DatabaseTransaction,
  bound: { readonly treasury: Uint8Array | null; readonly gas?: Uint8Array | null },
  { treasury, gas }: Pick<InstallationKeys, "treasury" | "gas">,
): Promise<void> {
  if (!(await mayFollow(db, "treasury", { former: bound.treasury, successor: treasury })))
    throw new KeyChanged(
      "TREASURY_CHANGED",
      `chainKeyFile is the key of ${toHex(treasury)}; the treasury of this database is ${toHex(bound.treasury ?? treasury)}.`,
      "Name its key file in chainKeyFile, or announce the new one first: tallystick-settlement keys rotate treasury.",
    );
  const former = bound.gas ?? null;
  if (gas !== null && !(await mayFollow(db, "gas", { former, successor: gas })))
    throw new KeyChanged(
      "GAS_WALLET_CHANGED",
      `gas.keyFile is the key of ${toHex(gas)}; the gas wallet of this database is ${toHex(former ?? gas)}.`,
      "Name its key file in gas.keyFile, or announce the new one first: tallystick-settlement keys rotate gas.",
    );
}

async function mayFollow(
  db: Database | DatabaseTransaction,
  purpose: "treasury" | "gas",
  { former, successor }: { readonly former: Uint8Array | null; readonly successor: Uint8Array },
): Promise<boolean> {
  if (former === null || equalBytes(former, successor)) return true;
  const { rows } = await sql<{ there: boolean }>`select to_regclass('key_rotations') is not null as there`.execute(db);
  if (rows[0]?.there !== true) return false;
  const announced = await db
    .selectFrom("key_rotations")
    .select("id")
    .where("purpose", "=", purpose)
    .where("former", "=", former)
    .where("successor", "=", successor)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return announced !== undefined;
}

/** Of the first treasury every block counts; one that comes later is opened by the chain's watcher. */
async function keepFirstTreasury(trx: DatabaseTransaction, address: Uint8Array): Promise<void> {
  const known = await trx.selectFrom("treasury_accounts").select("address").limit(1).executeTakeFirst();
  if (known !== undefined) return;
  await trx.insertInto("treasury_accounts").values({ address, opened_block: -1n }).execute();
}

/** Every key that the issuer has signed with must be known still, and an id is one key's. */
async function assertIssuerKeys(
  db: Database | DatabaseTransaction,
  { knownKeys }: InstallationKeys["issuer"],
): Promise<void> {
  const bound = await db.selectFrom("issuer_keys").selectAll().orderBy("key_id").execute();
  for (const { key_id: id, public_key: publicKey } of bound) {
    const known = knownKeys.find((key) => key.id === id);
    if (known !== undefined && equalBytes(known.publicKey, publicKey)) continue;
    const key = `{"id":${id},"publicKey":"${toHex(publicKey)}"}`;
    throw new KeyChanged(
      "ISSUER_KEY_CHANGED",
      known === undefined
        ? `The issuer has signed with key ${id} before, and the configuration does not know it.`
        : `Key ${id} of the issuer is another one than the database was started with.`,
      known === undefined
        ? `Name it in formerIssuerKeys: ${key}. Vouchers under its allowances still come.`
        : `Give the new key another id, and name the former one in formerIssuerKeys: ${key}.`,
    );
  }
}

/** Keeps the keys that sign from now on beside those that did. */
async function bindIssuerKeys(trx: DatabaseTransaction, { issuer }: InstallationKeys): Promise<void> {
  const { keyId, signers } = issuer;
  await trx.updateTable("issuer_keys").set({ current: false }).where("key_id", "<>", keyId).execute();
  await trx
    .insertInto("issuer_keys")
    .values(signers.map(({ id, publicKey }) => ({ key_id: id, public_key: publicKey, current: id === keyId })))
    .onConflict((conflict) => conflict.column("key_id").doUpdateSet({ current: (set) => set.ref("excluded.current") }))
    .execute();
}
