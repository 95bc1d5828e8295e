import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { parseAddress, toHex, type Domain } from "@tallystick/protocol";
import {
  callRpc,
  makeWorkFolder,
  projectRoot,
  startAnvil,
  startPostgres,
  startRedis,
  type Anvil,
  type Postgres,
  type Redis,
} from "@tallystick/stack";
import { vaultAbi } from "@tallystick/vault";
import { Interface, type InterfaceAbi } from "ethers";
import pg from "pg";
import { createApplication } from "../../src/application.ts";
import { loadConfig } from "../../src/foundation/config/load-config.ts";
import { createPlatform, type Platform } from "../../src/platform.ts";
import { TestCard } from "./test-card.ts";
import { TestTerminal } from "./test-terminal.ts";

const run = promisify(execFile);

export const ISSUER_TOKEN = "issuer-token-of-the-tests";
export const OPERATOR_TOKEN = "operator-token-of-the-tests";

/** An answer of the API: its status and its JSON. */
export interface TestAnswer {
  readonly status: number;
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read whatever form the answer has
  readonly body: any;
}

export interface TestService {
  readonly app: NestFastifyApplication;
  readonly platform: Platform;
  call(method: string, path: string, options?: { body?: unknown; token?: string; raw?: string }): Promise<TestAnswer>;
  stop(): Promise<void>;
}

/** The real PostgreSQL, Redis, anvil and vault of one test file. */
export interface TestWorld {
  readonly anvil: Anvil;
  readonly redis: Redis;
  readonly postgres: Postgres;
  readonly domain: Domain;
  readonly treasury: string;
  readonly token: string;
  readonly configFile: string;
  readonly config: Record<string, unknown>;
  /** A new database; each service of the world can have its own. */
  createDatabase(): Promise<string>;
  /** Starts the service in this process on a database. */
  start(databaseUrl: string, change?: Record<string, unknown>): Promise<TestService>;
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** Calls the vault as any account: anvil signs for it. */
  callVaultAs(account: string, name: string, values: readonly unknown[]): Promise<void>;
  /** Sends calldata as any account; to the vault unless said. */
  sendAs(account: string, data: Uint8Array, to?: string): Promise<void>;
  mine(blocks: number): Promise<void>;
  /** Mines a block every so often until stopped, as a chain does. */
  startMining(): void;
  stopMining(): Promise<void>;
  stop(): Promise<void>;
}

const MINTED = "1000000000";

/** Milliseconds between two blocks of a chain that mines by itself. */
const BLOCK_MS = 100;

/** How long a test waits for what will come, and for one answer: long, so that only what hangs ever meets it. */
const DEADLINE_MS = 120_000;
const CALL_DEADLINE_MS = 60_000;

