import { equalBytes, fromHex, toAddress, toHex } from "@tallystick/protocol";
import { decodeVaultEvent, tokenAbi, vaultAbi } from "@tallystick/vault";
import { Contract, Interface, isError, JsonRpcProvider, keccak256, type TransactionReceipt, Wallet } from "ethers";
import { ClaimError } from "../claim/vault-port.ts";
import type { CallReceipt, PaidVoucher, PayeeCall, PayeeChain } from "./payee-chain.ts";

const vaultInterface = new Interface(vaultAbi);
const tokenInterface = new Interface(tokenAbi);

/** Gas bought above the estimate, in hundredths: what stood in the vault may change until the block. */
const GAS_MARGIN_PERCENT = 30n;

/** The chain over JSON-RPC, with the payee's key. */
export function createEthersPayeeChain(options: {
  readonly rpc: string;
  readonly vault: Uint8Array;
  readonly payeeKey: Uint8Array;
}): PayeeChain {
  const provider = new JsonRpcProvider(options.rpc, undefined, { staticNetwork: true, cacheTimeout: -1 });
  const wallet = new Wallet(toHex(options.payeeKey), provider);
  const vaultAddress = toHex(options.vault);
  const vault = new Contract(vaultAddress, vaultInterface, provider);
  const read = async <T>(contract: Contract, name: string, ...values: readonly unknown[]): Promise<T> =>
    await guarded(async () => (await contract.getFunction(name)(...values)) as T);

  return {
    account: toAddress(fromHex(wallet.address.toLowerCase(), 20)),
    vault: toAddress(options.vault),
    chainId: async () => await guarded(async () => (await provider.getNetwork()).chainId),
    isUsed: async (card, counter) => await read<boolean>(vault, "isUsed", toHex(card), counter),
    paidBy: async (tx, voucher) => {
      const receipt = await guarded(() => provider.getTransactionReceipt(tx));
      return receipt !== null && (await settles(receipt, vaultAddress, voucher, provider));
    },
    earnings: async () => {
      const slot = await read<{ readonly earned: bigint; readonly withdrawn: bigint }>(
        vault,
        "merchant",
        wallet.address,
      );
      return slot.earned - slot.withdrawn;
    },
    funds: async () => {
      const address = await read<string>(vault, "token");
      const token = new Contract(address, tokenInterface, provider);
      const held = await read<bigint>(token, "balanceOf", wallet.address);
      const allowed = await read<bigint>(token, "allowance", wallet.address, vaultAddress);
      return { token: fromHex(address.toLowerCase(), 20), held, allowed };
    },
    nextNonce: async () => await guarded(() => provider.getTransactionCount(wallet.address, "pending")),
    finalNonce: async () => await guarded(() => provider.getTransactionCount(wallet.address, "finalized")),
    sign: async (call, nonce) => await sign(wallet, call, nonce),
    send: async (raw) => {
      await guarded(async () => {
        try {
          await provider.send("eth_sendRawTransaction", [toHex(raw)]);
        } catch (error) {
          // "Already known", "nonce too low" and the like mean: look at the receipt.
          if (!isRpcAnswer(error)) throw error;
        }
      });
    },
    receipt: async (hash) =>
      await guarded(async (): Promise<CallReceipt> => {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt === null) return null;
        const final = await provider.getBlock("finalized");
        return {
          block: receipt.blockNumber,
          succeeded: receipt.status === 1,
          final: final !== null && receipt.blockNumber <= final.number,
        };
      }),
    close: () => {
      provider.destroy();
    },
  };
}

async function sign(wallet: Wallet, call: PayeeCall, nonce: number): ReturnType<PayeeChain["sign"]> {
  const request = { to: toHex(call.to), data: toHex(call.data), nonce };
  try {
    const populated = await wallet.populateTransaction(request);
    const estimate = BigInt(populated.gasLimit ?? 0);
    const gasLimit = estimate + (estimate * GAS_MARGIN_PERCENT) / 100n;
    const raw = await wallet.signTransaction({ ...populated, gasLimit });
    const bytes = fromHex(raw.toLowerCase());
    return { ok: true, signed: { raw: bytes, hash: keccak256(raw) } };
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION")) return { ok: false, refusal: wordOf(error.data, error.reason) };
    if (isError(error, "INSUFFICIENT_FUNDS"))
      throw new ClaimError("NO_GAS", `${wallet.address} has too little of the chain's coin to pay for a transaction.`);
    throw unreachable(error);
  }
}

/** The contract's own name for its refusal. */
function wordOf(data: string | null, reason: string | null): string {
  const known = data === null || data.length < 10 ? null : (vaultInterface.parseError(data)?.name ?? null);
  return known ?? reason ?? (data === null || data === "0x" ? "no reason given" : data.slice(0, 10));
}

/** Whether a receipt shows a settlement of this vault that paid exactly this voucher. */
async function settles(
  receipt: TransactionReceipt,
  vault: string,
  voucher: PaidVoucher,
  provider: JsonRpcProvider,
): Promise<boolean> {
  for (const log of receipt.logs) {
    if (log.address.toLowerCase() !== vault) continue;
    const raw = {
      blockNumber: BigInt(log.blockNumber),
      transactionHash: log.transactionHash,
      topics: log.topics.map((topic) => fromHex(topic.toLowerCase())),
      data: fromHex(log.data.toLowerCase()),
    };
    const event = await decodeVaultEvent(raw, async (hash) => {
      const transaction = await guarded(() => provider.getTransaction(hash));
      return transaction === null ? null : fromHex(transaction.data.toLowerCase());
    });
    if (event.kind !== "settled") continue;
    const paid = event.items.some(
      ({ item, paid: wasPaid }) =>
        wasPaid &&
        item.counter === voucher.counter &&
        item.amount === voucher.amount &&
        equalBytes(item.payee, voucher.payee) &&
        equalBytes(item.card, voucher.card) &&
        equalBytes(item.context, voucher.context),
    );
    if (paid) return true;
  }
  return false;
}

/** An error that the node itself answered, rather than a line that broke. */
function isRpcAnswer(error: unknown): boolean {
  return (
    isError(error, "NONCE_EXPIRED") ||
    isError(error, "REPLACEMENT_UNDERPRICED") ||
    isError(error, "INSUFFICIENT_FUNDS") ||
    (isError(error, "UNKNOWN_ERROR") && error.error !== undefined)
  );
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error: unknown): Error {
  if (error instanceof ClaimError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ClaimError("RPC_UNREACHABLE", `The chain's node did not do it: ${reason}`);
}
