import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import type { SettlementClient } from "../../settlement/settlement-client.ts";
import { clockLook, diskLook, nodeLook, permissionsLook } from "./station-looks.ts";

const settlement = (changes: Partial<SettlementClient>): SettlementClient => changes as SettlementClient;
const at = (seconds: number | null) => settlement({ time: () => Promise.resolve(seconds) });

it("compares the clock with settlement's, to the bound and not beyond", async () => {
  for (const seconds of [1_000, 700, 1_300, null]) await clockLook(at(seconds), 1_000_000);
  for (const seconds of [699, 1_301])
    await expect(clockLook(at(seconds), 1_000_000)).rejects.toMatchObject({ code: "CLOCK_WRONG" });
});

it("names what keeps money from moving, with its own remedy", async () => {
  const note = { code: "CHAIN_UNREACHABLE", message: "The node does not answer.", next: "Start it." };
  const answer = (reasons: object[]) =>
    settlement({ readiness: () => Promise.resolve({ reasons, warnings: [] } as never) });
  await nodeLook(answer([]));
  await expect(nodeLook(answer([note]))).rejects.toMatchObject({
    code: "SETTLEMENT_REFUSED",
    next: "Start it.",
  });
});

it("finds files that others may read, and takes those that are not there yet", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-looks-"));
  const journal = join(folder, "journal.sqlite");
  permissionsLook({ journal });
  writeFileSync(journal, "", { mode: 0o600 });
  permissionsLook({ journal, pinFolder: folder });
  chmodSync(journal, 0o640);
  expect(() => permissionsLook({ journal })).toThrow(expect.objectContaining({ code: "JOURNAL_FAULT" }));
  expect(diskLook({ journal: join(folder, "not", "yet", "journal.sqlite") })).toContain("MB");
});
