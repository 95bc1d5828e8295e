import type { CancellationView, GiveBackView } from "../../vouchers/returns/return-views.ts";
import type { Owed } from "../../vouchers/states/voucher-return.ts";
import { lines, table } from "./html-table.ts";
import { html, type Html } from "./html.ts";

/** What the operators' page shows of payments that were taken back. */
export interface GiveBackData {
  readonly cancellations: readonly CancellationView[];
  readonly giveBacks: readonly GiveBackView[];
}

const owedSentences: Readonly<Record<Owed, string>> = {
  release: "the payee releases it",
  refund: "the payee refunds it",
};

const kinds: Readonly<Record<GiveBackView["kind"], string>> = {
  refunded: "refund",
  released: "release",
  voided: "void",
};

/** Cancellations with what is still to be done for each, and what went back on the chain. */
export function giveBackSections({ cancellations, giveBacks }: GiveBackData): Html {
  return html`<h2>Cancelled by terminals</h2>
    ${table(
      ["Cancelled", "Payee", "Voucher", "Amount", "State", "Given back", "Still to do"],
      cancellations.map(cancellationRow),
      "No terminal has cancelled a payment.",
    )}
    <h2>Given back on the chain</h2>
    ${table(
      ["Block", "What", "Payee", "Card", "Amount", "Of these vouchers", "Of no voucher", "Transaction"],
      giveBacks.map(giveBackRow),
      "Nothing was released, voided or refunded.",
    )}`;
}

function cancellationRow({ cancelledAt, payee, voucher }: CancellationView): readonly string[] {
  if (voucher === null) return [cancelledAt, payee, "did not arrive", "–", "–", "–", "nothing"];
  const { voucherId, amount, state, refunded, owes } = voucher;
  const todo = owes === null ? (state === "batched" ? "its batch decides" : "nothing") : owedSentences[owes];
  return [cancelledAt, payee, voucherId, amount, state, refunded, todo];
}

function giveBackRow(view: GiveBackView): readonly (string | Html)[] {
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
