/** Stored vouchers at which everything is measured. */
export const LEVELS = [1_000, 10_000, 50_000] as const;

/** Vouchers of one upload while the books are filled: as many entries as an upload may have. */
export const FILL_SIZE = 1_000;

/** Vouchers that are taken in at each level to count how many a second are posted. */
export const RATE_VOUCHERS = 4_000;

/** Uploads whose times make the percentile of each size. */
export const TIMED_UPLOADS = 40;

/** Payments that the peer's method posts at each level. */
export const PEER_PAYMENTS = 2_000;

/** Connections that the peer's method pays over at once. */
export const PEER_CONNECTIONS = 4;

/** Most cards and terminals: each is registered by a call of its own. */
export const MOST_PARTIES = 10_000;

/** Most vouchers that the books are filled to. */
export const MOST_STORED = 10_000_000;

/** Units of one payment. */
export const PAYMENT_UNITS = 1n;

/** Cards and payees between which `bench ledger` posts. */
export const LEDGER_CARDS = 200;
export const LEDGER_PAYEES = 50;

/** Clients that post at once, each one transaction after another: one prepares while another's are written. */
export const LEDGER_CLIENTS = 2;

/** Transactions before the clock runs. */
export const WARM_GROUPS = 5;

/** Most postings of one transaction: each operation makes two, and a group has 4,096 of them. */
export const MOST_POSTINGS = 8_192;

/** Longest time that each side of `bench ledger` posts, seconds. */
export const MOST_SECONDS = 600;
