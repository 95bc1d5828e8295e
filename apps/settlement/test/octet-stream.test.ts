import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  challengeEntry,
  digestOf,
  fromHex,
  joinCertifiedBytes,
  MAX_UPLOAD_BODY_LENGTH,
  toHex,
} from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import { certifiedTerminal } from "./harness/issued.ts";
import { createHarness, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly receipt?: string;
  readonly results?: readonly unknown[];
}

describe("an upload as an octet stream", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;
  let url: string;

  beforeAll(async () => {
    harness = await createHarness();
    service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    terminal = await certifiedTerminal(harness, service);
    url = await service.app.getUrl();
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const streamOf = (upload: UploadRequest): Uint8Array =>
    joinCertifiedBytes({
      object: fromHex(upload.upload),
      signature: fromHex(upload.signature),
      certificate: fromHex(upload.certificate),
      certificateSignature: fromHex(upload.certificateSignature),
      body: fromHex(upload.body),
    });
  const next = () => terminal.upload({ entries: [challengeEntry({ challenge: new Uint8Array(16).fill(5) })] });
  async function send(body: Uint8Array, headers: Record<string, string> = {}, path = "/v1/uploads"): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", ...headers },
      body: Buffer.from(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }
  const stored = async (): Promise<readonly number[]> => {
    const count = async (table: "uploads" | "receipts") =>
      Number(
        (
          await service.platform.db
            .selectFrom(table)
            .select((select) => select.fn.countAll<string>().as("rows"))
            .where("payee", "=", terminal.payee)
            .executeTakeFirstOrThrow()
        ).rows,
      );
    return [await count("uploads"), await count("receipts")];
  };

  it("is the same upload as in JSON: either again has no further effect", async () => {
    const upload = await next();
    const answer = await send(streamOf(upload));
    expect([answer.status, answer.results]).toEqual([200, []]);
    const again = await service.call("POST", "/v1/uploads", { body: upload });
    expect([again.status, again.body.receipt]).toEqual([200, answer.receipt]);
    expect(await stored()).toEqual([1, 1]);
  });

  it.each<[string, (good: Uint8Array) => Uint8Array, Record<string, string>, number, string]>([
    ["nothing", () => new Uint8Array(0), {}, 400, "MALFORMED_UPLOAD"],
    ["cut in its certificate", (good) => good.subarray(0, 300), {}, 400, "MALFORMED_UPLOAD"],
    ["cut before its body", (good) => good.subarray(0, 419), {}, 403, "UPLOAD_UNTRUSTED"],
    ["cut in its body", (good) => good.subarray(0, -1), {}, 403, "UPLOAD_UNTRUSTED"],
    ["sent twice in one", (good) => Buffer.concat([good, good]), {}, 403, "UPLOAD_UNTRUSTED"],
    ["with a body twice", (good) => Buffer.concat([good, good.subarray(420)]), {}, 403, "UPLOAD_UNTRUSTED"],
    [
      "with object and certificate changed round",
      (good) => Buffer.concat([good.subarray(192, 419), good.subarray(0, 192), good.subarray(419)]),
      {},
      400,
      "MALFORMED_UPLOAD",
    ],
    ["with a byte before it", (good) => Buffer.concat([Buffer.alloc(1), good]), {}, 400, "MALFORMED_UPLOAD"],
    ["compressed without a word", (good) => gzipSync(good), {}, 400, "MALFORMED_UPLOAD"],
    ["compressed", (good) => gzipSync(good), { "content-encoding": "gzip" }, 415, "UNSUPPORTED_MEDIA"],
    ["said to be a picture", (good) => good, { "content-type": "image/png" }, 415, "UNSUPPORTED_MEDIA"],
    ["said to be text", (good) => good, { "content-type": "text/plain" }, 400, "MALFORMED_BODY"],
    ["said to be JSON", (good) => good, { "content-type": "application/json" }, 400, "MALFORMED_BODY"],
    [
      "longer than any upload",
      (good) => Buffer.concat([good, Buffer.alloc(MAX_UPLOAD_BODY_LENGTH)]),
      {},
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    ["above the limit of every call", () => new Uint8Array(1_100_000), {}, 413, "PAYLOAD_TOO_LARGE"],
  ])("%s is refused, and nothing of it is stored", async (_, change, headers, status, code) => {
    const before = await stored();
    const answer = await send(change(streamOf(await next())), headers);
    expect([answer.status, answer.code, answer.receipt]).toEqual([status, code, undefined]);
    expect(await stored()).toEqual(before);
  });

  it.each([
    // What is left over is no request: the server hangs up, with or without a word about the rest.
    ["shorter", -30],
    // What is missing never comes: the sender hangs up, and there is nobody to answer.
    ["longer", 30],
  ])("with a length said to be %s than it is stores nothing", async (_, by) => {
    const before = await stored();
    const bytes = streamOf(await next());
    const { hostname, port } = new URL(url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /v1/uploads HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/octet-stream\r\n` +
            `content-length: ${bytes.length + by}\r\nconnection: close\r\n\r\n`,
        );
        socket.end(bytes);
      });
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("close", () => {
        resolve(text);
      });
      socket.on("error", reject);
    });
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
    expect(await stored()).toEqual(before);
  });

  it("is taken at no other call", async () => {
    const answer = await send(new Uint8Array(500), {}, "/v1/certificate-requests");
    expect([answer.status, answer.code]).toEqual([415, "UNSUPPORTED_MEDIA"]);
  });

  it("is judged like the JSON form: a body that no decoder takes has its receipt", async () => {
    const upload = await next();
    const head = fromHex(upload.upload);
    const body = Uint8Array.of(1, 9, 0, 0);
    head.set(digestOf(body), 96);
    const signature = toHex(await terminal.signer.sign(digestOf(head)));
    const answer = await send(streamOf({ ...upload, upload: toHex(head), signature, body: toHex(body) }));
    expect([answer.status, answer.code]).toEqual([400, "MALFORMED_UPLOAD"]);
    expect(answer.receipt).toMatch(/^0x/);
  });
});
