import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { BareJournal, bareDomain, filled } from "../../../test/harness/bare-journal.ts";
import { allowanceBody } from "../../../test/harness/test-terminal.ts";
import type { ShortForms } from "./known-card-store.ts";

let bare: BareJournal;

beforeEach(() => {
  bare = new BareJournal();
});

afterEach(() => {
  bare.remove();
});

/** Keeps card `n` as a tap showed it. */
function meet(
  n: number,
  { key = n, seq = 3, shortForms = null as ShortForms | null, bound = 3, domain = bareDomain } = {},
): void {
  const { journal } = bare;
  const body = { ...allowanceBody, seq };
  const shown = { cardTag: filled(8, n), cardKey: filled(33, key), allowanceBody: body };
  journal.write(() => {
    const select = { ...shown, allowanceSignature: filled(64, seq) };
    journal.knownCards.keep(domain, select, { shortForms, bound });
  });
}

const of = (n: number) => bare.journal.knownCards.of(filled(8, n));

describe("the cards that a journal remembers", () => {
  it("are those that came last, up to the bound", () => {
    for (const n of [1, 2, 3]) meet(n);
    meet(1);
    meet(4);
    expect([1, 2, 3, 4].map((n) => of(n) !== null)).toEqual([true, false, true, true]);
    // Each use counts, also of a card that comes again and again.
    for (const n of [4, 4, 5]) meet(n);
    expect([1, 2, 3, 4, 5].map((n) => of(n) !== null)).toEqual([false, false, false, true, true]);
  });

  it("have the allowance of the highest seq that they showed", () => {
    for (const seq of [3, 5, 4]) {
      meet(1, { seq });
      expect(of(1)?.allowanceBody.seq).toBe(Math.max(seq, seq === 4 ? 5 : seq));
    }
    expect(of(1)?.allowanceSignature).toEqual(filled(64, 5));
  });

  it("keep what is known of their short forms where a tap did not ask", () => {
    meet(1);
    expect(of(1)?.shortForms).toBe("unknown");
    expect(bare.journal.knownCards.anyHasShortForms()).toBe(false);
    meet(1, { shortForms: "has" });
    meet(1);
    expect(of(1)?.shortForms).toBe("has");
    expect(bare.journal.knownCards.anyHasShortForms()).toBe(true);
    meet(1, { shortForms: "lacks" });
    expect(of(1)?.shortForms).toBe("lacks");
  });

  it("stay the first key's of a cardTag, in doubt, when a second key shows it", () => {
    meet(1, { shortForms: "has" });
    meet(1, { key: 9, seq: 7 });
    expect(of(1)).toMatchObject({ inDoubt: true, cardKey: filled(33, 1), allowanceBody: { seq: 3 } });
    meet(1, { seq: 8, shortForms: "has" });
    expect(of(1)?.inDoubt).toBe(true);
    expect(bare.journal.knownCards.anyHasShortForms()).toBe(false);
  });

  it("are believed again after a wrong signature when the same key has signed, and not after a second key", () => {
    const { knownCards } = bare.journal;
    const card = { cardTag: filled(8, 1), cardKey: filled(33, 1) };
    meet(1, { shortForms: "has" });
    knownCards.doubt(bareDomain, card.cardTag, "signature");
    knownCards.trust(bareDomain, { ...card, cardKey: filled(33, 9) });
    expect(of(1)?.inDoubt).toBe(true);
    knownCards.trust(bareDomain, card);
    expect(of(1)?.inDoubt).toBe(false);
    meet(1, { key: 9 });
    knownCards.doubt(bareDomain, card.cardTag, "signature");
    knownCards.trust(bareDomain, card);
    expect(of(1)?.inDoubt).toBe(true);
  });

  it("are none of two domains with one cardTag", () => {
    meet(1);
    meet(1, { domain: filled(28, 8), key: 2 });
    expect(of(1)).toBeNull();
    bare.journal.knownCards.forget(filled(28, 8), filled(8, 1));
    expect(of(1)?.cardKey).toEqual(filled(33, 1));
  });

  it("are there after a restart, and no part of the log", () => {
    const before = bare.events().length;
    meet(1, { shortForms: "has" });
    expect(bare.events()).toHaveLength(before);
    expect(of(1)?.shortForms).toBe("has");
  });
});
