import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ConfigError, ReportSignatureError, verifyReport } from "@tallystick/program";
import { createSigner, digestOf, encodeMerchantCertificate, parseAddress, uncompressKey } from "@tallystick/protocol";
import { card, configOf, domain, issuer, issuerKey, START_MS, StepsHarness } from "../../test/harness/steps-harness.ts";
import type { OrderedCard } from "../order/check-order.ts";
import { buildReport } from "./build-report.ts";
import { signedReport } from "./signed-report.ts";

const nowSeconds = Math.floor(START_MS / 1_000);
const terminal = createSigner(new Uint8Array(32).fill(7));
let harness: StepsHarness;
let report: string;

async function certified(change: object = {}, by = issuer) {
  const certificate = encodeMerchantCertificate({
    ...{ domain, issuerKeyId: 1, payee: parseAddress(`0x${"0b".repeat(20)}`), category: 0 },
    ...{ terminalId: new Uint8Array(8).fill(0x0c), terminalKey: uncompressKey(terminal.publicKey) },
    ...{ notBefore: nowSeconds - 1, notAfter: nowSeconds + 1, perTap: 1n, unsentSum: 1n, unsentCount: 1 },
    ...{ perCardSum: 1n, softwareSum: 0n, ...change },
  });
  return { certificate, signature: await by.sign(digestOf(certificate)) };
}

const ordered = (reference: string, elsewhere: string | null = null): OrderedCard => ({
  ...{
    reference,
    label: null,
    owner: parseAddress(`0x${"0a".repeat(20)}`),
    fund: 5n,
    hasPin: false,
    elsewhere,
    line: 2,
  },
  caps: configOf().caps,
});

async function signedBy(certificate: Awaited<ReturnType<typeof certified>>): Promise<string> {
  const grounds = {
    ...{ journal: harness.journal, config: configOf(), nowSeconds },
    settlement: { funding: () => Promise.resolve({ id: "f", state: "final", tx: `0x${"22".repeat(32)}` } as never) },
    order: { name: "order.csv", hash: new Uint8Array(32) },
  };
  const cards = [ordered("r"), ordered("other"), ordered("there", `0x${"11".repeat(20)}`)];
  return await signedReport(await buildReport(cards, grounds), { domain, signer: terminal, certificate });
}

beforeEach(async () => {
  const done = { "replace-keys": { keys: "C0FFEE" }, fund: { funding: "f", attempt: 1 }, final: {}, upload: {} };
  harness = new StepsHarness({ ...done, "final-tap": { seen: "configuration" } });
  harness.journal.correctParticulars("r", { domain: "", instance: 1, owner: "", fund: "20000000" });
  harness.journal.bindCard("r", "aa");
  harness.journal.note("r", { seconds: 21, applet: "0x0100010003" });
  harness.journal.finish("r");
  report = await signedBy(await certified());
});
afterEach(() => {
  harness.remove();
});

const verify = (text: string | Uint8Array, issuerKeys = [issuerKey]) =>
  verifyReport(typeof text === "string" ? new TextEncoder().encode(text) : text, { issuerKeys, source: "report" });

function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ line, path }) => `${line ?? "-"} ${path}`.trim());
    throw error;
  }
  return [];
}

