import { createHash } from "node:crypto";
import {
  createMemoryLedger,
  entryBytes,
  leafHash,
  LedgerError,
  LogFrontier,
  type AccountSpec,
  type LedgerEngine,
  type Operation,
} from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import { exportLineSchema, type ExportLine } from "./export-form.ts";
import { MAX_EXPORT_LINE } from "./limits.ts";

/** Why an export does not come to the same ledger. */
export type ReplayFaultCode =
  | "EXPORT_MALFORMED"
  | "EXPORT_OUT_OF_ORDER"
  | "EXPORT_INCOMPLETE"
  | "GROUP_REFUSED"
  | "ENTRY_DIFFERS"
  | "ROOT_DIFFERS"
  | "BALANCE_DIFFERS";

/** The first line that differs, from 1. */
export interface ReplayFault {
  readonly code: ReplayFaultCode;
  readonly line: number;
  readonly message: string;
}

export interface ReplaySums {
  readonly lines: number;
  readonly accounts: number;
  readonly operations: number;
  /** Entries of the log, and the root over them; what was booked just before the export is in none. */
  readonly entries: number;
  readonly root: string;
}

export type ReplayOutcome =
  | { readonly ok: true; readonly sums: ReplaySums }
  | { readonly ok: false; readonly fault: ReplayFault };

class Differs extends Error {
  readonly code: ReplayFaultCode;

