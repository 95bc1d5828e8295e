import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { verifyAuditCommand } from "./audit-command.ts";

const EMPTY = { form: "tallystick.audit-export/1", domain: { chainId: "1", vault: "0x" }, entries: [], anchors: [] };

describe("verify audit", () => {
  let folder: string;
  const file = (name: string, content: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "audit-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("accepts a record that nothing speaks against, and names what does", async () => {
    expect(await verifyAuditCommand([file("empty.json", EMPTY)])).toMatchObject({ accepted: true });
    const other = file("other.json", { ...EMPTY, entries: [{ entry: "x", words: null, salt: null }] });
    const { line, accepted } = await verifyAuditCommand([other, "--root", `0x${"ab".repeat(32)}`, "--json"]);
    const { findings } = JSON.parse(line) as { readonly findings: readonly { readonly code: string }[] };
    expect([accepted, findings.map(({ code }) => code)]).toEqual([false, ["ENTRY_MALFORMED", "ROOT_UNKNOWN"]]);
  });

  it("refuses what it cannot judge", async () => {
    const empty = file("again.json", EMPTY);
    const wrong = [[], [empty, empty], [empty, "--root", "0x12"], [join(folder, "none.json")]];
    for (const args of [...wrong, [file("text.json", "x")], [file("form.json", { ...EMPTY, form: "another" })]])
      await expect(verifyAuditCommand(args)).rejects.toMatchObject({ code: "USAGE" });
  });
});
