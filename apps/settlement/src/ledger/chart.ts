import type { AccountSpec } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";

/**
 * Where tokens can be. Every account but `issued` is a place that holds tokens, so a debit means "more tokens here" and
 * issued = treasury + outside + cards + owed + paid out + fork loss always holds.
 */
export const CHARTS = {
  /** All tokens that ever came into the books: where they come from. */
  issued: "issued",
  /** The issuer's own wallet. */
  treasury: "treasury",
  /** Wallets that are neither the issuer's nor a payee's. */
  outside: "outside",
  /** In the vault, on a card. */
  card: "card",
  /** In the vault, earned by a payee and not withdrawn. */
  owed: "owed",
  /** At a payee's own address. */
  paidOut: "paid-out",
  /** At a payee's own address, out of the issuer's pocket: what a broken or copied card overspent. */
  forkLoss: "fork-loss",
} as const;

function place(chart: string, asset: string, holder?: Uint8Array): AccountSpec {
  const id = holder === undefined ? chart : `${chart}:${toHex(holder)}`;
  // A chain never pays what is not there, so the vault's places never fall below zero. Holds may exceed a card's
  // balance: a copied card's vouchers are all kept as evidence.
  const isInVault = chart === CHARTS.card || chart === CHARTS.owed;
  return { id, chart, asset, normalSide: "debit", limit: isInVault ? "posted" : "none" };
}

/** The accounts of an asset, made from the address of who holds it. */
export const accounts = {
  issued: (asset: string): AccountSpec => ({ ...place(CHARTS.issued, asset), normalSide: "credit" }),
  treasury: (asset: string): AccountSpec => place(CHARTS.treasury, asset),
  outside: (asset: string): AccountSpec => place(CHARTS.outside, asset),
  card: (asset: string, card: Uint8Array): AccountSpec => place(CHARTS.card, asset, card),
  owed: (asset: string, payee: Uint8Array): AccountSpec => place(CHARTS.owed, asset, payee),
  paidOut: (asset: string, payee: Uint8Array): AccountSpec => place(CHARTS.paidOut, asset, payee),
  forkLoss: (asset: string, payee: Uint8Array): AccountSpec => place(CHARTS.forkLoss, asset, payee),
} as const;
