import { fromHex, toHex } from "@tallystick/protocol";
import { cardAddress } from "../keys/card-address.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { untilMined, type WaitParts } from "./wait-for-call.ts";

/** Brings what earlier claims have sent to its end, in the order of the nonces, before anything new is signed. Throws ChainError. */
export async function finishOpenClaims(parts: WaitParts): Promise<void> {
  const { journal, served, chain } = parts;
  for (const call of journal.chainCalls.ofClaims(served.domainBytes, chain.signer.address)) {
    const tx = await untilMined(parts, call);
    if (call.purpose === "settle") await takeInSettled(parts, tx);
  }
}

/** Records which of the merchant's vouchers a transaction has paid, and answers them. The same again changes nothing. */
export async function takeInSettled(
  { journal, served, chain, patience }: WaitParts,
  tx: string,
): Promise<readonly VoucherRecord[]> {
  const paid = new Set(
    (await chain.views.settledBy(fromHex(tx))).filter((each) => each.paid).map(({ item }) => nameOf(item.card, item)),
  );
  const done = journal.vouchers
    .notFinal(served.domainBytes)
    .filter((record) => paid.has(nameOf(cardAddress(record.cardKey), record)));
  journal.write(() => {
    for (const { id } of done)
      journal.vouchers.follow(id, { state: "claimed", batch: null, tx, final: false }, patience.now());
  });
  return done;
}

function nameOf(card: Uint8Array, { counter, amount }: { readonly counter: number; readonly amount: bigint }): string {
  return `${toHex(card)}/${counter}/${amount}`;
}
