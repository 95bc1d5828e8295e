import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  decodeTerminalRequest,
  fromHex,
  payeeAsks,
  terminalRequestKinds,
  toChecksumAddress,
  toHex,
} from "@tallystick/protocol";
import type { TerminalRequestBody } from "@tallystick/protocol/wire";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import { payee, servedDomain, START, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { SettlementError } from "../../sync/settlement-client.ts";
import { FIRST_UNIT_LOOK_SECONDS } from "../../sync/limits.ts";
import { ReadinessReport } from "../readiness.ts";
import { OTHER_PAYMENTS_PAGE } from "./limits.ts";

const TX = `0x${"7e".repeat(32)}`;
const admission = {
  ...{ answer: { terms: "{}", heads: [] }, issuedAt: START, sentTo: "https://settlement.example" },
  ...{ uploadWindowSeconds: 1, vaultDelaySeconds: 1 },
};
let terminal: TestTerminal;
let server: TestApp;
/** What settlement answers; an error where it does not. */
let answer: unknown;
let asked: number[];

beforeEach(async () => {
  terminal = await TestTerminal.make({ domains: [await servedDomain({ admission })] });
  asked = [];
  answer = { state: "sent", amount: "0.000001", tx: TX };
  terminal.requestPort = {
    authenticated: true,
    request: ({ request, body }: TerminalRequestBody) => {
      expect(decodeTerminalRequest(fromHex(request)).kind).toBe(terminalRequestKinds.payee);
      asked.push(fromHex(body)[0] ?? 0);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  terminal.restart();
  terminal.takeLiveAnswer();
  server = await createTestApp(terminal.gateway);
});
afterEach(async () => {
  await server.close();
  terminal.remove();
});

async function call(method: "GET" | "POST", url: string, body?: unknown) {
  const headers = { host: "127.0.0.1", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const sent = body === undefined ? {} : { payload: JSON.stringify(body) };
  const { statusCode: status, payload } = await server.app.inject({ method, url, headers, ...sent });
  return { status, body: JSON.parse(payload) as Record<string, unknown> };
}

const served = () => {
  const [first] = terminal.config.domains;
  if (first === undefined) throw new Error("the terminal serves no domain");
  return first;
};
const pass = () => terminal.gateway.payeeCheck.pass(served());
const warned = async (): Promise<boolean> =>
  (await new ReadinessReport(terminal.gateway).read()).warnings.some(({ code }) => code === "PAYEE_UNCONFIRMED");

describe("a new payee", () => {
  it("is warned of until its owner says that the first unit came", async () => {
    await pass();
    expect(await warned()).toBe(true);
    const unit = { currency: "USDC", state: "sent", amount: "0.000001", tx: TX };
    expect((await call("GET", "/v1/payee")).body).toEqual({ payee: toChecksumAddress(payee), firstUnits: [unit] });
    // It is looked at again once an hour, for it may be confirmed elsewhere.
    terminal.now += FIRST_UNIT_LOOK_SECONDS - 1;
    await pass();
    expect(asked).toEqual([payeeAsks.look]);
    terminal.now += 1;
    await pass();
    expect(asked).toHaveLength(2);
    answer = { state: "confirmed", amount: "0.000001", tx: TX };
    const said = await call("POST", "/v1/payee/confirmation", {});
    expect([said.status, said.body["firstUnits"]]).toEqual([200, [{ ...unit, state: "confirmed" }]]);
    expect(asked.at(-1)).toBe(payeeAsks.came);
    expect(await warned()).toBe(false);
    terminal.now += 2 * FIRST_UNIT_LOOK_SECONDS;
    await pass();
    expect(asked).toHaveLength(3);
  });

  it("is not confirmed where settlement does not say so", async () => {
    await pass();
    answer = new SettlementError("SETTLEMENT_REFUSED", "not yet", { refusal: "PAYEE_UNCONFIRMED" });
    const refused = await call("POST", "/v1/payee/confirmation", {});
    expect([refused.status, refused.body["code"]]).toEqual([503, "SETTLEMENT_UNREACHABLE"]);
    expect(await warned()).toBe(true);
    expect((await call("POST", "/v1/payee/confirmation", { currency: "JPYC" })).body["code"]).toBe(
      "CURRENCY_NOT_SERVED",
    );
    // A settlement that knows no first units keeps no exchange from going on.
    terminal.now += FIRST_UNIT_LOOK_SECONDS;
    await pass();
    answer = new SettlementError("SETTLEMENT_UNREACHABLE", "away");
    terminal.now += FIRST_UNIT_LOOK_SECONDS;
    await expect(pass()).rejects.toThrow(SettlementError);
    answer = { state: "known", amount: null, tx: null };
    await pass();
    expect(await warned()).toBe(false);
  });

  it("is asked for by no terminal that a person certified by hand", async () => {
    await terminal.gateway.payeeCheck.pass(await servedDomain());
    expect([asked, await warned()]).toEqual([[], false]);
    expect((await call("GET", "/v1/payee")).body["firstUnits"]).toEqual([
      { currency: "USDC", state: "unknown", amount: null, tx: null },
    ]);
  });
});

describe("what the payee's other terminals took", () => {
  it("is shown page by page, the newest first, and nothing can be done with it", async () => {
    const { journal } = terminal.gateway;
    const [old, id] = [new Uint8Array(8).fill(0x0d), (number: number) => new Uint8Array(32).fill(number)];
    journal.write(() => {
      for (let number = 1; number <= OTHER_PAYMENTS_PAGE + 1; number += 1)
        journal.otherVouchers.keep(
          {
            ...{ voucherId: id(number), domainBytes: served().domainBytes, terminalId: old, card: "0x0c" },
            // Two at a time have one time.
            ...{ counter: number, amount: 2_500_000n, soldAt: START + Math.floor(number / 2), receivedAt: START },
            ...{ state: "final", code: null, tx: TX },
          },
          START,
        );
    });
    const first = (await call("GET", "/v1/payee/payments")).body;
    const counters = (body: Record<string, unknown>) =>
      (body["payments"] as { counter: number }[]).map(({ counter }) => counter);
    expect(counters(first)).toEqual(
      Array.from({ length: OTHER_PAYMENTS_PAGE }, (_, index) => OTHER_PAYMENTS_PAGE + 1 - index),
    );
    const second = (await call("GET", `/v1/payee/payments?before=${String(first["next"])}`)).body;
    expect([counters(second), second["next"]]).toEqual([[1], null]);
    expect((second["payments"] as object[])[0]).toMatchObject({
      terminalId: toHex(old),
      amount: "2.50",
      currency: "USDC",
    });
    expect((await call("GET", "/v1/payee/payments?before=1-0x")).body["code"]).toBe("MALFORMED_REQUEST");
    expect((await call("GET", "/v1/taps")).body["taps"]).toEqual([]);
    const refund = await call("POST", `/v1/taps/${toHex(id(1))}/refund`, { refundId: "r", amount: "1.00" });
    expect(refund.status).toBeGreaterThanOrEqual(400);
  });
});
