import { plain } from "../events/blob.ts";
import type { Statements } from "../events/statements.ts";
import { ANSWER_SECONDS, MAX_ANSWERS } from "./limits.ts";

/** What a call was answered, and what was asked. */
export interface AnsweredCall {
  /** SHA-256 of the call and its body, 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** JSON. */
  readonly answer: string;
}

/** Answers by the keys of their callers, for a day. */
export class AnsweredCallStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** `now` in seconds: an answer that is older than a day is none. */
  of(key: string, now: number): AnsweredCall | null {
    const row = this.statements.one<AnsweredCall>(
      "SELECT fingerprint, answer FROM answered_call WHERE key = ? AND answered_at > ?",
      ...[key, now - ANSWER_SECONDS],
    );
    return row === undefined ? null : { fingerprint: plain(row.fingerprint), answer: row.answer };
  }

  /** Keeps an answer within the caller's transaction, and drops what is too old or too much. */
  keep(key: string, { fingerprint, answer }: AnsweredCall, now: number): void {
    this.statements.run(
      "INSERT OR REPLACE INTO answered_call (key, fingerprint, answer, answered_at) VALUES (?, ?, ?, ?)",
      ...[key, fingerprint, answer, now],
    );
    this.statements.run("DELETE FROM answered_call WHERE answered_at <= ?", now - ANSWER_SECONDS);
    this.statements.run(
      `DELETE FROM answered_call WHERE rowid IN
       (SELECT rowid FROM answered_call ORDER BY answered_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
      MAX_ANSWERS,
    );
  }
}
