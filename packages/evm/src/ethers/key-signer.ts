import { Signature, SigningKey } from "ethers/crypto";
import { type AccessListish, computeAddress, Transaction } from "ethers/transaction";
import { concat, getBytes, hexlify } from "ethers/utils";
import type { ChainSigner, UnsignedTransaction } from "../sender/chain-signer.ts";
import { encodeAccessList } from "./access-list.ts";

/** A key that signs digests for an account, wherever it is held: in an HSM, say. */
export interface AccountKey {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** Signs a digest of 32 bytes: r ‖ s of 64 bytes with low s, and the bit that tells the two keys that fit apart. */
  readonly signRecoverably: (
    digest: Uint8Array,
  ) => Promise<{ readonly signature: Uint8Array; readonly recovery: 0 | 1 }>;
}

/** A signer over a secret key of 32 bytes held in memory, as a key file holds it. */
export function createKeySigner(secretKey: Uint8Array): ChainSigner {
  const key = new SigningKey(hexlify(secretKey));
  return createChainSigner({
    address: getBytes(computeAddress(key)),
    signRecoverably: async (digest) => {
      const { r, s, yParity } = key.sign(digest);
      return { signature: getBytes(concat([r, s])), recovery: yParity };
    },
  });
}

/** A signer over a key that signs digests. Its `sign` rejects with what the key rejects with. */
export function createChainSigner({ address, signRecoverably }: AccountKey): ChainSigner {
  return {
    address,
    async sign(transaction) {
      const signed = Transaction.from({
        type: 2,
        chainId: transaction.chainId,
        nonce: Number(transaction.nonce),
        to: hexlify(transaction.to),
        data: hexlify(transaction.data),
        value: transaction.value ?? 0n,
        gasLimit: transaction.gas,
        maxFeePerGas: transaction.maxFee,
        maxPriorityFeePerGas: transaction.priorityFee,
        accessList: encodeAccessList(transaction.accessList) as AccessListish,
      });
      const { signature, recovery } = await signRecoverably(getBytes(signed.unsignedHash));
      const [r, s] = [hexlify(signature.subarray(0, 32)), hexlify(signature.subarray(32))];
      signed.signature = Signature.from({ r, s, yParity: recovery });
      if (signed.hash === null) throw new Error("A signed transaction has no hash.");
      return { raw: getBytes(signed.serialized), hash: getBytes(signed.hash) };
    },
    read: readTransaction,
  };
}

/** What signed bytes say. A transaction of the old kind has one price for everything. */
export function readTransaction(raw: Uint8Array): UnsignedTransaction {
  const transaction = Transaction.from(hexlify(raw));
  const { chainId, nonce, to, data, value, gasLimit, gasPrice, maxFeePerGas, maxPriorityFeePerGas, accessList } =
    transaction;
  if (to === null) throw new Error("The transaction makes a contract; such ones are never sent here.");
  const maxFee = maxFeePerGas ?? gasPrice ?? 0n;
  return {
    chainId,
    nonce: BigInt(nonce),
    to: getBytes(to),
    data: getBytes(data),
    ...(value === 0n ? {} : { value }),
    gas: gasLimit,
    maxFee,
    priorityFee: maxPriorityFeePerGas ?? maxFee,
    accessList: (accessList ?? []).map(({ address, storageKeys }) => ({
      address: getBytes(address),
      storageKeys: storageKeys.map((key) => getBytes(key)),
    })),
  };
}
