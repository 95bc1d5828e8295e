import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ChainRpc } from "@tallystick/evm";
import { Redis } from "ioredis";
import { createApplication, openDoors } from "../src/application.ts";
import { createVaultContract } from "../src/chain/vault-contract.ts";
import { createPlatform } from "../src/platform.ts";
import { eventually } from "./harness/eventually.ts";
import { reasonsBecome } from "./harness/readiness.ts";
import { createHarness, OPERATOR_TOKEN, type SettlementHarness } from "./harness/settlement-harness.ts";

/** A node that answers until it is told to hang; then no call to it ever ends. */
function hangingNode(real: ChainRpc) {
  const state = { hangs: false, waiting: 0 };
  const rpc = new Proxy(real, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...values: readonly unknown[]): unknown => {
        if (!state.hangs) return (method as (...all: unknown[]) => unknown).apply(target, [...values]);
        state.waiting += 1;
        return new Promise(() => undefined);
      };
    },
  });
  return { rpc, state };
}

describe("a service of which a part hangs or refuses", () => {
  let harness: SettlementHarness;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
  });
  afterAll(async () => {
    await harness.stop();
  });

  it("is not ready while Redis answers and takes no writes, and is again by itself", async () => {
    const service = await harness.start(await harness.createDatabase());
    const redis = new Redis(harness.redis.url);
    try {
      await reasonsBecome(service, []);
      await redis.replicaof("127.0.0.1", 1);
      const { body } = await eventually(
        () => service.call("GET", "/v1/readiness"),
        (seen) => seen.body.reasons.some(({ code }: { code: string }) => code === "REDIS_NOT_WRITABLE"),
      );
      const found = body.reasons.find(({ code }: { code: string }) => code === "REDIS_NOT_WRITABLE");
      expect(found.message).toContain("READONLY");
      await redis.replicaof("NO", "ONE");
      await reasonsBecome(service, []);
      await redis.config("SET", "maxmemory", "1");
      const full = await eventually(
        () => service.call("GET", "/v1/readiness"),
        (seen) => seen.body.reasons.some(({ message }: { message: string }) => message.includes("OOM")),
      );
      expect(full.status).toBe(503);
      await redis.config("SET", "maxmemory", "0");
      await reasonsBecome(service, []);
    } finally {
      redis.disconnect();
      await service.stop();
    }
  });

  it("answers everything while the node hangs, and ends without it", async () => {
    const first = await harness.start(await harness.createDatabase(), { roles: ["api"] });
    const { config } = first.platform;
    await first.stop();
    const platform = createPlatform({ ...config, roles: ["api", "workers"] });
    const { rpc, state } = hangingNode(platform.rpc);
    const { vault, token } = config;
    const app = await createApplication(
      { ...platform, rpc, contract: createVaultContract({ rpc, vault, token }) },
      false,
    );
    const { administration: url } = await openDoors(app, platform);
    const text = async (path: string): Promise<string> =>
      await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } })).text();
    await eventually(
      () => text("/v1/reconciliation"),
      (seen) => seen.includes('"ledgerDifference":"0"'),
    );
    state.hangs = true;
    await eventually(
      () => text("/v1/readiness"),
      (seen) => seen.includes("CHAIN_UNREACHABLE"),
    );
    expect(await text("/metrics")).toContain('tallystick_alarm{code="CHAIN_UNREACHABLE"} 1');
    expect(await text("/")).toContain('class="now bad"');
    expect(await text("/livez")).toBe('{"live":true}');
    // The sum of before, with its age.
    expect(await text("/v1/reconciliation")).toMatch(/"ledgerDifference":"0".*"ageSeconds":\d+/);
    expect(state.waiting).toBeGreaterThan(0);
    await app.close();
  });
});
