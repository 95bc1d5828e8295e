import type { AccountSpec } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";

/**
 * Where the tokens of one vault can be. Every account but `outside` grows on its debit side, so at
 * any time outside = treasury + guarantee + cards + owed + paid out.
 *
 * - `outside`: where tokens came from and, taken back, went to.
 * - `treasury`: the issuer's tokens, at the account that funds cards; `treasury:…`: at one that took
 *   its place. Each stays the issuer's permanently.
 * - `guarantee`: the issuer's tokens, at the account that compensations are paid from.
 * - `card:…`: a card's balance in the vault. `owed:…`: what the vault holds for a payee; holds of
 *   vouchers not yet paid are pending here.
 * - `paid-out:…`: tokens that reached a payee, by the vault or by the issuer's compensation.
 * - `issuer-owes:…`: holds no tokens; what the issuer owes a payee for vouchers that the vault did not
 *   pay is pending here, against `guarantee`.
 */
export const OUTSIDE = "outside";
export const TREASURY = "treasury";
export const GUARANTEE = "guarantee";

/** An account of the issuer that tokens are at. */
export type IssuerAccount = typeof TREASURY | `${typeof TREASURY}:${string}` | typeof GUARANTEE;

/** The account of a treasury in the books; null stands for the first one. */
export function treasuryAccount(address: Uint8Array | null): IssuerAccount {
  return address === null ? TREASURY : `${TREASURY}:${toHex(address)}`;
}

export function cardAccount(card: Uint8Array): string {
  return `card:${toHex(card)}`;
}

export function owedAccount(payee: Uint8Array): string {
  return `owed:${toHex(payee)}`;
}

export function paidOutAccount(payee: Uint8Array): string {
  return `paid-out:${toHex(payee)}`;
}

export function issuerOwesAccount(payee: Uint8Array): string {
  return `issuer-owes:${toHex(payee)}`;
}

/** The properties of an account, by its id; its chart is what stands before the colon. */
export function accountSpec(id: string, asset: string): AccountSpec {
  const chart = id.split(":", 1)[0] ?? id;
  return { id, chart, asset, normalSide: chart === OUTSIDE ? "credit" : "debit", limit: "none" };
}
