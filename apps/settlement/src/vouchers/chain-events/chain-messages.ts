import {
  addressOfKey,
  decodeVoucherMessage,
  digestOf,
  encodeVoucherMessage,
  equalBytes,
  fromHex,
  ProtocolError,
  toAddress,
  toHex,
  voucherId,
  type VoucherMessage,
} from "@tallystick/protocol";
import { type PayloadItem, type SignedMessage, unpackSignature, type VaultEvent } from "@tallystick/vault";
import type { PostedVoucher } from "../../books/postings/postings.ts";
import type { PlacedEvent } from "../../chain/vault-chain.ts";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import type { EventContext } from "./event-context.ts";

type Released = Extract<VaultEvent, { kind: "released" }>;

/** A message that used its counter on the chain, with its card's signature. */
export interface ChainMessage extends PostedVoucher {
  readonly counter: bigint;
  readonly signed: SignedMessage;
}

const engine = createNativeEngine();

/** The message of an item that the vault paid, rebuilt as the vault did. */
export function paidMessage({ domain }: EventContext, item: PayloadItem): ChainMessage {
  const { card, payee, counter, amount, context } = item;
  const message = {
    domain: { chainId: domain.chainId, vault: toAddress(domain.vault) },
    ...{ payee: toAddress(payee), counter, amount, context },
  };
  // The codec refuses what the vault skips; only paid items come here.
  const signed = { message: encodeVoucherMessage(message), ...unpackSignature(item) };
  return { id: voucherId(toAddress(card), message), card, payee, amount, counter: BigInt(counter), signed };
}

/**
 * The message that a release gave up; null where the calldata does not show it. The calldata may be
 * that of another contract which then called the vault: what it seems to say counts only if it is
 * what the vault says, and signed by the card.
 */
export function releasedVoucher(
  { domain }: EventContext,
  { event, released }: PlacedEvent<Released>,
): ChainMessage | null {
  const message = released == null ? null : readMessage(released.message);
  if (released == null || message === null) return null;
  const { card, payee, counter, units } = event;
  const named =
    message.domain.chainId === domain.chainId &&
    equalBytes(message.domain.vault, domain.vault) &&
    equalBytes(message.payee, payee) &&
    message.counter === counter &&
    message.amount === units;
  const key = named ? engine.keyOf(released.signature, digestOf(released.message), released.parity) : null;
  if (key === null || !equalBytes(addressOfKey(key), card)) return null;
  const id = voucherId(toAddress(card), message);
  return { id, card, payee, amount: units, counter: BigInt(counter), signed: released };
}

/**
 * Keeps messages that used their counters and that no upload has brought: should another message of
 * their counter come, they are the other half of the evidence (spec §6.1).
 */
export async function keepChainMessages(
  { trx }: EventContext,
  messages: readonly ChainMessage[],
  { usedBy, log }: { readonly usedBy: "settled" | "released"; readonly log: PlacedEvent["log"] },
): Promise<void> {
  if (messages.length === 0) return;
  const ids = messages.map(({ id }) => id);
  const held = await trx.selectFrom("vouchers").select("id").where("id", "in", ids).execute();
  const known = new Set(held.map(({ id }) => toHex(id)));
  const rows = messages
    .filter(({ id }) => !known.has(toHex(id)))
    .map(({ id, card, payee, amount, counter, signed }) => ({
      ...{ voucher_id: id, card, counter, payee, amount_units: amount, used_by: usedBy, ...signed },
      transaction_hash: fromHex(log.transactionHash, 32),
      block_number: log.blockNumber,
    }));
  if (rows.length === 0) return;
  await trx
    .insertInto("chain_messages")
    .values(rows)
    .onConflict((conflict) => conflict.column("voucher_id").doNothing())
    .execute();
}

function readMessage(bytes: Uint8Array): VoucherMessage | null {
  try {
    return decodeVoucherMessage(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
