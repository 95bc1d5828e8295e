import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeDevelopmentKey } from "@tallystick/program";
import { fromHex, parseAddress, type Domain } from "@tallystick/protocol";
import {
  makeWorkFolder,
  projectRoot,
  startAnvil,
  startOwnedProcess,
  startPostgres,
  startRedis,
  until,
} from "@tallystick/stack";
import { emptyDatabase } from "../test/harness/shared-cluster.ts";

const run = promisify(execFile);

/** The real parts under the program that is measured; its database forces to the disk what it commits. */
export interface BenchStack {
  readonly domain: Domain;
  readonly databaseUrl: string;
  /** An account of the chain. */
  readonly owner: string;
  readonly issuerToken: string;
  /** The program, which listens at two doors: terminals' and administration's. */
  readonly program: { readonly pid: number; readonly url: string; readonly administration: string };
  /** An empty database on the same server. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL, Redis, a chain with the vault, and the program on them. */
export async function startBenchStack(issuerSecret: Uint8Array): Promise<BenchStack> {
  const { path: folder, remove } = makeWorkFolder("bench");
  const [postgres, redis, anvil] = await Promise.all([
    startPostgres({ durable: true }),
    startRedis(),
    startAnvil({ blockTimeSeconds: 0 }),
  ]);
  const file = (name: string): string => join(folder, name);
  const [chainKeyFile, guaranteeKeyFile, issuerKeyFile] = [
    file("chain.json"),
    file("guarantee.json"),
    file("issuer.json"),
  ];
  const [account, guarantee] = anvil.accounts;
  if (account === undefined || guarantee === undefined) throw new Error("anvil has too few accounts");
  makeDevelopmentKey(chainKeyFile, fromHex(account.privateKey, 32));
  makeDevelopmentKey(guaranteeKeyFile, fromHex(guarantee.privateKey, 32));
  makeDevelopmentKey(issuerKeyFile, issuerSecret);
  const { stdout } = await run(process.execPath, [
    ...[join(projectRoot(), "contracts/scripts/deploy.mjs"), "--rpc", anvil.rpc, "--key-file", chainKeyFile],
    ...["--test-token", "--mint", "1000000000", "--scale", "1", "--vault", "ReferenceVault"],
  ]);
  const deployment = JSON.parse(stdout) as { chainId: number; vault: string; token: string; block: number };
  const databaseUrl = postgres.url;
  const issuerToken = "issuer-token-of-the-bench";
  const { chainId, vault, token, block } = deployment;
  const config = {
    ...{ listen: { port: 0 }, databaseUrl, redisUrl: redis.url, rpcUrl: anvil.rpc, chainId, vault, token },
    ...{ asset: { code: "TUSD", decimals: 6, scale: 1 }, startBlock: block, chainKeyFile, issuerKeyFile },
    tokens: [{ token: issuerToken, role: "issuer", name: "ida" }],
    guarantee: { bears: true, perCard: "1000.00", perPayeePerDay: "1000.00", keyFile: guaranteeKeyFile },
    // The chain's side is left out: no batch is built, and what is measured is the way into the books.
    ...{ roles: ["api"], log: { level: "warn" } },
  };
  const configFile = file("settlement.json");
  writeFileSync(configFile, JSON.stringify(config));
  const program = await startOwnedProcess({
    command: process.execPath,
    args: [join(projectRoot(), "apps/settlement/bin/tallystick-settlement.mjs"), "--config", configFile, "--json"],
    ...{ stdoutFile: file("settlement.out"), stderrFile: file("settlement.err") },
  });
  await until("settlement listening", () => program.output().includes("\n") || !program.isRunning());
  if (!program.isRunning()) throw new Error(`settlement ended:\n${program.tail()}`);
  const { url, administration } = JSON.parse(program.output()) as { url: string; administration: string };
  return {
    ...{ domain: { chainId: BigInt(chainId), vault: parseAddress(vault) }, databaseUrl, issuerToken },
    program: { pid: program.pid, url, administration },
    owner: account.address.toLowerCase(),
    createDatabase: () => emptyDatabase(postgres),
    stop: async () => {
      await program.stop();
      await Promise.all([anvil.stop(), redis.stop(), postgres.stop()]);
      remove();
    },
  };
}
