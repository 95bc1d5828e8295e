import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { feePolicy } from "@tallystick/evm";
import { concatBytes, toHex } from "@tallystick/protocol";
import { readBundles, writeBundles } from "../src/claim/bundle-file.ts";
import type { ClaimLine } from "../src/claim/claim-lines.ts";
import { judgeBundles } from "../src/claim/judge-bundles.ts";
import { runBundleClaim } from "../src/claim/run-bundle-claim.ts";
import { type ExportLine, runExport } from "../src/claim/run-export.ts";
import { codeOf } from "./harness/codes.ts";
import { keyBytes, TestChain } from "./harness/chain/test-chain.ts";
import { domain, servedDomain, terminalSigner, type TestTerminal, testSigner } from "./harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "./harness/terminal-suite.ts";

const FUNDED = 20_000_000n;

const suite = new TerminalSuite();
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-bundles-"));
  file = join(folder, "payments.bundles");
});

afterEach(() => {
  suite.removeAll();
  rmSync(folder, { recursive: true });
});

/** Exports what a terminal holds, while its gateway is stopped. */
function exported(terminal: TestTerminal): readonly ExportLine[] {
  const lines: ExportLine[] = [];
  terminal.gateway.journal.close();
  runExport(terminal.config, { terminalKey: terminalSigner.publicKey, file }, (line) => lines.push(line));
  terminal.restart();
  return lines;
}

describe("an export", () => {
  it("holds what no final block shows at its end, without what was reversed, and overwrites nothing", async () => {
    const { terminal, card } = await suite.withCard();
    const { journal } = terminal.gateway;
    const [first, second, third] = [await terminal.tap(PRICE), await terminal.tap(PRICE), await terminal.tap(PRICE)];
    await terminal.tap(PRICE);
    terminal.gateway.engine.reverse(second.id);
    journal.write(() => {
      journal.outcomes.end(first.voucherId ?? new Uint8Array(32), { kind: "paid", tx: "0x1", block: 1n }, 1);
      const reported = { state: "final", batch: null, tx: null, reported: "final" } as const;
      journal.vouchers.follow(third.voucherId ?? new Uint8Array(32), reported, 1);
    });
    expect(exported(terminal)).toMatchObject([{ exported: 2, left: 0, currency: "USDC" }]);
    const { byDomain, refused } = judgeBundles(readBundles(file), terminal.config.domains);
    expect(refused).toEqual([]);
    // Of which nobody has reported an end comes first.
    expect(byDomain[0]?.bundles.map(({ message }) => message.counter)).toEqual([4, 3]);
    expect(card.counter).toBe(4);
    const bytes = readFileSync(file);
    expect(codeOf(() => exported(terminal))).toBe("BUNDLES_FILE_EXISTS");
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it.each([
    ["an empty file", 0],
    ["one that was cut", 381],
    ["one byte too many", 383],
  ])("is not read from %s", (_name, length) => {
    writeFileSync(file, new Uint8Array(length));
    expect(codeOf(() => readBundles(file))).toBe("BUNDLES_MALFORMED");
  });

  it("is not read from a file that is not there", () => {
    expect(codeOf(() => readBundles(file))).toBe("BUNDLES_FILE_UNREADABLE");
  });
});

describe("the bundles of a file", () => {
  it("are refused by the judge's codes, and the others stay", async () => {
    const { terminal } = await suite.withCard();
    await terminal.tap(PRICE);
    await terminal.tap(PRICE);
    exported(terminal);
    const [one, other] = readBundles(file);
    if (one === undefined || other === undefined) throw new Error("two bundles were expected");
    const changed = (at: number): Uint8Array => one.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const files = [new Uint8Array(382), one, other, one, changed(33 + 60), changed(381)];
    const { byDomain, refused } = judgeBundles(files, terminal.config.domains);
    expect(byDomain[0]?.bundles).toHaveLength(2);
    expect(refused).toEqual([
      { code: "MALFORMED_VOUCHER", count: 1, first: 0 },
      { code: "VOUCHER_SIGNATURE_WRONG", count: 1, first: 4 },
      { code: "ALLOWANCE_SIGNATURE_WRONG", count: 1, first: 5 },
    ]);
    const elsewhere = await servedDomain({ domain: { ...domain, chainId: 5n } });
    expect(judgeBundles([one, other], [elsewhere])).toMatchObject({
      byDomain: [{ bundles: [] }],
      refused: [{ code: "WRONG_DOMAIN", count: 2, first: 0 }],
    });
    const otherIssuer = await servedDomain({ issuerKeys: [{ id: 1, publicKey: testSigner("other").publicKey }] });
    expect(judgeBundles([one], [otherIssuer]).refused).toMatchObject([{ code: "ALLOWANCE_SIGNATURE_WRONG" }]);
  });
});

describe("another machine", () => {
  let chain: TestChain;

  beforeAll(async () => {
    chain = await TestChain.start();
  });

  afterAll(async () => {
    await chain.stop();
  });

  async function claimed(terminal: TestTerminal): Promise<readonly ClaimLine[]> {
    const lines: ClaimLine[] = [];
    const access = { rpcUrl: chain.anvil.rpc, secretKey: keyBytes(chain, 0), fees: feePolicy() };
    // It has the vault and the issuer's keys, and neither the terminal's journal nor its key.
    const config = { ...terminal.config, journalPath: join(folder, "no.db"), terminalKeyFile: join(folder, "no.json") };
    await runBundleClaim(config, { ...access, file }, (line) => lines.push(line));
    expect(existsSync(config.journalPath)).toBe(false);
    return lines;
  }

  it("claims an export once, pays out to the payee, and refuses what is foreign by its code", async () => {
    const { terminal } = await chain.makeTerminal();
    const card = await terminal.card("bundles", {}, chain.domain);
    await chain.fund(card, FUNDED);
    terminal.reader.card = card;
    await terminal.tap(PRICE);
    await terminal.tap(2n * PRICE);
    exported(terminal);
    const { terminal: foreign } = await suite.withCard();
    await foreign.tap(PRICE);
    const [first, second] = readBundles(file);
    const [bundle] = [
      ...foreign.gateway.journal.outcomes.notFinal(
        foreign.config.domains[0]?.domainBytes ?? first ?? new Uint8Array(28),
      ),
    ].flat();
    if (first === undefined || second === undefined || bundle === undefined) throw new Error("no bundles");
    rmSync(file);
    writeBundles(file, [bundle.entry, first, second, first]);
    const before = await chain.held();
    const refused = { event: "refused", code: "WRONG_DOMAIN", count: 1, first: 0, file };
    expect(await claimed(terminal)).toMatchObject([
      refused,
      { event: "settled", paid: 2, skipped: 0, amount: "7.50" },
      { event: "withdrawn", amount: "7.50" },
      { event: "done", settled: 2, usedBefore: 0, skipped: 0, withdrawn: "7.50" },
    ]);
    expect(await chain.held()).toBe(before + 3n * PRICE);
    expect(await claimed(terminal)).toMatchObject([
      refused,
      { event: "done", settled: 0, usedBefore: 2, skipped: 0, withdrawn: "0.00" },
    ]);
    expect(await chain.held()).toBe(before + 3n * PRICE);
    expect(toHex(concatBytes(bundle.entry, first, second, first))).toBe(toHex(Uint8Array.from(readFileSync(file))));
    terminal.remove();
  });
});
