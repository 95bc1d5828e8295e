import type { GatewayConfig } from "../config/gateway-config.ts";
import { Policies } from "../config/policies.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { Report, ReportCount, ReportSums } from "./report-shape.ts";
import { Reports } from "./reports.ts";

/** What the command prints. */
export type ReportCommandLine = Report & { readonly schema: "tallystick.report/1" };

export interface ReportCommand {
  /** Public key of the terminal, compressed. */
  readonly terminalKey: Uint8Array;
  readonly kind: "x" | "z";
  readonly by: string | null;
  readonly number: number | null;
}

/** Makes a report from the journal of a gateway that is stopped. Throws JournalError and ReportError. */
export function runReport(
  config: GatewayConfig,
  { terminalKey, kind, by, number }: ReportCommand,
  report: (line: ReportCommandLine) => void,
): void {
  const clock = { now: () => Math.floor(Date.now() / 1_000) };
  const policies = Policies.of(config, terminalKey);
  const journal = openJournal(config, { terminalKey, now: clock.now() });
  try {
    const reports = new Reports({ journal, config, policies, clock });
    const made = kind === "x" ? reports.x({ by }) : reports.z({ by, number });
    report({ schema: "tallystick.report/1", ...made });
  } finally {
    journal.close();
  }
}

/** A report for people, a line for each sum. */
export function reportText({ kind, number, terminalId, since, at, by, head, totals, lines }: Report): string {
  const time = (seconds: number): string => new Date(seconds * 1_000).toISOString();
  const from = since === null ? "the beginning" : time(since);
  const asked = by === null ? "" : `, asked for by ${by}`;
  const title = `${kind.toUpperCase()} report ${number} of terminal ${terminalId}, from ${from} to ${time(at)}${asked}.`;
  const all = totals.map(({ currency, ...sums }) => `${currency}: ${sumsText(sums)}`);
  const each = lines.map(
    ({ currency, cashier, lane, ...sums }) =>
      `  ${currency}, cashier ${cashier ?? "–"}, lane ${lane}: ${sumsText(sums)}`,
  );
  return [title, ...all, ...each, `Journal ${head}`].join("\n");
}

function sumsText({ payments, reversals, refunds, refundsRefused, net, unresolved }: ReportSums): string {
  const part = (name: string, { count, sum }: ReportCount): string => `${name} ${count} ${sum}`;
  return [
    ...[part("payments", payments), part("reversals", reversals), part("refunds", refunds)],
    ...[part("refused refunds", refundsRefused), `net ${net}`, part("unresolved", unresolved)],
  ].join(", ");
}
