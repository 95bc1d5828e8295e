import { createServer, request as requestHttp, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ManualTimer } from "@tallystick/program/testing";
import { startSettlement } from "../../test/harness/http-settlement.ts";
import { addVouchers } from "../../test/harness/line/more-vouchers.ts";
import { startPacedProxy } from "../../test/harness/line/paced-proxy.ts";
import { terminalSigner, TestTerminal } from "../../test/harness/test-terminal.ts";
import { Exchange } from "./exchange.ts";
import type { LineOptions } from "./line/http-line.ts";
import { createSettlementClient } from "./settlement-client.ts";
import { Uploader } from "./uploader.ts";

const ending: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A terminal that holds so many vouchers and nothing of which was sent. */
async function make(vouchers: number) {
  const terminal = await TestTerminal.make();
  ending.push(() => {
    terminal.remove();
  });
  terminal.reader.card = await terminal.card();
  const { voucherId: id } = await terminal.tap(1n);
  const first = terminal.gateway.journal.vouchers.byId(id ?? new Uint8Array(32));
  if (first === null) throw new Error("the tap was not accepted");
  addVouchers(terminal, first, vouchers - 1);
  const { gateway } = terminal;
  const exchangeOver = (url: string, options: LineOptions = {}): Exchange => {
    const settlement = { ...createSettlementClient(url, options), vouchers: () => Promise.resolve(null) };
    const uploader = new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner });
    return new Exchange({ ...gateway, uploader, settlementOf: () => settlement });
  };
  const unsent = () => gateway.journal.vouchers.unsent(first.domainBytes).count;
  return { terminal, exchangeOver, unsent };
}

async function settlementUrl(): Promise<string> {
  const settlement = await startSettlement();
  ending.push(() => settlement.stop());
  return settlement.url;
}

describe("a line of 64 kbit/s", () => {
  it("brings 169 payments, the status list and every answer, one after the other", async () => {
    const { exchangeOver, unsent } = await make(169);
    const proxy = await startPacedProxy(await settlementUrl());
    ending.push(() => proxy.stop());
    const timer = new ManualTimer();
    let done = false;
    const report = exchangeOver(proxy.url, { timer }).run();
    const ended = report.finally(() => (done = true));
    while (!done) {
      await Promise.race([proxy.step(8_000), ended]);
      await timer.pass(1_000);
    }
    expect(await report).toMatchObject({ faults: [], uploaded: { new: 169, setAside: 0 } });
    expect(unsent()).toBe(0);
  });
});

describe("a proxy that answers 413 to a body above 8 kB and hangs up before it has read it", () => {
  it("lets every payment through in the end", async () => {
    const { terminal, exchangeOver, unsent } = await make(60);
    const target = new URL(await settlementUrl());
    let refused = 0;
    const proxy = createServer((request, response) => {
      if (Number(request.headers["content-length"] ?? 0) > 8_192) {
        refused += 1;
        response.writeHead(413, { "content-type": "text/html", connection: "close" }).end("<h1>Too large</h1>");
        return;
      }
      const { method, url: path, headers } = request;
      request.pipe(
        requestHttp({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    await listen(proxy);
    expect(await exchangeOver(urlOf(proxy)).run()).toMatchObject({ faults: [], uploaded: { new: 60 } });
    expect([unsent(), refused]).toEqual([0, 2]);
    expect(terminal.gateway.journal.setAside.openCount()).toBe(0);
  });
});

describe("a portal that wants a login", () => {
  it.each<[string, number, Record<string, string>]>([
    ["a redirect", 302, { location: "http://portal.invalid/login" }],
    ["a page in settlement's place", 200, { "content-type": "text/html" }],
    ["a page that forbids", 403, { "content-type": "text/html" }],
    ["a page that knows nothing", 404, { "content-type": "text/html" }],
    ["the status made for it", 511, { "content-type": "text/html" }],
  ])(
    "answers with %s: it is told, nothing counts against an upload, and all is sent later",
    async (_, status, head) => {
      const { terminal, exchangeOver, unsent } = await make(3);
      let asked = 0;
      const portal = createServer((_request, response) => {
        asked += 1;
        response.writeHead(status, head).end("<form>Room number?</form>");
      });
      await listen(portal);
      const over = exchangeOver(urlOf(portal));
      expect((await over.run()).faults).toMatchObject([{ code: "LINE_LOGIN_PAGE" }]);
      // Nothing else is asked of it in this exchange.
      expect(asked).toBe(1);
      expect([unsent(), terminal.gateway.journal.setAside.openCount()]).toEqual([3, 0]);
      const uploads = createServer((request, response) => {
        if (request.url === "/v1/uploads") response.writeHead(status, head).end("<form>Room number?</form>");
        else proxyTo(listUrl, request.url ?? "", response);
      });
      const listUrl = await settlementUrl();
      await listen(uploads);
      expect((await exchangeOver(urlOf(uploads)).run()).faults).toMatchObject([{ code: "LINE_LOGIN_PAGE" }]);
      expect([unsent(), terminal.gateway.journal.setAside.openCount()]).toEqual([3, 0]);
      expect(await exchangeOver(listUrl).run()).toMatchObject({ faults: [], uploaded: { new: 3, setAside: 0 } });
    },
  );
});

function proxyTo(target: string, path: string, response: ServerResponse): void {
  requestHttp(`${target}${path}`, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  }).end();
}

async function listen(server: ReturnType<typeof createServer>): Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ending.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

function urlOf(server: ReturnType<typeof createServer>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
