/** Requests of one terminal's file, one a currency. */
export const MAX_CERTIFICATE_REQUESTS = 16;

/** Bytes of that file: a request and its signature are a kilobyte of text. */
export const MAX_REQUEST_FILE_BYTES = 65_536;
