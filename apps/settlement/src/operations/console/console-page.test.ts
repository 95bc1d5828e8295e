import { describe, expect, it } from "@jest/globals";
import type { WithheldView } from "../../vouchers/withheld/withheld-answers.ts";
import { consolePage, type ConsoleData, type ConsoleMoney, type ConsoleRecords } from "./console-page.ts";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const address = (digit: string) => `0x${digit.repeat(40)}`;

const fullMoney: ConsoleMoney = {
  block: "812",
  chain: {
    minted: "1000.00",
    wallets: "856.00",
    guarantee: "100.00",
    cards: "33.50",
    owed: "0.00",
    paidOut: "10.50",
  },
  ledger: {
    minted: "1000.00",
    wallets: "856.00",
    guarantee: "100.00",
    cards: "33.50",
    owed: "0.00",
    paidOut: "10.50",
  },
  acceptedUnpaid: "1.25",
  issuerOwes: { vouchers: "7.40", ledger: "7.41" },
  difference: "0",
  ageSeconds: 2,
  vault: { held: "33.51", owes: "33.50", surplus: "0.01", insolvent: false },
  anchors: {
    log: { size: 1_204, root: hash("1") },
    anchored: 3,
    agreeing: 3,
    newest: null,
    disagreeing: [],
  },
};

const fullRecords: ConsoleRecords = {
  withheld: [
    {
      ...{ voucherId: hash("a"), ground: "PER_CARD", amount: "3.00", payee: address("b"), card: address("c") },
      ...{ since: "2026-11-20T09:00:00.000Z", overdue: false },
      payment: { roles: ["operator"], persons: 1 },
      refusal: { roles: ["operator"], persons: 2 },
      decisions: [],
    },
  ],
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
    unconfirmed: [
      {
        ...{ id: hash("b"), payee: address("b"), terminalId: "0x0011223344556677", arrivedAt: "now" },
        ...{ voucherId: hash("c"), amount: "0.40", text: "I confirm" },
      },
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

/** A page with something in every table. */
const fullPage: ConsoleData = {
  now: "2026-11-21T10:00:00.000Z",
  asset: "TUSD",
  vault: address("a"),
  chainId: "31337",
  money: fullMoney,
  moneyFault: null,
  reasons: [],
  warnings: [],
  fuelBatches: 43,
  records: { ...fullRecords, ageSeconds: 1 },
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

  it("has lines of their own for the guarantee's account and for what the issuer owes, read twice", () => {
    const plain = page.replace(/\s+/g, " ");
    expect(plain).toContain(`In the guarantee&#39;s account</td> <td class="n">100.00</td> <td class="n">100.00</td>`);
    expect(plain).toContain(`Owed by the issuer</td> <td class="n">7.40</td> <td class="n">7.41</td>`);
  });

  it("names the anchors that do not agree", () => {
    const { anchors } = fullMoney;
    const anchor = { batch: "8c0b3f4e", tx: hash("e"), size: 9, root: hash("f") };
    const disagreeing = { ...fullMoney, anchors: { ...anchors, agreeing: 2, disagreeing: [anchor] } };
    const wrong = consolePage({ ...fullPage, money: disagreeing });
    expect(wrong).toContain("1 roots on the chain do not agree with the books");
    expect(wrong).toContain(hash("f"));
  });

  it("shows what persons have to decide, what one of them said, and who only to those with a token", () => {
    expect(page).toContain(hash("a"));
    expect(page).toContain("nothing yet");
    expect(page).toContain("no effect until the payee confirms");
    expect(page).toContain(hash("b"));
    const [first] = fullRecords.withheld;
    const decision = {
      kind: "refusal-proposed",
      way: null,
      ground: "DISOWNED",
      reason: "it says so",
      at: "now",
    } as const;
    const overdue = {
      ...fullPage,
      warnings: [{ code: "WITHHELD_OVERDUE", message: "Some wait.", next: "Pay or refuse.", since: "now" }],
      records: {
        ...{ ...fullRecords, ageSeconds: 1 },
        withheld: [{ ...(first as WithheldView), overdue: true, decisions: [{ ...decision, who: "somebody-named" }] }],
      },
    };
    const seen = consolePage(overdue);
    expect(seen).toContain("WITHHELD_OVERDUE");
    expect(seen).toContain('<b class="bad">2026-11-20T09:00:00.000Z</b>');
    expect(seen).toContain("one of two persons refuses it: DISOWNED");
    expect(seen).not.toContain("somebody-named");
  });

  it("escapes what others have written", () => {
    const failure = `<script src="//example">`;
    const work = { ...fullRecords.work, waiting: [{ key: "a", kind: "b", state: "c", failure }] };
    expect(consolePage({ ...fullPage, records: { ...fullRecords, work, ageSeconds: 1 } })).not.toContain("<script");
    const reasons = [{ code: "TOKEN_STOPPED", message: failure, next: failure, since: "now" }];
    expect(consolePage({ ...fullPage, reasons })).not.toContain("<script");
  });

  it("says what is wrong, what to do and since when, and never that money moves then", () => {
    expect(page).toContain("Money moves.");
    expect(page).toContain("Gas for 43 batches.");
    const since = "2026-11-21T09:00:00.000Z";
    const reasons = [{ code: "NO_GAS", message: "The treasury is empty.", next: "Send it some.", since }];
    const dry = consolePage({ ...fullPage, reasons });
    for (const text of ["NO_GAS", "The treasury is empty.", "Send it some.", since]) expect(dry).toContain(text);
    expect(dry).not.toContain("Money moves.");
  });

  it("shows what the vault holds for nobody, and shouts where it holds too little", () => {
    expect(page.replace(/\s+/g, " ")).toContain("The vault holds 33.51 and owes 33.50: surplus 0.01");
    const vault = { held: "0.00", owes: "33.50", surplus: "-33.50", insolvent: true };
    const insolvent = consolePage({ ...fullPage, money: { ...fullMoney, vault } }).replace(/\s+/g, " ");
    expect(insolvent).toMatch(/<p class="bad"> The vault holds 0\.00 and owes 33\.50: INSOLVENT by -33\.50/);
  });

  it("is there while the database hangs, and says how old its lists are", () => {
    expect(consolePage({ ...fullPage, records: null })).toContain("The database does not answer.");
    expect(consolePage({ ...fullPage, records: { ...fullRecords, ageSeconds: 90 } })).toContain("90 s old");
    expect(page).not.toContain("1 s old.");
  });
});
