import { MAX_REQUESTED_STATES } from "@tallystick/protocol";

/** A day in seconds; the windows of the protocol are counted in days (spec §5.5). */
export const DAY_SECONDS = 86_400;

/** Defaults of spec §5.5; U, which settlement shares, stands in packages/protocol. */
export const DEFAULT_LIST_AGE_SECONDS: number = 7 * DAY_SECONDS;
export const DEFAULT_CHAIN_MARGIN_SECONDS: number = DAY_SECONDS;
export const DEFAULT_VAULT_DELAY_SECONDS: number = 16 * DAY_SECONDS;

/**
 * The terminal stops selling this long before the oldest unsent voucher is as old as the upload
 * window, or at half of a shorter window.
 */
export const UNSENT_MARGIN_SECONDS: number = DAY_SECONDS / 2;

/**
 * A sale left open by a torn tap is closed after this time: nobody waits longer at a counter, and
 * PAY must not be sent later.
 */
export const OPEN_SALE_SECONDS: number = 15 * 60;

/** Longest time that one request waits for a card; after it the cashier starts again. */
export const MAX_CARD_WAIT_SECONDS = 60;

/**
 * A card needs less than 250 ms for a command (high end of the model for a J3H145 at 106 kbit/s,
 * bench rows of tap jcop3); one that is silent this long is mute.
 */
export const CARD_ANSWER_TIMEOUT_MS = 5_000;

/**
 * A card that vanished may still be reported for 0.4 s and comes back within a second; SELECT is
 * tried again for so long.
 */
export const SELECT_GRACE_MS = 2_500;

/**
 * Reversed payments about which a card is asked in one tap; each is one command, once, and the rest
 * is asked next time.
 */
export const READ_BACKS_PER_TAP = 4;

/** Between two tries of SELECT; a try on a missing card takes a few milliseconds. */
export const SELECT_RETRY_MS = 50;

/** Applet instances that are read on one card: one for each currency (spec §2.2). */
export const MAX_INSTANCES = 8;

/** Domains (currencies) that one terminal serves: one for each instance of a card. */
export const MAX_DOMAINS = 8;

/** Tokens of one terminal: a cash register, and a few people. */
export const MAX_TOKENS = 32;

/**
 * Allowance signatures remembered as verified; one is 32 bytes, and a terminal sees few more cards
 * between restarts.
 */
export const MAX_VERIFIED_ALLOWANCES = 4_096;

/** Addresses of keys remembered; one takes some 200 bytes, and in JavaScript most of a millisecond to derive. */
export const MAX_REMEMBERED_ADDRESSES = 16_384;

/** Longest sale id that a caller may choose: a UUID with a prefix fits. */
export const MAX_SALE_ID_LENGTH = 64;

/**
 * Longest JSON body of a request to the gateway; the longest documented one has a few hundred
 * bytes.
 */
export const MAX_REQUEST_BYTES = 16_384;

/** Taps listed in one answer; a page of them is drawn every few seconds. */
export const MAX_LISTED_TAPS = 50;

/**
 * A call to settlement ends when nothing has moved for this long: a merchant's line may be slow, but
 * a cashier must see in the end that it is mute.
 */
export const SETTLEMENT_SILENCE_MS = 15_000;

/** A call to settlement ends after this time whatever moves (spec §5.8). */
export const SETTLEMENT_WHOLE_CALL_MS = 600_000;

/**
 * The slowest line that a sending is waited for: 9,600 bit/s with its overhead. What the system has
 * taken of a sending moves unseen.
 */
export const SLOWEST_LINE_BYTES_PER_SECOND = 1_000;

/** Bytes of a body that are handed to the system at a time: what fits some segments. */
export const SENT_CHUNK_BYTES = 4_096;

/**
 * Longest answer read from settlement: a status list of 2^26 cards in base64 is larger than any
 * merchant needs; 32 MiB holds 1 % blocked.
 */
export const MAX_SETTLEMENT_ANSWER_BYTES: number = 32 * 1024 * 1024;

/** Vouchers asked about in one round of following them to their end: one request (spec §6.13). */
export const MAX_FOLLOWED_VOUCHERS: number = MAX_REQUESTED_STATES;

/**
 * A payment's way to the chain takes seconds to minutes: for so long after it the terminal asks
 * often where it is.
 */
export const FOLLOW_NEW_SECONDS = 900;

/** Between two questions about the newest payments; the page polls as often. */
export const FOLLOW_POLL_SECONDS = 3;

/** Newest payments asked about at a time, in one request. */
export const MAX_FOLLOWED_NEW = 20;

/** Uploads sent in one round, so that one call ends; the next round goes on. */
export const MAX_UPLOADS_PER_ROUND = 20;

/**
 * Vouchers and reversals that are read for one upload: more than fit into 32,768 bytes of body, were
 * all of them reversals (spec §5.8).
 */
export const MAX_PACKED_PARCELS = 165;

/** Uploads set aside that one upload tells of: as many as fit into a body (spec §5.8). */
export const MAX_TOLD_UPLOADS = 160;

/**
 * A line that refused a body is offered no more than half of it for so long: then it may be another
 * line.
 */
export const OFFER_SECONDS = 3_600;

/** The time is journalled at least this often (spec §5.5). */
export const CLOCK_JOURNAL_SECONDS = 60;

/**
 * An answer to an upload is live when it comes within this time of the first sending (spec §5.5).
 */
export const LIVE_ANSWER_SECONDS = 60;

/**
 * A live answer is renewed when it is this old, where no payment is sent anyway: clocks drift by
 * seconds in a day.
 */
