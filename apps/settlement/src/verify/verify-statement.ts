import { createHash } from "node:crypto";
import { leafHash, LedgerError, SparseLog, verifyConsistency } from "@tallystick/ledger-core";
import { formatTotal, type Asset } from "@tallystick/money";
import { fromHex, toHex, verifyDigest } from "@tallystick/protocol";
import { z } from "zod";
import { statementSchema, type StatementDocument } from "../operations/statements/statement-answers.ts";
import {
  accountIds,
  addStandings,
  effectOf,
  namedBy,
  NOTHING,
  owedMove,
  STANDING_FIELDS,
  STATEMENT_ACCOUNTS,
  type AccountIds,
  type Standing,
} from "../operations/statements/statement-effects.ts";
import { entryOf } from "./log-entry.ts";

/** Why a statement is not to be believed. */
export type StatementFaultCode =
  | "STATEMENT_MALFORMED"
  | "STATEMENT_SIGNATURE"
  | "STATEMENT_LINE"
  | "STATEMENT_PARTS"
  | "STATEMENT_SUM"
  | "STATEMENT_PROOF"
  | "STATEMENT_ANCHOR"
  | "STATEMENT_ROOT";

export interface StatementFault {
  readonly code: StatementFaultCode;
  /** The line in question, from 1; null where it is the statement as a whole. */
  readonly line: number | null;
  readonly message: string;
}

/** What somebody holds beside the file. */
export interface StatementGrounds {
  /** The issuer's public keys; without one the signature is not looked at. */
  readonly issuerKeys: readonly Uint8Array[];
  /** The ledger root of the batch that the statement names, as the chain shows it. */
  readonly root: string | null;
}

export interface StatementVerdict {
  readonly fault: StatementFault | null;
  readonly document: StatementDocument | null;
  /** Lines that stand under the root on the chain. */
  readonly anchored: number;
}

class Faulty extends Error {
  readonly fault: StatementFault;

  constructor(code: StatementFaultCode, message: string, line: number | null = null) {
    super(message);
    this.fault = { code, line, message };
  }
}

/**
 * Judges a statement by itself: that every line is what its log entry says and stands in the log,
 * that the log begins with the anchored one, that the lines lead from the opening balances to the
 * closing ones, and that payouts consist of what came in before. Never throws for what a file can
 * hold.
 */
export function verifyStatement(text: string, grounds: StatementGrounds): StatementVerdict {
  let document: StatementDocument | null = null;
  try {
    document = parsed(text);
    checkSignature(text, document, grounds.issuerKeys);
    checkLines(document);
    checkParts(document);
    checkProof(document);
    checkAnchor(document, grounds.root);
  } catch (error) {
    if (error instanceof Faulty) return { fault: error.fault, document, anchored: 0 };
    throw error;
  }
  const { anchor, lines } = document;
  return { fault: null, document, anchored: lines.filter(({ index }) => index < (anchor?.size ?? 0)).length };
}

function parsed(text: string): StatementDocument {
  try {
    return statementSchema.parse(JSON.parse(text));
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error).split("\n", 2).join(" ") : String(error);
    throw new Faulty("STATEMENT_MALFORMED", `The file is no statement of a form that is known here: ${detail}`);
  }
}

