import { html, type Html } from "../console/html.ts";
import { plainPage } from "../people/plain-page.ts";
import { dayOf } from "../periods/period.ts";
import { STATEMENT_FORMATS } from "../statement-files/statement-files.ts";
import type { OwnAnswer, OwnBatchesAnswer, OwnPayoutsAnswer, OwnVouchersAnswer } from "./own-answers.ts";

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;margin:1rem;max-width:70rem}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
td,code,h1{overflow-wrap:anywhere}.scroll{overflow-x:auto}
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end}`;

/** What a merchant's page shows. */
export interface OwnPageContent {
  readonly name: string;
  readonly overview: OwnAnswer;
  readonly payouts: OwnPayoutsAnswer["payouts"];
  readonly batches: OwnBatchesAnswer["batches"];
  readonly vouchers: OwnVouchersAnswer["vouchers"];
  readonly now: number;
}

type Cell = string | Html;

/** A merchant's own, in one page without scripts. */
export function ownPage({ name, overview, payouts, batches, vouchers, now }: OwnPageContent): string {
  const content = html`<h1>Your payments</h1>
          <p>Payee <code>${overview.payee}</code> · ${name} · <a href="/sign-in/passkeys">Passkeys</a> · <a href="/sign-out">Sign out</a></p>
          ${statements(now)}
          <h2>Terminals</h2>
          ${table(
            ["Terminal", "Certified until", "Withdrawn", "Uploads"],
            overview.terminals.map(({ terminalId, notAfter, withdrawnFrom }) => [
              ...[
                terminalId,
                dayOf(notAfter * 1_000),
                withdrawnFrom === null ? "no" : `from ${dayOf(withdrawnFrom * 1_000)}`,
              ],
              html`<a href="/v1/own/terminals/${terminalId}/receipts" aria-label="Receipts of ${terminalId}">Receipts</a>`,
            ]),
            "No terminal is certified for this payee.",
          )}
          <h2>Payouts</h2>
          ${table(
            ["Asked for", "State", "Transaction"],
            payouts.map(({ createdAt, state, tx }) => [createdAt, state, tx ?? "–"]),
            "Nothing was paid out yet.",
          )}
          <h2>Batches</h2>
          ${table(
            ["Made", "State", "Your vouchers", "Amount", "Transaction"],
            batches.map((each) => [each.createdAt, each.state, String(each.vouchers), each.amount, each.tx ?? "–"]),
            "No batch has a voucher of yours yet.",
          )}
          <h2>Vouchers</h2>
          ${table(
            ["Received", "Amount", "State", "Terminal", "Voucher", "In the books"],
            vouchers.map((each) => [
              ...[each.receivedAt, each.amount, each.state, each.terminalId, each.id],
              html`<a href="/v1/own/vouchers/${each.id}/proof" aria-label="Proof of ${each.id}">Proof</a>`,
            ]),
            "No voucher came yet.",
          )}`;
  return plainPage({ title: overview.payee, style: STYLE, content });
}

/** This month and the one before, in every form, and a form for any other days. */
function statements(now: number): Html {
  const today = new Date(now);
  const first = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1);
  const before = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 1);
  const links = (from: string, to: string): Html[] =>
    Object.keys(STATEMENT_FORMATS).map(
      (format) =>
        html`<a href="/v1/own/statements?from=${from}&amp;to=${to}&amp;format=${format}" aria-label="${from} to ${to} as ${format}">${format}</a> `,
    );
  const rows = [
    [dayOf(first), dayOf(now)],
    [dayOf(before), dayOf(first - 1)],
  ] as const;
  return html`<h2>Statements</h2>
    ${table(
      ["From", "To", "File"],
      rows.map(([from, to]) => [from, to, html`${links(from, to)}`]),
      "",
    )}
    <form action="/v1/own/statements" method="get">
      <label>From <input type="date" name="from" required value="${dayOf(first)}" /></label>
      <label>To <input type="date" name="to" required value="${dayOf(now)}" /></label>
      <label>As <select name="format">${Object.keys(STATEMENT_FORMATS).map((format) => html`<option>${format}</option>`)}</select></label>
      <button>Download</button>
    </form>`;
}

function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: string): Html {
  if (rows.length === 0) return html`<p>${none}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${heads.join(", ")}">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
