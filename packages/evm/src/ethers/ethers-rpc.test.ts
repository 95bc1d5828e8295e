import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startRpcProxy, type RpcProxy } from "@tallystick/stack";
import { FALLBACK_TIP, RETRY_AFTER_CEILING_MS, RPC_PAUSE_CEILING_MS, RPC_PAUSE_FIRST_MS } from "../limits.ts";
import { EthersRpc } from "./ethers-rpc.ts";

/** Behind it stands a node that has no method at all. */
let behind: Server;
let node: RpcProxy;
let rpc: EthersRpc;
let now: number;
let chance: number;

beforeEach(async () => {
  behind = createServer((_, reply) =>
    reply.end(JSON.stringify({ error: { code: -32_601, message: "no such method" } })),
  );
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  node = await startRpcProxy(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`);
  [now, chance] = [1_800_000_000_000, 0];
  const clock = { now: () => now, random: () => chance };
  rpc = new EthersRpc({ url: node.url, chainId: 1n, maxAnswerBytes: 1_000, ...clock });
});
afterEach(async () => {
  rpc.close();
  await node.stop();
  await new Promise((resolve) => behind.close(resolve));
});

/** The code with which the chain's id is refused, or "answered". */
async function asked(): Promise<string> {
  const before = node.questions.length;
  const code = await rpc.chainId().then(
    () => "answered",
    ({ code }: { readonly code: string }) => code,
  );
  return node.questions.length > before ? code : `${code}, not asked`;
}

describe("a node over JSON-RPC", () => {
  it.each([
    ["seconds", () => "5", 5_000],
    ["a date", () => new Date(now + 7_000).toUTCString(), 7_000],
    ["a date that is past", () => new Date(now - 7_000).toUTCString(), 0],
    ["too long", () => "864000", RETRY_AFTER_CEILING_MS],
  ])("is left alone as long as it asks for: %s", async (_, header, ms) => {
    node.fault({ kind: "http", status: 429, headers: { "retry-after": header() } }, { times: 1 });
    expect(await asked()).toBe("RATE_LIMITED");
    node.fault({ kind: "result", result: "0x1" });
    now += ms;
    expect(await asked()).toBe("RATE_LIMITED, not asked");
    // Half of the first pause comes on top, and the other half by chance.
    now += RPC_PAUSE_FIRST_MS / 2 - 1;
    expect(await asked()).toBe("RATE_LIMITED, not asked");
    now += 1;
    expect(await asked()).toBe("answered");
  });

  it("is left alone longer each time that it fails, up to a ceiling, and by chance", async () => {
    node.fault({ kind: "http", status: 503 });
    /** Fails once more, and answers after how many milliseconds the node is asked again. */
    const rest = async (random: number): Promise<number> => {
      chance = random;
      expect(await asked()).toBe("UNREACHABLE");
      const until = rpc.restingUntil();
      const ms = until - now;
      now = until - 1;
      expect(await asked()).toBe("UNREACHABLE, not asked");
      now = until;
      return ms;
    };
    const [first, ceiling] = [RPC_PAUSE_FIRST_MS, RPC_PAUSE_CEILING_MS];
    expect([await rest(0), await rest(0), await rest(0.5)]).toEqual([first / 2, first, first * 3]);
    for (let failure = 0; failure < 30; failure += 1) await rest(0);
    expect([await rest(0), await rest(1)]).toEqual([ceiling / 2, ceiling]);
    node.heal();
    node.fault({ kind: "result", result: "0x1" });
    expect(await asked()).toBe("answered");
    node.fault({ kind: "http", status: 503 });
    expect(await rest(0)).toBe(first / 2);
  });

  it.each<[string, Parameters<RpcProxy["fault"]>[0], string]>([
    ["a page", { kind: "http", status: 200, body: "<html>" }, "FOREIGN_ANSWER"],
    ["a portal", { kind: "http", status: 302, headers: { location: "http://127.0.0.1:9/" } }, "FOREIGN_ANSWER"],
    ["a list", { kind: "http", status: 200, body: "[]" }, "FOREIGN_ANSWER"],
    ["nothing", { kind: "result", result: null }, "MALFORMED_ANSWER"],
    ["a number", { kind: "result", result: 1 }, "MALFORMED_ANSWER"],
    ["a number in words", { kind: "result", result: "1" }, "MALFORMED_ANSWER"],
    ["an object", { kind: "result", result: {} }, "MALFORMED_ANSWER"],
    ["too much", { kind: "large", bytes: 200_000_000 }, "ANSWER_TOO_LARGE"],
    ["no answer", { kind: "hangUp" }, "UNREACHABLE"],
    ["HTTP 500", { kind: "http", status: 500 }, "UNREACHABLE"],
    ["an error under HTTP 400", { kind: "http", status: 400, body: '{"error":{"code":3,"message":""}}' }, "REVERTED"],
  ])("has a code for what is no answer: %s", async (_, fault, code) => {
    node.fault(fault);
    expect(await asked()).toBe(code);
  });

  it("takes blocks, logs and receipts in no other form, and never another block", async () => {
    node.fault({ kind: "result", result: null });
    expect(await rpc.block(5n)).toBeNull();
    expect(await rpc.receipt(new Uint8Array(32))).toBeNull();
    expect(await rpc.transaction(new Uint8Array(32))).toBeNull();
    const filter = { from: 1n, to: 2n, address: new Uint8Array(20) };
    await expect(rpc.logs(filter)).rejects.toMatchObject({ code: "MALFORMED_ANSWER" });
    await expect(rpc.call({ to: new Uint8Array(20), data: new Uint8Array() }, "latest")).rejects.toMatchObject({
      code: "MALFORMED_ANSWER",
    });
    const block = { number: "0x5", hash: `0x${"11".repeat(32)}`, timestamp: "0x9" };
    node.fault({ kind: "result", result: block });
    expect(await rpc.block(5n)).toMatchObject({ number: 5n, timestamp: 9n, baseFee: 0n });
    await expect(rpc.block(6n)).rejects.toMatchObject({ code: "CONTRADICTION" });
    for (const wrong of [{ number: 5 }, { hash: "0x11" }, { timestamp: null }, { logsBloom: "0x00" }]) {
      node.fault({ kind: "result", result: { ...block, ...wrong } });
      await expect(rpc.block(5n)).rejects.toMatchObject({ code: "MALFORMED_ANSWER" });
    }
    // A receipt without its block is none yet.
    node.fault({ kind: "result", result: { blockHash: null } });
    expect(await rpc.receipt(new Uint8Array(32))).toBeNull();
  });

  it("tips what the node suggests, else the median of the last blocks, else what is usual", async () => {
    expect(await rpc.priorityFee()).toBe(FALLBACK_TIP);
    const history = (...tips: readonly string[]): unknown => ({ reward: tips.map((tip) => [tip]) });
    node.fault({ kind: "result", result: history("0x7", "0x1", "0x5") }, { methods: ["eth_feeHistory"] });
    expect(await rpc.priorityFee()).toBe(5n);
    node.fault({ kind: "result", result: { reward: null } }, { methods: ["eth_feeHistory"] });
    expect(await rpc.priorityFee()).toBe(FALLBACK_TIP);
    node.fault({ kind: "result", result: "0x9" }, { methods: ["eth_maxPriorityFeePerGas"] });
    expect(await rpc.priorityFee()).toBe(9n);
    node.heal();
    node.fault({ kind: "http", status: 500 });
    await expect(rpc.priorityFee()).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  it("sends a name and password of its URL as such, and shows neither", async () => {
    const heard: (string | undefined)[] = [];
    const server = createServer((request, reply) => {
      heard.push(request.headers.authorization);
      reply.end('{"result":"0x5"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://me:se%40cret@127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const named = new EthersRpc({ url, chainId: 5n, now: () => now, random: () => chance });
    expect(await named.chainId()).toBe(5n);
    expect(heard).toEqual([`Basic ${Buffer.from("me:se@cret").toString("base64")}`]);
    named.close();
    await expect(named.chainId()).rejects.toMatchObject({ code: "UNREACHABLE" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
