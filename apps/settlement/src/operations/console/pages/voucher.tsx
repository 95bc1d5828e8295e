import type { JSX } from "preact";
import type { VoucherFees } from "../../fees/fee-answers.ts";
import type { VoucherLife } from "../read/voucher-life.ts";
import { CaseTable } from "./cases/case-list.tsx";
import { type Frame, Page } from "../view/frame.tsx";
import { Explorer, Merchant, To } from "../view/links.tsx";
import { Facts, Hash, Live, Table, When } from "../view/parts.tsx";

/** A voucher's whole life, from the tap to the final block. */
export function VoucherPage({
  frame,
  life,
  fees,
}: {
  readonly frame: Frame;
  readonly life: VoucherLife;
  readonly fees: VoucherFees;
}): JSX.Element {
  const { view, payment } = life;
  return (
    <Page frame={frame} title="Voucher" place={null}>
      <h1>
        Voucher <Hash value={life.id} />
      </h1>
      <Live id="voucher">
        <p class={toneOf(view.state)}>{sentenceOf(life)}</p>
        {payment === null ? null : <Payment frame={frame} life={life} payment={payment} />}
        <h2>Its life</h2>
        <Steps frame={frame} life={life} />
        <h2>In the books</h2>
        <Table
          name="Postings"
          columns={["Posting", "Kind", { head: "Amount", amount: true }, "Time"]}
          rows={life.postings.map(({ id, kind, amount, at }) => [
            <Hash key="id" value={id} />,
            kind,
            amount,
            <When key="at" at={at} now={frame.now} />,
          ])}
          none="The books have no posting of it."
        />
        <h2>Its part of fees</h2>
        {fees.shares.length === 0 ? null : (
          <p>
            {fees.wei} wei in all. <a href={`/v1/fees/vouchers/${life.id}`}>JSON</a>
          </p>
        )}
        <Table
          name="Fees"
          columns={["Transaction", "Kind", { head: "Wei", amount: true }, "In a block"]}
          rows={fees.shares.map(({ tx, kind, succeeded, at, wei }) => [
            <To key="tx" to="transactions" value={tx} />,
            succeeded ? kind : `${kind}, undone`,
            wei,
            <When key="at" at={at} now={frame.now} />,
          ])}
          none="No fee of it is booked: fees are booked once a transaction is final."
        />
        <h2>Cases</h2>
        <CaseTable frame={frame} cases={life.cases} none="No case is about this voucher or its card." />
      </Live>
      {payment === null ? null : (
        <details>
          <summary>What the card signed</summary>
          <p>
            Message <code>{payment.message}</code>
          </p>
          <p>
            Signature <code>{payment.signature}</code>
          </p>
        </details>
      )}
    </Page>
  );
}

function Payment({
  frame,
  life: { view },
  payment,
}: {
  readonly frame: Frame;
  readonly life: VoucherLife;
  readonly payment: NonNullable<VoucherLife["payment"]>;
}): JSX.Element {
  return (
    <Facts
      facts={[
        ["Amount", payment.amount],
        ["Card", <To key="card" to="cards" value={payment.card} />],
        ["Its payment", `${payment.counter}, ${payment.spent} spent in all`],
        ["Merchant", <Merchant key="m" payee={payment.payee} name={payment.merchant} />],
        ["Terminal", payment.terminal ?? payment.terminalId],
        ["PIN", payment.pin ? "typed" : "not asked for"],
        ["The issuer", payment.promised ? "makes good what the vault cannot pay" : "did not promise it"],
        ["Batch", <To key="b" to="batches" value={view.batch} />],
        [
          "Transaction",
          <>
            <To to="transactions" value={view.tx} /> <Explorer frame={frame} kind="tx" value={view.tx} />
          </>,
        ],
        ["Given back", view.refunded],
      ]}
    />
  );
}

function Steps({ frame, life: { steps } }: { readonly frame: Frame; readonly life: VoucherLife }): JSX.Element {
  return (
    <ol class="life">
      {steps.map(({ at, text, tx, batch, block }, index) => (
        <li key={index}>
          {text} {block === null ? null : `Block ${block}.`} {batch === null ? null : <To to="batches" value={batch} />}{" "}
          {tx === null ? null : <To to="transactions" value={tx} />}
          {at === null ? null : (
            <div>
              <When at={at} now={frame.now} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

const sentences: Readonly<Record<string, string>> = {
  received: "It was verified and waits for the next batch.",
  batched: "It is in a batch that is not in a block yet.",
  mined: "It is in a block that is not final yet.",
  final: "The vault has paid it; that is final.",
  cancelled: "Its terminal reversed it; nobody pays it.",
  released: "Its payee released it: the card keeps the money.",
  refunded: "It was paid, and all of it went back to the card.",
  forked: "Another message with its counter came first; that one is decided before it.",
  withheld: "The issuer owes it, and a person decides when it is paid.",
  compensating: "The issuer is paying it.",
  compensated: "The issuer has paid it.",
  disputed: "The vault cannot pay it, and the issuer did not promise it.",
  refused: "Settlement refused it; nobody owes it.",
};

function sentenceOf({ view: { state, code, waits } }: VoucherLife): string {
  const first = state === "skipped" ? "The vault cannot pay it now." : (sentences[state] ?? state);
  return [first, code === null ? "" : `${code}.`, waits?.detail ?? ""].filter((part) => part !== "").join(" ");
}

function toneOf(state: string): string {
  if (["final", "compensated", "refunded", "released"].includes(state)) return "good";
  return ["withheld", "forked", "skipped", "disputed", "refused"].includes(state) ? "warn" : "";
}
