import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { LineSettlement } from "../../../test/harness/line/line-settlement.ts";
import { terminalSigner, testSigner, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { Exchange } from "../../sync/exchange.ts";
import { Uploader } from "../../sync/uploader.ts";
import type { JournalIdentity } from "../identity.ts";
import { openJournal } from "../open-journal.ts";
import { fingerprintOf } from "./backup-note.ts";
import { makeBackup } from "./make-backup.ts";
import { type Restored, restoreBackup } from "./restore-backup.ts";

let terminal: TestTerminal;
let file: string;

beforeEach(async () => {
  terminal = await TestTerminal.make();
  terminal.reader.card = await terminal.card();
  file = join(dirname(terminal.config.journalPath), "kept");
});
afterEach(() => {
  terminal.remove();
});

const places = () => {
  const { journalPath, witnessPath, payee, terminalId } = terminal.config;
  return { journalPath, witnessPath, identity: { payee, terminalId, terminalKey: terminalSigner.publicKey } };
};

/** Sells, and stops the gateway. */
async function sellAndStop(...amounts: readonly bigint[]): Promise<void> {
  for (const amount of amounts) await terminal.tap(amount);
  await terminal.gateway.engine.rest();
  terminal.gateway.journal.close();
}

const back = (identity: JournalIdentity = places().identity): Restored =>
  restoreBackup({ ...places(), identity, file });
const keep = (now = 7) => makeBackup({ ...places(), file, now });

/** Has the terminal start again as it lies there. */
const start = (options = {}) => terminal.restart(options);

function loseDisk({ witness }: { readonly witness: boolean }): void {
  const { journalPath, witnessPath } = places();
  for (const lost of [journalPath, `${journalPath}-wal`, ...(witness ? [witnessPath] : [])])
    rmSync(lost, { force: true });
}

describe("a backup of a box", () => {
  it("brings a lost journal back whole, and the terminal sells on", async () => {
    await sellAndStop(2n, 3n);
    const note = keep();
    expect(note).toMatchObject({ madeAt: 7, terminalKey: fingerprintOf(terminalSigner.publicKey) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    loseDisk({ witness: false });
    expect(back()).toEqual({ note, movedTo: null, missing: 0 });
    start();
    expect(terminal.gateway.journal.taps.recent(10)).toHaveLength(2);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    expect(readdirSync(dirname(file)).filter((name) => /restoring|\.new$/.test(name))).toEqual([]);
  });

  it("holds no key", async () => {
    await sellAndStop(2n);
    keep();
    const bytes = readFileSync(file);
    const secrets = [terminalSigner, testSigner("terminal")].map(
      (signer) => signer as unknown as { secretKey?: Uint8Array },
    );
    for (const { secretKey } of secrets)
      if (secretKey !== undefined) expect(bytes.includes(Buffer.from(secretKey))).toBe(false);
    const database = new Database(file, { readonly: true });
    const { note } = database.prepare<[], { note: string }>("SELECT note FROM backup_note").get() ?? { note: "" };
    database.close();
    expect(Object.keys(JSON.parse(note) as object)).toEqual([
      ...["schema", "madeAt", "journal", "events", "head", "payee", "terminalId", "terminalKey"],
    ]);
  });

  it("is refused in the place of a journal that has come further, which stays as it was", async () => {
    await sellAndStop(2n);
    keep();
    start();
    await sellAndStop(3n);
    const before = readFileSync(places().journalPath);
    expect(back).toThrow(expect.objectContaining({ code: "BACKUP_OLDER" }));
    expect(readFileSync(places().journalPath)).toEqual(before);
    // One that holds the same is no loss, and goes aside all the same.
    rmSync(file);
    const note = keep();
    const { movedTo } = back();
    expect(movedTo).toBe(`${places().journalPath}.before-restore`);
    expect(existsSync(movedTo ?? "")).toBe(true);
    start();
    expect(terminal.gateway.journal.taps.recent(10)).toHaveLength(2);
    expect(note.events).toBeGreaterThan(0);
  });

  it("takes the place of a damaged journal, which is kept beside it", async () => {
    await sellAndStop(2n);
    keep();
    truncateSync(places().journalPath, 5_000);
    writeFileSync(`${places().journalPath}.before-restore`, "an earlier one");
    expect(back()).toMatchObject({ movedTo: `${places().journalPath}.before-restore-2` });
    start();
    expect(terminal.gateway.journal.taps.recent(10)).toHaveLength(1);
  });

  it("is neither made nor put back while a gateway runs", async () => {
    await terminal.tap(2n);
    await terminal.gateway.engine.rest();
    expect(() => keep()).toThrow(expect.objectContaining({ code: "JOURNAL_IN_USE" }));
    expect(existsSync(file)).toBe(false);
    terminal.gateway.journal.close();
    keep();
    start();
    expect(back).toThrow(expect.objectContaining({ code: "JOURNAL_IN_USE" }));
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
  });

  it("is of one terminal and one key, and nothing else is taken for one", async () => {
    await sellAndStop(2n);
    keep();
    expect(() => keep()).toThrow(expect.objectContaining({ code: "BACKUP_EXISTS" }));
    const { identity, journalPath } = places();
    const others = [{ terminalKey: testSigner("other").publicKey }, { terminalId: new Uint8Array(8).fill(9) }];
    for (const other of others)
      expect(() => back({ ...identity, ...other })).toThrow(expect.objectContaining({ code: "BACKUP_OTHER_TERMINAL" }));
    const bare = join(dirname(file), "bare");
    copyFileSync(journalPath, bare);
    const wrong = (path: string, text?: string) => {
      if (text !== undefined) writeFileSync(path, text);
      return () => restoreBackup({ ...places(), file: path });
    };
    expect(wrong(bare)).toThrow(expect.objectContaining({ code: "BACKUP_NOT_A_BACKUP" }));
    expect(wrong(join(dirname(file), "text"), "no database".repeat(100))).toThrow(
      expect.objectContaining({ code: "BACKUP_NOT_A_BACKUP" }),
    );
    expect(wrong(join(dirname(file), "nowhere"))).toThrow(expect.objectContaining({ code: "BACKUP_UNREADABLE" }));
    const database = new Database(file);
    database.exec("UPDATE backup_note SET note = replace(note, 'madeAt\":7', 'madeAt\":7,\"more\":1')");
    database.close();
    expect(back).toThrow(expect.objectContaining({ code: "BACKUP_NOT_A_BACKUP" }));
    expect(wrong(file)).toThrow(expect.objectContaining({ code: "BACKUP_NOT_A_BACKUP" }));
    expect(() => makeBackup({ ...places(), journalPath: `${journalPath}.none`, file: `${file}2`, now: 0 })).toThrow(
      expect.objectContaining({ code: "BACKUP_NO_JOURNAL" }),
    );
    start();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
  });
});

describe("an old backup that was put back", () => {
  it("is found by the witness, which restore tells of", async () => {
    await sellAndStop(2n);
    const { events } = keep();
    start();
    await sellAndStop(3n, 4n);
    loseDisk({ witness: false });
    const { missing } = back();
    expect(missing).toBeGreaterThan(0);
    const { config } = terminal;
    const open = (acceptRestored: boolean) =>
      openJournal(config, { terminalKey: terminalSigner.publicKey, now: 9, acceptRestored });
    expect(() => open(false)).toThrow(expect.objectContaining({ code: "JOURNAL_RESTORED" }));
    const accepted = open(true);
    expect(accepted.taps.recent(10)).toHaveLength(1);
    accepted.close();
    expect(events).toBeGreaterThan(0);
    start();
  });

  it("is found by settlement where the witness was lost with it", async () => {
    const settlement = new LineSettlement();
    const run = async (): Promise<void> => {
      const { gateway, config } = terminal;
      const uploader = new Uploader({ ...gateway, config, signer: terminalSigner });
      await new Exchange({ ...gateway, uploader, settlementOf: () => settlement }).run();
    };
    await terminal.tap(2n);
    await run();
    await sellAndStop();
    keep();
    start();
    await terminal.offerList();
    terminal.knowTime();
    for (const amount of [3n, 4n]) {
      expect(await terminal.tap(amount)).toMatchObject({ outcome: "accepted" });
      await run();
    }
    await sellAndStop();
    loseDisk({ witness: true });
    expect(back()).toMatchObject({ missing: null });
    start();
    await terminal.offerList();
    terminal.knowTime();
    expect(await terminal.tap(5n)).toMatchObject({ outcome: "accepted" });
    await run();
    expect(await terminal.tap(6n)).toMatchObject({ outcome: "refused", code: "JOURNAL_FORGOTTEN" });
  });
});
