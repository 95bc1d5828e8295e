import { ProgramError } from "@tallystick/program";
import { equalBytes } from "@tallystick/protocol";
import type { Config } from "../config/config.ts";
import type { Database } from "./database.ts";

/** The database belongs to another vault, or to a later restore than the configuration knows. */
export class InstallationMismatch extends ProgramError {
  override readonly name = "InstallationMismatch";

  constructor(message: string, next: string) {
    super("INSTALLATION_MISMATCH", message, { exit: "store", next });
  }
}

/**
 * Binds a database to its vault permanently: books of two vaults must never mix. The restore
 * generation only grows, or an allowance could get a sequence number that was signed before.
 */
export async function bindInstallation(db: Database, config: Config): Promise<void> {
  const { chainId, vault, token, restoreGeneration } = config;
  await db
    .insertInto("installation")
    .values({ chain_id: chainId, vault, token, restore_generation: restoreGeneration })
    .onConflict((conflict) => conflict.column("singleton").doNothing())
    .execute();
  const bound = await db.selectFrom("installation").selectAll().executeTakeFirstOrThrow();
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
  await db.updateTable("installation").set({ restore_generation: restoreGeneration }).execute();
}
