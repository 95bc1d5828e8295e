import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { PORT_ATTEMPTS, START_DEADLINE_MS } from "../limits.ts";
import { type OwnedProcess, startOwnedProcess } from "../processes/owned-process.ts";
import { freePort } from "../ports.ts";
import { until } from "../wait.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";

/** An account that holds test ether from the first block. Its key is anvil's well-known development key. */
export type ChainAccount = { readonly address: string; readonly privateKey: string };

export type Anvil = {
  readonly rpc: string;
  readonly port: number;
  readonly chainId: number;
  readonly accounts: readonly ChainAccount[];
  readonly pid: number;
  /** Stops the node for good and forgets its chain. */
  readonly stop: () => Promise<void>;
  /** Ends the node's process but keeps its chain on disk; nothing listens on the RPC's port afterwards. */
  readonly pause: () => Promise<void>;
  /** Starts the node again at the same URL with the chain it had. */
  readonly resume: () => Promise<void>;
};

export type AnvilOptions = {
  readonly chainId?: number;
  /** Seconds between blocks; 0 mines at each transaction. */
  readonly blockTimeSeconds?: number;
  /** Slots an epoch: `finalized` follows two epochs behind the newest block. */
  readonly slotsInAnEpoch?: number;
  /** The rules of the chain, such as `cancun`; the newest that anvil knows unless said. */
  readonly hardfork?: string;
  /** Seconds: the time of the first block, from which the chain's clock goes on; now unless said. */
  readonly firstBlockTime?: number;
};

/** One JSON-RPC call with a deadline of its own. */
export async function callRpc(rpc: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(START_DEADLINE_MS),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new StackError("OUT_OF_RANGE", `${method}: ${answer.error.message}`);
  return answer.result;
}

/**
 * The node's own binary from the package for this platform. The package's script would do as well, but it is a second
 * process, and would end before the node that it started.
 */
function anvilBinary(): string {
  const fromHere = createRequire(import.meta.url);
  const platform = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    const fromAnvil = createRequire(fromHere.resolve("@foundry-rs/anvil/package.json"));
    return join(fromAnvil.resolve(`${platform}/package.json`), "..", "bin", "anvil");
  } catch {
    throw new StackError("NOT_INSTALLED", `${platform} is missing; run \`pnpm bootstrap\``);
  }
}

async function answers(rpc: string): Promise<boolean> {
  try {
    return typeof (await callRpc(rpc, "eth_chainId")) === "string";
  } catch {
    return false;
  }
}

/**
 * Starts anvil, a development EVM node. With one slot an epoch `finalized` stands two blocks behind the newest, so that
 * finality takes seconds and is still something that has to be waited for.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { chainId = 31_337, blockTimeSeconds = 1, slotsInAnEpoch = 1, hardfork, firstBlockTime } = options;
  const folder = makeWorkFolder("anvil");
  const state = join(folder.path, "state.json");
  const config = join(folder.path, "config.json");
  const log = join(folder.path, "anvil.log");
  const launch = async (port: number): Promise<OwnedProcess> => {
    const timing = blockTimeSeconds === 0 ? [] : ["--block-time", String(blockTimeSeconds)];
    const node = await startOwnedProcess({
      command: anvilBinary(),
      args: [
        ...["--host", "127.0.0.1", "--port", String(port), "--chain-id", String(chainId)],
        ...["--slots-in-an-epoch", String(slotsInAnEpoch), ...timing],
        ...(hardfork === undefined ? [] : ["--hardfork", hardfork]),
        ...(firstBlockTime === undefined ? [] : ["--timestamp", String(firstBlockTime)]),
        ...["--state", state, "--preserve-historical-states", "--config-out", config],
        // It would keep the states of old blocks in the user's home, and leave them there.
        ...["--cache-path", join(folder.path, "states")],
      ],
      stdoutFile: log,
      stderrFile: log,
    });
    const rpc = `http://127.0.0.1:${port}`;
    // Another node may have taken the port meanwhile, so it is asked only after this one said that it listens.
    const listens = (): boolean => existsSync(config) && node.output().includes(`Listening on 127.0.0.1:${port}`);
    await until("the chain answering", async () => !node.isRunning() || (listens() && (await answers(rpc))));
    return node;
  };

  let port = await freePort();
  let node = await launch(port);
  for (let attempt = 1; !node.isRunning(); attempt += 1) {
    if (attempt === PORT_ATTEMPTS) throw new StackError("DID_NOT_START", `anvil ended at once:\n${node.tail()}`);
    port = await freePort();
    node = await launch(port);
  }
  const known = JSON.parse(readFileSync(config, "utf8")) as { available_accounts: string[]; private_keys: string[] };
  return {
    rpc: `http://127.0.0.1:${port}`,
    port,
    chainId,
    accounts: known.available_accounts.map((address, index) => ({
      address,
      privateKey: known.private_keys[index] ?? "",
    })),
    get pid() {
      return node.pid;
    },
    stop: async () => {
      await node.kill();
      folder.remove();
    },
    pause: async () => {
      // anvil writes its chain when it is asked to stop, so it is asked and not killed.
      await node.stop("SIGINT");
      if (!existsSync(state)) throw new StackError("STOPPED_EARLY", `anvil kept no chain:\n${node.tail()}`);
    },
    resume: async () => {
      node = await launch(port);
      if (!node.isRunning()) throw new StackError("DID_NOT_START", `anvil did not come back:\n${node.tail()}`);
    },
  };
}
