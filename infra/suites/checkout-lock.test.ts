import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { makeWorkFolder, projectRoot, type WorkFolder } from "@tallystick/stack";

const WORKERS = 4;

let folder: WorkFolder;
let file: string;
let log: string;
let round = 0;

beforeAll(() => {
  folder = makeWorkFolder("lock");
});
beforeEach(() => {
  round += 1;
  file = join(folder.path, `${round}`, "preparing");
  log = join(folder.path, `log-${round}`);
  writeFileSync(log, "");
});
afterAll(() => {
  folder.remove();
});

/** A process that takes the lock, and writes when its work begins and ends. */
async function worker(work: string): Promise<{ code: number | null; waited: string }> {
  const module = join(projectRoot(), "infra/bootstrap/checkout-lock.mjs");
  const script = `
    import { appendFileSync } from "node:fs";
    import { setTimeout as pause } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(module)};
    const note = (what) => appendFileSync(${JSON.stringify(log)}, what + " " + process.pid + "\\n");
    const onWait = (pid) => process.stdout.write(String(pid));
    await withLock({ file: ${JSON.stringify(file)}, onWait }, async () => { note("begin"); ${work} note("end"); });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let waited = "";
  child.stdout.on("data", (chunk: Buffer) => (waited += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, waited };
}

const lines = (): string[] => readFileSync(log, "utf8").split("\n").filter(Boolean);

describe("withLock", () => {
  it("lets one process at a time do the work, and leaves nothing", async () => {
    const ended = await Promise.all(Array.from({ length: WORKERS }, async () => await worker("await pause(50);")));
    expect(ended.map(({ code }) => code)).toEqual(Array(WORKERS).fill(0));
    expect(ended.some(({ waited }) => waited !== "")).toBe(true);
    const seen = lines();
    expect(seen).toHaveLength(2 * WORKERS);
    for (let at = 0; at < seen.length; at += 2) {
      const [, pid] = (seen[at] ?? "").split(" ");
      expect(seen.slice(at, at + 2)).toEqual([`begin ${pid}`, `end ${pid}`]);
    }
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it("does not wait for a process that is gone", async () => {
    const killed = await worker("process.kill(process.pid, 'SIGKILL'); await pause(60_000);");
    expect(killed.code).toBeNull();
    expect(existsSync(file)).toBe(true);
    const ended = await Promise.all([worker(""), worker("")]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(existsSync(file)).toBe(false);
  });

  it("gives the lock back when the work fails", async () => {
    const failed = await worker("throw new Error('no');");
    expect(failed.code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });
});
