import type Database from "better-sqlite3";
import { ChainCallStore } from "./chain/chain-call-store.ts";
import { ChainEventStore } from "./chain/chain-event-store.ts";
import { DeviceStore } from "./doors/device-store.ts";
import { PersonStore } from "./doors/person-store.ts";
import { EventLog } from "./events/event-log.ts";
import { JournalError } from "./events/journal-error.ts";
import { Statements } from "./events/statements.ts";
import { TIDIES_PER_CHECKPOINT } from "../limits.ts";
import { identify, type JournalIdentity } from "./identity.ts";
import { CertificateStore } from "./knowledge/certificate-store.ts";
import { ClockFloorStore } from "./knowledge/clock-floor-store.ts";
import { KnownCardStore } from "./knowledge/known-card-store.ts";
import { LaneStore } from "./knowledge/lane-store.ts";
import { MailboxStore } from "./knowledge/mailbox-store.ts";
import { ObservationStore } from "./knowledge/observation-store.ts";
import { StateProofStore } from "./knowledge/state-proof-store.ts";
import { StatusListStore } from "./knowledge/status-list-store.ts";
import { asJournalError, migrate, openDatabase, type Schemas, takeForThisProcess } from "./open-database.ts";
import { AllowanceUpdateStore } from "./payments/allowance-update-store.ts";
import { OutcomeStore } from "./payments/outcome-store.ts";
import { ReceiptStore } from "./payments/receipt-store.ts";
import { AnsweredCallStore } from "./merchant/answered-call-store.ts";
import { MoneyStore } from "./merchant/money-store.ts";
import { OtherVoucherStore } from "./merchant/other-voucher-store.ts";
import { PayeeEventStore } from "./merchant/payee-event-store.ts";
import { ReportStore } from "./merchant/report-store.ts";
import { WebhookStore } from "./merchant/webhook-store.ts";
import { SaleStore } from "./sales/sale-store.ts";
import { SetAsideStore } from "./payments/set-aside-store.ts";
import { RefundStore } from "./payments/refund-store.ts";
import { ReturnOrderStore } from "./payments/return-order-store.ts";
import { ReversalStore } from "./payments/reversal-store.ts";
import { TapStore } from "./payments/tap-store.ts";
import { UploadStore } from "./payments/upload-store.ts";
import { VoucherStore } from "./payments/voucher-store.ts";
import { VoucherTotals } from "./payments/voucher-totals.ts";
import { type Migration, migrations } from "./schema/migrations.ts";
import { assertNotRestored, writeWitness } from "./witness.ts";

export interface JournalOptions {
  readonly path: string;
  readonly witnessPath: string;
  readonly identity: JournalIdentity;
  /** Seconds. */
  readonly now: number;
  /** Continues with an older copy that somebody put back knowingly. */
  readonly acceptRestored?: boolean;
  /** Steps to bring the file up to; tests of upgrades pass fewer. */
  readonly migrations?: readonly Migration[];
}

/**
 * A journal's stores and the transaction that holds their changes together: whoever needs some of
 * them names these.
 */
export class Journal {
  readonly sales: SaleStore;
  readonly taps: TapStore;
  readonly vouchers: VoucherStore;
  readonly outcomes: OutcomeStore;
  readonly uploads: UploadStore;
  readonly setAside: SetAsideStore;
  readonly receipts: ReceiptStore;
  readonly reversals: ReversalStore;
  readonly refunds: RefundStore;
  readonly returnOrders: ReturnOrderStore;
  readonly chainCalls: ChainCallStore;
  readonly chainEvents: ChainEventStore;
  readonly observations: ObservationStore;
  readonly statusLists: StatusListStore;
  readonly clockFloor: ClockFloorStore;
  readonly lanes: LaneStore;
  readonly knownCards: KnownCardStore;
  readonly certificates: CertificateStore;
  readonly people: PersonStore;
  readonly devices: DeviceStore;
  readonly mailbox: MailboxStore;
  readonly allowanceUpdates: AllowanceUpdateStore;
  readonly stateProofs: StateProofStore;
  readonly answeredCalls: AnsweredCallStore;
  readonly payeeEvents: PayeeEventStore;
  readonly money: MoneyStore;
  readonly otherVouchers: OtherVoucherStore;
  readonly reports: ReportStore;
  readonly webhooks: WebhookStore;
  private readonly events: EventLog;
  private readonly database: Database.Database;
  private readonly journalId: string;
  private readonly totals: VoucherTotals;
  private readonly witnessPath: string;
  private witnessed = -1;
  private tidiesSinceCheckpoint = 0;

