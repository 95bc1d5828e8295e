/** Characters that a database, a log or a terminal does not take: controls, and halves of pairs. */
const UNFIT = /[\u0000-\u001f\u007f-\u009f]+/g;

/**
 * A text that somebody else wrote, as it may be stored and shown: without controls and lone halves of
 * surrogate pairs, and of at most so many characters.
 */
export function cleanText(text: string, most: number): string {
  const clean = text.toWellFormed().replace(UNFIT, " ").trim();
  return clean.length <= most ? clean : `${clean.slice(0, most - 1).toWellFormed()}…`;
}
