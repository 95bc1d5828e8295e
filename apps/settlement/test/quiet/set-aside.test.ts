import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import {
  challengeEntry,
  decodeUpload,
  digestOf,
  encodeUpload,
  setAsideEntry,
  toHex,
  type Upload,
} from "@tallystick/protocol";
import type { UploadBytes } from "../../src/vouchers/verification/verify-upload.ts";
import { NOW, QuietHarness } from "../harness/quiet/quiet-harness.ts";
import { intakeOf, nextUpload } from "../harness/quiet/quiet-intake.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  terminal = await harness.terminal();
});

type Told = Pick<UploadBytes, "upload" | "signature">;

/** A terminal's next upload, which tells of these that it set aside. */
const upload = (told: readonly Told[] = [], from = terminal): Promise<UploadBytes> =>
  nextUpload(from, {
    entries: [
      challengeEntry({ challenge: randomBytes(16) }),
      ...told.map((each) => setAsideEntry({ upload: decodeUpload(each.upload), signature: each.signature })),
    ],
  });
const take = async (bytes: UploadBytes | Promise<UploadBytes>) => intakeOf(harness).take(await bytes);

async function anomalies(): Promise<string[]> {
  const rows = await harness.db
    .selectFrom("anomalies")
    .select("kind")
    .where("payee", "=", terminal.payee)
    .orderBy("id")
    .execute();
  return rows.map(({ kind }) => kind);
}

const kept = () =>
  harness.db.selectFrom("set_aside_uploads").selectAll().where("payee", "=", terminal.payee).orderBy("seq").execute();

/** Codes of what an upload held and settlement refused. */
async function refused({ upload: bytes }: UploadBytes): Promise<string[]> {
  const rows = await harness.db
    .selectFrom("refused_entries")
    .select("code")
    .where("upload", "=", digestOf(bytes))
    .execute();
  return rows.map(({ code }) => code);
}

describe("an upload that was set aside", () => {
  it("is a link of the chain, told of in any order", async () => {
    await take(upload());
    const aside = [await upload(), await upload(), await upload()];
    await take(upload(aside.toReversed()));
    await take(upload());
    expect(await anomalies()).toEqual([]);
    expect((await kept()).map((row) => toHex(row.upload))).toEqual(aside.map((each) => toHex(each.upload)));
  });

  it("is kept once, with the upload that told of it first", async () => {
    const [aside] = [await upload()];
    const first = await upload([aside, aside]);
    await take(first);
    harness.nowMs += 5_000;
    await take(upload([aside]));
    const rows = await kept();
    expect(rows).toMatchObject([{ seq: 1n, told_at: new Date(NOW * 1_000) }]);
    expect(toHex(rows[0]?.told_by ?? Buffer.alloc(0))).toBe(toHex(digestOf(first.upload)));
    expect(toHex(rows[0]?.signature ?? Buffer.alloc(0))).toBe(toHex(aside.signature));
  });

  it("leaves no gap before it, because a later upload may tell of that one", async () => {
    const aside = [await upload(), await upload()];
    await take(upload(aside.slice(1)));
    expect(await anomalies()).toEqual([]);
    await take(upload(aside.slice(0, 1)));
    expect(await anomalies()).toEqual([]);
    await upload();
    await take(upload(aside));
    expect(await anomalies()).toEqual(["UPLOAD_GAP"]);
  });

  it("may arrive all the same", async () => {
    const aside = await upload();
    await take(upload([aside]));
    await take(aside);
    expect(await anomalies()).toEqual([]);
  });

  it("breaks the chain where it does not follow the one before it, or has its number twice", async () => {
    await take(upload());
    terminal.head = randomBytes(32);
    const aside = await upload();
    await take(upload([aside]));
    expect(await anomalies()).toEqual(["UPLOAD_HEAD"]);
    terminal.seq = 2;
    terminal.head = decodeUpload(aside.upload).previousJournalHead;
    const twin = await upload();
    terminal.seq = 4;
    await take(upload([twin]));
    expect((await anomalies()).slice(1).sort()).toEqual(["UPLOAD_FORK", "UPLOAD_HEAD", "UPLOAD_HEAD"]);
  });

  /** The same upload with something changed, signed by the terminal. */
  async function signed(bytes: Told, change: Partial<Upload>): Promise<Told> {
    const changed = encodeUpload({ ...decodeUpload(bytes.upload), ...change });
    return { upload: changed, signature: await terminal.signer.sign(digestOf(changed)) };
  }

  it.each<[string, (aside: UploadBytes) => Promise<Told>]>([
    ["another terminal's", async () => upload([], await harness.terminal({}, terminal.payee))],
    ["signed by nobody", async (aside) => ({ ...aside, signature: (await upload()).signature })],
    ["for another payee", async (aside) => signed(aside, { payee: (await harness.terminal()).payee })],
    ["for another terminal", async (aside) => signed(aside, { terminalId: randomBytes(8) })],
    ["for another chain", async (aside) => signed(aside, { domain: { ...terminal.domain, chainId: 5n } })],
  ])("is refused and not kept where it is %s", async (_what, lie) => {
    const bytes = await upload([await lie(await upload())]);
    await take(bytes);
    expect(await refused(bytes)).toEqual(["SET_ASIDE_UNTRUSTED"]);
    expect(await kept()).toEqual([]);
  });
});

describe("the upload with the highest number", () => {
  const latest = async (bytes: UploadBytes) => {
    const taken = (await take(bytes)).latest;
    return taken === null ? null : toHex(taken.upload);
  };

  it("is told where it is not the one that came", async () => {
    const [first, second, third] = [await upload(), await upload(), await upload()];
    expect(await latest(first)).toBeNull();
    expect(await latest(third)).toBeNull();
    expect(await latest(second)).toBe(toHex(third.upload));
    expect(await latest(third)).toBeNull();
    expect((await take(first)).latest).toEqual({
      upload: Buffer.from(third.upload),
      signature: Buffer.from(third.signature),
    });
  });

  it("is a twin of its number, and no upload of another terminal or payee", async () => {
    const first = await upload();
    await take(first);
    for (const other of [await harness.terminal({}, terminal.payee), await harness.terminal()]) {
      await upload([], other);
      await take(upload([], other));
    }
    terminal.seq = 1;
    terminal.head = Buffer.alloc(32);
    expect(await latest(await upload())).toBe(toHex(first.upload));
  });
});
