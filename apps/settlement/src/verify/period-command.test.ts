import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createSigner, toHex } from "@tallystick/protocol";
import type { PeriodStatement } from "../operations/periods/period-statement.ts";
import { periodCommand } from "./period-command.ts";

const issuer = createSigner(Buffer.alloc(32, 7));
const KEY = ["--issuer-key", toHex(issuer.publicKey)];

const FIRST: PeriodStatement = {
  ...{ schema: "tallystick.period/1", asset: "TUSD", previous: null, from: null, to: "2026-10-31T23:00:00.000Z" },
  domain: { chainId: "1", vault: `0x${"11".repeat(20)}` },
  log: { size: 4, root: `0x${"22".repeat(32)}` },
  balances: { card: "-150", treasury: "150" },
  moved: { card: "-150", treasury: "150" },
  sum: "0",
};

const hashOf = (text: string): string => toHex(createHash("sha256").update(text).digest());

const SECOND: PeriodStatement = {
  ...FIRST,
  ...{ previous: hashOf(JSON.stringify(FIRST)), from: FIRST.to, to: "2026-11-30T23:00:00.000Z" },
  log: { size: 9, root: `0x${"33".repeat(32)}` },
  balances: { card: "-150", treasury: "50", merchant: "100" },
  moved: { card: "0", treasury: "-100", merchant: "100" },
};

describe("verify period", () => {
  let folder: string;
  let files = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "period-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function file(content: unknown): string {
    const path = join(folder, `${(files += 1)}.json`);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  async function closed(statement: PeriodStatement): Promise<{ statement: string; signature: string }> {
    const text = JSON.stringify(statement);
    const signature = await issuer.sign(createHash("sha256").update(text).digest());
    return { ...{ id: "1", issuerKeyId: 1 }, statement: text, signature: toHex(signature) };
  }

  function faultOf(path: string, ...options: string[]): unknown {
    const { line, accepted } = periodCommand([path, ...KEY, ...options, "--json"]);
    const { fault } = JSON.parse(line) as { readonly fault: string | null };
    expect(accepted).toBe(fault === null);
    return fault;
  }

  it("accepts what the issuer signed, alone and behind the statement before", async () => {
    const [first, second] = [file(await closed(FIRST)), file(await closed(SECOND))];
    expect([faultOf(first), faultOf(second), faultOf(second, "--previous", first)]).toEqual([null, null, null]);
  });

  it("refuses every digit that is changed, and another key", async () => {
    const period = await closed(SECOND);
    const digits = [...period.statement.matchAll(/\d/g)].map(({ index }) => index);
    for (const index of digits) {
      const digit = (Number(period.statement[index]) + 1) % 10;
      const statement = `${period.statement.slice(0, index)}${digit}${period.statement.slice(index + 1)}`;
      expect(["SIGNATURE_WRONG", "MALFORMED"]).toContain(faultOf(file({ ...period, statement })));
    }
    const other = ["--issuer-key", toHex(createSigner(Buffer.alloc(32, 8)).publicKey)];
    expect(periodCommand([file(period), ...other]).accepted).toBe(false);
  });

  it("judges what is counted besides, such as gas, like the asset itself", async () => {
    const gas = {
      balances: { "gas-wallet": "7", "gas-outside": "-7" },
      moved: { "gas-wallet": "7", "gas-outside": "-7" },
    };
    const later = { balances: { "gas-wallet": "4", "gas-outside": "-7", "gas-spent": "3" } };
    const moved = { "gas-wallet": "-3", "gas-spent": "3", "gas-outside": "0" };
    const first: PeriodStatement = { ...FIRST, others: { GWEI: { ...gas, sum: "0" } } };
    const of = (others: PeriodStatement["others"], before = first): PeriodStatement => ({
      ...{ ...SECOND, previous: hashOf(JSON.stringify(before)), others },
    });
    const before = file(await closed(first));
    const judged = async (others: PeriodStatement["others"]) =>
      faultOf(file(await closed(of(others))), "--previous", before);
    const right = { GWEI: { ...later, moved, sum: "0" } };
    expect([faultOf(before), await judged(right)]).toEqual([null, null]);
    expect(await judged({ GWEI: { ...right.GWEI, sum: "1" } })).toBe("SUM_WRONG");
    expect(await judged({ GWEI: { ...right.GWEI, balances: { "gas-wallet": "4" } } })).toBe("SUM_WRONG");
    expect(await judged({ GWEI: { ...right.GWEI, moved: {} } })).toBe("MOVED_WRONG");
    // An asset that is left out held nothing, and that it did has to have moved.
    expect(await judged({})).toBe("MOVED_WRONG");
    expect(await judged(undefined)).toBe("MOVED_WRONG");
    const behindPlain = file(await closed(of({ GWEI: { ...gas, sum: "0" } }, FIRST)));
    expect(faultOf(behindPlain, "--previous", file(await closed(FIRST)))).toBeNull();
  });

  it.each<[string, PeriodStatement, string]>([
    ["holds more than 0", { ...SECOND, balances: { ...SECOND.balances, card: "-149" } }, "SUM_WRONG"],
    ["moved more than 0", { ...SECOND, moved: { ...SECOND.moved, card: "1" } }, "SUM_WRONG"],
    ["says another sum", { ...SECOND, sum: "1" }, "SUM_WRONG"],
    ["moved otherwise", { ...SECOND, moved: { card: "-100", treasury: "0", merchant: "100" } }, "MOVED_WRONG"],
    ["names another before it", { ...SECOND, previous: `0x${"44".repeat(32)}` }, "PREVIOUS_WRONG"],
    ["begins at another time", { ...SECOND, from: SECOND.to }, "PREVIOUS_WRONG"],
    ["has no more entries", { ...SECOND, log: FIRST.log }, "PREVIOUS_WRONG"],
    ["is of another vault", { ...SECOND, domain: { ...SECOND.domain, chainId: "2" } }, "PREVIOUS_WRONG"],
    ["is the first", FIRST, "PREVIOUS_WRONG"],
  ])("refuses, although it is signed, one that %s", async (_what, statement, fault) => {
    expect(faultOf(file(await closed(statement)), "--previous", file(await closed(FIRST)))).toBe(fault);
  });

  it("refuses a first one whose movements are not what it holds", async () => {
    expect(faultOf(file(await closed({ ...FIRST, moved: {} })))).toBe("MOVED_WRONG");
  });

  it("refuses what is no period, and what it cannot judge", async () => {
    const period = await closed(FIRST);
    for (const wrong of [{}, { ...period, signature: "0x12" }, { ...period, statement: "{}" }, "x"])
      expect(faultOf(file(wrong))).toBe("MALFORMED");
    const path = file(period);
    // Of two files it says which one has not the form.
    const wrong = file("x");
    const named = (...args: string[]) => JSON.parse(periodCommand([...args, ...KEY, "--json"]).line) as object;
    expect(named(path, "--previous", wrong)).toMatchObject({ fault: "MALFORMED", malformed: [wrong] });
    expect(named(wrong, "--previous", path)).toMatchObject({ fault: "MALFORMED", malformed: [wrong] });
    expect(named(path)).toMatchObject({ fault: null, malformed: [] });
    for (const args of [
      [],
      [path],
      [path, path, ...KEY],
      [join(folder, "none.json"), ...KEY],
      [path, "--issuer-key", "0x1"],
    ])
      expect(() => periodCommand(args)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
