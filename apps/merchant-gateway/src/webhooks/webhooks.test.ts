import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { ManualTimer, settled } from "@tallystick/program/testing";
import { mayBeTold, readWebhookSecret, WEBHOOK_TIMEOUT_MS } from "@tallystick/program";
import { Webhook } from "standardwebhooks";
import { codeOf } from "../../test/harness/codes.ts";
import type { TestCard } from "../../test/harness/test-card.ts";
import { TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE } from "../../test/harness/terminal-suite.ts";
import type { WebhookEndpoint } from "../config/gateway-config.ts";
import { WEBHOOK_RETRY_SECONDS } from "./limits.ts";
import { Webhooks } from "./webhooks.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A merchant's program. */
class Receiver {
  readonly got: Got[] = [];
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => {
        this.got.push({ headers: request.headers, body });
        this.answer(response);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as { readonly port: number };
    return `http://127.0.0.1:${port}/hook`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

let terminal: TestTerminal;
let card: TestCard;
let receiver: Receiver;
let endpoint: WebhookEndpoint;
let webhooks: Webhooks;
let timer: ManualTimer;
let isAsking = false;
let ids = 0;

function start(endpoints: readonly WebhookEndpoint[]): Webhooks {
  const { journal, policies, clock } = terminal.gateway;
  const engine = {
    get isAsking() {
      return isAsking;
    },
  };
  const secretOf = ({ secretFile }: WebhookEndpoint) => readWebhookSecret(secretFile);
  const newId = (): string => `id-${(ids += 1)}`;
  return new Webhooks({ journal, policies, clock, engine, timer, endpoints, secretOf, newId });
}

beforeEach(async () => {
  isAsking = false;
  timer = new ManualTimer();
  terminal = await TestTerminal.make();
  card = await terminal.card();
  terminal.reader.card = card;
  receiver = new Receiver();
  const secretFile = join(terminal.folder, "secret");
  writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
  endpoint = { name: "stock", url: await receiver.listen(), secretFile, events: null, isPrivate: true };
  webhooks = start([endpoint]);
});
afterEach(async () => {
  webhooks.end();
  await receiver.close();
  terminal.remove();
});

async function sell(id: string, amount = PRICE): Promise<void> {
  const terms = {
    id,
    currency: "USDC",
    decimals: 6,
    amount,
    cashier: "ann",
    reference: "R-1",
    metadata: { a: "b" },
    lane: "1",
  };
  terminal.gateway.sales.put(terms, { pin: null, waitMs: 0, again: true });
  await terminal.gateway.sales.settled();
}

async function tell(): Promise<void> {
  webhooks.gather();
  await webhooks.deliver("stock");
}

const told = () => receiver.got.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
const deliveries = () => webhooks.page({ endpoint: null, state: null, below: null, limit: 99 });
const only = () => deliveries()[0];

describe("a message", () => {
  it("is signed as Standard Webhooks has it, and a foreign reader takes it", async () => {
    await sell("one");
    await tell();
    const [got] = receiver.got;
    const headers = got?.headers as Record<string, string>;
    const clock = jest.spyOn(Date, "now").mockReturnValue(terminal.now * 1_000);
    try {
      const read = new Webhook(SECRET).verify(got?.body ?? "", headers) as Record<string, unknown>;
      expect(read).toMatchObject({
        type: "sale.paid",
        data: {
          ...{ sale: "one", state: "paid", code: null, amount: "2.50", currency: "USDC", cashier: "ann" },
          ...{ lane: "1", reference: "R-1", metadata: { a: "b" }, card: expect.stringMatching(/^0x/), refund: null },
        },
      });
      expect(() => new Webhook(SECRET).verify(`${got?.body ?? ""} `, headers)).toThrow(Error);
      expect(() =>
        new Webhook(`whsec_${Buffer.alloc(32, 8).toString("base64")}`).verify(got?.body ?? "", headers),
      ).toThrow(Error);
    } finally {
      clock.mockRestore();
    }
    expect(only()).toMatchObject({ state: "delivered", attempts: 1, lastStatus: 204, lastCode: null, nextAt: null });
    await tell();
    expect(receiver.got).toHaveLength(1);
  });

  it("comes once for each change of a sale that matters", async () => {
    await sell("paid");
    terminal.reader.card = await terminal.card("bo");
    await sell("back");
    terminal.gateway.sales.reverse("back");
    const cyd = await terminal.card("cyd");
    cyd.refuse = 0x9e06;
    terminal.reader.card = cyd;
    await sell("refused");
    const dee = await terminal.card("dee");
    dee.tear = "after";
    terminal.reader.card = dee;
    await sell("torn");
    terminal.gateway.sales.attempt("torn", { pin: null, waitMs: 0, again: true });
    await terminal.gateway.sales.settled();
    const eve = await terminal.card("eve");
    eve.tear = "before";
    terminal.reader.card = eve;
    await sell("open");
    terminal.gateway.sales.reverse("open");
    const { journal } = terminal.gateway;
    const tapId = journal.taps.bySale("paid")?.id ?? "";
    journal.write(() => {
      journal.refunds.begin({ tapId, refundId: "r", amount: 1_000_000n, state: "refunding" }, terminal.now);
      const refund = journal.refunds.byId(tapId, "r");
      if (refund !== null) journal.refunds.move(refund, { state: "refunded", tx: "0xab" }, terminal.now);
    });
    await tell();
    expect(told().map(({ type, data }) => `${String(data["sale"])} ${type} ${String(data["code"])}`)).toEqual([
      ...["paid sale.paid null", "back sale.paid null", "back sale.reversed null"],
      ...["refused sale.refused CARD_SPENDING_CAP", "torn sale.unresolved TAP_TORN", "torn sale.paid null"],
      ...["open sale.unresolved TAP_TORN", "open sale.reversed TAP_CANCELLED", "paid sale.refunded null"],
    ]);
    expect(told().at(-1)?.data).toMatchObject({ refund: { refundId: "r", amount: "1.00", tx: "0xab" } });
  });

  it("is not lost by a restart, and is begun with what comes from the first start on", async () => {
    await sell("one");
    webhooks = start([endpoint]);
    await tell();
    expect(receiver.got).toHaveLength(1);
    // Nobody is told for a while: what happens then is told to nobody later.
    webhooks = start([]);
    terminal.reader.card = await terminal.card("bo");
    await sell("two");
    webhooks = start([endpoint]);
    await tell();
    expect(receiver.got).toHaveLength(1);
  });

  it("goes to those that want it alone", async () => {
    webhooks = start([{ ...endpoint, events: ["sale.reversed"] }]);
    await sell("one");
    terminal.gateway.sales.reverse("one");
    await tell();
    expect(told().map(({ type }) => type)).toEqual(["sale.reversed"]);
  });
});

describe("a receiver", () => {
  const page = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/html" }).end("<html>");
  it.each<[string, (response: ServerResponse) => void, string, number | null]>([
    ["that redirects", (response) => response.writeHead(307, { location: "/other" }).end(), "WEBHOOK_REDIRECTED", 307],
    ["that answers a page", page, "WEBHOOK_ANSWERS_PAGE", 200],
    ["that refuses", (response) => response.writeHead(500).end(), "WEBHOOK_REFUSED", 500],
    ["that breaks off", (response) => response.destroy(), "WEBHOOK_UNREACHABLE", null],
  ])("%s gets it again later, and is not followed", async (_, answer, code, status) => {
    receiver.answer = answer;
    await sell("one");
    await tell();
    const nextAt = terminal.now + (WEBHOOK_RETRY_SECONDS[0] ?? 0);
    expect(only()).toMatchObject({ state: "waiting", attempts: 1, lastCode: code, lastStatus: status, nextAt });
    expect(receiver.got).toHaveLength(1);
  });

  it("that hangs is waited for so long alone, and no sale waits for it", async () => {
    receiver.answer = () => undefined;
    await sell("one");
    webhooks.gather();
    const delivering = webhooks.deliver("stock");
    while (receiver.got.length === 0) await settled();
    terminal.reader.card = await terminal.card("bo");
    await sell("two");
    expect(terminal.gateway.sales.view("two").state).toBe("paid");
    await timer.pass(WEBHOOK_TIMEOUT_MS - 1);
    expect(only()?.attempts).toBe(0);
    await timer.pass(1);
    await delivering;
    expect(only()).toMatchObject({ state: "waiting", attempts: 1, lastCode: "WEBHOOK_HANGS", lastStatus: null });
  });

  it("that answers without an end has taken it: nothing of that is read", async () => {
    let isOpen = true;
    receiver.answer = (response) => {
      response.on("close", () => (isOpen = false)).writeHead(200, { "content-type": "application/json" });
      const more = () => response.writable && response.write(Buffer.alloc(65_536), more);
      more();
    };
    await sell("one");
    await tell();
    expect(only()).toMatchObject({ state: "delivered", lastStatus: 200 });
    while (isOpen) await settled();
  });

  it("that answers 410 wants nothing more, until somebody says otherwise", async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    await sell("one");
    await tell();
    expect(only()).toMatchObject({ state: "failed", lastCode: "WEBHOOK_GONE" });
    expect(webhooks.endpoints()).toMatchObject([{ disabledAt: terminal.now, failed: 1 }]);
    expect(codeOf(() => webhooks.redeliver(1))).toBe("WEBHOOK_DISABLED");
    terminal.reader.card = await terminal.card("bo");
    await sell("two");
    webhooks = start([endpoint]);
    await tell();
    expect(receiver.got).toHaveLength(1);
    receiver.answer = (response) => response.writeHead(200).end();
    expect(webhooks.enable("stock")).toMatchObject({ disabledAt: null, waiting: 1 });
    await tell();
    expect(told().map(({ data }) => data["sale"])).toEqual(["one", "two"]);
    // Another address under the same name is told at once.
    terminal.gateway.journal.write(() => {
      terminal.gateway.journal.webhooks.disable("stock", "https://old.example/", terminal.now);
    });
    expect(webhooks.endpoints()).toMatchObject([{ disabledAt: null }]);
  });
});

describe("tries", () => {
  it("wait longer each time, are given up in the end, and begin anew with the same bytes when asked", async () => {
    receiver.answer = (response) => response.writeHead(503).end();
    await sell("one");
    await tell();
    for (const [index, wait] of WEBHOOK_RETRY_SECONDS.entries()) {
      expect(only()?.nextAt).toBe(terminal.now + wait);
      terminal.now += wait - 1;
      await tell();
      expect(receiver.got).toHaveLength(index + 1);
      terminal.now += 1;
      await tell();
      expect(receiver.got).toHaveLength(index + 2);
    }
    expect(only()).toMatchObject({ state: "failed", nextAt: null, attempts: WEBHOOK_RETRY_SECONDS.length + 1 });
    receiver.answer = (response) => response.writeHead(200).end();
    webhooks.redeliver(1);
    await tell();
    expect(only()).toMatchObject({ state: "delivered", attempts: 1 });
    const [first, last] = [receiver.got[0], receiver.got.at(-1)];
    expect(last?.body).toBe(first?.body);
    expect(last?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(last?.headers["webhook-timestamp"]).toBe(String(terminal.now));
    expect(last?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(codeOf(() => webhooks.redeliver(2))).toBe("DELIVERY_UNKNOWN");
    expect(codeOf(() => webhooks.enable("nobody"))).toBe("WEBHOOK_UNKNOWN");
  });

  it("touch nothing while a payment runs; what they came to is kept afterwards", async () => {
    await sell("one");
    isAsking = true;
    await tell();
    expect(deliveries()).toEqual([]);
    isAsking = false;
    webhooks.gather();
    receiver.answer = (response) => {
      isAsking = true;
      response.writeHead(200).end();
    };
    await webhooks.deliver("stock");
    expect(only()).toMatchObject({ state: "waiting", attempts: 0 });
    await tell();
    expect(receiver.got).toHaveLength(1);
    isAsking = false;
    await tell();
    expect(only()).toMatchObject({ state: "delivered", attempts: 1 });
    expect(receiver.got).toHaveLength(1);
  });
});

describe("an address", () => {
  it("is of the public network, or of a private one where that is configured; some are none ever", () => {
    const judged = (address: string) => [mayBeTold(address, false), mayBeTold(address, true)];
    for (const address of ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
      expect([address, ...judged(address)]).toEqual([address, true, true]);
    for (const address of [
      "127.0.0.1",
      "10.1.2.3",
      "172.31.0.1",
      "192.168.1.9",
      "100.64.0.1",
      "::1",
      "fd00::1",
      "::ffff:10.0.0.1",
    ])
      expect([address, ...judged(address)]).toEqual([address, false, true]);
    for (const address of [
      "0.0.0.0",
      "169.254.169.254",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "fe80::1",
      "ff02::1",
      "64:ff9b::a00:1",
      "name",
    ])
      expect([address, ...judged(address)]).toEqual([address, false, false]);
  });

  it("that is refused is never connected to: neither one in the URL nor one behind a name", async () => {
    const { port } = new URL(endpoint.url);
    const secretFile = endpoint.secretFile;
    const urls = [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`];
    webhooks = start(
      urls.map((url, index) => ({ name: `n${index}`, url, secretFile, events: null, isPrivate: false })),
    );
    await sell("one");
    webhooks.gather();
    for (const name of webhooks.names) await webhooks.deliver(name);
    expect(deliveries().map(({ lastCode }) => lastCode)).toEqual(Array(3).fill("WEBHOOK_ADDRESS_REFUSED"));
    expect(receiver.got).toEqual([]);
  });
});

describe("a secret", () => {
  it("is read from a file of its own, whole or not at all", () => {
    const file = join(terminal.folder, "other");
    const read = (text: string) => {
      writeFileSync(file, text, { mode: 0o600 });
      return codeOf(() => readWebhookSecret(file));
    };
    expect(read(SECRET)).toBe("nothing thrown");
    for (const text of ["", "whsec_", SECRET.slice(6), `whsec_${Buffer.alloc(23).toString("base64")}`, `${SECRET}!`])
      expect([text, read(text)]).toEqual([text, "KEY_FILE_MALFORMED"]);
    writeFileSync(file, SECRET);
    chmodSync(file, 0o644);
    expect(codeOf(() => readWebhookSecret(file))).toBe("KEY_FILE_EXPOSED");
    expect(codeOf(() => readWebhookSecret(`${file}-none`))).toBe("KEY_FILE_MISSING");
  });
});
