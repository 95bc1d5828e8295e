import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { Failure } from "../../failures.ts";

const SCHEMA = "tallystick.programme-state/1";
const OWNER_ONLY = 0o600;

const stateSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  entries: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/** What a step leaves for later ones; never a secret. */
export type StateEntry = Readonly<Record<string, string | number | boolean | null>>;

/** How far a programme is: one JSON file, each change of which is on the disk before it counts. */
export class ProgrammeState {
  readonly #path: string;
  #entries: Readonly<Record<string, StateEntry>>;

  /** Throws Failure JOURNAL_FAULT where the file is none of these. */
  constructor(path: string) {
    this.#path = path;
    this.#entries = existsSync(path) ? read(path) : {};
  }

  get(name: string): StateEntry | null {
    return this.#entries[name] ?? null;
  }

  /** A text that an earlier step left; throws Failure FAULT where it left none. */
  text(name: string, field: string): string {
    const value = this.#entries[name]?.[field];
    if (typeof value !== "string") throw new Failure("FAULT", `The programme's state lacks ${name}.${field}.`);
    return value;
  }

  put(name: string, entry: StateEntry): void {
    this.#replace({ ...this.#entries, [name]: entry });
  }

  forget(name: string): void {
    this.#replace(Object.fromEntries(Object.entries(this.#entries).filter(([other]) => other !== name)));
  }

  #replace(entries: Readonly<Record<string, StateEntry>>): void {
    writeDurably(this.#path, `${JSON.stringify({ schema: SCHEMA, entries }, null, 2)}\n`);
    this.#entries = entries;
  }
}

/** Writes a file for its owner's eyes, wholly or not at all; it is on the disk when this returns. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`;
  const file = openSync(draft, "w", OWNER_ONLY);
  try {
    if (typeof content === "string") writeSync(file, content);
    else writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function read(path: string): Readonly<Record<string, StateEntry>> {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, "utf8"))).entries;
  } catch {
    throw new Failure("JOURNAL_FAULT", `${path} is no state of a programme.`);
  }
}
