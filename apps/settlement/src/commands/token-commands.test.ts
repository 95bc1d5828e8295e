import { describe, expect, it } from "@jest/globals";
import { LIMITS } from "../foundation/limits/limits.ts";
import { TOKEN_DAYS } from "../operations/tokens/limits.ts";
import { tokensCommand } from "./token-commands.ts";

const now = (): number => 1_790_000_000_000;
const add = ["add", "--config", "none.json", "--name", "ida", "--role", "finance", "--days", "90", "--by", "ada"];
const revoke = ["revoke", "--config", "none.json", "--name", "ida", "--by", "ada", "--reason", "left"];
const changed = (args: readonly string[], flag: string, value: string): string[] =>
  args.map((each, index) => (args[index - 1] === flag ? value : each));

describe("tokens", () => {
  it.each<[string, readonly string[]]>([
    ["no command", []],
    ["another command", ["show"]],
    ["a name in capitals", changed(add, "--name", "Ida")],
    ["a name of blanks", changed(add, "--name", " ")],
    ["a role that there is not", changed(add, "--role", "owner")],
    ["no day", changed(add, "--days", "0")],
    ["a part of a day", changed(add, "--days", "1.5")],
    ["more days than there may be", changed(add, "--days", String(TOKEN_DAYS + 1))],
    ["nobody who asks", changed(add, "--by", "")],
    ["no reason", changed(revoke, "--reason", " ")],
    ["a reason of two lines", changed(revoke, "--reason", "left\nand back")],
    ["a reason that turns what is beside it", changed(revoke, "--reason", "left \u202eback")],
    ["a reason with a control character", changed(revoke, "--reason", "left \u001b[2J")],
    ["a reason that is too long", changed(revoke, "--reason", "x".repeat(LIMITS.reasonCharacters + 1))],
    ["another id", [...revoke, "--id", "7"]],
    ["no configuration", ["list"]],
  ])("refuses %s before the database is asked", async (_what, args) => {
    await expect(tokensCommand(args, now)).rejects.toMatchObject({ code: "USAGE" });
  });

  it("asks for the configuration once everything else is right", async () => {
    for (const args of [add, revoke, ["list", "--config", "none.json"]])
      await expect(tokensCommand(args, now)).rejects.not.toMatchObject({ code: "USAGE" });
  });
});
