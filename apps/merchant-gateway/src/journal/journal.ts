import type Database from "better-sqlite3";
import { ReversalStore } from "./payments/reversal-store.ts";
import { ChainCallStore } from "./chain/chain-call-store.ts";
import { ChainEventStore } from "./chain/chain-event-store.ts";
import { EventLog } from "./events/event-log.ts";
import { JournalError } from "./events/journal-error.ts";
import { KnowledgeStore } from "./knowledge/knowledge-store.ts";
import { identify, type JournalIdentity } from "./identity.ts";
import { asJournalError, migrate, openDatabase, takeForThisProcess } from "./open-database.ts";
import { type Migration, migrations } from "./schema/migrations.ts";
import { RefundStore } from "./payments/refund-store.ts";
import { preparedOnce } from "./events/statements.ts";
import { TapStore } from "./payments/tap-store.ts";
import { UploadStore } from "./payments/upload-store.ts";
import { VoucherStore } from "./payments/voucher-store.ts";
import { assertNotRestored, writeWitness } from "./witness.ts";

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
  readonly reversals: ReversalStore;
  readonly refunds: RefundStore;
  readonly chainCalls: ChainCallStore;
  readonly chainEvents: ChainEventStore;
  readonly knowledge: KnowledgeStore;
  readonly eventLog: EventLog;
  private readonly database: Database.Database;
  private readonly journalId: string;
  private readonly witnessPath: string;
  private witnessed = -1;
  private tidiesSinceCheckpoint = 0;

  private constructor(database: Database.Database, options: JournalOptions) {
    this.database = database;
    const statements = preparedOnce(database);
    this.eventLog = new EventLog(statements);
    this.taps = new TapStore(statements, this.eventLog);
    this.vouchers = new VoucherStore(statements, this.eventLog);
    this.uploads = new UploadStore(statements, this.eventLog);
    this.reversals = new ReversalStore(statements, this.eventLog);
    this.refunds = new RefundStore(statements, this.eventLog);
    this.chainCalls = new ChainCallStore(statements, this.eventLog);
    this.chainEvents = new ChainEventStore(statements);
    this.knowledge = new KnowledgeStore(statements, this.eventLog);
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
      takeForThisProcess(database, options.path);
      migrate(database, options.path, options.migrations ?? migrations);
      const journal = new Journal(database, options);
      journal.eventLog.verify();
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
    const head = this.eventLog.head();
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
      assertNotRestored(this.witnessPath, this.journalId, this.eventLog);
    } catch (error) {
      if (!(error instanceof JournalError) || options.acceptRestored !== true) throw error;
      this.write(() => {
        this.eventLog.append({
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
