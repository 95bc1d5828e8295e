import {
  addressOfKey,
  digestOf,
  encodeVoucherMessage,
  equalBytes,
  isProtocolError,
  toAddress,
  toHex,
  voucherId,
} from "@tallystick/protocol";
import type { PayloadItem } from "@tallystick/vault";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import type { EventContext } from "./event-context.ts";

const engine = createNativeEngine();

/**
 * Keeps the first final block whose payload held a voucher that it did not pay: a proof of when it
 * was there (spec §6.12). Anybody may put bytes into a payload, so it counts for known cards alone,
 * and with the card's signature.
 */
export async function recordPayloadArrivals(
  { trx, domain }: EventContext,
  skipped: readonly PayloadItem[],
  blockNumber: bigint,
): Promise<void> {
  if (skipped.length === 0) return;
  const cards = await trx
    .selectFrom("cards")
    .select("card")
    .where(
      "card",
      "in",
      skipped.map(({ card }) => card),
    )
    .execute();
  const known = new Set(cards.map(({ card }) => toHex(card)));
  const ids = skipped
    .filter(({ card }) => known.has(toHex(card)))
    .map((item) => signedId(item, domain))
    .filter((id) => id !== null);
  if (ids.length === 0) return;
  await trx
    .insertInto("arrival_payloads")
    .values(ids.map((id) => ({ voucher_id: id, block_number: blockNumber })))
    .onConflict((conflict) => conflict.column("voucher_id").doNothing())
    .execute();
}

/** The voucher's id; null where the item is no message, or not signed by its card. */
function signedId(item: PayloadItem, domain: EventContext["domain"]): Uint8Array | null {
  const { card, payee, counter, amount, context, r, vs } = item;
  try {
    const message = {
      domain: { chainId: domain.chainId, vault: toAddress(domain.vault) },
      ...{ payee: toAddress(payee), counter, amount, context },
    };
    const parity = ((vs[0] ?? 0) >> 7) as 0 | 1;
    const s = Uint8Array.from(vs, (byte, index) => (index === 0 ? byte & 0x7f : byte));
    const key = engine.keyOf(Uint8Array.from([...r, ...s]), digestOf(encodeVoucherMessage(message)), parity);
    if (key === null || !equalBytes(addressOfKey(key), card)) return null;
    return voucherId(toAddress(card), message);
  } catch (error) {
    // What no decoder takes of a voucher, the vault skips.
    if (isProtocolError(error)) return null;
    throw error;
  }
}
