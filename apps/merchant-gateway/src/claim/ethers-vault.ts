import { fromHex, toAddress, toHex } from "@tallystick/protocol";
import { decodeResultBitmap, vaultAbi } from "@tallystick/vault";
import { Contract, Interface, isError, JsonRpcProvider, type TransactionReceipt, Wallet } from "ethers";
import { ClaimError, type VaultPort } from "./vault-port.ts";

const vaultInterface = new Interface(vaultAbi);

/** What of ethers' receipt the claim reads. */
type Receipt = Pick<TransactionReceipt, "hash" | "status" | "logs">;

/** The vault over JSON-RPC; one transaction at a time, each waited for until it is in a block. */
export function createEthersVault(options: {
  readonly rpc: string;
  readonly vault: Uint8Array;
  readonly payingKey: Uint8Array;
  /** How often a transaction is looked for; ethers' own pace when left out. */
  readonly pollingIntervalMs?: number;
}): VaultPort & { close(): void } {
  const provider = new JsonRpcProvider(options.rpc, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    ...(options.pollingIntervalMs === undefined ? {} : { pollingInterval: options.pollingIntervalMs }),
  });
  const wallet = new Wallet(toHex(options.payingKey), provider);
  const address = toHex(options.vault);
  const contract = new Contract(address, vaultInterface, provider);

  const read = async (name: string, ...values: readonly unknown[]): Promise<unknown> =>
    await guarded(async () => (await contract.getFunction(name)(...values)) as unknown);
  const send = async (name: string, ...values: readonly unknown[]): Promise<Receipt> =>
    await guarded(async () => {
      // The nonce is asked each time: this command sends one transaction after the other and nobody else uses the key meanwhile.
      const nonce = await provider.getTransactionCount(wallet.address, "pending");
      const response = await wallet.sendTransaction({
        to: address,
        data: vaultInterface.encodeFunctionData(name, values),
        nonce,
      });
      const receipt = await response.wait();
      if (receipt?.status !== 1)
        throw new ClaimError("REVERTED", `The vault refused ${name} in transaction ${response.hash}.`);
      return receipt;
    });

  return {
    payer: toAddress(fromHex(wallet.address.toLowerCase(), 20)),
    chainId: async () => await guarded(async () => (await provider.getNetwork()).chainId),
    isUsed: async (card, counter) => (await read("isUsed", toHex(card), counter)) === true,
    owed: async (payee) => {
      const { earned, withdrawn } = (await read("merchant", toHex(payee))) as {
        readonly earned: bigint;
        readonly withdrawn: bigint;
      };
      return earned - withdrawn;
    },
    settle: async (payload, items) => {
      const receipt = await send("settle", toHex(payload));
      for (const log of receipt.logs) {
        const event = log.address.toLowerCase() === address ? vaultInterface.parseLog(log) : null;
        if (event?.name === "Settled")
          return { tx: receipt.hash, paid: decodeResultBitmap(fromHex(event.args["result"]), items) };
      }
      throw new ClaimError("REVERTED", `Transaction ${receipt.hash} settled nothing; is ${address} the vault?`);
    },
    withdraw: async (payee) => (await send("withdraw", toHex(payee))).hash,
    release: async (message, { r, vs }) => (await send("release", toHex(message), toHex(r), toHex(vs))).hash,
    close: () => {
      provider.destroy();
    },
  };
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClaimError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (isError(error, "CALL_EXCEPTION"))
      throw new ClaimError("REVERTED", `The vault refused: ${error.revert?.name ?? error.shortMessage}.`);
    throw new ClaimError("RPC_UNREACHABLE", `The chain's node did not do it: ${reason}`);
  }
}
