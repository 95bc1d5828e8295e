import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { projectRoot } from "@tallystick/stack";

const root = projectRoot();

/** The built file behind a workspace package's name, as a program that is installed finds it. */
function builtFile(from: string, specifier: string): string | null {
  const [scope = "", name = "", ...entry] = specifier.split("/");
  for (let folder = dirname(from); folder.startsWith(root); folder = dirname(folder)) {
    const installed = join(folder, "node_modules", scope, name, "package.json");
    if (!existsSync(installed)) continue;
    const { exports } = JSON.parse(readFileSync(installed, "utf8")) as { exports: Record<string, { default: string }> };
    const built = exports[[".", ...entry].join("/")]?.default;
    if (built === undefined) throw new Error(`${specifier} has no built file`);
    return join(dirname(installed), built);
  }
  throw new Error(`${specifier} is not installed for ${relative(root, from)}`);
}

/** Every file of this repository that a built program can load. */
function reachedFrom(launcher: string): Map<string, string> {
  const reached = new Map<string, string>();
  const waiting = [launcher, join(dirname(launcher), "..", "dist", "main.js")];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    const text = readFileSync(file, "utf8");
    reached.set(file, text);
    const named = [...text.matchAll(/(?:from|import|import\(|new URL\()\s*"([^"]+)"/g)].map(([, name = ""]) => name);
    for (const name of named) {
      const next = name.startsWith(".") ? resolve(dirname(file), name) : name;
      if (next.startsWith("@tallystick/")) waiting.push(builtFile(file, next) ?? "");
      else if (next.startsWith("/") && /\.m?js$/.test(next) && existsSync(next)) waiting.push(next);
    }
  }
  return reached;
}

/** What a program serves to browsers: files that stand there, and those that its build makes. */
function servedBy(app: string): Map<string, string> {
  const folders = ["public", "dist/page"].map((folder) => join(root, "apps", app, folder)).filter(existsSync);
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), "utf8")]),
  );
}

/** The sandbox's own marks: its schema, its page, its clock, its actions. */
const marks = /sandbox|CLOCK_SHIFT|startCardhost|shift-clock/i;

describe.each([
  ["merchant-gateway", "tallystick-gateway", true],
  // Its page is a part of its code.
  ["settlement", "tallystick-settlement", false],
])("the built program of %s", (app, name, hasFiles) => {
  const launcher = join(root, "apps", app, "bin", `${name}.mjs`);
  const reached = reachedFrom(launcher);

  it("loads nothing of the sandbox, the demo or the development stack", () => {
    const files = [...reached.keys()].map((file) => relative(root, file));
    // The graph is the program's and not only its first file.
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => !/^(apps|packages)\//.test(file))).toEqual([]);
  });

  it("knows no word of it, nor does what it serves", () => {
    const served = servedBy(app);
    expect(served.size > 0).toBe(hasFiles);
    const all = [...reached, ...served];
    const knowing = all.filter(([, text]) => marks.test(text)).map(([file]) => relative(root, file));
    expect(knowing).toEqual([]);
  });
});

it("knows the marks that it looks for", () => {
  const own = ["sandbox.ts", "terminals.ts", "open-sandbox.ts"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  );
  for (const file of own) expect(readFileSync(file, "utf8")).toMatch(marks);
});
