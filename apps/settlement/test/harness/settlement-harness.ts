import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { makeDevelopmentKey, Repeater } from "@tallystick/program";
import { ApiWitness, committedDocument, type WatchedServer } from "@tallystick/program/testing";
import { fromHex, parseAddress, toHex, type Domain } from "@tallystick/protocol";
import {
  callRpc,
  deployOnAnvil,
  makeWorkFolder,
  projectRoot,
  startAnvil,
  startRedis,
  type Anvil,
  type Redis,
} from "@tallystick/stack";
import { transferCall } from "@tallystick/vault";
import { createApplication, type OpenDoors, openApiDocument, openDoors } from "../../src/application.ts";
import { systemClock, type Clock } from "../../src/foundation/clock.ts";
import { loadConfig } from "../../src/foundation/config/load-config.ts";
import { createPlatform, type Platform } from "../../src/platform.ts";
import { eventually } from "./eventually.ts";
import { acceptChain, type Cluster, type OwnDatabase, ownDatabase, sharedCluster } from "./shared-cluster.ts";

export const ISSUER_TOKEN = "issuer-token-of-the-tests";
export const OPERATOR_TOKEN = "operator-token-of-the-tests";
/** Of another person than OPERATOR_TOKEN. */
export const SECOND_OPERATOR_TOKEN = "second-operator-token-of-the-tests";

/** Signatures verified as a service does unless told otherwise; for tests of what is sent in masses, and of what breaks. */
export const IN_A_THREAD = { verification: { threads: 1 } } as const;

/** The committed OpenAPI document. */
export const DOCUMENT_FILE = join(projectRoot(), "docs/reference/openapi/settlement.json");

/** What terminals' door serves. */
const TERMINAL_CALLS =
  /^\/v1\/(uploads|requests|status-list|domain|reversals|certificate-requests(?=$|\/0x[0-9a-f]+$))\b/;

/** An answer of the API: its status and its JSON. */
export interface TestAnswer {
  readonly status: number;
  readonly type: string;
  /** The header Retry-After, where it is there. */
  readonly retryAfter: string | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read whatever form the answer has
  readonly body: any;
}

export interface TestService {
  readonly app: NestFastifyApplication;
  readonly platform: Platform;
  /** URLs of both doors. */
  readonly doors: OpenDoors;
  /** Every route of the service, such as `GET /v1/cards/{card}`. */
  readonly routes: ReadonlySet<string>;
  /**
   * Calls at terminals' door what is served there, and everything else at administration's, as an
   * operator where no token is named; null sends none.
   */
  call(
    method: string,
    path: string,
    options?: { body?: unknown; token?: string | null; raw?: string; station?: string; cookie?: string },
  ): Promise<TestAnswer>;
  /** Throws where the service answered what its OpenAPI document does not name. */
  stop(): Promise<void>;
}

/** The real PostgreSQL, Redis, anvil and vault of one test file. */
export interface SettlementHarness {
  readonly anvil: Anvil;
  readonly redis: Redis;
  readonly postgres: Cluster;
  readonly domain: Domain;
  readonly treasury: string;
  /** The account that compensations are paid from, with 100.00 and gas. */
  readonly guarantee: string;
  readonly guaranteeKeyFile: string;
  readonly token: string;
  readonly configFile: string;
  readonly config: Record<string, unknown>;
  /** A new database; each service of the harness can have its own. */
  createDatabase(): Promise<string>;
  /** Starts the service in this process on a database, by the system's clock or another one. */
  start(databaseUrl: string, change?: Record<string, unknown>, clock?: Clock): Promise<TestService>;
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  /**
   * Sends calldata as any account, for which anvil signs, to the vault by default; and waits until
   * it stands in a block. A transaction that is reverted fails.
   */
  sendAs(account: string, data: Uint8Array, to?: string): Promise<void>;
  mine(blocks: number): Promise<void>;
  /** Mines a block every so often until stopped, as a chain does. */
  startMining(): void;
  stopMining(): Promise<void>;
  stop(): Promise<void>;
}