export const LIVE_ANSWER_PERIOD_SECONDS = 3_600;

/** Between two uploads with nothing but a challenge: settlement keeps each permanently. */
export const CHALLENGE_PAUSE_SECONDS = 60;

/** A tap writes some 60 kB of log; after this many taps it is copied into the file. */
export const TIDIES_PER_CHECKPOINT = 50;

/**
 * After failures the background exchange waits up to this long: a line that is back is used within
 * five minutes.
 */
export const MAX_SYNC_BACKOFF_SECONDS = 300;

/** The reader's state is not asked again within this time: pages poll. */
export const READER_STATUS_CACHE_MS = 500;

/** A reader that does not answer a question about itself within this time has a fault. */
export const READER_STATUS_TIMEOUT_MS = 2_000;

/**
 * Cards remembered as having the terminal's newest beacon; one is 33 bytes, and a terminal sees few
 * more between two lists.
 */
export const MAX_BEACON_CARDS = 4_096;

/**
 * A node that is silent for this long counts as away: a terminal must not wait for it without an
 * end.
 */
export const RPC_TIMEOUT_MS = 15_000;

/**
 * Gas bought above the simulation, in hundredths: what the vault holds may change until the block.
 */
export const GAS_MARGIN_PERCENT = 30n;

/** The chain is read this often; a request on it takes days to ripen. */
export const CHAIN_POLL_SECONDS = 30;

/** Seconds after which a ripe withdrawal counts as none; a constant of the vault (spec §7.5). */
export const WITHDRAWAL_EXPIRY_SECONDS: number = 7 * DAY_SECONDS;

/** Cards with a pending withdrawal that are read in one pass; each costs two calls of the node. */
export const MAX_COVERED_CARDS = 500;

/**
 * Vouchers claimed in one transaction: at some 10,000 gas each far below the 16,777,216 a
 * transaction may use (EIP-7825).
 */
export const MAX_CLAIMED_VOUCHERS = 500;

/**
 * A claim that is due is tried again this often: gas may be dear or the node away for a while, and
 * days are left.
 */
export const CLAIM_RETRY_SECONDS = 3_600;

/**
 * Reversed payments that the terminal begins to return in one round; each is a transaction of its
 * own.
 */
export const MAX_RETURNS_AT_ONCE = 20;

/**
 * A payment that was given back whole is asked about for so long until settlement shows that: it
 * takes the chain's finality and a poll.
 */
export const FOLLOW_REFUNDED_SECONDS: number = 7 * DAY_SECONDS;

/** Longest id that a caller may choose for a refund, as for a sale. */
export const MAX_REFUND_ID_LENGTH = 64;

/**
 * A refund whose transactions were mined and undone this often is refused: trying again does not
 * help it.
 */
export const MAX_REFUND_FAILURES = 3;

/**
 * Words of 256 unpaid counters that one transaction records before a release; some 23,000 gas each.
 */
export const MAX_ADVANCED_WORDS = 64;

/** While a refund waits for the chain it is checked this often; a block takes a second or more. */
export const REFUND_POLL_SECONDS = 2;

/** After a node failed, refunds wait this long: it is not asked by every poll. */
export const REFUND_RETRY_SECONDS = 30;

/**
 * How long a command waits until its transaction is in a block: some 25 blocks of Ethereum; the
 * same command continues it.
 */
export const COMMAND_DEADLINE_SECONDS = 300;

/**
 * How long a terminal that claims by itself waits for one transaction before it continues with
 * other work; the next round checks again.
 */
export const CLAIM_WAIT_SECONDS = 30;

/** Between two checks of a transaction that is waited for. */
export const CHAIN_CHECK_MS = 200;

/** Vouchers read at a time where all that are not final are walked; a record takes a kilobyte. */
export const NOT_FINAL_PAGE: number = MAX_CLAIMED_VOUCHERS;

/**
 * Vouchers whose named transactions are looked up in one pass; those of one batch share their calls.
 */
export const MAX_CHECKED_VOUCHERS = 200;

/** Between two passes over named transactions: a block becomes final every few seconds or minutes. */
export const OUTCOME_POLL_SECONDS = 10;

/**
 * The same for payments of more than a day ago: what was not final then may stay so, where nobody
 * pinned the account that compensates.
 */
export const OLD_OUTCOME_POLL_SECONDS = 3_600;

/**
 * Ranges of blocks searched in one pass for what used a counter, where no transaction is named: 64
 * ranges of 2,000 blocks are 18 days of Ethereum. The next pass goes on where this one ended.
 */
export const MAX_SEARCHED_RANGES = 64;

/**
 * A terminal warns this long before the upload window ends of payments of which nobody has reported
 * an end.
 */
export const UNREPORTED_MARGIN_SECONDS: number = DAY_SECONDS;

/** Vouchers for whose ends one claim searches; a further claim searches for the rest. */
export const MAX_SEARCHED_VOUCHERS = 5_000;

/** Bundles in one exported file: 38 MB, which any stick and any mail-sized memory holds. */
export const MAX_BUNDLES_IN_FILE = 100_000;

/**
 * How long a refund order can be taken by the vault: what a busy chain needs, and short enough to
 * sign it again on the same day.
 */
export const RETURN_ORDER_SECONDS = 3_600;

/** Orders of one refund that may pass their deadlines before it is refused. */
export const MAX_RETURN_ORDERS = 3;

/** Between two questions to settlement about one order; the chain needs longer for a block. */
export const RETURN_ORDER_POLL_SECONDS = 15;

/** What settlement said of the token is shown for so long after its last answer. */
export const NOTICE_SECONDS = 3_600;
