import { startTcpProxy, type TcpProxy } from "@tallystick/stack";

/** How the line from the terminals to settlement and to the chain is. */
export type NetworkState = "on" | "cut" | "stalled";

/** The one line that all terminals have, with a switch. */
export interface Network {
  /** By which terminals reach settlement and the chain. */
  readonly lines: { readonly settlement: string; readonly chain: string };
  readonly state: () => NetworkState;
  readonly set: (state: NetworkState) => void;
}

export const networkStates: readonly NetworkState[] = ["on", "cut", "stalled"];

/** Puts a proxy before settlement and before the chain; both are switched together, as by one cable. */
export async function startNetwork(urls: { readonly settlement: string; readonly chain: string }): Promise<Network> {
  const open = async (url: string): Promise<TcpProxy> => await startTcpProxy({ port: Number(new URL(url).port) });
  const proxies = { settlement: await open(urls.settlement), chain: await open(urls.chain) };
  let state: NetworkState = "on";
  return {
    lines: {
      settlement: proxies.settlement.through(urls.settlement),
      chain: proxies.chain.through(urls.chain),
    },
    state: () => state,
    set: (wanted) => {
      for (const proxy of Object.values(proxies)) {
        // What was held back goes on first, so that a cut ends it and nothing stays half carried.
        proxy.pass();
        if (wanted === "cut") proxy.cut();
        if (wanted === "stalled") proxy.stall();
      }
      state = wanted;
    },
  };
}
