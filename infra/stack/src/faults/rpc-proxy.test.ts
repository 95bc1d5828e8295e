import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type RpcProxy, startRpcProxy } from "./rpc-proxy.ts";

/** A node of ten blocks, of which the sixth is final; block 9 holds a log and a transaction. */
const HEAD = 9;
const FINAL = 6;
const hex = (value: number): string => `0x${value.toString(16)}`;
const hashOf = (number: number): string => `0x${String(number).repeat(64)}`;

interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly [never, never];
}

const answers: Readonly<Record<string, (...params: never[]) => unknown>> = {
  eth_blockNumber: () => hex(HEAD),
  eth_getBlockByNumber: (tag: string) => {
    const number = tag === "latest" ? HEAD : tag === "finalized" ? FINAL : Number(tag);
    return number > HEAD ? null : { number: hex(number), hash: hashOf(number) };
  },
  eth_getLogs: () => [{ blockNumber: hex(HEAD) }, { blockNumber: hex(FINAL) }],
  eth_getTransactionReceipt: () => ({ blockNumber: hex(HEAD) }),
  eth_call: (_call: unknown, tag: string) => `called at ${tag}`,
};

let node: Server;
let proxy: RpcProxy;

beforeEach(async () => {
  node = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(text) as Question;
      const answer = answers[method];
      const found = answer === undefined ? { error: { code: 3, message: "no" } } : { result: answer(...params) };
      response.end(JSON.stringify({ id, ...found }));
    });
  });
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  proxy = await startRpcProxy(`http://127.0.0.1:${(node.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await proxy.stop();
  node.closeAllConnections();
  await new Promise((resolve) => node.close(resolve));
});

const post = (body: unknown): Promise<Response> => fetch(proxy.url, { method: "POST", body: JSON.stringify(body) });
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever form the answer has
const ask = async (method: string, ...params: unknown[]): Promise<any> =>
  (await post({ jsonrpc: "2.0", id: 7, method, params })).json();

describe("a proxy before a node", () => {
  it("passes questions, errors and lists of questions on, and keeps what was asked", async () => {
    expect(await ask("eth_blockNumber")).toEqual({ jsonrpc: "2.0", id: 7, result: "0x9" });
    expect((await ask("unknown")).error).toEqual({ code: 3, message: "no" });
    const list = await post([
      { id: 1, method: "eth_blockNumber", params: [] },
      { id: 2, method: "unknown", params: [] },
    ]);
    expect(await list.json()).toMatchObject([
      { id: 1, result: "0x9" },
      { id: 2, error: { code: 3 } },
    ]);
    expect(proxy.questions.map(({ method }) => method)).toEqual([
      ...["eth_blockNumber", "unknown", "eth_blockNumber", "unknown"],
    ]);
    proxy.forget();
    expect(proxy.questions).toEqual([]);
  });

  it("spoils the answers of the methods that are named, so many times, until it is switched off", async () => {
    const off = proxy.fault({ kind: "result", result: null }, { methods: ["eth_call"], times: 2 });
    expect((await ask("eth_blockNumber")).result).toBe("0x9");
    expect((await ask("eth_call")).result).toBeNull();
    off();
    expect((await ask("eth_call", {}, "latest")).result).toBe("called at latest");
    proxy.fault({ kind: "error", code: -32_005, message: "limit exceeded", data: "0x" }, { times: 1 });
    expect((await ask("eth_call")).error).toEqual({ code: -32_005, message: "limit exceeded", data: "0x" });
    expect((await ask("eth_call", {}, "latest")).error).toBeUndefined();
    proxy.fault({ kind: "missing" });
    proxy.fault({ kind: "change", change: (result) => `${String(result)}!` }, { methods: ["eth_blockNumber"] });
    expect((await ask("eth_blockNumber")).result).toBe("0x9!");
    expect((await ask("eth_call")).error.code).toBe(-32_601);
    proxy.heal();
    expect((await ask("eth_blockNumber")).result).toBe("0x9");
  });

  it("answers HTTP of its own, too much, or closes the connection", async () => {
    proxy.fault({ kind: "http", status: 429, headers: { "retry-after": "5" }, body: "<html>" }, { times: 1 });
    const refused = await post({ id: 1, method: "eth_call", params: [] });
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([429, "5", "<html>"]);
    proxy.fault({ kind: "large", bytes: 3_000_000 }, { times: 1 });
    expect((await ask("eth_call")).result).toHaveLength(3_000_000);
    proxy.fault({ kind: "hangUp" }, { times: 1 });
    await expect(ask("eth_call")).rejects.toThrow();
    proxy.fault({ kind: "delay", ms: 1 }, { times: 1 });
    expect((await ask("eth_call", {}, "latest")).result).toBe("called at latest");
  });

  it("is silent until the caller has had enough or the faults are switched off", async () => {
    proxy.fault({ kind: "silent" });
    const signal = AbortSignal.timeout(20);
    const body = JSON.stringify({ id: 1, method: "eth_call", params: [] });
    await expect(fetch(proxy.url, { method: "POST", body, signal })).rejects.toThrow();
    const waiting = ask("eth_call");
    const ended = expect(waiting).rejects.toThrow();
    while (proxy.questions.length < 2) await new Promise(setImmediate);
    proxy.heal();
    await ended;
  });

  it("shows foreign blocks, no logs, and refuses long ranges", async () => {
    proxy.fault({ kind: "foreignHash" });
    expect((await ask("eth_getBlockByNumber", "0x3")).result).toEqual({ number: "0x3", hash: `0x${"3".repeat(63)}0` });
    expect((await ask("eth_blockNumber")).result).toBe("0x9");
    proxy.fault({ kind: "noLogs" });
    expect((await ask("eth_getLogs", {})).result).toEqual([]);
    proxy.fault({ kind: "logRange", blocks: 2, code: -32_600, message: "too many blocks" });
    expect((await ask("eth_getLogs", { fromBlock: "0x1", toBlock: "0x3" })).error.code).toBe(-32_600);
    expect((await ask("eth_getLogs", { fromBlock: "0x1", toBlock: "0x2" })).result).toHaveLength(2);
  });

  it("lags behind by blocks in everything that it shows", async () => {
    proxy.fault({ kind: "lag", blocks: 2 });
    expect((await ask("eth_blockNumber")).result).toBe("0x7");
    expect((await ask("eth_getBlockByNumber", "latest")).result.number).toBe("0x7");
    expect((await ask("eth_getBlockByNumber", "finalized")).result.number).toBe("0x4");
    expect((await ask("eth_getBlockByNumber", "0x8")).result).toBeNull();
    expect((await ask("eth_getBlockByNumber", "0x5")).result.number).toBe("0x5");
    expect((await ask("eth_getLogs", {})).result).toEqual([{ blockNumber: hex(FINAL) }]);
    expect((await ask("eth_getTransactionReceipt", "0x1")).result).toBeNull();
    expect((await ask("eth_call", {}, "latest")).result).toBe("called at 0x7");
    expect((await ask("unknown")).error.code).toBe(3);
  });
});
