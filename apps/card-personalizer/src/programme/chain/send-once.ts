import { type ChainSigner, feePolicy, firstFees, gasToBuy, isRpcError, type RpcErrorCode } from "@tallystick/evm";
import { fromHex, toHex } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { ProgrammeState } from "../files/programme-state.ts";
import type { ProgrammeChain } from "./programme-chain.ts";
import { waitFor, type WaitOptions } from "./wait-for.ts";

/** Refusals of a sending that say nothing: the receipt does. */
const SAYS_NOTHING: readonly RpcErrorCode[] = ["ALREADY_KNOWN", "NONCE_TOO_LOW", "REPLACEMENT_UNDERPRICED"];

export interface SendOptions extends WaitOptions {
  readonly chain: ProgrammeChain;
  readonly signer: ChainSigner;
  readonly state: ProgrammeState;
}

/** A transaction that was mined with success. */
export interface Mined {
  readonly hash: string;
  readonly block: number;
}

/**
 * Has a transaction mined once, however often it is asked for: its signed bytes are stored under its name before they are
 * sent, and only they are sent again. Where another transaction took its number it was never mined and is made anew.
 * Throws Failure TRANSACTION_FAILED where it was undone, NOT_FINAL where it is in no block in time.
 */
export async function sendOnce(
  name: string,
  call: { readonly to: Uint8Array; readonly data: Uint8Array },
  options: SendOptions,
): Promise<Mined> {
  const { chain, state, signer } = options;
  const key = `transaction ${name}`;
  const mined: Mined[] = [];
  const ask = async () => {
    const stored = state.get(key) ?? (await signAndStore(key, call, options));
    const hash = fromHex(String(stored["hash"]));
    const receipt = await chain.receipt(hash);
    if (receipt !== null) {
      if (!receipt.succeeded) {
        state.forget(key);
        throw new Failure("TRANSACTION_FAILED", `${name}: ${toHex(hash)} was undone.`);
      }
      mined.push({ hash: toHex(hash), block: Number(receipt.blockNumber) });
      return { done: true } as const;
    }
    if ((await chain.transactionCount(signer.address, "latest")) > BigInt(String(stored["nonce"]))) {
      // Its own receipt may have come between the two questions.
      if ((await chain.receipt(hash)) === null) state.forget(key);
      return { done: false, stands: "its number was taken; it is made anew" } as const;
    }
    await broadcast(chain, fromHex(String(stored["raw"])));
    return { done: false, stands: `${toHex(hash)} is in no block yet` } as const;
  };
  await waitFor(`The transaction (${name})`, ask, { ...options, late: "NOT_FINAL" });
  const [only] = mined;
  if (only === undefined) throw new Failure("FAULT", "A wait ended without a receipt.");
  return only;
}

async function signAndStore(
  key: string,
  { to, data }: { readonly to: Uint8Array; readonly data: Uint8Array },
  { chain, signer, state }: SendOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const from = signer.address;
  const [gas, latest, tip, nonce, chainId] = await Promise.all([
    chain.estimateGas({ from, to, data }),
    chain.block("latest"),
    chain.priorityFee(),
    chain.transactionCount(from, "pending"),
    chain.chainId(),
  ]);
  const fees = firstFees({ baseFee: latest?.baseFee ?? 0n, tip }, feePolicy());
  const bought = gasToBuy(gas);
  if (fees === null || bought === null)
    throw new Failure("TRANSACTION_FAILED", "It would cost more than a transaction may; wait for cheaper blocks.");
  const transaction = { chainId, nonce, to, data, gas: bought, accessList: [], ...fees };
  const { raw, hash } = await signer.sign(transaction);
  const entry = { raw: toHex(raw), hash: toHex(hash), nonce: nonce.toString() };
  state.put(key, entry);
  return entry;
}

async function broadcast(chain: ProgrammeChain, raw: Uint8Array): Promise<void> {
  try {
    await chain.sendRaw(raw);
  } catch (error) {
    if (!isRpcError(error) || !SAYS_NOTHING.includes(error.code)) throw error;
  }
}
