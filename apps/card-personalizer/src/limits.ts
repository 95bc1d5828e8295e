// Every bound of the personalizer, each with its reason.

/** Longest reference: the settlement stores 64 characters. */
export const MAX_REFERENCE_LENGTH = 64;
/** Of an order's name in a reason: with a reference of full length the reason stays below settlement's limit. */
export const MAX_ORDER_NAME_LENGTH = 64;

/** An answer larger than this is none of settlement's. */
export const MAX_ANSWER_BYTES = 1_048_576;

/** Settlement that does not answer one call in this time counts as unreachable. */
export const HTTP_TIMEOUT_MS = 20_000;

/** A report of the largest order is 5 MB or more: settlement waits as long for a request. */
export const REPORT_TIMEOUT_MS = 180_000;

/** Between two questions whether the chain is final; blocks of real chains are seconds apart. */
export const POLL_MS = 500;

/** Between two words about the same wait: a person looks up, and a log stays short. */
export const TELL_EVERY_MS = 15_000;

/** How long finality may take by default: the slowest usual chain finalises in about 15 minutes. */
export const DEFAULT_FINALITY_TIMEOUT_SECONDS = 3_600;

/** How long a card may be awaited on the reader by default. */
export const DEFAULT_CARD_WAIT_SECONDS = 10;

/** How long one command may take by default: old chips make a key pair in a second or two. */
export const DEFAULT_COMMAND_TIMEOUT_SECONDS = 10;

/** Connections that are tried to a card that has just been put on: readers need some 400 ms to see a change of cards. */
export const CONNECT_ATTEMPTS = 8;

/** Between two of them. */
export const CONNECT_PAUSE_MS = 200;

/** Persistent memory of one instance on the chips that were measured: 6.5 to 6.9 kB, and some room. */
export const INSTANCE_BYTES = 7_168;

/** A CAP file or a component of one that is longer fits on no card of today. */
export const MAX_LOAD_FILE_BYTES = 1_048_576;

/** Issuer keys that can be pinned: an issuer rotates them rarely. */
export const MAX_ISSUER_KEYS = 16;

/** Validity of the issuer terminal's certificate that is asked for: a month, so that a stolen terminal key ends soon. */
export const TERMINAL_CERTIFICATE_SECONDS = 30 * 86_400;

/** A certificate that ends within a day is renewed, so that none ends between a card's first step and its upload. */
export const CERTIFICATE_RENEWAL_SECONDS = 86_400;

/** Certificates and allowances begin this long before now: the clocks of terminals may be behind ours by a day. */
export const CLOCK_TOLERANCE_SECONDS = 86_400;

/** Vouchers of the issuer's terminal that may wait for their upload, one a card: a station that was killed leaves few. */
export const TERMINAL_UNSENT_COUNT = 1_000;

/** Units of one card's test payments that the issuer's terminal may hold: one, and some of runs that were killed. */
export const TERMINAL_CARD_SUM = 16n;

/** Validity of an allowance is configured in days of this length. */
export const SECONDS_A_DAY = 86_400;

/** Digits of a PIN as it is drawn; cards take 4 to 12 (spec §4.9). */
export const PIN_DIGITS = 4;

/** Digits of a PUK: spec §4.9 fixes them. */
export const PUK_DIGITS = 8;

/** Pages of the register that an order is compared with: a million cards, as many as a vault's list has. */
export const MAX_REGISTER_PAGES = 5_243;

/** How long the next card of an order may be awaited: a station that nobody serves for an hour ends its run. */
export const ORDER_CARD_WAIT_SECONDS = 3_600;

/** White around a QR code, which readers need (ISO/IEC 18004 §6.3.8). */
export const QR_BORDER_MODULES = 4;

/** Bytes of a CPLC without its tag (GP Card Specification v2.3.1 §H.6). */
export const CPLC_BYTES = 42;

/** Cards by whose making the rate of an order is told: some half an hour of a station. */
export const LIVE_RATE_CARDS = 50;

export const SECONDS_AN_HOUR = 3_600;

/** Deposits that are looked at before the next pause: each look is some calls of settlement and of its node. */
export const DEPOSITS_A_LOOK = 16;

/** How long a reader may hold a finished card before its run ends: as long as the next one may be awaited. */
export const ORDER_REMOVAL_MS = 3_600_000;

/** How long a run that was asked to end may finish its step: one command takes at most 600 s by configuration. */
export const END_WITHIN_MS = 660_000;

/** How long one look of `doctor` may take: a reader may have to be waited for. */
export const CHECK_LIMIT_MS = 10_000;

/** Master keys of earlier years that are tried on a card of which nobody knows the key: each costs the card a question. */
export const MAX_FORMER_MASTER_KEYS = 8;

/** Keys of one key ceremony: an issuer key, a master key, treasury, guarantee, terminal, and as many again. */
export const MAX_CEREMONY_KEYS = 16;

/** Longest content of a ceremony's record: sixteen keys and sixteen shares are some 8,000 characters. */
export const MAX_RECORD_CHARACTERS = 12_000;

/** How long each wait of a programme's making may take by default: people fund accounts, and chains finalise, within it. */
export const DEFAULT_PROGRAMME_WAIT_SECONDS = 3_600;

/** Ports of a programme's services on this machine, as their own defaults are. */
export const DEFAULT_PROGRAMME_PORTS = { settlement: 8_400, administration: 8_401, terminal: 8_300 } as const;

/** Between two looks at what a programme's making waits for: blocks are seconds apart. */
export const PROGRAMME_POLL_MS = 1_000;

/** A wait that changes nothing is told again after this time, so that nobody takes it for a program that hangs. */
export const PROGRESS_SECONDS = 30;

/** A chain without a block for so long stands still: the slowest usual one makes a block in 15 s. */
export const CHAIN_STALLED_SECONDS = 180;

/** Validity of the first terminal's certificate, in days: a merchant's, who renews it in time. */
export const TERMINAL_CERTIFICATE_DAYS = 365;

/** Random bytes that a fraction from 0 to below 1 is made of. */
export const RANDOM_BYTES_OF_A_FRACTION = 2;

/** How often a question of `programme init` is asked again after an answer that is none. */
export const QUESTION_TRIES = 5;

/** Decimals of ether. */
export const ETHER_DECIMALS = 18;

/** Bytes of one value in a contract's call. */
export const ABI_WORD_BYTES = 32;

/** The id of a programme's first issuer key (spec §2.2). */
export const FIRST_KEY_ID = 1;

/** Assurance class of a card in software (spec §3.3). */
export const SOFTWARE_CLASS = 2;

/** Units that a virtual card gets: the one that it pays. */
export const VIRTUAL_FUND = 1n;

/** Processes that are looked at for one that holds a reader: more than a station has. */
export const MAX_PROCESSES = 4_096;

/** Bytes that the journal's disk must have free: a day's cards and room for the database's own files. */
export const LEAST_FREE_BYTES = 104_857_600;

/** Deposits of a report that are looked up on the chain at once: what a hosted node serves without a word. */
export const REPORT_LOOKUPS = 8;

/** Seconds by which this clock may differ from settlement's: what a terminal's request may (spec §6.13). */
export const MOST_CLOCK_SECONDS = 300;

/** Bytes of a megabyte, in which a disk's room is told. */
export const BYTES_A_MEGABYTE = 1_048_576;
