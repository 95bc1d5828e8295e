/** Points: A4 upright, and what stays free around it. */
export const PAGE = { width: 595, height: 842, margin: 40 } as const;

/** Points of the letters, and from one line of text to the next. */
export const TEXT = { title: 15, plain: 8, small: 6.5, lineGap: 11 } as const;

/** Where the columns of figures end, and those of text begin. */
export const COLUMNS = {
  figures: [265, 345, 425, 505, 555],
  text: [40, 95, 300, 480],
  kind: 150,
  lines: 480,
  parts: [60, 230, 400],
} as const;

/** Characters of a name that are shown: a line of the page. */
export const NAME_CHARACTERS = 80;