const MINTED = 1_000_000_000n;

/** What of it the guarantee's account has from the beginning, base units. */
const GUARANTEE_FUNDS = 100_000_000n;

/** Milliseconds between two blocks of a chain that mines by itself. */
const BLOCK_MS = 100;

/**
 * How long a test waits for what will come, and for one answer: long, so that only what hangs ever
 * meets it.
 */
const CALL_DEADLINE_MS = 60_000;

/** What is otherwise in the chain under a harness. */
export interface HarnessOptions {
  /** Base units of the token, which has six decimals, in one unit: a power of ten. */
  readonly scale?: number;
  /** Seconds: the time of the chain's first block. */
  readonly firstBlockTime?: number;
}

const TOKEN_DECIMALS = 6;

/** Deploys the reference vault, or another one that stands behind the same interface. */
export async function createHarness(
  vault = "ReferenceVault",
  options: HarnessOptions = {},
): Promise<SettlementHarness> {
  const { scale = 1, ...time } = options;
  const { path: folder, remove } = makeWorkFolder("settlement");
  const [postgres, redis, anvil] = await Promise.all([
    sharedCluster(),
    startRedis(),
    startAnvil({ blockTimeSeconds: 0, ...time }),
  ]);
  const chainKeyFile = join(folder, "chain-key.json");
  const issuerKeyFile = join(folder, "issuer-key.json");
  const guaranteeKeyFile = join(folder, "guarantee-key.json");
  const [account, guarantee] = anvil.accounts;
  if (account === undefined || guarantee === undefined) throw new Error("anvil has too few accounts");
  makeDevelopmentKey(chainKeyFile, fromHex(account.privateKey, 32));
  makeDevelopmentKey(guaranteeKeyFile, fromHex(guarantee.privateKey, 32));
  makeDevelopmentKey(issuerKeyFile, randomBytes(32));
  const deployment = await deployOnAnvil(anvil, { vault, scale, mint: MINTED });
  const config = {
    listen: { port: 0 },
    redisUrl: redis.url,
    rpcUrl: anvil.rpc,
    chainId: deployment.chainId,
    vault: deployment.vault,
    token: deployment.token,
    asset: { code: "TUSD", decimals: TOKEN_DECIMALS - Math.log10(scale), scale },
    startBlock: deployment.block,
    chainKeyFile,
    issuerKeyFile,
    tokens: [
      { token: ISSUER_TOKEN, role: "issuer", name: "ida" },
      { token: OPERATOR_TOKEN, role: "operator", name: "ada" },
      { token: SECOND_OPERATOR_TOKEN, role: "operator", name: "bo" },
    ],
    guarantee: { bears: true, perCard: "1000.00", perPayeePerDay: "1000.00", keyFile: guaranteeKeyFile },
    // In place: a thread of its own costs more than what most tests send.
    verification: { threads: 0 },
    batch: { maxVouchers: 50, maxAgeMs: 50 },
    allowancePolicy: { everySeconds: 0 },
    chain: { pollMs: 150, resendMs: 500, replaceAfterSeconds: 60 },
    statusList: { maxAgeSeconds: 60 },
  };
  const configFile = join(folder, "settlement.json");
  const rpc = (method: string, params: readonly unknown[] = []) => callRpc(anvil.rpc, method, params);
  const sendAs = async (account: string, to: string, data: string): Promise<void> => {
    await rpc("anvil_impersonateAccount", [account]);
    await rpc("anvil_setBalance", [account, "0xde0b6b3a7640000"]);
    const hash = await rpc("eth_sendTransaction", [{ from: account, to, data }]);
    const receipt = (await eventually(
      () => rpc("eth_getTransactionReceipt", [hash]),
      (found) => found !== null,
    )) as { status: string };
    if (receipt.status !== "0x1") throw new Error(`the transaction ${String(hash)} was reverted`);
  };
  // The guarantee's account is filled before any service counts the treasury's nonces.
  const topUp = transferCall({ to: parseAddress(guarantee.address), baseUnits: GUARANTEE_FUNDS });
  await rpc("eth_sendTransaction", [{ from: account.address, to: deployment.token, data: toHex(topUp) }]);
  const miner = createMiner(() => rpc("evm_mine"));
  const databases: OwnDatabase[] = [];
  return {
    anvil,
    redis,
    postgres,
    domain: { chainId: BigInt(deployment.chainId), vault: parseAddress(deployment.vault) },
    treasury: account.address.toLowerCase(),
    guarantee: guarantee.address.toLowerCase(),
    guaranteeKeyFile,
    token: deployment.token,
    configFile,
    config,
    createDatabase: async () => {
      const database = await ownDatabase();
      // The chain has what a former database of this test sent: it is accepted as lost.
      if (databases.length > 0) await acceptChain(database.url, deployment);
      databases.push(database);
      return database.url;
    },
    start: async (databaseUrl, change = {}, clock = systemClock) => {
      // Each service of a test has keys of its own in Redis: two databases never wake one another.
      const redisPrefix = `t${Buffer.from(databaseUrl).toString("hex").slice(-12)}`;
      writeFileSync(configFile, JSON.stringify({ ...config, databaseUrl, redisPrefix, ...change }));
      return startService(configFile, clock);
    },
    rpc,
    sendAs: (account, data, to = deployment.vault) => sendAs(account, to, toHex(data)),
    mine: async (blocks) => {
      for (let block = 0; block < blocks; block += 1) await rpc("evm_mine");
    },
    startMining: miner.start,
    stopMining: miner.stop,
    stop: async () => {
      await miner.stop();
      await Promise.all([anvil.stop(), redis.stop(), ...databases.map(({ drop }) => drop())]);
      remove();
    },
  };
}

