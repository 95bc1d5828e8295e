import type { AnswerOf } from "@tallystick/gateway-client";

export type Money = AnswerOf<"GET /v1/money">;
export type Report = AnswerOf<"GET /v1/reports/x">;
export type Balance = AnswerOf<"GET /v1/balance">;

const AT = 1_790_000_000;
const DAY = 86_400;

type Stage = Money["currencies"][number]["stages"][number];

function stage(name: Stage["stage"], saidBy: Stage["saidBy"], changes: Partial<Stage> = {}): Stage {
  const nothing = { count: 0, sum: "0.00", oldest: null, newest: null, transactions: [], receipts: [] };
  return { stage: name, saidBy, ...nothing, ...changes };
}

/** Where the money is, with some of it in every stage. */
export function fakeMoney(): Money {
  const some = (count: number, sum: string, days: number): Partial<Stage> => ({
    ...{ count, sum, oldest: AT - days * DAY, newest: AT - DAY },
  });
  return {
    ...{ payee: "0x9191919191919191919191919191919191919191", time: AT, notices: [] },
    currencies: [
      {
        ...{ currency: "USDC", chainId: "31337", vault: `0x${"51".repeat(20)}`, nextPayout: AT + 2 * DAY },
        stages: [
          stage("terminal", "terminal", some(2, "5.00", 1)),
          stage("received", "settlement", some(3, "7.50", 2)),
          stage("batch", "settlement"),
          stage("vault", "chain", some(12, "1234.50", 9)),
          stage("paid-out", "chain", some(40, "4000.00", 30)),
        ],
        payouts: [{ tx: `0x${"ab".repeat(32)}`, block: 7, amount: "4000.00" }],
        account: { earned: "5234.50", left: "4000.00", owed: "1234.50", refundedSincePayout: "0.00", asOf: AT },
      },
    ],
  };
}

/** A period with one cashier. */
export function fakeReport(kind: Report["kind"], number: number): Report {
  const sums = {
    ...{ payments: { count: 5, sum: "11.30" }, reversals: { count: 1, sum: "2.50" }, net: "8.80" },
    ...{ refunds: { count: 0, sum: "0.00" }, refundsRefused: { count: 0, sum: "0.00" } },
    unresolved: { count: 0, sum: "0.00" },
  };
  return {
    ...{ kind, number, terminalId: "0x0707070707070707", payee: fakeMoney().payee, fromSeq: 0, toSeq: 9 },
    ...{ head: `0x${"34".repeat(32)}`, since: AT - DAY, at: AT, by: "ann" },
    totals: [{ currency: "USDC", ...sums }],
    lines: [{ currency: "USDC", cashier: "ann", lane: "1", ...sums }],
  };
}

/** What a card shows. */
export function fakeBalance(changes: Partial<Balance["balances"][number]> = {}): Balance {
  const nothing = { code: null, message: null };
  const shown = {
    ...{ currency: "USDC", card: "0xd0cf4960ee455c29e689dee8348d5c336c527e33", left: "1497.50", payable: "50.00" },
    ...{
      withoutPin: { amount: "25.00", payments: 4 },
      paymentsLeft: 12,
      validFrom: AT - DAY,
      validUntil: AT + 90 * DAY,
    },
    ...{ ...nothing, payments: null, paymentsCode: null, paymentsMessage: null },
  };
  return { ...nothing, sw: null, balances: [{ ...shown, ...changes }] };
}
