/** A day in seconds; the windows of the protocol are counted in days (spec §5.5). */
export const DAY_SECONDS = 86_400;

/** Defaults of spec §5.5: a shop may sell through a week's blackout. */
export const DEFAULT_LIST_AGE_SECONDS: number = 7 * DAY_SECONDS;
export const DEFAULT_UPLOAD_WINDOW_SECONDS: number = 7 * DAY_SECONDS;
export const DEFAULT_CHAIN_MARGIN_SECONDS: number = DAY_SECONDS;
export const DEFAULT_VAULT_DELAY_SECONDS: number = 16 * DAY_SECONDS;

/** The till stops selling this long before the oldest unsent voucher is as old as the upload window, or at half of a shorter window. */
export const UNSENT_MARGIN_SECONDS: number = DAY_SECONDS / 2;

/** A sale left open by a torn tap is closed after this time: nobody waits longer at a counter, and PAY must not be sent later. */
export const OPEN_SALE_SECONDS: number = 15 * 60;

/** Longest time a till may wait for a card in one request; past it the cashier starts again. */
export const MAX_CARD_WAIT_SECONDS = 60;

/** A card needs at most 200 ms for a command (bench rows jcop3); one that is silent this long is mute. */
export const CARD_ANSWER_TIMEOUT_MS = 5_000;

/** A card that vanished may still be reported for 0.4 s and comes back within a second; SELECT is tried again for so long. */
export const SELECT_GRACE_MS = 2_500;

/** Cancelled payments about which a card is asked in one tap; each is one command, once, and the rest is asked next time. */
export const READ_BACKS_PER_TAP = 4;

/** Between two tries of SELECT. */
export const SELECT_RETRY_MS = 50;

/** Applet instances looked at on one card: one a currency (spec §2.2). */
export const MAX_INSTANCES = 8;

/** Domains (currencies) one till serves. */
export const MAX_DOMAINS = 8;

/** Issuer keys pinned for one domain: the current one, the next one and a few old ones. */
export const MAX_ISSUER_KEYS = 16;

/** Allowance signatures remembered as verified; one is 32 bytes, and a shop sees few more cards between restarts. */
export const MAX_VERIFIED_ALLOWANCES = 4_096;

/** Card addresses remembered; one takes some 200 bytes and most of a millisecond to work out. */
export const MAX_REMEMBERED_ADDRESSES = 16_384;

/** Longest sale id a till may choose. */
export const MAX_SALE_ID_LENGTH = 64;

/** Longest JSON body of a request to the gateway. */
export const MAX_REQUEST_BYTES = 16_384;

/** Taps listed in one answer. */
export const MAX_LISTED_TAPS = 50;

/** Time for one call to settlement; a shop's line may be slow, but a cashier must see "not reachable" at last. */
export const SETTLEMENT_TIMEOUT_MS = 15_000;

/** Longest answer read from settlement: a status list of 2^26 cards in base64 is larger than any shop needs; 32 MiB holds 1 % blocked. */
export const MAX_SETTLEMENT_ANSWER_BYTES: number = 32 * 1024 * 1024;

/** Vouchers asked about in one round of following them to their end. */
export const MAX_FOLLOWED_VOUCHERS = 200;

/** A payment's way to the chain takes seconds to minutes: for so long after it the till asks often where it is. */
export const FOLLOW_NEW_SECONDS = 900;

/** Between two questions about the newest payments; the page polls as often. */
export const FOLLOW_POLL_SECONDS = 3;

/** Newest payments asked about at a time; each is one call to settlement and one durable write. */
export const MAX_FOLLOWED_NEW = 20;

/** Uploads sent in one round, so that one call ends; the next round goes on. */
export const MAX_UPLOADS_PER_ROUND = 20;

/** The time is journalled at least this often (spec §5.5). */
export const CLOCK_JOURNAL_SECONDS = 60;

/** After failures the background exchange waits up to this long. */
export const MAX_SYNC_BACKOFF_SECONDS = 300;

/** What the reader said is not asked again within this time: pages poll. */
export const READER_STATUS_CACHE_MS = 500;

/** A reader that does not answer a question about itself within this time has a fault. */
export const READER_STATUS_TIMEOUT_MS = 2_000;

/** Cards remembered as having the till's newest beacon; one is 33 bytes, and a shop sees few more between two lists. */
export const MAX_BEACON_CARDS = 4_096;

/** The chain is read this often; a request on it takes days to ripen. */
export const CHAIN_POLL_SECONDS = 30;

/** Seconds after which a ripe withdrawal counts as none; a constant of the vault (spec §7.5). */
export const WITHDRAWAL_EXPIRY_SECONDS: number = 7 * DAY_SECONDS;

/** Cards with a pending withdrawal that are looked at in one pass; each costs two calls of the node. */
export const MAX_COVERED_CARDS = 500;

/** Vouchers claimed in one transaction: at some 10,000 gas each far below the 16,777,216 a transaction may use (EIP-7825). */
export const MAX_CLAIMED_VOUCHERS = 500;

/** A claim that is due is tried again this often: gas may be dear or the node away for a while, and days are left. */
export const CLAIM_RETRY_SECONDS = 3_600;

/** Cancelled payments that the till begins to give up in one round; each is a transaction of its own. */
export const MAX_GIVEN_UP_AT_ONCE = 20;

/** Refunds of one payment that settlement may list; a till makes each by hand. */
export const MAX_LISTED_REFUNDS = 1_000;

/** A payment that was given back whole is asked about for so long until settlement shows that: it takes the chain's finality and a poll. */
export const FOLLOW_REFUNDED_SECONDS: number = 7 * DAY_SECONDS;

/** Longest id that a caller may choose for a refund. */
export const MAX_REFUND_ID_LENGTH = 64;

/** A refund whose transactions were mined and undone this often is refused: something stands in its way that trying does not move. */
export const MAX_REFUND_FAILURES = 3;

/** A transaction of the till that is in no block after this time is replaced by one that offers more; four blocks of Ethereum. */
export const DEFAULT_REPLACE_AFTER_SECONDS = 48;

/** Gwei a gas that a till offers at most unless told otherwise: at 60,000 gas for a refund some 0.02 of the chain's coin. */
export const DEFAULT_MAX_FEE_GWEI = 300;

/** Gwei a gas that a configuration may allow. */
export const MAX_FEE_GWEI = 1_000_000;

/** A fee may grow to this many times the first offer for its nonce. */
export const FEE_CEILING_FACTOR = 20n;

/** Times one transaction is replaced; the fee has grown tenfold by then, and a person must look. */
export const MAX_REPLACEMENTS = 20;

/** Words of 256 unpaid counters that one transaction writes down before a release; some 23,000 gas each. */
export const MAX_ADVANCED_WORDS = 64;

/** While a refund waits for the chain it is looked at this often; a block takes a second or more. */
export const REFUND_POLL_SECONDS = 2;

/** After a node failed, refunds wait this long. */
export const REFUND_RETRY_SECONDS = 30;

/** How long a command waits for its transaction to stand in a block. */
export const COMMAND_DEADLINE_SECONDS = 300;

/** How long a till that claims by itself waits for one transaction before it goes on with other work; the next round looks again. */
export const CLAIM_WAIT_SECONDS = 30;

/** Between two looks at a transaction that is waited for. */
export const CHAIN_LOOK_MS = 200;
