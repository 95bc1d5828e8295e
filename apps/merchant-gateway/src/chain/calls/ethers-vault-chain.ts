import { fromHex, toAddress, toHex } from "@tallystick/protocol";
import { decodeVaultEvent, type SettledItem, tokenAbi, vaultAbi } from "@tallystick/vault";
import {
  Contract,
  Interface,
  isError,
  JsonRpcProvider,
  keccak256,
  Transaction,
  type TransactionReceipt,
  Wallet,
} from "ethers";
import { ChainError } from "../chain-error.ts";
import type { Fees, MarketFees } from "./fees.ts";
import type { AccountCall, CallReceipt, SendFault, SignedCall, VaultChain } from "./vault-chain.ts";

const vaultInterface = new Interface(vaultAbi);
const tokenInterface = new Interface(tokenAbi);

/** Gas bought above the estimate, in hundredths: what stood in the vault may change until the block. */
const GAS_MARGIN_PERCENT = 30n;

/** The chain over JSON-RPC, with the key of an account. */
export function createEthersVaultChain(options: {
  readonly rpc: string;
  readonly vault: Uint8Array;
  readonly key: Uint8Array;
}): VaultChain {
  const provider = new JsonRpcProvider(options.rpc, undefined, { staticNetwork: true, cacheTimeout: -1 });
  const wallet = new Wallet(toHex(options.key), provider);
  const vaultAddress = toHex(options.vault);
  const vault = new Contract(vaultAddress, vaultInterface, provider);
  const read = async <T>(contract: Contract, name: string, ...values: readonly unknown[]): Promise<T> =>
    await guarded(async () => (await contract.getFunction(name)(...values)) as T);
  const nonceAt = async (tag: string): Promise<number> =>
    await guarded(() => provider.getTransactionCount(wallet.address, tag));

  return {
    account: toAddress(fromHex(wallet.address.toLowerCase(), 20)),
    vault: toAddress(options.vault),
    chainId: async () => await guarded(async () => (await provider.getNetwork()).chainId),
    isUsed: async (card, counter) => await read<boolean>(vault, "isUsed", toHex(card), counter),
    settledBy: async (tx) => {
      const receipt = await guarded(() => provider.getTransactionReceipt(tx));
      return receipt === null ? [] : await settledIn(receipt, vaultAddress, provider);
    },
    owed: async (payee) => {
      const slot = await read<{ readonly earned: bigint; readonly withdrawn: bigint }>(vault, "merchant", toHex(payee));
      return slot.earned - slot.withdrawn;
    },
    funds: async () => {
      const address = await read<string>(vault, "token");
      const token = new Contract(address, tokenInterface, provider);
      const held = await read<bigint>(token, "balanceOf", wallet.address);
      const allowed = await read<bigint>(token, "allowance", wallet.address, vaultAddress);
      return { token: fromHex(address.toLowerCase(), 20), held, allowed };
    },
    nextNonce: async () => await nonceAt("pending"),
    minedNonce: async () => await nonceAt("latest"),
    finalNonce: async () => await nonceAt("finalized"),
    marketFees: async () => await marketFees(provider),
    sign: async (call, nonce, fees) => await sign(wallet, provider, { call, nonce, fees }),
    signAgain: async (raw, fees) => await signAgain(wallet, raw, fees),
    feesOf,
    send: async (raw) => await send(provider, raw),
    receipt: async (hash) => await guarded(() => receiptOf(provider, hash)),
    close: () => {
      provider.destroy();
    },
  };
}

async function marketFees(provider: JsonRpcProvider): Promise<MarketFees> {
  const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = await guarded(() => provider.getFeeData());
  // A node without EIP-1559 tells one price; the library's own offer is twice the base fee and the tip.
  if (maxFeePerGas === null || maxPriorityFeePerGas === null) return { baseFee: gasPrice ?? 0n, tip: 0n };
  return { baseFee: (maxFeePerGas - maxPriorityFeePerGas) / 2n, tip: maxPriorityFeePerGas };
}

