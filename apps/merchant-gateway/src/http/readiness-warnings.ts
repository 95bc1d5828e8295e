import { cashierSentence, toChecksumAddress, type ReasonCode } from "@tallystick/protocol";
import { voidedOfOwn, voidsOfOwn } from "../chain/watch/own-voids.ts";
import type { ChainWatch } from "../chain/watch/chain-watch.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Policies } from "../config/policies.ts";
import type { Journal } from "../journal/journal.ts";
import { UNREPORTED_MARGIN_SECONDS } from "../limits.ts";
import type { Exchange } from "../sync/exchange.ts";
import type { PayeeCheck } from "../sync/requests/payee-check.ts";
import type { TerminalRequests } from "../sync/requests/terminal-requests.ts";

/** A code and what it means for a cashier. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** What warnings are read from. */
export interface WarningParts {
  readonly journal: Pick<Journal, "vouchers" | "outcomes" | "returnOrders" | "chainEvents" | "setAside">;
  readonly config: Pick<GatewayConfig, "claim" | "payee">;
  readonly clock: Pick<TerminalClock, "now">;
  readonly policies: Policies;
  readonly exchange: Pick<Exchange, "last">;
  readonly chainWatch: Pick<ChainWatch, "faults">;
  readonly requests: Pick<TerminalRequests, "notices">;
  readonly payeeCheck: Pick<PayeeCheck, "waiting">;
}

export function reasonFor(code: ReasonCode): Reason {
  return { code, message: cashierSentence(code) };
}

/** What warnings depend on besides. */
export interface WarningState {
  readonly saleIsOpen: boolean;
  /** Whether the terminal sells: only then may a warning say so. */
  readonly ready: boolean;
}

/** What does not keep the terminal from selling but needs attention. */
export function warningsOf(parts: WarningParts, { saleIsOpen, ready }: WarningState): Reason[] {
  const { journal, policies, exchange, chainWatch } = parts;
  const warnings: Reason[] = saleIsOpen ? [reasonFor("TAP_UNRESOLVED")] : [];
  for (const { code, message } of exchange.last?.faults ?? [])
    warnings.push({ code, message: `${message} ${ready ? SELL_ON : SENT_LATER}` });
  for (const { code, message } of parts.requests.notices())
    warnings.push({
      code: "PAYOUTS_STOPPED",
      message:
        `Settlement says ${code}: ${message} ${ready ? "Go on selling: what you earn stays in the vault." : ""}`.trim(),
    });
  for (const { served, answer } of parts.payeeCheck.waiting())
    warnings.push({
      code: "PAYEE_UNCONFIRMED",
      message: `${answer.amount ?? "One unit"} ${served.asset.code} was sent to ${toChecksumAddress(parts.config.payee)}. Look in the wallet that shall be paid whether it came, and say so; until then settlement pays nothing out by itself. If it did not come, do not sell: the address is not yours.`,
    });
  const aside = journal.setAside.openCount();
  if (aside > 0)
    warnings.push({
      code: "UPLOADS_SET_ASIDE",
      message: `${aside} uploads could not be taken as they were; what is in them is sent in smaller ones. If this stays so, call your support.`,
    });
  for (const { code, message } of chainWatch.faults())
    warnings.push({
      code,
      message: `${message} Until the terminal can read the chain, its list of blocked cards ages.`,
    });
  const served = policies.all().map((domain) => domain.served);
  const voids = served.reduce((sum, each) => sum + voidsOfOwn(journal, each).length, 0);
  if (voids > 0)
    warnings.push({
      code: "VOID_REQUESTED",
      message: `Owners of cards say that ${voids} of this terminal's payments were lost. Send them to settlement, or claim them.`,
    });
  const voided = served.reduce((sum, each) => sum + voidedOfOwn(journal, each).length, 0);
  if (voided > 0)
    warnings.push({
      code: "VOUCHERS_VOIDED",
      message: `The chain will not pay ${voided} of this terminal's payments, because their cards' owners had them voided. Send them to settlement: the issuer may still make good for them.`,
    });
  if (hasUnreported(parts))
    warnings.push({
      code: "VOUCHERS_UNREPORTED",
      message:
        "Nobody has reported the end of payments that are nearly as old as they may become. Send them to settlement now, or export them and have another machine claim them.",
    });
  const released = journal.returnOrders.releasedUnordered();
  if (released > 0)
    warnings.push({
      code: "RELEASED_UNORDERED",
      message: `${released} payments that this terminal accepted were given up on the chain without it: by the payee's key, or by another delegate. Find out who holds that key.`,
    });
  const disputed = journal.vouchers.disputedCount();
  if (disputed > 0)
    warnings.push({
      code: "VOUCHERS_DISPUTED",
      message: `Settlement refused ${disputed} of this terminal's payments. Call your support; the terminal keeps them.`,
    });
  return warnings;
}

/**
 * Whether a terminal that cannot claim by itself holds a payment older than U − 1 day whose end
 * nobody has reported (spec §5.8).
 */
function hasUnreported({ journal, config, clock, policies }: WarningParts): boolean {
  if (config.claim !== null) return false;
  const { uploadWindowSeconds } = policies.freshness;
  const latest = clock.now() - Math.max(0, uploadWindowSeconds - UNREPORTED_MARGIN_SECONDS);
  return policies.all().some(({ served }) => {
    const oldest = journal.outcomes.oldestUnreported(served.domainBytes);
    return oldest !== null && oldest <= latest;
  });
}

/** A line that is down is no fault of the merchant, and no reason to stop selling. */
const SELL_ON = "Go on selling: the terminal keeps what is unsent and sends it later.";
const SENT_LATER = "What is unsent stays in the terminal and is sent later.";
