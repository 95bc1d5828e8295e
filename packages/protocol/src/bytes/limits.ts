import { MAX_UNITS } from "@tallystick/money";

export { MAX_UNITS };

/** Largest unsigned 32-bit number: counters, sequence numbers and times in seconds. */
export const MAX_U32 = 0xffff_ffff;

/** Largest unsigned 64-bit number: chain ids and the category bits. */
export const MAX_U64: bigint = (1n << 64n) - 1n;

/** Merchant categories are the 64 bits of the allowance's `categories` (spec §3.3). */
export const MAX_CATEGORY = 63;

/**
 * Allowance flags: bit 0 certificate, bits 1–2 assurance class, bit 3 new no-PIN sums; a card refuses
 * more (spec §3.3).
 */
export const MAX_ALLOWANCE_FLAGS = 15;

/** Flag bit 3 of an allowance: no-PIN sums start anew (spec §3.3, §4.11). */
export const NEW_NO_PIN_SUMS = 8;

/**
 * A card keeps its last 16 payments, so a torn tap can be read again until 16 further ones (spec
 * §4.3).
 */
export const RING_SIZE = 16;

/**
 * How many counters beyond the highest one used on chain an issuer allows, unless its programme says
 * more (spec §6.3).
 */
export const DEFAULT_COUNTER_LEAD = 1024;

/**
 * The most that a programme may say: it bounds the vault's words (256 bits) of gaps, which somebody
 * pays for before a late voucher.
 */
export const MAX_COUNTER_LEAD = 65_536;

/** With this noPinCount an allowance sets no limit by count, and the card's count stays there. */
export const NO_COUNT_LIMIT = 255;

/**
 * U: an upload window of a week, so that a merchant may sell through a week's blackout; terminal
 * and settlement count by the same one (spec §5.5).
 */
export const DEFAULT_UPLOAD_WINDOW_SECONDS = 604_800;

/** Longest DER form of a secp256k1 signature: two 33-byte integers with their heads. */
export const MAX_DER_SIGNATURE_LENGTH = 72;

/** Shortest DER form: two 1-byte integers with their heads. */
export const MIN_DER_SIGNATURE_LENGTH = 8;

/** Entries in one upload: what one database transaction of the settlement takes in (spec §3.8). */
export const MAX_UPLOAD_ENTRIES = 1000;

/** Challenges in one upload: one makes its `TLYU` unpredictable (spec §3.8). */
export const MAX_UPLOAD_CHALLENGES = 1;

/** Bytes of body in an upload that a terminal packs, so that it fits any line (spec §5.8). */
export const MAX_PACKED_BODY_LENGTH = 32_768;

/** Seconds by which two honest clocks may differ (spec §5.5, §6.12). */
export const CLOCK_SKEW_SECONDS = 300;

/** Cards in one status list: 16 MiB uncompressed, the most that a receiver unpacks (spec §3.5). */
export const MAX_STATUS_LIST_CARDS = 1 << 26;

/**
 * Longest hexadecimal text read at an edge: an upload body of 1,000 vouchers and its prefix,
 * rounded up.
 */
export const MAX_HEX_TEXT_LENGTH = 1 << 20;

/** A PIN block is one half of an AES block (ISO 9564-1, format 2). */
export const PIN_BLOCK_LENGTH = 8;

/** Fewest digits of a PIN: three tries at 1 in 10,000. */
export const PIN_MIN_DIGITS = 4;

/** Most digits of a PIN that format 2 leaves room for. */
export const PIN_MAX_DIGITS = 12;

/** Digits of a PUK: five tries at 1 in 10⁸. */
export const PUK_DIGITS = 8;

/** Voucher ids in one request for states: 16 kB, and one query of settlement (spec §6.13). */
export const MAX_REQUESTED_STATES = 500;

/** Allowances in one page of the mailbox: 32 kB, so that it fits any line (spec §6.13). */
export const MAX_MAILBOX_ENTRIES = 240;

/** Bytes of a mailbox's cursor: room for settlement to say which database it counts in. */
export const MAILBOX_CURSOR_LENGTH = 16;

/** Bits of a window of the multiples kept of a pinned key: each bit more doubles their memory. */
export const PINNED_KEY_WINDOW = 6;

/** Pinned keys whose multiples are kept in one process: some 600 kB each. */
export const MAX_PINNED_KEYS = 16;

/** A certificate request is approved within so many seconds of its time: 7 days (spec §3.12). */
export const CERTIFICATE_REQUEST_SECONDS: number = 7 * 86_400;

/** From so long before its end on a certificate is renewed (spec §6.13). */
export const CERTIFICATE_RENEWAL_SECONDS: number = 30 * 86_400;
