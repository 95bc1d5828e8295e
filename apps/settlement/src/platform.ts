import { Inject, Injectable, type OnApplicationShutdown, type Provider } from "@nestjs/common";
import type { Asset } from "@tallystick/money";
import { fromHex, type Domain } from "@tallystick/protocol";
import type pg from "pg";
import { AgreeingRpc } from "./chain/agreeing-rpc.ts";
import { CHAIN_RPC, type ChainRpc } from "./chain/chain-rpc.ts";
import { CHAIN_SIGNER, createDevelopmentSigner, type ChainSigner } from "./chain/chain-signer.ts";
import { EthersRpc } from "./chain/ethers-rpc.ts";
import { createVaultContract, VAULT_CONTRACT, type VaultContract } from "./chain/vault-contract.ts";
import { CLOCK, systemClock, type Clock } from "./clock.ts";
import { CONFIG, type Config } from "./config/config.ts";
import { createDatabase, createPool, DATABASE, POOL, type Database } from "./database/database.ts";
import { ASSET, assetOf } from "./http/amounts.ts";
import { DOMAIN, domainOf } from "./keys/domain.ts";
import { createDevelopmentIssuer, ISSUER, type Issuer } from "./keys/issuer.ts";
import { readDevelopmentKey } from "./keys/key-file.ts";

/** What the service stands on: connections, keys and the clock. */
export interface Platform {
  readonly config: Config;
  readonly clock: Clock;
  readonly pool: pg.Pool;
  readonly db: Database;
  readonly rpc: ChainRpc;
  /** Connections to the nodes, to be closed last. */
  readonly nodes: readonly { close(): void }[];
  readonly contract: VaultContract;
  readonly signer: ChainSigner;
  readonly issuer: Issuer;
  readonly domain: Domain;
  readonly asset: Asset;
}

/** Opens everything lazily: nothing here needs the database or the chain to be up. Throws KeyFileError. */
export function createPlatform(config: Config, clock: Clock = systemClock): Platform {
  const asset = assetOf(config);
  const issuer = createDevelopmentIssuer(config);
  const signer = createDevelopmentSigner(readDevelopmentKey(config.chainKeyFile).secretKey);
  const nodes = [config.rpcUrl, config.witnessRpcUrl]
    .filter((url) => url !== undefined)
    .map((url) => new EthersRpc(url, config.chainId));
  const [primary, witness] = nodes;
  if (primary === undefined) throw new Error("The configuration names no node.");
  const rpc = witness === undefined ? primary : new AgreeingRpc(primary, witness);
  const contract = createVaultContract({ vault: fromHex(config.vault, 20), token: fromHex(config.token, 20), rpc });
  const pool = createPool(config.databaseUrl);
  const db = createDatabase(pool);
  return { config, clock, pool, db, rpc, nodes, contract, signer, issuer, domain: domainOf(config), asset };
}

export async function closePlatform({ nodes, db }: Platform): Promise<void> {
  for (const node of nodes) node.close();
  await db.destroy();
}

export function platformProviders(platform: Platform): Provider[] {
  return [
    { provide: PLATFORM, useValue: platform },
    { provide: CONFIG, useValue: platform.config },
    { provide: CLOCK, useValue: platform.clock },
    { provide: POOL, useValue: platform.pool },
    { provide: DATABASE, useValue: platform.db },
    { provide: CHAIN_RPC, useValue: platform.rpc },
    { provide: VAULT_CONTRACT, useValue: platform.contract },
    { provide: CHAIN_SIGNER, useValue: platform.signer },
    { provide: ISSUER, useValue: platform.issuer },
    { provide: DOMAIN, useValue: platform.domain },
    { provide: ASSET, useValue: platform.asset },
  ];
}

const PLATFORM = Symbol("PLATFORM");

/** Closes the connections last, after workers and requests have ended. */
@Injectable()
export class PlatformConnections implements OnApplicationShutdown {
  constructor(@Inject(PLATFORM) private readonly platform: Platform) {}

  async onApplicationShutdown(): Promise<void> {
    await closePlatform(this.platform);
  }
}
