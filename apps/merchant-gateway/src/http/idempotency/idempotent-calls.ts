import { createHash } from "node:crypto";
import { equalBytes } from "@tallystick/protocol";
import type { TerminalClock } from "../../clock/terminal-clock.ts";
import type { Journal } from "../../journal/journal.ts";
import { Problem } from "../problem.ts";
import { MAX_KEY_LENGTH } from "./limits.ts";

/** Name of the header, in lower case. */
export const IDEMPOTENCY_HEADER = "idempotency-key";

/** A call that its caller has named by a key. */
export interface KeyedCall {
  readonly key: string;
  /** Method and path. */
  readonly call: string;
  /** As it came, before anything is read of it. */
  readonly body: unknown;
  /** The device that asks: another one's key is another call's. */
  readonly device: string;
}

export interface KeyedAnswer<T> {
  readonly answer: T;
  /** It is the answer of before, and nothing was done now. */
  readonly replayed: boolean;
}

export interface IdempotentCallsParts {
  readonly journal: Pick<Journal, "write" | "answeredCalls">;
  readonly clock: Pick<TerminalClock, "now">;
}

/** The caller's key; null where it names none. Throws Problem IDEMPOTENCY_KEY_MALFORMED. */
export function keyOf(header: unknown): string | null {
  if (header === undefined) return null;
  if (typeof header === "string" && /^[\x21-\x7e]+$/.test(header) && header.length <= MAX_KEY_LENGTH) return header;
  throw new Problem(
    "IDEMPOTENCY_KEY_MALFORMED",
    `Send 1 to ${MAX_KEY_LENGTH} printable characters without spaces as Idempotency-Key.`,
  );
}

/**
 * The id of a sale whose caller named none but sent a key: the same key is the same sale, also where the
 * gateway stopped before it kept its answer.
 */
export function saleIdOfKey(key: string): string {
  return `key-${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
}

/**
 * Calls that are carried out once under one key. An answer is kept for a day; a refusal has changed
 * nothing, so it is not kept, and the same call is judged anew. What is done twice where the gateway
 * stops between an effect and its answer is safe by the ids in the call itself.
 */
export class IdempotentCalls {
  private readonly parts: IdempotentCallsParts;
  private readonly running = new Set<string>();

  constructor(parts: IdempotentCallsParts) {
    this.parts = parts;
  }

  /**
   * Does the work, or answers what it came to before. Throws Problem IDEMPOTENCY_KEY_REUSED where the key
   * names another call, IDEMPOTENCY_KEY_IN_USE while the same one runs.
   */
  async once<T>(named: KeyedCall, work: () => Promise<T>): Promise<KeyedAnswer<T>> {
    const { journal, clock } = this.parts;
    const { key } = named;
    const fingerprint = fingerprintOf(named);
    const known = journal.answeredCalls.of(key, clock.now());
    if (known !== null) {
      if (!equalBytes(known.fingerprint, fingerprint))
        throw new Problem(
          "IDEMPOTENCY_KEY_REUSED",
          "This key named another call before; give each call a key of its own.",
        );
      return { answer: JSON.parse(known.answer) as T, replayed: true };
    }
    if (this.running.has(key))
      throw new Problem("IDEMPOTENCY_KEY_IN_USE", "A call with this key is being carried out; ask again later.");
    this.running.add(key);
    try {
      const answer = await work();
      journal.write(() => {
        journal.answeredCalls.keep(key, { fingerprint, answer: JSON.stringify(answer) }, clock.now());
      });
      return { answer, replayed: false };
    } finally {
      this.running.delete(key);
    }
  }
}

/** Of everything but the PIN, which is never kept, not even as a hash. */
function fingerprintOf({ call, body, device }: KeyedCall): Uint8Array {
  const { pin: _, ...rest } = (typeof body === "object" ? (body ?? {}) : {}) as Readonly<Record<string, unknown>>;
  const names = Object.keys(rest).sort();
  const text = JSON.stringify([device, call, names.map((name) => [name, rest[name]])]);
  return Uint8Array.from(createHash("sha256").update(text).digest());
}
