import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { cardStates } from "@tallystick/protocol";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import type { TestCard } from "../../../test/harness/test-card.ts";
import { DAY, START, TestTerminal, testSigner } from "../../../test/harness/test-terminal.ts";

const SELECT = 0xa4;

let terminal: TestTerminal;
let card: TestCard;
let server: TestApp;

beforeEach(async () => {
  terminal = await TestTerminal.make();
  card = await terminal.card();
  terminal.reader.card = card;
  server = await createTestApp(terminal.gateway);
});
afterEach(async () => {
  await server.close();
  terminal.remove();
});

async function balance(query = "") {
  const headers = { host: "127.0.0.1:8300" };
  const { statusCode: status, payload } = await server.app.inject({
    method: "GET",
    url: `/v1/balance${query}`,
    headers,
  });
  const body = JSON.parse(payload) as { code: string; balances?: Record<string, unknown>[] };
  return { status, body, first: body.balances?.[0] };
}

describe("GET /v1/balance", () => {
  it("tells what is left by SELECT alone, without a network, and writes nothing", async () => {
    await terminal.tap(2_500_000n);
    await terminal.gateway.engine.rest();
    const before = terminal.gateway.journal.reports.head().seq;
    card.received.length = 0;
    const { status, body, first } = await balance();
    expect([status, body.code]).toEqual([200, null]);
    expect(first).toMatchObject({
      ...{ currency: "USDC", card: expect.stringMatching(/^0x/), left: "497.50", payable: "50.00", code: null },
      ...{ withoutPin: { amount: "50.00", payments: 253 }, paymentsLeft: 1_023, payments: null, paymentsCode: null },
      ...{ validFrom: START - DAY, validUntil: START + 365 * DAY },
    });
    expect(new Set(card.received)).toEqual(new Set([SELECT]));
    expect(terminal.gateway.journal.reports.head().seq).toBe(before);
    expect(card.counter).toBe(1);
  });

  it("names what would keep the card from paying, and shows what is left all the same", async () => {
    card.state = cardStates.suspended;
    expect((await balance()).first).toMatchObject({ left: "500.00", code: "CARD_SUSPENDED" });
    card.state = cardStates.personalized;
    card.spent = 500_000_000n;
    expect((await balance()).first).toMatchObject({ left: "0.00", payable: "0.00", code: "CARD_SPENDING_CAP" });
    card.spent = 499_000_000n;
    card.counter = 1_024;
    expect((await balance()).first).toMatchObject({ left: "1.00", payable: "1.00", code: "CARD_COUNTER_CAP" });
    card.counter = 0;
    terminal.now = START + 365 * DAY + 1;
    expect((await balance()).first).toMatchObject({ code: "CERTIFICATE_NOT_VALID" });
  });

  it("shows no sums that no issuer has signed", async () => {
    const { body, domain } = card;
    const { TestCard: Cards } = await import("../../../test/harness/test-card.ts");
    terminal.reader.card = await Cards.make({ name: "false", issuer: testSigner("nobody"), domain, body });
    expect((await balance()).first).toMatchObject({
      ...{ left: null, payable: null, withoutPin: null, paymentsLeft: null, code: "ALLOWANCE_SIGNATURE_WRONG" },
    });
  });

  it("says why there is nothing to show, and keeps nobody from selling afterwards", async () => {
    terminal.reader.card = null;
    expect((await balance("?waitSeconds=0")).body).toMatchObject({ code: "CARD_ABSENT", balances: [] });
    terminal.reader.card = await terminal.card("x", {}, { chainId: 5n, vault: card.domain.vault });
    expect((await balance()).body).toMatchObject({ code: "DOMAIN_NOT_SERVED", balances: [] });
    expect(await balance("?lane=9")).toMatchObject({ status: 400, body: { code: "LANE_UNKNOWN" } });
    for (const query of ["?waitSeconds=61", "?pin=1234"])
      expect((await balance(query)).body.code).toBe("MALFORMED_REQUEST");
    terminal.reader.card = card;
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    expect(terminal.reader.held).toBeLessThan(2);
  });

  it("waits for no payment and no payment for it: the lane is one's at a time", async () => {
    let asked: Awaited<ReturnType<typeof balance>> | null = null;
    terminal.reader.beforeTransmit = async (command) => {
      if (command[1] === 0x10) asked = await balance();
    };
    await terminal.tap(1n);
    expect(asked).toMatchObject({ status: 409, body: { code: "TAP_IN_PROGRESS" } });
    await terminal.gateway.engine.rest();
    let refused: unknown = null;
    terminal.reader.beforeTransmit = async () => {
      terminal.reader.beforeTransmit = () => Promise.resolve();
      refused = await terminal.tap(1n).catch((error: unknown) => error);
    };
    await balance();
    expect(refused).toMatchObject({ code: "TAP_IN_PROGRESS" });
  });
});
