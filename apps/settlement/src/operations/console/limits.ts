/** Characters of what is searched for: the longest reference or key, and more than any hash. */
export const SEARCH_CHARACTERS = 128;

/** Digits of a prefix at least: fewer name everything. */
export const SEARCH_DIGITS = 3;

/** Things of one kind that a search lists; one more says that there are others. */
export const SEARCH_HITS = 10;

/** Rows that are read of a kind: whether there are more than are listed is seen by one. */
export const SEARCH_ROWS = SEARCH_HITS + 1;

/** Rows of a list on a page that shows several. */
export const SHORT_ROWS = 20;

/** Open alarms on the first screen: the page of alarms has all of them. */
export const SHORT_ALARMS = 5;

/** Rows of a page's one list: 50 of them stay below 80 kB. */
export const LONG_ROWS = 50;

/** Milliseconds for which the figures of the first screen are shared by everybody who looks. */
export const OVERVIEW_FRESH_MS = 1_000;

/** Milliseconds for which charts are shared: they show days and the last batches. */
export const CHARTS_FRESH_MS = 60_000;

/** Milliseconds for which the float and the stations' counts are shared: they look at every card. */
export const FLOAT_FRESH_MS = 10_000;

/** Milliseconds that a page waits for what is shared, before it shows what was read last. */
export const PAGE_WAIT_MS = 150;

/** Vouchers that one chart counts at most, the newest first: a second of work in the background. */
export const CHART_VOUCHERS = 200_000;

/** Days of the chart of arrivals. */
export const CHART_DAYS = 14;

/** Batches of the charts of times and gas. */
export const CHART_BATCHES = 24;

/** Vouchers of them whose time is measured. */
export const CHART_BATCH_VOUCHERS = 24_000;

/** Terminals that one page looks at. */
export const TERMINAL_ROWS = 200;

/** Browsers that are told of changes at once by one process. */
export const LIVE_STREAMS = 64;

/** Of them one person's, or one unnamed token's: more than somebody has pages open, and room for others. */
export const LIVE_STREAMS_EACH = 16;

/** Milliseconds between two looks for changes, and until a stream ends and the browser asks anew. */
export const LIVE_LOOK_MS = 2_000;
export const LIVE_END_MS = 300_000;

/** Milliseconds after which what was read last is too old to be called live. */
export const LIVE_AWAY_MS = 10_000;

/** Milliseconds between two looks of an open page by itself: a service that hangs says nothing in its stream. */
export const LIVE_CHECK_MS = 30_000;

/** Failures of one reason that the page lists; the others are counted. */
export const FAILURE_ROWS = 20;

/** Failed actions that are counted, those that nobody has set aside first. */
export const FAILURES_COUNTED = 10_000;

/** Seconds for which a browser keeps the style and the script, whose names change with their contents. */
export const ASSET_SECONDS = 31_536_000;

/** Hours and minutes as they are told. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_HOURS = 24;

/** Hexadecimal digits of an address, of a hash, of a terminal's id and of a UUID. */
export const ADDRESS_DIGITS = 40;
export const HASH_DIGITS = 64;
export const TERMINAL_DIGITS = 16;
export const UUID_DIGITS = 32;

/** Columns of a table that has room on a screen of middle width; one with more becomes cards there. */
export const WIDE_COLUMNS = 5;

/** Milliseconds after which a replacement of which no step has an effect is shown: some looks at it. */
export const REPLACEMENT_STANDS_MS = 900_000;
