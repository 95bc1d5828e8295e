/** Payments of other terminals in one page, as in the list of a terminal's own. */
export const OTHER_PAYMENTS_PAGE = 50;

/** Characters of a place in that list: a time and a voucher's id. */
export const MAX_OTHER_PAGE_TEXT = 96;
