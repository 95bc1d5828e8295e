/** The authority lives as long as a box; a device installs it once. */
export const AUTHORITY_DAYS = 3_650;

/** Browsers take no certificate that lives longer than 398 days. */
export const LEAF_DAYS = 390;

/** The certificate is made anew so long before its end. */
export const RENEW_BEFORE_DAYS = 30;

/** Certificates begin a day back: clocks of devices differ. */
export const BEGIN_BEFORE_SECONDS = 86_400;

/** Bytes of a serial number: no two are the same. */
export const SERIAL_BYTES = 16;

/** Between two looks at whether the certificate is to be made anew. */
export const RENEWAL_POLL_SECONDS = 3_600;
