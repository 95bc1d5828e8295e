import { formatAmount, formatTotal } from "@tallystick/money";
import { cashierSentence, listIsFresh } from "@tallystick/protocol";
import type { z } from "zod";
import type { ChainWatch } from "../chain-watch/chain-watch.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { readinessSchema } from "../http/wire.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReaderWatch } from "../reader/reader-watch.ts";
import type { StatusLists } from "../status-list/status-lists.ts";
import type { Exchange } from "../sync/exchange.ts";
import type { DomainPolicy, Policies } from "../taps/policy.ts";
import { voidedOfOwn, voidsOfOwn } from "../chain-watch/own-voids.ts";
import { sentenceOf, viewOf } from "../taps/tap-result.ts";
import { tapToWire } from "../taps/tap-wire.ts";

export type Readiness = z.output<typeof readinessSchema>;
type Reason = Readiness["reasons"][number];

export interface ReadinessParts {
  readonly config: Pick<GatewayConfig, "claim">;
  readonly journal: Journal;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly policies: Policies;
  readonly reader: ReaderWatch;
  readonly exchange: Exchange;
  readonly chainWatch: ChainWatch;
}

/** Whether the till can sell, and everything that keeps it from it, in the order in which a tap would meet it. */
export async function readinessOf(parts: ReadinessParts): Promise<Readiness> {
  const { clock, policies, journal, lists } = parts;
  const [main] = policies.all();
  if (main === undefined) throw new RangeError("a till serves at least one domain");
  const now = clock.now();
  const confirmedBy = clock.confirmation();
  const held = lists.trusted(main.served.domainBytes);
  const unsent = journal.vouchers.unsent(main.served.domainBytes);
  const reader = await parts.reader.look();
  const open = journal.taps.openSale();
  const { asset } = main.served;
  const reasons: Reason[] = [
    ...clockReasons(clock),
    ...policies.all().flatMap((domain) => domainReasons(parts, domain, now)),
  ];
  if (reader.code !== null) reasons.push({ code: reader.code, message: reader.message ?? sentenceOf(reader.code) });
  return {
    ready: reasons.length === 0,
    reasons: unique(reasons),
    warnings: warningsOf(parts, open !== null),
    currency: asset.code,
    clock: { now, floor: clock.floor(), confirmed: confirmedBy !== null, confirmedBy },
    statusList: held === null ? null : { seq: held.head.seq, asOf: held.asOf, ageSeconds: now - held.asOf },
    unsent: {
      count: unsent.count,
      sum: formatTotal(unsent.sum, asset),
      oldestSeconds: unsent.oldestTime === null ? null : Math.max(0, now - unsent.oldestTime),
    },
    limits: {
      perTap: main.policy === null ? null : formatAmount(main.policy.perTap, asset),
      unsentSum: main.policy === null ? null : formatAmount(main.policy.unsentSum, asset),
      unsentCount: main.policy?.unsentCount ?? null,
    },
    reader,
    openSale: open === null || policies.of(open.domainBytes) === null ? null : tapToWire(viewOf(open), policies),
    givesBack: parts.config.claim !== null,
    lastExchange:
      parts.exchange.last === null ? null : { at: parts.exchange.last.at, faults: [...parts.exchange.last.faults] },
  };
}

function reason(code: Parameters<typeof cashierSentence>[0]): Reason {
  return { code, message: cashierSentence(code) };
}

function clockReasons(clock: TerminalClock): readonly Reason[] {
  if (clock.isBehindFloor()) return [reason("CLOCK_BELOW_FLOOR")];
  return clock.confirmation() === null ? [reason("CLOCK_UNCONFIRMED")] : [];
}

function domainReasons(parts: ReadinessParts, domain: DomainPolicy, now: number): readonly Reason[] {
  const { policy, served } = domain;
  if (policy === null) return [{ code: "CERTIFICATE_MISSING", message: sentenceOf("CERTIFICATE_MISSING") }];
  const reasons: Reason[] = [];
  const { notBefore, notAfter } = policy.certificate;
  if (now < notBefore || now > notAfter) reasons.push(reason("CERTIFICATE_NOT_VALID"));
  const held = parts.lists.trusted(served.domainBytes);
  if (held === null) reasons.push(reason("STATUS_LIST_MISSING"));
  else if (!listIsFresh({ asOf: held.asOf, time: now, freshness: policy.freshness }))
    reasons.push(reason("STATUS_LIST_TOO_OLD"));
  const unsent = parts.journal.vouchers.unsent(served.domainBytes);
  if (unsent.sum >= policy.unsentSum) reasons.push(reason("TERMINAL_UNSENT_SUM"));
  if (unsent.count >= policy.unsentCount) reasons.push(reason("TERMINAL_UNSENT_COUNT"));
  const { uploadWindowSeconds, unsentMarginSeconds } = policy.freshness;
  if (unsent.oldestTime !== null && now - unsent.oldestTime >= uploadWindowSeconds - unsentMarginSeconds)
    reasons.push(reason("TERMINAL_UNSENT_AGE"));
  return reasons;
}

/** What does not keep the till from selling but should be looked at. */
function warningsOf(parts: ReadinessParts, saleIsOpen: boolean): Reason[] {
  const warnings: Reason[] = [];
  if (saleIsOpen) warnings.push(reason("TAP_UNRESOLVED"));
  for (const fault of parts.exchange.last?.faults ?? [])
    warnings.push({ code: fault.code, message: lineSentence(fault) });
  for (const { code, message } of parts.chainWatch.faults()) {
    warnings.push({ code, message: `${message} Until the till can read the chain, its list of blocked cards ages.` });
  }
  const voids = parts.policies.all().reduce((sum, { served }) => sum + voidsOfOwn(parts.journal, served).length, 0);
  if (voids > 0) {
    warnings.push({
      code: "VOID_REQUESTED",
      message: `Owners of cards say that ${voids} of this till's payments were lost. Send them to settlement, or claim them.`,
    });
  }
  const voided = parts.policies.all().reduce((sum, { served }) => sum + voidedOfOwn(parts.journal, served).length, 0);
  if (voided > 0) {
    warnings.push({
      code: "VOUCHERS_VOIDED",
      message: `The chain pays ${voided} of this till's payments no more, because their cards' owners had them voided. Send them to settlement: the issuer may still make good for them.`,
    });
  }
  const disputed = parts.journal.vouchers.disputedCount();
  if (disputed > 0) {
    warnings.push({
      code: "VOUCHERS_DISPUTED",
      message: `Settlement refused ${disputed} of this till's payments. Call the shop's support; the till keeps them.`,
    });
  }
  return warnings;
}

/** A line that is down is no fault of the shop, and no reason to stop selling; how it failed is in `lastExchange`. */
function lineSentence({ code, message }: Reason): string {
  if (code === "SETTLEMENT_UNREACHABLE")
    return "No connection to settlement. Go on selling: what is unsent is kept in the till and is sent when the line is back.";
  return `${message} What is unsent stays in the till and is sent later.`;
}

function unique(reasons: readonly Reason[]): Reason[] {
  return reasons.filter((each, index) => reasons.findIndex(({ code }) => code === each.code) === index);
}
