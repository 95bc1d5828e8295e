import type { LateReversalView } from "../../vouchers/returns/late-reversals.ts";
import type { ReversalView, ReturnView } from "../../vouchers/returns/return-views.ts";
import type { OwedReturn } from "../../vouchers/states/voucher-return.ts";
import { lines, table } from "./html-table.ts";
import { html, type Html } from "./html.ts";

/** What the operators' page shows of reversed and returned payments. */
export interface ReturnData {
  readonly reversals: readonly ReversalView[];
  /** Those that came after their certificate was withdrawn. */
  readonly unconfirmed: readonly LateReversalView[];
  readonly returns: readonly ReturnView[];
}

const owedSentences: Readonly<Record<OwedReturn, string>> = {
  release: "the payee releases it",
  refund: "the payee refunds it",
};

const kinds: Readonly<Record<ReturnView["kind"], string>> = {
  refunded: "refund",
  released: "release",
  voided: "void",
};

/** Reversals with what is still to be done for each, and returns on the chain. */
export function returnSections({ reversals, unconfirmed, returns }: ReturnData): Html {
  return html`<h2>Reversed by terminals</h2>
    ${table(
      ["Reversed", "Payee", "Voucher", "Amount", "State", "Refunded", "Still to do"],
      reversals.map(reversalRow),
      "No terminal has reversed a payment.",
    )}
    ${unconfirmed.length === 0 ? null : unconfirmedTable(unconfirmed)}
    <h2>Returned on the chain</h2>
    ${table(
      ["Block", "What", "Payee", "Card", "Amount", "Of these vouchers", "Of no voucher", "Transaction"],
      returns.map(returnRow),
      "Nothing was released, voided or refunded.",
    )}`;
}

function unconfirmedTable(unconfirmed: readonly LateReversalView[]): Html {
  return html`<h2>Reversals after a withdrawal: no effect until the payee confirms them</h2>
    ${table(
      ["Arrived", "Payee", "Terminal", "Voucher", "Amount", "Reversal"],
      unconfirmed.map((view) => [
        ...[view.arrivedAt, view.payee, view.terminalId],
        ...[view.voucherId ?? "did not arrive", view.amount ?? "–", view.id],
      ]),
      "",
    )}`;
}

function reversalRow({ reversedAt, payee, voucher }: ReversalView): readonly string[] {
  if (voucher === null) return [reversedAt, payee, "did not arrive", "–", "–", "–", "nothing"];
  const { voucherId, amount, state, refunded, owes } = voucher;
  const todo = owes === null ? (state === "batched" ? "its batch decides" : "nothing") : owedSentences[owes];
  return [reversedAt, payee, voucherId, amount, state, refunded, todo];
}

function returnRow(view: ReturnView): readonly (string | Html)[] {
  const { kind, final, block, payee, card, amount, vouchers, ofNoVoucher, tx } = view;
  return [
    final ? block : `${block}, not final`,
    kinds[kind],
    payee ?? "–",
    card,
    amount ?? "by its neighbours",
    vouchers.length === 0 ? "–" : lines(vouchers.map((share) => `${share.voucherId} ${share.amount}`)),
    ofNoVoucher ?? "–",
    tx,
  ];
}
