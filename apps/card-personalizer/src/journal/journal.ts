import { makePrivate } from "@tallystick/program";
import Database from "better-sqlite3";
import { Failure } from "../failures.ts";
import { expectKeys, keysOfCard, rememberKeys } from "./card-keys-table.ts";
import type {
  JournalledUpload,
  Particulars,
  Place,
  Run,
  StepData,
  StepRecord,
  StoredCertificate,
  TerminalName,
} from "./journal-types.ts";
import { migrate } from "./migrations.ts";
import { asRun, asUpload, bytes, type RunRow, type UploadRow } from "./rows.ts";

export type {
  JournalledUpload,
  MadeBy,
  Particulars,
  Place,
  Run,
  StepData,
  StepRecord,
  StoredCertificate,
  TerminalName,
} from "./journal-types.ts";

/** Runs that were given up keep their cards under names that no reference can have. */
const GIVEN_UP = " given up ";

/** Whether a name of the journal is that of a run that was given up. */
export function isGivenUp(reference: string): boolean {
  return reference.startsWith(GIVEN_UP);
}

const NOWHERE: Place = { station: null, operator: null };

/**
 * The station's memory. Every method is one durable transaction: it returns when the disk has it. One process at a time holds
 * the file; the operating system frees it however that process ends.
 */
export class Journal {
  readonly #db: Database.Database;

