import type { ComponentChildren, JSX } from "preact";
import type { CostsAnswer } from "../../../costs/cost-answers.ts";
import { FEE_GROUPS, type FeeGroup, type FeesAnswer } from "../../../fees/fee-answers.ts";
import { LONG_ROWS } from "../../limits.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { To } from "../../view/links.tsx";
import { counted, Hash, Live, Table, When } from "../../view/parts.tsx";

const heads: Readonly<Record<FeeGroup, string>> = {
  kind: "Kind",
  account: "Account",
  batch: "Batch",
  merchant: "Merchant",
};

/** What a period cost: fees of transactions, added up by one thing, and what the issuer bore. */
export function CostsPage({
  frame,
  fees,
  costs,
}: {
  readonly frame: Frame;
  readonly fees: FeesAnswer;
  readonly costs: CostsAnswer;
}): JSX.Element {
  const { from, to, by } = fees;
  return (
    <Page frame={frame} title="Costs" place="/console/books">
      <h1>
        Costs from {from} to {to}
      </h1>
      <form class="act" method="get" action="/console/costs">
        <label>
          From (day in UTC)
          <input name="from" type="date" required value={from} />
        </label>
        <label>
          To
          <input name="to" type="date" required value={to} />
        </label>
        <label>
          Fees by
          <select name="by">
            {FEE_GROUPS.map((group) => (
              <option key={group} value={group} selected={group === by}>
                {heads[group].toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Show</button>
      </form>
      <Live id="costs">
        <h2>Fees of transactions</h2>
        <p>
          {fees.wei} wei in {counted(fees.transactions, "transaction")}, as booked once they were final.{" "}
          <a href={`/v1/fees?from=${from}&to=${to}&by=${by}`}>JSON</a>
        </p>
        <Fees fees={fees} />
        <h2>What the issuer bore</h2>
        <Borne frame={frame} costs={costs} />
      </Live>
    </Page>
  );
}

function Fees({ fees: { by, rows, others } }: { readonly fees: FeesAnswer }): JSX.Element {
  const amount = (head: string) => ({ head, amount: true });
  // By kind and by account no vouchers are counted.
  const counts = by === "batch" || by === "merchant";
  return (
    <>
      <Table
        name="Fees"
        columns={[heads[by], amount("Transactions"), ...(counts ? [amount("Vouchers")] : []), amount("Wei")]}
        rows={rows
          .slice(0, LONG_ROWS)
          .map(({ key, transactions, vouchers, wei }) => [
            keyOf(by, key),
            String(transactions),
            ...(counts ? [String(vouchers ?? "–")] : []),
            wei,
          ])}
        none="No fee was booked in this period."
      />
      {rows.length > LONG_ROWS ? (
        <p class="soft">
          The {LONG_ROWS} dearest of {rows.length} or more.
        </p>
      ) : null}
      {others.wei === "0" ? null : <p>{others.wei} wei are of the issuer alone, or of what is not listed.</p>}
    </>
  );
}

function keyOf(by: FeeGroup, key: string): ComponentChildren {
  if (by === "kind") return key;
  if (by === "account") return <Hash value={key} />;
  return <To to={by === "batch" ? "batches" : "merchants"} value={key} />;
}

function Borne({ frame, costs }: { readonly frame: Frame; readonly costs: CostsAnswer }): JSX.Element {
  const { from, to, sums } = costs;
  return (
    <>
      <p>
        {costs.amount} {frame.asset} (
        {sums
          .map(({ ground, vouchers, amount }) => `${ground}: ${amount} for ${counted(vouchers, "voucher")}`)
          .join("; ")}
        ), of it {costs.paidTwice} that the vault paid as well; {costs.gasWei} wei for transfers and proofs. The issuer
        owes {costs.owed} {frame.asset} now. <a href={`/v1/costs?from=${from}&to=${to}`}>JSON</a>
      </p>
      <Table
        name="What the issuer bore"
        columns={["Ground", "Way", { head: "Amount", amount: true }, "Voucher", "Merchant", "Transaction", "Booked"]}
        rows={costs.costs
          .slice(0, LONG_ROWS)
          .map(({ ground, way, amount, voucher, payee, tx, at, paidTwice }) => [
            paidTwice ? `${ground}, paid twice` : ground,
            ...[way, amount],
            <To key="v" to="vouchers" value={voucher} />,
            <To key="m" to="merchants" value={payee} />,
            <To key="tx" to="transactions" value={tx} />,
            <When key="at" at={at} now={frame.now} />,
          ])}
        none="It bore nothing in this period."
      />
      {costs.more || costs.costs.length > LONG_ROWS ? (
        <p class="soft">The newest {LONG_ROWS}; the sums count all.</p>
      ) : null}
    </>
  );
}
