import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SOURCES = new URL("../../../src/", import.meta.url).pathname;

/** A function or a method as it is written. */
interface Part {
  readonly file: string;
  /** Null of a function. */
  readonly owner: string | null;
  readonly name: string;
  readonly text: string;
  /** What stands before it, such as `@Post("cases")`. */
  readonly decorators: string;
}

interface Source {
  readonly parts: readonly Part[];
  /** Names that other files of the service give it. */
  readonly imports: ReadonlyMap<string, string>;
}

/**
 * Which entries of the audit log the service's sources can reach, by what calls what: an entry that nobody makes any
 * more, or a new call that makes none, is seen without a service that runs. What is not called by name is not followed.
 */
export class RecordedActions {
  private readonly sources = new Map<string, Source>();
  /** Methods by class, and the types of a class's fields. */
  private readonly methods = new Map<string, Map<string, Part>>();
  private readonly fields = new Map<string, ReadonlyMap<string, string>>();

  constructor() {
    for (const file of filesIn("")) this.read(file);
  }

  /** Every route of these methods, such as `POST /console/cases/{id}/owner`, with the actions that it records. */
  ofRoutes(methods: readonly string[]): Readonly<Record<string, readonly string[]>> {
    const found: [string, readonly string[]][] = [];
    for (const part of [...this.methods.values()].flatMap((own) => [...own.values()])) {
      const route = /@(Get|Post|Put|Patch|Delete)\((?:"([^"]*)")?\)/.exec(part.decorators);
      if (route === null || !methods.includes(route[1] ?? "")) continue;
      const controller = /@Controller\((?:"([^"]*)")?\)/.exec(readSource(part.file))?.[1] ?? "";
      const path = [controller, route[2] ?? ""].flatMap((each) => each.split("/")).filter((each) => each !== "");
      const template = path.join("/").replace(/:([A-Za-z]+)/g, "{$1}");
      found.push([`${route[1]?.toUpperCase()} /${template}`, this.reachedFrom(part)]);
    }
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What a command's function in a file records. */
  ofFunction(file: string, name: string): readonly string[] {
    const part = this.functionIn(file, name);
    if (part === undefined) throw new Error(`${file} has no function ${name}.`);
    return this.reachedFrom(part);
  }

  private reachedFrom(start: Part): readonly string[] {
    const reached = new Set([start]);
    for (const part of reached) for (const next of this.calledBy(part)) reached.add(next);
    const recording = [...reached].filter((part) => this.records(part, new Set()));
    const actions = recording.flatMap(({ text }) =>
      [...text.matchAll(/\baction(?:: AuditedAction =|:) ([^;\n]*)/g)].flatMap(([, given = ""]) =>
        [
          ...given
            .split(/[,}]/, 1)
            .join("")
            .matchAll(/"([a-z-]+)"/g),
        ].map(([, action = ""]) => action),
      ),
    );
    return [...new Set(actions)].sort();
  }

  /** Whether an entry is made by it, or by what it calls. */
  private records(part: Part, seen: Set<Part>): boolean {
    if (part.name === "recordAction") return true;
    if (seen.has(part)) return false;
    seen.add(part);
    return this.calledBy(part).some((next) => this.records(next, seen));
  }

  private calledBy({ file, owner, text }: Part): readonly Part[] {
    const imports = this.sources.get(file)?.imports ?? new Map<string, string>();
    const fields = this.fields.get(owner ?? "");
    const found: (Part | undefined)[] = [];
    for (const [, field = "", method = ""] of text.matchAll(/\bthis\.(\w+)\.(\w+)\(/g))
      found.push(this.methods.get(fields?.get(field) ?? "")?.get(method));
    for (const [, method = ""] of text.matchAll(/\bthis\.(\w+)\(/g))
      found.push(this.methods.get(owner ?? "")?.get(method));
    // What is no field, such as a parameter, is of a class that the file knows.
    for (const [, method = ""] of text.matchAll(/(?<!\bthis\.\w+)\.(\w+)\(/g))
      for (const type of imports.keys()) found.push(this.methods.get(type)?.get(method));
    for (const [, name = ""] of text.matchAll(/(?<![.\w])(\w+)\(/g))
      found.push(this.functionIn(file, name) ?? this.functionIn(imports.get(name) ?? "", name));
    return found.filter((part) => part !== undefined);
  }

  private functionIn(file: string, name: string): Part | undefined {
    return this.sources.get(file)?.parts.find((part) => part.owner === null && part.name === name);
  }

  private read(file: string): void {
    const text = readSource(file);
    const imports = [...text.matchAll(/import (?:type )?\{([^}]*)\} from "(\.[^"]+)"/g)].flatMap(
      ([, names = "", from = ""]) =>
        names.split(",").map((name): [string, string] => [name.replace("type ", "").trim(), join(dirname(file), from)]),
    );
    const parts = [...text.matchAll(/^(?:export )?(?:async )?function (\w+)[^]*?^\}/gm)].map(
      ([body, name = ""]): Part => ({
        ...{ file, owner: null, name, text: body, decorators: "" },
      }),
    );
    this.sources.set(file, { parts, imports: new Map(imports) });
    for (const [body, owner = ""] of text.matchAll(/^export class (\w+)[^]*?^\}/gm)) {
      const types = [...body.matchAll(/ readonly (\w+): (\w+)[,;)]/g)].map(
        ([, name = "", type = ""]): [string, string] => [name, type],
      );
      this.fields.set(owner, new Map(types));
      this.methods.set(owner, new Map(methodsOf(body).map((method) => [method.name, { ...method, file, owner }])));
    }
  }
}

/** The formatter has every member of a class begin and end with two blanks. */
function methodsOf(body: string): readonly Omit<Part, "file" | "owner">[] {
  const member =
    /((?:^ {2}@[^]*?\)\n)*)^ {2}(?:private |static )?(?:async )?(\w+)(?:<[^\n]*>)?\([^]*?(?:^ {2}\}|\) \{\}$)/gm;
  return [...body.matchAll(member)].map(([text, decorators = "", name = ""]) => ({ name, text, decorators }));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(SOURCES, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return /(?<!\.test)\.tsx?$/.test(path) ? [path] : [];
  });
}

function readSource(file: string): string {
  return readFileSync(join(SOURCES, file), "utf8");
}
