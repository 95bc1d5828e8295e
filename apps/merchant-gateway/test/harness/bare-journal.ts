import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Journal, type JournalOptions } from "../../src/journal/journal.ts";
import type { VoucherRecord } from "../../src/journal/payments/voucher-record.ts";

/** An entry of the event log as it stands in the file. */
export interface LoggedEvent {
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The domain of what a bare journal holds where a test names none. */
export const bareDomain: Uint8Array = filled(28, 9);

/** So many bytes of one value. */
export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** A journal without a terminal around it, in a folder of its own. */
export class BareJournal {
  readonly options: JournalOptions;
  journal: Journal;
  private readonly folder = mkdtempSync(join(tmpdir(), "tallystick-bare-"));
  private payments = 0;

  constructor() {
    this.options = {
      path: join(this.folder, "journal.db"),
      witnessPath: join(this.folder, "journal.witness"),
      identity: { payee: filled(20, 1), terminalId: filled(8, 2), terminalKey: filled(33, 3) },
      now: 1,
    };
    this.journal = Journal.open(this.options);
  }

  /** Intends a tap of a card; answers its id. */
  intend({
    domainBytes = bareDomain,
    card = 7,
    counter = 5,
    now = 1_000,
    amount = 250n,
    saleId = "",
    lane = "1",
  } = {}): string {
    this.payments += 1;
    const id = `tap-${this.payments}`;
    const seen = { selectAnswer: filled(234, 4), request: filled(67, 5), requestTime: now, pinVerified: false };
    this.journal.taps.intend({
      ...{ id, saleId: saleId === "" ? `sale-${id}` : saleId, lane, domainBytes, amount, cardKey: filled(33, card) },
      ...{ intent: { ...seen, counter }, spentBefore: 100n, now },
    });
    return id;
  }

  /** A payment whose voucher is kept; answers it. */
  pay({
    software = false,
    reversed = false,
    ...options
  }: Parameters<BareJournal["intend"]>[0] & Partial<Pick<VoucherRecord, "software" | "reversed">> = {}) {
    const { domainBytes = bareDomain, card = 7, counter = 5, now = 1_000, amount = 250n } = options;
    const tapId = this.intend(options);
    const id = filled(32, 0);
    new DataView(id.buffer).setUint32(0, this.payments);
    const { journal } = this;
    journal.taps.finish({
      ...{ id: tapId, from: "intent", to: "accepted", saleOpen: false, code: null, sw: "9000", apdus: 1 },
      ...{ answer: null, voucherId: id, spentAfter: null, now },
    });
    const voucher = { id, tapId, domainBytes, cardKey: filled(33, card), counter, amount, requestTime: now };
    journal.vouchers.keep({ ...voucher, software, reversed, entry: filled(382, 1) }, now);
    return { id, tapId };
  }

  /** Keeps an upload with this number. */
  upload(seq: number, domainBytes: Uint8Array = bareDomain) {
    const head = filled(128, 1);
    new DataView(head.buffer).setUint32(0, seq);
    const upload = { domainBytes, seq, head, signature: filled(64, 2), body: filled(10, 3) };
    this.journal.uploads.keep(upload, 2);
    return { ...upload, state: "packed" as const };
  }

  /** The event log, read from the file after a close; the journal is open again afterwards. */
  events(): readonly LoggedEvent[] {
    this.journal.close();
    const file = new Database(this.options.path, { readonly: true });
    const rows = file.prepare("SELECT at, kind, subject, state, body FROM event ORDER BY seq").all();
    file.close();
    this.journal = Journal.open(this.options);
    return (rows as readonly (Omit<LoggedEvent, "details"> & { readonly body: string })[]).map(
      ({ body, ...event }) => ({
        ...event,
        details: JSON.parse(body) as LoggedEvent["details"],
      }),
    );
  }

  remove(): void {
    this.journal.close();
    rmSync(this.folder, { recursive: true });
  }
}
