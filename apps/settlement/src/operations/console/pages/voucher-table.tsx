import type { JSX } from "preact";
import type { VoucherLine } from "../read/merchants.ts";
import type { Frame } from "../view/frame.tsx";
import { Merchant, To } from "../view/links.tsx";
import { Table, When } from "../view/parts.tsx";

/** Vouchers in a table, the newest first: of a merchant with their cards, of a card with their merchants. */
export function VoucherTable({
  frame,
  of,
  vouchers,
  none,
}: {
  readonly frame: Frame;
  readonly of: "card" | "merchant";
  readonly vouchers: readonly VoucherLine[];
  readonly none: string;
}): JSX.Element {
  return (
    <Table
      name="Vouchers"
      columns={["Voucher", { head: "Amount", amount: true }, "State", of === "card" ? "Merchant" : "Card", "Arrived"]}
      rows={vouchers.map(({ id, amount, state, card, payee, merchant, at }) => [
        <To key="id" to="vouchers" value={id} />,
        amount,
        state,
        of === "card" ? <Merchant key="m" payee={payee} name={merchant} /> : <To key="card" to="cards" value={card} />,
        <When key="at" at={at} now={frame.now} />,
      ])}
      none={none}
    />
  );
}
