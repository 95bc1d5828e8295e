import { feePolicy, isRpcError } from "@tallystick/evm";
import { type Check, ProgramError } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { boundKeys } from "../../chain/accounts/bound-keys.ts";
import { chainChecks } from "../../chain/chain-identity.ts";
import type { ChainConnections } from "../../chain/chain-connections.ts";
import { assertNotBehind } from "../../chain/lost/copy-behind-chain.ts";
import { NEWEST_BLOCK } from "../../foundation/database/copies/limits.ts";
import { assertBound } from "../../foundation/database/installation.ts";
import type { Foundation } from "../../foundation/foundation.ts";
import { baseUnitsText } from "../../foundation/http/amounts.ts";
import { Queues } from "../../jobs/queues.ts";
import { createTransferTrial } from "../money/transfer-trials.ts";
import { gasOfLastBatches } from "../readiness/gas-of-batch.ts";
import { FuelProbe, type FuelUse } from "../readiness/probes/fuel-probe.ts";
import { DEPOSIT_GAS } from "../readiness/probes/limits.ts";
import { RedisProbe } from "../readiness/probes/redis-probe.ts";

type Parts = Foundation & ChainConnections;

/**
 * Everything that a configuration says and that can be looked at, in the order in which it is needed.
 * Nothing is changed, but for one key in Redis that is forgotten again.
 */
export function installationChecks(parts: Parts): readonly Check[] {
  return [
    ...keyChecks(parts),
    ...storeChecks(parts),
    ...nodeChecks(parts),
    newestCheck(parts),
    ...accountChecks(parts),
  ];
}

/** The files themselves are read before: without them there is nothing to check. */
function keyChecks({ signers, issuer }: Parts): readonly Check[] {
  const { gas, guarantee, former } = signers;
  return [
    { name: "treasury key", run: () => toHex(signers.treasury.address) },
    { name: "gas wallet key", run: () => (gas === null ? "none: the treasury pays for gas" : toHex(gas.address)) },
    {
      name: "former keys",
      run: () => (former.length === 0 ? "none" : former.map(({ address }) => toHex(address)).join(", ")),
    },
    { name: "issuer key", run: () => `${issuer.keyId}, ${toHex(issuer.publicKey)}` },
    { name: "guarantee key", run: () => (guarantee === null ? "none" : toHex(guarantee.address)) },
  ];
}

/**
 * What pays for batches as the last ones were, as the first screen and readiness count them (for the
 * largest ones before the first, and where the database does not answer), and beside a gas wallet
 * for deposits.
 */
function fuelChecks(
  { db, rpc, config, needs }: Pick<Parts, "db" | "rpc" | "config"> & { readonly needs: string[] },
  { treasury, gas }: Pick<Parts["signers"], "treasury" | "gas">,
): readonly Check[] {
  const { maxFee } = feePolicy(config.chain);
  const check = (name: string, account: Uint8Array, pays: FuelUse): Check => ({
    ...{ name, needs },
    run: async () => {
      const mean = pays === "deposits" ? null : await gasOfLastBatches(db).catch(() => null);
      const [amount, of] =
        pays === "deposits"
          ? [DEPOSIT_GAS, "deposits"]
          : mean === null
            ? [BigInt(config.batch.maxGas), "of the largest batches"]
            : [mean, "batches as the last ones were"];
      const fuel = new FuelProbe({ rpc, account, pays, gasOfBatch: () => Promise.resolve(amount), maxFee });
      const [finding] = await fuel.look();
      if (finding?.level === "reason")
        throw new ProgramError(finding.code, finding.message, { exit: "network", next: finding.next });
      return `for ${fuel.fuel?.batches ?? 0} ${of}`;
    },
  });
  if (gas === null) return [check("treasury's gas", treasury.address, "everything")];
  return [
    check("gas wallet's gas", gas.address, "everything but deposits"),
    check("treasury's gas", treasury.address, "deposits"),
  ];
}

function storeChecks({ db, config, signers, issuer }: Parts): readonly Check[] {
  return [
    {
      name: "database",
      run: async () => {
        const { rows } = await sql<{ version: string; read_only: boolean }>`
          select current_setting('server_version') as version, pg_is_in_recovery() as read_only`.execute(db);
        const [row] = rows;
        if (row?.read_only === true) {
          const next = "Let databaseUrl name the primary server.";
          throw new ProgramError("DATABASE_READ_ONLY", "PostgreSQL takes no writes.", { exit: "store", next });
        }
        return `PostgreSQL ${row?.version ?? ""}`;
      },
    },
    {
      name: "installation",
      needs: ["database"],
      run: async () => {
        if (!(await isInstalled(db)))
          return "none yet: the first start binds the database to this vault and these keys";
        await assertBound(db, config, boundKeys(signers, issuer));
        return "the database belongs to this vault, this treasury and these keys";
      },
    },
    {
      name: "Redis",
      run: async () => {
        const queues = new Queues(config);
        const probe = new RedisProbe(queues);
        try {
          await queues.connected();
          await probe.look();
          return "takes writes";
        } catch (error) {
          const [finding] = probe.fault({ kind: "threw", error });
          const {
            code = "REDIS_UNAVAILABLE",
            message = "Redis does not answer.",
            next = "Start Redis.",
          } = finding ?? {};
          throw new ProgramError(code, message, { exit: "network", next });
        } finally {
          await queues.onApplicationShutdown();
        }
      },
    },
  ];
}

