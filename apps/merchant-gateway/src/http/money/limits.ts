/** Sums are counted anew after so long: pages poll, and a journal may hold 100,000 payments that are not final. */
export const MONEY_CACHE_SECONDS = 5;
