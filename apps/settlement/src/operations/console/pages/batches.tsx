import type { JSX } from "preact";
import type { BatchMember, BatchView } from "../../../vouchers/batches/batch-views.ts";
import type { BookedFees, TransactionFee } from "../../fees/fee-lookups.ts";
import { LONG_ROWS } from "../limits.ts";
import type { TransactionView } from "../read/transactions.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Explorer, To } from "../view/links.tsx";
import { counted, Facts, Hash, Live, Table, When } from "../view/parts.tsx";

/** Batches, the newest first. */
export function BatchesPage({
  frame,
  batches,
}: {
  readonly frame: Frame;
  readonly batches: readonly BatchView[];
}): JSX.Element {
  return (
    <Page frame={frame} title="Batches" place="/console/batches">
      <h1>Batches</h1>
      <Live id="batches">
        <Table
          name="Batches"
          columns={[
            "Batch",
            "State",
            { head: "Vouchers", amount: true },
            { head: "Paid", amount: true },
            { head: "Skipped", amount: true },
            "Block",
            "Made",
          ]}
          rows={batches
            .slice(0, LONG_ROWS)
            .map((batch) => [
              <To key="id" to="batches" value={batch.id} />,
              batch.state,
              String(batch.vouchers),
              String(batch.paid ?? "–"),
              String(batch.skipped ?? "–"),
              batch.block ?? "–",
              <When key="at" at={batch.createdAt} now={frame.now} />,
            ])}
          none="No batch was made yet."
        />
      </Live>
    </Page>
  );
}

/** A batch with its members, and where its root is anchored. */
export function BatchPage({
  frame,
  batch,
  fees,
}: {
  readonly frame: Frame;
  readonly batch: BatchView & { readonly members: readonly BatchMember[] };
  readonly fees: BookedFees;
}): JSX.Element {
  const { members } = batch;
  return (
    <Page frame={frame} title="Batch" place="/console/batches">
      <h1>
        Batch <Hash value={batch.id} />
      </h1>
      <Live id="batch">
        <p class={batch.state === "final" ? "good" : batch.state === "failed" ? "bad" : ""}>
          {counted(batch.vouchers, "voucher")}, {batch.state}.{batch.failure === null ? "" : ` ${batch.failure}`}
        </p>
        <Facts
          facts={[
            ["Made", <When key="at" at={batch.createdAt} now={frame.now} />],
            [
              "Transaction",
              <>
                <To to="transactions" value={batch.tx} /> <Explorer frame={frame} kind="tx" value={batch.tx} />
              </>,
            ],
            ["Block", batch.block ?? "–"],
            ["Paid", String(batch.paid ?? "–")],
            ["Skipped", String(batch.skipped ?? "–")],
            ["Gas at most", batch.gasEstimate ?? "–"],
            ["Fees as booked", feesText(fees)],
            ["Batch root", <Hash key="b" value={batch.batchRoot} />],
            ["Ledger root", <Hash key="l" value={batch.ledgerRoot} />],
            ["Entries under it", String(batch.ledgerSize ?? "–")],
          ]}
        />
        <h2>Its vouchers</h2>
        <Table
          name="Vouchers"
          columns={[{ head: "Place", amount: true }, "Voucher", "State"]}
          rows={members
            .slice(0, LONG_ROWS)
            .map(({ voucherId, position, state }) => [
              String(position),
              <To key="v" to="vouchers" value={voucherId} />,
              state,
            ])}
          none="Its vouchers are in other batches now."
        />
        {members.length > LONG_ROWS ? (
          <p class="soft">
            The first {LONG_ROWS} of {members.length}; <a href={`/v1/batches/${batch.id}`}>all of them</a>.
          </p>
        ) : null}
      </Live>
    </Page>
  );
}

/** A batch's own transaction, and whatever gave gas for it. */
function feesText({ wei, transactions }: BookedFees): string {
  return transactions === 0
    ? "nothing yet: fees are booked once they are final"
    : `${wei} wei in ${counted(transactions, "transaction")}`;
}

function feeText({ wei, gasUsed, gasPriceWei, otherWei }: TransactionFee): string {
  return `${wei} wei: ${gasUsed} gas at ${gasPriceWei} wei${otherWei === "0" ? "" : `, and ${otherWei} wei beside it`}`;
}

/** A transaction as settlement knows it. */
export function TransactionPage({
  frame,
  found,
  fee,
}: {
  readonly frame: Frame;
  readonly found: TransactionView;
  readonly fee: TransactionFee | null;
}): JSX.Element {
  const { own, events, vouchers } = found;
  return (
    <Page frame={frame} title="Transaction" place={null}>
      <h1>
        Transaction <Hash value={found.hash} />
      </h1>
      <Live id="transaction">
        <p>
          {own === null ? "Somebody else sent it." : `Settlement sent it: ${own.kind}, ${own.state}.`}{" "}
          <Explorer frame={frame} kind="tx" value={found.hash} />
        </p>
        {own === null ? null : (
          <Facts
            facts={[
              ["Sent", <When key="s" at={own.sentAt} now={frame.now} />],
              ["Block", own.block ?? "–"],
              ["Nonce", own.nonce],
              ["Gas at most", own.gas],
              ["Wei a gas at most", own.maxFee],
              ["Fee as booked", fee === null ? "not yet: it is booked once it is final" : feeText(fee)],
              ["Batch", <To key="b" to="batches" value={own.batch} />],
              ["Failure", own.failure ?? "–"],
            ]}
          />
        )}
        <h2>Its events</h2>
        <Table
          name="Events"
          columns={["Event", "Block", { head: "Amount", amount: true }, "Card", "Merchant"]}
          rows={events.map(({ kind, block, final, amount, card, payee }) => [
            kind,
            final ? block : `${block}, not final`,
            amount ?? "–",
            <To key="c" to="cards" value={card} />,
            <To key="m" to="merchants" value={payee} />,
          ])}
          none="No event of it was taken in."
        />
        <h2>Vouchers that it paid</h2>
        <Table
          name="Vouchers"
          columns={["Voucher", { head: "Amount", amount: true }, "Merchant"]}
          rows={vouchers.map(({ id, amount, payee }) => [
            <To key="v" to="vouchers" value={id} />,
            amount,
            <To key="m" to="merchants" value={payee} />,
          ])}
          none="It paid none."
        />
      </Live>
    </Page>
  );
}
