/** Success without further qualification. */
export const SW_SUCCESS = 0x9000;

const SENTENCES: ReadonlyMap<number, string> = new Map([
  [0x9000, "The command was carried out."],
  [0x6200, "The card's memory is unchanged, and it gives no further reason."],
  [0x6281, "Part of the returned data may be damaged."],
  [0x6282, "The end of the data was reached before everything asked for was read."],
  [0x6283, "The selected application or file is deactivated."],
  [0x6285, "The selected file is in its final state."],
  [0x6300, "The authentication failed."],
  [0x6310, "More data is available than fits one answer."],
  [0x6400, "The command failed and the card's memory is unchanged."],
  [0x6438, "The image is of a wrong version for this card."],
  [0x6500, "The command failed and the card's memory may have changed."],
  [0x6581, "The card could not write its memory; it may be worn out."],
  [0x6700, "The length of the command data is wrong."],
  [0x6881, "The card knows no logical channels."],
  [0x6882, "The card knows no secure messaging for this command."],
  [0x6883, "The last link of a command chain is missing."],
  [0x6884, "The card knows no command chaining."],
  [0x6900, "The command is not allowed."],
  [0x6981, "The command does not fit the structure of the file."],
  [0x6982, "The right to do this is missing: no secure channel, or a secured message was wrong."],
  [0x6983, "The PIN or key is blocked, because it was wrong too often."],
  [0x6984, "The referenced data cannot be used any more."],
  [0x6985, "A condition for this command is not fulfilled."],
  [0x6986, "No application is selected that could take this command."],
  [0x6987, "Secure messaging data is missing."],
  [0x6988, "Secure messaging data is wrong."],
  [0x6999, "The application refused to be selected."],
  [0x6a80, "A value in the command data is wrong."],
  [0x6a81, "The card does not know this function."],
  [0x6a82, "The application or file does not exist on this card."],
  [0x6a83, "The record does not exist."],
  [0x6a84, "The card has not enough memory left."],
  [0x6a86, "P1 or P2 is wrong."],
  [0x6a88, "The referenced data or key does not exist."],
  [0x6a89, "The application or file exists already."],
  [0x6a8a, "The name of the application exists already."],
  [0x6b00, "P1 and P2 lie outside the data."],
  [0x6d00, "The application does not know this instruction."],
  [0x6e00, "The application does not know this class."],
  [0x6f00, "The card failed without giving a reason."],
  [0x9484, "The algorithm is not supported."],
  [0x9485, "The value of the key check is wrong."],
]);

const SENTENCES_BY_SW1: ReadonlyMap<number, string> = new Map([
  [0x61, "More data waits to be fetched by GET RESPONSE."],
  [0x62, "The command was carried out with a warning; the card's memory is unchanged."],
  [0x63, "The command was carried out with a warning; the card's memory has changed."],
  [0x64, "The command failed; the card's memory is unchanged."],
  [0x65, "The command failed; the card's memory may have changed."],
  [0x66, "The card reports a security problem."],
  [0x68, "The class asks for something that the card does not know."],
  [0x69, "The command is not allowed now."],
  [0x6a, "A parameter of the command is wrong."],
  [0x6c, "The expected length is wrong; the card named the right one."],
]);

/** One sentence for a status word. An application's own words (9xxx) are for the application to explain. */
export function describeStatusWord(sw: number): string {
  const triesLeft = triesLeftOf(sw);
  if (triesLeft !== null) return `The PIN or key was wrong; ${triesLeft} tries are left.`;
  return (
    SENTENCES.get(sw) ??
    SENTENCES_BY_SW1.get(sw >> 8) ??
    `The application answered ${formatStatusWord(sw)}, its own word.`
  );
}

/** Tries left of a PIN or key by 63Cx; null for any other word. */
export function triesLeftOf(sw: number): number | null {
  return (sw & 0xfff0) === 0x63c0 ? sw & 0x0f : null;
}

/** Four upper-case hexadecimal digits. */
export function formatStatusWord(sw: number): string {
  return sw.toString(16).toUpperCase().padStart(4, "0");
}

/** 62xx and 63xx: carried out, with something to say (ISO 7816-4 §5.1.3). */
export function isWarning(sw: number): boolean {
  return sw >> 8 === 0x62 || sw >> 8 === 0x63;
}
