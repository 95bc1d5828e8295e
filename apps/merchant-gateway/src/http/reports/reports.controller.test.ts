import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toChecksumAddress, toHex } from "@tallystick/protocol";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import { payee, terminalId, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { MAX_ASKER_LENGTH, MAX_LISTED_REPORTS } from "./limits.ts";

let terminal: TestTerminal;
let server: TestApp;

beforeAll(async () => {
  terminal = await TestTerminal.make();
  server = await createTestApp(terminal.gateway);
});
afterAll(async () => {
  await server.close();
  terminal.remove();
});

async function call(method: "GET" | "POST" | "PUT", url: string, body?: unknown) {
  const headers = { host: "127.0.0.1:8300", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const {
    statusCode: status,
    headers: answered,
    payload: text,
  } = await server.app.inject({ method, url, headers, ...payload });
  const type = String(answered["content-type"]);
  return { status, type, text, body: type.includes("json") ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

describe("/v1/reports", () => {
  it("shows an X, closes the Z that it names once, and lists, shows and exports it", async () => {
    terminal.reader.card = await terminal.card();
    await call("PUT", "/v1/sales/one", { amount: "2.50", cashier: "ann" });
    await terminal.gateway.sales.settled();
    const x = await call("GET", "/v1/reports/x?by=ann");
    expect(x).toMatchObject({
      status: 200,
      body: { kind: "x", number: 1, by: "ann", terminalId: toHex(terminalId), payee: toChecksumAddress(payee) },
    });
    const z = await call("POST", "/v1/reports/z", { by: "bo", number: 1 });
    const sums = { payments: { count: 1, sum: "2.50" }, net: "2.50" };
    expect(z).toMatchObject({
      status: 200,
      body: {
        kind: "z",
        number: 1,
        by: "bo",
        totals: [sums],
        lines: [{ currency: "USDC", cashier: "ann", lane: "1", ...sums }],
      },
    });
    expect((await call("POST", "/v1/reports/z", { by: "cyd", number: 1 })).body).toEqual(z.body);
    expect((await call("GET", "/v1/reports/1")).body).toEqual(z.body);
    expect((await call("GET", "/v1/reports")).body).toEqual({ reports: [z.body], next: null });
    const file = await call("GET", "/v1/reports/1.csv");
    expect([file.status, file.type]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
    expect(file.text).toMatch(/^report,entry,type,time.*\r\n1,\d+,payment,[^,]*,one,,ann,1,USDC,2.50,0x/);
    expect((await call("GET", "/v1/reports/x.csv")).text.split("\r\n")).toHaveLength(2);
    for (const path of ["/v1/reports/2", "/v1/reports/2.csv"])
      expect(await call("GET", path)).toMatchObject({ status: 404, body: { code: "REPORT_UNKNOWN" } });
  });

  it("refuses what is no report, and closes nothing by it", async () => {
    for (const path of [
      "/v1/reports/0",
      "/v1/reports/a",
      "/v1/reports/1.5",
      "/v1/reports?cursor=x",
      "/v1/reports/x?to=1",
    ])
      expect([path, (await call("GET", path)).body["code"]]).toEqual([path, "MALFORMED_REQUEST"]);
    for (const body of [{ number: 0 }, { by: "" }, { by: "x".repeat(MAX_ASKER_LENGTH + 1) }, { until: 1 }])
      expect((await call("POST", "/v1/reports/z", body)).body["code"]).toBe("MALFORMED_REQUEST");
    expect(await call("POST", "/v1/reports/z", { number: 3 })).toMatchObject({
      ...{ status: 409, body: { code: "REPORT_OUT_OF_TURN" } },
    });
    expect((await call("GET", "/v1/reports/x")).body["number"]).toBe(2);
  });

  it("lists a page at a time", async () => {
    for (let count = 0; count <= MAX_LISTED_REPORTS; count += 1) terminal.gateway.reports.z({ by: null });
    const first = await call("GET", "/v1/reports");
    expect(first.body["reports"]).toHaveLength(MAX_LISTED_REPORTS);
    const rest = await call("GET", `/v1/reports?cursor=${String(first.body["next"])}`);
    expect(rest.body).toMatchObject({ reports: [{ number: 2 }, { number: 1 }], next: null });
  });
});
