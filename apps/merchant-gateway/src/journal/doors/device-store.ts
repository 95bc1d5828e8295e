import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";

/** A device that was paired: a page's browser, or a program. */
export interface DeviceRecord {
  readonly id: string;
  readonly name: string;
  /** Seconds. */
  readonly pairedAt: number;
}

interface DeviceRow {
  readonly id: string;
  readonly name: string;
  readonly paired_at: bigint;
}

/** Who did what, on which device. */
export interface Action {
  /** What was asked for, such as `refund`. */
  readonly what: string;
  /** Of what: the id of a sale, a tap, a lane, a device. */
  readonly subject: string;
  readonly person: string | null;
  readonly role: string | null;
  readonly device: string;
}

/** Paired devices, the codes that pair them, and what was done on them. */
export class DeviceStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Devices that are not revoked, the newest first. */
  all(): readonly DeviceRecord[] {
    return this.statements
      .many<DeviceRow>("SELECT * FROM device WHERE revoked_at IS NULL ORDER BY paired_at DESC, rowid DESC")
      .map(deviceOf);
  }

  byKeyHash(hash: Uint8Array): DeviceRecord | null {
    const row = this.statements.one<DeviceRow>("SELECT * FROM device WHERE key_hash = ? AND revoked_at IS NULL", hash);
    return row === undefined ? null : deviceOf(row);
  }

  byId(id: string): DeviceRecord | null {
    const row = this.statements.one<DeviceRow>("SELECT * FROM device WHERE id = ? AND revoked_at IS NULL", id);
    return row === undefined ? null : deviceOf(row);
  }

  /** Takes a code and adds the device that showed it. */
  pair(
    device: DeviceRecord,
    { keyHash, codeHash }: { readonly keyHash: Uint8Array; readonly codeHash: Uint8Array },
  ): void {
    const { id, name, pairedAt } = device;
    this.statements.run("DELETE FROM pairing_code WHERE hash = ?", codeHash);
    this.statements.run(
      "INSERT INTO device (id, name, key_hash, paired_at) VALUES (?, ?, ?, ?)",
      ...[id, name, keyHash, pairedAt],
    );
    this.events.append({ at: pairedAt, kind: "device", subject: id, state: "paired", details: { name } });
  }

  revoke({ id, name }: DeviceRecord, now: number): void {
    this.statements.run("UPDATE device SET revoked_at = ? WHERE id = ?", now, id);
    this.events.append({ at: now, kind: "device", subject: id, state: "revoked", details: { name } });
  }

  /** Keeps a code; those that nobody may use any more go. */
  offer(
    hash: Uint8Array,
    { now, expiresAt, most }: { readonly now: number; readonly expiresAt: number; readonly most: number },
  ): void {
    this.statements.run("DELETE FROM pairing_code WHERE expires_at <= ? OR made_at > ?", now, now);
    this.statements.run(
      "DELETE FROM pairing_code WHERE hash NOT IN (SELECT hash FROM pairing_code ORDER BY made_at DESC, rowid DESC LIMIT ?)",
      most - 1,
    );
    this.statements.run("INSERT INTO pairing_code (hash, made_at, expires_at) VALUES (?, ?, ?)", hash, now, expiresAt);
    this.events.append({ at: now, kind: "device", subject: "", state: "code made", details: { expiresAt } });
  }

  /** Whether a code may be used now. */
  isOffered(hash: Uint8Array, now: number): boolean {
    const found = this.statements.one(
      "SELECT 1 FROM pairing_code WHERE hash = ? AND made_at <= ? AND expires_at > ?",
      ...[hash, now, now],
    );
    return found !== undefined;
  }

  /** Counts a wrong code against all that are offered; those with too many are offered no more. */
  countWrong(most: number): void {
    this.statements.run("UPDATE pairing_code SET wrong = wrong + 1");
    this.statements.run("DELETE FROM pairing_code WHERE wrong >= ?", most);
  }

  /** Records who asked for what, before it is done. */
  did({ what, subject, person, role, device }: Action, now: number): void {
    this.events.append({ at: now, kind: "action", subject, state: what, details: { person, role, device } });
  }
}

function deviceOf({ id, name, paired_at: pairedAt }: DeviceRow): DeviceRecord {
  return { id, name, pairedAt: Number(pairedAt) };
}