async function startService(configFile: string, clock: Clock): Promise<TestService> {
  const platform = createPlatform(loadConfig(configFile), clock);
  const app = await createApplication(platform, false);
  const server = app.getHttpAdapter().getInstance() as unknown as WatchedServer;
  const witness = new ApiWitness(
    server,
    committedDocument(DOCUMENT_FILE, {
      rewritten: process.env["REWRITE_REFERENCE"] === "1",
      make: () => openApiDocument(app),
    }),
  );
  const doors = await openDoors(app, platform);
  return {
    app,
    platform,
    doors,
    routes: witness.routes,
    call: async (method, path, { body, token: given, raw, station, cookie } = {}) => {
      const isTerminals = TERMINAL_CALLS.test(path) && given === undefined;
      const token = given === undefined && !isTerminals ? OPERATOR_TOKEN : given;
      const response = await fetch(`${isTerminals ? doors.terminals : doors.administration}${path}`, {
        method,
        headers: {
          ...(body === undefined && raw === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined || token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(station === undefined ? {} : { "tallystick-station": station }),
          ...(cookie === undefined ? {} : { cookie: `tallystick=${cookie}` }),
        },
        ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      });
      const text = await response.text();
      const type = response.headers.get("content-type") ?? "";
      const retryAfter = response.headers.get("retry-after");
      return {
        status: response.status,
        type,
        retryAfter,
        body: type.includes("json") ? (JSON.parse(text) as unknown) : text,
      };
    },
    stop: async () => {
      await app.close();
      witness.assertDescribed();
    },
  };
}

/**
 * Mines one block after the other: on a slow machine there are fewer of them, and never a queue of
 * calls that wait.
 */
function createMiner(mine: () => Promise<unknown>): { start: () => void; stop: () => Promise<void> } {
  let running: Repeater | null = null;
  return {
    start: () => {
      if (running !== null) return;
      const pass = async (): Promise<void> => {
        await mine();
      };
      running = new Repeater({ pass, pauseMs: BLOCK_MS, log: { log: () => undefined, warn: () => undefined } });
      running.start(BLOCK_MS);
    },
    stop: async () => {
      const stopped = running;
      running = null;
      await stopped?.stop();
    },
  };
}
