import "reflect-metadata";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { reasonCodes } from "@tallystick/protocol";
import { NEAR_LIMIT_CODES } from "../../src/http/currencies/currency-report.ts";
import type { RefundCode } from "../../src/refunds/refund-messages.ts";
import { lineFaults } from "../../src/sync/line/line-fault.ts";
import { tapMessage } from "../../src/taps/tap-result.ts";
import type { Catalogue } from "../../page/src/texts/en/names.ts";
import { chooseLanguage, type Language, LANGUAGES, localeOf } from "../../page/src/texts/catalogue.ts";
import { reasons as spanishReasons } from "../../page/src/texts/es/reasons.ts";
import { loadCatalogue } from "../../page/src/texts/load-texts.ts";
import { Texts } from "../../page/src/texts/texts.ts";

const OTHERS: readonly Language[] = ["es", "fr", "ar"];

/** Sentences that are the same in a language as in English, each with its reason. */
const SAME: Readonly<Record<string, string>> = {
  "place.nowhere": "a refused payment is nowhere, in every language",
  "es app.name": "the Spanish word is the same",
  "fr app.name": "the French word is the same",
  "es terminal.unsentSum": "two figures, without a word",
  "fr terminal.unsentSum": "two figures, without a word",
  "es reader.rate": "a figure and its unit",
  "fr reader.rate": "a figure and its unit",
  "fr pairing.code": "the French word is the same",
};

/** Calls that the page makes; the OpenAPI document names what each may be refused for. */
const CALLS_OF_PAGE = [
  ...["putSale", "showSale", "listSales", "attemptSale", "cancelSale", "followSales"],
  ...["listPayments", "reversePayment", "refundPayment", "exchangeNow", "showReadiness"],
  ...["showBalance", "showMoney", "withdrawMoney", "showXReport", "listReports", "closePeriod"],
];

/** What the page's own requests are never refused for. */
const NEVER_ON_PAGE = [
  "FOREIGN_ORIGIN",
  "NOT_THROUGH_PROXY",
  "MISDIRECTED_HOST",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA",
];

interface Operation {
  readonly operationId: string;
}

function codesOfCalls(): string[] {
  const text = readFileSync(new URL("../../../../docs/reference/openapi/gateway.json", import.meta.url), "utf8");
  const { paths } = JSON.parse(text) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const called = operations.filter(({ operationId }) => CALLS_OF_PAGE.includes(operationId));
  expect(called.map(({ operationId }) => operationId).sort()).toEqual([...CALLS_OF_PAGE].sort());
  return [...JSON.stringify(called).matchAll(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g)].map(([code]) => code);
}

/** What a sale may be refused for that is no reason of the protocol: the reader's codes and the terminal's own. */
const OWN_REASONS = [
  ...["NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "CARD_ABSENT", "CARD_MUTE", "CARD_REMOVED", "CARD_RESET"],
  ...["TORN", "NOT_CONNECTED", "READER_FAULT", "JOURNAL_FORGOTTEN", "CERTIFICATE_MISSING", "SALE_CANCELLED"],
  ...["TAP_EXPIRED", "TAP_CANCELLED", "CARD_LEFT", "SALE_REPEATED", "PIN_SESSION_UNTRUSTED"],
];

/** Why a refund ends without giving anything back. */
const REFUND_ENDS: readonly RefundCode[] = [
  ...(["MORE_THAN_LEFT", "ORDER_EXPIRED", "SHORT_OF_FUNDS", "REFUSED_BY_VAULT", "REVERTED"] as const),
];

const gaps = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
const every = ({ words, codes }: Catalogue): [string, string][] => Object.entries({ ...words, ...codes });

describe.each(OTHERS)("the texts in %s", (language) => {
  it("are complete, keep their gaps, and are no English ones but for those that are listed", async () => {
    const [english, other] = [await loadCatalogue("en"), await loadCatalogue(language)];
    const known = Object.fromEntries(every(english));
    const found = Object.fromEntries(every(other));
    expect(Object.keys(found).sort()).toEqual(
      [...new Set([...Object.keys(known), ...Object.keys(spanishReasons)])].sort(),
    );
    for (const [name, text] of Object.entries(found)) {
      const said = known[name] ?? tapMessage(name);
      expect([name, gaps(text)]).toEqual([name, gaps(said)]);
      const isSame = SAME[name] !== undefined || SAME[`${language} ${name}`] !== undefined;
      expect([name, text === said]).toEqual([name, isSame]);
      if (said.endsWith(".")) expect([name, text.endsWith(".")]).toEqual([name, true]);
    }
  });

  it("have a sentence for every code that a sale, a call or the terminal's state can have", async () => {
    const { codes } = await loadCatalogue(language);
    const wanted = [
      ...reasonCodes,
      ...OWN_REASONS,
      ...NEAR_LIMIT_CODES,
      ...REFUND_ENDS,
      ...Object.keys(lineFaults),
      ...codesOfCalls().filter((code) => !NEVER_ON_PAGE.includes(code) && !code.startsWith("IDEMPOTENCY_")),
    ];
    expect(wanted.filter((code) => !(code in codes))).toEqual([]);
  });

  it("tell each reason apart", async () => {
    const { codes } = await loadCatalogue(language);
    expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
  });
});

describe("English", () => {
  it("has the terminal's own sentence where a code has none here", async () => {
    const catalogue = await loadCatalogue("en");
    const texts = new Texts({ language: "en", locale: "en-GB", catalogue, decimalsOf: () => 2 });
    const said = tapMessage("CARD_SPENDING_CAP");
    expect(texts.code("CARD_SPENDING_CAP", said)).toBe(said);
    expect(texts.code("TAP_IN_PROGRESS", "")).toBe(catalogue.codes.TAP_IN_PROGRESS);
    expect(texts.code(null, "x")).toBe("x");
  });
});

describe("a language", () => {
  it("is the chosen one, else the browser's, with the browser's country for its numbers", () => {
    expect(chooseLanguage("ar", ["fr"])).toBe("ar");
    expect(chooseLanguage("xx", ["de", "es-MX", "en"])).toBe("es");
    expect(chooseLanguage(null, ["de"])).toBe("en");
    expect(localeOf("es", ["en-US", "es-MX"])).toBe("es-MX");
    expect(Object.keys(LANGUAGES)).toEqual(["en", "es", "fr", "ar"]);
  });

  it("writes times, durations and amounts as its people do", async () => {
    const make = async (language: Language, locale: string): Promise<Texts> =>
      new Texts({ language, locale, catalogue: await loadCatalogue(language), decimalsOf: () => 2 });
    const [english, arabic] = [await make("en", "en-US"), await make("ar", "ar-EG")];
    const now = 1_790_000_000;
    expect(english.duration(89)).toBe("89 seconds");
    expect(english.duration(5_400)).toBe("2 hours");
    expect(english.duration(172_800)).toBe("2 days");
    expect(english.until(now + 86_400, now)).toMatch(/day/);
    expect(english.until(now + 30 * 86_400, now)).toMatch(/October/);
    expect(english.money({ amount: "1234.5", currency: "USDC" })).toMatch(/^1,234\.50/);
    expect(arabic.money({ amount: "1234.5", currency: "USDC" })).toMatch(/^١٬٢٣٤٫٥٠/);
    expect([english.direction, arabic.direction]).toEqual(["ltr", "rtl"]);
  });
});