  private constructor(database: Database.Database, options: JournalOptions) {
    const statements = new Statements(database);
    this.database = database;
    this.totals = new VoucherTotals(statements);
    this.events = new EventLog(statements);
    this.sales = new SaleStore(statements, this.events);
    this.taps = new TapStore(statements, this.events);
    this.vouchers = new VoucherStore(statements, this.events);
    this.outcomes = new OutcomeStore(statements, this.events);
    this.uploads = new UploadStore(statements, this.events);
    this.setAside = new SetAsideStore(statements, this.events);
    this.receipts = new ReceiptStore(statements, this.events);
    this.reversals = new ReversalStore(statements, this.events);
    this.refunds = new RefundStore(statements, this.events);
    this.returnOrders = new ReturnOrderStore(statements, this.events);
    this.chainCalls = new ChainCallStore(statements, this.events);
    this.chainEvents = new ChainEventStore(statements);
    this.observations = new ObservationStore(statements);
    this.statusLists = new StatusListStore(statements, this.events);
    this.clockFloor = new ClockFloorStore(statements, this.events);
    this.people = new PersonStore(statements, this.events);
    this.devices = new DeviceStore(statements, this.events);
    this.lanes = new LaneStore(statements, this.events);
    this.certificates = new CertificateStore(statements, this.events);
    this.knownCards = new KnownCardStore(statements);
    this.mailbox = new MailboxStore(statements);
    this.stateProofs = new StateProofStore(statements);
    this.allowanceUpdates = new AllowanceUpdateStore(statements, this.events);
    this.answeredCalls = new AnsweredCallStore(statements);
    this.payeeEvents = new PayeeEventStore(statements);
    this.money = new MoneyStore(statements);
    this.otherVouchers = new OtherVoucherStore(statements);
    this.reports = new ReportStore(statements, this.events);
    this.webhooks = new WebhookStore(statements, this.events);
    this.witnessPath = options.witnessPath;
    this.journalId = identify(statements, options);
  }

  /**
   * Opens the journal: one SQLite file, durable at every commit, used by one process. Makes it at
   * the first start, and brings an older schema up to date after keeping a copy of it. Throws
   * JournalError; the file is then as it was.
   */
  static open(options: JournalOptions): Journal {
    const database = openDatabase(options.path);
    try {
      takeForThisProcess(database, options.path);
      const schemas = migrate(database, options.path, options.migrations ?? migrations);
      const journal = new Journal(database, options);
      journal.events.verify();
      journal.totals.verify();
      journal.checkWitness(options);
      journal.recordUpgrade(schemas, options.now);
      if (options.acceptRestored === true)
        journal.write(() => {
          journal.uploads.acceptForgotten(options.now);
        });
      journal.recordProgress();
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

  /**
   * What can be done between two taps: records how far the journal has come, and copies a long log
   * into the file.
   */
  tidy(): void {
    if (!this.database.open) return;
    this.recordProgress();
    this.tidiesSinceCheckpoint += 1;
    if (this.tidiesSinceCheckpoint < TIDIES_PER_CHECKPOINT) return;
    this.database.pragma("wal_checkpoint(PASSIVE)");
    this.tidiesSinceCheckpoint = 0;
  }

  /** Writes a copy of the file as it is at this moment, without its free pages, into a new one. */
  copyTo(path: string): void {
    this.database.prepare("VACUUM INTO ?").run(path);
  }

  close(): void {
    if (!this.database.open) return;
    this.recordProgress();
    this.database.close();
  }

  /** The entries of before stay as they are; one more says that the tables around them changed. */
  private recordUpgrade({ before, after }: Schemas, now: number): void {
    if (before === 0 || before === after) return;
    this.write(() => {
      const subject = this.journalId;
      this.events.append({ at: now, kind: "upgrade", subject, state: String(after), details: { before } });
    });
  }

  /**
   * Records beside the journal how far it has come; costs a disk flush, so it is called after a tap
   * was answered.
   */
  private recordProgress(): void {
    const head = this.events.head();
    if (head.seq === this.witnessed) return;
    writeWitness(this.witnessPath, this.journalId, head);
    this.witnessed = head.seq;
  }

  private checkWitness({ acceptRestored, now }: JournalOptions): void {
    try {
      assertNotRestored(this.witnessPath, this.journalId, this.events);
    } catch (error) {
      if (!(error instanceof JournalError) || acceptRestored !== true) throw error;
      const details = { reason: error.message };
      this.write(() => {
        this.events.append({ at: now, kind: "restored", subject: this.journalId, state: "", details });
      });
    }
  }
}
