import type { WithheldView } from "../../vouchers/withheld/withheld-answers.ts";
import { table } from "./html-table.ts";
import { html, type Html } from "./html.ts";

/** What the issuer owes and persons decide about. Who has decided stands in the API, not on the page. */
export function withheldSection(list: readonly WithheldView[]): Html {
  return html`<h2>Withheld</h2>
    ${table(
      ["Since", "Voucher", "Amount", "Payee", "Card", "Why", "Decided"],
      list.map((view) => [
        view.overdue ? html`<b class="bad">${view.since}</b>` : view.since,
        view.voucherId,
        view.amount,
        view.payee,
        view.card,
        view.ground,
        decided(view),
      ]),
      "The issuer owes nothing that a person has to decide about.",
    )}`;
}

function decided({ decisions }: WithheldView): string {
  const newest = decisions.at(-1);
  if (newest === undefined) return "nothing yet";
  if (newest.kind === "payment") return `to be paid by a ${newest.way ?? "payment"}`;
  return `one of two persons refuses it: ${newest.ground}`;
}
