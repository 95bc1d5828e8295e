import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { asFailure } from "../failures.ts";
import { MAX_ANSWER_BYTES } from "../limits.ts";
import { createSettlementClient, type SettlementClient } from "./settlement-client.ts";

let server: Server | null = null;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
});

/** A settlement that answers everything alike. */
async function answering(
  status: number,
  body: string,
  signal = new AbortController().signal,
): Promise<SettlementClient> {
  const started = createServer((_request, response) => response.writeHead(status).end(body));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  return createSettlementClient({ url: `http://127.0.0.1:${port}`, token: "t", signal });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "answered",
    (error: unknown) => asFailure(error).code,
  );
}

const problem = (code: string): string => JSON.stringify({ type: "x", title: "x", status: 400, detail: "why", code });
const request = {
  ...{ perTap: "1", pinAbove: "1", noPinSum: "1", noPinCount: 1, notBefore: 0, notAfter: 1, categories: "1", flags: 0 },
  reason: "a test",
};

describe("createSettlementClient", () => {
  it.each([
    ["a server that fails", 503, problem("DATABASE_UNAVAILABLE"), "SETTLEMENT_UNREACHABLE"],
    ["a failure without a problem document", 502, "<html>", "SETTLEMENT_UNREACHABLE"],
    ["a refusal", 403, problem("FORBIDDEN"), "SETTLEMENT_REFUSED"],
    ["a refusal without a code", 404, "not here", "SETTLEMENT_REFUSED"],
    ["no JSON", 200, "<html>", "SETTLEMENT_ANSWER"],
    ["another form", 200, "{}", "SETTLEMENT_ANSWER"],
    ["too much", 200, `"${"x".repeat(MAX_ANSWER_BYTES)}"`, "SETTLEMENT_ANSWER"],
    ["a redirection", 302, "", "SETTLEMENT_REFUSED"],
  ])("names %s", async (_name, status, body, code) => {
    const client = await answering(status, body);
    expect(await codeOf(client.domain())).toBe(code);
  });

  it("answers that the chain is not final instead of failing", async () => {
    const client = await answering(409, problem("FUNDING_RULE"));
    expect(await client.issueAllowance("0x00", request)).toEqual({ refused: "FUNDING_RULE", detail: "why" });
    expect(await codeOf(client.fund("0x00", { amount: "1", key: "k", reason: "a test" }))).toBe("SETTLEMENT_REFUSED");
  });

  it("has nothing to release of a reference that another station has claimed by then", async () => {
    const client = await answering(409, problem("REFERENCE_CLAIMED"));
    expect(await codeOf(client.releaseReference("C-1"))).toBe("answered");
    expect(await codeOf(client.renameCard("0x00", { reference: "C-1", reason: "a test" }))).toBe("SETTLEMENT_REFUSED");
  });

  it("names a server that is not there, and a run that was stopped", async () => {
    const stop = new AbortController();
    const client = await answering(200, "{}", stop.signal);
    stop.abort();
    expect(await codeOf(client.domain())).toBe("INTERRUPTED");
    const nobody = createSettlementClient({
      url: "http://127.0.0.1:1",
      token: "t",
      signal: new AbortController().signal,
    });
    expect(await codeOf(nobody.domain())).toBe("SETTLEMENT_UNREACHABLE");
  });
});
