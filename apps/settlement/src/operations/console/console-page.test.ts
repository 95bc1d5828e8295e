import { describe, expect, it } from "@jest/globals";
import { consolePage, type ConsoleData } from "./console-page.ts";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const address = (digit: string) => `0x${digit.repeat(40)}`;

/** A page with something in every table. */
const fullPage: ConsoleData = {
  now: "2026-11-21T10:00:00.000Z",
  asset: "TUSD",
  vault: address("a"),
  chainId: "31337",
  money: {
    block: "812",
    chain: { minted: "1000.00", wallets: "956.00", cards: "33.50", owed: "0.00", paidOut: "10.50" },
    ledger: { minted: "1000.00", wallets: "956.00", cards: "33.50", owed: "0.00", paidOut: "10.50" },
    acceptedUnpaid: "1.25",
    difference: "0",
  },
  moneyFault: null,
  anchors: {
    log: { size: 1_204, root: hash("1") },
    anchored: 3,
    agreeing: 3,
    newest: null,
    disagreeing: [],
  },
  reasons: [],
  work: {
    vouchers: { received: 3, final: 1_200 },
    actions: { final: 88 },
    waiting: [
      { key: `compensate:${hash("2")}`, kind: "compensate", state: "refused", failure: "SIMULATION: reverted" },
    ],
    outbox: 0,
    anomalies: [{ kind: "UPLOAD_GAP", detail: `Upload 4 arrived; 3 is missing.`, payee: address("b"), foundAt: "now" }],
  },
  batches: [
    {
      ...{ id: "8c0b3f4e-4f0a-4f57-9f0c-6a0f6b1f2d3e", state: "final", tx: hash("3"), block: "810", vouchers: 200 },
      ...{ paid: 199, skipped: 1, batchRoot: hash("4"), ledgerRoot: hash("5"), ledgerSize: 1_190 },
      ...{ gasEstimate: "1234567", createdAt: "now", failure: null },
    },
  ],
  returns: {
    reversals: [
      {
        payee: address("b"),
        reversedAt: "2026-11-21T09:00:00.000Z",
        voucher: {
          ...{ voucherId: hash("6"), card: address("c"), state: "final", amount: "2.50", refunded: "1.00" },
          owes: "refund",
        },
      },
      { payee: address("b"), reversedAt: "2026-11-21T09:00:00.000Z", voucher: null },
    ],
    returns: [
      {
        ...{ kind: "refunded", final: true, tx: hash("7"), block: "809", card: address("c"), payee: address("b") },
        ...{ amount: "1.20", vouchers: [{ voucherId: hash("6"), amount: "1.00" }], ofNoVoucher: "0.20" },
      },
      {
        ...{ kind: "released", final: false, tx: hash("8"), block: "813", card: address("c"), payee: address("b") },
        ...{ amount: "0.70", vouchers: [], ofNoVoucher: null },
      },
    ],
  },
  forks: [
    {
      ...{ card: address("c"), counter: 7, foundAt: "now", vouchers: [hash("9"), hash("d")], paid: hash("9") },
      bearer: "issuer",
      evidence: ["9", "d"].map((digit) => ({
        ...{ voucherId: hash(digit), payee: address("b"), amount: "3.00", state: "final" },
        ...({ source: "upload", tx: null, message: "0x00", signature: "0x00", parity: 0 } as const),
      })),
    },
  ],
};

describe("the operators' page", () => {
  const page = consolePage(fullPage);

  it("shortens long values on the screen only: title and text hold all of them", () => {
    for (const digit of ["2", "3", "6", "7", "8", "9", "d"]) {
      expect(page).toContain(`<span class="hash" title="${hash(digit)}">${hash(digit)}</span>`);
    }
    expect(page).toMatch(/\.hash \{[^}]*text-overflow: ellipsis[^}]*user-select: all/);
  });

  it("shows what is still to be done for a reversed payment", () => {
    expect(page).toContain("the payee refunds it");
    expect(page).toContain("did not arrive");
    expect(page).toContain("813, not final");
    expect(page).toContain("3 of 3 roots on the chain agree");
  });

  it("names the anchors that do not agree", () => {
    const { anchors } = fullPage;
    const anchor = { batch: "8c0b3f4e", tx: hash("e"), size: 9, root: hash("f") };
    const wrong = consolePage({ ...fullPage, anchors: { ...anchors, agreeing: 2, disagreeing: [anchor] } });
    expect(wrong).toContain("1 roots on the chain do not agree with the books");
    expect(wrong).toContain(hash("f"));
  });

  it("escapes what others have written", () => {
    const failure = `<script src="//example">`;
    const work = { ...fullPage.work, waiting: [{ key: "a", kind: "b", state: "c", failure }] };
    expect(consolePage({ ...fullPage, work })).not.toContain("<script");
  });
});
