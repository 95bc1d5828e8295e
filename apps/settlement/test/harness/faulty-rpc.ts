import type { ChainRpc } from "@tallystick/evm";

/** Methods of an RPC that a test replaces; the real ones are passed in. */
export type RpcFaults = { [Method in keyof ChainRpc]?: (real: ChainRpc) => ChainRpc[Method] };

/**
 * The real node with some methods replaced: a process that dies at this very call, an answer that
 * is lost.
 */
export function faultyRpc(real: ChainRpc, faults: RpcFaults): ChainRpc {
  return new Proxy(real, {
    get(target, name) {
      const fault = faults[name as keyof ChainRpc];
      const method = fault === undefined ? Reflect.get(target, name) : fault(target);
      return typeof method === "function" ? (method as (...values: unknown[]) => unknown).bind(target) : method;
    },
  });
}

/** What a test throws where a process is killed. */
export class Killed extends Error {}
