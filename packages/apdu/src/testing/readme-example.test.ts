import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { bytesFromHex } from "../iso7816/bytes.ts";
import { createReaderProvider } from "../reader/create-reader-provider.ts";
import { readChip } from "./readme-example.ts";
import { createScriptedReader } from "./scripted-reader.ts";

describe("the example of the README", () => {
  it("is this code", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const code = readFileSync(new URL("./readme-example.ts", import.meta.url), "utf8");
    const shown = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? "";
    expect(shown).toContain("readChip");
    // A tool that measures the tests may put a line of its own before the code.
    expect(code.replace("../index.ts", "@tallystick/apdu").endsWith(shown)).toBe(true);
  });

  it("reads a chip and lets it go", async () => {
    const scripted = createScriptedReader();
    const answers: Readonly<Record<string, string>> = {
      "00A4040000": "9000",
      "80CA9F7F00": "6103",
      "00C0000003": "AABBCC9000",
    };
    scripted.answer = (command) => bytesFromHex(answers[Buffer.from(command).toString("hex").toUpperCase()] ?? "6F00");
    expect(await readChip(createReaderProvider(scripted.binding))).toBe("AABBCC");
    expect(scripted.calls.at(-1)).toBe("disconnect");
    scripted.status = [];
    await expect(readChip(createReaderProvider(scripted.binding))).rejects.toThrow(Error);
  });
});
