import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { CancellationStore } from "./cancellation-store.ts";
import { ChainCallStore } from "./chain-call-store.ts";
import { ChainFactStore } from "./chain-fact-store.ts";
import { EventChain } from "./event-chain.ts";
import { JournalError } from "./journal-error.ts";
import { KnowledgeStore } from "./knowledge-store.ts";
import { APPLICATION_ID, type Migration, migrations } from "./migrations.ts";
import { RefundStore } from "./refund-store.ts";
import { preparedOnce } from "./statements.ts";
import { TapStore } from "./tap-store.ts";
import { UploadStore } from "./upload-store.ts";
import { VoucherStore } from "./voucher-store.ts";
import { assertNotRestored, writeWitness } from "./witness.ts";

/** Whose journal it is. A journal never changes its terminal: upload numbers and the open intents are bound to it. */
export interface JournalIdentity {
  readonly payee: Uint8Array;
  readonly terminalId: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly terminalKey: Uint8Array;
}

export interface JournalOptions {
  readonly path: string;
  readonly witnessPath: string;
  readonly identity: JournalIdentity;
  /** Seconds. */
  readonly now: number;
  /** Goes on with an older copy that somebody put back knowingly. */
  readonly acceptRestored?: boolean;
  /** Steps to bring the file up to; tests of upgrades pass fewer. */
  readonly migrations?: readonly Migration[];
}

/** A tap writes some 60 kB of log; at 50 taps it is copied into the file. */
const TIDIES_PER_CHECKPOINT = 50;

/** The gateway's journal: one SQLite file, durable at every commit, used by one process. */
export class Journal {
  readonly taps: TapStore;
  readonly vouchers: VoucherStore;
  readonly uploads: UploadStore;
  readonly cancellations: CancellationStore;
  readonly refunds: RefundStore;
  readonly chainCalls: ChainCallStore;
  readonly chainFacts: ChainFactStore;
  readonly knowledge: KnowledgeStore;
  readonly chain: EventChain;
  private readonly database: Database.Database;
  private readonly journalId: string;
  private readonly witnessPath: string;
  private witnessed = -1;
  private tidiesSinceCheckpoint = 0;

  private constructor(database: Database.Database, options: JournalOptions) {
    this.database = database;
    const statements = preparedOnce(database);
    this.chain = new EventChain(statements);
    this.taps = new TapStore(statements, this.chain);
    this.vouchers = new VoucherStore(statements, this.chain);
    this.uploads = new UploadStore(statements, this.chain);
    this.cancellations = new CancellationStore(statements, this.chain);
    this.refunds = new RefundStore(statements, this.chain);
    this.chainCalls = new ChainCallStore(statements, this.chain);
    this.chainFacts = new ChainFactStore(statements);
    this.knowledge = new KnowledgeStore(statements, this.chain);
    this.witnessPath = options.witnessPath;
    this.journalId = identify(database, options);
  }

  /**
   * Opens the journal, makes it at the first start, and brings an older form up to date after keeping a copy of it.
   * Throws JournalError; the file is then as it was.
   */
  static open(options: JournalOptions): Journal {
    const database = openDatabase(options.path);
    try {
      claim(database, options.path);
      migrate(database, options.path, options.migrations ?? migrations);
      const journal = new Journal(database, options);
      journal.chain.verify();
      journal.checkWitness(options);
      journal.writeWitness();
      return journal;
    } catch (error) {
      database.close();
      throw asJournalError(error, options.path);
    }
  }

  /** Runs `work` as one transaction that is durable when this returns. */
  write<T>(work: () => T): T {
    return this.database.transaction(work).immediate();
  }

  /** What can be done between two taps: notes how far the journal has come, and copies a long log into the file. */
  tidy(): void {
    if (!this.database.open) return;
    this.writeWitness();
    this.tidiesSinceCheckpoint += 1;
    if (this.tidiesSinceCheckpoint < TIDIES_PER_CHECKPOINT) return;
    this.database.pragma("wal_checkpoint(PASSIVE)");
    this.tidiesSinceCheckpoint = 0;
  }

  /** Notes beside the journal how far it has come; costs a disk flush, so it is called after a tap was answered. */
  writeWitness(): void {
    if (!this.database.open) return;
    const head = this.chain.head();
    if (head.seq === this.witnessed) return;
    writeWitness(this.witnessPath, this.journalId, head);
    this.witnessed = head.seq;
  }

  close(): void {
    if (!this.database.open) return;
    this.writeWitness();
    this.database.close();
  }

