import { addressOfKey, decodeVoucherBundle, toHex, voucherId } from "@tallystick/protocol";
import type { VoucherRecord } from "../../../src/journal/payments/voucher-record.ts";
import { START, type TestTerminal } from "../test-terminal.ts";

/** Puts further vouchers into the journal, like the first but for their counter. */
export function addVouchers(terminal: TestTerminal, like: VoucherRecord, count: number): readonly string[] {
  const { journal } = terminal.gateway;
  const from = 10_000 + [...journal.outcomes.notFinal(like.domainBytes)].flat().length;
  return journal.write(() =>
    Array.from({ length: count }, (_, index) => {
      const counter = from + index;
      const entry = Uint8Array.from(like.entry);
      // The counter of M, behind the card's key.
      new DataView(entry.buffer).setUint32(33 + 52, counter);
      const { cardKey, message } = decodeVoucherBundle(entry);
      const id = voucherId(addressOfKey(cardKey), message);
      const tap = {
        id: `more-${counter}`,
        saleId: `more-${counter}`,
        lane: "1",
        domainBytes: like.domainBytes,
        amount: 1n,
      };
      const refused = { cardKey: like.cardKey, code: "CARD_ABSENT", sw: null, apdus: 0, spentBefore: null } as const;
      journal.taps.refuse({ ...tap, ...refused, now: START });
      journal.vouchers.keep({ ...like, id, tapId: tap.id, counter, entry }, START);
      return toHex(id);
    }),
  );
}