  /** Throws Failure JOURNAL_IN_USE or JOURNAL_FAULT. */
  constructor(path: string) {
    try {
      makePrivate(path);
      this.#db = new Database(path, { timeout: 0 });
      this.#db.pragma("locking_mode = EXCLUSIVE");
      this.#db.pragma("journal_mode = WAL");
      this.#db.pragma("synchronous = FULL");
      this.#db.pragma("foreign_keys = ON");
      migrate(this.#db);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (typeof code === "string" && code.startsWith("SQLITE_BUSY")) throw new Failure("JOURNAL_IN_USE", path);
      throw error instanceof Failure ? error : new Failure("JOURNAL_FAULT", `${path}: ${(error as Error).message}`);
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Several changes in one durable transaction: all of them or none. */
  together<T>(work: () => T): T {
    return this.#db.transaction(work)();
  }

  run(reference: string): Run | null {
    return asRun(this.#db.prepare<[string], RunRow>("select * from runs where reference = ?").get(reference));
  }

  runs(): readonly Run[] {
    const rows = this.#db.prepare<[], RunRow>("select * from runs order by begun_at_ms, reference").all();
    return rows.map((row) => asRun(row)).filter((run) => run !== null);
  }

  runOfCard(cardName: string, instance: number): Run | null {
    const query = this.#db.prepare<[string, number], RunRow>("select * from runs where card_name = ? and instance = ?");
    return asRun(query.get(cardName, instance));
  }

  begin(reference: string, particulars: Particulars, atMs: number, { station, operator }: Place = NOWHERE): Run {
    this.#db
      .prepare(
        "insert into runs (reference, particulars, instance, begun_at_ms, station, operator) values (?, ?, ?, ?, ?, ?)",
      )
      .run(reference, JSON.stringify(particulars), particulars.instance, atMs, station, operator);
    return { reference, particulars, cardName: null, done: false, made: { station, operator, facts: {} } };
  }

  /** Adds to what is known of a card. */
  note(reference: string, facts: StepData): void {
    const all = JSON.stringify({ ...this.run(reference)?.made.facts, ...facts });
    this.#db.prepare("update runs set facts = ? where reference = ?").run(all, reference);
  }

  /**
   * Gives what was begun under one name to another one, with its card; a run of that name without a card makes room.
   * `forget` names steps that are to be done again, `again` what they find prepared then.
   */
  giveTo(
    from: string,
    to: string,
    { forget, again }: { readonly forget: readonly string[]; readonly again: Readonly<Record<string, StepData>> },
  ): void {
    this.#db.transaction(() => {
      this.#db.pragma("defer_foreign_keys = on");
      this.#forgetRun(to, "and card_name is null");
      this.#db.prepare("update runs set reference = ?, done = 0 where reference = ?").run(to, from);
      this.#db.prepare("update steps set reference = ? where reference = ?").run(to, from);
      for (const name of forget) this.#db.prepare("delete from steps where reference = ? and name = ?").run(to, name);
      for (const [name, data] of Object.entries(again))
        this.#db
          .prepare("insert into steps (reference, name, state, data, begun_at_ms) values (?, ?, 'begun', ?, 0)")
          .run(to, name, JSON.stringify(data));
    })();
  }

  /** A name for what is given up, of which none has been used. */
  nameForGivenUp(reference: string): string {
    for (let number = 1; ; number++) {
      const name = `${GIVEN_UP}${number} ${reference}`;
      if (this.run(name) === null) return name;
    }
  }

  /** Forgets a reference that has no card. */
  forget(reference: string): void {
    this.#db.transaction(() => this.#forgetRun(reference, "and card_name is null"))();
  }

  #forgetRun(reference: string, where: string): void {
    const inRuns = `select reference from runs where reference = ? ${where}`;
    this.#db.prepare(`delete from steps where reference in (${inRuns})`).run(reference);
    this.#db.prepare(`delete from runs where reference in (${inRuns})`).run(reference);
  }

  /** Other particulars for a reference whose own stand nowhere yet; the caller has made sure of that. */
  correctParticulars(reference: string, particulars: Particulars): void {
    this.#db
      .prepare("update runs set particulars = ?, instance = ? where reference = ?")
      .run(JSON.stringify(particulars), particulars.instance, reference);
  }

  /** Ties a reference to its card, permanently. Throws Failure FAULT where it is tied to another one. */
  bindCard(reference: string, cardName: string): void {
    const { changes } = this.#db
      .prepare("update runs set card_name = ? where reference = ? and (card_name is null or card_name = ?)")
      .run(cardName, reference, cardName);
    if (changes !== 1) throw new Failure("FAULT", `The reference ${reference} is tied to another card.`);
  }

  /** Another name for the reference's card: it has one of its own only now. */
  renameCard(reference: string, cardName: string): void {
    this.#db.prepare("update runs set card_name = ? where reference = ?").run(cardName, reference);
  }

  /** Frees a reference from a card that cannot be used and whose keys are as they came, with what was done on it. */
  releaseCard(reference: string): void {
    this.#db.transaction(() => {
      this.#db.prepare("delete from steps where reference = ?").run(reference);
      this.#db.prepare("update runs set card_name = null where reference = ?").run(reference);
    })();
  }

  finish(reference: string): void {
    this.#db.prepare("update runs set done = 1 where reference = ?").run(reference);
  }

  step(reference: string, name: string): StepRecord | null {
    const row = this.#db
      .prepare<[string, string], { state: "begun" | "done"; data: string }>(
        "select state, data from steps where reference = ? and name = ?",
      )
      .get(reference, name);
    return row === undefined ? null : { state: row.state, data: JSON.parse(row.data) as StepData };
  }

  steps(reference: string): readonly { readonly name: string; readonly state: "begun" | "done" }[] {
    return this.#db
      .prepare<[string], { name: string; state: "begun" | "done" }>(
        "select name, state from steps where reference = ? order by begun_at_ms, rowid",
      )
      .all(reference);
  }

  /** Before a step is sent. A step that was begun before keeps what it prepared then. */
  beginStep(reference: string, name: string, data: StepData, atMs: number): StepData {
    this.#db
      .prepare(
        `insert into steps (reference, name, state, data, begun_at_ms) values (?, ?, 'begun', ?, ?)
         on conflict (reference, name) do nothing`,
      )
      .run(reference, name, JSON.stringify(data), atMs);
    return this.step(reference, name)?.data ?? data;
  }

  /** A step that had no effect on the card is done again. */
  forgetStep(reference: string, name: string): void {
    this.#db.prepare("delete from steps where reference = ? and name = ?").run(reference, name);
  }

  finishStep(reference: string, name: string, data: StepData, atMs: number): void {
    this.#db
      .prepare("update steps set state = 'done', data = ?, done_at_ms = ? where reference = ? and name = ?")
      .run(JSON.stringify(data), atMs, reference, name);
  }

  areKeysRefused(cardName: string, keysName: string): boolean {
    const query = this.#db.prepare("select 1 from refused_keys where card_name = ? and keys_name = ?");
    return query.get(cardName, keysName) !== undefined;
  }

  rememberRefusedKeys(cardName: string, keysName: string, atMs: number): void {
    this.#db
      .prepare("insert into refused_keys (card_name, keys_name, at_ms) values (?, ?, ?) on conflict do nothing")
      .run(cardName, keysName, atMs);
  }

  allowKeysAgain(cardName: string, keysName: string): void {
    this.#db.prepare("delete from refused_keys where card_name = ? and keys_name = ?").run(cardName, keysName);
  }

  /**
   * Names of the keys of ours that a card may have, the latest first: one, or two while a change of them is not proved.
   * None where the journal does not know.
   */
  keysOfCard(cardName: string): readonly string[] {
    return keysOfCard(this.#db, cardName);
  }

  /** A channel was opened with these keys: the card has them and no others. */
  rememberKeys(cardName: string, keysName: string): void {
    rememberKeys(this.#db, cardName, keysName);
  }

  /** Before a card is given these keys: from now on it may have them, and they are tried again. */
  expectKeys(cardName: string, keysName: string): void {
    expectKeys(this.#db, cardName, keysName);
  }

  certificate(terminal: TerminalName): StoredCertificate | null {
    const query = this.#db.prepare<[string], StoredCertificate>(
      "select certificate, signature from certificates where terminal = ?",
    );
    const row = query.get(terminal);
    return row === undefined ? null : { certificate: bytes(row.certificate), signature: bytes(row.signature) };
  }

  storeCertificate(terminal: TerminalName, { certificate, signature }: StoredCertificate): void {
    this.#db
      .prepare(
        `insert into certificates (terminal, certificate, signature) values (?, ?, ?)
         on conflict (terminal) do update set certificate = excluded.certificate, signature = excluded.signature`,
      )
      .run(terminal, certificate, signature);
  }

  lastUpload(terminal: TerminalName): JournalledUpload | null {
    const query = this.#db.prepare<[string], UploadRow>(
      "select * from uploads where terminal = ? order by seq desc limit 1",
    );
    return asUpload(query.get(terminal));
  }

  /** The upload of exactly this body, which stands in the chain at most once. */
  uploadWithBody(terminal: TerminalName, body: Uint8Array): JournalledUpload | null {
    const query = this.#db.prepare<[string, Uint8Array], UploadRow>(
      "select * from uploads where terminal = ? and body = ?",
    );
    return asUpload(query.get(terminal, body));
  }

  /** Uploads that nobody has answered, oldest first. */
  waitingUploads(terminal: TerminalName): readonly JournalledUpload[] {
    const query = this.#db.prepare<[string], UploadRow>(
      "select * from uploads where terminal = ? and answer is null order by seq",
    );
    return query
      .all(terminal)
      .map(asUpload)
      .filter((upload) => upload !== null);
  }

  addUpload(terminal: TerminalName, { seq, upload, signature, body }: Omit<JournalledUpload, "answer">): void {
    this.#db
      .prepare("insert into uploads (terminal, seq, upload, signature, body) values (?, ?, ?, ?, ?)")
      .run(terminal, seq, upload, signature, body);
  }

  answerUpload(terminal: TerminalName, seq: number, answer: string): void {
    this.#db.prepare("update uploads set answer = ? where terminal = ? and seq = ?").run(answer, terminal, seq);
  }
}
