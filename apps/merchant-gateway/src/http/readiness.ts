import { formatAmount, formatTotal } from "@tallystick/money";
import { within } from "@tallystick/program";
import type { z } from "zod";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { DomainPolicy } from "../config/policies.ts";
import type { DiskWatch } from "../journal/disk-watch.ts";
import type { Journal } from "../journal/journal.ts";
import { READINESS_WAIT_MS } from "../reader/limits.ts";
import { readerMessage } from "../reader/reader-message.ts";
import type { LaneReader, LaneReaders } from "../reader/lane-readers.ts";
import type { ReaderView } from "../reader/reader-watch.ts";
import type { RefundService } from "../refunds/refund-service.ts";
import type { StatusLists } from "../status/status-lists.ts";
import { tapMessage, viewOf } from "../taps/tap-result.ts";
import { currencyReports, unique } from "./currencies/currency-report.ts";
import { type Reason, type WarningParts, warningsOf } from "./readiness-warnings.ts";
import { tapToWire } from "./tap-wire.ts";
import type { readinessSchema } from "./wire.ts";

export type Readiness = z.output<typeof readinessSchema>;

export interface ReadinessParts extends WarningParts {
  readonly journal: Pick<
    Journal,
    "taps" | "vouchers" | "outcomes" | "returnOrders" | "chainEvents" | "uploads" | "setAside" | "certificates"
  >;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly lanes: Pick<LaneReaders, "all">;
  readonly refunds: Pick<RefundService, "hasChain">;
  readonly disk: Pick<DiskWatch, "fault">;
}

type Lane = Readiness["lanes"][number];
type Note = Readiness["reasons"][number];

/** Whether the terminal can sell, and what keeps it from it. */
export class ReadinessReport {
  private readonly parts: ReadinessParts;
  private readonly since = new Map<string, number>();
  private readonly lastReaders = new Map<string, ReaderView>();

  constructor(parts: ReadinessParts) {
    this.parts = parts;
  }

  /**
   * The state now, with everything that keeps the terminal from selling in the order in which a tap
   * would meet it.
   */
  async read(): Promise<Readiness> {
    const { clock, policies, journal, lists, exchange, refunds } = this.parts;
    const [main] = policies.all();
    if (main === undefined) throw new RangeError("a terminal serves at least one domain");
    const now = clock.now();
    const judged = clock.of(main.served.domainBytes);
    const confirmed = judged.fault() === null;
    const confirmedBy = confirmed ? judged.confirmation() : null;
    const held = lists.trusted(main.served.domainBytes);
    const unsent = journal.vouchers.unsent(main.served.domainBytes);
    const lanes = await Promise.all(this.parts.lanes.all.map((lane) => this.lane(lane)));
    const [first] = lanes;
    if (first === undefined) throw new RangeError("a terminal has at least one lane");
    const { asset } = main.served;
    const currencies = currencyReports(this.parts, now);
    const sells = currencies.some(({ state }) => state.ready);
    const reasons = [
      ...this.diskReasons(),
      ...(journal.uploads.hasForgotten()
        ? [{ code: "JOURNAL_FORGOTTEN", message: tapMessage("JOURNAL_FORGOTTEN") }]
        : []),
      // A terminal that sells in one currency is ready; what another one lacks stands with it.
      ...(sells ? [] : currencies.flatMap(({ state }) => state.reasons)),
    ];
    // One usable reader is enough to sell; the page of a lane looks at its own.
    if (lanes.every(({ reader }) => reader.code !== null))
      reasons.push(...lanes.flatMap(({ reader }) => readerReason(reader)));
    const ready = reasons.length === 0;
    const warnings = [
      ...this.diskWarnings(),
      ...unique(currencies.flatMap(({ warnings: near }) => near)),
      ...warningsOf(this.parts, { saleIsOpen: lanes.some(({ openSale }) => openSale !== null), ready }),
    ];
    this.remember([...reasons, ...warnings], now);
    return {
      ready,
      reasons: unique(reasons).map((each) => this.note(each, now)),
      warnings: warnings.map((each) => this.note(each, now)),
      currency: asset.code,
      clock: { now, floor: judged.floor(), confirmed, confirmedBy, rightTime: judged.rightTime() },
      statusList: held === null ? null : { seq: held.head.seq, asOf: held.asOf, ageSeconds: now - held.asOf },
      unsent: {
        count: unsent.count,
        sum: formatTotal(unsent.sum, asset),
        oldestSeconds: unsent.oldestTime === null ? null : Math.max(0, now - unsent.oldestTime),
      },
      limits: limitsOf(main),
      ...{ reader: first.reader, openSale: first.openSale, lanes },
      givesBack: refunds.hasChain(),
      lastExchange: exchangeOf(exchange.last),
      currencies: currencies.map(({ state }) => state),
    };
  }

  /** What is on a full disk is safe; what comes is not. */
  private diskReasons(): readonly Reason[] {
    const { fault } = this.parts.disk;
    return fault?.code === "JOURNAL_NOT_WRITABLE" ? [fault] : [];
  }

  private diskWarnings(): readonly Reason[] {
    const { fault } = this.parts.disk;
    return fault?.code === "DISK_LOW" ? [fault] : [];
  }

  /** A reader's service that hangs is not waited for: it is shown as it was seen last. */
  private async lane({ name, reader, watch }: LaneReader): Promise<Lane> {
    const { journal, policies } = this.parts;
    const seen = await within(READINESS_WAIT_MS, watch.check());
    if (seen !== null) this.lastReaders.set(name, seen.value);
    const code = "READER_FAULT";
    const unseen: ReaderView = {
      name: reader.name,
      state: "unusable",
      code,
      message: readerMessage(code),
      rate: watch.rate,
    };
    const open = journal.taps.openSale(name);
    const isShown = open !== null && policies.of(open.domainBytes) !== null;
    const openSale = isShown ? tapToWire(viewOf(open), policies) : null;
    return { name, reader: this.lastReaders.get(name) ?? unseen, openSale };
  }

  /** Since when each code is found without a break, as somebody asked. */
  private remember(found: readonly Reason[], now: number): void {
    const codes = new Set(found.map(({ code }) => code));
    for (const code of this.since.keys()) if (!codes.has(code)) this.since.delete(code);
    for (const code of codes) if (!this.since.has(code)) this.since.set(code, now);
  }

  private note({ code, message }: Reason, now: number): Note {
    return { code, message, since: this.since.get(code) ?? now };
  }
}

function exchangeOf(last: WarningParts["exchange"]["last"]): Readiness["lastExchange"] {
  if (last === null) return null;
  const faults = last.faults.map(({ code, message }) => ({ code, message }));
  return { at: last.at, reached: !last.faults.some(({ away }) => away === true), faults };
}

function limitsOf({ policy, served }: DomainPolicy): Readiness["limits"] {
  return {
    perTap: policy === null ? null : formatAmount(policy.perTap, served.asset),
    unsentSum: policy === null ? null : formatAmount(policy.unsentSum, served.asset),
    unsentCount: policy?.unsentCount ?? null,
  };
}

function readerReason({ code, message }: Lane["reader"]): readonly Reason[] {
  return code === null ? [] : [{ code, message: message ?? tapMessage(code) }];
}
