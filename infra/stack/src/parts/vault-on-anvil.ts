import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { projectRoot } from "../project-root.ts";
import { until } from "../wait.ts";
import { type Anvil, callRpc } from "./anvil.ts";

/** A vault and its test token, as `contracts/scripts/deploy.mjs` prints them. */
export type VaultOnAnvil = {
  readonly chainId: number;
  readonly vault: string;
  readonly token: string;
  /** The block in which the vault was made. */
  readonly block: number;
};

export type VaultOnAnvilOptions = {
  /** PackedVault, unless another is named. */
  readonly vault?: string;
  /** Base units of the token in one unit. */
  readonly scale?: number;
  /** Base units of the token that the node's first account gets. */
  readonly mint: bigint;
};

/** `mint(address,uint256)` of the test token, as the compiler names its selector. */
const MINT = "mint(address,uint256)";

type Artifact = {
  readonly bytecode: { readonly object: string };
  readonly methodIdentifiers: Readonly<Record<string, string>>;
};

/** A word of the ABI: 32 bytes. */
const word = (value: string | bigint): string =>
  (typeof value === "bigint" ? value.toString(16) : value.replace(/^0x/, "")).padStart(64, "0").toLowerCase();

/**
 * Deploys a token and a vault from the compiler's output, sent by the node's first account, for which the node signs. It is
 * what the deployment script does, without a process and a key file of its own.
 */
export async function deployOnAnvil(anvil: Anvil, options: VaultOnAnvilOptions): Promise<VaultOnAnvil> {
  const { vault = "PackedVault", scale = 1, mint } = options;
  const [account] = anvil.accounts;
  if (account === undefined) throw new StackError("OUT_OF_RANGE", "the node has no account");
  const dollar = artifact("TestDollar");
  const token = await made(anvil.rpc, { from: account.address, data: dollar.bytecode.object });
  const code = `${artifact(vault).bytecode.object}${word(token.contractAddress)}${word(BigInt(scale))}`;
  const deployed = await made(anvil.rpc, { from: account.address, data: code });
  const minting = `0x${dollar.methodIdentifiers[MINT] ?? ""}${word(account.address)}${word(mint)}`;
  await made(anvil.rpc, { from: account.address, to: token.contractAddress, data: minting });
  return {
    chainId: anvil.chainId,
    vault: deployed.contractAddress,
    token: token.contractAddress,
    block: Number(deployed.blockNumber),
  };
}

function artifact(name: string): Artifact {
  return JSON.parse(readFileSync(join(projectRoot(), `contracts/out/${name}.sol/${name}.json`), "utf8")) as Artifact;
}

type Receipt = { readonly status: string; readonly contractAddress: string; readonly blockNumber: string };

/** Sends a transaction and waits until it stands in a block. */
async function made(rpc: string, transaction: object): Promise<Receipt> {
  const hash = await callRpc(rpc, "eth_sendTransaction", [transaction]);
  const receipt = await until("the transaction in a block", async () => {
    const found = (await callRpc(rpc, "eth_getTransactionReceipt", [hash])) as Receipt | null;
    return found ?? undefined;
  });
  if (receipt.status !== "0x1") throw new StackError("OUT_OF_RANGE", "a contract was not deployed");
  return receipt;
}