async function sign(
  wallet: Wallet,
  provider: JsonRpcProvider,
  { call, nonce, fees }: { readonly call: AccountCall; readonly nonce: number; readonly fees: Fees },
): ReturnType<VaultChain["sign"]> {
  const request = { to: toHex(call.to), data: toHex(call.data) };
  let estimate: bigint;
  try {
    estimate = await provider.estimateGas({ ...request, from: wallet.address });
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION")) return { ok: false, refusal: wordOf(error.data, error.reason) };
    if (isError(error, "INSUFFICIENT_FUNDS")) throw noGas(wallet);
    throw unreachable(error);
  }
  const gasLimit = estimate + (estimate * GAS_MARGIN_PERCENT) / 100n;
  const { chainId } = await guarded(() => provider.getNetwork());
  const coins = await guarded(() => provider.getBalance(wallet.address));
  if (coins < gasLimit * fees.maxFee) throw noGas(wallet);
  const raw = await wallet.signTransaction({ ...request, ...offer(fees), type: 2, chainId, nonce, gasLimit });
  return { ok: true, signed: signedCall(raw) };
}

async function signAgain(wallet: Wallet, raw: Uint8Array, fees: Fees): Promise<SignedCall> {
  const { to, data, chainId, nonce, gasLimit } = Transaction.from(toHex(raw));
  return signedCall(await wallet.signTransaction({ to, data, chainId, nonce, gasLimit, type: 2, ...offer(fees) }));
}

function offer({ maxFee, priorityFee }: Fees) {
  return { maxFeePerGas: maxFee, maxPriorityFeePerGas: priorityFee };
}

function signedCall(raw: string): SignedCall {
  return { raw: fromHex(raw.toLowerCase()), hash: keccak256(raw) };
}

function feesOf(raw: Uint8Array): Fees {
  const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = Transaction.from(toHex(raw));
  const maxFee = maxFeePerGas ?? gasPrice ?? 0n;
  return { maxFee, priorityFee: maxPriorityFeePerGas ?? maxFee };
}

async function send(provider: JsonRpcProvider, raw: Uint8Array): Promise<SendFault> {
  try {
    await provider.send("eth_sendRawTransaction", [toHex(raw)]);
    return null;
  } catch (error) {
    // Both mean that the receipt decides.
    if (isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED")) return null;
    if (isError(error, "INSUFFICIENT_FUNDS")) return { code: "NO_GAS", detail: error.shortMessage };
    if (!isError(error, "UNKNOWN_ERROR") || error.error === undefined) throw unreachable(error);
    const word = error.error.message;
    return /already|known|imported/i.test(word) ? null : { code: "NODE_REFUSED", detail: word.slice(0, 200) };
  }
}

async function receiptOf(provider: JsonRpcProvider, hash: string): Promise<CallReceipt> {
  const receipt = await provider.getTransactionReceipt(hash);
  if (receipt === null) return null;
  const final = await provider.getBlock("finalized");
  return {
    block: receipt.blockNumber,
    succeeded: receipt.status === 1,
    final: final !== null && receipt.blockNumber <= final.number,
  };
}

/** The contract's own name for its refusal. */
function wordOf(data: string | null, reason: string | null): string {
  const known = data === null || data.length < 10 ? null : (vaultInterface.parseError(data)?.name ?? null);
  return known ?? reason ?? (data === null || data === "0x" ? "no reason given" : data.slice(0, 10));
}

async function settledIn(
  receipt: TransactionReceipt,
  vault: string,
  provider: JsonRpcProvider,
): Promise<readonly SettledItem[]> {
  const items: SettledItem[] = [];
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
    if (event.kind === "settled") items.push(...event.items);
  }
  return items;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error: unknown): Error {
  if (error instanceof ChainError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ChainError("RPC_UNREACHABLE", `The chain's node did not do it: ${reason}`);
}

function noGas({ address }: Wallet): ChainError {
  return new ChainError("NO_GAS", `${address} has too little of the chain's coin to pay for a transaction.`);
}