/** A database from before the keys were bound, or of another program, fits any. */
async function isInstalled(db: Parts["db"]): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('issuer_keys') is not null as there`.execute(db);
  return rows[0]?.there === true;
}

function nodeChecks({ rpc, contract, config }: Parts): readonly Check[] {
  let before: string[] = [];
  const compared = chainChecks(rpc, config).map(({ name, run }) => {
    const needs = before;
    before = [name];
    return { name, needs, run };
  });
  return [
    ...compared,
    {
      name: "final block",
      needs: ["chain id"],
      run: async () => {
        const block = await rpc.block("finalized");
        if (block !== null) return block.number.toString();
        const next = "Use a node that serves the tag finalized.";
        throw new ProgramError("NO_FINAL_BLOCK", "The node has no finalized block.", { exit: "network", next });
      },
    },
    {
      name: "final state",
      needs: ["decimals", "final block"],
      run: () => finalState({ rpc, contract }),
    },
  ];
}

/** As a start compares: with an older copy of the database nothing is sent and nothing taken in. */
function newestCheck({ db, rpc, config, signers }: Parts): Check {
  return {
    name: "newest database",
    needs: ["installation", "decimals"],
    run: async () => {
      if (!(await isInstalled(db))) return "none yet";
      const bound = await db
        .selectFrom("installation")
        .select(["restore_generation", "accepted_block"])
        .executeTakeFirst();
      const { restore_generation: before = 0, accepted_block: accepted = 0n } = bound ?? {};
      if (config.restoreGeneration > before)
        return `what came later is given up: restoreGeneration is ${config.restoreGeneration}`;
      // The next start notes from which block on it compares; here nothing is changed.
      if (accepted === NEWEST_BLOCK) return "compared from the next start on";
      const { vault, token, startBlock } = config;
      await assertNotBehind({ db, rpc, vault, token, signers, startBlock });
      return "the chain has nothing of this installation that the database lacks";
    },
  };
}

/** The vault is summed at the last final block: many nodes have the state of the newest 128 blocks alone (spec §6.14). */
async function finalState({ rpc, contract }: Pick<Parts, "rpc" | "contract">): Promise<string> {
  const [final, latest] = await Promise.all([rpc.block("finalized"), rpc.block("latest")]);
  const behind = (latest?.number ?? 0n) - (final?.number ?? 0n);
  const where = `block ${final?.number ?? 0n}, ${behind} behind the newest`;
  try {
    await contract.tokenBalance(contract.vault, final?.number ?? 0n);
    return `kept: ${where}`;
  } catch (error) {
    if (!isRpcError(error, "REFUSED")) throw error;
    const message = `The node refuses the state of the last final block (${where}): ${error.message}`;
    const next = "Use a node that keeps the state of final blocks: an archive node where finality is slow.";
    throw new ProgramError("NO_FINAL_STATE", message, { exit: "network", next });
  }
}

/** What the issuer's accounts hold, and whether the token moves for them. */
function accountChecks({ db, rpc, contract, signers, config }: Parts): readonly Check[] {
  const needs = ["decimals"];
  const { treasury, gas, guarantee } = signers;
  const tokens = async (account: Uint8Array): Promise<string> => {
    const held = await contract.tokenBalance(account, "latest");
    return `${baseUnitsText(held, config.asset)} ${config.asset.code}`;
  };
  return [
    ...fuelChecks({ db, rpc, config, needs }, { treasury, gas }),
    { name: "treasury's tokens", needs, run: () => tokens(treasury.address) },
    {
      name: "guarantee's account",
      needs,
      run: async () => {
        if (guarantee === null) return "none";
        const [held, gas] = await Promise.all([tokens(guarantee.address), rpc.balance(guarantee.address, "latest")]);
        return `${held}, ${gas} wei`;
      },
    },
    {
      name: "transfers",
      needs,
      run: async () => {
        const result = await createTransferTrial(rpc, contract)(treasury.address, contract.vault);
        if (result === null) return "not tried: the treasury holds no tokens";
        if (result.moves) return "the token moves from the treasury to the vault";
        const message = `The token refuses a transfer from the treasury to the vault: ${result.reason}.`;
        const next = "Ask the token's issuer.";
        throw new ProgramError("TRANSFERS_STOPPED", message, { exit: "network", next });
      },
    },
  ];
}
