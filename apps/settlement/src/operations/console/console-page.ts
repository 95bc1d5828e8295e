import type { AnchorReport } from "../../books/ledger-log/anchored-roots.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import type { BatchView } from "../../vouchers/batches/batch-views.ts";
import type { ForkView } from "../../vouchers/forks/fork-views.ts";
import type { WithheldView } from "../../vouchers/withheld/withheld-answers.ts";
import type { WorkSummary } from "../../jobs/queue-views.ts";
import type { ReadinessNote } from "../readiness/findings.ts";
import { lines, table } from "./html-table.ts";
import { html, type Html } from "./html.ts";
import { returnSections, type ReturnData } from "./return-sections.ts";
import { withheldSection } from "./withheld-section.ts";

/** Everything the operators' page shows; amounts are texts already. */
export interface ConsoleData {
  readonly now: string;
  readonly asset: string;
  readonly vault: string;
  readonly chainId: string;
  readonly money: ConsoleMoney | null;
  readonly moneyFault: string | null;
  readonly reasons: readonly ReadinessNote[];
  readonly warnings: readonly ReadinessNote[];
  /** Batches that the treasury can pay; null while the chain is away. */
  readonly fuelBatches: number | null;
  /** Null while the database does not answer and never has. */
  readonly records: (ConsoleRecords & { readonly ageSeconds: number }) | null;
}

/** Where the tokens are. */
export interface ConsoleMoney {
  readonly block: string;
  readonly ageSeconds: number;
  readonly chain: Readonly<Record<string, string>>;
  readonly ledger: Readonly<Record<string, string>>;
  readonly acceptedUnpaid: string;
  readonly issuerOwes: Readonly<Record<"vouchers" | "ledger", string>>;
  readonly difference: string;
  readonly vault: {
    readonly held: string;
    readonly owes: string;
    readonly surplus: string;
    readonly insolvent: boolean;
  };
  readonly anchors: AnchorReport;
}

/** What the database has on record. */
export interface ConsoleRecords {
  readonly work: WorkSummary;
  readonly batches: readonly BatchView[];
  readonly forks: readonly ForkView[];
  readonly returns: ReturnData;
  readonly withheld: readonly WithheldView[];
}

