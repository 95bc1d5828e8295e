import { ConfigError, type ConfigFault } from "./config-error.ts";
import { type JsonDocument, type Path } from "./json-document.ts";

/** The faults of one configuration, gathered until all of them can be reported at once. */
export class FaultList {
  private readonly document: JsonDocument;
  private readonly source: string;
  private readonly list: ConfigFault[] = [];

  constructor(document: JsonDocument, source: string) {
    this.document = document;
    this.source = source;
  }

  get faults(): readonly ConfigFault[] {
    return this.list;
  }

  /** Adds a fault of the value at a path: `domains.0.vault`, or its parts. */
  add(path: string | Path, message: string): void {
    const parts = typeof path === "string" ? partsOf(path) : path;
    this.list.push({ path: parts.map(String).join("."), ...this.document.locate(parts), message });
  }

  /** What a reader answers, or undefined and a fault where it throws. */
  read<T>(path: string | Path, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.add(path, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Throws ConfigError with every fault that was added; does nothing where there is none. */
  throwIfAny(): void {
    if (this.list.length > 0) throw new ConfigError(this.list, this.source);
  }
}

function partsOf(path: string): Path {
  return path === "" ? [] : path.split(".").map((part) => (/^(?:0|[1-9][0-9]*)$/.test(part) ? Number(part) : part));
}