/** Deploys the reference vault, or another one that stands behind the same interface. */
export async function createWorld(vault = "ReferenceVault"): Promise<TestWorld> {
  const { path: folder, remove } = makeWorkFolder("settlement");
  const [postgres, redis, anvil] = await Promise.all([
    startPostgres(),
    startRedis(),
    startAnvil({ blockTimeSeconds: 0 }),
  ]);
  const chainKeyFile = join(folder, "chain-key.json");
  const issuerKeyFile = join(folder, "issuer-key.json");
  const [account] = anvil.accounts;
  if (account === undefined) throw new Error("anvil has no account");
  const key = (privateKey: string) =>
    JSON.stringify({ schema: "tallystick.dev-key/1", development: true, keyId: 1, privateKey });
  writeFileSync(chainKeyFile, key(account.privateKey));
  writeFileSync(issuerKeyFile, key(toHex(randomBytes(32))));
  const deployed = await run(process.execPath, [
    join(projectRoot(), "contracts/scripts/deploy.mjs"),
    ...[
      "--rpc",
      anvil.rpc,
      "--key-file",
      chainKeyFile,
      "--test-token",
      "--mint",
      MINTED,
      "--scale",
      "1",
      "--vault",
      vault,
    ],
  ]);
  const deployment = JSON.parse(deployed.stdout) as { chainId: number; vault: string; token: string; block: number };
  const config = {
    listen: { port: 0 },
    redisUrl: redis.url,
    rpcUrl: anvil.rpc,
    chainId: deployment.chainId,
    vault: deployment.vault,
    token: deployment.token,
    asset: { code: "TUSD", decimals: 6, scale: 1 },
    startBlock: deployment.block,
    chainKeyFile,
    issuerKeyFile,
    tokens: [
      { token: ISSUER_TOKEN, role: "issuer" },
      { token: OPERATOR_TOKEN, role: "operator" },
    ],
    batch: { maxVouchers: 50, maxAgeMs: 50 },
    chain: { pollMs: 50, resendMs: 500, bumpMs: 60_000 },
    statusList: { maxAgeSeconds: 60 },
  };
  const configFile = join(folder, "settlement.json");
  const rpc = (method: string, params: readonly unknown[] = []) => callRpc(anvil.rpc, method, params);
  const sendAs = async (account: string, to: string, data: string): Promise<void> => {
    await rpc("anvil_impersonateAccount", [account]);
    await rpc("anvil_setBalance", [account, "0xde0b6b3a7640000"]);
    await rpc("eth_sendTransaction", [{ from: account, to, data }]);
  };
  const miner = createMiner(() => rpc("evm_mine"));
  let databases = 0;
  return {
    anvil,
    redis,
    postgres,
    domain: { chainId: BigInt(deployment.chainId), vault: parseAddress(deployment.vault) },
    treasury: account.address.toLowerCase(),
    token: deployment.token,
    configFile,
    config,
    createDatabase: async () => {
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      databases += 1;
      const name = `settlement_${databases}`;
      await client.query(`create database ${name}`);
      await client.end();
      return withDatabase(postgres.url, name);
    },
    start: async (databaseUrl, change = {}) => {
      // Each service of a test has keys of its own in Redis: two databases never wake one another.
      const redisPrefix = `t${Buffer.from(databaseUrl).toString("hex").slice(-12)}`;
      writeFileSync(configFile, JSON.stringify({ ...config, databaseUrl, redisPrefix, ...change }));
      return startService(configFile);
    },
    rpc,
    callVaultAs: async (account, name, values) => {
      const data = new Interface(vaultAbi as unknown as InterfaceAbi).encodeFunctionData(name, [...values]);
      await sendAs(account, deployment.vault, data);
    },
    sendAs: (account, data, to = deployment.vault) => sendAs(account, to, toHex(data)),
    mine: async (blocks) => {
      for (let block = 0; block < blocks; block += 1) await rpc("evm_mine");
    },
    startMining: miner.start,
    stopMining: miner.stop,
    stop: async () => {
      await miner.stop();
      await Promise.all([anvil.stop(), redis.stop(), postgres.stop()]);
      remove();
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

async function startService(configFile: string): Promise<TestService> {
  const platform = createPlatform(loadConfig(configFile));
  const app = await createApplication(platform, false);
  await app.listen(0, "127.0.0.1");
  const url = await app.getUrl();
  return {
    app,
    platform,
    call: async (method, path, { body, token, raw } = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(body === undefined && raw === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      });
      const text = await response.text();
      const type = response.headers.get("content-type") ?? "";
      return { status: response.status, type, body: type.includes("json") ? (JSON.parse(text) as unknown) : text };
    },
    stop: () => app.close(),
  };
}

/** Mines one block after the other: on a slow machine there are fewer of them, and never a queue of calls that wait. */
function createMiner(mine: () => Promise<unknown>): { start: () => void; stop: () => Promise<void> } {
  let running: { wanted: boolean; ended: Promise<void> } | undefined;
  const stop = async () => {
    if (running === undefined) return;
    const { ended } = running;
    running.wanted = false;
    running = undefined;
    await ended;
  };
  const start = () => {
    if (running !== undefined) return;
    const turn = { wanted: true, ended: Promise.resolve() };
    turn.ended = (async () => {
      while (turn.wanted) {
        await pause(BLOCK_MS);
        if (turn.wanted) await mine().catch(() => undefined);
      }
    })();
    running = turn;
  };
  return { start, stop };
}

/** Asks again until the look pleases, with a deadline; answers what was seen last. */
export async function eventually<T>(
  look: () => Promise<T>,
  pleases: (seen: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (pleases(seen)) return seen;
    if (performance.now() > end) throw new Error(`It did not happen in time; last seen: ${inspect(seen)}`);
    await pause(40);
  }
}

/** A certified terminal. */
export async function certifiedTerminal(
  world: TestWorld,
  service: TestService,
  change: Record<string, unknown> = {},
): Promise<TestTerminal> {
  const terminal = new TestTerminal(world.domain);
  const answer = await service.call("POST", "/v1/merchants", {
    body: terminal.certificateRequest(change),
    token: ISSUER_TOKEN,
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  terminal.certificate = answer.body as TestTerminal["certificate"];
  return terminal;
}

/** What the tests ask for when nothing else matters. */
export function allowanceRequest(change: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    perTap: "50.00",
    pinAbove: "50.00",
    noPinSum: "1000.00",
    noPinCount: 200,
    notBefore: now - 86_400,
    notAfter: now + 86_400,
    categories: "18446744073709551615",
    flags: 0,
    ...change,
  };
}

/** A registered card without any deposit. */
export async function registeredCard(world: TestWorld, service: TestService): Promise<TestCard> {
  const card = new TestCard(world.domain);
  const answer = await service.call("POST", "/v1/cards", {
    token: ISSUER_TOKEN,
    body: {
      cardKey: toHex(card.signer.publicKey),
      owner: world.treasury,
      openingSignature: toHex(await card.opening(world.treasury)),
      reference: toHex(card.address),
    },
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return card;
}

/** A card that is open, finally funded and holds an allowance. The chain must be mining. */
export async function fundedCard(world: TestWorld, service: TestService, amount = "20.00"): Promise<TestCard> {
  const card = await registeredCard(world, service);
  const path = `/v1/cards/${toHex(card.address)}`;
  const funding = await service.call("POST", `${path}/fundings`, {
    token: ISSUER_TOKEN,
    body: { amount, key: "first" },
  });
  if (funding.status !== 200) throw new Error(JSON.stringify(funding.body));
  const allowance = await eventually(
    () => service.call("POST", `${path}/allowances`, { token: ISSUER_TOKEN, body: allowanceRequest() }),
    (answer) => answer.status === 200,
  );
  card.load(allowance.body as { body: string; signature: string });
  return card;
}
