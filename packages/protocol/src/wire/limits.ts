import { MAX_STATUS_LIST_CARDS } from "../bytes/limits.ts";

/**
 * Longest text of an amount: 15 digits, a point and 18 decimals, as `@tallystick/money` reads it.
 */
export const MAX_AMOUNT_TEXT_LENGTH = 34;

/** Longest text of a u64: 18446744073709551615. */
export const MAX_U64_TEXT_LENGTH = 20;

/** Issuer keys that sign beside the present one: a change of keys has one old and one new; a hurried one, two old. */
export const MAX_ISSUER_KEYS_SIGNING = 3;

/** Longest reference of a card: what an issuer prints on it or keeps in its own system. */
export const MAX_CARD_REFERENCE_LENGTH = 64;

/**
 * Longest text of a packed status list: deflate never grows a list by more than a few bytes in each
 * 16 KiB block.
 */
export const MAX_STATUS_LIST_TEXT_LENGTH: number = Math.ceil((MAX_STATUS_LIST_CARDS / 4 + 65_536) / 3) * 4;

/** Longest name of a state or a code: the longest today has some 30 letters. */
export const MAX_STATE_NAME_LENGTH = 64;

/** Longest id of a batch or a chain action: a UUID, or what another settlement may use. */
export const MAX_ACTION_ID_LENGTH = 64;

/** Refunds that are listed of one voucher: a person makes each; their sum stands beside them. */
export const MAX_LISTED_REFUNDS = 200;

/** Longest notice to a merchant: a few sentences with two addresses and a contract's own text. */
export const MAX_NOTICE_LENGTH = 800;

/** Notices of one answer: one for each thing that can keep money back. */
export const MAX_NOTICES = 8;

/** Longest text of an admission's terms: a few keys of 33 bytes, an address, a URL and figures, with room for more. */
export const MAX_TERMS_TEXT_LENGTH = 4_096;

/** Longest URL of a settlement: what every client and proxy takes. */
export const MAX_SETTLEMENT_URL_LENGTH = 2_048;

/** Longest code of a currency, and most digits behind its point, as `@tallystick/money` takes them. */
export const MAX_ASSET_CODE_LENGTH = 12;
export const MAX_ASSET_DECIMALS = 18;

/** Longest reason that is given for an action: a sentence or two, kept permanently. */
export const MAX_REASON_LENGTH = 200;

/** Vouchers in one page of a payee's list: some 80 kB, which a slow line brings within its deadline. */
export const MAX_LISTED_VOUCHERS = 200;
