import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { fromHex, toHex } from "@tallystick/protocol";
import { createNativeEngine } from "../foundation/keys/signature-engine.ts";
import {
  closedPeriodSchema,
  periodStatementSchema,
  type PeriodStatement,
  type PeriodSums,
  sumsOf,
} from "../operations/periods/period-statement.ts";
import { issuerKeyOf, textOf, usage } from "./given-files.ts";
import { MAX_PERIOD_BYTES } from "./limits.ts";
import type { VerifyResult } from "./verify-command.ts";

export const periodHelp = `Usage: tallystick-settlement verify period FILE --issuer-key HEX [options]

Checks the statement of a closed period, as the books' page or GET /v1/periods/:id gives it, without a
network and without the service: the issuer signed it as it stands, and all that its charts of
accounts hold and all that moved comes to 0. It exits with 0 where nothing is wrong.

  --issuer-key HEX  a public key of the issuer, 33 or 65 bytes; again for each further key
  --previous FILE   the statement before: this one follows it, and what moved is the difference
  --json            one JSON object instead of the sentence
`;

/** Why a period's statement is not right. */
type PeriodFault = "MALFORMED" | "SIGNATURE_WRONG" | "SUM_WRONG" | "MOVED_WRONG" | "PREVIOUS_WRONG";

interface Period {
  /** As it was signed. */
  readonly text: string;
  readonly signature: Uint8Array;
  readonly statement: PeriodStatement;
}

/** Runs `verify period` with the arguments behind it. Throws ProgramError where it cannot judge. */
export function periodCommand(args: readonly string[]): VerifyResult {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "issuer-key": { type: "string", multiple: true },
      previous: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage("Name one file.", "Give the period's file.");
  const keys = (values["issuer-key"] ?? []).map(issuerKeyOf);
  if (keys.length === 0) throw usage("The issuer's key is missing.", "Give it with --issuer-key HEX.");
  const period = readPeriod(file);
  const before = values.previous === undefined ? undefined : readPeriod(values.previous);
  const fault = faultOf(period, before, keys);
  const malformed = [
    ...(period === null ? [file] : []),
    ...(before === null && values.previous !== undefined ? [values.previous] : []),
  ];
  const line = values.json ? jsonOf(period, fault, malformed) : sentenceOf(period, fault, malformed);
  return { line, accepted: fault === null };
}

/** The first thing that is wrong; null where nothing is. `before` is undefined where it was not given. */
function faultOf(
  period: Period | null,
  before: Period | null | undefined,
  keys: readonly Uint8Array[],
): PeriodFault | null {
  if (period === null || before === null) return "MALFORMED";
  if (![period, before ?? period].every((each) => isSigned(each, keys))) return "SIGNATURE_WRONG";
  const { asset, others, previous } = period.statement;
  for (const { balances, moved, sum } of [period.statement, ...Object.values(others ?? {})])
    if (sum !== "0" || total(balances) !== 0n || total(moved) !== 0n) return "SUM_WRONG";
  if (!hasItsPlace(period.statement, before)) return "PREVIOUS_WRONG";
  // What moved is judged from the beginning, or beside the statement before.
  if (previous !== null && before === undefined) return null;
  const held = before?.statement ?? null;
  const assets = new Set([asset, ...Object.keys(others ?? {}), ...Object.keys(held?.others ?? {})]);
  const right = [...assets].every((each) => movedSince(sumsOf(period.statement, each), sumsOf(held, each).balances));
  return right ? null : "MOVED_WRONG";
}

function isSigned({ text, signature }: Period, keys: readonly Uint8Array[]): boolean {
  const digest = createHash("sha256").update(text).digest();
  const engine = createNativeEngine();
  return keys.some((key) => engine.verify(signature, digest, key));
}

/** Whether it is the first one, or follows the one before where that was given. */
function hasItsPlace(statement: PeriodStatement, before: Period | undefined): boolean {
  if (statement.previous === null) return before === undefined && statement.from === null;
  return before === undefined || follows(statement, before);
}

function follows({ previous, from, log, asset, domain }: PeriodStatement, { text, statement }: Period): boolean {
  return (
    previous === toHex(createHash("sha256").update(text).digest()) &&
    from === statement.to &&
    log.size > statement.log.size &&
    asset === statement.asset &&
    JSON.stringify(domain) === JSON.stringify(statement.domain)
  );
}

/** Whether what moved in each chart is what it holds less what it held. */
function movedSince({ balances, moved }: PeriodSums, held: Readonly<Record<string, string>>): boolean {
  const names = new Set([balances, moved, held].flatMap((charts) => Object.keys(charts)));
  return [...names].every((name) => units(moved, name) === units(balances, name) - units(held, name));
}

function units(charts: Readonly<Record<string, string>>, name: string): bigint {
  return BigInt(Object.hasOwn(charts, name) ? (charts[name] ?? "0") : "0");
}

function total(charts: Readonly<Record<string, string>>): bigint {
  return Object.values(charts).reduce((sum, each) => sum + BigInt(each), 0n);
}

/** Null where the file or the text in it has not its form. */
function readPeriod(file: string): Period | null {
  const closed = closedPeriodSchema.safeParse(jsonFrom(textOf(file, { most: MAX_PERIOD_BYTES, what: "period" })));
  if (!closed.success) return null;
  const { statement: text, signature } = closed.data;
  const statement = periodStatementSchema.safeParse(jsonFrom(text));
  return statement.success ? { text, signature: fromHex(signature, 64), statement: statement.data } : null;
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function jsonOf(period: Period | null, fault: PeriodFault | null, malformed: readonly string[]): string {
  const { from = null, to = null, log = null, previous = null } = period?.statement ?? {};
  return JSON.stringify({ schema: "tallystick.period-verdict/1", fault, malformed, from, to, log, previous });
}

const FAULTS: Readonly<Record<PeriodFault, string>> = {
  MALFORMED: "What was given is no statement of a closed period.",
  SIGNATURE_WRONG: "A statement is not what the issuer signed.",
  SUM_WRONG: "What its charts of accounts hold, or what moved, does not come to 0.",
  MOVED_WRONG: "What moved is not what the charts hold less what they held.",
  PREVIOUS_WRONG: "It does not follow the statement before.",
};

function sentenceOf(period: Period | null, fault: PeriodFault | null, malformed: readonly string[]): string {
  if (malformed.length > 0) return `MALFORMED: ${malformed.join(" and ")}: no statement of a closed period.`;
  if (fault !== null || period === null) return `${fault ?? "MALFORMED"}: ${FAULTS[fault ?? "MALFORMED"]}`;
  const { from, to, log, previous } = period.statement;
  const start = from === null ? "the beginning" : from;
  const chain = previous === null ? "It is the first." : `The statement before it has SHA-256 ${previous}.`;
  return `The period from ${start} to ${to} is signed by the issuer and comes to 0: ${log.size} entries under the root ${log.root}. ${chain}`;
}
