import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import * as guarantee from "./index.ts";
import { counting, now, payee } from "../testing/fixture.ts";

const id = counting(1, 32);
const block = counting(2, 32);
const other = protocol.toAddress(counting(9, 20));
const awaited: guarantee.AwaitedVoucher = { id, payee, amount: 10n, arrivedAt: now };

function view(counter: guarantee.CounterUse, card: { flagged?: boolean; balance?: bigint } = {}): guarantee.FinalView {
  return {
    counter: { blockHash: block, seen: counter },
    card: { blockHash: block, seen: { flagged: false, balance: 0n, ...card } },
  };
}

describe("neverPaid", () => {
  it.each<[string, guarantee.FinalView, guarantee.NeverPaid]>([
    [
      "another message settled",
      view({ by: "settled", voucherId: counting(3, 32) }, { balance: 99n }),
      { never: true, because: "COUNTER_SETTLED" },
    ],
    ["itself settled", view({ by: "settled", voucherId: id }, { flagged: true }), { never: false, because: "PAID" }],
    ["released by another payee", view({ by: "released", payee: other }), { never: true, because: "COUNTER_RELEASED" }],
    [
      "released by its payee",
      view({ by: "released", payee }, { flagged: true }),
      { never: false, because: "GIVEN_UP" },
    ],
    ["voided after it came", view({ by: "voided", time: now + 1 }), { never: true, because: "COUNTER_VOIDED" }],
    ["voided as it came", view({ by: "voided", time: now }), { never: false, because: "VOIDED_BEFORE_IT_CAME" }],
    [
      "voided before it came, of a flagged card",
      view({ by: "voided", time: now }, { flagged: true }),
      { never: true, because: "COUNTER_VOIDED" },
    ],
    [
      "a flagged card with too little",
      view({ by: "nobody" }, { flagged: true, balance: 9n }),
      { never: true, because: "CARD_BROKEN" },
    ],
    [
      "a flagged card with just enough",
      view({ by: "nobody" }, { flagged: true, balance: 10n }),
      { never: false, because: "STILL_OPEN" },
    ],
    // A later deposit lets the vault pay it.
    ["too little without a flag", view({ by: "nobody" }), { never: false, because: "STILL_OPEN" }],
  ])("judges %s", (_what, seen, expected) => {
    expect(guarantee.neverPaid(awaited, seen)).toEqual(expected);
  });

  it("decides nothing from two blocks", () => {
    const seen = view({ by: "settled", voucherId: counting(3, 32) }, { flagged: true });
    const later = { ...seen, card: { ...seen.card, blockHash: counting(4, 32) } };
    expect(guarantee.neverPaid(awaited, later)).toEqual({ never: false, because: "BLOCKS_DIFFER" });
  });
});
