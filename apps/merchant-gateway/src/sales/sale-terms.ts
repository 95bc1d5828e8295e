import { equalBytes } from "@tallystick/protocol";
import type { DomainPolicy } from "../config/policies.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { SaleRecord, SaleTerms } from "../journal/sales/sale-store.ts";

/** Whether a tap is of one of these domains. */
export function isOfDomains({ domainBytes }: TapRecord, domains: readonly DomainPolicy[]): boolean {
  return domains.some(({ served }) => equalBytes(served.domainBytes, domainBytes));
}

/** Cashier, lane and metadata may be told better later; what is owed may not. */
export function isSame(known: SaleRecord, terms: SaleTerms): boolean {
  const { amount, currency, decimals, reference } = terms;
  return (
    known.amount === amount &&
    known.currency === currency &&
    known.decimals === decimals &&
    known.reference === reference
  );
}
