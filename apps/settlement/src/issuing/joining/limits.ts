/** Certificate requests of one source that wait at a time: a merchant with as many boxes asks at once. */
export const WAITING_OF_SOURCE = 8;

/** Certificate requests of one source in a day: several of each box, as settings are corrected. */
export const REQUESTS_OF_SOURCE_IN_DAY = 40;

/** Certificate requests that wait in all: more than persons read, and half a megabyte. */
export const WAITING_IN_ALL = 2_000;

/** Seconds after which one asks again that did not fit: a person may have decided by then. */
export const FULL_RETRY_SECONDS = 300;

/** Groups of an IPv6 address that a network is given: 64 bits. */
export const NETWORK_GROUPS = 4;

/** Groups of an IPv6 address. */
export const ADDRESS_GROUPS = 8;

/** Characters of a list of digits in a query: 20, with blanks between them. */
export const DIGITS_CHARACTERS = 40;

/** Characters of an address with its checksum. */
export const ADDRESS_CHARACTERS = 42;

/** Bytes of the 20 digits that people compare, which begin a request's id. */
export const DIGIT_BYTES = 10;

/** Units that a new payee is sent first: the smallest sum that a vault counts. */
export const FIRST_UNITS = 1n;

/** Most days for which a terminal is certified by command or on the console: above ten years a value is a slip. */
export const JOINING_DAYS = 3_650;

/** Characters of a number of days as it is typed. */
export const DAYS_CHARACTERS = 4;

/** Characters of a number of vouchers as it is typed. */
export const COUNT_CHARACTERS = 9;