  constructor(code: ReplayFaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

const ORDER = ["ledger", "account", "group", "entry", "head", "balance", "end"] as const;
/** Accounts and groups are one history; entries and heads are one log. */
const STAGES: Readonly<Record<ExportLine["line"], number>> = {
  ...{ ledger: 0, account: 1, group: 1, entry: 2, head: 2, balance: 3, end: 4 },
};

/**
 * Builds the ledger of an export anew, by the rules of the books, and compares every leaf and root
 * of the log and every balance. It answers the first line that differs. The ledger is kept in
 * memory; the file is read a line at a time.
 */
export async function replayLedger(chunks: AsyncIterable<string>): Promise<ReplayOutcome> {
  const replay = new Replay();
  let line = 0;
  try {
    for await (const text of linesOf(chunks)) {
      line += 1;
      await replay.take(text);
    }
    line += 1;
    return { ok: true, sums: replay.end() };
  } catch (error) {
    if (error instanceof Differs) return { ok: false, fault: { code: error.code, line, message: error.message } };
    throw error;
  }
}

class Replay {
  readonly #ledger: LedgerEngine = createMemoryLedger();
  readonly #digest = createHash("sha256");
  readonly #logged = new Set<string>();
  readonly #balanced = new Set<string>();
  #frontier: LogFrontier | null = null;
  #stage = -1;
  #ended = false;
  #lines = 0;
  #accounts = 0;
  #operations = 0;

  async take(text: string): Promise<void> {
    const line = parsed(text);
    const stage = STAGES[line.line];
    const follows = this.#ended || stage < this.#stage || (line.line === "ledger") !== (this.#lines === 0);
    if (follows) throw new Differs("EXPORT_OUT_OF_ORDER", `A line "${line.line}" cannot stand here.`);
    this.#stage = stage;
    await this.#apply(line);
    this.#lines += 1;
    this.#digest.update(`${text}\n`);
  }

  end(): ReplaySums {
    if (!this.#ended) throw new Differs("EXPORT_INCOMPLETE", "The file ends before its last line.");
    return {
      ...{ lines: this.#lines, accounts: this.#accounts, operations: this.#operations },
      ...{ entries: this.#frontier?.size ?? 0, root: toHex(this.#frontier?.root() ?? emptyRoot()) },
    };
  }

  async #apply(line: ExportLine): Promise<void> {
    switch (line.line) {
      case "ledger":
        this.#frontier = await LogFrontier.read(0, () => Promise.resolve([]));
        return;
      case "account":
        return await this.#open(line.account);
      case "group":
        return await this.#group(line.atMs, line.operations.map(operationOf));
      case "entry":
        return await this.#entry(line);
      case "head": {
        const { size, root } = this.#log();
        if (size !== line.size || toHex(root) !== line.root)
          throw new Differs("ROOT_DIFFERS", `The log of ${size} entries has the root ${toHex(root)}.`);
        return;
      }
      case "balance":
        return await this.#balance(line);
      case "end":
        return this.#close(line);
    }
  }

  async #open(account: AccountSpec): Promise<void> {
    const outcome = await refusing(() => this.#ledger.openAccounts([account]));
    if (!outcome.ok || outcome.results[0] !== "created")
      throw new Differs("GROUP_REFUSED", `The account ${account.id} is opened twice.`);
    this.#accounts += 1;
  }

  async #group(atMs: number, operations: readonly Operation[]): Promise<void> {
    const outcome = await refusing(() => this.#ledger.apply({ atMs, operations }));
    if (!outcome.ok) throw new Differs("GROUP_REFUSED", `${outcome.code}: ${outcome.message}`);
    if (outcome.results.includes("exists")) throw new Differs("GROUP_REFUSED", "An operation stands there twice.");
    this.#operations += operations.length;
  }

  async #entry({ index, id, leaf }: Extract<ExportLine, { line: "entry" }>): Promise<void> {
    const record = await this.#ledger.transfer(id);
    const own = record === null ? null : leafHash(entryBytes(record));
    if (own === null || toHex(own) !== leaf || this.#log().size !== index || this.#logged.has(id))
      throw new Differs("ENTRY_DIFFERS", `Entry ${index} of the log is not what the operation ${id} makes.`);
    this.#logged.add(id);
    this.#frontier?.append([own]);
  }

  async #balance(line: Extract<ExportLine, { line: "balance" }>): Promise<void> {
    const account = await this.#ledger.account(line.account);
    const { debitsPosted, creditsPosted, debitsPending, creditsPending } = line;
    const same =
      account?.version === line.version &&
      account.balance.debitsPosted === BigInt(debitsPosted) &&
      account.balance.creditsPosted === BigInt(creditsPosted) &&
      account.balance.debitsPending === BigInt(debitsPending) &&
      account.balance.creditsPending === BigInt(creditsPending);
    if (!same || this.#balanced.has(line.account))
      throw new Differs("BALANCE_DIFFERS", `The account ${line.account} has another balance, or none.`);
    this.#balanced.add(line.account);
  }

  #close({ lines, sha256 }: Extract<ExportLine, { line: "end" }>): void {
    this.#ended = true;
    if (this.#balanced.size !== this.#accounts)
      throw new Differs("EXPORT_INCOMPLETE", `${this.#accounts - this.#balanced.size} accounts have no balance.`);
    if (lines !== this.#lines || sha256 !== toHex(this.#digest.copy().digest()))
      throw new Differs("EXPORT_INCOMPLETE", "The lines are not those that were written.");
  }

  #log(): { readonly size: number; readonly root: Uint8Array } {
    const frontier = this.#frontier;
    return frontier === null ? { size: 0, root: emptyRoot() } : { size: frontier.size, root: frontier.root() };
  }
}

function emptyRoot(): Uint8Array {
  return createHash("sha256").digest();
}

/** What no ledger could take is refused like what this one does not take. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LedgerError) throw new Differs("GROUP_REFUSED", `${error.code}: ${error.message}`);
    throw error;
  }
}

function parsed(text: string): ExportLine {
  try {
    return exportLineSchema.parse(JSON.parse(text));
  } catch {
    throw new Differs("EXPORT_MALFORMED", `The line is none of ${ORDER.join(", ")}.`);
  }
}

function operationOf(operation: Extract<ExportLine, { line: "group" }>["operations"][number]): Operation {
  switch (operation.kind) {
    case "transfer":
      return { ...operation, amount: BigInt(operation.amount) };
    case "hold": {
      const { expiresAtMs, amount, ...hold } = operation;
      return { ...hold, amount: BigInt(amount), ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
    }
    case "post": {
      const { amount, ...post } = operation;
      return amount === undefined ? post : { ...post, amount: BigInt(amount) };
    }
    default:
      return operation;
  }
}

/** A file's lines; a last one without an end counts too. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
    if (rest.length > MAX_EXPORT_LINE) throw new Differs("EXPORT_MALFORMED", "The line is longer than any can be.");
  }
  if (rest !== "") yield rest;
}
