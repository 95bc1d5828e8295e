import { decodeVoucherBundle, fromHex } from "@tallystick/protocol";
import type { Journal } from "../journal/journal.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { paidAmong } from "./settle-bundles.ts";
import { untilMined, type WaitParts } from "./wait-for-call.ts";

/** What taking in is done with. */
export type OpenClaimParts = WaitParts & { readonly journal: Pick<Journal, "outcomes"> };

/**
 * Brings what earlier claims have sent to its end, in the order of the nonces, before anything new
 * is signed. Throws ChainError.
 */
export async function finishOpenClaims(parts: OpenClaimParts): Promise<void> {
  const { journal, served, chain } = parts;
  for (const call of journal.chainCalls.ofClaims(served.domainBytes, chain.signer.address)) {
    const tx = await untilMined(parts, call);
    if (call.purpose === "settle") await takeInSettled(parts, tx);
  }
}

/**
 * Records which of the merchant's vouchers a transaction has paid, and answers them. The same again
 * changes nothing.
 */
export async function takeInSettled(
  { journal, served, chain, patience }: OpenClaimParts,
  tx: string,
): Promise<readonly VoucherRecord[]> {
  const items = await chain.views.settledBy(fromHex(tx));
  const counters = [...new Set(items.map(({ item }) => item.counter))];
  const held = counters.flatMap((counter) => journal.outcomes.ofCounter(served.domainBytes, counter));
  const bundles = new Map(held.map((record) => [decodeVoucherBundle(record.entry), record]));
  const paid = paidAmong([...bundles.keys()], items);
  const done = [...bundles].flatMap(([bundle, record]) => (paid.has(bundle) ? [record] : []));
  journal.write(() => {
    for (const { id } of done) journal.outcomes.claimed(id, tx, patience.now());
  });
  return done;
}
