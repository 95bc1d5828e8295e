/** Every bound of this package, each with its reason. */

/** Largest configuration file: a hundred settings are some 10 kB; more is another file. */
export const MAX_CONFIG_BYTES = 1_048_576;

/** Faults of one file that are reported: a file of another kind would otherwise fill the screen. */
export const MAX_REPORTED_FAULTS = 50;

/** Largest key file: a key is 32 bytes, and a public key stands beside it. */
export const MAX_KEY_FILE_BYTES = 16_384;

/** Faults of one request that an answer lists; the rest is counted. */
export const MAX_REPORTED_ISSUES = 8;

/**
 * Passes that fail one after the other double the pause at most this often; the ceiling is reached
 * long before.
 */
export const MAX_DOUBLINGS = 16;

/**
 * How long a program may take to its end unless it says otherwise: an orchestrator usually kills
 * after 30 s.
 */
export const DEFAULT_END_MS = 20_000;

/**
 * A second signal within this time is the first one again: a terminal sends Ctrl-C to the launcher
 * and to the program, and the launcher passes it on.
 */
export const SAME_SIGNAL_MS = 500;

/**
 * Keys that issuers signed with before and that may be pinned beside the present one: they change
 * once in years.
 */
export const MAX_ISSUER_KEYS = 16;

/** Milliseconds in which an equal warning is counted and not written again: one line a minute. */
export const REPEATED_LINE_MS = 60_000;

/** Different lines whose repeats are counted: more kinds of faults at once fit on no screen. */
export const MAX_COUNTED_LINES = 256;

/** Further names of a server; a name for each merchant behind one proxy. */
export const MAX_ALLOWED_HOSTS = 32;

/** Reverse proxies in front of one server: two that stand in for one another, for two networks. */
export const MAX_PROXIES = 16;

/** In which time the requests of one address are counted. */
export const REQUEST_WINDOW_MS = 60_000;

/** Wrong tokens of one address in a window: more than any person mistypes. */
export const WRONG_TOKENS_A_WINDOW = 20;

/** How long wrong tokens count, and how often they are logged. */
export const WRONG_TOKEN_WINDOW_MS = 60_000;

/** Addresses that are counted apart in a window: 1 MB of memory at most. */
export const MAX_WATCHED_ADDRESSES = 10_000;

/** Pairs of a token and an address that were right: each person has a few. */
export const MAX_PROVEN_TOKENS = 1_000;

/**
 * How long one request may take to arrive: the largest body, 1 MB, comes within it at 64 kbit/s,
 * with a fifth to spare.
 */
export const DEFAULT_REQUEST_SECONDS = 180;

/** How long the headers of a request may take: they are some hundred bytes. */
export const DEFAULT_HEADER_SECONDS = 20;

/** How long a connection is kept without a request: longer than proxies keep theirs, 60 s. */
export const DEFAULT_IDLE_SECONDS = 75;

/** An hour: what arrives more slowly never arrives. */
export const MAX_REQUEST_SECONDS = 3_600;

/** Connections of a server: some kilobytes each while they are idle. */
export const DEFAULT_CONNECTIONS = 2_048;

/** A merchant with many terminals behind one address; a browser uses six. */
export const DEFAULT_CONNECTIONS_PER_ADDRESS = 64;

/** Descriptors that an operating system usually gives a process. */
export const MAX_CONNECTIONS = 65_536;

/** How often a time-out is looked for while it runs, so that it is exceeded by a quarter at most. */
export const TIME_OUT_CHECKS = 4;

/** Cards of one order: some days' work of a station, and a file that is read in a moment. */
export const MAX_ORDER_CARDS = 5_000;

/** A report: a line of 2 kB for each card of the largest order, and some. */
export const MAX_REPORT_BYTES = 16_777_216;
