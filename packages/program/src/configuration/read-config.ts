import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, faultAt } from "./config-error.ts";
import { FaultList } from "./fault-list.ts";
import { readFileText } from "./file-text.ts";
import { documentOf, type JsonDocument, type Path, readJson } from "./json-document.ts";

/** The parts of a configuration that are without fault; everything may be missing. */
export type PartialConfig<T> = T extends Uint8Array | bigint | string | number | boolean | null
  ? T | undefined
  : T extends readonly (infer Item)[]
    ? readonly PartialConfig<Item>[] | undefined
    : { readonly [Key in keyof T]?: PartialConfig<T[Key]> } | undefined;

export interface ReadConfigOptions<T> {
  /**
   * Changes the file's value before it is checked, such as by flags of the command line. It is
   * given whatever JSON the file holds.
   */
  readonly override?: (json: unknown) => unknown;
  /**
   * Adds faults that no schema sees: amounts of an asset, files that are named. It is given what is
   * without fault so far, so that its faults are reported together with the schema's.
   */
  readonly check?: (given: PartialConfig<T>, faults: FaultList) => void;
}

/** A configuration that was read. */
export interface ConfigSource<T> {
  readonly value: T;
  /**
   * For faults that are found later, while parts are built of the value: add them, then
   * `throwIfAny`.
   */
  readonly faults: FaultList;
  /** A path of the file, which starts at the file's folder unless it is absolute. */
  readonly resolvePath: (path: string) => string;
}

/**
 * Reads a configuration file: one JSON object in UTF-8, checked by a schema. Throws ConfigError
 * with all its faults at once, each with its path, line and column.
 */
export function readConfigFile<S extends z.ZodType>(
  path: string,
  schema: S,
  options: ReadConfigOptions<z.output<S>> = {},
): ConfigSource<z.output<S>> {
  const file = readFileText(path);
  if ("fault" in file) throw new ConfigError([faultAt("", file.fault)], path);
  const json = readJson(file.text);
  if ("faults" in json) throw new ConfigError(json.faults, path);
  return check(json.document, schema, { ...options, source: path, folder: dirname(resolve(path)) });
}

/**
 * Checks a configuration that is an object already, as tests have it; relative paths start at
 * `folder`. Throws ConfigError.
 */
export function readConfigValue<S extends z.ZodType>(
  value: unknown,
  schema: S,
  options: ReadConfigOptions<z.output<S>> & { readonly folder: string },
): ConfigSource<z.output<S>> {
  return check(documentOf(value), schema, { ...options, source: "The configuration" });
}

function check<S extends z.ZodType>(
  document: JsonDocument,
  schema: S,
  options: ReadConfigOptions<z.output<S>> & { readonly source: string; readonly folder: string },
): ConfigSource<z.output<S>> {
  const { source, folder, override = (json) => json } = options;
  const faults = new FaultList(document, source);
  const { value, partial, issues } = parse(schema, override(document.value));
  for (const issue of issues) addIssue(faults, issue);
  options.check?.(partial, faults);
  faults.throwIfAny();
  return { value: value as z.output<S>, faults, resolvePath: (path) => resolve(folder, path) };
}

/** Parses, and keeps what is without fault where something is not. */
function parse<S extends z.ZodType>(
  schema: S,
  json: unknown,
): {
  readonly value: z.output<S> | undefined;
  readonly partial: PartialConfig<z.output<S>>;
  readonly issues: readonly z.core.$ZodIssue[];
} {
  let seen: unknown;
  const watch = z.core._check<unknown>(
    (payload) => {
      seen = payload.value;
    },
    { when: () => true },
  );
  const parsed = schema.check(watch as never).safeParse(json, { error: missingOrUsual });
  if (parsed.success) return { value: parsed.data, partial: parsed.data as PartialConfig<z.output<S>>, issues: [] };
  const { issues } = parsed.error;
  const partial = without(
    isRefused(seen) ? undefined : seen,
    issues.map(({ path }) => path.filter((step) => typeof step !== "symbol")),
  );
  return { value: undefined, partial: partial as PartialConfig<z.output<S>>, issues };
}

function addIssue(faults: FaultList, issue: z.core.$ZodIssue): void {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code !== "unrecognized_keys") {
    faults.add(path, issue.message);
    return;
  }
  for (const key of issue.keys) faults.add([...path, key], "is no setting; check how it is spelled");
}

/**
 * A name that is not there is called missing; for every other fault the schema has its own text.
 */
function missingOrUsual(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "invalid_type" && issue.input === undefined ? "is missing" : undefined;
}

/**
 * A copy of a value without what stands at these paths. Surplus names of an object leave the object
 * as it is.
 */
function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.some((path) => path.length === 0)) return isPlainObject(value) ? value : undefined;
  if (paths.length === 0) return value;
  const below = (step: string | number): readonly Path[] =>
    paths.filter(([first]) => String(first) === String(step)).map((path) => path.slice(1));
  const kept = (step: string | number, item: unknown): unknown => {
    const inner = below(step);
    // An object keeps its other members; a value of any other kind, and one that could not be read,
    // is left out.
    return inner.some((path) => path.length === 0) && !isPlainObject(item) ? undefined : without(item, inner);
  };
  if (Array.isArray(value)) return value.map((item, index) => kept(index, item));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, kept(name, item)]));
}

/** What the validator leaves where a text could not be read. */
function isRefused(value: unknown): boolean {
  return value === z.NEVER;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isRefused(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
