import type { FailedGroup } from "../../../chain/refused/failed-actions.ts";
import type { Asset } from "@tallystick/money";
import { FAILED_KINDS } from "../../../chain/refused/failed-kinds.ts";
import { failureCause, kindText } from "../../../chain/refused/failed-words.ts";
import type { ReadinessNote } from "../../readiness/findings.ts";
import { spanText } from "../view/ages.ts";
import type { StandingReplacements } from "./waiting/standing-replacements.ts";
import type { EndingGroup } from "./waiting/waiting.ts";

/** Vouchers of one state that are not decided. */
export interface OpenGroup {
  readonly state: string;
  readonly count: number;
  /** Units. */
  readonly units: bigint;
  /** When the oldest arrived. */
  readonly since: Date;
}

export interface SituationGrounds {
  readonly reasons: readonly ReadinessNote[];
  readonly warnings: readonly ReadinessNote[];
  /** Null while the database does not answer. */
  readonly open: readonly OpenGroup[] | null;
  /** Chain actions that ended without effect, and of which something is left to do. */
  readonly refused: readonly FailedGroup[];
  /** Null where every replacement goes on. */
  readonly standing: StandingReplacements | null;
  readonly cases: { readonly count: number; readonly since: Date | null };
  /** What waits for a second person, and terminals that ask for their first certificate; null where nothing does. */
  readonly approvals: (EndingGroup & { readonly units: bigint }) | null;
  readonly requests: EndingGroup | null;
  /** Milliseconds. */
  readonly now: number;
  /** Sentences about terminals that are silent, with their places. */
  readonly silent: readonly { readonly text: string; readonly href: string }[];
  readonly amountText: (units: bigint) => string;
  readonly asset: Asset;
}

/** The first sentence of the console, and what else there is to say. */
export interface Situation {
  readonly tone: "good" | "warn" | "bad";
  /** How much is stuck, where, since when, who must act, and what to do. */
  readonly sentence: string;
  /** The code of the reason that it names, to be looked up; null where there is none. */
  readonly code: string | null;
  /** Where that is done; null where no page of the console does it. */
  readonly href: string | null;
  readonly also: readonly { readonly text: string; readonly href: string | null }[];
}

/** Who acts on a reason of readiness; everything that is not named is the operator's. */
const actors: Readonly<Record<string, string>> = {
  NO_GAS: "Whoever keeps the account that pays for gas",
  GAS_LOW: "Whoever keeps the account that pays for gas",
  FORMER_TREASURY_HOLDS: "Whoever keeps the treasury",
  TREASURY_NO_GAS: "Whoever keeps the treasury",
  TREASURY_GAS_LOW: "Whoever keeps the treasury",
  INSOLVENT: "The issuer",
  LEDGER_DIFFERENCE: "Finance",
  MONEY_NOT_SUMMED: "Whoever runs the node",
  TOKEN_STOPPED: "The issuer, with the token's owner,",
  VAULT_BLOCKED: "The issuer, with the token's owner,",
  TREASURY_BLOCKED: "The issuer, with the token's owner,",
  GUARANTEE_BLOCKED: "The issuer, with the token's owner,",
  GUARANTEE_NO_TOKENS: "Whoever keeps the guarantee's account",
  GUARANTEE_NO_GAS: "Whoever keeps the guarantee's account",
  GUARANTEE_EMPTY: "Whoever keeps the guarantee's account",
  WITHHELD_OVERDUE: "Risk or finance",
};

const places: Readonly<Record<string, string>> = {
  received: "before a batch",
  batched: "in batches that are not final",
  skipped: "at the vault, which would not pay",
  forked: "behind a fork",
  compensating: "in a payment of the issuer",
  withheld: "before a person",
};

/** What stands while money does not move: everything that has not reached its payee or a decision. */
const ON_THE_WAY = ["received", "batched", "compensating"];

/** Warnings of which the screen has lines of its own, with places to go to. */
const OWN_LINES = ["ACTIONS_FAILED", "CASES_OPEN", "TERMINALS_SILENT"];

/** Says what is stuck, and who has to do what. Pure: the page and its tests call it alike. */
export function situationOf(grounds: SituationGrounds): Situation {
  const [first] = grounds.reasons;
  const warnings = grounds.warnings.filter(({ code }) => !OWN_LINES.includes(code));
  const others = [...grounds.reasons.slice(1), ...warnings].map(({ code, message, next }) => ({
    text: `${code}: ${message} ${next}`,
    href: null,
  }));
  const waiting = waitingLines(grounds);
  if (grounds.open === null) {
    return {
      ...{ tone: "bad", href: null, also: others, code: first?.code ?? null },
      sentence: `The database does not answer. ${first === undefined ? "" : doNow(first)}`.trim(),
    };
  }
  if (first !== undefined) {
    const also = [...others, ...waiting];
    return { tone: "bad", sentence: stuckSentence(first, grounds), code: first.code, href: null, also };
  }
  const [next, ...rest] = waiting;
  if (next !== undefined)
    return { tone: "warn", sentence: next.text, code: null, href: next.href, also: [...others, ...rest] };
  const tone = others.length > 0 ? "warn" : "good";
  const sentence = "Money moves. Nothing is stuck, and nobody has to act.";
  return { tone, sentence, code: null, href: null, also: others };
}

