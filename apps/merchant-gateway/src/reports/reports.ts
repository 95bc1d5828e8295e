import { toChecksumAddress, toHex } from "@tallystick/protocol";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Policies } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReportPeriod, ReportRecord } from "../journal/merchant/report-store.ts";
import { csvOf } from "./report-csv.ts";
import { ReportError } from "./report-error.ts";
import type { Report } from "./report-shape.ts";
import { sumsOf } from "./report-sums.ts";

export interface ReportsParts {
  readonly journal: Pick<Journal, "write" | "reports">;
  readonly config: Pick<GatewayConfig, "payee" | "terminalId">;
  readonly policies: Pick<Policies, "of">;
  readonly clock: Pick<TerminalClock, "now">;
}

/** Who asks for a report. */
export interface Asker {
  readonly by: string | null;
}

/**
 * The end of a day (spec §5.14): X shows what has come since the last Z, Z shows the same and closes the period. A
 * period is a stretch of the journal's log, so that each payment stands in exactly one Z. Needs no network.
 */
export class Reports {
  private readonly parts: ReportsParts;

  constructor(parts: ReportsParts) {
    this.parts = parts;
  }

  /** What has come since the last Z; changes nothing. */
  x({ by }: Asker): Report {
    return this.report("x", by);
  }

  /**
   * Closes the period, in one transaction. With a number, the Z of that number where it is closed already, so that
   * asking twice closes once. Throws ReportError REPORT_OUT_OF_TURN where the number is not the next one.
   */
  z({ by, number = null }: Asker & { readonly number?: number | null }): Report {
    const { journal } = this.parts;
    return journal.write(() => {
      const next = (journal.reports.last()?.number ?? 0) + 1;
      if (number !== null && number < next) return this.one(number);
      if (number !== null && number > next)
        throw new ReportError("REPORT_OUT_OF_TURN", `The next Z report is number ${next}.`);
      const report = this.report("z", by);
      const { fromSeq, toSeq, at } = report;
      const { link: head } = journal.reports.head();
      const kept = { number: next, fromSeq, toSeq, head, closedAt: at, body: JSON.stringify(report) };
      journal.reports.close(kept);
      return report;
    });
  }

  /** A closed period as it was shown. Throws ReportError REPORT_UNKNOWN. */
  one(number: number): Report {
    return shown(this.record(number));
  }

  /** Closed periods, newest first; below a number where one is given. */
  page(limit: number, below: number | null): readonly Report[] {
    return this.parts.journal.reports.page(limit, below).map(shown);
  }

  /** What moved money in a closed period, or since the last one, line by line. Throws ReportError REPORT_UNKNOWN. */
  csv(number: number | "x"): Generator<string> {
    const { journal, policies } = this.parts;
    if (number !== "x") return csvOf({ journal, policies }, number, this.record(number));
    const { number: next, ...period } = this.open();
    return csvOf({ journal, policies }, next, period);
  }

  private record(number: number): ReportRecord {
    const record = this.parts.journal.reports.byNumber(number);
    if (record === null) throw new ReportError("REPORT_UNKNOWN", `No Z report has the number ${number}.`);
    return record;
  }

  private open(): ReportPeriod & { readonly number: number } {
    const { reports } = this.parts.journal;
    const last = reports.last();
    return { number: (last?.number ?? 0) + 1, fromSeq: last?.toSeq ?? 0, toSeq: reports.head().seq };
  }

  private report(kind: Report["kind"], by: string | null): Report {
    const { journal, config, policies, clock } = this.parts;
    const { number, ...period } = this.open();
    const groups = [...journal.reports.groups(period), ...journal.reports.unresolved()];
    return {
      ...{ kind, number, terminalId: toHex(config.terminalId), payee: toChecksumAddress(config.payee), ...period },
      head: toHex(journal.reports.head().link),
      since: journal.reports.last()?.closedAt ?? null,
      ...{ at: clock.now(), by },
      ...sumsOf(groups, policies),
    };
  }
}

function shown({ body }: ReportRecord): Report {
  // Written by `z` alone.
  return JSON.parse(body) as Report;
}
