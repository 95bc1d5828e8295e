import { describe, expect, it } from "@jest/globals";
import { peopleCommand } from "./people-commands.ts";

const now = () => 1_795_000_000_000;
const to = ["--config", "none.json", "--by", "ada"];

describe("people", () => {
  it.each<[string, readonly string[]]>([
    ["no command", []],
    ["an unknown command", ["promote", "ida", ...to]],
    ["nobody", ["invite", ...to, "--role", "risk"]],
    ["two people", ["invite", "ida", "uma", ...to, "--role", "risk"]],
    ["a name in capitals", ["invite", "Ida", ...to, "--role", "risk"]],
    ["a role that there is not", ["invite", "ida", ...to, "--role", "owner"]],
    ["a merchant without a payee", ["invite", "ida", ...to, "--role", "merchant"]],
    ["a payee of who is no merchant", ["invite", "ida", ...to, "--role", "risk", "--payee", `0x${"12".repeat(20)}`]],
    ["a payee that is no address", ["invite", "ida", ...to, "--role", "merchant", "--payee", "0x12"]],
    ["a removal without a reason", ["remove", "ida", ...to]],
    ["an erasure by nobody", ["erase", "ida", "--config", "none.json", "--reason", "asked for it"]],
    ["no configuration", ["list"]],
  ])("refuses %s before anything is opened", async (_, args) => {
    await expect(peopleCommand(args, now)).rejects.toMatchObject({ code: "USAGE" });
  });
});