  private checkWitness(options: JournalOptions): void {
    try {
      assertNotRestored(this.witnessPath, this.journalId, this.chain);
    } catch (error) {
      if (!(error instanceof JournalError) || options.acceptRestored !== true) throw error;
      this.write(() => {
        this.chain.append({
          at: options.now,
          kind: "restored",
          subject: this.journalId,
          state: "",
          body: JSON.stringify({ reason: error.message }),
        });
      });
    }
  }
}

function openDatabase(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new Database(path, { timeout: 0 });
  } catch (error) {
    throw asJournalError(error, path);
  }
}

/** Takes the file for this process alone and checks that it is a sound journal. */
function claim(database: Database.Database, path: string): void {
  database.defaultSafeIntegers(true);
  database.pragma("locking_mode = EXCLUSIVE");
  const objects = database.prepare<[], { readonly count: bigint }>("SELECT count(*) AS count FROM sqlite_schema").get();
  if (objects?.count !== 0n) {
    const application = Number(database.pragma("application_id", { simple: true }));
    if (application !== APPLICATION_ID)
      throw new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} is no journal of this gateway.`);
  }
  database.pragma("journal_mode = WAL");
  // FULL: a commit is on the disk before it returns, so what was answered survives a loss of power.
  database.pragma("synchronous = FULL");
  // The log is copied into the file between two taps (see tidy), not in the middle of one.
  database.pragma("wal_autocheckpoint = 0");
  database.pragma("foreign_keys = ON");
  // Takes the lock now, so that a second gateway fails at its start and not at its first tap.
  database.transaction(() => undefined).exclusive();
  const soundness = database.pragma("quick_check(1)", { simple: true });
  if (soundness !== "ok") throw new JournalError("JOURNAL_CORRUPT", `SQLite says of ${path}: ${String(soundness)}.`);
}

function migrate(database: Database.Database, path: string, steps: readonly Migration[]): void {
  const before = Number(database.pragma("user_version", { simple: true }));
  const newest = steps.at(-1)?.version ?? 0;
  if (before > newest) {
    throw new JournalError("JOURNAL_NEWER", `${path} has form ${before}; this gateway knows forms up to ${newest}.`);
  }
  if (before === newest) return;
  if (before > 0 && !existsSync(`${path}.form${before}`))
    database.prepare("VACUUM INTO ?").run(`${path}.form${before}`);
  database
    .transaction(() => {
      for (const step of steps) {
        if (step.version <= before) continue;
        database.exec(step.sql);
        database.pragma(`user_version = ${step.version}`);
      }
      database.pragma(`application_id = ${APPLICATION_ID}`);
    })
    .exclusive();
}

/** Writes whose journal this is at the first start; throws JOURNAL_OTHER_TERMINAL later when it is another's. */
function identify(database: Database.Database, options: JournalOptions): string {
  const { payee, terminalId, terminalKey } = options.identity;
  const row = database
    .prepare<
      [],
      {
        readonly journal_id: string;
        readonly payee: Uint8Array;
        readonly terminal_id: Uint8Array;
        readonly terminal_key: Uint8Array;
      }
    >("SELECT journal_id, payee, terminal_id, terminal_key FROM identity")
    .get();
  if (row === undefined) {
    const id = randomUUID();
    database
      .prepare("INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?)")
      .run(id, payee, terminalId, terminalKey, options.now);
    return id;
  }
  const same = Buffer.compare(row.payee, payee) === 0 && Buffer.compare(row.terminal_id, terminalId) === 0;
  if (!same || Buffer.compare(row.terminal_key, terminalKey) !== 0) {
    throw new JournalError("JOURNAL_OTHER_TERMINAL", `${options.path} is not this terminal's journal.`);
  }
  return row.journal_id;
}

/** The journal's own error for what SQLite throws. */
function asJournalError(error: unknown, path: string): unknown {
  if (error instanceof JournalError) return error;
  // A native module's errors may come from another realm, so they are told by their shape.
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code !== "string" || typeof message !== "string") return error;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new JournalError("JOURNAL_IN_USE", `${path} is locked.`);
  }
  if (code.startsWith("SQLITE_CORRUPT"))
    return new JournalError("JOURNAL_CORRUPT", `SQLite says of ${path}: ${message}.`);
  if (code === "SQLITE_NOTADB") return new JournalError("JOURNAL_NOT_A_JOURNAL", `${path} is no SQLite file.`);
  return new JournalError("JOURNAL_UNREADABLE", `${path} cannot be opened: ${message}.`);
}
