import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const launcher = new URL("../launcher/launch.mjs", import.meta.url).href;

/** A version that no Node has, so that every one is too old for the program. */
const FUTURE = 999;

/** The machine's own Node where that is older than the programs need; else the running one. */
const oldNode = nodesOfThePath().find((node) => majorOf(node) < 22) ?? process.execPath;
const nodes = [...new Set([process.execPath, oldNode])].map((node) => [`Node ${majorOf(node)}`, node] as const);

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tallystick-launcher-")));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/**
 * A program of its own in a folder: `main` is its dist/main.js, which is left out where there is
 * none.
 */
function program(
  name: string,
  { main, leastNode, node }: { main?: string; leastNode?: number; node?: string },
): string {
  const home = join(folder, name);
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "1.2.3", type: "module" }));
  const file = join(home, "bin", "start.mjs");
  const options = `{ name: "tallystick-test", launcher: import.meta.url, leastNode: ${leastNode ?? 22} }`;
  writeFileSync(file, `import { launch } from ${JSON.stringify(launcher)};\nlaunch(${options});\n`);
  if (main !== undefined) {
    mkdirSync(join(home, "dist"));
    writeFileSync(join(home, "dist", "main.js"), main);
  }
  if (node !== undefined) {
    const bin = join(home, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(node, join(bin, "node"));
  }
  return file;
}

function start(node: string, file: string, ...args: readonly string[]): ChildProcess {
  return spawn(node, [file, ...args], { stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] } });
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const texts = { out: "", err: "" };
  child.stdout?.on("data", (data: Buffer) => (texts.out += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (texts.err += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...texts };
}

const run = (node: string, file: string, ...args: readonly string[]) => outcome(start(node, file, ...args));

/** What a program is given, as it writes it. */
const report =
  "process.stdin.on('data', (data) => { process.stdout.write(JSON.stringify({ args: process.argv.slice(2), " +
  "major: Number(process.versions.node.split('.')[0]), data: String(data), left: process.env.TALLYSTICK_HANDED_OVER ?? null })); " +
  "process.exit(7); });";

describe.each(nodes)("with %s", (name, node) => {
  it.each([
    ["tallystick-issuer", "apps/card-personalizer/bin/tallystick-issuer.mjs"],
    ["tallystick-gateway", "apps/merchant-gateway/bin/tallystick-gateway.mjs"],
    ["tallystick-settlement", "apps/settlement/bin/tallystick-settlement.mjs"],
  ])("%s shows its version without anything that is built", async (command, file) => {
    expect(await run(node, join(root, file), "--version")).toEqual({
      ...{ code: 0, out: expect.stringMatching(new RegExp(`^${command} \\d+\\.\\d+\\.\\d+\n$`)), err: "" },
    });
  });

  it("runs the program with a Node that is new enough, and passes everything on", async () => {
    const file = program(`${name} passes on`, { main: report, node: process.execPath });
    const child = start(node, file, "--config", "a b");
    child.stdin?.end("typed");
    const { code, out, err } = await outcome(child);
    expect([code, err]).toEqual([7, ""]);
    expect(JSON.parse(out)).toEqual({
      ...{ args: ["--config", "a b"], major: majorOf(process.execPath), data: "typed", left: null },
    });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "passes %s on, and the code with which it ended",
    async (signal) => {
      const main = `process.on("${signal}", () => process.exit(8)); setInterval(() => {}, 1_000); console.log("ready");`;
      const child = start(node, program(`${name} ${signal}`, { main, node: process.execPath }));
      if (child.stdout === null) throw new Error("the program has no output");
      await once(child.stdout, "data");
      child.kill(signal);
      expect((await outcome(child)).code).toBe(8);
    },
  );

  it("ends like a program that a signal ended", async () => {
    const main = "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1); setInterval(() => {}, 1_000);";
    const { code } = await run(node, program(`${name} is killed`, { main, node: process.execPath }));
    // In the same process there is no launcher left that could exit with a code.
    expect(code).toBe(majorOf(node) < 22 ? 128 + 9 : null);
  });

  it("ends without a word where nobody reads on, like a program that SIGPIPE ended", async () => {
    const main = "const line = 'x'.repeat(1_000); setInterval(() => console.log(line), 1);";
    const child = start(node, program(`${name} unread`, { main, node: process.execPath }));
    if (child.stdout === null || child.stderr === null) throw new Error("the program has no output");
    let err = "";
    child.stderr.on("data", (data: Buffer) => (err += data.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [code] = (await once(child, "exit")) as [number | null];
    expect([code, err]).toEqual([128 + 13, ""]);
  });

  it("says what to do where no Node is new enough", async () => {
    const file = program(`${name} too old`, { main: report, leastNode: FUTURE });
    const { code, out, err } = await run(node, file);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^NODE_TOO_OLD: .*\nWhat to do: .*\n$/);
    const json = JSON.parse((await run(node, file, "--json")).err) as unknown;
    expect(json).toMatchObject({ schema: "tallystick.failed/1", app: "test", code: "NODE_TOO_OLD" });
  });

  it("hands over once and no more", async () => {
    const file = program(`${name} in a circle`, { main: report, leastNode: FUTURE, node: process.execPath });
    const { code, err } = await run(node, file);
    expect([code, err.split(":")[0]]).toEqual([2, "NODE_TOO_OLD"]);
  });

  it("says what to do where the program is not built", async () => {
    const file = program(`${name} not built`, { node: process.execPath });
    const { code, out, err } = await run(node, file, "--help");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^NOT_BUILT: .*\nWhat to do: .*npx -y pnpm@12 bootstrap.*\n$/);
    expect(JSON.parse((await run(node, file, "--json")).err)).toMatchObject({ code: "NOT_BUILT" });
  });
});

function nodesOfThePath(): readonly string[] {
  const found = (process.env["PATH"] ?? "").split(delimiter).map((at) => join(at, "node"));
  return found.filter((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function majorOf(node: string): number {
  return Number(execFileSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }));
}
