import { expect, it } from "@jest/globals";
import { createMemoryLedger, type LedgerEngine, type Operation } from "@tallystick/ledger-core";
import { accounts, CHARTS } from "./chart.ts";

const usdc = "USDC";
const card = new Uint8Array(20).fill(0xca);
const shopA = new Uint8Array(20).fill(0xa1);
const shopB = new Uint8Array(20).fill(0xb2);

const books = {
  issued: accounts.issued(usdc),
  treasury: accounts.treasury(usdc),
  card: accounts.card(usdc, card),
  owedA: accounts.owed(usdc, shopA),
  owedB: accounts.owed(usdc, shopB),
  paidA: accounts.paidOut(usdc, shopA),
  lossB: accounts.forkLoss(usdc, shopB),
} as const;

type Book = keyof typeof books;

async function apply(ledger: LedgerEngine, ...operations: readonly Operation[]): Promise<void> {
  const outcome = await ledger.apply({ atMs: 1_800_000_000_000, operations });
  expect(outcome.ok ? "taken" : outcome.message).toBe("taken");
}

function move(id: string, { to, from, amount }: { to: Book; from: Book; amount: bigint }): Operation {
  return { kind: "transfer", id, debit: books[to].id, credit: books[from].id, amount };
}

function hold(id: string, { to, amount }: { to: Book; amount: bigint }): Operation {
  return { kind: "hold", id, debit: books[to].id, credit: books.card.id, amount };
}

it("books the life of a copied card: one voucher paid by the vault, its twin by the issuer", async () => {
  const ledger = createMemoryLedger();
  await ledger.openAccounts(Object.values(books));
  await apply(ledger, move("chain:0xa:0", { to: "treasury", from: "issued", amount: 100n }));
  await apply(ledger, move("chain:0xb:0", { to: "card", from: "treasury", amount: 20n }));
  // Both shops were paid with the same 15: together the holds exceed the card.
  await apply(ledger, hold("voucher:1", { to: "owedA", amount: 15n }), hold("voucher:2", { to: "owedB", amount: 15n }));
  await apply(ledger, { kind: "post", id: "paid:1", hold: "voucher:1" });
  await apply(
    ledger,
    { kind: "void", id: "released:2", hold: "voucher:2" },
    move("compensated:2", { to: "lossB", from: "treasury", amount: 15n }),
  );
  await apply(ledger, move("chain:0xc:4", { to: "paidA", from: "owedA", amount: 15n }));
  const totals = Object.fromEntries(
    (await ledger.chartTotals()).map(({ chart, balance }) => [chart, balance.debitsPosted - balance.creditsPosted]),
  );
  expect(totals).toEqual({
    [CHARTS.issued]: -100n,
    [CHARTS.treasury]: 65n,
    [CHARTS.card]: 5n,
    [CHARTS.owed]: 0n,
    [CHARTS.paidOut]: 15n,
    [CHARTS.forkLoss]: 15n,
  });
});
