import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** What people may do, from the least on. */
export const roles = ["cashier", "manager", "owner"] as const;
export type Role = (typeof roles)[number];

/** Somebody who signs in with a PIN. */
export interface PersonRecord {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** The PIN's Argon2id, as text with its parameters. */
  readonly pin: string;
  /** Wrong PINs since the last right one. */
  readonly wrong: number;
  /** Seconds: no PIN is looked at before. */
  readonly lockedUntil: number;
}

interface PersonRow {
  readonly id: bigint;
  readonly name: string;
  readonly role: Role;
  readonly pin: string;
  readonly wrong: bigint;
  readonly locked_until: bigint;
}

/** People and their tries; each change enters the log. */
export class PersonStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** All who may sign in, by name. */
  all(): readonly PersonRecord[] {
    return this.statements
      .many<PersonRow>("SELECT * FROM person WHERE removed_at IS NULL ORDER BY folded")
      .map(personOf);
  }

  byName(name: string): PersonRecord | null {
    const row = this.statements.one<PersonRow>(
      "SELECT * FROM person WHERE folded = ? AND removed_at IS NULL",
      folded(name),
    );
    return row === undefined ? null : personOf(row);
  }

  add({ name, role, pin }: Pick<PersonRecord, "name" | "role" | "pin">, now: number): void {
    this.statements.run(
      "INSERT INTO person (name, folded, role, pin, added_at) VALUES (?, ?, ?, ?, ?)",
      ...[name.normalize("NFC"), folded(name), role, pin, now],
    );
    this.tell(name, "added", { role }, now);
  }

  remove({ id, name }: PersonRecord, now: number): void {
    this.statements.run("UPDATE person SET removed_at = ? WHERE id = ?", now, id);
    this.tell(name, "removed", {}, now);
  }

  changePin({ id, name }: PersonRecord, pin: string, now: number): void {
    this.statements.run("UPDATE person SET pin = ?, wrong = 0, locked_until = 0 WHERE id = ?", pin, id);
    this.tell(name, "pin changed", {}, now);
  }

  /** Counts a try before its PIN is looked at, so that none is free. */
  countTry({ id }: PersonRecord, lockedUntil: number): void {
    this.statements.run("UPDATE person SET wrong = wrong + 1, locked_until = ? WHERE id = ?", lockedUntil, id);
  }

  /** The PIN was wrong; the try is counted already. */
  wrongPin({ name }: PersonRecord, device: string, now: number): void {
    this.tell(name, "pin wrong", { device }, now);
  }

  signedIn({ id, name, role }: PersonRecord, device: string, now: number): void {
    this.statements.run("UPDATE person SET wrong = 0, locked_until = 0 WHERE id = ?", id);
    this.tell(name, "signed in", { role, device }, now);
  }

  signedOut(name: string, device: string, now: number): void {
    this.tell(name, "signed out", { device }, now);
  }

  private tell(subject: string, state: string, details: Readonly<Record<string, unknown>>, now: number): void {
    this.events.append({ at: now, kind: "person", subject, state, details });
  }
}

/** Names that people take for the same are the same. */
function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

function personOf({ id, name, role, pin, wrong, locked_until: lockedUntil }: PersonRow): PersonRecord {
  return { id: Number(id), name, role, pin, wrong: Number(wrong), lockedUntil: Number(lockedUntil) };
}
