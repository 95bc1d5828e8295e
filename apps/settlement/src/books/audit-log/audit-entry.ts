import { createHash } from "node:crypto";
import { leafHash } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import type { Actor } from "../../foundation/http/roles.ts";

/** What persons do that moves or stops money, or what is told of it (spec §6.11). */
export type AuditedAction =
  | "card-registered"
  | "card-reference"
  | "order-report"
  | "card-status"
  | "card-limits"
  | "card-keys"
  | "card-replaced"
  | "rest-asked"
  | "funding"
  | "allowance"
  | "certificate"
  | "certificate-withdrawn"
  | "certificate-request-refused"
  | "payee-confirmed"
  | "payout"
  | "action-retried"
  | "action-abandoned"
  | "withheld-paid"
  | "withheld-refusal-proposed"
  | "withheld-refused"
  | "approval-asked"
  | "approval-refused"
  | "alarm-acknowledged"
  | "case-taken"
  | "case-resolved"
  | "named"
  | "period-closed"
  | "finality-accepted"
  | "rescan"
  | "restored"
  | "key-rotation"
  | "key-rotation-cancelled"
  | "token-made"
  | "token-revoked"
  | "person-invited"
  | "person-removed"
  | "person-erased"
  | "passkey-added"
  | "passkey-removed";

/** One action of a person. */
export interface AuditRecord {
  readonly action: AuditedAction;
  readonly actor: Actor;
  /** What it is about: a card, a payee, a voucher. Never a name. */
  readonly subject: string;
  /** In the order of the action's row in the specification. */
  readonly details: Readonly<Record<string, string>>;
  readonly at: Date;
}

/** An action as it is kept: the entry permanently, the words beside it until they are erased. */
export interface SealedAction {
  readonly entry: string;
  readonly words: string;
  /** Who may ask for the words to be erased. */
  readonly names: readonly string[];
}

/** Names the form of an entry, as that of the ledger's log has its own. */
const ENTRY_FORM = "tallystick.audit/2";
const WORDS_FORM = "tallystick.audit-words/1";

/** The details that name persons, or that persons wrote: they stand in the words alone. */
const WORDS: ReadonlySet<string> = new Set([
  ...["reason", "asked-by", "asked-because", "person", "station", "operator", "reference", "before", "key"],
  ...["name", "contact"],
]);

/** The details whose values are names of persons. */
const NAMES: ReadonlySet<string> = new Set(["person", "operator", "asked-by"]);

/** Makes the entry of an action, and the words beside it, with a salt of 32 random bytes (spec §6.11). */
export function sealAction({ action, actor, subject, details, at }: AuditRecord, salt: Uint8Array): SealedAction {
  const given = Object.entries(details);
  if (actor.station !== undefined) given.push(["station", actor.station]);
  if (actor.operator !== undefined) given.push(["operator", actor.operator]);
  const spoken = given.filter(([name]) => WORDS.has(name));
  const shown = given.filter(([name]) => !WORDS.has(name));
  const words = JSON.stringify([WORDS_FORM, actor.name, spoken]);
  const hash = toHex(wordsHash(salt, words));
  const entry = JSON.stringify([ENTRY_FORM, action, actor.role, subject, shown, at.getTime(), hash]);
  const names = spoken.filter(([name]) => NAMES.has(name)).map(([, value]) => value);
  return { entry, words, names: actor.name === null ? names : [actor.name, ...names] };
}

/** What an entry holds of the words beside it: SHA-256 of the salt and the words in UTF-8. */
export function wordsHash(salt: Uint8Array, words: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(salt).update(words, "utf8").digest());
}

/** The leaf of an entry in the audit log. */
export function entryLeaf(entry: string): Uint8Array {
  return leafHash(new TextEncoder().encode(entry));
}

/** What an entry says; null of one that is in no form that is known. */
export function readEntry(entry: string): { readonly atMs: number; readonly wordsHash: string | null } | null {
  const fields = parsed(entry);
  const form = fields?.[0];
  // The form from before words stood apart: they are in it, and time is the last.
  if (form === "tallystick.audit/1" && typeof fields?.[6] === "number") return { atMs: fields[6], wordsHash: null };
  const [atMs, hash] = [fields?.[5], fields?.[6]];
  if (form !== ENTRY_FORM || typeof atMs !== "number" || typeof hash !== "string") return null;
  return { atMs, wordsHash: hash };
}

function parsed(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && JSON.stringify(value) === text ? (value as unknown[]) : null;
  } catch {
    return null;
  }
}
