import { expect, it } from "@jest/globals";
import { describeStatusWord, formatStatusWord } from "@tallystick/apdu";
import { cashierSentence, refusalByStatusWord } from "@tallystick/protocol";
import { refusalOf } from "./command-result.ts";

it.each([...refusalByStatusWord].map(([sw, reason]) => [sw.toString(16).toUpperCase(), sw, reason] as const))(
  "%s is explained by the sentence of its reason",
  (text, sw, reason) => {
    expect(refusalOf(sw)).toEqual({ ok: false, sw, reason, message: `${text}: ${cashierSentence(reason)}` });
  },
);

it.each([
  [0x63c2, "CARD_WRONG_PIN"],
  [0x6a80, "CARD_REFUSED"],
  [0x6f00, "CARD_REFUSED"],
  [0x9eff, "CARD_REFUSED"],
] as const)("%i is explained by the layer below", (sw, reason) => {
  const message = `${formatStatusWord(sw)}: ${describeStatusWord(sw)}`;
  expect(refusalOf(sw)).toEqual({ ok: false, sw, reason, message });
});
