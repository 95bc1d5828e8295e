/** Messages in one answer. */
export const MAX_LISTED_DELIVERIES = 50;
