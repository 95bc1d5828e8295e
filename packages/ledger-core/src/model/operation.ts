import { assertId } from "./account.ts";
import { LedgerError } from "./errors.ts";
import { MAX_EXPIRING_ID_LENGTH, MAX_GROUP_OPERATIONS, MAX_TIME_MS, MAX_TOTAL } from "./limits.ts";

/** Moves an amount at once: `debit` is debited and `credit` credited. */
export interface TransferOperation {
  readonly kind: "transfer";
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
}

/**
 * Reserves an amount: pending on both accounts until it is posted, voided or expired, one of them
 * once.
 */
export interface HoldOperation {
  readonly kind: "hold";
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  /** From this moment on it cannot be posted any more. Absent: never. */
  readonly expiresAtMs?: number;
}

/** Ends a hold by moving all of it, or `amount` of it and giving the rest free. */
export interface PostOperation {
  readonly kind: "post";
  readonly id: string;
  readonly hold: string;
  readonly amount?: bigint;
}

/** Ends a hold without moving anything. */
export interface VoidOperation {
  readonly kind: "void";
  readonly id: string;
  readonly hold: string;
}

/** Ends a hold because its time is over; refused before that. */
export interface ExpireOperation {
  readonly kind: "expire";
  readonly id: string;
  readonly hold: string;
}

/** Takes back a transfer or a post by a new one with the sides changed, linked to it; once. */
export interface ReverseOperation {
  readonly kind: "reverse";
  readonly id: string;
  readonly transfer: string;
}

/** One line of a group. The id comes from the domain: the same event always has the same id. */
export type Operation =
  | TransferOperation
  | HoldOperation
  | PostOperation
  | VoidOperation
  | ExpireOperation
  | ReverseOperation;

export type OperationKind = Operation["kind"];

/**
 * Operations that take effect together or not at all. Account limits are judged after the last of
 * them.
 */
export interface Group {
  /** When the caller says that it happened, milliseconds since 1970. */
  readonly atMs: number;
  readonly operations: readonly Operation[];
}

/**
 * The operation in one form for all kinds: what it names, and null where its kind has no such
 * field.
 */
export interface PlainOperation {
  readonly kind: OperationKind;
  readonly id: string;
  readonly debit: string | null;
  readonly credit: string | null;
  readonly amount: bigint | null;
  /** The hold that it ends, or the transfer that it reverses. */
  readonly target: string | null;
  readonly expiresAtMs: number | null;
}

export function plainOperation(operation: Operation): PlainOperation {
  const empty = { debit: null, credit: null, amount: null, target: null, expiresAtMs: null };
  switch (operation.kind) {
    case "transfer":
    case "hold": {
      const { kind, id, debit, credit, amount } = operation;
      const expiresAtMs = operation.kind === "hold" ? (operation.expiresAtMs ?? null) : null;
      return { ...empty, kind, id, debit, credit, amount, expiresAtMs };
    }
    case "post":
      return { ...empty, kind: "post", id: operation.id, target: operation.hold, amount: operation.amount ?? null };
    case "void":
    case "expire":
      return { ...empty, kind: operation.kind, id: operation.id, target: operation.hold };
    case "reverse":
      return { ...empty, kind: "reverse", id: operation.id, target: operation.transfer };
  }
}

/** Refuses a time that is no whole millisecond from 1970 on: LedgerError BAD_TIME. */
export function assertTimeMs(field: string, timeMs: number): void {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS) {
    throw new LedgerError("BAD_TIME", `${field} must be whole milliseconds since 1970; it was ${timeMs}.`);
  }
}

/**
 * Refuses a group that no ledger could take: EMPTY_GROUP, GROUP_TOO_LARGE, DUPLICATE_ID, BAD_ID,
 * BAD_AMOUNT, BAD_TIME or SAME_ACCOUNT. Every engine calls it first.
 */
export function assertGroup({ atMs, operations }: Group): void {
  assertTimeMs("atMs", atMs);
  if (operations.length === 0) throw new LedgerError("EMPTY_GROUP", "A group has at least one operation.");
  if (operations.length > MAX_GROUP_OPERATIONS) {
    throw new LedgerError("GROUP_TOO_LARGE", `A group has at most ${MAX_GROUP_OPERATIONS} operations.`);
  }
  const seen = new Set<string>();
  for (const operation of operations) {
    assertOperation(plainOperation(operation));
    if (seen.has(operation.id)) {
      throw new LedgerError("DUPLICATE_ID", `The id ${operation.id} stands twice in one group.`);
    }
    seen.add(operation.id);
  }
}

function assertOperation({ id, debit, credit, amount, target, expiresAtMs }: PlainOperation): void {
  assertId("operation id", id);
  if (debit !== null) assertId("debit account", debit);
  if (credit !== null) assertId("credit account", credit);
  if (target !== null) assertId("target id", target);
  if (debit !== null && debit === credit) {
    throw new LedgerError("SAME_ACCOUNT", `Operation ${id} debits and credits the same account ${debit}.`);
  }
  if (amount !== null && (typeof amount !== "bigint" || amount < 1n || amount > MAX_TOTAL)) {
    throw new LedgerError(
      "BAD_AMOUNT",
      `The amount of ${id} must be a bigint from 1 to ${MAX_TOTAL}; it was ${amount}.`,
    );
  }
  if (expiresAtMs === null) return;
  assertTimeMs("expiresAtMs", expiresAtMs);
  if (id.length > MAX_EXPIRING_ID_LENGTH) {
    throw new LedgerError(
      "BAD_ID",
      `The id of a hold with an expiry has at most ${MAX_EXPIRING_ID_LENGTH} characters.`,
    );
  }
}
