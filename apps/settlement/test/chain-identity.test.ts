import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { RpcError } from "@tallystick/evm";
import { fromHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { ChainActions } from "../src/chain/chain-actions.ts";
import { ChainIdentity, displayDecimals } from "../src/chain/chain-identity.ts";
import { ChainSender } from "../src/chain/chain-sender.ts";
import { faultyRpc } from "./harness/faulty-rpc.ts";
import { createHarness, OPERATOR_TOKEN, type SettlementHarness } from "./harness/settlement-harness.ts";

const NOBODY = `0x${"7".repeat(40)}`;

describe("settlement and the chain that its configuration names", () => {
  let harness: SettlementHarness;
  beforeAll(async () => {
    harness = await createHarness();
  });
  afterAll(async () => {
    await harness.stop();
  });

  it.each<[string, (config: Record<string, unknown>) => Record<string, unknown>]>([
    ["another chain id", () => ({ chainId: 5 })],
    ["a vault address without code", () => ({ vault: NOBODY })],
    ["a vault address with other code", (config) => ({ vault: config["token"] })],
    ["another token", () => ({ token: NOBODY })],
    ["another scale", () => ({ asset: { code: "TUSD", decimals: 6, scale: 7 } })],
    ["the token's own decimals at another scale", () => ({ asset: { code: "TUSD", decimals: 5, scale: 10 } })],
    ["other decimals", () => ({ asset: { code: "TUSD", decimals: 5, scale: 1 } })],
  ])("does not start with %s, and leaves the database as it was", async (_what, change) => {
    const databaseUrl = await harness.createDatabase();
    await expect(harness.start(databaseUrl, change(harness.config))).rejects.toMatchObject({
      code: "CHAIN_MISMATCH",
      exit: "usage",
    });
    const service = await harness.start(databaseUrl);
    await service.stop();
  });

  it("takes vouchers while the node is away", async () => {
    const service = await harness.start(await harness.createDatabase(), {
      rpcUrl: "http://127.0.0.1:9",
      roles: ["api"],
    });
    const readiness = await service.call("GET", "/v1/readiness", { token: OPERATOR_TOKEN });
    expect(readiness.body).toMatchObject({ ready: false, reasons: [{ code: "CHAIN_UNREACHABLE" }] });
    await service.stop();
  });

  it("sends nothing to a node that turns out to serve another vault, and goes on when it is right", async () => {
    const service = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    const { db, signers, contract, config, clock } = service.platform;
    let answer: "away" | "wrong" | "right" = "away";
    let sent = 0;
    const rpc = faultyRpc(service.platform.rpc, {
      chainId: (real) => async () => {
        if (answer === "away") throw new RpcError("UNREACHABLE", "away");
        return answer === "wrong" ? 5n : await real.chainId();
      },
      sendRaw: (real) => async (raw) => {
        sent += 1;
        await real.sendRaw(raw);
      },
    });
    const sender = new ChainSender(db, rpc, new ChainIdentity(rpc, config), signers, contract, clock, config);
    const data = transferCall({ to: fromHex(NOBODY), baseUnits: 1n });
    const id = await db
      .transaction()
      .execute((trx) =>
        new ChainActions(clock, signers).plan(trx, { key: "test:identity", kind: "fund", target: config.token, data }),
      );
    const failure = async () =>
      await db.selectFrom("chain_actions").select(["state", "failure"]).where("id", "=", id).executeTakeFirstOrThrow();
    for (const [state, code] of [
      ["away", "UNREACHABLE"],
      ["wrong", "CHAIN_MISMATCH"],
    ] as const) {
      answer = state;
      await sender.advance(id);
      expect(await failure()).toMatchObject({ state: "planned", failure: expect.stringContaining(code) });
    }
    expect(sent).toBe(0);
    answer = "right";
    await sender.advance(id);
    expect([sent, (await failure()).state]).toEqual([1, "mined"]);
    await service.stop();
  });
});

describe("the decimals of a unit", () => {
  it.each([
    [18, 10n ** 12n, 6],
    [6, 1n, 6],
    [6, 1_000n, 3],
    [6, 1_000_000n, 0],
    [6, 10_000_000n, null],
    [6, 7n, null],
    [6, 20n, null],
    [6, 0n, null],
  ])("of a token with %i at scale %i are %p", (tokenDecimals, scale, decimals) => {
    expect(displayDecimals(tokenDecimals, scale)).toBe(decimals);
  });
});
