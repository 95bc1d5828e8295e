import type { Config } from "../config/config.ts";
import type { Database } from "./database.ts";

/** The database belongs to another vault, or to a later restore than the configuration knows. */
export class InstallationMismatch extends Error {
  readonly code = "INSTALLATION_MISMATCH";
}

/**
 * Binds a database to its vault for ever: books of two vaults must never mix. The restore generation only grows, or an
 * allowance could get a sequence number that was signed before.
 */
export async function bindInstallation(db: Database, config: Config): Promise<void> {
  const vault = Buffer.from(config.vault.slice(2), "hex");
  const token = Buffer.from(config.token.slice(2), "hex");
  await db
    .insertInto("installation")
    .values({ chain_id: BigInt(config.chainId), vault, token, restore_generation: config.restoreGeneration })
    .onConflict((conflict) => conflict.column("singleton").doNothing())
    .execute();
  const bound = await db.selectFrom("installation").selectAll().executeTakeFirstOrThrow();
  const same =
    bound.chain_id === BigInt(config.chainId) &&
    Buffer.from(bound.vault).equals(vault) &&
    Buffer.from(bound.token).equals(token);
  if (!same) {
    throw new InstallationMismatch(
      "The database belongs to another chain, vault or token. Use a database of its own for each vault.",
    );
  }
  if (config.restoreGeneration < bound.restore_generation) {
    throw new InstallationMismatch(
      `The database was started with restoreGeneration ${bound.restore_generation}; the configuration says ${config.restoreGeneration}. It never goes back.`,
    );
  }
  await db.updateTable("installation").set({ restore_generation: config.restoreGeneration }).execute();
}
