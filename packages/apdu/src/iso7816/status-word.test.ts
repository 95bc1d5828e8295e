import { describe, expect, it } from "@jest/globals";
import { statusError } from "./exchange.ts";
import { describeStatusWord, formatStatusWord, isWarning, triesLeftOf } from "./status-word.ts";

const SENTENCE = /^[A-Z][^.]*\.$/;
/** What happened, and then what to do; only success asks for nothing. */
const WITH_ADVICE = /^[A-Z][^.;:]*[;:] [a-z][^.]*\.$/;

/**
 * Status words that ISO 7816-4 §5.1.3 and GP Card Specification v2.3.1 §11.1.3 name, each with a
 * text that its sentence must hold.
 */
const NAMED: readonly (readonly [sw: number, about: RegExp])[] = [
  [0x9000, /carried out/],
  [0x6200, /no further reason/],
  [0x6281, /damaged/],
  [0x6282, /end of the data/],
  [0x6283, /deactivated/],
  [0x6285, /final state/],
  [0x6300, /authentication failed/],
  [0x6310, /More data/],
  [0x6400, /failed and .* unchanged/],
  [0x6438, /version/],
  [0x6500, /failed and .* may have changed/],
  [0x6581, /could not write/],
  [0x6700, /length/],
  [0x6881, /logical channels/],
  [0x6882, /secure messaging/],
  [0x6883, /last link/],
  [0x6884, /chaining/],
  [0x6900, /not allowed/],
  [0x6981, /structure/],
  [0x6982, /right to do this/],
  [0x6983, /blocked/],
  [0x6984, /cannot be used/],
  [0x6985, /condition/],
  [0x6986, /No application/],
  [0x6987, /missing/],
  [0x6988, /wrong/],
  [0x6999, /refused to be selected/],
  [0x6a80, /value in the command data/],
  [0x6a81, /function/],
  [0x6a82, /application or file does not exist/],
  [0x6a83, /record/],
  [0x6a84, /memory/],
  [0x6a86, /P1 or P2/],
  [0x6a88, /data or key does not exist/],
  [0x6a89, /exists already/],
  [0x6a8a, /name/],
  [0x6b00, /P1 and P2/],
  [0x6d00, /instruction/],
  [0x6e00, /class/],
  [0x6f00, /without giving a reason/],
  [0x9484, /algorithm/],
  [0x9485, /key check/],
];

/** Status words that nobody has named, by their first byte. */
const BY_FIRST_BYTE: readonly (readonly [sw: number, about: RegExp])[] = [
  [0x6110, /GET RESPONSE/],
  [0x62ff, /warning.* unchanged/],
  [0x63f0, /warning.* changed/],
  [0x64ff, /failed.* unchanged/],
  [0x65ff, /failed.* may have changed/],
  [0x6601, /security problem/],
  [0x68ff, /class/],
  [0x69ff, /not allowed now/],
  [0x6aff, /parameter/],
  [0x6c05, /named the right one/],
];

describe("each status word", () => {
  it.each([...NAMED, ...BY_FIRST_BYTE].map(([sw, about]) => [formatStatusWord(sw), sw, about] as const))(
    "%s has one sentence",
    (_word, sw, about) => {
      expect(describeStatusWord(sw)).toMatch(SENTENCE);
      expect(describeStatusWord(sw)).toMatch(about);
    },
  );

  it("says what to do as well, except for success", () => {
    const statusWords = Array.from({ length: 0x10000 }, (_unused, sw) => sw).filter((sw) => sw !== 0x9000);
    expect(statusWords.filter((sw) => !WITH_ADVICE.test(describeStatusWord(sw)) && triesLeftOf(sw) !== 0)).toEqual([]);
  });

  it("has a sentence of its own", () => {
    const sentences = [...NAMED, ...BY_FIRST_BYTE].map(([sw]) => describeStatusWord(sw));
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it("of an application is left to the application", () => {
    expect(describeStatusWord(0x9a01)).toBe(
      "The application answered 9A01, its own status word; its documentation says what to do.",
    );
    expect(describeStatusWord(0x6f01)).toMatch(/6F01/);
  });
});

describe("tries left", () => {
  it.each([
    [0x63c0, 0],
    [0x63c3, 3],
    [0x63cf, 15],
  ])("are named by %i", (sw, tries) => {
    expect(triesLeftOf(sw)).toBe(tries);
    expect(describeStatusWord(sw)).toMatch(
      tries === 0 ? /is blocked now; only whoever issued/ : ` ${tries} tries left.`,
    );
  });

  it.each([0x6300, 0x63bf, 0x63d0, 0x62c3, 0x9000, 0x6983])("are not named by %i", (sw) => {
    expect(triesLeftOf(sw)).toBeNull();
  });
});

it("a status word is written with four upper-case digits", () => {
  expect([0x9000, 0x6a82, 0x0a].map(formatStatusWord)).toEqual(["9000", "6A82", "000A"]);
});

it("62xx and 63xx are warnings, and no other status words", () => {
  expect([0x6200, 0x62ff, 0x6300, 0x63cf].map(isWarning)).toEqual([true, true, true, true]);
  expect([0x61ff, 0x6400, 0x9000, 0x6a82].map(isWarning)).toEqual([false, false, false, false]);
});

it("an unexpected status word is an error that names command, status word, sentence and tries left", () => {
  const error = statusError("VERIFY", 0x63c2);
  for (const part of ["VERIFY", formatStatusWord(0x63c2), describeStatusWord(0x63c2)])
    expect(error.message).toContain(part);
  expect(error).toMatchObject({ code: "STATUS", context: { command: "VERIFY", sw: 0x63c2, triesLeft: 2 } });
  expect(statusError("SELECT", 0x6a82).context).toEqual({ command: "SELECT", sw: 0x6a82, triesLeft: null });
});
