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

/** Cards and payees between which each client of `bench ledger` posts: those of the uploads of a day. */
export const LEDGER_CARDS = 200;
export const LEDGER_PAYEES = 50;

/** Clients that post at once, each one transaction after another: one shows what a transaction costs. */
export const LEDGER_CLIENTS = 1;

/** Transactions before the clock runs. */
export const WARM_GROUPS = 8;

/** Most postings of one transaction: each operation makes two, and a group has 4,096 of them. */
export const MOST_POSTINGS = 8_192;

/** Longest time that each side of `bench ledger` posts, seconds. */
export const MOST_SECONDS = 600;

/** Ticks of a second in which Linux counts a process's time, on every machine that it runs on. */
export const CLOCK_TICKS = 100;

/** Vouchers of the payee whose statement `bench ledger` times, how many are booked at once, and how often it is written. */
export const STATEMENT_VOUCHERS = 10_000;
export const STATEMENT_GROUP = 1_000;
export const STATEMENT_RUNS = 3;
