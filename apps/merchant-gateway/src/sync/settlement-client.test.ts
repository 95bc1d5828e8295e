import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { signList } from "../../test/harness/test-terminal.ts";
import { createSettlementClient, SettlementError, type SettlementClient } from "./settlement-client.ts";

let server: Server;
let answer: (response: ServerResponse) => void;
let asked: { readonly method: string; readonly url: string; readonly type: string; readonly body: string }[];
let client: SettlementClient;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const type = request.headers["content-type"] ?? "";
      const body = Buffer.concat(chunks).toString(type.includes("octet") ? "hex" : "utf8");
      asked.push({ method: request.method ?? "", url: request.url ?? "", type, body });
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

/** An answer of anybody. */
function say(status: number, type: string, text: string, headers: Record<string, string> = {}): void {
  answer = (response) => {
    response.writeHead(status, { ...(type === "" ? {} : { "content-type": type }), ...headers }).end(text);
  };
}

function problem(status: number, code: string, more: object = {}): void {
  say(status, "application/problem+json; charset=utf-8", JSON.stringify({ code, detail: "No.", ...more }));
}

const upload = {
  upload: `0x${"01".repeat(128)}`,
  signature: `0x${"02".repeat(64)}`,
  certificate: `0x${"03".repeat(163)}`,
  certificateSignature: `0x${"04".repeat(64)}`,
  body: "0x01",
};
const receipt = { receipt: `0x${"05".repeat(101)}`, receiptSignature: `0x${"06".repeat(64)}` };
const results = [{ voucherId: `0x${"ab".repeat(32)}`, status: "new" as const, code: null }];

describe("an upload", () => {
  it("goes as one octet stream, and its results are read", async () => {
    json(200, { results });
    expect(await client.upload(upload)).toEqual({ results });
    const body = Object.values(upload)
      .map((part) => part.slice(2))
      .join("");
    expect(asked).toEqual([{ method: "POST", url: "/v1/uploads", type: "application/octet-stream", body }]);
  });

  it("goes as JSON where a receipt goes along", async () => {
    json(200, { results });
    await client.upload({ ...upload, ...receipt });
    expect(asked).toMatchObject([{ type: "application/json" }]);
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ ...upload, ...receipt });
  });

  it("goes as JSON from the first 415 on", async () => {
    answer = (response) => {
      const isStream = asked.at(-1)?.type === "application/octet-stream";
      response
        .writeHead(isStream ? 415 : 200, { "content-type": isStream ? "text/plain" : "application/json" })
        .end(JSON.stringify({ results }));
    };
    expect(await client.upload(upload)).toEqual({ results });
    expect(await client.upload(upload)).toEqual({ results });
    const types = asked.map(({ type }) => type);
    expect(types).toEqual(["application/octet-stream", "application/json", "application/json"]);
    expect(JSON.parse(asked[2]?.body ?? "")).toEqual(upload);
  });

  it.each(["MALFORMED_UPLOAD", "PAYLOAD_TOO_LARGE"])("is refused as it is by settlement's own %s", async (code) => {
    problem(code === "MALFORMED_UPLOAD" ? 400 : 413, code, receipt);
    expect(await errorOf(client.upload(upload))).toMatchObject({
      ...{ code: "SETTLEMENT_REFUSED", reason: code, against: "settlement", receipt },
    });
  });

  it.each<[string, () => void]>([
    ["a proxy's page", () => void say(413, "text/html", "<h1>413 Request Entity Too Large</h1>")],
    ["a proxy without a word", () => void say(413, "", "")],
    ["JSON that is no problem document", () => void json(413, { code: "PAYLOAD_TOO_LARGE" })],
    ["another problem's 413", () => void problem(413, "BODY_LIMIT")],
  ])("is refused as it is by anybody's 413: %s", async (_, answering) => {
    answering();
    expect(await errorOf(client.upload(upload))).toMatchObject({ code: "SETTLEMENT_REFUSED", against: "anybody" });
  });

  it.each<[string, () => void]>([
    ["settlement's 403", () => void problem(403, "UPLOAD_UNTRUSTED")],
    ["settlement's 429", () => void problem(429, "RECEIPT_QUOTA")],
    ["settlement's 503", () => void problem(503, "DATABASE_UNAVAILABLE")],
    ["a portal's 403", () => void say(403, "text/html", "<form>")],
    ["a portal's 404", () => void say(404, "text/html", "<h1>Not found</h1>")],
    ["a portal's 400 that says MALFORMED_UPLOAD", () => void json(400, { code: "MALFORMED_UPLOAD" })],
    ["a portal's redirect", () => void say(302, "text/html", "", { location: "http://portal.invalid/" })],
  ])("counts nothing against itself from %s", async (_, answering) => {
    answering();
    expect(await errorOf(client.upload(upload))).toMatchObject({ against: null });
  });
});

