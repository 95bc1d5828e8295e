/** Milliseconds for which the comparison of reports with the register is not made again. */
export const REPORTS_FRESH_MS = 1_000;

/** Lines of reports that one comparison looks at: two full orders, a fifth of a second; the rest at the next. */
export const COMPARED_LINES = 10_000;