const style = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #b3261e; --soft: #8881; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
header p { margin: .2rem 0; opacity: .75; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; background: var(--soft); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px/1.5 ui-monospace, monospace; } td code { display: block; } .scroll { overflow-x: auto; }
.hash { display: inline-block; max-width: 12ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: top; user-select: all; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .none { opacity: .6; }
ul.reasons { padding-left: 1.2rem; }
`;

/** The operators' page: one document, no script, everything escaped. */
export function consolePage(data: ConsoleData): string {
  const body = html` <header>
      <h1>Tallystick settlement</h1>
      <p>Vault <code>${data.vault}</code> on chain ${data.chainId} · ${data.asset} · ${data.now}</p>
    </header>
    <main>
      ${readiness(data)} ${money(data)} ${records(data.records)}
    </main>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15"><title>Tallystick settlement</title><style>${style}</style></head>
<body>${body.text}</body></html>
`;
}

function readiness({ reasons, warnings, fuelBatches }: ConsoleData): Html {
  const notes = [...reasons, ...warnings];
  const fuel = fuelBatches === null ? null : html`<p>Gas for ${fuelBatches} batches.</p>`;
  const answers = reasons.length === 0 ? html`<p class="good">Money moves.</p>` : null;
  if (notes.length === 0) return html`${answers}${fuel}`;
  return html`${answers}<ul class="reasons">
    ${notes.map(
      ({ code, message, next, since }) =>
        html`<li class="bad">${code}: ${message} <span class="next">${next}</span> <small>since ${since}</small></li>`,
    )}
  </ul>${fuel}`;
}

function records(data: ConsoleData["records"]): Html {
  if (data === null)
    return html`<h2>Queues</h2>
      <p class="bad">The database does not answer.</p>`;
  const { work, withheld, ageSeconds } = data;
  const age = ageSeconds < LIMITS.pageOldSeconds ? null : html`<p class="bad">What follows is ${ageSeconds} s old.</p>`;
  return html`${age} ${queues(work)} ${withheldSection(withheld)} ${batches(data.batches)}
  ${returnSections(data.returns)} ${forks(data.forks)} ${anomalies(work)}`;
}

const figures = [
  ["minted", "Brought in"],
  ["wallets", "In the treasury"],
  ["guarantee", "In the guarantee's account"],
  ["cards", "On cards"],
  ["owed", "Owed to merchants"],
  ["paidOut", "Paid out"],
] as const;

function money({ money: report, moneyFault }: ConsoleData): Html {
  if (report === null)
    return html`<h2>Reconciliation</h2>
      <p class="bad">${moneyFault}</p>`;
  const rows = figures.map(
    ([name, label]) =>
      html`<tr>
        <td>${label}</td>
        <td class="n">${report.chain[name] ?? ""}</td>
        <td class="n">${report.ledger[name] ?? ""}</td>
      </tr>`,
  );
  const right = report.difference === "0";
  const verdict = right ? html`<b class="good">no difference</b>` : html`<b class="bad">${report.difference}</b>`;
  const { held, owes, surplus, insolvent } = report.vault;
  return html`<h2>Reconciliation at final block ${report.block}</h2>
    <div class="scroll">
      <table>
        <tr>
          <th>Where</th>
          <th class="n">Chain</th>
          <th class="n">Ledger</th>
        </tr>
        ${rows}
        <tr>
          <td>Owed by the issuer</td>
          <td class="n">${report.issuerOwes.vouchers}</td>
          <td class="n">${report.issuerOwes.ledger}</td>
        </tr>
      </table>
    </div>
    <p>Difference: ${verdict} · Accepted and not paid yet: ${report.acceptedUnpaid} · ${report.ageSeconds} s old</p>
    <p class="${insolvent ? "bad" : ""}">
      The vault holds ${held} and owes ${owes}: ${insolvent ? "INSOLVENT by" : "surplus"} ${surplus}
    </p>
    ${anchors(report.anchors)}`;
}

function anchors({ log, anchored, agreeing, disagreeing }: AnchorReport): Html {
  const verdict =
    disagreeing.length === 0
      ? html`<b class="good">${agreeing} of ${anchored} roots on the chain agree</b>`
      : html`<b class="bad">${disagreeing.length} roots on the chain do not agree with the books</b>`;
  return html`<p>Ledger: ${log.size} entries · ${verdict}</p>
    ${
      disagreeing.length === 0
        ? null
        : table(
            ["Batch", "Entries", "Root on the chain", "Transaction"],
            disagreeing.map(({ batch, size, root, tx }) => [batch, String(size), root, tx]),
            "",
          )
    }`;
}

function counts(title: string, values: Readonly<Record<string, number>>): Html {
  const entries = Object.entries(values);
  if (entries.length === 0) return html`<p>${title}: <span class="none">none</span></p>`;
  return html`<p>
    ${title}: ${entries.map(([name, count], index) => html`${index === 0 ? "" : " · "}${name} ${count}`)}
  </p>`;
}

function queues(work: WorkSummary): Html {
  const stuck = work.waiting.filter(({ failure }) => failure !== null);
  return html`<h2>Queues</h2>
    ${counts("Vouchers", work.vouchers)} ${counts("Chain actions", work.actions)}
    <p>Wake-up calls to deliver: ${work.outbox}</p>
    ${table(
      ["Action", "Kind", "State", "Waits for"],
      stuck.map(({ key, kind, state, failure }) => [key, kind, state, failure ?? ""]),
      "No chain action is held up.",
    )}`;
}

function batches(list: readonly BatchView[]): Html {
  return html`<h2>Batches</h2>
    ${table(
      ["Batch", "State", "Vouchers", "Paid", "Skipped", "Block", "Transaction"],
      list.map((batch) => [
        batch.id,
        batch.state,
        String(batch.vouchers),
        String(batch.paid ?? "–"),
        String(batch.skipped ?? "–"),
        batch.block ?? "–",
        batch.tx ?? "–",
      ]),
      "No batch was made yet.",
    )}`;
}

function forks(list: readonly ForkView[]): Html {
  return html`<h2>Forks</h2>
    ${table(
      ["Card", "Counter", "Vouchers", "Paid by the vault", "Borne by"],
      list.map((fork) => [
        fork.card,
        String(fork.counter),
        lines(fork.evidence.map(({ voucherId, amount, state }) => `${voucherId} ${amount} ${state}`)),
        fork.paid ?? "not final yet",
        fork.bearer,
      ]),
      "No card has signed two messages with one counter.",
    )}`;
}

function anomalies({ anomalies: list }: WorkSummary): Html {
  return html`<h2>Anomalies</h2>
    ${table(
      ["Found", "Kind", "Payee", "What"],
      list.map(({ foundAt, kind, payee, detail }) => [foundAt, kind, payee ?? "–", detail]),
      "No terminal's chain of uploads is broken.",
    )}`;
}
