import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bytes, type Card, type Group, type Item, LoneVault, type Measured, testCard } from "./harness/test-vault.ts";

const MOST_UNITS = 2n ** 48n - 1n;
const shops = Array.from({ length: 120 }, (_, index) => bytes(0x5400a0 + index, 20));
const [shop, otherShop] = shops as [Uint8Array, Uint8Array];
const newShop = bytes(0x540aff, 20);
const nobody = new Uint8Array(20);

const row = (from: number, count: number, amount: number | bigint = 5, damage = 0): Item[] =>
  Array.from({ length: count }, (_, index) => [from + index, amount, damage]);
/** Items of 5 units with these counters. */
const each = (...counters: readonly number[]): Item[] => counters.map((counter) => [counter, 5]);
/** A group for each item. */
const apart = (card: Card, items: readonly Item[]): Group[] => items.map((item) => [card, [item]]);
const repeat = (count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

/** Each way through the packed vault's code by itself: the estimate is an upper bound, and near. */
describe("the gas estimate of settle, one way of the packed vault after another", () => {
  let vault: LoneVault;

  beforeAll(async () => {
    vault = await LoneVault.start();
    // Both payees have earned something, so that their slots stand.
    const card = await vault.openCard();
    const groups: readonly Group[] = [
      [card, row(1, 1)],
      [card, row(2, 1), otherShop],
    ];
    await vault.settle([shop, otherShop], groups);
  }, 60_000);
  afterAll(async () => {
    await vault.stop();
  });

  const openCard = (units?: bigint): Promise<Card> => vault.openCard(units);
  const settle = (payees: readonly Uint8Array[], groups: readonly Group[]): Promise<Measured> =>
    vault.settle(payees, groups);

  /** A card of whose counters up to `base` only each 512th is paid. */
  async function cardWithGaps(base: number): Promise<Card> {
    const card = await openCard();
    for (let counter = 631; counter < base + 512; counter += 512) await settle([shop], [[card, [[counter, 1]]]]);
    return card;
  }

  const ways: readonly (readonly [name: string, make: () => Promise<Measured>, outcomes: readonly string[]])[] = [
    ["nothing", () => settle([], []), []],
    ["payees of no group", () => settle(shops, []), []],
    ["one in the hot loop", async () => settle([shop], [[await openCard(), row(1, 1)]]), ["PAID"]],
    ["a payee who never earned", async () => settle([newShop], [[await openCard(), row(1, 1), newShop]]), ["PAID"]],
    ["a hundred in the hot loop", async () => settle([shop], [[await openCard(), row(1, 100)]]), ["PAID"]],
    [
      "many cards",
      async () => {
        const cards: Card[] = [];
        for (let index = 0; index < 40; index += 1) cards.push(await openCard());
        return settle(
          [shop, otherShop],
          cards.map((card, index) => [card, row(1, 8), index % 2 === 0 ? shop : otherShop]),
        );
      },
      ["PAID"],
    ],
    [
      "one card in many groups, with base raised in the hot loop",
      async () => {
        const card = await openCard();
        return settle([shop], apart(card, row(1, 60)));
      },
      ["PAID"],
    ],
    [
      "two payees of one card, one named twice in the table",
      async () => {
        const card = await openCard();
        return settle(
          [shop, otherShop, shop],
          [
            [card, row(1, 1)],
            [card, row(2, 1), otherShop],
          ],
        );
      },
      ["PAID"],
    ],
    [
      "a row that leaves the window as the contract has it",
      async () => settle([shop], [[await openCard(), row(1, 140)]]),
      ["PAID"],
    ],
    [
      "counters that are ahead only for a base that was not raised",
      async () => {
        const card = await openCard();
        await settle([shop], [[card, row(1, 20)]]);
        return settle([shop], [[card, each(125, 140, 130)]]);
      },
      ["PAID"],
    ],
    ["a large balance", async () => settle([shop], [[await openCard(2n ** 47n + 100n), row(1, 10)]]), ["PAID"]],
    [
      "a large total",
      async () => {
        const card = await openCard(MOST_UNITS);
        await settle([shop], [[card, [[1, MOST_UNITS]]]]);
        await vault.fund(card, 1_000n);
        return settle([shop], [[card, row(2, 10)]]);
      },
      ["PAID_OVERFLOW"],
    ],
    ["amounts of zero", async () => settle([shop], [[await openCard(), row(1, 11, 0)]]), ["ZERO_AMOUNT"]],
    ["too little balance", async () => settle([shop], [[await openCard(4n), row(1, 11)]]), ["BALANCE_TOO_LOW"]],
    ["a card that is not open", () => settle([shop], [[testCard(0x777), row(1, 11)]]), ["BALANCE_TOO_LOW"]],
    ["counters of zero", async () => settle([shop], [[await openCard(), repeat(11, [0, 5])]]), ["ZERO_COUNTER"]],
    [
      "used counters in the window",
      async () => {
        const card = await openCard();
        await settle([shop], [[card, [[2, 5]]]]);
        return settle([shop], [[card, repeat(11, [2, 5])]]);
      },
      ["COUNTER_USED"],
    ],
    [
      "used counters behind base, each in another gap word",
      async () => {
        const card = await cardWithGaps(1_700);
        await settle([shop], [[card, each(7, 300, 600, 900, 1_300)]]);
        return settle(
          [shop],
          [
            [
              card,
              [
                [7, 5],
                [300, 5],
                [600, 5],
                [900, 5],
                [1_300, 5],
                [631, 1],
              ],
            ],
          ],
        );
      },
      ["COUNTER_USED"],
    ],
    [
      "wrong signatures in the window",
      async () => settle([shop], [[await openCard(), row(1, 11, 5, 1)]]),
      ["WRONG_SIGNATURE"],
    ],
    ["a high s", async () => settle([shop], [[await openCard(), row(1, 11, 5, 2)]]), ["WRONG_SIGNATURE"]],
    [
      "wrong signatures behind base, each in another gap word",
      async () =>
        settle(
          [shop],
          [[await cardWithGaps(1_700), [7, 300, 600, 900, 1_300].map((counter): Item => [counter, 5, 1])]],
        ),
      ["WRONG_SIGNATURE"],
    ],
    [
      "wrong signatures one word ahead",
      async () => settle([shop], [[await openCard(), row(200, 11, 5, 1)]]),
      ["WRONG_SIGNATURE"],
    ],
    [
      "wrong signatures two words ahead",
      async () => settle([shop], [[await openCard(), row(500, 11, 5, 1)]]),
      ["WRONG_SIGNATURE"],
    ],
    ["a need of advance", async () => settle([shop], [[await openCard(), row(2_000, 11)]]), ["ADVANCE_NEEDED"]],
    [
      "a bad item before good ones",
      async () => settle([shop], [[await openCard(), [[50, 5, 1], ...row(1, 11)]]]),
      ["WRONG_SIGNATURE", "PAID"],
    ],
    [
      "a bad group behind thirty good ones",
      async () => {
        const card = await openCard();
        return settle([shop], [...apart(card, row(1, 30)), [await openCard(), row(1, 1, 0)]]);
      },
      ["PAID", "ZERO_AMOUNT"],
    ],
    [
      "thirty bad groups",
      async () => {
        const card = await openCard();
        return settle([shop], apart(card, row(1, 30, 5, 1)));
      },
      ["WRONG_SIGNATURE"],
    ],
    ["a spill into one new gap word", async () => settle([shop], [[await openCard(), [[200, 5]]]]), ["PAID"]],
    [
      "spills into a gap word that stands",
      async () => {
        const card = await openCard();
        await settle([shop], [[card, [[200, 5]]]]);
        return settle([shop], [[card, each(230, 240)]]);
      },
      ["PAID"],
    ],
    [
      "spills into two gap words each",
      async () => settle([shop], [[await openCard(), each(631, 1_143, 1_655, 2_167)]]),
      ["PAID"],
    ],
    [
      "a spill that steps over used counters",
      async () => {
        const card = await openCard();
        await settle([shop], [[card, row(2, 119)]]);
        return settle([shop], [[card, [[260, 5]]]]);
      },
      ["PAID"],
    ],
    ["late payments", async () => settle([shop], [[await cardWithGaps(1_700), each(7, 8, 300, 900)]]), ["LATE"]],
    [
      "the last late payment of a gap word",
      async () => {
        const card = await openCard();
        await settle([shop], [[card, row(2, 119)]]);
        await settle([shop], [[card, [[122, 5]]]]);
        return settle([shop], [[card, [[1, 5]]]]);
      },
      ["LATE"],
    ],
    [
      "a spill and its late payments at once",
      async () => settle([shop], [[await openCard(), each(400, 3, 200, 4)]]),
      ["PAID", "LATE"],
    ],
    [
      "many groups of late payments",
      async () => {
        const card = await cardWithGaps(1_700);
        return settle([shop], apart(card, row(3, 20)));
      },
      ["LATE"],
    ],
    [
      "many groups of a bad item before a good one",
      async () => {
        const card = await openCard();
        return settle(
          [shop],
          row(1, 20).map((item): Group => [card, [[100, 5, 1], item]]),
        );
      },
      ["WRONG_SIGNATURE", "PAID"],
    ],
    [
      "many groups that spill",
      async () => {
        const card = await openCard();
        return settle(
          [shop],
          Array.from({ length: 12 }, (_, index): Group => [card, [[130 + 12 * index, 5]]]),
        );
      },
      ["PAID"],
    ],
    [
      "many cards with a late payment each, and payees that earned before",
      async () => {
        const groups: Group[] = [];
        for (let index = 0; index < 10; index += 1) {
          const card = await openCard();
          await settle([shop], [[card, [[300, 1]]]]);
          groups.push([card, [[20, 5]], index % 2 === 0 ? shop : otherShop]);
        }
        return settle([shop, otherShop], groups);
      },
      ["LATE"],
    ],
    [
      "a late group before a hot one",
      async () => {
        const [late, hot] = [await cardWithGaps(1_700), await cardWithGaps(1_700)];
        return settle(
          [shop],
          [
            [late, each(3, 300)],
            [hot, [[2_100, 5]]],
          ],
        );
      },
      ["LATE", "PAID"],
    ],
    [
      "a late group before a hot one, to two payees",
      async () => {
        const [late, hot] = [await cardWithGaps(1_700), await cardWithGaps(1_700)];
        return settle(
          [shop, otherShop],
          [
            [late, each(3, 300)],
            [hot, [[2_100, 5]], otherShop],
          ],
        );
      },
      ["LATE", "PAID"],
    ],
    [
      "late groups and hot ones by turns",
      async () => {
        const [late, hot] = [await cardWithGaps(1_700), await cardWithGaps(1_700)];
        return settle(
          [shop, otherShop],
          row(3, 12).flatMap(([counter], index): Group[] => [
            [late, [[counter, 5]]],
            [hot, [[2_060 + index, 5]], otherShop],
          ]),
        );
      },
      ["LATE", "PAID"],
    ],
    [
      "bad groups and hot ones by turns",
      async () => {
        const [bad, hot] = [await openCard(), await openCard()];
        return settle(
          [shop],
          row(1, 12).flatMap(([counter]): Group[] => [
            [bad, [[1, 0]]],
            [hot, [[counter, 5]]],
          ]),
        );
      },
      ["ZERO_AMOUNT", "PAID"],
    ],
    [
      "a spill before a hot group",
      async () =>
        settle(
          [shop],
          [
            [await openCard(), [[300, 5]]],
            [await openCard(), [[30, 5]]],
          ],
        ),
      ["PAID"],
    ],
    [
      "a large balance before a hot group",
      async () =>
        settle(
          [shop],
          [
            [await openCard(2n ** 47n + 100n), [[30, 5]]],
            [await openCard(), [[30, 5]]],
          ],
        ),
      ["PAID"],
    ],
    ["a zero payee in the table", async () => settle([shop, nobody], [[await openCard(), row(1, 11)]]), ["PAID"]],
    [
      "a zero payee in the table, and many groups",
      async () => {
        const card = await openCard();
        return settle([shop, nobody], apart(card, row(1, 20)));
      },
      ["PAID"],
    ],
    ["a zero payee", async () => settle([shop, nobody], [[await openCard(), row(1, 11), nobody]]), ["ZERO_PAYEE"]],
    [
      "two groups of one card and payee, with bad items in gap words that nobody else reads",
      async () => {
        const card = await cardWithGaps(1_700);
        await settle([shop], [[card, [[17, 123]]]]);
        return settle(
          [shop, otherShop, nobody.with(19, 9)],
          [
            [
              card,
              [
                [327, 37],
                [17, 123],
              ],
            ],
            [card, [[1_630, 70, 5]]],
          ],
        );
      },
      ["LATE", "COUNTER_USED", "WRONG_SIGNATURE"],
    ],
    [
      "so many bad ones that the calldata's floor decides",
      async () => settle([shop], [[await openCard(), row(1, 300, 0)]]),
      ["ZERO_AMOUNT"],
    ],
  ];

  it.each(ways)(
    "%s",
    async (_name, make, outcomes) => {
      const measured = await make();
      expect(measured.outcomes).toEqual(outcomes);
      expect(measured.estimate).toBeGreaterThanOrEqual(measured.used);
      // The dearest of what cannot be told apart: a word changed only by raising base, a used counter in a gap word.
      expect(measured.estimate / measured.used).toBeLessThan(1.15);
    },
    60_000,
  );

  it("holds for payloads of each length, also where their length takes another byte", async () => {
    for (const payees of [1, 2, 3]) {
      for (let items = 1; items <= 9; items += 1) {
        // A counter far ahead is used already, so that the hot loop looks whether base can be raised.
        const card = await openCard();
        await settle([shop], [[card, [[110, 5]]]]);
        const measured = await settle(shops.slice(0, payees), [[card, row(1, items)]]);
        expect(measured.outcomes).toEqual(["PAID"]);
        expect(measured.estimate).toBeGreaterThanOrEqual(measured.used);
        expect(measured.estimate / measured.used).toBeLessThan(1.02);
      }
    }
  }, 120_000);
});
