import { describe, expect, it } from "@jest/globals";
import { CasesController } from "../../../operations/cases/cases.controller.ts";
import { PeriodsController } from "../../../operations/periods/periods.controller.ts";
import type { FileReply } from "./saved-as.ts";

/** The file's name of an answer; `read` is asked with the number that stands in the path. */
async function nameOf(download: (reply: FileReply) => Promise<unknown>): Promise<string | undefined> {
  const headers: Record<string, string> = {};
  await download({ header: (name, value) => (headers[name] = value) });
  return headers["content-disposition"];
}

describe("a file's name", () => {
  it("is the one that pages and documents use, with the number of what it is of", async () => {
    const found = { find: () => Promise.resolve({}), read: () => Promise.resolve({}) } as never;
    const periods = new PeriodsController(found);
    const cases = new CasesController(found, found, found);
    expect(await nameOf((reply) => periods.download("2", reply))).toBe('attachment; filename="period-2.json"');
    expect(await nameOf((reply) => cases.download("17", reply))).toBe('attachment; filename="case-17.json"');
  });
});
