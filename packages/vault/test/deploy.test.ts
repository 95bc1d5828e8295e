import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Anvil, callRpc, startAnvil } from "@tallystick/stack";

const run = promisify(execFile);
const scripts = fileURLToPath(new URL("../../../contracts/scripts/", import.meta.url));
const SALT = `0x${"7a".repeat(32)}`;
const COMPILE_BYTES = 64 * 1024 * 1024;

interface Deployment {
  readonly chainId: number;
  readonly vault: string;
  readonly token: string;
  readonly block: number;
}

interface Verification {
  readonly address: string;
  readonly contract: string;
  readonly compiler: string;
  readonly constructorArguments: string;
  readonly standardJsonInput: { readonly settings: Record<string, unknown> };
}

describe("deploying the vault", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-deploy-"));
  const keyFile = join(folder, "key.json");
  const verificationFile = join(folder, "verification.json");
  const chains: Anvil[] = [];

  beforeAll(async () => {
    for (const chainId of [31_337, 31_338]) chains.push(await startAnvil({ chainId, blockTimeSeconds: 0 }));
    writeFileSync(keyFile, JSON.stringify({ privateKey: chains[0]?.accounts[0]?.privateKey }));
  }, 60_000);
  afterAll(async () => {
    for (const chain of chains) await chain.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (index: number): Anvil => chains[index] as Anvil;
  async function deploy(chain: Anvil, ...words: readonly string[]): Promise<Deployment> {
    const common = [join(scripts, "deploy.mjs"), "--rpc", chain.rpc, "--key-file", keyFile];
    const { stdout } = await run(process.execPath, [...common, ...words]);
    return JSON.parse(stdout) as Deployment;
  }
  const codeAt = async (chain: Anvil, address: string): Promise<string> =>
    (await callRpc(chain.rpc, "eth_getCode", [address, "latest"])) as string;

  it("gives one token and scale one address on every chain, and no other vault the same", async () => {
    const words = ["--scale", "1", "--salt", SALT];
    const first = await deploy(at(0), "--test-token", ...words, "--verification", verificationFile);
    const second = await deploy(at(1), "--test-token", ...words);
    expect([first.chainId, second.chainId]).toEqual([31_337, 31_338]);
    expect(second.token).toBe(first.token);
    expect(second.vault).toBe(first.vault);
    expect(await codeAt(at(0), first.vault)).toBe(await codeAt(at(1), first.vault));
    const others = [
      await deploy(at(0), "--token", first.token, "--scale", "10", "--salt", SALT),
      await deploy(at(0), "--token", first.token, "--scale", "1", "--salt", `0x${"00".repeat(32)}`),
      await deploy(at(0), "--token", first.token, "--scale", "1", "--salt", SALT, "--vault", "ReferenceVault"),
    ];
    expect(new Set([first, ...others].map(({ vault }) => vault)).size).toBe(4);
  }, 120_000);

  it("says that a vault stands there already, and deploys nothing", async () => {
    const { token } = await deploy(at(1), "--test-token", "--scale", "1", "--salt", SALT);
    const again = deploy(at(1), "--token", token, "--scale", "1", "--salt", SALT);
    await expect(again).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("stands at") });
  }, 120_000);

  it("keeps what makes the deployed code out of the sources again", async () => {
    const kept = JSON.parse(readFileSync(verificationFile, "utf8")) as Verification;
    expect(kept.contract).toBe("src/PackedVault.sol:PackedVault");
    const { standardJsonInput: input } = kept;
    const settings = { ...input.settings, outputSelection: { "*": { "*": ["evm.bytecode.object"] } } };
    const output = execFileSync(process.execPath, [join(scripts, "solc.mjs")], {
      input: JSON.stringify({ ...input, settings }),
      maxBuffer: COMPILE_BYTES,
    });
    const [source, name] = kept.contract.split(":") as [string, string];
    const compiled = (
      JSON.parse(output.toString()) as {
        contracts: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
      }
    ).contracts[source]?.[name]?.evm.bytecode.object;
    const creation = `${SALT}${compiled ?? ""}${kept.constructorArguments.slice(2)}`;
    const newest = Number(await callRpc(at(0).rpc, "eth_blockNumber"));
    const inputs: string[] = [];
    for (let block = 0; block <= newest; block += 1) {
      const { transactions } = (await callRpc(at(0).rpc, "eth_getBlockByNumber", [
        `0x${block.toString(16)}`,
        true,
      ])) as {
        transactions: { input: string }[];
      };
      inputs.push(...transactions.map(({ input: sent }) => sent));
    }
    expect(inputs).toContain(creation);
  }, 300_000);
});
