import { Inject, Injectable } from "@nestjs/common";
import {
  entryBytes,
  entryText,
  leafHash,
  LedgerError,
  type LedgerLog,
  type LogEntry,
  type LogHead,
} from "@tallystick/ledger-core";
import { equalBytes, toHex } from "@tallystick/protocol";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";

export interface RootView {
  readonly size: number;
  readonly root: string;
}

/** That an entry stands in the log; `leafHash` is SHA-256 of a zero byte and the entry's text. */
export interface InclusionView extends RootView {
  readonly index: number;
  readonly entry: string;
  readonly leafHash: string;
  readonly path: readonly string[];
}

/** That the longer log begins with the shorter one. */
export interface ConsistencyView {
  readonly from: number;
  readonly fromRoot: string;
  readonly to: number;
  readonly toRoot: string;
  readonly path: readonly string[];
}

/** The ledger's log for those who want to check it: heads and RFC 6962 proofs. Reads only. */
@Injectable()
export class LedgerProofs {
  private readonly log: LedgerLog;

  constructor(@Inject(DATABASE) db: Database) {
    this.log = createPostgresLedger(db).log;
  }

  head(): Promise<LogHead> {
    return this.log.head();
  }

  /** The newest head, or the one of a size. Throws Problem LOG_RANGE. */
  async root(size: number | null): Promise<RootView> {
    const chosen = size ?? (await this.log.head()).size;
    return { size: chosen, root: toHex(await inRange(() => this.log.rootAt(chosen))) };
  }

  /**
   * `place` is an entry's index or its operation's id. Throws Problem NOT_FOUND, LOG_RANGE or
   * LEDGER_CHANGED.
   */
  async inclusion(place: number | string, size: number | null): Promise<InclusionView> {
    const found = await this.log.entry(place);
    if (found === null)
      throw new Problem("NOT_FOUND", "The log has no such entry; what was booked just now comes soon.");
    assertUntouched(found);
    const { index, leaf, record } = found;
    const root = await this.root(size);
    const path = await inRange(() => this.log.proveInclusion({ index, size: root.size }));
    return { index, ...root, entry: entryText(record), leafHash: toHex(leaf), path: path.map((hash) => toHex(hash)) };
  }

  /** Throws Problem LOG_RANGE. */
  async consistency(from: number, to: number | null): Promise<ConsistencyView> {
    const longer = await this.root(to);
    const shorter = await this.root(from);
    const path = await inRange(() => this.log.proveConsistency({ from, to: longer.size }));
    return {
      ...{ from, fromRoot: shorter.root },
      ...{ to: longer.size, toRoot: longer.root },
      path: path.map((hash) => toHex(hash)),
    };
  }
}

/** The log was made of this entry: a database that shows another one was changed from outside. */
function assertUntouched({ record, leaf }: LogEntry): void {
  if (equalBytes(leafHash(entryBytes(record)), leaf)) return;
  throw new Problem("LEDGER_CHANGED", `The entry ${record.id} is not the one that the log was made of.`);
}

/** Runs a reading of a log; a range that it does not have is Problem LOG_RANGE. */
export async function inRange<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LedgerError && error.code === "BAD_LOG_RANGE") throw new Problem("LOG_RANGE", error.message);
    throw error;
  }
}
