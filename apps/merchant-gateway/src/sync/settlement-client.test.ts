import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { signList } from "../../test/harness/test-terminal.ts";
import { createSettlementClient, SettlementError, type SettlementClient } from "./settlement-client.ts";

let server: Server;
let answer: (response: ServerResponse) => void;
let asked: { readonly method: string; readonly url: string; readonly body: string }[];
let client: SettlementClient;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ method: request.method ?? "", url: request.url ?? "", body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = createSettlementClient(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function json(status: number, body: unknown): void {
  answer = (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

async function errorOf(work: Promise<unknown>): Promise<SettlementError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SettlementError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const upload = { upload: "0x", signature: "0x", certificate: "0x", certificateSignature: "0x", body: "0x01" };

describe("calls to settlement", () => {
  it("post an upload and read its results", async () => {
    const results = [{ voucherId: `0x${"ab".repeat(32)}`, status: "new" as const, code: null }];
    json(200, { results });
    expect(await client.upload(upload)).toEqual({ results });
    expect(asked).toEqual([{ method: "POST", url: "/v1/uploads", body: JSON.stringify(upload) }]);
  });

  it("read a status list", async () => {
    const list = await signList();
    json(200, {
      head: toHex(list.head),
      signature: toHex(list.signature),
      list: Buffer.from(list.packedList).toString("base64"),
    });
    expect(await client.statusList()).toEqual(list);
  });

  it("post a request of the terminal, and leave its answer to who asked", async () => {
    const request = { ...upload, request: `0x${"01".repeat(113)}` };
    json(200, { states: [], more: "fields of later versions" });
    expect(await client.request(request)).toEqual({ states: [], more: "fields of later versions" });
    expect(asked).toEqual([{ method: "POST", url: "/v1/requests", body: JSON.stringify(request) }]);
  });

  it("name why the vault would not do what was ordered", async () => {
    json(409, { code: "REFUND_ORDER_REFUSED", reason: "NotDelegate" });
    const order = { ...upload, request: "0x" };
    expect(await errorOf(client.request(order))).toMatchObject({
      ...{ code: "SETTLEMENT_REFUSED", refusal: "REFUND_ORDER_REFUSED", vaultReason: "NotDelegate" },
    });
    json(409, { code: "REQUEST_REPEATED", reason: 7 });
    expect(await errorOf(client.request(order))).toMatchObject({ refusal: "REQUEST_REPEATED", vaultReason: null });
  });

  it.each([
    [403, { code: "UPLOAD_UNTRUSTED" }, "SETTLEMENT_REFUSED", "UPLOAD_UNTRUSTED"],
    [400, "no problem document", "SETTLEMENT_REFUSED", null],
    [500, { code: "INTERNAL" }, "SETTLEMENT_UNREACHABLE", null],
    [503, {}, "SETTLEMENT_UNREACHABLE", null],
    [200, { results: "none" }, "SETTLEMENT_ANSWER_UNREADABLE", null],
    [200, { results: [{ voucherId: "0x", status: "new", code: null }] }, "SETTLEMENT_ANSWER_UNREADABLE", null],
  ])("answered %p %p are %s", async (status, body, code, refusal) => {
    json(status, body);
    expect(await errorOf(client.upload(upload))).toMatchObject({ code, refusal });
  });

  it("answered without JSON, by a redirect or not at all have codes of their own", async () => {
    answer = (response) => void response.writeHead(200).end("<html>a hotel's login page</html>");
    expect(await errorOf(client.statusList())).toMatchObject({ code: "SETTLEMENT_ANSWER_UNREADABLE" });
    answer = (response) => void response.writeHead(302, { location: "http://example.invalid/" }).end();
    expect(await errorOf(client.statusList())).toMatchObject({ code: "SETTLEMENT_UNREACHABLE" });
    answer = (response) => response.destroy();
    expect(await errorOf(client.statusList())).toMatchObject({ code: "SETTLEMENT_UNREACHABLE" });
  });
});
