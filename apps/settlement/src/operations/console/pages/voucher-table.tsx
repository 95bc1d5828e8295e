import type { JSX } from "preact";
import type { VoucherLine } from "../read/merchants.ts";
import type { Frame } from "../view/frame.tsx";
import { To } from "../view/links.tsx";
import { Table, When } from "../view/parts.tsx";

/** Vouchers in a table, the newest first. */
export function VoucherTable({
  frame,
  vouchers,
  none,
}: {
  readonly frame: Frame;
  readonly vouchers: readonly VoucherLine[];
  readonly none: string;
}): JSX.Element {
  return (
    <Table
      name="Vouchers"
      columns={["Voucher", { head: "Amount", amount: true }, "State", "Card", "Arrived"]}
      rows={vouchers.map(({ id, amount, state, card, at }) => [
        <To key="id" to="vouchers" value={id} />,
        amount,
        state,
        <To key="card" to="cards" value={card} />,
        <When key="at" at={at} now={frame.now} />,
      ])}
      none={none}
    />
  );
}
