/** A question as JSON-RPC puts it. */
export interface RpcQuestion {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What a node does instead of answering as it should:
 *
 * - `silent`: takes the question and never answers.
 * - `hangUp`: closes the connection without an answer.
 * - `delay`: answers late, by so many milliseconds.
 * - `error`: answers this JSON-RPC error.
 * - `missing`: says that there is no such method (-32601).
 * - `result`: answers this, whatever was asked.
 * - `change`: answers what the function makes of the true answer.
 * - `http`: answers with this status, these headers and this body, such as 429 or a page.
 * - `large`: answers a text of so many bytes.
 * - `lag`: shows the chain as it was so many blocks ago.
 * - `foreignHash`: shows blocks with a hash that is not theirs.
 * - `noLogs`: finds no logs, whatever the blocks hold.
 * - `logRange`: refuses a question for logs of more than so many blocks with this error.
 */
export type RpcFault =
  | { readonly kind: "silent" | "hangUp" | "missing" | "foreignHash" | "noLogs" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "error"; readonly code: number; readonly message: string; readonly data?: unknown }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "change"; readonly change: (result: unknown, question: RpcQuestion) => unknown }
  | {
      readonly kind: "http";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: "large"; readonly bytes: number }
  | { readonly kind: "lag"; readonly blocks: number }
  | { readonly kind: "logRange"; readonly blocks: number; readonly code: number; readonly message: string };

/** Which questions a fault meets. */
export interface RpcFaultScope {
  /** Names of methods; all of them unless said, or those that the kind is about. */
  readonly methods?: readonly string[];
  /** How many questions it meets before it is gone; no limit unless said. */
  readonly times?: number;
}

/** Methods that a kind of fault is about; undefined is all of them. */
export const methodsOfKind: Partial<Record<RpcFault["kind"], readonly string[]>> = {
  foreignHash: ["eth_getBlockByNumber"],
  noLogs: ["eth_getLogs"],
  logRange: ["eth_getLogs"],
};