function stuckSentence(reason: ReadinessNote, { open, amountText }: SituationGrounds): string {
  const held = (open ?? []).filter(({ state }) => ON_THE_WAY.includes(state));
  const count = held.reduce((sum, group) => sum + group.count, 0);
  const units = held.reduce((sum, group) => sum + group.units, 0n);
  const where = held.map(({ state }) => places[state] ?? state).join(" and ");
  const since = minute(new Date(reason.since));
  const what = `${reason.message} ${doNow(reason)}`;
  if (count === 0) return `No voucher is stuck yet. Since ${since}: ${what}`;
  return `${amountText(units)} of ${vouchers(count)} is stuck ${where} since ${since}: ${what}`;
}

function doNow({ code, next }: ReadinessNote): string {
  return `${actors[code] ?? "The operator"} must act: ${next}`;
}

/** What persons have to decide while money moves, the most urgent first. */
function waitingLines(grounds: SituationGrounds): Situation["also"] {
  const { open, refused, standing, cases, silent, amountText } = grounds;
  const lines: { text: string; href: string | null }[] = [];
  const group = (state: string): OpenGroup | undefined => open?.find((each) => each.state === state);
  const told = (found: OpenGroup): string =>
    `${amountText(found.units)} of ${vouchers(found.count)} is stuck ${places[found.state] ?? found.state} since ${minute(found.since)}`;
  const withheld = group("withheld");
  if (withheld !== undefined)
    lines.push({
      text: `${told(withheld)}: risk or finance must pay or refuse what is withheld.`,
      href: "/console/cases?kind=WITHHELD",
    });
  lines.push(...endingLines(grounds));
  for (const failed of refused.filter(({ again }) => !again)) lines.push(failedLine(failed, grounds));
  if (standing !== null)
    lines.push({
      text: `${amountText(standing.units)} of ${standing.count} ${standing.count === 1 ? "replacement stands" : "replacements stand"} since ${minute(standing.since)}: the issuer must end what the log says of the replacement, or decide about the successor.`,
      href: `/console/cards/${standing.card}`,
    });
  for (const failed of refused.filter(({ again }) => again)) lines.push(failedLine(failed, grounds));
  const skipped = group("skipped");
  if (skipped !== undefined)
    lines.push({
      text: `${told(skipped)}: it goes on by itself with a deposit to the card, else the issuer owes it.`,
      href: "/console/queues",
    });
  const forked = group("forked");
  if (forked !== undefined)
    lines.push({
      text: `${told(forked)}: it is decided when the other message is final.`,
      href: "/console/cases?kind=FORK",
    });
  if (cases.count > 0)
    lines.push({
      text: `${cases.count} ${cases.count === 1 ? "case is" : "cases are"} open since ${cases.since === null ? "now" : minute(cases.since)}: somebody must look into ${cases.count === 1 ? "it" : "them"}.`,
      href: "/console/cases",
    });
  lines.push(...silent);
  return lines;
}

/** How much did not move, for which reason and since when; who acts, and what they can do. */
function failedLine(
  { kind, told, again, count, units, since }: FailedGroup,
  { amountText, asset }: Pick<SituationGrounds, "amountText" | "asset">,
): Situation["also"][number] {
  const { who, next } = FAILED_KINDS[kind];
  const { text, remedy } = failureCause(told, { kind, count, asset });
  const much = units === null ? "" : `${amountText(units)} of `;
  const stuck = `${much}${kindText(kind, count)} ${count === 1 ? "is" : "are"} stuck at the chain since ${minute(since)} (${text})`;
  const must = remedy ?? `${who.charAt(0).toLowerCase()}${who.slice(1)} must ${next}`;
  return {
    text: `${stuck}: ${again ? `it is tried again by itself; where it lasts, ${must}` : must}.`,
    href: "/console/queues",
  };
}

/** What ends by itself if nobody decides it. */
function endingLines({ approvals, requests, now, amountText }: SituationGrounds): Situation["also"] {
  const ends = ({ count, endsAt }: EndingGroup): string =>
    `${count === 1 ? "it" : "the first"} ends in ${spanText(Math.max(0, endsAt.getTime() - now))}`;
  const lines: { text: string; href: string }[] = [];
  if (approvals !== null)
    lines.push({
      text: `${amountText(approvals.units)} of ${approvals.count} ${approvals.count === 1 ? "approval waits" : "approvals wait"} since ${minute(approvals.since)}: a second person must approve or refuse; ${ends(approvals)}.`,
      href: "/console/approvals",
    });
  if (requests !== null)
    lines.push({
      text: `${requests.count} ${requests.count === 1 ? "terminal asks" : "terminals ask"} for a first certificate since ${minute(requests.since)}: the issuer must approve or refuse; ${ends(requests)}.`,
      href: "/console/joining",
    });
  return lines;
}

function vouchers(count: number): string {
  return `${count} ${count === 1 ? "voucher" : "vouchers"}`;
}

function minute(at: Date): string {
  return `${at.toISOString().slice(0, "2026-11-21T09:00".length).replace("T", " ")} UTC`;
}
