import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { allow } from "../harness/by-hand.ts";
import { type DrillTools, drillTools } from "../harness/drills/drill-tools.ts";
import { printedCommands } from "../harness/drills/printed-commands.ts";
import { eventually } from "../harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "../harness/issued.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  type SettlementHarness,
  type TestService,
} from "../harness/settlement-harness.ts";
import { idOf } from "../harness/test-card.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days after which what a card could not cover is withheld. */
const DELAY_DAYS = 16;

/** Nonces that may wait for a block before it is an alarm. */
const FEW_WAITING = 16;

describe("drills of what hours and days bring", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let drill: DrillTools;
  /** By how much the service's clock is ahead of the system's. */
  let aheadMs = 0;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    drill = drillTools(harness, () => service.doors.administration);
    const config = { allowancePolicy: { everySeconds: 0, step: "1000000.00" } };
    service = await harness.start(await harness.createDatabase(), config, { now: () => Date.now() + aheadMs });
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  /** Time goes by, for the chain as for the service. */
  const pass = async (ms: number): Promise<void> => {
    await harness.rpc("evm_increaseTime", [ms / 1_000]);
    aheadMs += ms;
  };
  const look = async (alert: string): Promise<string> => {
    const { exit, output } = await drill.follow(printedCommands(alert).look);
    expect([alert, exit]).toEqual([alert, 0]);
    return output;
  };

  it("NonceGap: no block comes for what is sent, the queues name it, and a block ends it", async () => {
    const card = await fundedCard(harness, service);
    const path = `/v1/cards/${toHex(card.address)}/fundings`;
    await harness.rpc("evm_setAutomine", [false]);
    await harness.stopMining();
    for (let time = 0; time <= FEW_WAITING; time += 1)
      await service.call("POST", path, {
        token: ISSUER_TOKEN,
        body: { amount: "0.01", key: `waits-${time}`, reason: "a drill" },
      });
    await drill.becomes(["NonceGap"]);
    const { waiting } = JSON.parse(await look("NonceGap")) as { waiting: readonly { kind: string }[] };
    expect(waiting.filter(({ kind }) => kind === "fund")).toHaveLength(FEW_WAITING + 1);
    await harness.rpc("evm_setAutomine", [true]);
    harness.startMining();
    await drill.ready();
  });

  it("ChainStands: no block comes for more than an hour, and all is well when the chain goes on", async () => {
    await harness.stopMining();
    const standsMs = 2 * HOUR_MS;
    aheadMs += standsMs;
    await drill.becomes(["ChainStands"]);
    expect(await look("ChainStands")).toContain("final block");
    await harness.rpc("evm_increaseTime", [standsMs / 1_000]);
    harness.startMining();
    await drill.ready();
  });

  it("SilentTerminals, MoneyOld and WithheldOld: a card cannot cover a payment for weeks, its terminal is silent, and persons end both", async () => {
    const terminal = await certifiedTerminal(harness, service, {
      notAfter: Math.floor((Date.now() + aheadMs + 60 * DAY_MS) / 1_000),
    });
    const card = await fundedCard(harness, service, "2.00");
    await allow(service, card, { seq: 2, maxSpent: 9_000_000n, softSpent: 9_000_000n });
    const { payee, terminalId } = terminal;
    const sale = await card.pay({ payee, terminalId, amount: 3_000_000n });
    const sends = async (vouchers: readonly (typeof sale)[]): Promise<void> => {
      const { status } = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
      expect(status).toBe(200);
    };
    const becomesState = (state: string) =>
      eventually(
        () => service.call("GET", `/v1/vouchers/${idOf(sale)}`),
        ({ body }) => body.state === state,
      );
    await sends([sale]);
    await becomesState("skipped");
    await drill.ready();

    await pass(DAY_MS + HOUR_MS);
    await drill.becomes(["MoneyOld", "SilentTerminals"]);
    const { terminals } = JSON.parse(await look("SilentTerminals")) as { terminals: readonly { terminalId: string }[] };
    expect(terminals.map((silent) => silent.terminalId)).toEqual([toHex(terminalId)]);
    await sends([]);
    await drill.becomes(["MoneyOld"]);
    expect(JSON.parse(await look("MoneyOld"))).toMatchObject({ vouchers: { skipped: 1 } });

    await pass(DELAY_DAYS * DAY_MS);
    await becomesState("withheld");
    await pass(3 * DAY_MS + HOUR_MS);
    await sends([]);
    await drill.becomes(["MoneyOld", "WithheldOld"]);
    expect(await look("WithheldOld")).toContain(idOf(sale));
    const body = { reason: "the merchant keeps the rules" };
    await service.call("POST", `/v1/withheld/${idOf(sale)}/payment`, { body });
    await becomesState("final");
    await drill.ready();
  });
});
