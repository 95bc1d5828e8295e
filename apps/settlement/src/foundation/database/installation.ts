import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
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

  constructor(code: "TREASURY_CHANGED" | "ISSUER_KEY_CHANGED", message: string, next: string) {
    super(code, message, { exit: "keys", next });
  }
}

/** The keys that an installation is bound to. */
export interface InstallationKeys {
  /** The treasury's address. */
  readonly treasury: Uint8Array;
  readonly issuer: Pick<Issuer, "keyId" | "knownKeys" | "signers">;
}

type Named = Pick<Config, "chainId" | "vault" | "token" | "restoreGeneration">;

/**
 * Binds a database to its vault, its treasury and its issuer's keys permanently: books of two vaults
 * must never mix. The restore generation only grows, or an allowance could get a sequence number that
 * was signed before. Rejects with InstallationMismatch or KeyChanged; then nothing was changed.
 */
export async function bindInstallation(db: Database, config: Named, keys: InstallationKeys): Promise<void> {
  const { chainId, vault, token, restoreGeneration } = config;
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto("installation")
      .values({
        ...{ chain_id: chainId, vault, token, restore_generation: restoreGeneration },
        treasury: keys.treasury,
        // What the chain has before the first start is not this database's.
        accepted_block: NEWEST_BLOCK,
      })
      .onConflict((conflict) => conflict.column("singleton").doNothing())
      .execute();
    await assertBound(trx, config, keys);
    // A raised generation says that a copy was restored: what the chain knows more is accepted.
    await trx
      .updateTable("installation")
      .set({ accepted_block: NEWEST_BLOCK })
      .where("restore_generation", "<", restoreGeneration)
      .execute();
    await trx
      .updateTable("installation")
      .set({ restore_generation: restoreGeneration, treasury: keys.treasury })
      .execute();
    await bindIssuerKeys(trx, keys);
  });
}

/**
 * Compares the configuration with what the database was started with, and changes nothing. A database
 * without an installation fits any. Rejects with InstallationMismatch or KeyChanged.
 */
export async function assertBound(
  db: Database | DatabaseTransaction,
  { chainId, vault, token, restoreGeneration }: Named,
  { treasury, issuer }: InstallationKeys,
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
  if (bound.treasury !== null && !equalBytes(bound.treasury, treasury)) {
    throw new KeyChanged(
      "TREASURY_CHANGED",
      `chainKeyFile is the key of ${toHex(treasury)}; the books of this database count the tokens of ${toHex(bound.treasury)}.`,
      "Name the former key file in chainKeyFile: the treasury of a database stays the same.",
    );
  }
  await assertIssuerKeys(db, issuer);
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
