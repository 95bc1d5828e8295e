import type { JSX } from "preact";
import type { LateReversalView } from "../../../vouchers/returns/late-reversals.ts";
import type { ReversalView, ReturnView } from "../../../vouchers/returns/return-views.ts";
import type { OwedReturn } from "../../../vouchers/states/voucher-return.ts";
import type { WithheldView } from "../../../vouchers/withheld/withheld-answers.ts";
import type { PayeeNames } from "../../names/payee-names.ts";
import { LONG_ROWS } from "../limits.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Merchant, To } from "../view/links.tsx";
import { Hash, Live, Table, When } from "../view/parts.tsx";

export interface ReturnsData {
  readonly withheld: readonly WithheldView[];
  readonly reversals: readonly ReversalView[];
  /** Those that came after their certificate was withdrawn. */
  readonly unconfirmed: readonly LateReversalView[];
  readonly returns: readonly ReturnView[];
  readonly names: PayeeNames;
}

interface ListProps<View> {
  readonly frame: Frame;
  readonly list: readonly View[];
  readonly names: PayeeNames;
}

const owedSentences: Readonly<Record<OwedReturn, string>> = {
  release: "the payee releases it",
  refund: "the payee refunds it",
};

const kinds: Readonly<Record<ReturnView["kind"], string>> = { refunded: "refund", released: "release", voided: "void" };

/** What is withheld, what terminals reversed with what is still to be done for it, and returns on the chain. */
export function ReturnsPage({ frame, data }: { readonly frame: Frame; readonly data: ReturnsData }): JSX.Element {
  return (
    <Page frame={frame} title="Returns" place="/console/returns">
      <h1>Withheld, reversed and returned</h1>
      <Live id="returns">
        <h2>Withheld</h2>
        <Withheld frame={frame} list={data.withheld} names={data.names} />
        <h2>Reversed by terminals</h2>
        <Table
          name="Reversals"
          columns={["Reversed", "Merchant", "Voucher", { head: "Amount", amount: true }, "State", "Still to do"]}
          rows={data.reversals
            .slice(0, LONG_ROWS)
            .map(({ reversedAt, payee, voucher }) => [
              <When key="at" at={reversedAt} now={frame.now} />,
              <Merchant key="m" payee={payee} name={data.names.get(payee) ?? null} />,
              voucher === null ? "did not arrive" : <To key="v" to="vouchers" value={voucher.voucherId} />,
              voucher?.amount ?? "–",
              voucher?.state ?? "–",
              todoOf(voucher),
            ])}
          none="No terminal has reversed a payment."
        />
        {data.unconfirmed.length === 0 ? null : (
          <Unconfirmed frame={frame} list={data.unconfirmed} names={data.names} />
        )}
        <h2>Returned on the chain</h2>
        <Returned list={data.returns.slice(0, LONG_ROWS)} names={data.names} />
      </Live>
    </Page>
  );
}

function todoOf(voucher: ReversalView["voucher"]): string {
  if (voucher === null) return "nothing";
  if (voucher.owes !== null) return owedSentences[voucher.owes];
  return voucher.state === "batched" ? "its batch decides" : "nothing";
}

function Withheld({ frame, list, names }: ListProps<WithheldView>): JSX.Element {
  return (
    <Table
      name="Withheld"
      columns={["Since", "Voucher", { head: "Amount", amount: true }, "Merchant", "Why", "Decided"]}
      rows={list.slice(0, LONG_ROWS).map((view) => [
        <span key="at" class={view.overdue ? "bad" : ""}>
          <When at={view.since} now={frame.now} />
        </span>,
        <To key="v" to="vouchers" value={view.voucherId} />,
        view.amount,
        <Merchant key="m" payee={view.payee} name={names.get(view.payee) ?? null} />,
        view.ground,
        decided(view),
      ])}
      none="The issuer owes nothing that a person has to decide about."
    />
  );
}

function decided({ decisions }: WithheldView): string {
  const newest = decisions.at(-1);
  if (newest === undefined) return "nothing yet";
  if (newest.kind === "payment") return `to be paid by a ${newest.way ?? "payment"}`;
  return `one of two persons refuses it: ${newest.ground}`;
}

function Unconfirmed({ frame, list, names }: ListProps<LateReversalView>): JSX.Element {
  return (
    <>
      <h2>Reversals after a withdrawal: no effect until the payee confirms them</h2>
      <Table
        name="Reversals after a withdrawal"
        columns={["Arrived", "Merchant", "Terminal", "Voucher", { head: "Amount", amount: true }, "Reversal"]}
        rows={list.map((view) => [
          <When key="at" at={view.arrivedAt} now={frame.now} />,
          <Merchant key="m" payee={view.payee} name={names.get(view.payee) ?? null} />,
          view.terminalId,
          view.voucherId === null ? "did not arrive" : <To key="v" to="vouchers" value={view.voucherId} />,
          view.amount ?? "–",
          <Hash key="r" value={view.id} />,
        ])}
        none=""
      />
    </>
  );
}

function Returned({ list, names }: Omit<ListProps<ReturnView>, "frame">): JSX.Element {
  return (
    <Table
      name="Returns"
      columns={[
        "Block",
        "What",
        "Merchant",
        "Card",
        { head: "Amount", amount: true },
        "Of these vouchers",
        "Transaction",
      ]}
      rows={list.map(({ kind, final, block, payee, card, amount, vouchers, ofNoVoucher, tx }) => [
        final ? block : `${block}, not final`,
        kinds[kind],
        payee === null ? "–" : <Merchant key="m" payee={payee} name={names.get(payee) ?? null} />,
        <To key="c" to="cards" value={card} />,
        amount ?? "by its neighbours",
        <>
          {vouchers.map((share) => (
            <div key={share.voucherId}>
              <To to="vouchers" value={share.voucherId} /> {share.amount}
            </div>
          ))}
          {ofNoVoucher === null ? null : `${ofNoVoucher} of no voucher`}
        </>,
        <To key="t" to="transactions" value={tx} />,
      ])}
      none="Nothing was released, voided or refunded."
    />
  );
}
