import { expect, it } from "@jest/globals";
import { cashierSentence, refusalByStatusWord } from "@tallystick/protocol";
import { refusalOf } from "./command-result.ts";

it.each([...refusalByStatusWord].map(([sw, reason]) => [sw.toString(16).toUpperCase(), sw, reason] as const))(
  "%s is explained by the sentence of its reason",
  (text, sw, reason) => {
    expect(refusalOf(sw)).toEqual({ ok: false, sw, reason, message: `${text}: ${cashierSentence(reason)}` });
  },
);

it.each([
  [0x63c2, "CARD_WRONG_PIN", /^63C2: .* one of the 2 tries left\.$/],
  [0x6a80, "CARD_REFUSED", /^6A80: A value .*; correct it/],
  [0x6f00, "CARD_REFUSED", /^6F00: The card failed .*; read its state/],
  [0x9eff, "CARD_REFUSED", /^9EFF: /],
] as const)("%i is explained by the layer below", (sw, reason, message) => {
  expect(refusalOf(sw)).toEqual({ ok: false, sw, reason, message: expect.stringMatching(message) });
});
