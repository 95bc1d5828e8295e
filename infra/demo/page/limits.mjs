/** How often the page asks how things are: a card is seen within a moment. */
export const POLL_MS = 1000;

/** How long a fault stays on the page. */
export const FAULT_MS = 8000;

/** A terminal's clock, as far off as the switch sets it, in seconds: one hour, and days beside the list's week. */
export const HOUR_SECONDS = 3600;
export const SIX_DAYS_SECONDS = 561_600;
export const EIGHT_DAYS_SECONDS = 691_200;
