import { describe, expect, it } from "@jest/globals";
import type { CaseDetail, CaseMessage } from "../../../cases/case-answers.ts";
import { documentOf, type Frame } from "../../view/frame.tsx";
import { CasePage } from "./case.tsx";

const hash = (digits: string) => `0x${digits.repeat(64 / digits.length)}`;
const AT = "2026-11-21T09:00:00.000Z";
const KEYS = [`0x02${"1".repeat(64)}`, `0x03${"2".repeat(64)}`];

const frame: Frame = {
  ...{ asset: "TUSD", vault: `0x${"a".repeat(40)}`, chainId: "31337", now: Date.parse(AT), formToken: "token" },
  ...{ actor: { name: "ada", role: "operator" }, hasPasskeys: true, explorer: null, issuerKeys: KEYS },
};

const one: CaseMessage = {
  ...{ voucherId: hash("9"), payee: `0x${"b".repeat(40)}`, amount: "3.00", counter: 7, state: "final" },
  ...{ source: "upload", tx: null, message: hash("12"), signature: hash("34"), parity: 0 },
};
const other: CaseMessage = { ...one, voucherId: hash("8"), amount: "4.00", message: hash("13"), signature: hash("35") };

const found: CaseDetail = {
  ...{ id: "7", kind: "FORK", detail: "Two messages.", state: "open", causedAt: AT, openedAt: AT, resolvedAt: null },
  ...{ owner: null, card: null, counter: 7, payee: null, terminalId: null, voucherId: null, cost: "3.00" },
  ...{ messages: [one, other], history: [] },
};

const show = (messages: readonly CaseMessage[], names: ReadonlyMap<string, string> = new Map()) =>
  documentOf(CasePage({ frame, found: { ...found, messages: [...messages] }, names, mayDecide: false, mayPay: false }));
/** The names of what is marked, of each message. */
const marked = (page: string) =>
  [...page.matchAll(/<article>([\s\S]*?)<\/article>/g)].map(([, article = ""]) =>
    [...article.matchAll(/<dt>(\w+)<\/dt><dd><mark>/g)].map(([, name]) => name),
  );

describe("a case's messages", () => {
  it("stand there whole, with what is not the same in both marked", () => {
    const page = show([one, other]);
    const codes = [...page.matchAll(/<code class="hash whole">(.*?)<\/code>/g)].map(([, code = ""]) => code);
    const whole = codes.map((code) => code.replaceAll(/<\/?mark>/g, ""));
    expect(whole).toEqual([one.message, one.signature, other.message, other.signature]);
    expect(marked(page)).toEqual(Array.from({ length: 2 }, () => ["Amount", "Voucher"]));
  });

  it("have the digits marked that are not the same, and those alone", () => {
    const page = show([
      { ...one, message: "0x0011aa22", signature: "0x99" },
      { ...other, message: "0x0017ab22", signature: "0x9988" },
    ]);
    for (const code of ["0x001<mark>1</mark>a<mark>a</mark>22", "0x001<mark>7</mark>a<mark>b</mark>22"])
      expect(page).toContain(`<code class="hash whole">${code}</code>`);
    for (const code of ["0x99", "0x99<mark>88</mark>"])
      expect(page).toContain(`<code class="hash whole">${code}</code>`);
  });

  it("name the merchant, where it has a name", () => {
    const named = show([one], new Map([[one.payee, "Kiosk 2"]]));
    expect([named.includes("<bdi>Kiosk 2</bdi>"), show([one]).includes(`>${one.payee}<`)]).toEqual([true, true]);
  });

  it("have nothing marked where there is one alone, or where they are the same", () => {
    expect(marked(show([one]))).toEqual([[]]);
    expect(marked(show([one, one]))).toEqual([[], []]);
    expect(show([one])).not.toContain("<mark>");
  });

  it("say which merchants are out of pocket, and by how much", () => {
    const lost = { ...other, payee: `0x${"c".repeat(40)}`, amount: "40.00", state: "disputed" };
    const list = (page: string) => /Out of pocket<\/h2><ul>(.*?)<\/ul>/.exec(page)?.[1];
    expect(list(show([one, other]))).toBeUndefined();
    const said = list(show([one, lost], new Map([[lost.payee, "Kiosk 2"]]))) ?? "";
    for (const part of ["<bdi>Kiosk 2</bdi>", "40.00 TUSD", `/console/vouchers/${lost.voucherId}`])
      expect(said).toContain(part);
    expect(said).not.toContain(one.payee);
  });

  it("are judged by a command that can be pasted: with every key of the issuer", () => {
    const command = /<code[^>]*>(tallystick-settlement verify evidence [^<]*)<\/code>/.exec(show([one]))?.[1];
    expect(command).toBe(
      `tallystick-settlement verify evidence case-7.json --issuer-key ${KEYS[0]} --issuer-key ${KEYS[1]}`,
    );
  });
});
