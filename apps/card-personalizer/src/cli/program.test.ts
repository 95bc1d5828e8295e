import { describe, expect, it } from "@jest/globals";
import { runProgram } from "./program.ts";

async function linesOf(...args: string[]): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = [];
  const writeLine = (line: string): void => void lines.push(...line.split("\n"));
  return {
    code: await runProgram(args, { writeLine, writeError: writeLine, signal: new AbortController().signal }),
    lines,
  };
}

describe("the command line", () => {
  it("shows its help where no command is named", async () => {
    const { code, lines } = await linesOf();
    expect(code).toBe(2);
    expect(lines[0]).toBe("Usage: tallystick-issuer [options] [command]");
    expect(lines).toEqual((await linesOf("--help")).lines);
  });

  it.each([
    [["persnalize"], "Unknown command 'persnalize' (Did you mean personalize?)"],
    [["personalize", "--reference", "r"], "Required option '--config <file>' not specified"],
    [["readers", "--jsn"], "Unknown option '--jsn' (Did you mean --json?)"],
  ])("says in one line what is wrong with %j", async (args, fault) => {
    expect(await linesOf(...args)).toEqual({
      code: 2,
      lines: [`USAGE: The command line is wrong. ${fault}`, "What to do: See --help."],
    });
  });
});
