import { type Freshness, listIsFresh } from "@tallystick/protocol";
import type { z } from "zod";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { DomainPolicy, Policies } from "../../config/policies.ts";
import type { Journal } from "../../journal/journal.ts";
import type { StatusLists } from "../../status/status-lists.ts";
import { tapMessage } from "../../taps/tap-result.ts";
import { type Reason, reasonFor } from "../readiness-warnings.ts";
import type { currencySchema } from "./currency-wire.ts";
import { KEYED_DECIMALS, SHARE_STEPS, WARNED_CERTIFICATE_SECONDS, WARNED_SHARE } from "./limits.ts";

export interface CurrencyParts {
  readonly journal: {
    readonly vouchers: Pick<Journal["vouchers"], "unsent">;
    readonly certificates: Pick<Journal["certificates"], "withdrawnFrom">;
  };
  readonly clock: TerminalClock;
  readonly lists: Pick<StatusLists, "trusted">;
  readonly policies: Policies;
}

type CurrencyState = z.output<typeof currencySchema>;
type Shares = CurrencyState["used"];

/** One currency as it is now, with what will stop it soon. */
export interface CurrencyReport {
  readonly state: CurrencyState;
  readonly warnings: readonly Reason[];
}

/** What one domain can do; a currency is served by one or more. */
interface DomainState {
  readonly reasons: readonly Reason[];
  readonly sellsUntil: number | null;
  readonly used: Shares;
  readonly certificateLeft: number | null;
}

/**
 * Every currency that the terminal serves, in the order of its configuration. One that several domains serve
 * sells where one of them does, and as long as the last of them.
 */
export function currencyReports(parts: CurrencyParts, now: number): CurrencyReport[] {
  const groups = new Map<string, DomainPolicy[]>();
  for (const domain of parts.policies.all()) {
    const { code, decimals } = domain.served.asset;
    const name = `${code} ${decimals}`;
    groups.set(name, [...(groups.get(name) ?? []), domain]);
  }
  return [...groups.values()].flatMap((domains) => {
    const states = domains.map((domain) => domainState(parts, domain, now));
    const [first] = domains;
    const [best] = states.toSorted((a, b) => (b.sellsUntil ?? -1) - (a.sellsUntil ?? -1));
    if (first === undefined || best === undefined) return [];
    const { code, decimals } = first.served.asset;
    const { sellsUntil, used } = best;
    const reasons = sellsUntil === null ? unique(states.flatMap((state) => state.reasons)) : [];
    const keyedDecimals = Math.min(KEYED_DECIMALS, decimals);
    const state = { currency: code, decimals, keyedDecimals, ready: sellsUntil !== null, reasons, sellsUntil, used };
    return [{ state, warnings: sellsUntil === null ? [] : warningsOf(best) }];
  });
}

