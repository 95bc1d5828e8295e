import type { JSX } from "preact";
import type { ReachedKind } from "../../statements/money-reached.ts";
import { Hash, Table, When } from "./parts.tsx";

/** One movement as it is shown: its amount has its currency, and a minus where money left. */
export interface ReachedLine {
  readonly kind: ReachedKind;
  readonly amount: string;
  readonly at: string;
  readonly tx: string | null;
  readonly voucher: string | null;
}

/** What each of them is, for people. */
const TEXTS: Readonly<Record<ReachedKind, string>> = {
  payout: "payout, asked for here",
  "payout-by-others": "payout, called for on the chain by the payee or somebody else",
  compensation: "the issuer's own transfer for a voucher that the vault did not pay",
  refund: "refund to a card, from the payee's wallet",
  other: "correction",
};

/** All that makes up what was paid out ever, the newest first; `before` is the sum of what is not listed. */
export function MoneyReached({
  lines,
  before,
  now,
  transaction,
}: {
  readonly lines: readonly ReachedLine[];
  /** With its currency; null where all is listed. */
  readonly before: string | null;
  readonly now: number;
  readonly transaction: (tx: string | null) => JSX.Element;
}): JSX.Element {
  return (
    <>
      <Table
        name="Paid out"
        columns={["Booked", { head: "Amount", amount: true }, "What", "Voucher", "Transaction"]}
        rows={lines.map(({ kind, amount, at, tx, voucher }) => [
          <When key="at" at={at} now={now} />,
          amount,
          TEXTS[kind],
          voucher === null ? <span class="soft">–</span> : <Hash key="v" value={voucher} />,
          transaction(tx),
        ])}
        none="Nothing reached the payee's address yet."
      />
      {before === null ? null : <p class="soft">Before these: {before}. Statements list all of it.</p>}
    </>
  );
}
