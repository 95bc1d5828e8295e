import type { AccessListEntry } from "@tallystick/vault";
import { Transaction, Wallet, getBytes } from "ethers";
import { encodeAccessList } from "./ethers-access-list.ts";

/** One EIP-1559 transaction without value; all fees in wei. */
export interface UnsignedTransaction {
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  readonly gas: bigint;
  readonly maxFee: bigint;
  readonly priorityFee: bigint;
  readonly accessList: readonly AccessListEntry[];
}

/** Signs for the one account that sends; a development file here, a key service in production. */
export interface ChainSigner {
  /** 20 bytes. */
  readonly address: Uint8Array;
  sign(transaction: UnsignedTransaction): Promise<{ raw: Uint8Array; hash: Uint8Array }>;
}

export const CHAIN_SIGNER = Symbol("CHAIN_SIGNER");

/** A signer over a secret key of 32 bytes held in memory: for development only. */
export function createDevelopmentSigner(secretKey: Uint8Array): ChainSigner {
  const wallet = new Wallet(`0x${Buffer.from(secretKey).toString("hex")}`);
  return {
    address: getBytes(wallet.address),
    async sign(transaction) {
      const raw = await wallet.signTransaction({
        type: 2,
        chainId: transaction.chainId,
        nonce: Number(transaction.nonce),
        to: `0x${Buffer.from(transaction.to).toString("hex")}`,
        data: `0x${Buffer.from(transaction.data).toString("hex")}`,
        value: 0n,
        gasLimit: transaction.gas,
        maxFeePerGas: transaction.maxFee,
        maxPriorityFeePerGas: transaction.priorityFee,
        accessList: encodeAccessList(transaction.accessList),
      });
      const hash = Transaction.from(raw).hash;
      if (hash === null) throw new Error("A signed transaction has no hash.");
      return { raw: getBytes(raw), hash: getBytes(hash) };
    },
  };
}
