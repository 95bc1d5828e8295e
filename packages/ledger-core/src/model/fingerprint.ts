import { hash } from "node:crypto";
import type { PlainOperation } from "./operation.ts";
import type { ExistsRefusalCode } from "./outcome.ts";
import type { TransferRecord } from "./record.ts";

/**
 * SHA-256 over everything that the caller put into an operation. It is stored with the operation,
 * so that the same id with the same content is known as a repetition, and with other content as a
 * contradiction.
 */
export function fingerprintOf(operation: PlainOperation): Uint8Array {
  const { kind, id, debit, credit, amount, target, expiresAtMs } = operation;
  const fields = [kind, id, debit, credit, amount === null ? null : amount.toString(), target, expiresAtMs];
  // The platform's own: it is called once an operation, on the way of every posting.
  return new Uint8Array(hash("sha256", JSON.stringify(fields), "buffer"));
}

/**
 * Names the field in which an operation contradicts the one stored under its id; call it when
 * fingerprints differ.
 */
export function differenceOf(operation: PlainOperation, stored: TransferRecord): ExistsRefusalCode {
  if (operation.kind !== stored.kind) return "EXISTS_WITH_DIFFERENT_KIND";
  if (operation.target !== stored.target) return "EXISTS_WITH_DIFFERENT_TARGET";
  if (operation.debit !== null && operation.debit !== stored.debit) return "EXISTS_WITH_DIFFERENT_DEBIT";
  if (operation.credit !== null && operation.credit !== stored.credit) return "EXISTS_WITH_DIFFERENT_CREDIT";
  if (operation.expiresAtMs !== stored.expiresAtMs) return "EXISTS_WITH_DIFFERENT_EXPIRY";
  return "EXISTS_WITH_DIFFERENT_AMOUNT";
}
