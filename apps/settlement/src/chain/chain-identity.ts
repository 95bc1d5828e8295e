import { Inject, Injectable } from "@nestjs/common";
import { createVaultReader, isRpcError, type ChainRpc } from "@tallystick/evm";
import { ProgramError } from "@tallystick/program";
import { equalBytes, toHex } from "@tallystick/protocol";
import { VaultError } from "@tallystick/vault";
import { CONFIG, type Config } from "../foundation/config/config.ts";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { CHAIN_RPC, ISSUER_SIGNERS } from "./chain-connections.ts";
import type { IssuerSigners } from "./issuer-signers.ts";
import { assertNotBehind } from "./lost/copy-behind-chain.ts";
import { assertNoncesKnown } from "./lost/lost-nonces.ts";
import { forgottenNonces, isOlder, stateNow, type StateSeen, withNonce } from "./lost/state-seen.ts";

/** The chain says something else of itself than the configuration says of it. */
export class ChainMismatch extends ProgramError {
  override readonly name = "ChainMismatch";

  constructor(message: string, next: string) {
    super("CHAIN_MISMATCH", message, { exit: "usage", next });
  }
}

type Named = Pick<Config, "chainId" | "vault" | "token" | "asset">;

/** One thing that the chain says of itself; answers it as a text. */
export interface ChainCheck {
  readonly name: string;
  readonly run: () => Promise<string>;
}

/**
 * What is compared with the chain, in order: its id, the vault, its token and scale, and the decimals
 * that follow from both (spec §6.7). One wrong setting would make every figure wrong by a power of
 * ten. Each rejects with ChainMismatch, and with RpcError where the node does not say.
 */
export function chainChecks(rpc: ChainRpc, { chainId, vault, token, asset }: Named): readonly ChainCheck[] {
  const reader = createVaultReader({ rpc, vault });
  const noVault = `No vault answers at ${toHex(vault)}.`;
  const toVault = "Correct vault, or deploy it first.";
  return [
    {
      name: "chain id",
      run: async () => {
        const actual = await rpc.chainId();
        if (actual === chainId) return chainId.toString();
        throw new ChainMismatch(`The node serves chain ${actual}, not ${chainId}.`, "Correct rpcUrl or chainId.");
      },
    },
    {
      name: "vault and token",
      run: async () => {
        const actual = await decoded(reader.token(), noVault, toVault);
        if (equalBytes(actual, token)) return `${toHex(vault)} holds ${toHex(token)}`;
        const message = `The vault's token is ${toHex(actual)}, not ${toHex(token)}.`;
        throw new ChainMismatch(message, "Correct token or vault.");
      },
    },
    {
      name: "scale",
      run: async () => {
        const scale = await decoded(reader.scale(), noVault, toVault);
        if (scale === asset.scale) return scale.toString();
        throw new ChainMismatch(`The vault's scale is ${scale}, not ${asset.scale}.`, "Correct asset.scale.");
      },
    },
    {
      name: "decimals",
      run: async () => {
        const noDecimals = `The token ${toHex(token)} does not say its decimals.`;
        const ofToken = await decoded(reader.tokenDecimals(token), noDecimals, "Use a token that has decimals().");
        const decimals = displayDecimals(ofToken, asset.scale);
        if (decimals === asset.decimals) return decimals.toString();
        throw new ChainMismatch(
          `The token has ${ofToken} decimals, so at scale ${asset.scale} a unit has ${decimals ?? "none"}, not ${asset.decimals}.`,
          decimals === null ? "Use a vault whose scale is a power of ten." : `Set asset.decimals to ${decimals}.`,
        );
      },
    },
  ];
}

/**
 * Compares the configuration with the chain. Rejects with ChainMismatch for the first that differs,
 * and with RpcError where the node does not say.
 */
export async function compareWithChain(rpc: ChainRpc, named: Named): Promise<void> {
  for (const { run } of chainChecks(rpc, named)) await run();
}

/** The token's decimals less log10(scale); null where the scale is no power of ten. */
export function displayDecimals(tokenDecimals: number, scale: bigint): number | null {
  const digits = scale.toString();
  const power = digits.length - 1;
  return /^10*$/.test(digits) && power <= tokenDecimals ? tokenDecimals - power : null;
}

async function decoded<T>(read: Promise<T>, message: string, next: string): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw error instanceof VaultError || isRpcError(error, "REVERTED") ? new ChainMismatch(message, next) : error;
  }
}

/**
 * Lets nothing be sent and no event be taken before the chain was compared with the configuration and
 * with the books: once at start, or as soon as the node answers, and again when the database answers
 * less than it did before, because another one took its place while the service ran (spec §6.14).
 */
@Injectable()
export class ChainIdentity {
  /** What the database answered when it had been compared, or later; null before. */
  private confirmed: StateSeen | null = null;
  /** True while the database is asked, and false while the chain is. */
  readsDatabase = false;

  constructor(
    @Inject(CHAIN_RPC) private readonly rpc: ChainRpc,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ISSUER_SIGNERS) private readonly signers: Pick<IssuerSigners, "treasury" | "gas">,
  ) {}

  /**
   * Rejects with ChainMismatch, COPY_BEHIND_CHAIN or RpcError, and where the database does not
   * answer. A nonce that was given out and is not known any more needs no question to the chain: its
   * transaction may wait in a node's pool, where nobody can look.
   */
  async confirm(): Promise<void> {
    const { rpc, config, db, signers, confirmed: before } = this;
    this.readsDatabase = true;
    const present = await stateNow(db).finally(() => (this.readsDatabase = false));
    assertNotForgotten(present, before);
    if (before !== null && !isOlder(present, before)) {
      // Where others have confirmed meanwhile, theirs stays: what is read next is compared with it.
      if (this.confirmed === before) this.confirmed = present;
      return;
    }
    await compareWithChain(rpc, config);
    const { vault, token, startBlock } = config;
    await assertNotBehind({ db, rpc, vault, token, signers, startBlock });
    if (before !== null) await assertNoncesKnown({ db, rpc });
    this.confirmed = present;
  }

  /** A transaction has this nonce: a database that does not know it any more is an older one. */
  nonceGiven(account: Uint8Array, nonce: bigint): void {
    if (this.confirmed !== null) this.confirmed = withNonce(this.confirmed, account, nonce);
  }
}

function assertNotForgotten(present: StateSeen, before: StateSeen | null): void {
  const forgotten = before === null ? [] : forgottenNonces(present, before);
  if (forgotten.length === 0) return;
  const named = forgotten.map(({ account, nonce }) => `${nonce} of ${account}`).join(", ");
  throw new ProgramError(
    "COPY_BEHIND_CHAIN",
    `The database does not know any more that this service has given out nonces, from ${named} on: an older one took its place.`,
    {
      exit: "store",
      next:
        "Put the newest database back: the service goes on by itself. Where it is lost, stop the service, wait until " +
        "what it sent is final, and go on as docs/operating/backup.md says.",
    },
  );
}
