import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { DISK_LOW_BYTES } from "./limits.ts";
import { type DiskPort, DiskWatch } from "./disk-watch.ts";

function disk(change: Partial<DiskPort> = {}): DiskPort {
  return { tryWrite: () => undefined, freeBytes: () => DISK_LOW_BYTES, ...change };
}

function failing(code: string): DiskPort {
  return disk({
    tryWrite: () => {
      throw Object.assign(new Error(code), { code });
    },
  });
}

const codeOn = (port: DiskPort): string | null => new DiskWatch("/terminal/journal.db", port).look()?.code ?? null;

describe("the disk of a terminal", () => {
  it("is well where it takes writes and has room", () => {
    expect(codeOn(disk())).toBeNull();
    expect(codeOn(disk({ freeBytes: () => null }))).toBeNull();
  });

  it.each(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"])("takes no payment where it fails by %s", (code) => {
    expect(codeOn(failing(code))).toBe("JOURNAL_NOT_WRITABLE");
  });

  it("tells a full disk from one that cannot be written", () => {
    const messages = ["ENOSPC", "EROFS", "EACCES", "EIO"].map(
      (code) => new DiskWatch("/j", failing(code)).look()?.message ?? "",
    );
    expect(new Set(messages.filter((message) => message !== "")).size).toBe(4);
  });

  it("warns when there is little room left", () => {
    const low = new DiskWatch("/j", disk({ freeBytes: () => DISK_LOW_BYTES - 1 })).look();
    expect(low?.code).toBe("DISK_LOW");
    expect(low?.message).toContain(String(Math.floor((DISK_LOW_BYTES - 1) / 1_000_000)));
  });

  it("is well again by itself", () => {
    let full = true;
    const watch = new DiskWatch(
      "/j",
      disk({ tryWrite: (...of) => (full ? failing("ENOSPC").tryWrite(...of) : undefined) }),
    );
    expect([watch.look()?.code, watch.fault?.code]).toEqual(["JOURNAL_NOT_WRITABLE", "JOURNAL_NOT_WRITABLE"]);
    full = false;
    expect([watch.look(), watch.fault]).toEqual([null, null]);
  });

  it("leaves nothing beside the journal", () => {
    const folder = mkdtempSync(join(tmpdir(), "disk-"));
    const journal = join(folder, "new", "folder", "journal.db");
    expect(new DiskWatch(journal).look()?.code).not.toBe("JOURNAL_NOT_WRITABLE");
    expect(existsSync(`${journal}.probe`)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
