import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  challengeEntry,
  decodeUpload,
  fromHex,
  setAsideEntry,
  type SetAsideUpload,
  toHex,
  type UploadEntry,
} from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import { certifiedTerminal } from "./harness/issued.ts";
import {
  createHarness,
  type SettlementHarness,
  type TestAnswer,
  type TestService,
} from "./harness/settlement-harness.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

describe("a terminal's chain of uploads", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness();
    service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const challenge = (): UploadEntry => challengeEntry({ challenge: randomBytes(16) });
  const send = async (upload: UploadRequest): Promise<TestAnswer> => {
    const answer = await service.call("POST", "/v1/uploads", { body: upload });
    expect(answer.status).toBe(200);
    return answer;
  };
  const setAside = ({ upload, signature }: UploadRequest): SetAsideUpload => ({
    upload: decodeUpload(fromHex(upload)),
    signature: fromHex(signature),
  });
  const next = (terminal: TestTerminal, ...told: readonly UploadRequest[]): Promise<UploadRequest> =>
    terminal.upload({ entries: [challenge(), ...told.map((each) => setAsideEntry(setAside(each)))] });
  const anomaliesOf = async ({ payee }: TestTerminal): Promise<readonly string[]> => {
    const rows = await service.platform.db
      .selectFrom("anomalies")
      .select("kind")
      .where("payee", "=", payee)
      .orderBy("id")
      .execute();
    return rows.map(({ kind }) => kind);
  };

  it("begins with zeros: a first upload that names a head is an anomaly, and is taken", async () => {
    const terminal = await certifiedTerminal(harness, service);
    terminal.head = randomBytes(32);
    await send(await next(terminal));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_HEAD"]);
    await send(await next(terminal));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_HEAD"]);
  });

  it("has no gap where a later upload brings those that were set aside, in whatever order", async () => {
    const terminal = await certifiedTerminal(harness, service);
    await send(await next(terminal));
    const aside = [await next(terminal), await next(terminal), await next(terminal)];
    await send(await next(terminal, ...aside.toReversed()));
    await send(await next(terminal));
    expect(await anomaliesOf(terminal)).toEqual([]);
    const kept = await service.platform.db
      .selectFrom("set_aside_uploads")
      .select("upload")
      .where("payee", "=", terminal.payee)
      .orderBy("seq")
      .execute();
    expect(kept.map(({ upload }) => toHex(upload))).toEqual(aside.map(({ upload }) => upload));
  });

  it("also where the first of all was set aside, and where one arrives all the same", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const first = await next(terminal);
    await send(await next(terminal, first));
    await send(await next(terminal, first));
    await send(first);
    expect(await anomaliesOf(terminal)).toEqual([]);
  });

  it("has a gap where the one before it is left out, and none where it is brought before an earlier one", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const aside = [await next(terminal), await next(terminal)];
    await send(await next(terminal, ...aside.slice(1)));
    await send(await next(terminal, ...aside.slice(0, 1)));
    expect(await anomaliesOf(terminal)).toEqual([]);
    const left = await next(terminal);
    await send(await next(terminal, ...aside));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_GAP"]);
    await send(left);
  });

  it("is broken where one set aside names another head than the upload before it", async () => {
    const terminal = await certifiedTerminal(harness, service);
    await send(await next(terminal));
    terminal.head = randomBytes(32);
    const aside = await next(terminal);
    await send(await next(terminal, aside));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_HEAD"]);
  });

  it("takes nothing from an upload set aside that another terminal signed", async () => {
    const [terminal, other] = [await certifiedTerminal(harness, service), await certifiedTerminal(harness, service)];
    await next(terminal);
    await send(await next(terminal, await next(other)));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_GAP"]);
  });

  it("is shown to be another where the number was used before", async () => {
    const terminal = await certifiedTerminal(harness, service);
    const aside = await next(terminal);
    await send(await next(terminal, aside));
    Object.assign(terminal, { seq: 1, head: new Uint8Array(32) });
    await send(await next(terminal));
    expect(await anomaliesOf(terminal)).toEqual(["UPLOAD_FORK"]);
  });

  describe("the latest upload in an answer", () => {
    const latestOf = ({ body }: TestAnswer): readonly unknown[] => [body.latestUpload, body.latestUploadSignature];

    it("is left out where the upload is that one, also when it is repeated", async () => {
      const terminal = await certifiedTerminal(harness, service);
      for (let round = 0; round < 2; round += 1) {
        const upload = await next(terminal);
        expect(latestOf(await send(upload))).toEqual([undefined, undefined]);
        expect(latestOf(await send(upload))).toEqual([undefined, undefined]);
      }
    });

    it("is the one with the highest number, as the terminal signed it, for one that comes late", async () => {
      const terminal = await certifiedTerminal(harness, service);
      const [early, later, last] = [await next(terminal), await next(terminal), await next(terminal)];
      for (const upload of [later, last]) await send(upload);
      expect(latestOf(await send(early))).toEqual([last.upload, last.signature]);
    });

    it("tells a terminal that starts anew what it sent before, and no other terminal", async () => {
      const terminal = await certifiedTerminal(harness, service);
      const before = await next(terminal);
      await send(before);
      Object.assign(terminal, { seq: 1, head: new Uint8Array(32) });
      expect(latestOf(await send(await next(terminal)))).toEqual([before.upload, before.signature]);
      const other = await certifiedTerminal(harness, service);
      expect(latestOf(await send(await next(other)))).toEqual([undefined, undefined]);
    });
  });

  it("is evidence: what was set aside is neither changed nor removed", async () => {
    const { pool } = service.platform;
    await expect(pool.query("delete from set_aside_uploads")).rejects.toMatchObject({ code: "TS001" });
    await expect(pool.query("update set_aside_uploads set seq = 9")).rejects.toMatchObject({ code: "TS001" });
  });
});
