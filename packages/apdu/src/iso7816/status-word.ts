/** Success without further qualification. */
export const SW_SUCCESS = 0x9000;

const SENTENCES: ReadonlyMap<number, string> = new Map([
  [0x9000, "The command was carried out."],
  [0x6200, "The card's memory is unchanged, and it gives no further reason; read back what you need before you go on."],
  [0x6281, "Part of the returned data may be damaged; read it again and compare."],
  [0x6282, "The end of the data was reached before everything asked for was read; ask for less."],
  [0x6283, "The selected application or file is deactivated; activate it, or use another card."],
  [0x6285, "The selected file is in its final state; use another card."],
  [0x6300, "The authentication failed; check the keys before you try again, because the card counts."],
  [0x6310, "More data is available than fits one answer; ask for the next part."],
  [0x6400, "The command failed and the card's memory is unchanged; it may be sent again."],
  [0x6438, "The image is of a wrong version for this card; load the one that was made for it."],
  [0x6500, "The command failed and the card's memory may have changed; read the card's state before you go on."],
  [0x6581, "The card could not write its memory and may be worn out; use another card."],
  [0x6700, "The length of the command data is wrong; card and program may be of different versions."],
  [0x6881, "The card knows no logical channels; use the basic one."],
  [0x6882, "The card knows no secure messaging for this command; send it in clear, or leave it out."],
  [0x6883, "The last link of a command chain is missing; send the chain again from its start."],
  [0x6884, "The card knows no command chaining; send the command in one piece."],
  [0x6900, "The command is not allowed; select the application and begin again."],
  [0x6981, "The command does not fit the structure of the file; check which file is selected."],
  [
    0x6982,
    "The right to do this is missing: open a secure channel of the level that the command needs, and begin again where a secured message was wrong.",
  ],
  [0x6983, "The PIN or key is blocked, because it was wrong too often; only whoever issued the card can help."],
  [0x6984, "The referenced data cannot be used any more; ask the card for it anew."],
  [0x6985, "A condition for this command is not fulfilled; do first what has to come before it."],
  [0x6986, "No application is selected that could take this command; select it first."],
  [0x6987, "Secure messaging data is missing; open the secure channel again."],
  [0x6988, "Secure messaging data is wrong; open the secure channel again."],
  [0x6999, "The application refused to be selected; use another card, or ask who issued it."],
  [0x6a80, "A value in the command data is wrong; correct it before you send it again."],
  [0x6a81, "The card does not know this function; do without it, or use another card."],
  [0x6a82, "The application or file does not exist on this card; use another card, or install it."],
  [0x6a83, "The record does not exist; ask for one that does."],
  [0x6a84, "The card has not enough memory left; delete what is not needed, or use another card."],
  [0x6a86, "P1 or P2 is wrong; card and program may be of different versions."],
  [0x6a88, "The referenced data or key does not exist; check its name or its version."],
  [0x6a89, "The application or file exists already; use it, or delete it first."],
  [0x6a8a, "The name of the application exists already; choose another one."],
  [0x6b00, "P1 and P2 lie outside the data; ask for a place within it."],
  [0x6d00, "The application does not know this instruction; check that the right one is selected."],
  [0x6e00, "The application does not know this class; check that the right one is selected."],
  [0x6f00, "The card failed without giving a reason; read its state before you go on."],
  [0x9484, "The algorithm is not supported; choose another one, or use another card."],
  [0x9485, "The value of the key check is wrong; make the key block again and compare the keys."],
]);

const SENTENCES_BY_SW1: ReadonlyMap<number, string> = new Map([
  [0x61, "More data waits; fetch it by GET RESPONSE."],
  [
    0x62,
    "The command was carried out with a warning and the card's memory is unchanged; read back what you need before you go on.",
  ],
  [
    0x63,
    "The command was carried out with a warning and the card's memory has changed; read back what you need before you go on.",
  ],
  [0x64, "The command failed for a reason of the card's own and its memory is unchanged; it may be sent again."],
  [
    0x65,
    "The command failed for a reason of the card's own and its memory may have changed; read the card's state before you go on.",
  ],
  [0x66, "The card reports a security problem; put it aside and ask who issued it."],
  [0x68, "The class asks for something that the card does not know; send the command without it."],
  [0x69, "The command is not allowed now; select the application and begin again."],
  [0x6a, "A parameter of the command is wrong; correct it before you send it again."],
  [0x6c, "The expected length is wrong; the card named the right one, so ask again with that."],
]);

/**
 * One sentence for a status word: what happened, and behind a semicolon or colon what to do. An
 * application's own status words (9xxx) are for the application to explain.
 */
export function describeStatusWord(sw: number): string {
  const triesLeft = triesLeftOf(sw);
  if (triesLeft === 0) return "The PIN or key was wrong and is blocked now; only whoever issued the card can help.";
  if (triesLeft !== null)
    return `The PIN or key was wrong; check it before you use one of the ${triesLeft} tries left.`;
  return (
    SENTENCES.get(sw) ??
    SENTENCES_BY_SW1.get(sw >> 8) ??
    `The application answered ${formatStatusWord(sw)}, its own status word; its documentation says what to do.`
  );
}

/** Tries left of a PIN or key by 63Cx; null for any other status word. */
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