/** Why a domain takes no payment, in the order in which a tap would meet it, and for how long it does. */
function domainState(parts: CurrencyParts, domain: DomainPolicy, now: number): DomainState {
  const { served, policy } = domain;
  const clockFault = parts.clock.of(served.domainBytes).fault();
  const reasons: Reason[] = clockFault === null ? [] : [reasonFor(clockFault)];
  if (policy === null) {
    reasons.push({ code: "CERTIFICATE_MISSING", message: tapMessage("CERTIFICATE_MISSING") });
    const used = { listAge: null, oldestUnsent: null, unsentSum: null, unsentCount: null, certificate: null };
    return { reasons, sellsUntil: null, used, certificateLeft: null };
  }
  const { freshness } = policy;
  const { notBefore, notAfter } = policy.certificate;
  const withdrawnFrom = parts.journal.certificates.withdrawnFrom(served.domainBytes);
  if (withdrawnFrom !== null && now >= withdrawnFrom) reasons.push(reasonFor("CERTIFICATE_WITHDRAWN"));
  if (now < notBefore || now > notAfter) reasons.push(reasonFor("CERTIFICATE_NOT_VALID"));
  const held = parts.lists.trusted(served.domainBytes);
  if (held === null) reasons.push(reasonFor("STATUS_LIST_MISSING"));
  else if (!listIsFresh({ asOf: held.asOf, time: now, freshness })) reasons.push(reasonFor("STATUS_LIST_TOO_OLD"));
  const unsent = parts.journal.vouchers.unsent(served.domainBytes);
  if (unsent.sum >= policy.unsentSum) reasons.push(reasonFor("TERMINAL_UNSENT_SUM"));
  if (unsent.count >= policy.unsentCount) reasons.push(reasonFor("TERMINAL_UNSENT_COUNT"));
  const unsentSeconds = freshness.uploadWindowSeconds - freshness.unsentMarginSeconds;
  const { oldestTime } = unsent;
  if (oldestTime !== null && now - oldestTime >= unsentSeconds) reasons.push(reasonFor("TERMINAL_UNSENT_AGE"));
  const listSeconds = listAgeAllowed(freshness);
  const until = Math.min(
    notAfter,
    ...(withdrawnFrom === null ? [] : [withdrawnFrom - 1]),
    ...(held === null ? [] : [held.asOf + listSeconds]),
    ...(oldestTime === null ? [] : [oldestTime + unsentSeconds]),
  );
  return {
    reasons,
    sellsUntil: reasons.length === 0 ? until : null,
    used: {
      listAge: held === null ? null : shareOf(now - held.asOf, listSeconds),
      oldestUnsent: oldestTime === null ? 0 : shareOf(now - oldestTime, unsentSeconds),
      unsentSum:
        policy.unsentSum === 0n ? 1 : Number((unsent.sum * BigInt(SHARE_STEPS)) / policy.unsentSum) / SHARE_STEPS,
      unsentCount: shareOf(unsent.count, policy.unsentCount),
      certificate: shareOf(now - notBefore, notAfter - notBefore),
    },
    certificateLeft: notAfter - now,
  };
}

/** How old a list may become: S, and less where U and C leave less of W (spec §5.5). */
function listAgeAllowed({
  listAgeSeconds,
  uploadWindowSeconds,
  chainMarginSeconds,
  vaultDelaySeconds,
}: Freshness): number {
  return Math.min(listAgeSeconds, vaultDelaySeconds - uploadWindowSeconds - chainMarginSeconds - 1);
}

function shareOf(part: number, whole: number): number {
  if (whole <= 0) return 1;
  return Math.max(0, Math.floor((part * SHARE_STEPS) / whole) / SHARE_STEPS);
}

const messages = {
  LIST_AGEING: "The list of blocked cards will soon be too old to sell by. Connect the terminal to the network.",
  UNSENT_AGEING: "A payment has waited long to be sent. Connect the terminal to the network.",
  UNSENT_SUM_NEAR: "Nearly as much is unsent as this terminal may hold. Connect it to the network.",
  UNSENT_COUNT_NEAR: "Nearly as many payments are unsent as this terminal may hold. Connect it to the network.",
  CERTIFICATE_ENDING:
    "This terminal's certificate ends soon. It asks for the next one by itself: connect it, and tell the issuer if this stays.",
};

/** What the terminal will stop for soon. */
export type NearLimitCode = keyof typeof messages;

/** Every code of a limit that is nearly used up. */
export const NEAR_LIMIT_CODES = Object.keys(messages) as readonly NearLimitCode[];

function warningsOf({ used, certificateLeft }: DomainState): readonly Reason[] {
  const near = (share: number | null): boolean => share !== null && share >= WARNED_SHARE;
  const ending = near(used.certificate) && certificateLeft !== null && certificateLeft <= WARNED_CERTIFICATE_SECONDS;
  const found: readonly (readonly [boolean, NearLimitCode])[] = [
    [near(used.listAge), "LIST_AGEING"],
    [near(used.oldestUnsent), "UNSENT_AGEING"],
    [near(used.unsentSum), "UNSENT_SUM_NEAR"],
    [near(used.unsentCount), "UNSENT_COUNT_NEAR"],
    [ending, "CERTIFICATE_ENDING"],
  ];
  return found.flatMap(([is, code]) => (is ? [{ code, message: messages[code] }] : []));
}

/** Each code once. */
export function unique(reasons: readonly Reason[]): Reason[] {
  return reasons.filter((each, index) => reasons.findIndex(({ code }) => code === each.code) === index);
}
