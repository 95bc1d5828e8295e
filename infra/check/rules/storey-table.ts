/** One storey: its name, and what stands in it. Folders end with a slash; a file stands for itself. */
export type Storey = { readonly name: string; readonly holds: readonly string[] };

/** The storeys of each app, from the top to the bottom. Imports point down, or stay within their storey. */
export type Storeys = Readonly<Record<string, readonly Storey[]>>;

/** What ARCHITECTURE.md shows. A file of an app that stands in no storey is a fault. */
export const storeys: Storeys = {
  "apps/settlement/src": [
    { name: "main", holds: ["main.ts", "application.ts", "app.module.ts", "platform.ts"] },
    { name: "operations", holds: ["operations/"] },
    { name: "work", holds: ["work/"] },
    { name: "vouchers", holds: ["vouchers/"] },
    { name: "issuing", holds: ["issuing/"] },
    { name: "chain", holds: ["chain/"] },
    { name: "books", holds: ["books/"] },
    { name: "foundation", holds: ["foundation/"] },
  ],
  "apps/merchant-gateway/src": [
    { name: "main", holds: ["main.ts"] },
    { name: "app", holds: ["app/"] },
    { name: "http", holds: ["http/"] },
    { name: "claim, refunds", holds: ["claim/", "refunds/"] },
    { name: "sync", holds: ["sync/"] },
    { name: "taps", holds: ["taps/"] },
    { name: "status, chain", holds: ["status/", "chain/"] },
    { name: "reader", holds: ["reader/"] },
    { name: "journal", holds: ["journal/"] },
    { name: "config, clock", holds: ["config/", "clock/", "base/"] },
  ],
  "apps/card-personalizer/src": [
    { name: "main", holds: ["main.ts"] },
    { name: "cli", holds: ["cli/"] },
    { name: "personalize", holds: ["personalize/"] },
    { name: "steps", holds: ["steps/"] },
    { name: "card, settlement, terminal", holds: ["card/", "settlement/", "terminal/"] },
    { name: "journal, keys, reader", holds: ["journal/", "keys/", "reader/"] },
    { name: "config", holds: ["config/"] },
    { name: "base", holds: ["failures.ts", "limits.ts", "environment.ts"] },
  ],
};
