import type { AccountSpec } from "./account.ts";
import type { Group } from "./operation.ts";

/** One step of a ledger's history. */
export type JournalRecord =
  | { readonly kind: "account"; readonly account: AccountSpec }
  | { readonly kind: "group"; readonly group: Group };
