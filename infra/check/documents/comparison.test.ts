import { describe, expect, it } from "@jest/globals";
import { judgeComparison } from "./comparison.ts";

const tests = [{ path: "apps/x/src/sale.test.ts", text: 'it("is paid once", () => undefined);' }];
const proof = '`apps/x/src/sale.test.ts` "is paid once"';
const source = "| S1 | a page | <https://peer.example/a> | 2026-11-29 |";

function faultsOf(row: string, sources = source): string[] {
  const table = "| | Tallystick | Peer | won | proof |\n|---|---|---|---|---|\n";
  const named = "\n| source | page | address | read on |\n|---|---|---|---|\n";
  return judgeComparison({ path: "c.md", text: `${table}${row}\n${named}${sources}\n` }, tests).map(({ what }) => what);
}

describe("the comparison with other terminals", () => {
  it.each([
    ["a row that is won by a test", `| a | b | c [S1] | yes | ${proof} |`],
    ["a peer that was not checked", `| a | b | not checked | yes | ${proof} |`],
    ["a row that is not won and has no test", "| a | b | c [S1] | no | – |"],
  ])("takes %s", (_, row) => {
    expect(faultsOf(row)).toEqual([]);
  });

  it.each([
    ["a row that is won without a test", "| a | b | c [S1] | yes | – |"],
    ["a row that is won with words", "| a | b | c [S1] | yes, surely | by experience |"],
    ["words in place of a proof", "| a | b | c [S1] | no | later |"],
    ["a test that is not there", `| a | b | c [S1] | yes | ${proof.replace("once", "twice")} |`],
    ["a file that is not there", `| a | b | c [S1] | yes | ${proof.replace("sale", "sell")} |`],
    ["a second test that is not there", `| a | b | c [S1] | yes | ${proof}; ${proof.replace("once", "twice")} |`],
    ["a peer's cell without a source", `| a | b | c | yes | ${proof} |`],
    ["an empty cell of a peer", `| a | b | | yes | ${proof} |`],
    ["a source that is not listed", `| a | b | c [S2] | yes | ${proof} |`],
  ])("refuses %s", (_, row) => {
    expect(faultsOf(row)).toHaveLength(1);
  });

  it.each([
    ["an address", "| S1 | a page | peer.example | 2026-11-29 |"],
    ["a day", "| S1 | a page | <https://peer.example/a> | lately |"],
  ])("refuses a source without %s", (_, sources) => {
    expect(faultsOf(`| a | b | c [S1] | yes | ${proof} |`, sources)).toHaveLength(1);
  });
});