/** What is signed is the document without its signature, written without blanks, as it stands in the file. */
function checkSignature(text: string, { signature }: StatementDocument, keys: readonly Uint8Array[]): void {
  if (keys.length === 0) return;
  const { signature: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const digest = createHash("sha256").update(JSON.stringify(rest)).digest();
  const bytes = fromHex(signature.signature, 64);
  if (keys.some((key) => verifyDigest(bytes, digest, key))) return;
  throw new Faulty("STATEMENT_SIGNATURE", "None of these keys signed this statement as it is.");
}

function checkLines(document: StatementDocument): void {
  const asset = assetOf(document);
  const ids = idsOf(document);
  let balance = standingOf(document.opening, asset);
  let [last, day] = [-1, document.from];
  const days = new Map<string, { lines: number; change: Standing; balance: Standing }>();
  for (const [place, line] of document.lines.entries()) {
    const wrong = (what: string): Faulty => new Faulty("STATEMENT_LINE", `Line ${place + 1}: ${what}`, place + 1);
    const entry = entryOf(line.entry);
    if (entry === null) throw wrong("its log entry cannot be read.");
    if (entry.id !== line.operation) throw wrong(`its log entry is of ${entry.id}.`);
    const { kind, voucher } = namedBy(entry.id);
    if (kind !== "freed" && (line.became ?? line.code ?? null) !== null)
      throw wrong("it says what became of a voucher, and ends no hold without payment.");
    if (kind !== line.kind || voucher !== line.voucher) throw wrong("its kind or voucher is not its operation's.");
    if (formatTotal(entry.amount, asset) !== line.amount)
      throw wrong(`it shows ${line.amount}, and its log entry ${formatTotal(entry.amount, asset)}.`);
    const touched = STATEMENT_ACCOUNTS.filter((account) => [entry.debit, entry.credit].includes(ids[account]));
    const atAnEnd = line.day === document.from || line.day === document.to;
    // Where clocks differ, one of an operation's accounts may have been booked on another day.
    if (touched.length === 0 || !(atAnEnd || touched.every((account) => line.counted.includes(account))))
      throw wrong("it leaves out an account that its log entry names.");
    const effect = effectOf(entry, ids, line.counted);
    if (!shows(line.effect, effect, asset)) throw wrong("its effect is not that of its log entry.");
    balance = addStandings(balance, effect);
    if (!shows(line.balance, balance, asset)) throw wrong("its balance does not follow from the line before.");
    if (line.index <= last) throw wrong("it stands out of the log's order.");
    last = line.index;
    if (line.day < day || line.day > document.to) throw wrong("its day is not in the statement's order or period.");
    ({ day } = line);
    const { lines, change } = days.get(day) ?? { lines: 0, change: NOTHING };
    days.set(day, { lines: lines + 1, change: addStandings(change, effect), balance });
  }
  if (!shows(document.closing, balance, asset) || document.count !== document.lines.length)
    throw new Faulty("STATEMENT_SUM", "The lines do not lead from the opening balances to the closing ones.");
  const same =
    document.days.length === days.size &&
    document.days.every((shown) => {
      const own = days.get(shown.day);
      return (
        own?.lines === shown.lines && shows(shown.change, own.change, asset) && shows(shown.balance, own.balance, asset)
      );
    });
  if (!same) throw new Faulty("STATEMENT_SUM", "The sums of the days are not those of their lines.");
}

/** First in, first out: of the vouchers of this statement it is known where they lie in the order. */
function checkParts(document: StatementDocument): void {
  const asset = assetOf(document);
  const ids = idsOf(document);
  const places = new Map<string, { readonly from: bigint; readonly to: bigint }>();
  let [came, went] = [readAmount(document.opening.in, asset), readAmount(document.opening.out, asset)];
  const before = came;
  for (const [place, line] of document.lines.entries()) {
    const entry = entryOf(line.entry);
    const move = entry === null || !line.counted.includes("owed") ? null : owedMove(entry, ids);
    const amount = entry?.amount ?? 0n;
    if (move === "in") {
      places.set(line.operation, { from: came, to: came + amount });
      came += amount;
    }
    const parts = line.parts ?? [];
    if (move !== "out" && parts.length === 0) continue;
    const wrong = new Faulty("STATEMENT_PARTS", `Line ${place + 1}: its parts are not what came in first.`, place + 1);
    if (move !== "out") throw wrong;
    const end = went + amount;
    for (const part of parts) {
      const to = went + readAmount(part.amount, asset);
      const known = places.get(part.of);
      const fits = known === undefined ? to <= before : went >= known.from && to <= known.to;
      if (!fits || to > end || part.voucher !== namedBy(part.of).voucher) throw wrong;
      went = to;
    }
    // What went out and never came in has no part.
    if (went !== end && went < came) throw wrong;
    went = end;
  }
}

function checkProof({ lines, log, after }: StatementDocument): void {
  const sparse = new SparseLog();
  const hash = (text: string): Uint8Array => fromHex(text, 32);
  try {
    for (const line of lines) {
      sparse.addHashes(line.index, line.between.map(hash));
      sparse.addLeaf(leafHash(new TextEncoder().encode(line.entry)));
    }
    sparse.addHashes(log.size, after.map(hash));
  } catch (error) {
    if (error instanceof LedgerError)
      throw new Faulty("STATEMENT_PROOF", "Between two lines, or after the last one, entries of the log are missing.");
    throw error;
  }
  if (toHex(sparse.root()) !== log.root)
    throw new Faulty("STATEMENT_PROOF", "The lines and what lies between them do not come to the log's root.");
}

function checkAnchor({ anchor, log, consistency }: StatementDocument, root: string | null): void {
  if (root !== null && anchor?.root !== root)
    throw new Faulty("STATEMENT_ROOT", "The root on the chain is another one than the statement's.");
  if (anchor === null) return;
  const hash = (text: string): Uint8Array => fromHex(text, 32);
  const claim = { from: anchor.size, fromRoot: hash(anchor.root), to: log.size, toRoot: hash(log.root) };
  if (verifyConsistency({ ...claim, path: consistency.map(hash) })) return;
  throw new Faulty("STATEMENT_ANCHOR", "The log does not begin with the one whose root is on the chain.");
}

function idsOf({ payee }: StatementDocument): AccountIds {
  return accountIds(fromHex(payee, 20));
}

function assetOf({ asset }: StatementDocument): Asset {
  return { ...asset, scale: 1n };
}

function shows(text: Readonly<Record<keyof Standing, string>>, standing: Standing, asset: Asset): boolean {
  return STANDING_FIELDS.every((field) => text[field] === formatTotal(standing[field], asset));
}

function standingOf(text: Readonly<Record<keyof Standing, string>>, asset: Asset): Standing {
  const [accepted, owed, paidOut, issuerOwes] = STANDING_FIELDS.map((field) => readAmount(text[field], asset));
  return { accepted, owed, paidOut, issuerOwes } as Standing;
}

/** Units of what `formatTotal` wrote. Throws STATEMENT_MALFORMED. */
function readAmount(text: string, { decimals }: Asset): bigint {
  const [whole = "", fraction = ""] = text.replace(/^-/, "").split(".");
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals)))
    throw new Faulty("STATEMENT_MALFORMED", `The amount ${text} has more decimals than its currency.`);
  const units = BigInt(`${whole}${fraction.slice(0, decimals).padEnd(decimals, "0")}`);
  return text.startsWith("-") ? -units : units;
}