describe("the report of an order", () => {
  it("says of each card what became of it, and holds for whoever has the issuer's key alone", () => {
    const { head, cards, sum, terminal: of } = verify(report);
    expect(head).toMatchObject({ order: "order.csv", madeAt: nowSeconds, domain: { chainId: "31337" } });
    expect(cards[0]).toMatchObject({
      ...{ reference: "r", outcome: "ready", card, deposited: "20.00", funding: "f", seen: "configuration" },
      ...{ seconds: 21, keys: { master: "C0FFEE", card: null }, applet: { version: "0x0100010003", hash: null } },
    });
    expect(cards.slice(1).map(({ outcome, deposited }) => [outcome, deposited])).toEqual([
      ["not-begun", "0.00"],
      ["elsewhere", "0.00"],
    ]);
    expect(sum).toMatchObject({ cards: 3, ready: 1, deposited: "20.00" });
    expect(of).toEqual({ payee: `0x${"0b".repeat(20)}`, terminalId: `0x${"0c".repeat(8)}` });
  });

  it("is refused where anything in it was changed, by the line of it", () => {
    const lines = report.split("\n");
    const changed = (line: number, from: string | RegExp, to: string): string =>
      lines.map((text, index) => (index === line - 1 ? text.replace(from, to) : text)).join("\n");
    expect(faultsOf(() => verify(changed(2, '"seconds":21', '"seconds":22')))).toEqual(["6"]);
    expect(faultsOf(() => verify(changed(5, '"deposited":"20.00"', '"deposited":"21.00"')))).toEqual([
      "5 deposited",
      "6",
    ]);
    expect(faultsOf(() => verify(changed(2, '"deposited":"20.00"', '"deposited":"0.00"')))).toEqual([
      ...["2 deposited", "5 deposited", "6"],
    ]);
    expect(faultsOf(() => verify(changed(3, '"reference":"other"', '"reference":"r"')))).toEqual(["3 reference", "6"]);
    expect(faultsOf(() => verify(changed(3, '"outcome":"not-begun"', '"outcome":"ready"')))).toEqual([
      ...["3 deposited", "5 ready", "6"],
    ]);
  });

  it.each<[string, (text: string) => string | Uint8Array, string[]]>([
    ["cut off", (text) => text.slice(0, -2), ["1"]],
    ["empty", () => "", ["1", "1"]],
    ["not UTF-8", (text) => Uint8Array.of(...new TextEncoder().encode(text), 0xff, 0x0a), ["1"]],
    ["with a line that is no JSON", (text) => text.replace('{"line":"sum"', '{"line":sum'), ["5"]],
    ["with blanks that were not signed", (text) => text.replace('"line":"card",', '"line":"card", '), ["2"]],
    ["with a name twice", (text) => text.replace('"line":"card"', '"line":"card","line":"card"'), ["2"]],
    ["with an unknown field", (text) => text.replace('"line":"sum"', '"line":"sum","more":1'), ["5"]],
    ["with a field that is none", (text) => text.replace('"seconds":21', '"seconds":"21"'), ["2 seconds"]],
    ["without a card's line", (text) => text.split("\n").toSpliced(2, 1).join("\n"), ["4 cards", "5"]],
  ])("is refused %s", (_name, change, faults) => {
    expect(faultsOf(() => verify(change(report)))).toEqual(faults);
  });

  it("is told apart where only the signature or the certificate is at fault", async () => {
    const changed = report.replace('"seconds":21', '"seconds":22');
    expect(() => verify(changed)).toThrow(ReportSignatureError);
    const uncertified = await signedBy(await certified({}, createSigner(new Uint8Array(32).fill(8))));
    expect(() => verify(uncertified)).toThrow(ReportSignatureError);
    let thrown: unknown = null;
    try {
      verify(report.replace('"ready":1', '"ready":2'));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    expect(thrown).not.toBeInstanceOf(ReportSignatureError);
  });

  it("is refused from a terminal that the issuer did not certify, for this vault and at this time", async () => {
    const foreign = createSigner(new Uint8Array(32).fill(8));
    const elsewhere = { domain: { ...domain, chainId: 1n } };
    expect(faultsOf(() => verify(report, []))).toEqual(["6"]);
    expect(faultsOf(() => verify(report, [{ ...issuerKey, publicKey: foreign.publicKey }]))).toEqual(["6"]);
    for (const certificate of [
      await certified({}, foreign),
      await certified({ notAfter: nowSeconds - 1 }),
      await certified({ terminalKey: uncompressKey(foreign.publicKey) }),
    ]) {
      const text = await signedBy(certificate);
      expect(faultsOf(() => verify(text))).toEqual(["6"]);
    }
    const otherVault = await signedBy(await certified(elsewhere));
    expect(faultsOf(() => verify(otherVault))).toEqual(["6", "6"]);
  });
});
