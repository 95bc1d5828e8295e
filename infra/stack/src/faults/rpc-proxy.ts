import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { LARGE_ANSWER_CHUNK_BYTES, START_DEADLINE_MS } from "../limits.ts";
import { laggingAnswer } from "./lagging-view.ts";
import { methodsOfKind, type RpcFault, type RpcFaultScope, type RpcQuestion } from "./rpc-fault.ts";

/** A node's JSON-RPC over HTTP with faults that can be switched on and off. */
export interface RpcProxy {
  readonly url: string;
  /** Every question since the start or the last `forget`, the oldest first. */
  readonly questions: readonly RpcQuestion[];
  /** Forgets the questions so far. */
  forget(): void;
  /** Switches a fault on; the newest that meets a question counts. The answer switches it off. */
  fault(fault: RpcFault, scope?: RpcFaultScope): () => void;
  /** Switches every fault off, and ends questions that are kept waiting. */
  heal(): void;
  stop(): Promise<void>;
}

interface Switched {
  readonly fault: RpcFault;
  readonly methods: readonly string[] | undefined;
  left: number;
}

/** What goes back over HTTP; null closes the connection. */
type Reply = { readonly status: number; readonly headers: Record<string, string>; readonly body: string } | null;

/** Passes questions on to `target` and spoils the answers as it is told. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const questions: RpcQuestion[] = [];
  const switched: Switched[] = [];
  const kept = new Set<ServerResponse>();

  const faultFor = (method: string): RpcFault | null => {
    const found = switched.find(({ methods, left }) => left > 0 && (methods?.includes(method) ?? true));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  };
  const server = createServer((request, response) => {
    kept.add(response);
    answerTo(request)
      .then((reply) => send(response, reply))
      .catch(() => response.destroy())
      .finally(() => kept.delete(response));
  });
  const answerTo = async (request: IncomingMessage): Promise<Reply> => {
    const asked = JSON.parse(await textOf(request)) as RpcQuestion | RpcQuestion[];
    const list = Array.isArray(asked) ? asked : [asked];
    const answers: unknown[] = [];
    for (const question of list) {
      questions.push(question);
      const outcome = await outcomeOf(target, question, faultFor(question.method));
      if ("reply" in outcome) return outcome.reply;
      answers.push({ jsonrpc: "2.0", id: question.id, ...outcome.answer });
    }
    return json(Array.isArray(asked) ? answers : answers[0]);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const heal = (): void => {
    switched.splice(0);
    for (const response of kept) response.destroy();
    kept.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions,
    forget: () => {
      questions.splice(0);
    },
    fault: (fault, { methods = methodsOfKind[fault.kind], times = Infinity } = {}) => {
      const one: Switched = { fault, methods, left: times };
      switched.unshift(one);
      return () => {
        one.left = 0;
      };
    },
    heal,
    stop: async () => {
      heal();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

type Outcome = { readonly reply: Reply } | { readonly answer: Record<string, unknown> };

async function outcomeOf(target: string, question: RpcQuestion, fault: RpcFault | null): Promise<Outcome> {
  switch (fault?.kind) {
    case "silent":
      // It ends when the caller hangs up, or when the faults are switched off.
      return await new Promise<never>(() => undefined);
    case "hangUp":
      return { reply: null };
    case "http": {
      const { status, headers = {}, body = "" } = fault;
      return { reply: { status, headers: { "content-type": "text/html", ...headers }, body } };
    }
    case "large":
      return { reply: json({ jsonrpc: "2.0", id: question.id, result: "0x".padEnd(fault.bytes, "0") }) };
    case "error": {
      const { code, message, data } = fault;
      return { answer: { error: { code, message, ...(data === undefined ? {} : { data }) } } };
    }
    case "missing":
      return { answer: { error: { code: -32_601, message: `the method ${question.method} does not exist` } } };
    case "logRange":
      return blocksOf(question) > BigInt(fault.blocks)
        ? { answer: { error: { code: fault.code, message: fault.message } } }
        : { answer: await forward(target, question) };
    case "result":
      return { answer: { result: fault.result } };
    case "noLogs":
      return { answer: { result: [] } };
    case "lag":
      return await lagging(target, question, fault.blocks);
    case "delay":
      await pause(fault.ms);
      return { answer: await forward(target, question) };
    case "foreignHash":
      return { answer: changed(await forward(target, question), foreign) };
    case "change":
      return { answer: changed(await forward(target, question), (result) => fault.change(result, question)) };
    case undefined:
      return { answer: await forward(target, question) };
  }
}

async function lagging(target: string, question: RpcQuestion, blocks: number): Promise<Outcome> {
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const { result, error } = await forward(target, { id: 1, method, params });
    if (error !== undefined) throw new NodeRefused(error);
    return result;
  };
  try {
    return { answer: { result: await laggingAnswer(ask, question, blocks) } };
  } catch (error) {
    if (error instanceof NodeRefused) return { answer: { error: error.answer } };
    throw error;
  }
}

/** The node behind answered an error, which is passed on. */
class NodeRefused extends Error {
  readonly answer: unknown;

  constructor(answer: unknown) {
    super("the node refused");
    this.answer = answer;
  }
}

async function forward(target: string, question: RpcQuestion): Promise<Record<string, unknown>> {
  const { method, params } = question;
  const response = await fetch(target, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(START_DEADLINE_MS),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
  return error === undefined ? { result } : { error };
}

function changed(answer: Record<string, unknown>, change: (result: unknown) => unknown): Record<string, unknown> {
  return "error" in answer ? answer : { result: change(answer["result"]) };
}

/** Another hash in the place of a block's own. */
function foreign(block: unknown): unknown {
  if (block === null || typeof block !== "object") return block;
  const { hash } = block as { readonly hash: string };
  const last = hash.endsWith("0") ? "1" : "0";
  return { ...block, hash: `${hash.slice(0, -1)}${last}` };
}

/** Blocks that a question for logs asks for; one where it names a block by its hash. */
function blocksOf({ params: [filter] }: RpcQuestion): bigint {
  const { fromBlock, toBlock } = filter as { readonly fromBlock?: string; readonly toBlock?: string };
  return fromBlock === undefined || toBlock === undefined ? 1n : BigInt(toBlock) - BigInt(fromBlock) + 1n;
}

function json(body: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply === null) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, reply.headers);
  // In pieces: whoever has read enough hangs up.
  for (let at = 0; at < reply.body.length; at += LARGE_ANSWER_CHUNK_BYTES) {
    if (response.destroyed) return;
    if (!response.write(reply.body.slice(at, at + LARGE_ANSWER_CHUNK_BYTES))) await drained(response);
  }
  response.end();
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once("drain", resolve).once("close", resolve);
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString("utf8");
}