describe("other calls to settlement", () => {
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
    expect(asked).toMatchObject([{ method: "POST", url: "/v1/requests", type: "application/octet-stream" }]);
  });

  it.each(["{", "", "null"])("take no answer that is no JSON, or nothing: %j", async (text) => {
    say(200, "application/json", text);
    const request = { ...upload, request: `0x${"01".repeat(113)}` };
    expect(await errorOf(client.request(request))).toMatchObject({ code: "SETTLEMENT_ANSWER_UNREADABLE", status: 200 });
  });

  it("name why the vault would not do what was ordered", async () => {
    const order = { ...upload, request: `0x${"01".repeat(113)}` };
    say(409, "application/problem+json", JSON.stringify({ code: "REFUND_ORDER_REFUSED", reason: "NotDelegate" }));
    expect(await errorOf(client.request(order))).toMatchObject({
      ...{ code: "SETTLEMENT_REFUSED", refusal: "REFUND_ORDER_REFUSED", vaultReason: "NotDelegate" },
    });
    say(409, "application/problem+json", JSON.stringify({ code: "REQUEST_REPEATED", reason: 7 }));
    expect(await errorOf(client.request(order))).toMatchObject({ refusal: "REQUEST_REPEATED", vaultReason: null });
  });

  it("tells from when on a terminal's certificate is withdrawn, where the refusal says it as a time", async () => {
    const order = { ...upload, request: `0x${"01".repeat(113)}` };
    for (const [withdrawnFrom, told] of [
      [1_790_000_000, 1_790_000_000],
      [0, 0],
      ["1790000000", null],
      [-1, null],
      [2 ** 32, null],
    ]) {
      say(403, "application/problem+json", JSON.stringify({ code: "CERTIFICATE_NOT_VALID", withdrawnFrom }));
      expect(await errorOf(client.request(order))).toMatchObject({
        ...{ refusal: "CERTIFICATE_NOT_VALID", withdrawnFrom: told },
      });
    }
  });
});

describe("who answered in settlement's place", () => {
  it.each<[string, string, () => void]>([
    ["SETTLEMENT_REFUSED", "UPLOAD_UNTRUSTED", () => void problem(403, "UPLOAD_UNTRUSTED")],
    ["SETTLEMENT_UNREACHABLE", "INTERNAL", () => void problem(500, "INTERNAL")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(200, "text/html", "<html>log in</html>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(200, "", "<html>log in</html>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(302, "", "", { location: "http://portal.invalid/" })],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(307, "", "", { location: "http://portal.invalid/" })],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(401, "text/plain", "who are you?")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(511, "text/html", "<html>log in</html>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(407, "text/plain", "who are you?")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(404, "application/xhtml+xml", "<html/>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_LOGIN_PAGE", () => void say(399, "text/plain", "")],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void say(500, "text/html", "<h1>Error</h1>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void say(400, "application/json", "{}")],
    ["SETTLEMENT_REFUSED", "LATER", () => void problem(499, "LATER")],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void say(400, "text/plain", "bad request")],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void json(400, { code: "MALFORMED_UPLOAD" })],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void say(502, "text/html", "<h1>Bad gateway</h1>")],
    ["SETTLEMENT_UNREACHABLE", "LINE_OTHER_ANSWERED", () => void problem(400, "not a code")],
    ["SETTLEMENT_ANSWER_UNREADABLE", "SETTLEMENT_ANSWER_UNREADABLE", () => void say(200, "application/json", "{")],
    ["SETTLEMENT_ANSWER_UNREADABLE", "SETTLEMENT_ANSWER_UNREADABLE", () => void json(200, { results: "none" })],
    [
      "SETTLEMENT_ANSWER_UNREADABLE",
      "SETTLEMENT_ANSWER_UNREADABLE",
      () => void json(200, { results: [{ voucherId: "0x", status: "new", code: null }] }),
    ],
    ["SETTLEMENT_UNREACHABLE", "LINE_CONNECTION_RESET", () => (answer = (response) => void response.destroy())],
  ])("is %s, told as %s", async (code, reason, answering) => {
    answering();
    const error = await errorOf(client.upload(upload));
    expect([error.code, error.reason]).toEqual([code, reason]);
    expect(error.message).not.toMatch(/fetch failed/i);
  });
});
