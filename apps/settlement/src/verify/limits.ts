/** Requests of one terminal's file, one a currency. */
export const MAX_CERTIFICATE_REQUESTS = 16;

/** Bytes of that file: a request and its signature are a kilobyte of text. */
export const MAX_REQUEST_FILE_BYTES = 65_536;

/** Bytes of a closed period's file: a line for each chart of accounts, of which there are some twenty. */
export const MAX_PERIOD_BYTES = 1_048_576;

/** Bytes of a statement's file: some 700 a line, and a payee of a large programme sells much in a year. */
export const MAX_STATEMENT_BYTES = 1_073_741_824;

/** Bytes of a voucher's proof: two entries and their paths, each of at most 64 hashes. */
export const MAX_PROOF_BYTES = 65_536;

/** Bytes of a file of receipts: half a kilobyte each, and a list has no more than some hundreds. */
export const MAX_RECEIPTS_BYTES = 1_048_576;
