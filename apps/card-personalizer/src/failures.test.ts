import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { ApduError, ReaderError, type ReaderErrorCode } from "@tallystick/apdu";
import { CardError } from "@tallystick/card";
import { EXIT } from "@tallystick/program";
import { decodeDomain } from "@tallystick/protocol";
import { asFailure, blamingBytesOn, Failure, FAILURE_EXITS, type FailureCode } from "./failures.ts";

describe("failures", () => {
  it("stand in the runbook with their exit codes, all of them and no others", () => {
    const runbook = readFileSync(new URL("../../../docs/operating/personalization.md", import.meta.url), "utf8");
    const rows = [...runbook.matchAll(/^\| ([1-8]) \| ([A-Z_, ]+) \|/gm)];
    const documented = rows.flatMap(([, exit, codes]) =>
      (codes ?? "").split(", ").map((code) => [code, Number(exit)] as const),
    );
    const own = Object.entries(FAILURE_EXITS).map(([code, exit]) => [code, EXIT[exit]] as const);
    const keyFile = ["MISSING", "EXISTS", "EXPOSED", "MALFORMED", "INACCESSIBLE"];
    const common = [["CONFIG", EXIT.usage], ...keyFile.map((end) => [`KEY_FILE_${end}`, EXIT.keys] as const)] as const;
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries([...own, ...common]));
  });

  it("each say what happened and what to do", () => {
    const reader: readonly string[] = [
      ...["NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "CARD_ABSENT", "CARD_MUTE", "READER_FAULT", "NOT_CONNECTED"],
    ];
    for (const code of Object.keys(FAILURE_EXITS) as FailureCode[]) {
      const failure = reader.includes(code) ? asFailure(new ReaderError(code as ReaderErrorCode)) : new Failure(code);
      expect([code, failure.code]).toEqual([code, code]);
      expect([code, failure.message.length > 10, failure.next.length > 10]).toEqual([code, true, true]);
    }
  });

  it.each<[string, unknown, FailureCode]>([
    ["a torn answer at the reader", new ReaderError("TORN"), "TORN"],
    ["a torn answer in its bytes", new ApduError("TORN", "one byte"), "TORN"],
    ["a card that was taken away", new ReaderError("CARD_REMOVED"), "CARD_REMOVED"],
    ["a card that another program reset", new ReaderError("CARD_RESET"), "CARD_RESET"],
    ["keys that do not fit", new ApduError("WRONG_KEYS", "no", { triesLeft: 2 }), "WRONG_KEYS"],
    ["an answer whose MAC is wrong", new ApduError("RESPONSE_MAC", "no"), "CARD_CONTRADICTS"],
    ["a check value that differs", new ApduError("WRONG_CHECK_VALUE", "no"), "CARD_CONTRADICTS"],
    ["a status word", new ApduError("STATUS", "no", { sw: 0x6985 }), "CARD_REFUSED"],
    ["another protocol", new ApduError("UNSUPPORTED", "no"), "CARD_NOT_SUITABLE"],
    [
      "an answer of another length",
      new CardError("ANSWER_LENGTH", { command: "c", expected: "1", actual: "2" }),
      "CARD_CONTRADICTS",
    ],
    ["anything else", new TypeError("x is not a function"), "FAULT"],
    ["no error at all", "text", "FAULT"],
  ])("%s", (_name, error, code) => {
    expect(asFailure(error).code).toBe(code);
  });

  it("blames bytes that cannot be decoded on whoever sent them, and nothing else", async () => {
    const decode = async (): Promise<unknown> => decodeDomain(new Uint8Array(27));
    await expect(blamingBytesOn("CARD_CONTRADICTS", decode)).rejects.toMatchObject({ code: "CARD_CONTRADICTS" });
    await expect(blamingBytesOn("SETTLEMENT_ANSWER", decode)).rejects.toMatchObject({ code: "SETTLEMENT_ANSWER" });
    const other = (): Promise<unknown> => Promise.reject(new Failure("NOT_FINAL"));
    await expect(blamingBytesOn("SETTLEMENT_ANSWER", other)).rejects.toMatchObject({ code: "NOT_FINAL" });
  });

  it("shows the tries that a card says are left", () => {
    const failure = asFailure(new ApduError("WRONG_KEYS", "no", { triesLeft: 2 }));
    expect(failure.message).toContain("2 tries");
  });
});
