import { type AccessListish, getBytes, hexlify, Transaction, Wallet } from "ethers";
import type { ChainSigner, UnsignedTransaction } from "../sender/chain-signer.ts";
import { encodeAccessList } from "./access-list.ts";

/** A signer over a secret key of 32 bytes held in memory, as a key file holds it. */
export function createKeySigner(secretKey: Uint8Array): ChainSigner {
  const wallet = new Wallet(hexlify(secretKey));
  return {
    address: getBytes(wallet.address),
    async sign(transaction) {
      const raw = await wallet.signTransaction({
        type: 2,
        chainId: transaction.chainId,
        nonce: Number(transaction.nonce),
        to: hexlify(transaction.to),
        data: hexlify(transaction.data),
        value: 0n,
        gasLimit: transaction.gas,
        maxFeePerGas: transaction.maxFee,
        maxPriorityFeePerGas: transaction.priorityFee,
        accessList: encodeAccessList(transaction.accessList) as AccessListish,
      });
      const { hash } = Transaction.from(raw);
      if (hash === null) throw new Error("A signed transaction has no hash.");
      return { raw: getBytes(raw), hash: getBytes(hash) };
    },
    read: readTransaction,
  };
}

/** What signed bytes say. A transaction of the old kind has one price for everything. */
export function readTransaction(raw: Uint8Array): UnsignedTransaction {
  const transaction = Transaction.from(hexlify(raw));
  const { chainId, nonce, to, data, gasLimit, gasPrice, maxFeePerGas, maxPriorityFeePerGas, accessList } = transaction;
  if (to === null) throw new Error("The transaction makes a contract; such ones are never sent here.");
  const maxFee = maxFeePerGas ?? gasPrice ?? 0n;
  return {
    chainId,
    nonce: BigInt(nonce),
    to: getBytes(to),
    data: getBytes(data),
    gas: gasLimit,
    maxFee,
    priorityFee: maxPriorityFeePerGas ?? maxFee,
    accessList: (accessList ?? []).map(({ address, storageKeys }) => ({
      address: getBytes(address),
      storageKeys: storageKeys.map((key) => getBytes(key)),
    })),
  };
}
